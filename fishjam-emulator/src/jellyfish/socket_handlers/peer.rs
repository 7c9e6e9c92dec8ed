//! `/socket/peer/websocket`: a peer authenticates with its token and is connected while the socket is open.

use bytes::Bytes;
use fishjam_proto::jellyfish::{
    PeerMessage,
    peer_message::{Authenticated, Content, MediaEvent},
};
use prost::{DecodeError, Message as _};
use serde_json::Value;

use super::CRASH;
use crate::{
    faults::Handshake,
    jellyfish::{service::Service, state::Admitted},
    sockets::{CloseReason, Link, NORMAL, OpenSession, RelayedMessage, SocketEvent},
    state::{Rejection, Session},
};

pub(super) async fn serve(service: &Service, mut link: Link, script: Handshake) {
    let ended = match authenticate(service, &mut link, &script).await {
        Ok((peer, mut open)) => {
            let ended = exchange(&mut link, &peer, &mut open, script.response).await;
            // Disconnect before the close handshake, which can take a while.
            peer.disconnect();
            ended
        }
        Err(ended) => ended,
    };
    if let Some((code, reason)) = ended {
        link.close(code, reason).await;
    }
}

/// Waits for the token and connects its peer. The error is the close reason, or `None` if the connection already ended.
async fn authenticate<'a>(
    service: &'a Service,
    link: &mut Link,
    script: &Handshake,
) -> Result<(ConnectedPeer<'a>, OpenSession), Option<CloseReason>> {
    let token = match link.next_frame().await {
        SocketEvent::Binary(frame) => match PeerMessage::decode(frame).map_err(|_| CRASH)?.content {
            Some(Content::AuthRequest(request)) => request.token,
            _ => return Err(Some((NORMAL, "unauthenticated"))),
        },
        // The server logs the frame with the id of the peer. It crashes, because it does not know the peer yet.
        SocketEvent::Text => return Err(Some(CRASH)),
        SocketEvent::Signal(()) | SocketEvent::Closed => return Err(None),
    };
    if !link.hold_response(script.response_delay()).await {
        return Err(None);
    }
    let reject = |rejection: Rejection| Some((NORMAL, rejection.reason()));
    if script.refuse_token {
        return Err(reject(Rejection::InvalidToken));
    }
    let open = service.core.sessions.open(link.number());
    let holder = service.signer.verify(&token, service.clock.uptime()).map_err(reject)?;
    let connected = service.change(|state| state.connect_peer(&holder.room, &holder.peer, open.session));
    let admitted = connected.map_err(reject)?;
    Ok((ConnectedPeer { service, admitted, session: open.session, socket: link.number() }, open))
}

/// Serves an authenticated socket. Returns its close reason, or `None` if the connection already ended.
async fn exchange(
    link: &mut Link,
    peer: &ConnectedPeer<'_>,
    open: &mut OpenSession,
    response: Option<Vec<u8>>,
) -> Option<CloseReason> {
    link.start_pings();
    let authenticated = PeerMessage { content: Some(Content::Authenticated(Authenticated {})) };
    if !link.send(response.unwrap_or_else(|| authenticated.encode_to_vec())).await {
        return None;
    }
    loop {
        match link.next_event(&mut open.closed).await {
            SocketEvent::Binary(frame) => {
                if peer.receive(frame).is_err() {
                    return Some(CRASH);
                }
            }
            // The server logs and ignores text frames.
            SocketEvent::Text => {}
            SocketEvent::Signal(Ok(reason)) => return Some(reason),
            SocketEvent::Signal(Err(_)) | SocketEvent::Closed => return None,
        }
    }
}

/// A peer whose socket is open.
struct ConnectedPeer<'a> {
    service: &'a Service,
    admitted: Admitted,
    session: Session,
    /// The number of the socket.
    socket: u64,
}

impl ConnectedPeer<'_> {
    /// Handles media events and ignores other messages, such as a second authentication.
    fn receive(&self, frame: Bytes) -> Result<(), DecodeError> {
        if let Some(Content::MediaEvent(MediaEvent { data })) = PeerMessage::decode(frame)?.content {
            self.media_event(&data);
        }
        Ok(())
    }

    /// Handles the media events `connect` and `updateEndpointMetadata` with metadata, and ignores others.
    ///
    /// The media engine of the server crashes on a string that is not valid JSON, which crashes the peer.
    fn media_event(&self, data: &str) {
        let ConnectedPeer { service, admitted: Admitted { room, peer }, session, socket } = self;
        let Ok(event) = serde_json::from_str::<Value>(data) else {
            // An error means that the peer was removed meanwhile.
            let _ = service.change(|state| state.crash_peer(room, peer, "", service.clock.now()));
            return;
        };
        let Some(message) = event.get("type").and_then(Value::as_str).and_then(RelayedMessage::named) else { return };
        let Some(metadata) = event.get("data").and_then(|data| data.get("metadata")).cloned() else { return };
        let registry = service.core.peer_sockets.registry();
        service.core.peer_relay.receive(message, room, (peer, *socket), metadata, registry, |metadata| {
            service.apply(|state| state.update_metadata(room, peer, *session, metadata));
        });
    }

    /// Disconnects the peer in its room and in the relay of media events.
    fn disconnect(&self) {
        let ConnectedPeer { service, admitted: Admitted { room, peer }, session, socket } = self;
        service.apply(|state| state.disconnect_peer(room, peer, *session, service.clock.now()));
        service.core.peer_relay.leave(room, (peer, *socket), service.core.peer_sockets.registry());
    }
}
