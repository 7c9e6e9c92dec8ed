//! Tracks.

use fishjam_api::fishjam::enums::TrackType;
use fishjam_proto::fishjam::{notifications, server_message as wire};
use serde::de::DeserializeOwned;

use super::{
    endpoint_id::EndpointId,
    metadata::Metadata,
    payload::{FromWire, payload},
    subject::{About, Subject},
};
use crate::{
    error::Result,
    id::{RoomId, TrackId},
};

/// One audio or video track.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Track {
    /// Names the track. The service picks it, except for the tracks of an agent, which picks its own.
    pub id: TrackId,
    /// Whether it is audio or video; `None` if the server does not say. Serialized as `type`.
    #[serde(rename = "type")]
    pub track_type: Option<TrackType>,
    /// What the publisher attached to the track, as it was sent; [`metadata::<T>()`](Self::metadata()) reads it.
    pub metadata: Metadata,
}

impl Track {
    /// Reads the metadata of the track as a type of yours.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if it is not JSON or does not fit the type; see
    /// [`Metadata::parse`].
    pub fn metadata<T: DeserializeOwned>(&self) -> Result<T> {
        self.metadata.parse_from("track")
    }
}

payload! {
    from TrackAdded { room_id, endpoint_info: endpoint, track };
    /// A track was published.
    pub struct TrackAdded {
        /// The room in which it can be heard or seen.
        pub room_id: RoomId,
        /// Who publishes it. Serialized as `peer_id` or `component_id`.
        #[serde(flatten)]
        pub endpoint: EndpointId,
        /// The track as it is now.
        pub track: Track,
    }
}

payload! {
    from TrackRemoved { room_id, endpoint_info: endpoint, track };
    /// A track was withdrawn, or its publisher went away.
    pub struct TrackRemoved {
        /// The room in which it could be heard or seen.
        pub room_id: RoomId,
        /// Who published it. Serialized as `peer_id` or `component_id`.
        #[serde(flatten)]
        pub endpoint: EndpointId,
        /// The track as it last was.
        pub track: Track,
    }
}

payload! {
    from TrackMetadataUpdated { room_id, endpoint_info: endpoint, track };
    /// The publisher of a track changed its metadata.
    pub struct TrackMetadataUpdated {
        /// The room in which it can be heard or seen.
        pub room_id: RoomId,
        /// Who publishes it. Serialized as `peer_id` or `component_id`.
        #[serde(flatten)]
        pub endpoint: EndpointId,
        /// The track with its new metadata.
        pub track: Track,
    }
}

impl FromWire<notifications::Track> for Track {
    fn from_wire(wire: notifications::Track) -> Self {
        let notifications::Track { id, r#type, metadata } = wire;
        Self {
            id: FromWire::from_wire(id),
            track_type: FromWire::from_wire(r#type),
            metadata: FromWire::from_wire(metadata),
        }
    }
}

/// Where the contract always has a track, an absent one reads as one with empty fields, as an absent id reads as empty.
impl FromWire<Option<notifications::Track>> for Track {
    fn from_wire(wire: Option<notifications::Track>) -> Self {
        Self::from_wire(wire.unwrap_or_default())
    }
}

/// The track of a message that is no notification.
pub(crate) fn track_of_wire(track: Option<notifications::Track>) -> Track {
    Track::from_wire(track)
}

impl FromWire<Option<notifications::Track>> for Option<Track> {
    fn from_wire(wire: Option<notifications::Track>) -> Self {
        wire.map(Track::from_wire)
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

impl About for Track {
    fn about<'a>(&'a self, subject: &mut Subject<'a>) {
        self.id.about(subject);
    }
}

impl About for Option<Track> {}
