//! What a Jellyfish tells a backend: typed notifications, the same from the socket and from webhooks.
//!
//! Every [`Notification`] says what happened and to whom. It is open in every direction: a notification that this
//! version does not know arrives as [`Notification::Unknown`], a type of track that it does not know keeps its number,
//! and a field that it does not know is skipped.
//!
//! `Display` is one line for a log and holds neither metadata nor metrics. `serde::Serialize` is for passing
//! notifications on: an object whose `type` is the notification's [`name`](Notification::name) and whose other fields
//! have the names of the payload's fields on the wire; metadata and metrics are strings that hold JSON text.
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

pub use self::{
    component::{ComponentCrashed, HlsPlayable, HlsUploadCrashed, HlsUploaded},
    metrics::{EndpointMetrics, Metrics, RoomMetrics, TrackMetrics},
    peer::{PeerAdded, PeerConnected, PeerCrashed, PeerDeleted, PeerDisconnected, PeerMetadataUpdated},
    report::MetricsReport,
    room::{RoomCrashed, RoomCreated, RoomDeleted},
    track::{TrackAdded, TrackMetadataUpdated, TrackRemoved},
};
#[doc(inline)]
pub use crate::events::{EndpointId, Gap, Metadata, Track, TrackType, UnknownNotification};
use crate::{
    error::OneLine,
    events::notification::notifications,
    id::{ComponentId, PeerId, RoomId, TrackId},
};

/// An item of the stream of a [`JellyfishNotifier`](crate::jellyfish::JellyfishNotifier).
pub type Event = crate::events::Event<Notification>;

notifications! {
    /// Something that happened, as a Jellyfish reports it.
    ///
    /// Another version of the server may send what is not listed here; see [`Unknown`](Self::Unknown).
    pub enum Notification;

    /// A room was created.
    RoomCreated = "room_created",
    /// A room was deleted, by a request or because nobody was left in it.
    RoomDeleted = "room_deleted",
    /// A room was lost to a failure inside the server.
    RoomCrashed = "room_crashed",
    /// A peer was registered in a room.
    PeerAdded = "peer_added",
    /// A peer was removed from a room for good.
    PeerDeleted = "peer_deleted",
    /// A peer came online.
    PeerConnected = "peer_connected",
    /// A peer went offline.
    PeerDisconnected = "peer_disconnected",
    /// A peer was lost to a failure inside the server.
    PeerCrashed = "peer_crashed",
    /// A peer set or changed its metadata.
    PeerMetadataUpdated = "peer_metadata_updated",
    /// A track was published.
    TrackAdded = "track_added",
    /// A track was withdrawn.
    TrackRemoved = "track_removed",
    /// The metadata of a track changed.
    TrackMetadataUpdated = "track_metadata_updated",
    /// A component failed, for example because the phone number to call was wrong.
    ComponentCrashed = "component_crashed",
    /// The playlist of an HLS component can be played.
    HlsPlayable = "hls_playable",
    /// A finished HLS broadcast was uploaded.
    HlsUploaded = "hls_uploaded",
    /// A finished HLS broadcast could not be uploaded.
    HlsUploadCrashed = "hls_upload_crashed",
    /// What WebRTC measures at the moment; only on a socket that asked for it, never in a webhook.
    MetricsReport = "metrics_report",
}

/// Ids to route by. Each is `None` for notifications that are not about such a thing.
impl Notification {
    /// The room in which it happened.
    #[must_use]
    pub fn room_id(&self) -> Option<&RoomId> {
        self.subject().room
    }

    /// The peer that it is about, also as the publisher of a track.
    #[must_use]
    pub fn peer_id(&self) -> Option<&PeerId> {
        self.subject().peer
    }

    /// The component that it is about, also as the publisher of a track.
    #[must_use]
    pub fn component_id(&self) -> Option<&ComponentId> {
        self.subject().component
    }

    /// The track that it is about.
    #[must_use]
    pub fn track_id(&self) -> Option<&TrackId> {
        self.subject().track
    }
}

/// One line for a log: the name, the ids, and a reason or length; never metadata.
impl fmt::Display for Notification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.name(), self.subject())?;
        match self {
            Self::PeerCrashed(peer) => write!(f, " reason={}", OneLine(&peer.reason)),
            Self::MetricsReport(report) => write!(f, " bytes={}", report.as_str().len()),
            Self::Unknown(unknown) => write!(f, "{unknown}"),
            _ => Ok(()),
        }
    }
}
