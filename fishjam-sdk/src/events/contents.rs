//! The contents that a server's message can have.

use crate::error::{Cause, Error, ErrorKind};

/// The content of one message, or of one member of a batch.
pub(crate) enum MessageContent<N> {
    Notification(N),
    Handshake(Handshake),
}

/// The content of one frame or webhook body.
#[derive(Debug, PartialEq)]
pub(crate) enum Message<N> {
    /// The notifications in order: one, those of a batch, or none if the message is empty.
    Notifications(Vec<N>),
    /// A step of the socket's handshake.
    Handshake(Handshake),
}

/// A step of the handshake of a server socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Handshake {
    /// The server accepted the token.
    Authenticated,
    /// The server confirms a subscription to the events of this type.
    Subscribed(i32),
    /// Sent only by clients.
    AuthRequest,
    /// Sent only by clients.
    SubscribeRequest,
}

pub(crate) fn unreadable(cause: impl Into<Cause>) -> Error {
    Error::new(ErrorKind::Decode).message_text("the message cannot be read").caused_by(cause)
}
