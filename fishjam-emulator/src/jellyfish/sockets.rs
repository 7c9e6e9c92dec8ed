//! The kinds of WebSockets.

/// The kinds of WebSockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SocketKind {
    Server,
    Peer,
}
