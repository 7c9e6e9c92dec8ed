//! Errors of commands on a room.

use crate::refusal::Refusal;

/// The reason why a command on a room failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CommandError {
    /// The server responds with this refusal.
    Refused(Refusal),
    /// The room's process crashes.
    RoomCrash,
}

impl From<Refusal> for CommandError {
    fn from(refusal: Refusal) -> Self {
        CommandError::Refused(refusal)
    }
}
