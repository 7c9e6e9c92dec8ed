//! The state of a Jellyfish server: rooms and their contents.
//!
//! Nothing here does I/O or reads a clock. A transition returns its result and the [`Effect`]s that must follow, in
//! this order.

use std::collections::HashMap;

use super::{flags::ServerFlags, resources::Resources, stream::Stream};

mod components;
mod effect;
mod entities;
mod event;
mod hls;
mod peers;
mod purge;
mod rooms;
#[cfg(test)]
mod tests;
mod tracks;

pub(crate) use components::RemovalReason;
pub(crate) use effect::{Effect, MediaStep, Outcome};
use entities::HlsFolder;
pub(crate) use entities::{Endpoint, MaxPeers, Peer, Room, RoomConfig};
pub(crate) use event::Event;
pub(crate) use hls::no_file;
pub(crate) use peers::Admitted;

#[derive(Debug)]
pub(crate) struct State {
    rooms: HashMap<String, Room>,
    rooms_created: u64,
    pub(crate) flags: ServerFlags,
    pub(crate) resources: Resources,
    /// The running HLS streams by the ids of their rooms.
    streams: HashMap<String, Stream>,
    /// Whether uploads to S3 fail.
    pub(crate) uploads_fail: bool,
}

impl State {
    pub(crate) fn new(flags: ServerFlags) -> Self {
        State {
            rooms: HashMap::new(),
            rooms_created: 0,
            flags,
            resources: Resources::default(),
            streams: HashMap::new(),
            uploads_fail: false,
        }
    }
}
