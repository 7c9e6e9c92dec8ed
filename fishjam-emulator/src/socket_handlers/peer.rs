//! `/socket/peer/websocket`: a peer authenticates with its token and is connected while the socket is open.

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
    state::{Admitted, Outcome, PeerKind, RoomType},
};

pub(super) async fn serve(service: &Arc<Service>, mut link: Link, script: Handshake) {
    let Some((admitted, mut open)) = admit(service, &mut link, &script, PeerKind::WebRtc, token).await else {
        return;
    };
    converse(service, &mut link, &admitted, &mut open, script.response).await;
}

/// The token of a first frame, if it is one that authenticates.
fn token(frame: Bytes) -> Result<Option<String>, prost::DecodeError> {
    Ok(match PeerMessage::decode(frame)?.content {
        Some(Content::AuthRequest(request)) => Some(request.token),
        _ => None,
    })
}

/// From the answer to the token until the socket is closed.
async fn converse(
    service: &Service,
    link: &mut Link,
    admitted: &Admitted,
    open: &mut OpenSession,
    answered: Option<Vec<u8>>,
) {
    let room_type = i32::from(room_type(admitted.room_type));
    let authenticated = Content::Authenticated(Authenticated { room_type, sdk_deprecation: None });
    if !link.send(answered.unwrap_or_else(|| encode(authenticated))).await {
        return;
    }
    loop {
        match link.next_event(&mut open.closed).await {
            SocketEvent::Binary(frame) => {
                if hear(service, link, admitted, open, frame).is_err() {
                    return link.close(INTERNAL_ERROR, "").await;
                }
            }
            // Logged and ignored by the service.
            SocketEvent::Text => {}
            SocketEvent::Signal(Ok((code, reason))) => return link.close(code, reason).await,
            SocketEvent::Signal(Err(_)) | SocketEvent::Closed => return,
        }
    }
}

/// Everything but a media event is ignored, a second authentication included.
fn hear(
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

/// There is no media here: of the media events only `connect` and `updateEndpointMetadata` have an effect.
///
/// A string that is not valid JSON is ignored (assumption; the predecessor's media engine crashed on it).
fn media_event(service: &Service, link: &Link, admitted: &Admitted, open: &OpenSession, data: &str) {
    let Ok(event) = serde_json::from_str::<Value>(data) else { return };
    let Some(message) = event.get("type").and_then(Value::as_str).and_then(RelayedMessage::named) else { return };
    let metadata = event.get("data").and_then(|data| data.get("metadata")).cloned().unwrap_or_default();
    let Admitted { room, peer, .. } = admitted;
    let registry = service.peer_sockets.registry();
    service.peer_relay.receive(message, room, (peer, link.number()), metadata, registry, |metadata| {
        let _ = service.change(|state| {
            let effects = state.update_metadata(room, peer, open.session, metadata);
            Ok::<_, ()>(Outcome { value: (), effects })
        });
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
