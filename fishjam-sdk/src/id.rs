//! Ids: one type for each kind of object, with a check for paths and one for other places.

use fishjam_api::{PathSegment, RequestError};

use crate::error::{Error, Result};

/// Checks an id for a body or a query, which can contain any id that is not empty.
pub(crate) fn value<'a>(noun: &str, id: &'a str) -> Result<&'a str> {
    if id.is_empty() { Err(Error::invalid_input(invalid(noun, id, "it is empty"))) } else { Ok(id) }
}

/// Checks an id for a path.
fn segment<'a>(noun: &str, id: &'a str) -> Result<PathSegment<'a>, RequestError> {
    PathSegment::new(id).map_err(|problem| RequestError::InvalidId(invalid(noun, id, &problem)))
}

/// Checks an id that the caller chose freely for a path.
#[cfg(feature = "composition")]
fn segment_of_free_text<'a>(noun: &str, id: &'a str) -> Result<PathSegment<'a>, RequestError> {
    PathSegment::of_free_text(id).map_err(|problem| RequestError::InvalidId(invalid(noun, id, &problem)))
}

/// Returns the message for an invalid id. It has no part of the id, because the caller may have passed a token by mistake.
fn invalid(noun: &str, id: &str, problem: &str) -> String {
    format!("{noun} id of {} bytes is not a valid id: {problem}", id.len())
}

/// Compares ids with a type of strings, in both directions.
macro_rules! compare {
    ($name:ident, $string:ty, |$text:ident| $as_str:expr) => {
        impl PartialEq<$string> for $name {
            fn eq(&self, $text: &$string) -> bool {
                self.0.as_str() == $as_str
            }
        }

        impl PartialEq<$name> for $string {
            fn eq(&self, id: &$name) -> bool {
                id == self
            }
        }
    };
}

macro_rules! ids {
    ($rule:literal; $($(#[$doc:meta])* $name:ident, $noun:literal;)+) => {$(
        $(#[$doc])*
        ///
        /// An id is opaque. Do not parse it.
        ///
        #[doc = concat!("A valid id is not empty. If the id is part of a request's path, it must not ", $rule, ".")]
        /// Otherwise the request would reach a different operation. A method with an invalid id returns
        /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) and sends nothing. The error does not print the id.
        #[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Returns the id as a string.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Returns the id as a segment of a request's path. For the closures that build requests.
            #[allow(dead_code, reason = "ids that only events carry never enter a path")]
            pub(crate) fn segment(&self) -> Result<fishjam_api::PathSegment<'_>, fishjam_api::RequestError> {
                segment($noun, &self.0)
            }

            /// Checks that the id is valid in a path.
            #[allow(dead_code, reason = "most ids are checked by the closure that builds a request")]
            pub(crate) fn check(&self) -> Result<()> {
                self.segment().map(drop).map_err(|error| Error::invalid_input(error.to_string()))
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
                f.pad(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        /// For lookups with a string in maps and sets of ids.
        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        /// Parses any string. The method that uses the id checks it.
        impl std::str::FromStr for $name {
            type Err = std::convert::Infallible;

            fn from_str(id: &str) -> Result<Self, Self::Err> {
                Ok(Self::from(id))
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

        compare! { $name, str, |text| text }
        compare! { $name, &str, |text| *text }
        compare! { $name, String, |text| text.as_str() }
    )+};
}

ids! {
    "be `.` or `..`, or contain a slash, a backslash or a control character";
    /// Id of a room. A livestream room has the same id as its stream, so it converts to and from a [`StreamId`].
    RoomId, "room";
    /// Id of a peer.
    PeerId, "peer";
    /// Id of an audio or video track.
    TrackId, "track";
    /// Id of a livestream. Its room has the same id, so it converts to and from a [`RoomId`].
    StreamId, "stream";
    /// Id of a streamer, which publishes a livestream.
    StreamerId, "streamer";
    /// Id of a viewer, which watches a livestream.
    ViewerId, "viewer";
    /// Id of a recording.
    RecordingId, "recording";
    /// Id of a data channel of a peer.
    ChannelId, "channel";
    /// Id of a component of a Jellyfish room, such as an HLS output.
    ComponentId, "component";
}

/// Ids of the objects in a composition. The caller chooses all of them, except the id of the composition.
#[cfg(feature = "composition")]
pub(crate) mod composition {
    use super::{Error, Result, segment_of_free_text as segment, value};

    ids! {
        "be `.` or `..`, or contain a control character";
        /// Id of a composition. The server chooses it.
        CompositionId, "composition";
        /// Id of an input of a composition. You choose it, except for the inputs of a forwarded room.
        InputId, "input";
        /// Id of an output of a composition. You choose it.
        OutputId, "output";
        /// Id of an image of a composition. You choose it.
        ImageId, "image";
    }
}

/// Conversions between two kinds of ids of the same object.
macro_rules! same_object {
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

same_object! {
    /// A livestream room has the same id as its stream.
    RoomId => StreamId;
    /// A stream has the same id as its room.
    StreamId => RoomId;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    // Defect X15 of the official SDKs.
    #[test]
    fn id_with_other_path_is_refused_with_its_reason() {
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
            let error = RoomId::from(id).check().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{id:?}");
            assert!(error.to_string().contains(why) && error.to_string().contains("room id"), "{error}");
        }
    }

    #[test]
    fn error_names_length_and_position_instead_of_the_id() {
        let error = RoomId::from("sentinel/sentinel").check().unwrap_err();
        assert_eq!(error.message(), Some("room id of 17 bytes is not a valid id: slash at byte 8"));
        let error = TrackId::from("\u{1b}sentinel").check().unwrap_err();
        assert_eq!(error.message(), Some("track id of 9 bytes is not a valid id: control character at byte 0"));
        for printed in [format!("{error}"), format!("{error:?}"), format!("{error:#?}")] {
            assert!(!printed.contains("sentinel"), "{printed}");
        }
    }

    #[test]
    fn display_respects_the_width_of_a_table() {
        assert_eq!(format!("{:<6}|{:>4}|", RoomId::from("room"), PeerId::from("p")), "room  |   p|");
    }

    #[test]
    fn value_accepts_every_id_but_the_empty_one() {
        for id in ["voice/1", "..", "a\\b", "a\nb", "\u{0}"] {
            assert_eq!(TrackId::from(id).value().unwrap(), id);
        }
        assert_eq!(TrackId::from("").value().unwrap_err().kind(), ErrorKind::InvalidInput);
    }

    #[test]
    fn unusual_ids_are_valid() {
        for id in ["a", "...", "a b", "ü", "a%2Fb", "a?b", "6a9f-4d-00"] {
            assert_eq!(PeerId::from(id).segment().unwrap().as_str(), id);
        }
    }

    #[cfg(feature = "composition")]
    #[test]
    fn id_of_a_composition_is_free_text() {
        for (id, encoded) in [("a/b", "a%2Fb"), ("../a", "..%2Fa"), ("a\\b", "a%5Cb"), ("ż", "%C5%BC")] {
            assert_eq!(composition::InputId::from(id).segment().unwrap().to_string(), encoded);
        }
        for id in ["", ".", "..", "a\nb", "\u{7f}"] {
            let error = composition::OutputId::from(id).check().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{id:?}");
        }
    }

    #[test]
    fn livestream_id_converts_between_room_and_stream() {
        let room = RoomId::from("r");
        let stream = StreamId::from(&room);
        assert_eq!(stream, StreamId::from("r"));
        assert_eq!((RoomId::from(&stream), RoomId::from(stream)), (room.clone(), room));
    }

    #[test]
    fn ids_compare_with_strings_in_both_directions() {
        let (id, text) = (PeerId::from("p"), String::from("p"));
        assert_eq!([id == *"p", id == "p", id == text, *"p" == id, "p" == id, text == id], [true; 6]);
        assert_eq!([id == *"q", id == "q", "q" == id, String::new() == id], [false; 4]);
        assert_eq!("p".parse(), Ok(id.clone()));
        let peers = std::collections::HashMap::from([(id.clone(), 1)]);
        assert_eq!((peers.get("p"), peers.get(&id), peers.get("q")), (Some(&1), Some(&1), None));
        assert_eq!(std::collections::BTreeSet::from([id]).get("p").map(PeerId::as_str), Some("p"));
        assert_eq!(PeerId::default(), "");
    }

    #[test]
    fn strings_and_ids_convert_to_the_same_id() {
        let id = RoomId::from("r");
        assert_eq!(RoomId::from(&id), RoomId::from(String::from("r")));
        assert_eq!(id, "r");
        assert_eq!(serde_json::to_string(&id).unwrap(), "\"r\"");
        assert_eq!((id.to_string(), format!("{id:?}")), ("r".to_owned(), "\"r\"".to_owned()));
    }
}
