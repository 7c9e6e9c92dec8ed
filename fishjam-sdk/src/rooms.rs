//! Rooms, in which peers exchange media.

use std::fmt;

use fishjam_api::{
    UnknownMembers,
    fishjam::{
        enums::{RoomType, VideoCodec},
        types,
    },
};
use serde::Deserialize;

use crate::{
    client::FishjamClient,
    error::Result,
    id::{PeerId, RoomId, TrackId},
    listing::Listing,
    metadata::Metadata,
    peers::Peer,
    secret::Address,
    transport::{Operation, RequestPatch, operations},
};

/// Options for creating a room. Unset options use the server's defaults.
///
/// `Debug` prints only the scheme and the host of the webhook URL, because the rest can hold a secret.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RoomOptions {
    /// Maximum number of peers in the room. Server default: no limit.
    pub max_peers: Option<u64>,
    /// Type of the room. Server default: [`RoomType::Conference`].
    pub room_type: Option<RoomType>,
    /// Codec of all video in the room. Server default: [`VideoCodec::H264`].
    pub video_codec: Option<VideoCodec>,
    /// URL for the webhooks of this room. Server default: the webhook URL of the account.
    pub webhook_url: Option<String>,
    /// Whether viewers can watch a livestream room without a token. Server default: `false`.
    pub public: Option<bool>,
    /// Whether a webhook can contain several notifications. Server default: `false`.
    pub batch_webhook_notifications: Option<bool>,
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

    /// Sets the maximum number of peers in the room. 0 means no limit.
    ///
    /// The server rejects further peers with a [`Conflict`](crate::ErrorKind::Conflict).
    #[must_use]
    pub fn max_peers(mut self, peers: u64) -> Self {
        self.max_peers = Some(peers);
        self
    }

    /// Sets the type of the room.
    #[must_use]
    pub fn room_type(mut self, room_type: RoomType) -> Self {
        self.room_type = Some(room_type);
        self
    }

    /// Sets the codec of all video in the room.
    #[must_use]
    pub fn video_codec(mut self, codec: VideoCodec) -> Self {
        self.video_codec = Some(codec);
        self
    }

    /// Sets the URL for the webhooks of this room.
    ///
    /// Fishjam deprecates this option: use the webhook URL of the account instead. The URL must have a slash after
    /// the host: the server rejects `https://example.com`, but accepts `https://example.com/`.
    #[must_use]
    pub fn webhook_url(mut self, url: impl Into<String>) -> Self {
        self.webhook_url = Some(url.into());
        self
    }

    /// Sets whether viewers can watch a livestream room without a token. Streamers always need a token.
    #[must_use]
    pub fn public(mut self, public: bool) -> Self {
        self.public = Some(public);
        self
    }

    /// Sets whether a webhook can contain several notifications.
    #[must_use]
    pub fn batch_webhook_notifications(mut self, batch: bool) -> Self {
        self.batch_webhook_notifications = Some(batch);
        self
    }
}

impl From<RoomOptions> for types::RoomConfig {
    fn from(options: RoomOptions) -> Self {
        Self {
            max_peers: options.max_peers,
            room_type: options.room_type,
            video_codec: options.video_codec,
            webhook_url: options.webhook_url,
            public: options.public,
            batch_webhook_notifications: options.batch_webhook_notifications,
            extra: UnknownMembers::default(),
        }
    }
}

/// The state of a room at the time of the response.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Room {
    /// Id of the room. A livestream room has the same id as its stream.
    pub id: RoomId,
    /// Configuration of the room, including the server's defaults.
    pub config: RoomConfig,
    /// Peers of the room, connected or not.
    pub peers: Vec<Peer>,
    /// The composition of the room, as the server sent it. Like metadata, it contains values that other parties
    /// write.
    pub(crate) composition_info: Option<Metadata>,
}

impl Room {
    /// Returns the composition to which the room's tracks are forwarded, if there is one.
    ///
    /// The composition contains ids that publishers choose. This method parses it, so that an invalid id does not
    /// affect the room.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Decode`](crate::ErrorKind::Decode) if the composition cannot be parsed. The error names
    /// the reason and the position. It does not quote the response.
    pub fn composition_info(&self) -> Result<Option<CompositionInfo>> {
        let Some(info) = &self.composition_info else { return Ok(None) };
        let CompositionInfoWire { composition_url, forwardings } = info.read("composition info cannot be read")?;
        let forwardings = forwardings.into_iter().map(Into::into).collect();
        Ok(Some(CompositionInfo { composition_url, forwardings }))
    }
}

/// Configuration of a room.
///
/// `Debug` prints only the scheme and the host of the webhook URL, because the rest can hold a secret.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RoomConfig {
    /// Maximum number of peers in the room, or `None` for no limit.
    pub max_peers: Option<u64>,
    /// Type of the room. [`RoomType::Conference`] if the server sends none.
    pub room_type: RoomType,
    /// Codec of all video in the room. [`VideoCodec::H264`] if the server sends none.
    pub video_codec: VideoCodec,
    /// URL for the webhooks of the room. If you set none, it can be the URL of the account.
    pub webhook_url: Option<String>,
    /// Whether viewers can watch a livestream room without a token.
    pub public: bool,
    /// Whether a webhook can contain several notifications.
    pub batch_webhook_notifications: bool,
}

impl fmt::Debug for RoomConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RoomConfig")
            .field("max_peers", &self.max_peers)
            .field("room_type", &self.room_type)
            .field("video_codec", &self.video_codec)
            .field("webhook_url", &self.webhook_url.as_deref().map(Address))
            .field("public", &self.public)
            .field("batch_webhook_notifications", &self.batch_webhook_notifications)
            .finish()
    }
}

/// The composition to which a room's tracks are forwarded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CompositionInfo {
    /// URL of the composition.
    pub composition_url: String,
    /// Current forwardings.
    pub forwardings: Vec<TrackForwardingInfo>,
}

/// The forwarding of a peer's tracks to a composition.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TrackForwardingInfo {
    /// Id of the peer that publishes the tracks.
    pub peer_id: PeerId,
    /// Id of the composition's input that receives the tracks.
    pub input_id: String,
    /// Id of the audio track, if it is forwarded.
    pub audio_track_id: Option<TrackId>,
    /// Id of the video track, if it is forwarded.
    pub video_track_id: Option<TrackId>,
}

impl From<types::Room> for Room {
    fn from(room: types::Room) -> Self {
        Self {
            id: room.id.into(),
            config: room.config.into(),
            peers: room.peers.into_iter().map(Into::into).collect(),
            composition_info: Metadata::from_member(room.composition_info),
        }
    }
}

impl From<types::RoomConfig> for RoomConfig {
    fn from(config: types::RoomConfig) -> Self {
        Self {
            max_peers: config.max_peers.filter(|&peers| peers > 0),
            room_type: config.room_type.unwrap_or(RoomType::Conference),
            video_codec: config.video_codec.unwrap_or(VideoCodec::H264),
            webhook_url: config.webhook_url,
            public: config.public.unwrap_or(false),
            batch_webhook_notifications: config.batch_webhook_notifications.unwrap_or(false),
        }
    }
}

/// [`CompositionInfo`] as JSON.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CompositionInfoWire {
    composition_url: String,
    forwardings: Vec<TrackForwardingInfoWire>,
}

/// [`TrackForwardingInfo`] as JSON.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TrackForwardingInfoWire {
    peer_id: PeerId,
    input_id: String,
    audio_track_id: Option<TrackId>,
    video_track_id: Option<TrackId>,
}

impl From<TrackForwardingInfoWire> for TrackForwardingInfo {
    fn from(wire: TrackForwardingInfoWire) -> Self {
        let TrackForwardingInfoWire { peer_id, input_id, audio_track_id, video_track_id } = wire;
        Self { peer_id, input_id, audio_track_id, video_track_id }
    }
}

impl FishjamClient {
    /// Creates a room.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the server rejects an option: [`BadRequest`](crate::ErrorKind::BadRequest)
    /// - the quota of the plan is used up: [`QuotaExceeded`](crate::ErrorKind::QuotaExceeded)
    /// - one of the [common errors](crate::Error#common-errors) occurs
    ///
    /// After an error, the room may still exist: see [`may_have_taken_effect`](crate::Error::may_have_taken_effect).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// use fishjam_sdk::{RoomOptions, VideoCodec};
    ///
    /// let room = fishjam.create_room(RoomOptions::new().max_peers(10).video_codec(VideoCodec::Vp8)).await?;
    /// assert_eq!(room.config.max_peers, Some(10));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn create_room(&self, options: RoomOptions) -> Result<Room> {
        let config = options.into();
        let created = self.transport.call(operations::CREATE_ROOM, |api| api.create_room(&config)).await?;
        Ok(created.data.room.into())
    }

    /// Returns all rooms, including the rooms of livestreams.
    ///
    /// The list omits rooms that the SDK cannot read, and the SDK logs a warning. To detect them, use
    /// [`get_all_rooms_with_unreadable`](Self::get_all_rooms_with_unreadable).
    ///
    /// # Errors
    ///
    /// Returns one of the [common errors](crate::Error#common-errors).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// for room in fishjam.get_all_rooms().await? {
    ///     println!("{} {} peers", room.id, room.peers.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get_all_rooms(&self) -> Result<Vec<Room>> {
        Ok(self.list_rooms(operations::GET_ALL_ROOMS).await?.readable())
    }

    /// Like [`get_all_rooms`](Self::get_all_rooms), and also returns the rooms that the SDK could not read.
    ///
    /// Use this method if a missing room matters. For example, use it before you treat missing rooms as deleted.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`get_all_rooms`](Self::get_all_rooms).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// let rooms = fishjam.get_all_rooms_with_unreadable().await?;
    /// for room in &rooms.unreadable {
    ///     eprintln!("room {:?}: {:#}", room.id, room.error);
    /// }
    /// # assert!(rooms.items.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get_all_rooms_with_unreadable(&self) -> Result<Listing<Room>> {
        self.list_rooms(operations::GET_ALL_ROOMS_WITH_UNREADABLE).await
    }

    async fn list_rooms(&self, operation: Operation) -> Result<Listing<Room>> {
        let rooms = self
            .transport
            .list(operation, RequestPatch::default(), |api| api.get_all_rooms(), |list| list.data)
            .await?;
        Ok(rooms.map(Into::into))
    }

    /// Returns a room.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the room does not exist: [`NotFound`](crate::ErrorKind::NotFound)
    /// - one of the [common errors](crate::Error#common-errors) occurs
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// use fishjam_sdk::ErrorKind;
    ///
    /// match fishjam.get_room("gone").await {
    ///     Ok(room) => println!("{room:?}"),
    ///     Err(e) if e.kind() == ErrorKind::NotFound => println!("no such room"),
    ///     Err(e) => return Err(e.into()),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get_room(&self, room_id: impl Into<RoomId>) -> Result<Room> {
        let room_id = room_id.into();
        let room = self.transport.call(operations::GET_ROOM, |api| api.get_room(room_id.segment()?)).await?;
        Ok(room.data.into())
    }

    /// Deletes a room and disconnects its peers.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the room does not exist: [`NotFound`](crate::ErrorKind::NotFound)
    /// - one of the [common errors](crate::Error#common-errors) occurs
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let room = fishjam.create_room(Default::default()).await?;
    /// fishjam.delete_room(&room.id).await?;
    /// assert!(fishjam.get_room(&room.id).await.unwrap_err().is_not_found());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn delete_room(&self, room_id: impl Into<RoomId>) -> Result<()> {
        let room_id = room_id.into();
        self.transport.call(operations::DELETE_ROOM, |api| api.delete_room(room_id.segment()?)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_prints_only_scheme_and_host_of_webhook_url() {
        let options = RoomOptions::new().webhook_url("https://hooks.example.com/sentinel?key=sentinel").max_peers(7);
        let config = RoomConfig::from(types::RoomConfig::from(options.clone()));
        let room = Room { id: "r".into(), config: config.clone(), peers: Vec::new(), composition_info: None };
        for printed in [format!("{options:?}"), format!("{config:?}"), format!("{room:?}"), format!("{room:#?}")] {
            assert!(printed.contains("https://hooks.example.com/[redacted]"), "{printed}");
            assert!(printed.contains("max_peers") && printed.contains('7'), "{printed}");
            assert!(!printed.contains("sentinel"), "{printed}");
        }
    }
}
