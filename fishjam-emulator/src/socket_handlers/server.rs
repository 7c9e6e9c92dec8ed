//! `/socket/server/websocket`: authenticate with the management token, subscribe, receive notifications.

use bytes::Bytes;
use fishjam_proto::fishjam::{
    ServerMessage,
    server_message::{Authenticated, Content, EventType, SubscribeRequest, SubscribeResponse},
};
use prost::Message as _;

use crate::{
    faults::Handshake,
    service::Service,
    sockets::{CloseReason, INTERNAL_ERROR, Link, NORMAL, SocketEvent, UNSUPPORTED},
};

const NOT_ALLOWED: CloseReason = (UNSUPPORTED, "operation not allowed");
/// The process behind the socket crashes.
const CRASH: CloseReason = (INTERNAL_ERROR, "");

pub(super) async fn serve(service: &Service, mut link: Link, script: Handshake) {
    let ended = match authenticate(service, &mut link, &script).await {
        Ok(()) => notify(&mut link, script).await,
        Err(ended) => ended,
    };
    if let Some((code, reason)) = ended {
        link.close(code, reason).await;
    }
}

/// Waits for the management token. An error is the way in which the socket ends; `None` when it already has.
async fn authenticate(service: &Service, link: &mut Link, script: &Handshake) -> Result<(), Option<CloseReason>> {
    let frame = match link.next_frame().await {
        SocketEvent::Binary(frame) => frame,
        SocketEvent::Text => return Err(Some(NOT_ALLOWED)),
        SocketEvent::Signal(()) | SocketEvent::Closed => return Err(None),
    };
    let content = ServerMessage::decode(frame).map_err(|_| CRASH)?.content;
    if !link.hold_response(script.response_delay()).await {
        return Err(None);
    }
    match content {
        Some(Content::AuthRequest(request)) if request.token == service.token && !script.refuse_token => {}
        Some(Content::AuthRequest(_)) => return Err(Some((NORMAL, "invalid token"))),
        _ => return Err(Some((NORMAL, "invalid auth request"))),
    }
    link.start_pings();
    let answer = script.response.clone().unwrap_or_else(|| encode(Content::Authenticated(Authenticated {})));
    if link.send(answer).await { Ok(()) } else { Err(None) }
}

async fn notify(link: &mut Link, mut script: Handshake) -> Option<CloseReason> {
    loop {
        let event_type = match link.next_frame().await {
            SocketEvent::Binary(frame) => match wanted(frame) {
                Ok(event_type) => event_type,
                Err(closing) => return Some(closing),
            },
            SocketEvent::Text => return Some(NOT_ALLOWED),
            SocketEvent::Signal(()) | SocketEvent::Closed => return None,
        };
        if script.ignore_subscription {
            continue;
        }
        for early in std::mem::take(&mut script.before_subscription) {
            if !link.send_noted(early).await {
                return None;
            }
        }
        // The answer precedes every notification: the queue is looked at only afterwards.
        link.subscribe();
        if !link.send(encode(Content::SubscribeResponse(SubscribeResponse { event_type }))).await {
            return None;
        }
    }
}

/// The event type that a frame subscribes to; any other frame ends the socket.
fn wanted(frame: Bytes) -> Result<i32, CloseReason> {
    match ServerMessage::decode(frame).map_err(|_| CRASH)?.content {
        Some(Content::SubscribeRequest(SubscribeRequest { event_type })) => {
            if event_type == i32::from(EventType::ServerNotification) { Ok(event_type) } else { Err(CRASH) }
        }
        _ => Err(NOT_ALLOWED),
    }
}

fn encode(content: Content) -> Vec<u8> {
    ServerMessage { content: Some(content) }.encode_to_vec()
}
