//! The event socket of a composition: its token and its messages.

use super::event::{CompositionEvent, UnknownEvent};
use crate::{
    connection::socket::{Credentials, SocketKind},
    error::{Error, ErrorKind, Result},
    events::{
        UnknownNotification,
        contents::{Message, unreadable},
        wire::Field,
    },
    json_error::JsonError,
    notifier::codec::NotificationCodec,
};

/// The subprotocol that the server selects.
const JSON: &str = "json.fishjam.io";
/// The start of the subprotocol with the token.
const BEARER: &str = "bearer.auth.fishjam.io.";

impl NotificationCodec for CompositionEvent {
    const NAME: &'static str = "composition events";
    const SOCKET: SocketKind = SocketKind::Composition;

    fn credentials(token: &str) -> Result<Credentials> {
        Credentials::subprotocols(JSON, BEARER, token)
    }

    /// Returns nothing, and is never called: the server sends all events to each socket.
    fn subscribe(_: i32) -> Vec<u8> {
        Vec::new()
    }

    /// Returns an empty event, and is never called: this socket has no batches.
    fn unknown(_: UnknownNotification) -> Self {
        Self::Unknown(UnknownEvent::default())
    }

    /// Ends the connection after a 404, because a composition that is gone never comes back.
    fn final_error(error: Error) -> Result<Error> {
        match error.status() {
            Some(404) => Ok(error.message_text("the composition does not exist")),
            _ => Err(error),
        }
    }

    fn text_field(text: &str) -> Option<Field<'_>> {
        Some(Field { number: 0, delimited: true, value: text.as_bytes(), end: text.len() })
    }

    fn single_field(_: &[u8]) -> Option<Field<'_>> {
        None
    }

    fn decode_payload(_: u32, text: &[u8]) -> Result<Self> {
        let text = std::str::from_utf8(text).map_err(unreadable)?;
        Self::from_json(text).map_err(|error| unreadable(JsonError::from(&error)))
    }

    fn decode(_: &[u8]) -> Result<Message<Self>> {
        Err(Error::new(ErrorKind::WebSocket).message_text("the server sent a binary message"))
    }
}
