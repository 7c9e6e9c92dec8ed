//! The peers of a room.

use fishjam_api::{
    fishjam::enums::{PeerStatus, PeerType, TrackType},
    jellyfish::types,
};
use serde::de::DeserializeOwned;

use super::client::JellyfishClient;
use crate::{
    endpoint::PEER_SOCKET,
    error::{Error, ErrorKind, Result},
    extra::Extra,
    id::{PeerId, RoomId},
    metadata::Metadata,
    peers::Track,
    secret::PeerToken,
    transport::operations::jellyfish as operations,
};

/// Options for a peer that connects with WebRTC. Unset options use the server's defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct WebRtc {
    /// Whether the peer can send its video in several qualities. Server default: `true`.
    pub enable_simulcast: Option<bool>,
}

impl WebRtc {
    /// Creates options with the server's defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets whether the peer can send its video in several qualities.
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

impl From<PeerOptions> for types::AddPeerBody {
    fn from(options: PeerOptions) -> Self {
        let PeerOptions::WebRtc(WebRtc { enable_simulcast }) = options;
        Self {
            type_: types::PeerType::from(PeerType::Webrtc.as_str().to_owned()),
            options: types::PeerOptionsWebRtc { enable_simulcast }.into(),
        }
    }
}

/// The state of a peer at the time of the response.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Peer {
    /// The peer's id.
    pub id: PeerId,
    /// The type of the peer.
    pub peer_type: PeerType,
    /// Whether the peer is connected.
    pub status: PeerStatus,
    /// The metadata that the peer's client set when it connected. Any JSON value.
    pub metadata: Option<Metadata>,
    /// The tracks that the peer publishes.
    pub tracks: Vec<Track>,
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
}

/// A new peer with the token and URL for its client.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CreatedPeer {
    /// The peer. It is not connected yet.
    pub peer: Peer,
    /// The token with which the client connects. It is valid for 24 hours.
    pub token: PeerToken,
    /// The URL to which the client connects, with its scheme: `ws://localhost:5002/socket/peer/websocket`.
    pub ws_url: String,
}

impl From<types::Peer> for Peer {
    fn from(peer: types::Peer) -> Self {
        Self {
            id: peer.id.into(),
            peer_type: PeerType::from_server(peer.type_.0.as_str()),
            status: PeerStatus::from_server(peer.status.as_str()),
            metadata: Metadata::from_member(peer.metadata),
            tracks: peer.tracks.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<types::Track> for Track {
    fn from(track: types::Track) -> Self {
        Self {
            id: track.id.map(Into::into),
            track_type: track.type_.map(|kind| TrackType::from_server(kind.as_str())),
            metadata: Metadata::from_member(track.metadata),
            extra: Extra::new(track.extra),
        }
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
    /// Returns one of the [errors common to all requests](crate::ErrorKind), or:
    ///
    /// - [`NotFound`](crate::ErrorKind::NotFound) if this server has no such room
    /// - [`Conflict`](crate::ErrorKind::Conflict) if the room is full; the status of the response is 503, but another
    ///   attempt can succeed only after a peer was removed
    ///
    /// If [`may_have_taken_effect`](crate::Error::may_have_taken_effect) returns `true`, the peer may exist.
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
        let body = options.into().into();
        let created = self
            .call(operations::ADD_PEER, |api| api.add_peer(room_id.segment()?, &body))
            .await
            .map_err(correct_full_room)?
            .data;
        let ws_url = self.socket_url(created.peer_websocket_url.map(|url| url.0), PEER_SOCKET);
        Ok(CreatedPeer { peer: created.peer.into(), token: PeerToken::from(created.token.0), ws_url })
    }

    /// Removes a peer from its room and disconnects it.
    ///
    /// # Errors
    ///
    /// Returns one of the [errors common to all requests](crate::ErrorKind), or
    /// [`NotFound`](crate::ErrorKind::NotFound) if the room or the peer does not exist on this server.
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
