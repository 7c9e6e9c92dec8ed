//! The open WebSockets: their registry, their frames and their sessions.

mod control;
mod frame_log;
mod link;
mod peer_relay;
mod registry;
mod sessions;

pub use control::Sockets;
pub use frame_log::{ReceivedRecord, SocketRecord};
pub(crate) use link::{Heartbeat, Link, SocketEvent};
pub(crate) use peer_relay::{PeerRelay, RelayedMessage};
pub(crate) use registry::{SocketRegistry, SocketSlot};
pub(crate) use sessions::{CloseReason, OpenSession, Sessions};

/// The kinds of sockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SocketKind {
    Server,
    Peer,
    Agent,
}

pub(crate) const NORMAL: u16 = 1000;
/// The emulator stops. The code is an assumption: the service's code is unknown.
pub(crate) const GOING_AWAY: u16 = 1001;
pub(crate) const UNSUPPORTED: u16 = 1003;
pub(crate) const INTERNAL_ERROR: u16 = 1011;
