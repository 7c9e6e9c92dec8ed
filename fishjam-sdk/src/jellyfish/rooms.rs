//! Rooms: where peers and components meet.

use std::{fmt, time::Duration};

use fishjam_api::jellyfish::types;
use serde_json::Value;

use super::{
    client::JellyfishClient,
    components::Component,
    connection::ServerAddress,
    peers::Peer,
    timeout::{of_seconds, seconds},
};
use crate::{
    RoomId, VideoCodec,
    error::{Error, Result},
    listing::Listing,
    secret::Address,
    transport::{RequestPatch, operations::jellyfish as operations},
};

/// What a new room is to be like; whatever is not set is left to the server.
///
/// `Debug` prints no more of the webhook's address than scheme and host: the rest may hold a secret.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RoomOptions {
    /// The id that the room is to have. Default: the server chooses one.
    pub room_id: Option<RoomId>,
    /// How many peers may be in the room at once, connected or not. Default: no limit.
    pub max_peers: Option<u64>,
    /// The codec of all video in the room; HLS, RTSP and recording components need [`VideoCodec::H264`]. Default: any.
    pub video_codec: Option<VideoCodec>,
    /// Where the server posts this room's notifications. Default: nowhere.
    pub webhook_url: Option<String>,
    /// After how long without a connected peer the room is deleted, in whole seconds. Default: never.
    pub peerless_purge_timeout: Option<Duration>,
    /// After how long without a connection a peer is removed, in whole seconds. Default: never.
    pub peer_disconnected_timeout: Option<Duration>,
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
    /// Options that leave everything to the server.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Chooses the room's id: letters, digits and hyphens, and underscores with a server from 0.6.2. One that is taken
    /// is a bad request.
    #[must_use]
    pub fn room_id(mut self, id: impl Into<RoomId>) -> Self {
        self.room_id = Some(id.into());
        self
    }

    /// Limits how many peers may be in the room at once, connected or not; with 0 nobody may join.
    #[must_use]
    pub fn max_peers(mut self, peers: u64) -> Self {
        self.max_peers = Some(peers);
        self
    }

    /// Chooses the codec that all video in the room uses.
    #[must_use]
    pub fn video_codec(mut self, codec: VideoCodec) -> Self {
        self.video_codec = Some(codec);
        self
    }

    /// Has this room's notifications posted to a URL. The server wants a slash after the host.
    #[must_use]
    pub fn webhook_url(mut self, url: impl Into<String>) -> Self {
        self.webhook_url = Some(url.into());
        self
    }

    /// Deletes the room once no peer has been connected for this long, in whole seconds; it counts from the beginning.
    #[must_use]
    pub fn peerless_purge_timeout(mut self, timeout: Duration) -> Self {
        self.peerless_purge_timeout = Some(timeout);
        self
    }

    /// Removes a peer once it has not been connected for this long, in whole seconds; it counts from the beginning.
    #[must_use]
    pub fn peer_disconnected_timeout(mut self, timeout: Duration) -> Self {
        self.peer_disconnected_timeout = Some(timeout);
        self
    }
}

impl TryFrom<RoomOptions> for types::RoomConfig {
    type Error = Error;

    fn try_from(options: RoomOptions) -> Result<Self> {
        let max_peers = options.max_peers.map(i64::try_from).transpose();
        let max_peers = max_peers.map_err(|_| Error::invalid_input("the most peers are more than a room can count"))?;
        Ok(Self {
            room_id: options.room_id.map(Into::into),
            max_peers: max_peers.map(Into::into),
            video_codec: options.video_codec.map(|codec| codec.as_str().into()),
            webhook_url: options.webhook_url,
            peerless_purge_timeout: seconds("the peerless purge timeout", options.peerless_purge_timeout)?
                .map(Into::into),
            peer_disconnected_timeout: seconds("the peer disconnected timeout", options.peer_disconnected_timeout)?
                .map(Into::into),
        })
    }
}

/// A room as the server describes it at one moment.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Room {
    /// The room's id.
    pub id: RoomId,
    /// How the room was set up.
    pub config: RoomConfig,
    /// What brings media into the room or takes it out.
    pub components: Vec<Component>,
    /// Who is in the room or was let in and is not connected.
    pub peers: Vec<Peer>,
}

/// How a room was set up, as the server answers; `None` for what was not set, and for a number that is no whole one.
///
/// `Debug` prints no more of the webhook's address than scheme and host: the rest may hold a secret.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RoomConfig {
    /// The room's id, also where the server chose it.
    pub room_id: Option<RoomId>,
    /// How many peers may be in the room at once.
    pub max_peers: Option<u64>,
    /// The codec of all video in the room.
    pub video_codec: Option<VideoCodec>,
    /// Where the room's notifications are posted.
    pub webhook_url: Option<String>,
    /// After how long without a connected peer the room is deleted.
    pub peerless_purge_timeout: Option<Duration>,
    /// After how long without a connection a peer is removed.
    pub peer_disconnected_timeout: Option<Duration>,
}

impl fmt::Debug for RoomConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RoomConfig")
            .field("room_id", &self.room_id)
            .field("max_peers", &self.max_peers)
            .field("video_codec", &self.video_codec)
            .field("webhook_url", &self.webhook_url.as_deref().map(Address))
            .field("peerless_purge_timeout", &self.peerless_purge_timeout)
            .field("peer_disconnected_timeout", &self.peer_disconnected_timeout)
            .finish()
    }
}

impl From<types::Room> for Room {
    fn from(room: types::Room) -> Self {
        Self {
            id: room.id.into(),
            config: room.config.into(),
            components: room.components.into_iter().map(Into::into).collect(),
            peers: room.peers.into_iter().map(Into::into).collect(),
        }
    }
}

/// A number that the server sent, if it is a whole one.
fn whole(number: Option<Value>) -> Option<i64> {
    number?.as_i64()
}

impl From<types::RoomConfig> for RoomConfig {
    fn from(config: types::RoomConfig) -> Self {
        Self {
            room_id: config.room_id.map(Into::into),
            // Fewer than none may join where nobody may.
            max_peers: config.max_peers.and_then(|peers| peers.as_u64().or(peers.as_i64().map(|_| 0))),
            video_codec: config.video_codec.map(|codec| codec.as_str().into()),
            webhook_url: config.webhook_url,
            peerless_purge_timeout: of_seconds(whole(config.peerless_purge_timeout)),
            peer_disconnected_timeout: of_seconds(whole(config.peer_disconnected_timeout)),
        }
    }
}

impl JellyfishClient {
    /// Creates a room and returns it with the address of the server that it lives on.
    ///
    /// **In a cluster that may be another server than the one that was asked**, and only that one knows the room: go on
    /// with the client that [`update_address`](Self::update_address) makes for it, or let
    /// [`create_room_handle`](Self::create_room_handle) see to it. A server on its own names itself, by the address that
    /// it is configured with.
    ///
    /// # Errors
    ///
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if the server refuses an option or the id is taken,
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if a timeout is not in whole seconds or a number is too
    /// large to be sent, and whatever can happen to any request. The room may exist all the same:
    /// [`may_have_taken_effect`](crate::Error::may_have_taken_effect) says so.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::jellyfish().start().await?;
    /// # let options = fishjam_sdk::jellyfish::ConnectionOptions::new(emulator.address(), emulator.token());
    /// # let jellyfish = fishjam_sdk::jellyfish::JellyfishClient::new(options)?;
    /// use std::{fmt, time::Duration};
    /// use fishjam_sdk::jellyfish::RoomOptions;
    ///
    /// let options = RoomOptions::new().max_peers(10).peerless_purge_timeout(Duration::from_secs(60));
    /// let (room, address) = jellyfish.create_room(options).await?;
    /// let jellyfish = jellyfish.update_address(address)?;
    /// assert_eq!(jellyfish.get_room(&room.id).await?.config.max_peers, Some(10));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use = "the room may live on another server: go on with `update_address`"]
    pub async fn create_room(&self, options: RoomOptions) -> Result<(Room, ServerAddress)> {
        let config = options.try_into()?;
        let created = self.call(operations::CREATE_ROOM, |api| api.create_room(&config)).await?.data;
        // The second name is that of 0.6.
        let address = created.jellyfish_address.or(created.fishjam_address).filter(|address| !address.is_empty());
        let address = address.map_or_else(|| self.server_address().clone(), Into::into);
        Ok((created.room.into(), address))
    }

    /// Lists all rooms of this server; in a cluster, others have theirs.
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
    /// # let emulator = fishjam_emulator::Emulator::jellyfish().start().await?;
    /// # let options = fishjam_sdk::jellyfish::ConnectionOptions::new(emulator.address(), emulator.token());
    /// # let jellyfish = fishjam_sdk::jellyfish::JellyfishClient::new(options)?;
    /// for room in jellyfish.get_all_rooms().await? {
    ///     println!("{}: {} peers, {} components", room.id, room.peers.len(), room.components.len());
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
    /// [`NotFound`](crate::ErrorKind::NotFound) if this server has none with this id, and whatever can happen to any
    /// request.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::jellyfish().start().await?;
    /// # let options = fishjam_sdk::jellyfish::ConnectionOptions::new(emulator.address(), emulator.token());
    /// # let jellyfish = fishjam_sdk::jellyfish::JellyfishClient::new(options)?;
    /// let error = jellyfish.get_room("gone").await.unwrap_err();
    /// assert_eq!(error.message(), Some("Room gone does not exist"));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get_room(&self, room_id: impl Into<RoomId>) -> Result<Room> {
        let room_id = room_id.into();
        let room = self.call(operations::GET_ROOM, |api| api.get_room(room_id.segment()?)).await?;
        Ok(room.data.into())
    }

    /// Deletes a room; its peers are disconnected and its components stop.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if this server has none with this id, and whatever can happen to any
    /// request.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::jellyfish().start().await?;
    /// # let options = fishjam_sdk::jellyfish::ConnectionOptions::new(emulator.address(), emulator.token());
    /// # let jellyfish = fishjam_sdk::jellyfish::JellyfishClient::new(options)?;
    /// # let (room, _) = jellyfish.create_room(Default::default()).await?;
    /// jellyfish.delete_room(&room.id).await?;
    /// assert!(jellyfish.get_room(&room.id).await.unwrap_err().is_not_found());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn delete_room(&self, room_id: impl Into<RoomId>) -> Result<()> {
        let room_id = room_id.into();
        self.call(operations::DELETE_ROOM, |api| api.delete_room(room_id.segment()?)).await
    }
}
