//! The peers of a room.

use fishjam_api::{
    fishjam::enums::{PeerStatus, PeerType, TrackType},
    jellyfish::types,
};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeOwned, Error as _},
};

use super::client::JellyfishClient;
use crate::{
    endpoint::PEER_SOCKET,
    error::{Error, ErrorKind, Result},
    extra::{Extra, read_model},
    id::{PeerId, RoomId},
    listing::convert_all,
    metadata::Metadata,
    peers::Track,
    secret::{PeerToken, REDACTED_HINT},
    transport::operations::jellyfish as operations,
};

/// Options for a peer that connects with WebRTC. Unset options use the server's defaults.
///
/// ```
/// use fishjam_sdk::jellyfish::WebRtc;
///
/// let options = WebRtc::new().enable_simulcast(false);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct WebRtc {
    enable_simulcast: Option<bool>,
}

impl WebRtc {
    /// Creates options with the server's defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets whether the peer can send its video in several qualities. Server default: `true`.
    #[must_use]
    pub fn enable_simulcast(mut self, enable: bool) -> Self {
        self.enable_simulcast = Some(enable);
        self
    }
}

/// Options for a peer of any type.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PeerOptions {
    /// Options for a peer that connects with WebRTC.
    WebRtc(WebRtc),
}

impl From<WebRtc> for PeerOptions {
    fn from(options: WebRtc) -> Self {
        Self::WebRtc(options)
    }
}

impl PeerOptions {
    fn into_wire(self) -> types::AddPeerBody {
        let Self::WebRtc(WebRtc { enable_simulcast }) = self;
        types::AddPeerBody {
            type_: types::PeerType::from(PeerType::Webrtc.as_str().to_owned()),
            options: types::PeerOptionsWebRtc { enable_simulcast }.into(),
        }
    }
}

/// The state of a peer at the time of the response.
///
/// It serializes with the member names of the REST API, and metadata is nested JSON. `Default` creates a peer for a
/// test: a WebRTC peer that is not connected, with an empty id.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Peer {
    /// The peer's id.
    pub id: PeerId,
    /// The type of the peer. Serializes as `type`.
    #[serde(rename = "type")]
    pub peer_type: PeerType,
    /// Whether the peer is connected.
    pub status: PeerStatus,
    /// The metadata that the peer's client set when it connected. Any JSON value.
    pub metadata: Option<Metadata>,
    /// The tracks that the peer publishes.
    pub tracks: Vec<Track>,
    #[serde(flatten)]
    extra: Extra,
}

read_model!(Peer, types::Peer);

impl Default for Peer {
    fn default() -> Self {
        Self {
            id: PeerId::default(),
            peer_type: PeerType::Webrtc,
            status: PeerStatus::Disconnected,
            metadata: None,
            tracks: Vec::new(),
            extra: Extra::default(),
        }
    }
}

impl Peer {
    /// Parses the metadata into `T`. Absent metadata is parsed as `null`.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Decode`] if the metadata is not valid JSON or does not match the type; see [`Metadata::parse`].
    pub fn metadata<T: DeserializeOwned>(&self) -> Result<T> {
        self.metadata.clone().unwrap_or_default().parse_from("peer")
    }

    pub(super) fn from_wire(peer: types::Peer) -> Self {
        Self {
            id: peer.id.into(),
            peer_type: PeerType::from_server(peer.type_.0.as_str()),
            status: PeerStatus::from_server(peer.status.as_str()),
            metadata: Metadata::from_member(peer.metadata),
            tracks: convert_all(peer.tracks, track),
            extra: Extra::new(peer.extra),
        }
    }
}

/// Converts a track of a peer or a component.
pub(super) fn track(track: types::Track) -> Track {
    Track {
        id: track.id.map(Into::into),
        track_type: track.type_.map(|kind| TrackType::from_server(kind.as_str())),
        metadata: Metadata::from_member(track.metadata),
        extra: Extra::new(track.extra),
    }
}

/// A new peer with the token and URL for its client.
///
/// It serializes with the member names of the REST API: `peer`, `token` and `peer_websocket_url`. The token serializes
/// as `[redacted]`. To send it to the peer's client, wrap it in [`Exposed`](crate::Exposed). `Default` creates a peer with
/// an empty token and an empty URL for a test.
///
/// ```
/// # fn main() -> anyhow::Result<()> {
/// use fishjam_sdk::{Exposed, jellyfish::CreatedPeer};
/// use serde_json::json;
///
/// let mut created = CreatedPeer::default();
/// created.token = "secret".into();
/// assert_eq!(serde_json::to_value(&created)?["token"], "[redacted]");
/// let response = json!({ "url": created.ws_url, "token": Exposed(&created.token) });
/// assert_eq!(response["token"], "secret");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct CreatedPeer {
    /// The peer. It is not connected yet.
    pub peer: Peer,
    /// The token with which the client connects. It is valid for 24 hours.
    pub token: PeerToken,
    /// The URL to which the client connects, with its scheme: `ws://localhost:5002/socket/peer/websocket`.
    ///
    /// Serializes as `peer_websocket_url`. A server sends this member without a scheme.
    #[serde(rename = "peer_websocket_url")]
    pub ws_url: String,
}

impl Default for CreatedPeer {
    fn default() -> Self {
        Self { peer: Peer::default(), token: PeerToken::from(""), ws_url: String::new() }
    }
}

impl CreatedPeer {
    /// `socket_url` completes the URL in the response.
    fn from_wire(created: types::PeerDetailsResponseData, socket_url: impl FnOnce(Option<String>) -> String) -> Self {
        Self {
            peer: Peer::from_wire(created.peer),
            token: PeerToken::from(created.token.0),
            ws_url: socket_url(created.peer_websocket_url.map(|url| url.0)),
        }
    }
}

/// Keeps the URL as it is, because the scheme of the connection is unknown. A redacted token is an error.
impl<'de> Deserialize<'de> for CreatedPeer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wire = types::PeerDetailsResponseData::deserialize(deserializer)?;
        if wire.peer_websocket_url.is_none() {
            return Err(D::Error::missing_field("peer_websocket_url"));
        }
        let created = Self::from_wire(wire, Option::unwrap_or_default);
        if created.token.is_redacted() { Err(D::Error::custom(REDACTED_HINT)) } else { Ok(created) }
    }
}

/// Corrects the kind of the error for a full room, for which the server sends the status of an overload.
fn correct_full_room(error: Error) -> Error {
    let limit = error.message().is_some_and(|message| message.contains("limit in room"));
    if error.status() == Some(503) && limit {
        error.of_kind(ErrorKind::Conflict).with_possible_effect(false)
    } else {
        error
    }
}

impl JellyfishClient {
    /// Adds a peer to a room. Returns the peer, its token and its URL.
    ///
    /// # Errors
    ///
    /// Returns one of the [common errors](crate::Error#common-errors), or:
    ///
    /// - [`NotFound`](crate::ErrorKind::NotFound) if this server has no such room
    /// - [`Conflict`](crate::ErrorKind::Conflict) if the room is full; the status of the response is 503, but another
    ///   attempt can succeed only after a peer was removed
    ///
    /// If [`may_have_taken_effect`](crate::Error::may_have_taken_effect) returns `true`, the peer may exist.
    ///
    /// # Cancel safety
    ///
    /// If you drop the future, the SDK sends nothing more. A request that was already sent can still take effect.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::jellyfish().start().await?;
    /// # let options = fishjam_sdk::jellyfish::ConnectionOptions::new(emulator.address(), emulator.token());
    /// # let jellyfish = fishjam_sdk::jellyfish::JellyfishClient::new(options)?;
    /// # let (room, _) = jellyfish.create_room(Default::default()).await?;
    /// use fishjam_sdk::jellyfish::WebRtc;
    ///
    /// let created = jellyfish.add_peer(&room.id, WebRtc::new().enable_simulcast(false)).await?;
    /// println!("{} connects to {} with {}", created.peer.id, created.ws_url, created.token.expose());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// The id of a component instead of a room is a compile error:
    ///
    /// ```compile_fail,E0277
    /// # use fishjam_sdk::jellyfish::{Component, JellyfishClient, WebRtc};
    /// # async fn mistake(jellyfish: JellyfishClient, component: Component) {
    /// jellyfish.add_peer(&component.id, WebRtc::new()).await;
    /// # }
    /// ```
    pub async fn add_peer(&self, room_id: impl Into<RoomId>, options: impl Into<PeerOptions>) -> Result<CreatedPeer> {
        let room_id = room_id.into();
        let body = options.into().into_wire();
        let created = self
            .call(operations::ADD_PEER, |api| api.add_peer(room_id.segment()?, &body))
            .await
            .map_err(correct_full_room)?
            .data;
        Ok(CreatedPeer::from_wire(created, |sent| self.socket_url(sent, PEER_SOCKET)))
    }

    /// Removes a peer from its room and disconnects it.
    ///
    /// # Errors
    ///
    /// Returns one of the [common errors](crate::Error#common-errors), or
    /// [`NotFound`](crate::ErrorKind::NotFound) if the room or the peer does not exist on this server.
    ///
    /// # Cancel safety
    ///
    /// If you drop the future, the SDK sends nothing more. A request that was already sent can still take effect.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::jellyfish().start().await?;
    /// # let options = fishjam_sdk::jellyfish::ConnectionOptions::new(emulator.address(), emulator.token());
    /// # let jellyfish = fishjam_sdk::jellyfish::JellyfishClient::new(options)?;
    /// # let (room, _) = jellyfish.create_room(Default::default()).await?;
    /// # let peer = jellyfish.add_peer(&room.id, fishjam_sdk::jellyfish::WebRtc::new()).await?.peer;
    /// jellyfish.delete_peer(&room.id, &peer.id).await?;
    /// assert_eq!(jellyfish.get_room(&room.id).await?.peers, []);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn delete_peer(&self, room_id: impl Into<RoomId>, peer_id: impl Into<PeerId>) -> Result<()> {
        let (room_id, peer_id) = (room_id.into(), peer_id.into());
        self.call(operations::DELETE_PEER, |api| api.delete_peer(room_id.segment()?, peer_id.segment()?)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_room_is_a_conflict_and_overload_is_not() {
        for (status, message, kind, retryable) in [
            (503, Some("Reached peer limit in room r"), ErrorKind::Conflict, false),
            (503, Some("Reached webrtc peers limit in room r"), ErrorKind::Conflict, false),
            (503, Some("Unable to reach Fishjam instance holding room r"), ErrorKind::ServiceUnavailable, true),
            (503, None, ErrorKind::ServiceUnavailable, true),
            (400, Some("Reached peer limit in room r"), ErrorKind::BadRequest, false),
        ] {
            let error =
                Error::new(ErrorKind::of_status(status)).status_code(status).with_possible_effect(status == 503);
            let error = correct_full_room(match message {
                Some(message) => error.message_text(message),
                None => error,
            });
            assert_eq!((error.kind(), error.is_retryable()), (kind, retryable), "{error}");
            assert_eq!((error.status(), error.may_have_taken_effect()), (Some(status), retryable), "{error}");
        }
    }
}
