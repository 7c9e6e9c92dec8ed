//! Typed notifications from a Jellyfish server, for the socket and for webhooks.
//!
//! A [`Notification`] is one event in a room. Your code keeps working when a newer server sends something that this version
//! does not know:
//!
//! - an unknown notification becomes [`Notification::Unknown`]
//! - an unknown type of a track keeps its number
//! - an unknown field is skipped
//!
//! `Display` prints one line for a log, without metadata and metrics.
//!
//! Notifications and [events](Event) implement `Serialize` and `Deserialize`, in the form that
//! [`fishjam_sdk::events`](crate::events#json) documents. Metrics are nested JSON, like metadata. The types that both
//! servers' notifications contain, such as [`EndpointId`](crate::events::EndpointId), are in that module.
//!
//! ```
//! use fishjam_sdk::jellyfish::{events::Notification, webhook};
//!
//! let Some(Notification::HlsPlayable(hls)) = webhook::receive(b"\x6a\x06\x0a\x01r\x12\x01c")? else { panic!() };
//! assert_eq!((hls.room_id.as_str(), hls.component_id.as_str()), ("r", "c"));
//! # Ok::<(), fishjam_sdk::Error>(())
//! ```

mod component;
pub(crate) mod decode;
mod metrics;
mod peer;
mod report;
mod room;
#[cfg(test)]
mod tests;
mod track;

use std::fmt;

use fishjam_proto::jellyfish::server_message::{self, Content};

pub use self::{
    component::{ComponentCrashed, HlsPlayable, HlsUploadCrashed, HlsUploaded},
    metrics::{EndpointMetrics, Metrics, RoomMetrics, TrackMetrics},
    peer::{PeerAdded, PeerConnected, PeerCrashed, PeerDeleted, PeerDisconnected, PeerMetadataUpdated},
    report::MetricsReport,
    room::{RoomCrashed, RoomCreated, RoomDeleted},
    track::{TrackAdded, TrackMetadataUpdated, TrackRemoved},
};
use crate::{
    error::OneLine,
    events::{
        contents::{Handshake, MessageContent},
        decode_table::decode_table,
    },
    id::{ComponentId, PeerId, RoomId, TrackId},
};

/// An item of the stream of a [`JellyfishNotifier`](crate::jellyfish::JellyfishNotifier).
pub type Event = crate::events::Event<Notification>;

// Each number is a field number in `ServerMessage.content`.
decode_table! {
    /// A notification from a Jellyfish server.
    ///
    /// Another version of the server can send notifications that are not listed here; see [`Unknown`](Self::Unknown).
    pub enum Notification;

    /// A room was created.
    10 "room_created" => RoomCreated,
    /// A room was deleted by a request, or because no peer was connected for too long.
    11 "room_deleted" => RoomDeleted,
    /// A room crashed.
    1 "room_crashed" => RoomCrashed,
    /// A peer was added to a room.
    20 "peer_added" => PeerAdded,
    /// A peer was permanently removed from a room.
    21 "peer_deleted" => PeerDeleted,
    /// A peer connected.
    2 "peer_connected" => PeerConnected,
    /// A peer disconnected.
    3 "peer_disconnected" => PeerDisconnected,
    /// A peer crashed.
    4 "peer_crashed" => PeerCrashed,
    /// A peer set or changed its metadata.
    16 "peer_metadata_updated" => PeerMetadataUpdated,
    /// A track was published.
    17 "track_added" => TrackAdded,
    /// A track was removed.
    18 "track_removed" => TrackRemoved,
    /// The metadata of a track changed.
    19 "track_metadata_updated" => TrackMetadataUpdated,
    /// A component crashed, for example because of a wrong phone number.
    5 "component_crashed" => ComponentCrashed,
    /// The playlist of an HLS component is playable.
    13 "hls_playable" => HlsPlayable,
    /// A finished HLS broadcast was uploaded.
    14 "hls_uploaded" => HlsUploaded,
    /// The upload of a finished HLS broadcast failed.
    15 "hls_upload_crashed" => HlsUploadCrashed,
    /// A report of WebRTC metrics.
    ///
    /// Only sockets that request metrics receive reports. Webhooks never contain them.
    12 "metrics_report" => MetricsReport,

    others:
    Content::Authenticated(_) => MessageContent::Handshake(Handshake::Authenticated),
    Content::AuthRequest(_) => MessageContent::Handshake(Handshake::AuthRequest),
    Content::SubscribeRequest(_) => MessageContent::Handshake(Handshake::SubscribeRequest),
    Content::SubscribeResponse(x) => MessageContent::Handshake(Handshake::Subscribed(x.event_type)),
}

/// The ids of a notification. Each method returns `None` if the notification has no such id.
impl Notification {
    /// Returns the id of the room.
    #[must_use]
    pub fn room_id(&self) -> Option<&RoomId> {
        self.ids().room
    }

    /// Returns the id of the peer. The publisher of a track counts as well.
    #[must_use]
    pub fn peer_id(&self) -> Option<&PeerId> {
        self.ids().peer
    }

    /// Returns the id of the component. The publisher of a track counts as well.
    #[must_use]
    pub fn component_id(&self) -> Option<&ComponentId> {
        self.ids().component
    }

    /// Returns the id of the track.
    #[must_use]
    pub fn track_id(&self) -> Option<&TrackId> {
        self.ids().track
    }
}

/// One line for a log: the name, the ids, and a reason or length, without metadata.
impl fmt::Display for Notification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.name(), self.ids())?;
        match self {
            Self::PeerCrashed(peer) => write!(f, " reason={}", OneLine(&peer.reason)),
            Self::MetricsReport(report) => write!(f, " bytes={}", report.as_str().len()),
            Self::Unknown(unknown) => write!(f, "{unknown}"),
            _ => Ok(()),
        }
    }
}
