//! The WebSockets of the server.

/// The sockets of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Socket {
    Server,
    Peer,
}
