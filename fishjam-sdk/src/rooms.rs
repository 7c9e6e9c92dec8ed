//! Rooms: where peers meet.

use std::fmt;

use fishjam_api::fishjam::types;
use serde::Deserialize;

use crate::{
    FishjamClient, Metadata, Peer, PeerId, RoomId, RoomType, TrackId, VideoCodec,
    error::Result,
    listing::Listing,
    secret::Address,
    transport::{RequestPatch, operations},
};

/// What a new room is to be like; whatever is not set is left to the service.
///
/// `Debug` prints no more of the webhook's address than scheme and host: the rest may hold a secret.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RoomOptions {
    /// How many peers may be in the room at once; further ones are refused with a conflict. Default: no limit.
    pub max_peers: Option<u64>,
    /// What the room is for. Service's default: [`RoomType::Conference`].
    pub room_type: Option<RoomType>,
    /// The codec that all video in the room uses. Service's default: [`VideoCodec::H264`].
    pub video_codec: Option<VideoCodec>,
    /// Where the service posts this room's notifications, instead of the account-wide address.
    pub webhook_url: Option<String>,
    /// Whether viewers of a livestream room need no token. Service's default: they need one.
    pub public: Option<bool>,
    /// Whether webhook deliveries carry several notifications at once. Service's default: one each.
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
    /// Options that leave everything to the service.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Limits how many peers may be in the room at once; 0 stands for no limit, as the service reads it.
    #[must_use]
    pub fn max_peers(mut self, peers: u64) -> Self {
        self.max_peers = Some(peers);
        self
    }

    /// Chooses what the room is for.
    #[must_use]
    pub fn room_type(mut self, room_type: RoomType) -> Self {
        self.room_type = Some(room_type);
        self
    }

    /// Chooses the codec that all video in the room uses.
    #[must_use]
    pub fn video_codec(mut self, codec: VideoCodec) -> Self {
        self.video_codec = Some(codec);
        self
    }

    /// Sends this room's notifications to a URL of its own.
    ///
    /// The service deprecates this in favour of the account's webhook, and wants a slash after the host:
    /// `https://example.com/` is taken, `https://example.com` is a bad request.
    #[must_use]
    pub fn webhook_url(mut self, url: impl Into<String>) -> Self {
        self.webhook_url = Some(url.into());
        self
    }

    /// Lets anybody watch a livestream room without a token; streamers still need theirs.
    #[must_use]
    pub fn public(mut self, public: bool) -> Self {
        self.public = Some(public);
        self
    }

    /// Lets a webhook delivery carry several notifications at once.
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
        }
    }
}

/// A room as the service describes it at one moment.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Room {
    /// The room's id; for a livestream room also the stream's.
    pub id: RoomId,
    /// How the room was set up, with what the service filled in.
    pub config: RoomConfig,
    /// Who is in the room or was let in and is not connected.
    pub peers: Vec<Peer>,
    /// The composition that the room's tracks are forwarded to, as the server sent it: like metadata, it has parts that
    /// other parties write.
    pub(crate) composition_info: Option<Metadata>,
}

impl Room {
    /// Returns the composition that the room's tracks are forwarded to, or `None` if they are not forwarded.
    ///
    /// Publishers choose the ids of tracks that it contains. It is therefore parsed in this method, so that one odd id
    /// does not affect the room.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Decode`](crate::ErrorKind::Decode) if the composition cannot be read. The error names the
    /// reason and the position, and does not quote the response.
    pub fn composition_info(&self) -> Result<Option<CompositionInfo>> {
        let Some(info) = &self.composition_info else { return Ok(None) };
        let CompositionInfoWire { composition_url, forwardings } = info.read("composition info cannot be read")?;
        let forwardings = forwardings.into_iter().map(Into::into).collect();
        Ok(Some(CompositionInfo { composition_url, forwardings }))
    }
}

/// How a room was set up, as the service answers.
///
/// `Debug` prints no more of the webhook's address than scheme and host: the rest may hold a secret.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RoomConfig {
    /// How many peers may be in the room at once; `None` for no limit, which the service writes as 0 or `null`.
    pub max_peers: Option<u64>,
    /// What the room is for; [`RoomType::Conference`] where the service does not say.
    pub room_type: RoomType,
    /// The codec of all video in the room; [`VideoCodec::H264`] where the service does not say.
    pub video_codec: VideoCodec,
    /// Where the room's notifications are posted; may be the account's address though none was set.
    pub webhook_url: Option<String>,
    /// Whether viewers of a livestream room need no token.
    pub public: bool,
    /// Whether webhook deliveries carry several notifications at once.
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

/// The composition that a room's tracks are forwarded to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CompositionInfo {
    /// The composition's address.
    pub composition_url: String,
    /// What is forwarded at present.
    pub forwardings: Vec<TrackForwardingInfo>,
}

/// One peer's tracks on their way to a composition.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TrackForwardingInfo {
    /// Whose tracks they are.
    pub peer_id: PeerId,
    /// The composition's input that receives them.
    pub input_id: String,
    /// The audio track, if one is forwarded.
    pub audio_track_id: Option<TrackId>,
    /// The video track, if one is forwarded.
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

/// [`CompositionInfo`] in JSON.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CompositionInfoWire {
    composition_url: String,
    forwardings: Vec<TrackForwardingInfoWire>,
}

/// [`TrackForwardingInfo`] in JSON.
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
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if the service refuses an option,
    /// [`QuotaExceeded`](crate::ErrorKind::QuotaExceeded) if the plan allows no more, and whatever can happen to
    /// any request. The room may exist all the same: [`may_have_taken_effect`](crate::Error::may_have_taken_effect)
    /// says so.
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

    /// Lists all rooms, those of livestreams included.
    ///
    /// A room that the SDK cannot read is left out, and the SDK logs a warning. See
    /// [`get_all_rooms_with_unreadable`](Self::get_all_rooms_with_unreadable).
    ///
    /// # Errors
    ///
    /// Whatever can happen to any request.
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
        Ok(self.get_all_rooms_with_unreadable().await?.readable())
    }

    /// Like [`get_all_rooms`](Self::get_all_rooms), and also returns the rooms that the SDK could not read.
    ///
    /// Use this method where a missing room matters, for example before you treat rooms that are not in the list as
    /// deleted.
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
        let operation = operations::GET_ALL_ROOMS;
        let rooms = self
            .transport
            .list(operation, RequestPatch::default(), |api| api.get_all_rooms(), |list| list.data)
            .await?;
        Ok(rooms.map(Into::into))
    }

    /// Looks a room up.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is none with this id, and whatever can happen to any
    /// request.
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

    /// Deletes a room; its peers are disconnected.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is none with this id, and whatever can happen to any
    /// request.
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
    fn of_a_webhooks_address_only_scheme_and_host_are_printed() {
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
