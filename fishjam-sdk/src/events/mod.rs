//! Typed notifications from Fishjam, for the socket and for webhooks.
//!
//! A [`Notification`] is one event in a room, a livestream or a recording. Your code keeps working when a newer server sends
//! something that this version does not know:
//!
//! - an unknown notification becomes [`Notification::Unknown`]
//! - an unknown status or type keeps its number
//! - an unknown field is skipped
//!
//! `Display` prints one line for a log, without metadata.
//!
//! # JSON
//!
//! Notifications, [events](Event) and [gaps](Gap) implement `Serialize` and `Deserialize`, so that they can pass through a
//! queue or to a browser. The JSON has the names of protobuf's JSON mapping:
//!
//! - A notification is an object with one member, whose name is the variant in camelCase.
//! - Its value has the members of the payload in camelCase. Metadata is nested JSON. If the server omitted a value, the
//!   member is `null`.
//! - To read a notification, members that can be `null` may be absent, and unknown members are skipped. Other errors name
//!   the place and quote no value.
//!
//! ```
//! use fishjam_sdk::{PeerType, events::Notification};
//! use serde_json::json;
//!
//! let json = json!({ "peerConnected": { "roomId": "r", "peerId": "p", "peerType": "agent" } });
//! let notification: Notification = serde_json::from_value(json.clone())?;
//! assert!(matches!(&notification, Notification::PeerConnected(peer) if peer.peer_type == Some(PeerType::Agent)));
//! assert_eq!(serde_json::to_value(&notification)?, json);
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! # Tests of your handlers
//!
//! A test creates a notification in one line, from JSON or from the default of a payload:
//!
//! ```
//! # use fishjam_sdk::events::{Notification, RoomCreated};
//! # use serde_json::json;
//! fn handle(notification: Notification) -> Option<String> {
//!     notification.room_id().map(|id| id.as_str().to_owned())
//! }
//!
//! let created = json!({ "roomCreated": { "roomId": "r" } });
//! assert_eq!(handle(serde_json::from_value(created)?).as_deref(), Some("r"));
//! assert_eq!(handle(RoomCreated::default().into()).as_deref(), Some(""));
//! # Ok::<(), serde_json::Error>(())
//! ```

mod channel;
mod component;
pub(crate) mod contents;
pub(crate) mod decode;
pub(crate) mod decode_table;
mod endpoint_id;
mod forwarding;
pub(crate) mod from_wire;
mod gap;
pub(crate) mod ids;
mod livestream;
pub(crate) mod payload;
mod peer;
mod recording;
mod room;
#[cfg(test)]
mod tests;
mod timestamp;
mod track;
pub(crate) mod unknown;
mod voice_activity;
pub(crate) mod wire;

use std::fmt;

use fishjam_proto::fishjam::server_message::{self, Content};
use serde::{Deserialize, Deserializer, Serialize};

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
    peer::{PeerAdded, PeerConnected, PeerCrashed, PeerDeleted, PeerDisconnected, PeerMetadataUpdated},
    recording::RecordingStatusChanged,
    room::{RoomCrashed, RoomCreated, RoomDeleted},
    track::{TrackAdded, TrackInfo, TrackMetadataUpdated, TrackRemoved},
    unknown::UnknownNotification,
    voice_activity::{VadNotification, VoiceActivity},
};
use self::{
    contents::{Handshake, MessageContent, unreadable},
    decode_table::decode_table,
};
pub(crate) use self::{track::track_of_wire, unknown::unnamed_field};
use crate::{
    error::OneLine,
    id::{ChannelId, ComponentId, PeerId, RecordingId, RoomId, StreamId, StreamerId, TrackId, ViewerId},
    json_error::read_unquoted,
};

/// An item of a notifier's stream.
///
/// `N` is the server's type of notification. Fishjam and Jellyfish servers have different ones.
///
/// In JSON, an event is an object with one member: `{"notification":{…}}`, `{"gap":{…}}` or `{"dropped":3}`.
///
/// ```
/// use fishjam_sdk::events::Event;
///
/// fn log(event: &Event) {
///     match event {
///         Event::Notification(notification) => println!("{notification}"),
///         Event::Gap(gap) => println!("events of {:?} may be missing: {:#}", gap.duration(), gap.reason),
///         Event::Dropped(count) => println!("this consumer lost {count} events"),
///         _ => {}
///     }
/// }
/// ```
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Event<N = Notification> {
    /// A notification from the server.
    Notification(N),
    /// Events may be missing.
    ///
    /// The connection was lost and restored, or a message was not readable.
    Gap(Gap),
    /// This number of events was dropped, because this consumer was too slow.
    ///
    /// Only queues with [`Overflow::DropOldest`](crate::Overflow::DropOldest) drop events.
    Dropped(u64),
}

impl<'de, N: Deserialize<'de>> Deserialize<'de> for Event<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        enum Form<N> {
            Notification(N),
            Gap(Gap),
            Dropped(u64),
        }
        Ok(match read_unquoted(deserializer)? {
            Form::Notification(notification) => Self::Notification(notification),
            Form::Gap(gap) => Self::Gap(gap),
            Form::Dropped(count) => Self::Dropped(count),
        })
    }
}

impl Event {
    /// Returns `true` if something may have happened that no notification reports.
    pub(crate) fn is_loss(&self) -> bool {
        match self {
            // The damaged message may have reported anything.
            Self::Notification(Notification::Unknown(unknown)) => unknown.malformed,
            Self::Notification(_) => false,
            Self::Gap(_) | Self::Dropped(_) => true,
        }
    }
}

// Each number is a field number in `ServerMessage.content`.
decode_table! {
    /// A notification from Fishjam.
    ///
    /// A newer server can send notifications that are not listed here; see [`Unknown`](Self::Unknown).
    pub enum Notification;

    /// A room was created.
    10 "room_created" => RoomCreated,
    /// A room was deleted.
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
    /// A peer changed its metadata.
    16 "peer_metadata_updated" => PeerMetadataUpdated,
    /// A track was published.
    17 "track_added" => TrackAdded,
    /// A track was removed.
    18 "track_removed" => TrackRemoved,
    /// The metadata of a track changed.
    19 "track_metadata_updated" => TrackMetadataUpdated,
    /// A channel was opened.
    28 "channel_added" => ChannelAdded,
    /// A channel was closed.
    29 "channel_removed" => ChannelRemoved,
    /// The set of a peer's tracks that are forwarded to a composition changed.
    30 "track_forwarding" => TrackForwarding(Box<TrackForwarding>),
    /// Tracks of a peer are no longer forwarded to a composition.
    31 "track_forwarding_removed" => TrackForwardingRemoved,
    /// A peer started or stopped speaking.
    32 "vad_notification" => VadNotification,
    /// A streamer started publishing a livestream.
    26 "streamer_connected" => StreamerConnected,
    /// A streamer stopped publishing a livestream.
    27 "streamer_disconnected" => StreamerDisconnected,
    /// A viewer started watching a livestream.
    24 "viewer_connected" => ViewerConnected,
    /// A viewer stopped watching a livestream.
    25 "viewer_disconnected" => ViewerDisconnected,
    /// The status of a recording changed.
    34 "recording_status_changed" => RecordingStatusChanged,
    /// Deprecated by Fishjam: use [`StreamerConnected`](Self::StreamerConnected).
    22 "stream_connected" => StreamConnected,
    /// Deprecated by Fishjam: use [`StreamerDisconnected`](Self::StreamerDisconnected).
    23 "stream_disconnected" => StreamDisconnected,
    /// Deprecated by Fishjam: a component crashed. Only self-hosted servers have components.
    5 "component_crashed" => ComponentCrashed,
    /// Deprecated by Fishjam: an HLS playlist is playable. Only self-hosted servers have components.
    13 "hls_playable" => HlsPlayable,
    /// Deprecated by Fishjam: an HLS broadcast was uploaded. Only self-hosted servers have components.
    14 "hls_uploaded" => HlsUploaded,
    /// Deprecated by Fishjam: the upload of an HLS broadcast failed. Only self-hosted servers have components.
    15 "hls_upload_crashed" => HlsUploadCrashed,

    others:
    Content::Authenticated(_) => MessageContent::Handshake(Handshake::Authenticated),
    Content::AuthRequest(_) => MessageContent::Handshake(Handshake::AuthRequest),
    Content::SubscribeRequest(_) => MessageContent::Handshake(Handshake::SubscribeRequest),
    Content::SubscribeResponse(x) => MessageContent::Handshake(Handshake::Subscribed(x.event_type)),
    // The decoder removes batches before prost decodes the message.
    Content::NotificationBatch(_) => return Err(unreadable("unexpected batch")),
}

/// The ids of a notification. Each method returns `None` if the notification has no such id.
impl Notification {
    /// Returns the id of the room.
    #[must_use]
    pub fn room_id(&self) -> Option<&RoomId> {
        self.ids().room
    }

    /// Returns the id of the peer. The publisher of a track and the owner of a channel count as well.
    #[must_use]
    pub fn peer_id(&self) -> Option<&PeerId> {
        self.ids().peer
    }

    /// Returns the id of the component. The publisher of a track and the owner of a channel count as well.
    #[must_use]
    pub fn component_id(&self) -> Option<&ComponentId> {
        self.ids().component
    }

    /// Returns the id of the track, or `None` for track forwardings.
    #[must_use]
    pub fn track_id(&self) -> Option<&TrackId> {
        self.ids().track
    }

    /// Returns the id of the channel.
    #[must_use]
    pub fn channel_id(&self) -> Option<&ChannelId> {
        self.ids().channel
    }

    /// Returns the id of the livestream.
    #[must_use]
    pub fn stream_id(&self) -> Option<&StreamId> {
        self.ids().stream
    }

    /// Returns the id of the streamer.
    #[must_use]
    pub fn streamer_id(&self) -> Option<&StreamerId> {
        self.ids().streamer
    }

    /// Returns the id of the viewer.
    #[must_use]
    pub fn viewer_id(&self) -> Option<&ViewerId> {
        self.ids().viewer
    }

    /// Returns the id of the recording.
    #[must_use]
    pub fn recording_id(&self) -> Option<&RecordingId> {
        self.ids().recording
    }
}

/// One line for a log: the name, the ids, and a status or reason, without metadata.
impl fmt::Display for Notification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.name(), self.ids())?;
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
