//! Peers, which take part in a room, and their tokens.

use fishjam_api::fishjam::{
    enums::{PeerStatus, PeerType, SubscribeMode, TrackType},
    types,
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    client::FishjamClient,
    error::{Error, Result},
    id::{PeerId, RoomId, TrackId},
    metadata::{Metadata, NewMetadata},
    secret::PeerToken,
    subscriptions::Subscriptions,
    transport::operations,
};

/// Options for creating a peer. Unset options use the server's defaults.
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

    /// Sets metadata that the other peers of the room can read. It cannot change after the creation of the peer.
    ///
    /// The value must serialize to a JSON object. [`Peer::metadata`] returns the object in its member `server`. If
    /// the value is not an object, creating the peer fails.
    #[must_use]
    pub fn metadata(mut self, metadata: impl Serialize) -> Self {
        self.metadata = NewMetadata::new("peer metadata", &metadata);
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

    /// Sets whether the peer can send its video in several qualities.
    ///
    /// Only servers before 0.24 support this option. Newer servers can reject it.
    #[must_use]
    pub fn enable_simulcast(mut self, enable: bool) -> Self {
        self.enable_simulcast = Some(enable);
        self
    }
}

impl TryFrom<PeerOptions> for types::PeerOptionsWebRtc {
    type Error = Error;

    fn try_from(options: PeerOptions) -> Result<Self> {
        Ok(Self {
            metadata: options.metadata.into_object()?.map(Into::into),
            subscribe_mode: options.subscribe_mode,
            enable_simulcast: options.enable_simulcast,
        })
    }
}

/// The state of a peer at the time of the response.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Peer {
    /// Id of the peer.
    pub id: PeerId,
    /// Type of the peer.
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
}

/// A track that a peer publishes.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Track {
    /// Id of the track. The contract permits a server to omit it.
    pub id: Option<TrackId>,
    /// Type of the track. The contract permits a server to omit it.
    pub track_type: Option<TrackType>,
    /// Metadata of the track. Its publisher can set any JSON value. Usually, the value is an object.
    pub metadata: Option<Metadata>,
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
}

impl From<types::Peer> for Peer {
    fn from(peer: types::Peer) -> Self {
        Self {
            id: peer.id.0.into(),
            peer_type: peer.type_,
            status: peer.status,
            metadata: Metadata::from_member(peer.metadata),
            subscribe_mode: peer.subscribe_mode,
            subscriptions: peer.subscriptions.unwrap_or_default().into(),
            tracks: peer.tracks.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<types::Track> for Track {
    fn from(track: types::Track) -> Self {
        Self {
            id: track.id.map(|id| id.0.into()),
            track_type: track.type_,
            metadata: Metadata::from_member(track.metadata),
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
            options: options.try_into()?,
        });
        let created =
            self.transport.call(operations::CREATE_PEER, |api| api.add_peer(room_id.segment()?, &config)).await?;
        Ok((created.data.peer.into(), PeerToken::from(created.data.token.0)))
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
