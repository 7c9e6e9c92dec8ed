//! The subject of a notification, which selects its webhook.

use fishjam_proto::fishjam::{ServerMessage, server_message::Content};

/// The subject of a notification.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct DeliverySubject {
    /// The room or livestream, or `None` for the account.
    pub(super) room: Option<String>,
    /// Whether this is the first notification about the room.
    pub(super) begins: bool,
    /// Whether this is the last notification about the room.
    pub(super) ends: bool,
    /// Whether it can be part of a batch.
    pub(super) batched: bool,
}

impl DeliverySubject {
    /// Returns the subject of a message, or `None` if it is not a notification.
    #[allow(deprecated)] // Older notifications may still be injected.
    pub(super) fn of(message: &ServerMessage) -> Option<Self> {
        let room = match message.content.as_ref() {
            None | Some(Content::RecordingStatusChanged(_)) => None,
            Some(
                Content::Authenticated(_)
                | Content::AuthRequest(_)
                | Content::SubscribeRequest(_)
                | Content::SubscribeResponse(_),
            ) => return None,
            // A test sent this batch. Its first notification selects the webhook.
            Some(Content::NotificationBatch(batch)) => batch.notifications.first().and_then(Self::of)?.room,
            Some(Content::RoomCrashed(of)) => Some(of.room_id.clone()),
            Some(Content::PeerConnected(of)) => Some(of.room_id.clone()),
            Some(Content::PeerDisconnected(of)) => Some(of.room_id.clone()),
            Some(Content::PeerCrashed(of)) => Some(of.room_id.clone()),
            Some(Content::ComponentCrashed(of)) => Some(of.room_id.clone()),
            Some(Content::RoomCreated(of)) => Some(of.room_id.clone()),
            Some(Content::RoomDeleted(of)) => Some(of.room_id.clone()),
            Some(Content::HlsPlayable(of)) => Some(of.room_id.clone()),
            Some(Content::HlsUploaded(of)) => Some(of.room_id.clone()),
            Some(Content::HlsUploadCrashed(of)) => Some(of.room_id.clone()),
            Some(Content::PeerMetadataUpdated(of)) => Some(of.room_id.clone()),
            Some(Content::TrackAdded(of)) => Some(of.room_id.clone()),
            Some(Content::TrackRemoved(of)) => Some(of.room_id.clone()),
            Some(Content::TrackMetadataUpdated(of)) => Some(of.room_id.clone()),
            Some(Content::PeerAdded(of)) => Some(of.room_id.clone()),
            Some(Content::PeerDeleted(of)) => Some(of.room_id.clone()),
            Some(Content::StreamConnected(of)) => Some(of.stream_id.clone()),
            Some(Content::StreamDisconnected(of)) => Some(of.stream_id.clone()),
            Some(Content::ViewerConnected(of)) => Some(of.stream_id.clone()),
            Some(Content::ViewerDisconnected(of)) => Some(of.stream_id.clone()),
            Some(Content::StreamerConnected(of)) => Some(of.stream_id.clone()),
            Some(Content::StreamerDisconnected(of)) => Some(of.stream_id.clone()),
            Some(Content::ChannelAdded(of)) => Some(of.room_id.clone()),
            Some(Content::ChannelRemoved(of)) => Some(of.room_id.clone()),
            Some(Content::TrackForwarding(of)) => Some(of.room_id.clone()),
            Some(Content::TrackForwardingRemoved(of)) => Some(of.room_id.clone()),
            Some(Content::VadNotification(of)) => Some(of.room_id.clone()),
        };
        let content = message.content.as_ref();
        Some(DeliverySubject {
            room,
            begins: matches!(content, Some(Content::RoomCreated(_))),
            ends: matches!(content, Some(Content::RoomDeleted(_) | Content::RoomCrashed(_))),
            // Batches are never nested, and voice activity is never batched.
            batched: !matches!(content, Some(Content::NotificationBatch(_) | Content::VadNotification(_))),
        })
    }
}

#[cfg(test)]
mod tests {
    use fishjam_proto::fishjam::server_message::{
        Authenticated, NotificationBatch, RecordingStatusChanged, RoomCreated, RoomDeleted, VadNotification,
        ViewerConnected,
    };

    use super::*;

    #[test]
    fn subject_is_the_room_or_the_account() {
        let id = || "r".to_owned();
        let about = |room: Option<&str>| DeliverySubject {
            room: room.map(str::to_owned),
            begins: false,
            ends: false,
            batched: true,
        };
        let message = |content| ServerMessage { content: Some(content) };
        let created = message(Content::RoomCreated(RoomCreated { room_id: id() }));
        let batch = NotificationBatch { notifications: vec![created.clone(), ServerMessage::default()] };
        for (message, expected) in [
            (created, Some(DeliverySubject { begins: true, ..about(Some("r")) })),
            (
                message(Content::RoomDeleted(RoomDeleted { room_id: id() })),
                Some(DeliverySubject { ends: true, ..about(Some("r")) }),
            ),
            (
                message(Content::ViewerConnected(ViewerConnected { stream_id: id(), viewer_id: "v".to_owned() })),
                Some(about(Some("r"))),
            ),
            (
                message(Content::VadNotification(VadNotification { room_id: id(), ..Default::default() })),
                Some(DeliverySubject { batched: false, ..about(Some("r")) }),
            ),
            (message(Content::NotificationBatch(batch)), Some(DeliverySubject { batched: false, ..about(Some("r")) })),
            (message(Content::RecordingStatusChanged(RecordingStatusChanged::default())), Some(about(None))),
            (ServerMessage::default(), Some(about(None))),
            (message(Content::Authenticated(Authenticated {})), None),
            (message(Content::NotificationBatch(NotificationBatch::default())), None),
        ] {
            assert_eq!(DeliverySubject::of(&message), expected, "{message:?}");
        }
    }
}
