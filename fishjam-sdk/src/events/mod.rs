//! What the service tells a backend: typed notifications, the same from the socket and from webhooks.
//!
//! Every [`Notification`] says what happened and to whom. It is open in every direction: a notification that this
//! version does not know arrives as [`Notification::Unknown`], a status or type that it does not know keeps its
//! number, and a field that it does not know is skipped.
//!
//! `Display` is one line for a log and never holds metadata. `serde::Serialize` is for passing notifications on: an
//! object whose `type` is the notification's [`name`](Notification::name) and whose other fields have the names of the
//! payload's fields on the wire. For example, `{"type":"peer_connected","room_id":"r","peer_id":"p","peer_type":"agent"}`;
//! metadata is a string that holds JSON text, and what the service left out is `null`.

mod channel;
mod component;
pub(crate) mod contents;
pub(crate) mod decode;
mod endpoint_id;
mod forwarding;
mod gap;
mod livestream;
mod metadata;
pub(crate) mod notification;
pub(crate) mod payload;
mod peer;
mod recording;
mod room;
pub(crate) mod subject;
#[cfg(test)]
mod tests;
mod track;
pub(crate) mod unknown;
mod voice_activity;
pub(crate) mod wire;

use std::fmt;

pub use fishjam_api::fishjam::enums::{PeerType, RecordingStatus, TrackType};

use self::notification::notifications;
pub use self::{
    channel::{ChannelAdded, ChannelRemoved},
    component::{ComponentCrashed, HlsPlayable, HlsUploadCrashed, HlsUploaded},
    decode::decode_server_notifications,
    endpoint_id::EndpointId,
    forwarding::{TrackForwarding, TrackForwardingRemoved},
    gap::Gap,
    livestream::{
        StreamConnected, StreamDisconnected, StreamerConnected, StreamerDisconnected, ViewerConnected,
        ViewerDisconnected,
    },
    metadata::Metadata,
    peer::{PeerAdded, PeerConnected, PeerCrashed, PeerDeleted, PeerDisconnected, PeerMetadataUpdated},
    recording::RecordingStatusChanged,
    room::{RoomCrashed, RoomCreated, RoomDeleted},
    track::{Track, TrackAdded, TrackMetadataUpdated, TrackRemoved},
    unknown::UnknownNotification,
    voice_activity::{VadNotification, VoiceActivity},
};
pub(crate) use self::{track::track_of_wire, unknown::unnamed_field};
use crate::{
    error::OneLine,
    id::{ChannelId, ComponentId, PeerId, RecordingId, RoomId, StreamId, StreamerId, TrackId, ViewerId},
};

/// An item of a notifier's stream; `N` is what the server reports, a Jellyfish other things than a Fishjam.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event<N = Notification> {
    /// The service reports that something happened.
    Notification(N),
    /// Events may have been missed: the connection was lost and is restored, or a message could not be read.
    Gap(Gap),
    /// This consumer was too slow and this many events were dropped, as
    /// [`Overflow::DropOldest`](crate::Overflow::DropOldest) asks for.
    Dropped(u64),
}

notifications! {
    /// Something that happened, as the service reports it.
    ///
    /// A new version of the service may send what is not listed here; see [`Unknown`](Self::Unknown).
    pub enum Notification;

    /// A room was created.
    RoomCreated = "room_created",
    /// A room was deleted.
    RoomDeleted = "room_deleted",
    /// A room was lost to a failure inside the service.
    RoomCrashed = "room_crashed",
    /// A peer was registered in a room.
    PeerAdded = "peer_added",
    /// A peer was removed from a room for good.
    PeerDeleted = "peer_deleted",
    /// A peer came online.
    PeerConnected = "peer_connected",
    /// A peer went offline.
    PeerDisconnected = "peer_disconnected",
    /// A peer was lost to a failure inside the service.
    PeerCrashed = "peer_crashed",
    /// A peer changed its metadata.
    PeerMetadataUpdated = "peer_metadata_updated",
    /// A track was published.
    TrackAdded = "track_added",
    /// A track was withdrawn.
    TrackRemoved = "track_removed",
    /// The metadata of a track changed.
    TrackMetadataUpdated = "track_metadata_updated",
    /// A channel was opened.
    ChannelAdded = "channel_added",
    /// A channel was closed.
    ChannelRemoved = "channel_removed",
    /// Tracks of a peer flow into a composition, or other ones than before do.
    TrackForwarding(Box<TrackForwarding>) = "track_forwarding",
    /// Tracks of a peer no longer flow into a composition.
    TrackForwardingRemoved = "track_forwarding_removed",
    /// Somebody began or stopped to speak.
    VadNotification = "vad_notification",
    /// A streamer began to publish a livestream.
    StreamerConnected = "streamer_connected",
    /// A streamer stopped to publish a livestream.
    StreamerDisconnected = "streamer_disconnected",
    /// A viewer began to watch a livestream.
    ViewerConnected = "viewer_connected",
    /// A viewer stopped to watch a livestream.
    ViewerDisconnected = "viewer_disconnected",
    /// A recording reached another stage.
    RecordingStatusChanged = "recording_status_changed",
    /// Deprecated by the service: [`StreamerConnected`](Self::StreamerConnected) took its place.
    StreamConnected = "stream_connected",
    /// Deprecated by the service: [`StreamerDisconnected`](Self::StreamerDisconnected) took its place.
    StreamDisconnected = "stream_disconnected",
    /// Deprecated by the service: a component failed. Only self-hosted servers have components.
    ComponentCrashed = "component_crashed",
    /// Deprecated by the service: an HLS playlist can be played. Only self-hosted servers have components.
    HlsPlayable = "hls_playable",
    /// Deprecated by the service: an HLS broadcast was stored. Only self-hosted servers have components.
    HlsUploaded = "hls_uploaded",
    /// Deprecated by the service: an HLS broadcast was not stored. Only self-hosted servers have components.
    HlsUploadCrashed = "hls_upload_crashed",
}

/// Ids to route by. Each is `None` for notifications that are not about such a thing.
impl Notification {
    /// The room in which it happened.
    #[must_use]
    pub fn room_id(&self) -> Option<&RoomId> {
        self.subject().room
    }

    /// The peer that it is about, also as the publisher of a track or the owner of a channel.
    #[must_use]
    pub fn peer_id(&self) -> Option<&PeerId> {
        self.subject().peer
    }

    /// The component that it is about, also as the publisher of a track or the owner of a channel.
    #[must_use]
    pub fn component_id(&self) -> Option<&ComponentId> {
        self.subject().component
    }

    /// The track that it is about; `None` for track forwardings, which name up to two.
    #[must_use]
    pub fn track_id(&self) -> Option<&TrackId> {
        self.subject().track
    }

    /// The channel that it is about.
    #[must_use]
    pub fn channel_id(&self) -> Option<&ChannelId> {
        self.subject().channel
    }

    /// The livestream in which it happened.
    #[must_use]
    pub fn stream_id(&self) -> Option<&StreamId> {
        self.subject().stream
    }

    /// The streamer that it is about.
    #[must_use]
    pub fn streamer_id(&self) -> Option<&StreamerId> {
        self.subject().streamer
    }

    /// The viewer that it is about.
    #[must_use]
    pub fn viewer_id(&self) -> Option<&ViewerId> {
        self.subject().viewer
    }

    /// The recording that it is about.
    #[must_use]
    pub fn recording_id(&self) -> Option<&RecordingId> {
        self.subject().recording
    }
}

/// One line for a log: the name, the ids, and a status or reason; never metadata.
impl fmt::Display for Notification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.name(), self.subject())?;
        match self {
            Self::PeerCrashed(peer) => write!(f, " reason={}", OneLine(&peer.reason)),
            Self::TrackForwarding(forwarding) => write!(f, " input={}", OneLine(&forwarding.input_id)),
            Self::TrackForwardingRemoved(forwarding) => write!(f, " input={}", OneLine(&forwarding.input_id)),
            Self::VadNotification(voice) => write!(f, " status={}", voice.status),
            Self::RecordingStatusChanged(recording) => write!(f, " status={}", recording.status),
            Self::Unknown(unknown) => write!(f, "{unknown}"),
            _ => Ok(()),
        }
    }
}
