//! The connections of compositions: livestreams, rooms, recordings and WHIP clients.
//!
//! Each connection ends with its composition. [`State::settle_links`] follows each change of the state, and compares both
//! sides. Therefore, a change can end either side without updating the other one.

mod broadcasts;
mod forwarded_tracks;
mod own_address;
mod recorded_outputs;
mod whip_sessions;

use self::{
    broadcasts::Broadcast, forwarded_tracks::ForwardedRoom, own_address::OwnAddress, recorded_outputs::RecordedOutput,
    whip_sessions::WhipSession,
};
use super::{Effect, State};

/// The open connections of all compositions.
#[derive(Debug, Default)]
pub(super) struct Links {
    /// `127.0.0.1:PORT`
    authority: String,
    broadcasts: Vec<Broadcast>,
    rooms: Vec<ForwardedRoom>,
    recordings: Vec<RecordedOutput>,
    whip_sessions: Vec<WhipSession>,
}

impl State {
    /// Sets the authority of the emulator, `127.0.0.1:PORT`.
    pub(crate) fn set_authority(&mut self, authority: &str) {
        authority.clone_into(&mut self.links.authority);
    }

    /// Ends the connections of which one side ended.
    pub(super) fn settle_links(&mut self, effects: &mut Vec<Effect>) {
        self.settle_forwarded_rooms(effects);
        self.settle_broadcasts(effects);
        self.settle_recorded_outputs(effects);
        self.settle_whip_sessions();
    }
}
