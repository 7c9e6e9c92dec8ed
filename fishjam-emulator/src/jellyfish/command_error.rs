//! Why a command on a room fails.

use crate::refusal::Refusal;

/// Why something is not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It is answered.
    Answer(Refusal),
    /// The room's process dies of it.
    RoomCrash,
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Refused::Answer(refusal)
    }
}
