//! `/socket/peer/websocket`: a peer authenticates with its token, and is connected while the socket is open.

use std::sync::Arc;

use bytes::Bytes;
use fishjam_proto::fishjam::{
    PeerMessage,
    peer_message::{Authenticated, Content, MediaEvent, RoomType as RoomTypeMessage},
};
use prost::Message as _;
use serde_json::Value;

use super::admission::admit;
use crate::{
    faults::Handshake,
    service::Service,
    sockets::{INTERNAL_ERROR, Link, OpenSession, RelayedMessage, SocketEvent},
    state::{Admitted, PeerKind, RoomType},
};

pub(super) async fn serve(service: &Arc<Service>, mut link: Link, script: Handshake) {
    let Some((admitted, mut open)) = admit(service, &mut link, &script, PeerKind::WebRtc, token).await else {
        return;
    };
    serve_peer(service, &mut link, &admitted, &mut open, script.response).await;
}

/// Returns the token of an authentication frame.
fn token(frame: Bytes) -> Result<Option<String>, prost::DecodeError> {
    Ok(match PeerMessage::decode(frame)?.content {
        Some(Content::AuthRequest(request)) => Some(request.token),
        _ => None,
    })
}

/// Responds to the token, and serves the peer until its socket is closed.
async fn serve_peer(
    service: &Service,
    link: &mut Link,
    admitted: &Admitted,
    open: &mut OpenSession,
    response: Option<Vec<u8>>,
) {
    let room_type = i32::from(room_type(admitted.room_type));
    let authenticated = Content::Authenticated(Authenticated { room_type, sdk_deprecation: None });
    if !link.send(response.unwrap_or_else(|| encode(authenticated))).await {
        return;
    }
    loop {
        match link.next_event(&mut open.closed).await {
            SocketEvent::Binary(frame) => {
                if handle_frame(service, link, admitted, open, frame).is_err() {
                    return link.close(INTERNAL_ERROR, "").await;
                }
            }
            // The service logs and ignores it.
            SocketEvent::Text => {}
            SocketEvent::Signal(Ok((code, reason))) => return link.close(code, reason).await,
            SocketEvent::Signal(Err(_)) | SocketEvent::Closed => return,
        }
    }
}

/// Handles a media event. Ignores all other messages, including a second authentication.
fn handle_frame(
    service: &Service,
    link: &Link,
    admitted: &Admitted,
    open: &OpenSession,
    frame: Bytes,
) -> Result<(), prost::DecodeError> {
    if let Some(Content::MediaEvent(MediaEvent { data })) = PeerMessage::decode(frame)?.content {
        media_event(service, link, admitted, open, &data);
    }
    Ok(())
}

/// Relays the media events `connect` and `updateEndpointMetadata`. The emulator has no media for the others.
///
/// Ignores a string that is not valid JSON. This is an assumption: the predecessor's media engine crashed.
fn media_event(service: &Service, link: &Link, admitted: &Admitted, open: &OpenSession, data: &str) {
    let Ok(event) = serde_json::from_str::<Value>(data) else { return };
    let Some(message) = event.get("type").and_then(Value::as_str).and_then(RelayedMessage::named) else { return };
    let metadata = event.get("data").and_then(|data| data.get("metadata")).cloned().unwrap_or_default();
    let Admitted { room, peer, .. } = admitted;
    let registry = service.core.peer_sockets.registry();
    service.core.peer_relay.receive(message, room, (peer, link.number()), metadata, registry, |metadata| {
        service.apply(|state| state.update_metadata(room, peer, open.session, metadata));
    });
}

fn room_type(room_type: RoomType) -> RoomTypeMessage {
    match room_type {
        RoomType::Conference | RoomType::FullFeature => RoomTypeMessage::Conference,
        RoomType::AudioOnly => RoomTypeMessage::AudioOnly,
        RoomType::Livestream | RoomType::Broadcaster | RoomType::AudioOnlyLivestream => RoomTypeMessage::Livestream,
    }
}

fn encode(content: Content) -> Vec<u8> {
    PeerMessage { content: Some(content) }.encode_to_vec()
}
