//! Options for creating a room.

use std::fmt;

use fishjam_api::{
    UnknownMembers,
    fishjam::{
        enums::{RoomType, VideoCodec},
        types,
    },
};

use crate::secret::Address;

/// Options for creating a room. Unset options use the server's defaults.
///
/// `Debug` prints only the scheme and the host of the webhook URL, because the rest can hold a secret.
///
/// ```
/// use fishjam_sdk::{RoomOptions, RoomType, VideoCodec};
///
/// let options = RoomOptions::new().max_peers(10).room_type(RoomType::Conference).video_codec(VideoCodec::Vp8);
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RoomOptions {
    max_peers: Option<u64>,
    room_type: Option<RoomType>,
    video_codec: Option<VideoCodec>,
    webhook_url: Option<String>,
    public: Option<bool>,
    batch_webhook_notifications: Option<bool>,
}

impl fmt::Debug for RoomOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RoomOptions")
            .field("max_peers", &self.max_peers)
            .field("room_type", &self.room_type)
            .field("video_codec", &self.video_codec)
            .field("webhook_url", &self.webhook_url.as_deref().map(Address))
            .field("public", &self.public)
            .field("batch_webhook_notifications", &self.batch_webhook_notifications)
            .finish()
    }
}

impl RoomOptions {
    /// Creates options without any value.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the maximum number of peers in the room. 0 means no limit. Server default: no limit.
    ///
    /// The server rejects further peers with a [`Conflict`](crate::ErrorKind::Conflict).
    #[must_use]
    pub fn max_peers(mut self, peers: u64) -> Self {
        self.max_peers = Some(peers);
        self
    }

    /// Sets the type of the room. Server default: [`RoomType::Conference`].
    ///
    /// For [`RoomType::Livestream`], see [the choice](crate::Livestream#livestreams-and-rooms) between a
    /// livestream and a livestream room.
    #[must_use]
    pub fn room_type(mut self, room_type: RoomType) -> Self {
        self.room_type = Some(room_type);
        self
    }

    /// Sets the codec of all video in the room. Server default: [`VideoCodec::H264`].
    #[must_use]
    pub fn video_codec(mut self, codec: VideoCodec) -> Self {
        self.video_codec = Some(codec);
        self
    }

    /// Sets the URL for the webhooks of this room. Server default: the webhook URL of the account.
    ///
    /// Fishjam deprecates this option: use the webhook URL of the account instead. The URL must have a slash after
    /// the host: the server rejects `https://example.com`, but accepts `https://example.com/`.
    #[must_use]
    pub fn webhook_url(mut self, url: impl Into<String>) -> Self {
        self.webhook_url = Some(url.into());
        self
    }

    /// Sets whether viewers can watch a livestream room without a token. Server default: `false`.
    ///
    /// Streamers always need a token.
    #[must_use]
    pub fn public(mut self, public: bool) -> Self {
        self.public = Some(public);
        self
    }

    /// Sets whether a webhook can contain several notifications. Server default: `false`.
    #[must_use]
    pub fn batch_webhook_notifications(mut self, batch: bool) -> Self {
        self.batch_webhook_notifications = Some(batch);
        self
    }

    pub(super) fn into_wire(self) -> types::RoomConfig {
        types::RoomConfig {
            max_peers: self.max_peers,
            room_type: self.room_type,
            video_codec: self.video_codec,
            webhook_url: self.webhook_url,
            public: self.public,
            batch_webhook_notifications: self.batch_webhook_notifications,
            extra: UnknownMembers::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_set_options_are_sent() {
        let sent = |options: RoomOptions| serde_json::to_value(options.into_wire()).unwrap();
        assert_eq!(sent(RoomOptions::new()), json!({}));
        let options = RoomOptions::new()
            .max_peers(7)
            .room_type(RoomType::Livestream)
            .video_codec(VideoCodec::Vp8)
            .webhook_url("https://h/")
            .public(true)
            .batch_webhook_notifications(false);
        let expected = json!({
            "maxPeers": 7, "roomType": "livestream", "videoCodec": "vp8", "webhookUrl": "https://h/", "public": true,
            "batchWebhookNotifications": false,
        });
        assert_eq!(sent(options), expected);
    }

    #[test]
    fn debug_prints_only_scheme_and_host_of_webhook_url() {
        let options = RoomOptions::new().webhook_url("https://hooks.example.com/sentinel?key=sentinel").max_peers(7);
        let printed = format!("{options:?}");
        assert!(printed.contains("https://hooks.example.com/[redacted]"), "{printed}");
        assert!(printed.contains("max_peers") && printed.contains('7'), "{printed}");
        assert!(!printed.contains("sentinel"), "{printed}");
    }
}
