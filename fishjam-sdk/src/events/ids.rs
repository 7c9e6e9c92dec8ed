//! The ids that a notification carries.

use std::fmt;

use super::from_wire::FromWire;
use crate::{
    error::OneLine,
    id::{ChannelId, ComponentId, PeerId, RecordingId, RoomId, StreamId, StreamerId, TrackId, ViewerId},
    metadata::Metadata,
};

/// A part of a payload that may contain ids.
pub(crate) trait CollectIds {
    fn collect_ids<'a>(&'a self, _ids: &mut NotificationIds<'a>) {}
}

impl<T: CollectIds> CollectIds for Box<T> {
    fn collect_ids<'a>(&'a self, ids: &mut NotificationIds<'a>) {
        T::collect_ids(self, ids);
    }
}

macro_rules! notification_ids {
    ($($field:ident: $id:ident,)+) => {
        /// The ids of a notification, collected from its fields by their types.
        #[derive(Default)]
        pub(crate) struct NotificationIds<'a> {
            $(pub(crate) $field: Option<&'a $id>,)+
        }

        /// ` room=... peer=...`, with a space before each id.
        impl fmt::Display for NotificationIds<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                $(if let Some(id) = self.$field {
                    write!(f, concat!(" ", stringify!($field), "={}"), OneLine(id.as_str()))?;
                })+
                Ok(())
            }
        }

        $(
            impl CollectIds for $id {
                fn collect_ids<'a>(&'a self, ids: &mut NotificationIds<'a>) {
                    ids.$field = Some(self);
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

notification_ids! {
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

impl CollectIds for String {}
impl CollectIds for Metadata {}
