//! Who or what a notification is about.

use std::fmt;

use super::{metadata::Metadata, payload::FromWire};
use crate::{
    error::OneLine,
    id::{ChannelId, ComponentId, PeerId, RecordingId, RoomId, StreamId, StreamerId, TrackId, ViewerId},
};

/// A part of a payload that may name what the notification is about.
pub(crate) trait About {
    fn about<'a>(&'a self, _subject: &mut Subject<'a>) {}
}

impl<T: About> About for Box<T> {
    fn about<'a>(&'a self, subject: &mut Subject<'a>) {
        T::about(self, subject);
    }
}

macro_rules! subject {
    ($($part:ident: $id:ident,)+) => {
        /// The ids that a notification carries, gathered from its fields by their types.
        #[derive(Default)]
        pub(crate) struct Subject<'a> {
            $(pub(crate) $part: Option<&'a $id>,)+
        }

        /// ` room=... peer=...`, with a space before each.
        impl fmt::Display for Subject<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                $(if let Some(id) = self.$part {
                    write!(f, concat!(" ", stringify!($part), "={}"), OneLine(id.as_str()))?;
                })+
                Ok(())
            }
        }

        $(
            impl About for $id {
                fn about<'a>(&'a self, subject: &mut Subject<'a>) {
                    subject.$part = Some(self);
                }
            }

            impl FromWire<String> for $id {
                fn from_wire(wire: String) -> Self {
                    Self::from(wire)
                }
            }
        )+
    };
}

subject! {
    room: RoomId,
    peer: PeerId,
    component: ComponentId,
    track: TrackId,
    channel: ChannelId,
    stream: StreamId,
    streamer: StreamerId,
    viewer: ViewerId,
    recording: RecordingId,
}

impl About for String {}
impl About for Metadata {}
