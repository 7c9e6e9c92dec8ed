//! How the list of what a server's message may hold is written down: once, for the two ways to read it.

use super::decode::Handshake;
use crate::error::{Cause, Error, ErrorKind};

/// What a message holds.
pub(crate) enum Said<N> {
    Notification(N),
    Handshake(Handshake),
}

pub(crate) fn unreadable(cause: impl Into<Cause>) -> Error {
    Error::new(ErrorKind::Decode).message_text("the message cannot be read").caused_by(cause)
}

/// Defines how the variants of `ServerMessage.content` are read: the notifications with their field numbers, then what
/// else there is.
macro_rules! contents {
    ($($name:ident = $number:literal,)+ .. $($other:pat => $said:expr,)+) => {
        /// The known notification that is all of a message; nearly all messages are like that.
        pub(crate) fn only(bytes: &[u8]) -> Option<$crate::events::wire::Field<'_>> {
            $crate::events::wire::only(bytes).filter(|field| matches!(field.number, $($number)|+))
        }

        /// Reads what [`only`] found, without a detour over prost's [`Content`].
        #[allow(deprecated, reason = "what the service deprecates is delivered as long as a server sends it")]
        pub(crate) fn payload(number: u32, bytes: &[u8]) -> Result<Notification> {
            Ok(match number {
                $($number => Notification::$name(FromWire::from_wire(
                    <server_message::$name as prost::Message>::decode(bytes).map_err(unreadable)?,
                )),)+
                _ => return Err(unreadable("it is no notification")),
            })
        }

        /// What prost read.
        #[allow(deprecated, reason = "what the service deprecates is delivered as long as a server sends it")]
        fn said(content: Content) -> Result<Said<Notification>> {
            Ok(match content {
                $(Content::$name(x) => Said::Notification(Notification::$name(FromWire::from_wire(x))),)+
                $($other => $said,)+
            })
        }
    };
}
pub(crate) use contents;
