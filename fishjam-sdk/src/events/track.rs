//! Notifications about tracks.

use fishjam_api::fishjam::enums::TrackType;
use fishjam_proto::fishjam::{notifications, server_message as wire};
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};

use super::{
    endpoint_id::EndpointId,
    from_wire::FromWire,
    ids::{CollectIds, NotificationIds},
    payload::payload,
};
use crate::{
    error::Result,
    id::{RoomId, TrackId},
    json_error::read_unquoted,
    metadata::Metadata,
};

/// An audio or video track.
///
/// The default has an empty id and no other values. It is for tests.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TrackInfo {
    /// The track's id. The server chooses it, except for the tracks of an agent.
    pub id: TrackId,
    /// The type of the track, or `None` if the server sent none. Serialized as `type`.
    #[serde(rename = "type")]
    pub track_type: Option<TrackType>,
    /// The publisher's metadata as the server sent it. Parse it with [`metadata::<T>()`](Self::metadata()).
    pub metadata: Metadata,
}

impl TrackInfo {
    /// Parses the metadata into `T`.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Decode`](crate::ErrorKind::Decode) if the metadata is not valid JSON or does not match the
    /// type; see [`Metadata::parse`].
    pub fn metadata<T: DeserializeOwned>(&self) -> Result<T> {
        self.metadata.parse_from("track")
    }
}

impl<'de> Deserialize<'de> for TrackInfo {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Members {
            id: TrackId,
            #[serde(rename = "type")]
            track_type: Option<TrackType>,
            #[serde(default)]
            metadata: Metadata,
        }
        let Members { id, track_type, metadata } = read_unquoted(deserializer)?;
        Ok(Self { id, track_type, metadata })
    }
}

payload! {
    from TrackAdded { room_id, endpoint_info: endpoint, track };
    /// A track was published.
    ///
    /// The content of [`Notification::TrackAdded`](super::Notification::TrackAdded).
    pub struct TrackAdded {
        /// The room of the track.
        pub room_id: RoomId,
        /// The publisher of the track. Serialized as `peerId` or `componentId`.
        #[serde(flatten)]
        pub endpoint: EndpointId,
        /// The published track.
        pub track: TrackInfo,
    }
}

payload! {
    from TrackRemoved { room_id, endpoint_info: endpoint, track };
    /// A track was removed, or its publisher left.
    ///
    /// The content of [`Notification::TrackRemoved`](super::Notification::TrackRemoved).
    pub struct TrackRemoved {
        /// The room of the track.
        pub room_id: RoomId,
        /// The former publisher of the track. Serialized as `peerId` or `componentId`.
        #[serde(flatten)]
        pub endpoint: EndpointId,
        /// The last state of the track.
        pub track: TrackInfo,
    }
}

payload! {
    from TrackMetadataUpdated { room_id, endpoint_info: endpoint, track };
    /// The publisher of a track changed its metadata.
    ///
    /// The content of [`Notification::TrackMetadataUpdated`](super::Notification::TrackMetadataUpdated).
    pub struct TrackMetadataUpdated {
        /// The room of the track.
        pub room_id: RoomId,
        /// The publisher of the track. Serialized as `peerId` or `componentId`.
        #[serde(flatten)]
        pub endpoint: EndpointId,
        /// The track with its new metadata.
        pub track: TrackInfo,
    }
}

impl FromWire<notifications::Track> for TrackInfo {
    fn from_wire(wire: notifications::Track) -> Self {
        let notifications::Track { id, r#type, metadata } = wire;
        Self {
            id: FromWire::from_wire(id),
            track_type: FromWire::from_wire(r#type),
            metadata: FromWire::from_wire(metadata),
        }
    }
}

/// A required track that is absent becomes a track with empty fields, as an absent id becomes an empty id.
impl FromWire<Option<notifications::Track>> for TrackInfo {
    fn from_wire(wire: Option<notifications::Track>) -> Self {
        Self::from_wire(wire.unwrap_or_default())
    }
}

/// Converts the track of a message that is not a notification.
pub(crate) fn track_of_wire(track: Option<notifications::Track>) -> TrackInfo {
    TrackInfo::from_wire(track)
}

impl FromWire<Option<notifications::Track>> for Option<TrackInfo> {
    fn from_wire(wire: Option<notifications::Track>) -> Self {
        wire.map(TrackInfo::from_wire)
    }
}

impl FromWire<i32> for Option<TrackType> {
    fn from_wire(number: i32) -> Self {
        match notifications::TrackType::try_from(number) {
            Ok(notifications::TrackType::Unspecified) => None,
            Ok(notifications::TrackType::Video) => Some(TrackType::Video),
            Ok(notifications::TrackType::Audio) => Some(TrackType::Audio),
            Err(_) => Some(TrackType::Unknown(number.to_string())),
        }
    }
}

impl CollectIds for TrackInfo {
    fn collect_ids<'a>(&'a self, ids: &mut NotificationIds<'a>) {
        self.id.collect_ids(ids);
    }
}

impl CollectIds for Option<TrackInfo> {}
