//! The WebSockets of the service: what they say, and what a test makes of them.

mod conference;
mod control;
mod link;
mod seats;
mod sessions;
mod written;

pub(crate) use conference::{Conference, Said};
pub use control::Sockets;
pub(crate) use link::{Link, Turn};
pub(crate) use seats::Seats;
pub(crate) use sessions::{Closing, OpenSession, Sessions};
pub use written::{ReceivedRecord, SocketRecord};

pub(crate) const NORMAL: u16 = 1000;
/// The service goes away; an assumption, since nobody has seen it stop.
pub(crate) const GOING_AWAY: u16 = 1001;
pub(crate) const UNSUPPORTED: u16 = 1003;
pub(crate) const INTERNAL_ERROR: u16 = 1011;
