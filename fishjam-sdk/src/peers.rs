//! Peers, which take part in a room, and their tokens.

use fishjam_api::fishjam::{
    enums::{PeerStatus, PeerType, SubscribeMode, TrackType},
    types,
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    client::FishjamClient,
    error::Result,
    extra::{Extra, read_model},
    id::{PeerId, RoomId, TrackId},
    listing::convert_all,
    metadata::{Metadata, NewMetadata},
    secret::PeerToken,
    subscriptions::Subscriptions,
    transport::operations,
};

/// Options for creating a peer. Unset options use the server's defaults.
///
/// ```
/// use fishjam_sdk::{PeerOptions, SubscribeMode};
/// use serde_json::json;
///
/// let options = PeerOptions::new().metadata(json!({ "name": "Ada" })).subscribe_mode(SubscribeMode::Manual);
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct PeerOptions {
    metadata: NewMetadata,
    subscribe_mode: Option<SubscribeMode>,
    enable_simulcast: Option<bool>,
}

impl PeerOptions {
    /// Creates options without any value.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets metadata that the other peers of the room can read. Defaults to no metadata.
    ///
    /// This metadata cannot change after the creation of the peer.
    ///
    /// The value must serialize to a JSON object. [`Peer::metadata`] returns the object in its member `server`. If
    /// the value is not an object, creating the peer fails.
    #[must_use]
    pub fn metadata(mut self, metadata: impl Serialize) -> Self {
        self.metadata = NewMetadata::new(&metadata);
        self
    }

    /// Sets whether the peer receives all tracks automatically, or only the tracks of its subscriptions.
    ///
    /// Server default: [`SubscribeMode::Auto`].
    #[must_use]
    pub fn subscribe_mode(mut self, mode: SubscribeMode) -> Self {
        self.subscribe_mode = Some(mode);
        self
    }

    /// Sets whether the peer can send its video in several qualities. Defaults to the choice of the server.
    ///
    /// Only servers before 0.24 support this option. Newer servers can reject it.
    #[must_use]
    pub fn enable_simulcast(mut self, enable: bool) -> Self {
        self.enable_simulcast = Some(enable);
        self
    }

    fn into_wire(self) -> Result<types::PeerOptionsWebRtc> {
        Ok(types::PeerOptionsWebRtc {
            metadata: self.metadata.into_object()?.map(Into::into),
            subscribe_mode: self.subscribe_mode,
            enable_simulcast: self.enable_simulcast,
        })
    }
}

/// The state of a peer at the time of the response.
///
/// It serializes with the member names of the REST API, and metadata is nested JSON. `Default` creates a peer for a
/// test: a WebRTC peer that is not connected, with an empty id.
///
/// ```
/// # fn main() -> anyhow::Result<()> {
/// use fishjam_sdk::{Peer, Track};
/// use serde_json::json;
///
/// let mut peer = Peer::default();
/// peer.id = "p".into();
/// peer.metadata = Some(serde_json::from_value(json!({ "server": { "name": "Ada" } }))?);
/// peer.tracks.push(Track::default());
/// assert_eq!(serde_json::to_value(&peer)?["metadata"]["server"]["name"], "Ada");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Peer {
    /// Id of the peer.
    pub id: PeerId,
    /// Type of the peer. Serializes as `type`.
    #[serde(rename = "type")]
    pub peer_type: PeerType,
    /// Whether the peer is connected.
    pub status: PeerStatus,
    /// Metadata of the peer.
    ///
    /// The member `server` contains the metadata of [`PeerOptions`]. The member `peer` contains the metadata that the
    /// peer's client set. Older servers send any JSON value, or none.
    pub metadata: Option<Metadata>,
    /// Whether the peer receives all tracks, or only the tracks of its subscriptions.
    pub subscribe_mode: SubscribeMode,
    /// Manual subscriptions of the peer.
    pub subscriptions: Subscriptions,
    /// Tracks that the peer publishes.
    pub tracks: Vec<Track>,
    #[serde(flatten)]
    pub(crate) extra: Extra,
}

read_model!(Peer, types::Peer);

/// A track that a peer publishes.
///
/// It serializes with the member names of the REST API, and metadata is nested JSON. `Default` creates a track without
/// members for a test.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Track {
    /// Id of the track. The contract permits a server to omit it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<TrackId>,
    /// Type of the track. The contract permits a server to omit it. Serializes as `type`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub track_type: Option<TrackType>,
    /// Metadata of the track. Its publisher can set any JSON value. Usually, the value is an object.
    pub metadata: Option<Metadata>,
    #[serde(flatten)]
    pub(crate) extra: Extra,
}

read_model!(Track, types::Track);

impl Default for Peer {
    fn default() -> Self {
        Self {
            id: PeerId::default(),
            peer_type: PeerType::Webrtc,
            status: PeerStatus::Disconnected,
            metadata: None,
            subscribe_mode: SubscribeMode::Auto,
            subscriptions: Subscriptions::default(),
            tracks: Vec::new(),
            extra: Extra::default(),
        }
    }
}

impl Peer {
    /// Parses the metadata of the peer into `T`. Parses absent metadata as `null`.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Decode`](crate::ErrorKind::Decode) if parsing fails. See [`Metadata::parse`].
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let room = fishjam.create_room(Default::default()).await?;
    /// use fishjam_sdk::PeerOptions;
    /// use serde_json::{Value, json};
    ///
    /// let options = PeerOptions::new().metadata(json!({ "name": "Ada" }));
    /// let (peer, _) = fishjam.create_peer(&room.id, options).await?;
    /// assert_eq!(peer.metadata::<Value>()?["server"]["name"], "Ada");
    /// # Ok(())
    /// # }
    /// ```
    pub fn metadata<T: DeserializeOwned>(&self) -> Result<T> {
        self.metadata.clone().unwrap_or_default().parse_from("peer")
    }

    pub(crate) fn from_wire(peer: types::Peer) -> Self {
        Self {
            id: peer.id.0.into(),
            peer_type: peer.type_,
            status: peer.status,
            metadata: Metadata::from_member(peer.metadata),
            subscribe_mode: peer.subscribe_mode,
            subscriptions: Subscriptions::from_wire(peer.subscriptions.unwrap_or_default()),
            tracks: convert_all(peer.tracks, Track::from_wire),
            extra: Extra::new(peer.extra),
        }
    }
}

impl Track {
    /// Parses the metadata of the track into `T`. Parses absent metadata as `null`.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Decode`](crate::ErrorKind::Decode) if parsing fails. See [`Metadata::parse`].
    pub fn metadata<T: DeserializeOwned>(&self) -> Result<T> {
        self.metadata.clone().unwrap_or_default().parse_from("track")
    }

    fn from_wire(track: types::Track) -> Self {
        Self {
            id: track.id.map(|id| id.0.into()),
            track_type: track.type_,
            metadata: Metadata::from_member(track.metadata),
            extra: Extra::new(track.extra),
        }
    }
}

impl FishjamClient {
    /// Adds a WebRTC peer to a room. Returns the peer and its token.
    ///
    /// The client of the peer connects with the token, which is valid for 24 hours. For another token, call
    /// [`refresh_peer_token`](Self::refresh_peer_token).
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the room does not exist: [`NotFound`](crate::ErrorKind::NotFound)
    /// - the room is full: [`Conflict`](crate::ErrorKind::Conflict)
    /// - the quota of the plan is used up: [`QuotaExceeded`](crate::ErrorKind::QuotaExceeded)
    /// - the metadata is not a JSON object: [`InvalidInput`](crate::ErrorKind::InvalidInput)
    /// - one of the [common errors](crate::Error#common-errors) occurs
    ///
    /// After an error, the peer may still exist: see [`may_have_taken_effect`](crate::Error::may_have_taken_effect).
    ///
    /// # Cancel safety
    ///
    /// If you drop the future, the SDK sends nothing more. A request that was already sent can still take effect.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let room = fishjam.create_room(Default::default()).await?;
    /// use fishjam_sdk::PeerOptions;
    /// use serde_json::json;
    ///
    /// let options = PeerOptions::new().metadata(json!({ "name": "Ada" }));
    /// let (peer, token) = fishjam.create_peer(&room.id, options).await?;
    /// println!("peer {} may join room {} with {}", peer.id, room.id, token.expose());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Passing a [`PeerId`](crate::PeerId) as a room id is a compile error:
    ///
    /// ```compile_fail,E0277
    /// # async fn mistake(fishjam: fishjam_sdk::FishjamClient, peer: fishjam_sdk::Peer) {
    /// fishjam.create_peer(&peer.id, Default::default()).await;
    /// # }
    /// ```
    pub async fn create_peer(&self, room_id: impl Into<RoomId>, options: PeerOptions) -> Result<(Peer, PeerToken)> {
        let room_id = room_id.into();
        let config = types::PeerConfig::WebRtc(types::PeerConfigWebRtc {
            type_: types::PeerConfigWebRtcType::Webrtc,
            options: options.into_wire().map_err(|e| operations::CREATE_PEER.failed(e))?,
        });
        let created =
            self.transport.call(operations::CREATE_PEER, |api| api.add_peer(room_id.segment()?, &config)).await?;
        Ok((Peer::from_wire(created.data.peer), PeerToken::from(created.data.token.0)))
    }

    /// Removes a peer from its room and disconnects it.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the room or the peer does not exist: [`NotFound`](crate::ErrorKind::NotFound)
    /// - one of the [common errors](crate::Error#common-errors) occurs
    ///
    /// # Cancel safety
    ///
    /// If you drop the future, the SDK sends nothing more. A request that was already sent can still take effect.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let room = fishjam.create_room(Default::default()).await?;
    /// # let (peer, _) = fishjam.create_peer(&room.id, Default::default()).await?;
    /// fishjam.delete_peer(&room.id, &peer.id).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn delete_peer(&self, room_id: impl Into<RoomId>, peer_id: impl Into<PeerId>) -> Result<()> {
        let (room_id, peer_id) = (room_id.into(), peer_id.into());
        self.transport
            .call(operations::DELETE_PEER, |api| api.delete_peer(room_id.segment()?, peer_id.segment()?))
            .await
    }

    /// Creates a new token for a peer. The token is valid for 24 hours.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the room or the peer does not exist: [`NotFound`](crate::ErrorKind::NotFound)
    /// - one of the [common errors](crate::Error#common-errors) occurs
    ///
    /// # Cancel safety
    ///
    /// If you drop the future, the SDK sends nothing more. A request that was already sent can still take effect.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let room = fishjam.create_room(Default::default()).await?;
    /// # let (peer, token) = fishjam.create_peer(&room.id, Default::default()).await?;
    /// let fresh = fishjam.refresh_peer_token(&room.id, &peer.id).await?;
    /// assert_ne!(fresh.expose(), token.expose());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn refresh_peer_token(
        &self,
        room_id: impl Into<RoomId>,
        peer_id: impl Into<PeerId>,
    ) -> Result<PeerToken> {
        let (room_id, peer_id) = (room_id.into(), peer_id.into());
        let refreshed = self
            .transport
            .call(operations::REFRESH_TOKEN, |api| api.refresh_token(room_id.segment()?, peer_id.segment()?))
            .await?;
        Ok(PeerToken::from(refreshed.data.token.0))
    }
}
