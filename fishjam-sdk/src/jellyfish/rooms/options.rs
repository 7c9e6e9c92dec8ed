//! Options for creating a room.

use std::{fmt, time::Duration};

use fishjam_api::{
    UnknownMembers,
    fishjam::enums::VideoCodec,
    jellyfish::{enums, types},
};

use super::super::timeout::seconds;
use crate::{
    error::{Error, Result},
    id::RoomId,
    secret::Address,
};

/// Options for creating a room. Unset options use the server's defaults.
///
/// `Debug` prints only scheme and host of the webhook URL, because the rest may contain a secret.
///
/// ```
/// use std::time::Duration;
/// use fishjam_sdk::{VideoCodec, jellyfish::RoomOptions};
///
/// let options = RoomOptions::new()
///     .max_peers(10)
///     .video_codec(VideoCodec::H264)
///     .peerless_purge_timeout(Duration::from_secs(600));
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RoomOptions {
    room_id: Option<RoomId>,
    max_peers: Option<u64>,
    video_codec: Option<VideoCodec>,
    webhook_url: Option<String>,
    peerless_purge_timeout: Option<Duration>,
    peer_disconnected_timeout: Option<Duration>,
}

impl fmt::Debug for RoomOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RoomOptions")
            .field("room_id", &self.room_id)
            .field("max_peers", &self.max_peers)
            .field("video_codec", &self.video_codec)
            .field("webhook_url", &self.webhook_url.as_deref().map(Address))
            .field("peerless_purge_timeout", &self.peerless_purge_timeout)
            .field("peer_disconnected_timeout", &self.peer_disconnected_timeout)
            .finish()
    }
}

impl RoomOptions {
    /// Creates options with the server's defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the id of the room: letters, digits and hyphens. Server default: a random id.
    ///
    /// Servers from version 0.6.2 also accept underscores. An existing id is a bad request.
    #[must_use]
    pub fn room_id(mut self, id: impl Into<RoomId>) -> Self {
        self.room_id = Some(id.into());
        self
    }

    /// Sets the maximum number of peers, connected or not. Server default: no limit.
    ///
    /// With 0, no peer can join.
    #[must_use]
    pub fn max_peers(mut self, peers: u64) -> Self {
        self.max_peers = Some(peers);
        self
    }

    /// Sets the codec of all video in the room. Server default: any codec.
    ///
    /// HLS, RTSP and recording components require [`VideoCodec::H264`].
    #[must_use]
    pub fn video_codec(mut self, codec: VideoCodec) -> Self {
        self.video_codec = Some(codec);
        self
    }

    /// Sets the URL that receives the notifications of this room. Server default: no webhooks.
    ///
    /// The server requires a slash after the host.
    #[must_use]
    pub fn webhook_url(mut self, url: impl Into<String>) -> Self {
        self.webhook_url = Some(url.into());
        self
    }

    /// Sets how long a room without a connected peer exists, in whole seconds.
    ///
    /// Server default: never. The time also counts before the first peer connects.
    #[must_use]
    pub fn peerless_purge_timeout(mut self, timeout: Duration) -> Self {
        self.peerless_purge_timeout = Some(timeout);
        self
    }

    /// Sets how long a disconnected peer stays in the room, in whole seconds.
    ///
    /// Server default: never. The time also counts before the peer connects for the first time.
    #[must_use]
    pub fn peer_disconnected_timeout(mut self, timeout: Duration) -> Self {
        self.peer_disconnected_timeout = Some(timeout);
        self
    }

    pub(super) fn into_wire(self) -> Result<types::RoomConfig> {
        let max_peers = self.max_peers.map(i64::try_from).transpose();
        let max_peers = max_peers.map_err(|_| Error::invalid_input("invalid max_peers: must fit into 63 bits"))?;
        let purge = seconds("peerless_purge_timeout", self.peerless_purge_timeout)?;
        let disconnected = seconds("peer_disconnected_timeout", self.peer_disconnected_timeout)?;
        Ok(types::RoomConfig {
            room_id: self.room_id.map(Into::into),
            max_peers: max_peers.map(Into::into),
            video_codec: self.video_codec.map(|codec| enums::VideoCodec::from_server(codec.as_str())),
            webhook_url: self.webhook_url,
            peerless_purge_timeout: purge.map(Into::into),
            peer_disconnected_timeout: disconnected.map(Into::into),
            extra: UnknownMembers::default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn only_set_options_are_sent() {
        let sent = |options: RoomOptions| serde_json::to_value(options.into_wire().unwrap()).unwrap();
        assert_eq!(sent(RoomOptions::new()), json!({}));
        let options = RoomOptions::new()
            .room_id("r")
            .max_peers(0)
            .video_codec(VideoCodec::Vp8)
            .webhook_url("https://h/")
            .peerless_purge_timeout(Duration::from_secs(60))
            .peer_disconnected_timeout(Duration::ZERO);
        let expected = json!({
            "roomId": "r", "maxPeers": 0, "videoCodec": "vp8", "webhookUrl": "https://h/", "peerlessPurgeTimeout": 60,
            "peerDisconnectedTimeout": 0,
        });
        assert_eq!(sent(options), expected);
    }

    #[test]
    fn error_names_the_setter_of_an_invalid_value() {
        let long = Duration::from_millis(1500);
        for (options, message) in [
            (RoomOptions::new().max_peers(u64::MAX), "invalid max_peers: "),
            (RoomOptions::new().peerless_purge_timeout(long), "invalid peerless_purge_timeout: 1.5s"),
            (RoomOptions::new().peer_disconnected_timeout(long), "invalid peer_disconnected_timeout: 1.5s"),
        ] {
            let error = options.into_wire().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.to_string().contains(message), "{error}");
        }
    }
}
