//! The messages of one kind of server. All other code of a notifier is the same for every kind.

use crate::{
    error::Result,
    events::{UnknownNotification, contents::Message, wire::Field},
};

/// Notifications of one kind of server, with the messages that request and contain them.
pub(crate) trait NotificationCodec: Clone + From<UnknownNotification> + Send + Sync + 'static {
    /// Encodes the message that contains the token.
    fn authenticate(token: &str) -> Vec<u8>;

    /// Encodes the request for the events with this number.
    fn subscribe(events: i32) -> Vec<u8>;

    /// Returns the notification if a frame contains only this one field, and its number is known.
    fn single_field(frame: &[u8]) -> Option<Field<'_>>;

    /// Returns the notifications of a frame that is one batch of known notifications. Each is a single field.
    ///
    /// The default is for servers that send no batches.
    fn plain_batch(_frame: &[u8]) -> Option<impl Iterator<Item = Field<'_>>> {
        None::<std::iter::Empty<_>>
    }

    /// Decodes the notification of a [single field](Self::single_field).
    fn decode_payload(number: u32, payload: &[u8]) -> Result<Self>;

    /// Decodes any frame.
    fn decode(frame: &[u8]) -> Result<Message<Self>>;
}
