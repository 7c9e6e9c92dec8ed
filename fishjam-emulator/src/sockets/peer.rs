//! `/socket/peer/websocket`: a peer authenticates with its token and is connected while the socket is open.

use std::time::Instant;

use bytes::Bytes;
use fishjam_proto::fishjam::PeerMessage;
use fishjam_proto::fishjam::peer_message::{Authenticated, Content, MediaEvent, RoomType as RoomTypeMessage};
use prost::Message as _;
use serde_json::{Value, json};

use super::{INTERNAL_ERROR, Link, NORMAL, OpenSession, Turn};
use crate::faults::Handshake;
use crate::service::Service;
use crate::state::{Admitted, Outcome, PeerKind, Rejection, RoomType, Session};

pub(super) async fn serve(service: &Service, mut link: Link, script: Handshake) {
    let token = match link.frame().await {
        Turn::Binary(frame) => match PeerMessage::decode(frame) {
            Ok(PeerMessage { content: Some(Content::AuthRequest(request)) }) => request.token,
            Ok(_) => return link.close(NORMAL, "unauthenticated").await,
            Err(_) => return link.close(INTERNAL_ERROR, "").await,
        },
        Turn::Text => return link.close(INTERNAL_ERROR, "").await,
        Turn::Event(()) | Turn::Over => return,
    };
    if !script.lets_answer(&mut link).await {
        return;
    }
    if script.refuse_token {
        return link.close(NORMAL, Rejection::InvalidToken.reason()).await;
    }
    let mut open = service.sessions.open();
    let admitted =
        service.change(|state| state.connect_peer(&token, &[PeerKind::WebRtc], open.session, Instant::now()));
    let admitted = match admitted {
        Ok(admitted) => admitted,
        Err(rejection) => return link.close(NORMAL, rejection.reason()).await,
    };
    converse(service, &mut link, &admitted, &mut open, script.answer).await;
    let _ = service.change(|state| {
        let effects = state.disconnect_peer(&admitted.room, &admitted.peer, open.session);
        Ok::<_, ()>(Outcome { value: (), effects })
    });
}

/// From the answer to the token until the socket is closed.
async fn converse(
    service: &Service,
    link: &mut Link,
    admitted: &Admitted,
    open: &mut OpenSession,
    answered: Option<Vec<u8>>,
) {
    link.start_pings();
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
