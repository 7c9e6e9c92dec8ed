//! `/socket/peer/websocket`: a peer authenticates with its token and is connected while the socket is open.

use std::sync::Arc;

use bytes::Bytes;
use fishjam_proto::fishjam::PeerMessage;
use fishjam_proto::fishjam::peer_message::{Authenticated, Content, MediaEvent, RoomType as RoomTypeMessage};
use prost::Message as _;
use serde_json::{Value, json};

use super::admission::admit;
use super::{INTERNAL_ERROR, Link, OpenSession, Turn};
use crate::faults::Handshake;
use crate::service::Service;
use crate::state::{Admitted, Outcome, PeerKind, RoomType, Session};

pub(super) async fn serve(service: &Arc<Service>, mut link: Link, script: Handshake) {
    let Some((admitted, mut open)) = admit(service, &mut link, &script, PeerKind::WebRtc, token).await else {
        return;
    };
    converse(service, &mut link, &admitted, &mut open, script.answer).await;
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
        match link.turn(&mut open.closed).await {
            Turn::Binary(frame) => match answer(service, frame, admitted, open.session) {
                Ok(None) => {}
                Ok(Some(content)) => {
                    if !link.send(encode(content)).await {
                        return;
                    }
                }
                Err(prost::DecodeError { .. }) => return link.close(INTERNAL_ERROR, "").await,
            },
            // Logged and ignored by the service.
            Turn::Text => {}
            Turn::Event(Ok((code, reason))) => return link.close(code, reason).await,
            Turn::Event(Err(_)) | Turn::Over => return,
        }
    }
}

/// Everything but a media event is ignored, a second authentication included.
fn answer(
    service: &Service,
    frame: Bytes,
    admitted: &Admitted,
    session: Session,
) -> Result<Option<Content>, prost::DecodeError> {
    Ok(match PeerMessage::decode(frame)?.content {
        Some(Content::MediaEvent(event)) => media_event(service, &event.data, admitted, session),
        _ => None,
    })
}

/// There is no media here: of the media events only `connect` and `updateEndpointMetadata` mean something.
///
/// Text that is no JSON is ignored (assumption; the predecessor's media engine crashed on it).
fn media_event(service: &Service, data: &str, admitted: &Admitted, session: Session) -> Option<Content> {
    let event: Value = serde_json::from_str(data).ok()?;
    let kind = event.get("type")?.as_str()?;
    if !matches!(kind, "connect" | "updateEndpointMetadata") {
        return None;
    }
    let metadata = event.get("data").and_then(|data| data.get("metadata")).cloned().unwrap_or_default();
    let Admitted { room, peer, .. } = admitted;
    let others = service
        .change(|state| {
            let effects = state.update_metadata(room, peer, session, metadata);
            let value = state.other_endpoints(room, peer);
            Ok::<_, ()>(Outcome { value, effects })
        })
        .ok()?;
    (kind == "connect").then(|| {
        let data = json!({ "type": "connected", "data": { "id": peer, "otherEndpoints": others } }).to_string();
        Content::MediaEvent(MediaEvent { data })
    })
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
