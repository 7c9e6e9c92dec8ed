//! Ids: one type for each kind of thing, one rule for what may stand in a request's path.

use std::borrow::Cow;

use crate::error::{Error, Result};

/// Returns why this string cannot be one segment of a request's path: it would reach another operation. The reason
/// quotes nothing, because the caller may have passed a token by mistake.
pub(crate) fn reroutes(id: &str) -> Option<Cow<'static, str>> {
    let ordinary = |byte: u8| byte.is_ascii_alphanumeric() | (byte == b'-');
    // Most ids are, and every request has one: without a way out in the middle, many bytes are looked at together.
    if !id.is_empty() && id.bytes().fold(true, |all, byte| all & ordinary(byte)) {
        None
    } else if id.is_empty() {
        Some("it is empty".into())
    } else if id == "." || id == ".." {
        Some("it is a relative path".into())
    } else {
        id.char_indices().find_map(|(at, character)| match character {
            '/' => Some(format!("slash at byte {at}").into()),
            '\\' => Some(format!("backslash at byte {at}").into()),
            _ if character.is_control() => Some(format!("control character at byte {at}").into()),
            _ => None,
        })
    }
}

/// Checks an id before it becomes a part of a path.
fn segment<'a>(noun: &str, id: &'a str) -> Result<&'a str> {
    match reroutes(id) {
        None => Ok(id),
        Some(why) => Err(refused(noun, id, &why)),
    }
}

/// Checks an id before it becomes a part of a body or a query, which can hold any id but the empty one.
pub(crate) fn value<'a>(noun: &str, id: &'a str) -> Result<&'a str> {
    if id.is_empty() { Err(refused(noun, id, "it is empty")) } else { Ok(id) }
}

fn refused(noun: &str, id: &str, why: &str) -> Error {
    Error::invalid_input(format!("{noun} id of {} bytes is not a valid id: {why}", id.len()))
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident, $noun:literal;)+) => {$(
        $(#[$doc])*
        ///
        /// Ids are opaque: compare them, store them, pass them back.
        ///
        /// An empty id is never valid. An id in a request's path must also not be `.` or `..`, and must not contain a slash,
        /// a backslash or a control character. Such an id would send the request elsewhere. A method that
        /// receives such an id returns [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) and sends nothing. The
        /// error does not print the id. Ids in bodies and queries are sent unchanged.
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The id as one segment of a request's path.
            #[allow(dead_code, reason = "ids that only events carry never enter a path")]
            pub(crate) fn segment(&self) -> Result<&str> {
                segment($noun, &self.0)
            }

            /// Returns the id as a value in a request's body or query.
            #[allow(dead_code, reason = "most ids are only parts of paths")]
            pub(crate) fn value(&self) -> Result<&str> {
                value($noun, &self.0)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{:?}", self.0)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(id: &str) -> Self {
                Self(id.to_owned())
            }
        }

        impl From<String> for $name {
            fn from(id: String) -> Self {
                Self(id)
            }
        }

        impl From<&String> for $name {
            fn from(id: &String) -> Self {
                Self(id.clone())
            }
        }

        impl From<&$name> for $name {
            fn from(id: &$name) -> Self {
                id.clone()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.0 == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.0 == *other
            }
        }
    )+};
}

ids! {
    /// Names a room, or the livestream that a room of a livestream type is: converts to and from a [`StreamId`].
    RoomId, "room";
    /// Names a peer: somebody or something that takes part in a room.
    PeerId, "peer";
    /// Names an audio or video track of a peer.
    TrackId, "track";
    /// Names a livestream, and the room that it is: converts to and from a [`RoomId`].
    StreamId, "stream";
    /// Names a streamer: who publishes a livestream.
    StreamerId, "streamer";
    /// Names a viewer: who watches a livestream.
    ViewerId, "viewer";
    /// Names a recording.
    RecordingId, "recording";
    /// Names a data channel of a peer.
    ChannelId, "channel";
    /// Names a component of a self-hosted server's room, such as an HLS output.
    ComponentId, "component";
}

/// Ids of two things that are one thing to the service.
macro_rules! same_thing {
    ($($(#[$doc:meta])* $from:ident => $to:ident;)+) => {$(
        $(#[$doc])*
        impl From<$from> for $to {
            fn from(id: $from) -> Self {
                Self(id.0)
            }
        }

        $(#[$doc])*
        impl From<&$from> for $to {
            fn from(id: &$from) -> Self {
                Self(id.0.clone())
            }
        }
    )+};
}

same_thing! {
    /// A livestream room's id names its stream too.
    RoomId => StreamId;
    /// A stream's id names its room too.
    StreamId => RoomId;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn x15_an_id_that_would_reroute_a_request_is_refused_with_its_reason() {
        for (id, why) in [
            ("", "empty"),
            (".", "relative"),
            ("..", "relative"),
            ("a/b", "slash"),
            ("../peer", "slash"),
            ("a\\b", "backslash"),
            ("a\nb", "control"),
            ("a\u{0}", "control"),
        ] {
            let error = RoomId::from(id).segment().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{id:?}");
            assert!(error.to_string().contains(why) && error.to_string().contains("room id"), "{error}");
        }
    }

    #[test]
    fn error_names_length_and_position_instead_of_the_id() {
        let error = RoomId::from("sentinel/sentinel").segment().unwrap_err();
        assert_eq!(error.message(), Some("room id of 17 bytes is not a valid id: slash at byte 8"));
        let error = TrackId::from("\u{1b}sentinel").segment().unwrap_err();
        assert_eq!(error.message(), Some("track id of 9 bytes is not a valid id: control character at byte 0"));
        for printed in [format!("{error}"), format!("{error:?}"), format!("{error:#?}")] {
            assert!(!printed.contains("sentinel"), "{printed}");
        }
    }

    #[test]
    fn value_accepts_every_id_but_the_empty_one() {
        for id in ["voice/1", "..", "a\\b", "a\nb", "\u{0}"] {
            assert_eq!(TrackId::from(id).value().unwrap(), id);
        }
        assert_eq!(TrackId::from("").value().unwrap_err().kind(), ErrorKind::InvalidInput);
    }

    #[test]
    fn what_only_looks_odd_is_an_id() {
        for id in ["a", "...", "a b", "ü", "a%2Fb", "a?b", "6a9f-4d-00"] {
            assert_eq!(PeerId::from(id).segment().unwrap(), id);
        }
    }

    #[test]
    fn a_livestream_has_one_id_as_a_room_and_as_a_stream() {
        let room = RoomId::from("r");
        let stream = StreamId::from(&room);
        assert_eq!(stream, StreamId::from("r"));
        assert_eq!((RoomId::from(&stream), RoomId::from(stream)), (room.clone(), room));
    }

    #[test]
    fn text_ids_and_owned_ids_are_one() {
        let id = RoomId::from("r");
        assert_eq!(RoomId::from(&id), RoomId::from(String::from("r")));
        assert_eq!(id, "r");
        assert_eq!(serde_json::to_string(&id).unwrap(), "\"r\"");
        assert_eq!((id.to_string(), format!("{id:?}")), ("r".to_owned(), "\"r\"".to_owned()));
    }
}
