//! The messages of one kind of server. All other code of a notifier is the same for every kind.

use crate::{
    connection::socket::{Credentials, SocketKind},
    error::{Error, Result},
    events::{UnknownNotification, contents::Message, wire::Field},
};

/// Notifications of one kind of server, with the messages that request and contain them.
pub(crate) trait NotificationCodec: Clone + Send + Sync + 'static {
    /// The name of the connection in the log.
    const NAME: &'static str = "notifier";
    /// The kind of the socket.
    const SOCKET: SocketKind = SocketKind::Notifications;

    /// Returns the place of the token in the handshake.
    ///
    /// # Errors
    ///
    /// Returns an error if the handshake cannot contain the token.
    fn credentials(token: &str) -> Result<Credentials>;

    /// Encodes the request for the events with this number.
    fn subscribe(events: i32) -> Vec<u8>;

    /// Returns the notification that replaces a damaged member of a batch.
    fn unknown(notification: UnknownNotification) -> Self;

    /// Decides whether an error ends a connection that was ready before. Most errors are temporary.
    ///
    /// Returns the final error in `Ok`, and a temporary error in `Err`.
    fn final_error(error: Error) -> Result<Error> {
        Err(error)
    }

    /// Returns the notification in a text message. `None` means that the server must not send text.
    fn text_field(_text: &str) -> Option<Field<'_>> {
        None
    }

    /// Returns the notification if a frame contains only this one field, and its number is known.
    fn single_field(frame: &[u8]) -> Option<Field<'_>>;

    /// Returns the notifications of a frame that is one batch of known notifications. Each is a single field.
    ///
    /// The default is for servers that send no batches.
    fn plain_batch(_frame: &[u8]) -> Option<impl Iterator<Item = Field<'_>>> {
        None::<std::iter::Empty<_>>
    }

    /// Decodes the notification of a field from [`single_field`](Self::single_field) or
    /// [`text_field`](Self::text_field).
    fn decode_payload(number: u32, payload: &[u8]) -> Result<Self>;

    /// Decodes any frame.
    fn decode(frame: &[u8]) -> Result<Message<Self>>;
}
