//! Peers: who takes part in a room, and the tokens that let them in.

use fishjam_api::fishjam::types;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    FishjamClient, Metadata, PeerId, PeerStatus, PeerToken, PeerType, RoomId, SubscribeMode, Subscriptions, TrackId,
    TrackType,
    error::{Error, Result},
    metadata::NewMetadata,
    transport::operations,
};

/// What a new peer is to be like; whatever is not set is left to the service.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct PeerOptions {
    metadata: NewMetadata,
    subscribe_mode: Option<SubscribeMode>,
    enable_simulcast: Option<bool>,
}

impl PeerOptions {
    /// Options that leave everything to the service.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Attaches what the other peers should know of this one, for good: anything that serializes to a JSON
    /// object. It comes back under the key `server` of [`Peer::metadata`].
    ///
    /// Something else than an object is refused when the peer is created.
    #[must_use]
    pub fn metadata(mut self, metadata: impl Serialize) -> Self {
        self.metadata = NewMetadata::new("peer metadata", &metadata);
        self
    }

    /// Chooses whether the peer receives everything at once or only what it is subscribed to by hand. Service's
    /// default: [`SubscribeMode::Auto`].
    #[must_use]
    pub fn subscribe_mode(mut self, mode: SubscribeMode) -> Self {
        self.subscribe_mode = Some(mode);
        self
    }

    /// Lets the peer send its video in several qualities, or not.
    ///
    /// Only services before 0.24 know this option; today's may refuse a peer that sets it.
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

/// A peer as the service describes it at one moment.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Peer {
    /// The peer's id.
    pub id: PeerId,
    /// What stands behind the peer.
    pub peer_type: PeerType,
    /// Whether it is connected.
    pub status: PeerStatus,
    /// The metadata of the peer. The member `server` holds the metadata of [`PeerOptions`], the member `peer` the
    /// metadata that the peer's client set. Older services send any JSON value, or nothing.
    pub metadata: Option<Metadata>,
    /// Whether the peer receives everything or only what it is subscribed to.
    pub subscribe_mode: SubscribeMode,
    /// What the peer was subscribed to by hand.
    pub subscriptions: Subscriptions,
    /// What the peer sends.
    pub tracks: Vec<Track>,
}

/// A track that a peer sends.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Track {
    /// The track's id; the contract allows a service to leave it out.
    pub id: Option<TrackId>,
    /// Audio or video; the contract allows a service to leave it out.
    pub track_type: Option<TrackType>,
    /// The metadata that the publisher set: usually a JSON object, but a client may set any JSON value.
    pub metadata: Option<Metadata>,
}

impl Peer {
    /// Parses the metadata into `T`. Absent metadata is parsed as `null`.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Decode`](crate::ErrorKind::Decode) if the metadata cannot be read; see [`Metadata::parse`].
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
    /// Parses the metadata into `T`. Absent metadata is parsed as `null`.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Decode`](crate::ErrorKind::Decode) if the metadata cannot be read; see [`Metadata::parse`].
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
    /// Lets a new WebRTC peer into a room and returns it with the token that its client joins with.
    ///
    /// The token is valid for 24 hours; [`refresh_peer_token`](Self::refresh_peer_token) makes another.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is no such room, [`Conflict`](crate::ErrorKind::Conflict)
    /// if it is full, [`QuotaExceeded`](crate::ErrorKind::QuotaExceeded) if the plan allows no more,
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the metadata is no JSON object, and whatever can happen
    /// to any request. The peer may exist all the same:
    /// [`may_have_taken_effect`](crate::Error::may_have_taken_effect) says so.
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
    /// A peer's id where a room's is wanted does not compile:
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
            self.transport.call(operations::ADD_PEER, |api| api.add_peer(room_id.segment()?, &config)).await?;
        Ok((created.data.peer.into(), PeerToken::from(created.data.token.0)))
    }

    /// Removes a peer from its room and disconnects it.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is no such room or peer, and whatever can happen to any
    /// request.
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

    /// Makes a new token for a peer, valid for 24 hours from now.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is no such room or peer, and whatever can happen to any
    /// request.
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
