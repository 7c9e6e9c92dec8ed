//! Rooms, which contain peers and components.

use std::{fmt, time::Duration};

use fishjam_api::{
    UnknownMembers,
    fishjam::enums::VideoCodec,
    jellyfish::{enums, types},
};
use serde_json::Value;

use super::{
    client::JellyfishClient,
    components::Component,
    connection::ServerAddress,
    peers::Peer,
    timeout::{of_seconds, seconds},
};
use crate::{
    error::{Error, Result},
    id::RoomId,
    listing::Listing,
    secret::Address,
    transport::{Operation, RequestPatch, operations::jellyfish as operations},
};

/// Options for creating a room. Unset options use the server's defaults.
///
/// `Debug` prints only scheme and host of the webhook URL, because the rest may contain a secret.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RoomOptions {
    /// The id of the room. Server default: a random id.
    pub room_id: Option<RoomId>,
    /// Maximum number of peers, connected or not. Server default: no limit.
    pub max_peers: Option<u64>,
    /// The codec of all video in the room. Server default: any codec.
    ///
    /// HLS, RTSP and recording components require [`VideoCodec::H264`].
    pub video_codec: Option<VideoCodec>,
    /// The URL that receives the notifications of this room. Server default: no webhooks.
    pub webhook_url: Option<String>,
    /// Time without a connected peer after which the server deletes the room, in whole seconds. Server default: never.
    pub peerless_purge_timeout: Option<Duration>,
    /// Time without a connection after which the server removes a peer, in whole seconds. Server default: never.
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
    /// Creates options with the server's defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the id of the room: letters, digits and hyphens.
    ///
    /// Servers from version 0.6.2 also accept underscores. An existing id is a bad request.
    #[must_use]
    pub fn room_id(mut self, id: impl Into<RoomId>) -> Self {
        self.room_id = Some(id.into());
        self
    }

    /// Sets the maximum number of peers, connected or not. With 0, no peer can join.
    #[must_use]
    pub fn max_peers(mut self, peers: u64) -> Self {
        self.max_peers = Some(peers);
        self
    }

    /// Sets the codec of all video in the room.
    #[must_use]
    pub fn video_codec(mut self, codec: VideoCodec) -> Self {
        self.video_codec = Some(codec);
        self
    }

    /// Sets the URL that receives the notifications of this room. The server requires a slash after the host.
    #[must_use]
    pub fn webhook_url(mut self, url: impl Into<String>) -> Self {
        self.webhook_url = Some(url.into());
        self
    }

    /// Sets the time without a connected peer after which the server deletes the room, in whole seconds.
    ///
    /// The time also counts before the first peer connects.
    #[must_use]
    pub fn peerless_purge_timeout(mut self, timeout: Duration) -> Self {
        self.peerless_purge_timeout = Some(timeout);
        self
    }

    /// Sets the time without a connection after which the server removes a peer, in whole seconds.
    ///
    /// The time also counts before the peer connects for the first time.
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
        let max_peers =
            max_peers.map_err(|_| Error::invalid_input("too many peers: `max_peers` must fit into 63 bits"))?;
        Ok(Self {
            room_id: options.room_id.map(Into::into),
            max_peers: max_peers.map(Into::into),
            video_codec: options.video_codec.map(|codec| enums::VideoCodec::from_server(codec.as_str())),
            webhook_url: options.webhook_url,
            peerless_purge_timeout: seconds("peerless purge timeout", options.peerless_purge_timeout)?.map(Into::into),
            peer_disconnected_timeout: seconds("peer disconnected timeout", options.peer_disconnected_timeout)?
                .map(Into::into),
            extra: UnknownMembers::default(),
        })
    }
}

/// The state of a room at the time of the response.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Room {
    /// The room's id.
    pub id: RoomId,
    /// The configuration of the room.
    pub config: RoomConfig,
    /// The components of the room.
    pub components: Vec<Component>,
    /// The peers of the room, connected or not.
    pub peers: Vec<Peer>,
}

/// The configuration of a room.
///
/// A field is `None` if the option is not set, or if the server sent a number that is not an integer. `Debug` prints only
/// scheme and host of the webhook URL, because the rest may contain a secret.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RoomConfig {
    /// The id of the room, chosen by you or by the server.
    pub room_id: Option<RoomId>,
    /// Maximum number of peers.
    pub max_peers: Option<u64>,
    /// The codec of all video in the room.
    pub video_codec: Option<VideoCodec>,
    /// The URL that receives the notifications of the room.
    pub webhook_url: Option<String>,
    /// Time without a connected peer after which the server deletes the room.
    pub peerless_purge_timeout: Option<Duration>,
    /// Time without a connection after which the server removes a peer.
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

/// Returns a number that the server sent, if it is an integer.
fn integer(number: Option<Value>) -> Option<i64> {
    number?.as_i64()
}

impl From<types::RoomConfig> for RoomConfig {
    fn from(config: types::RoomConfig) -> Self {
        Self {
            room_id: config.room_id.map(Into::into),
            // A negative limit means that no peer can join.
            max_peers: config.max_peers.and_then(|peers| peers.as_u64().or(peers.as_i64().map(|_| 0))),
            video_codec: config.video_codec.map(|codec| VideoCodec::from_server(codec.as_str())),
            webhook_url: config.webhook_url,
            peerless_purge_timeout: of_seconds(integer(config.peerless_purge_timeout)),
            peer_disconnected_timeout: of_seconds(integer(config.peer_disconnected_timeout)),
        }
    }
}

impl JellyfishClient {
    /// Creates a room. Returns the room and the address of its server.
    ///
    /// **In a cluster, the room may be on a different server**, and only that server knows the room. Use
    /// [`update_address`](Self::update_address) to create a client of that server, or use
    /// [`create_room_handle`](Self::create_room_handle). A server without a cluster returns its own configured address.
    ///
    /// # Errors
    ///
    /// Returns one of the [errors common to all requests](crate::ErrorKind), or:
    ///
    /// - [`BadRequest`](crate::ErrorKind::BadRequest) if the server rejects an option, or the id exists
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if a timeout is not in whole seconds, or a number is too large
    ///
    /// If [`may_have_taken_effect`](crate::Error::may_have_taken_effect) returns `true`, the room may exist.
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
    #[must_use = "the room may be on another server: use `update_address`"]
    pub async fn create_room(&self, options: RoomOptions) -> Result<(Room, ServerAddress)> {
        self.create_room_at(operations::CREATE_ROOM, options).await
    }

    /// Creates a room, and returns the address of its server.
    pub(super) async fn create_room_at(
        &self,
        operation: Operation,
        options: RoomOptions,
    ) -> Result<(Room, ServerAddress)> {
        let config = options.try_into()?;
        let created = self.call(operation, |api| api.create_room(&config)).await?.data;
        // Version 0.6 uses the second name.
        let address = created.jellyfish_address.or(created.fishjam_address).filter(|address| !address.is_empty());
        let address = address.map_or_else(|| self.server_address().clone(), Into::into);
        Ok((created.room.into(), address))
    }

    /// Lists all rooms of this server, without the rooms of other servers in the cluster.
    ///
    /// The SDK skips a room that it cannot read, and logs a warning. See
    /// [`get_all_rooms_with_unreadable`](Self::get_all_rooms_with_unreadable).
    ///
    /// # Errors
    ///
    /// Returns one of the [errors common to all requests](crate::ErrorKind).
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
        Ok(self.list_rooms(operations::GET_ALL_ROOMS).await?.readable())
    }

    /// Lists the rooms like [`get_all_rooms`](Self::get_all_rooms), and also the unreadable ones.
    ///
    /// Use this method if a missing room matters, for example before you treat missing rooms as deleted.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`get_all_rooms`](Self::get_all_rooms).
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

    /// Returns the current state of a room.
    ///
    /// # Errors
    ///
    /// Returns one of the [errors common to all requests](crate::ErrorKind), or
    /// [`NotFound`](crate::ErrorKind::NotFound) if this server has no such room.
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

    /// Deletes a room. The server disconnects its peers and stops its components.
    ///
    /// # Errors
    ///
    /// Returns one of the [errors common to all requests](crate::ErrorKind), or
    /// [`NotFound`](crate::ErrorKind::NotFound) if this server has no such room.
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
