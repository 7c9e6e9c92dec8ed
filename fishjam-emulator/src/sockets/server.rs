//! `/socket/server/websocket`: authenticate with the management token, subscribe, receive notifications.

use std::future::pending;

use bytes::Bytes;
use fishjam_proto::fishjam::ServerMessage;
use fishjam_proto::fishjam::server_message::{Authenticated, Content, EventType, SubscribeRequest, SubscribeResponse};
use prost::Message as _;

use super::subscribers::Subscription;
use super::{INTERNAL_ERROR, Link, NORMAL, Turn, UNSUPPORTED};
use crate::service::Service;

/// How many queued notifications are written before the socket looks at other things.
const BURST: usize = 256;

/// A close code and its reason.
type Closing = (u16, &'static str);

const NOT_ALLOWED: Closing = (UNSUPPORTED, "operation not allowed");
/// The process behind the socket crashes.
const CRASH: Closing = (INTERNAL_ERROR, "");
/// Not of the service: it has no such queue.
const OVERFLOW: Closing = (INTERNAL_ERROR, "event queue overflow");

pub(super) async fn serve(service: &Service, mut link: Link) {
    let ended = match authenticate(service, &mut link).await {
        Ok(()) => notify(service, &mut link).await,
        Err(ended) => ended,
    };
    if let Some((code, reason)) = ended {
        link.close(code, reason).await;
    }
}

/// Waits for the management token. An error is the way in which the socket ends; `None` when it already has.
async fn authenticate(service: &Service, link: &mut Link) -> Result<(), Option<Closing>> {
    let frame = match link.frame().await {
        Turn::Binary(frame) => frame,
        Turn::Text => return Err(Some(NOT_ALLOWED)),
        Turn::Event(()) | Turn::Over => return Err(None),
    };
    match ServerMessage::decode(frame).map_err(|_| CRASH)?.content {
        Some(Content::AuthRequest(request)) if request.token == service.token => {}
        Some(Content::AuthRequest(_)) => return Err(Some((NORMAL, "invalid token"))),
        _ => return Err(Some((NORMAL, "invalid auth request"))),
    }
    link.start_pings();
    if link.send(encode(Content::Authenticated(Authenticated {}))).await { Ok(()) } else { Err(None) }
}

async fn notify(service: &Service, link: &mut Link) -> Option<Closing> {
    let mut subscription: Option<Subscription> = None;
    let mut frames: Vec<Bytes> = Vec::new();
    loop {
        let queued = async {
            match &mut subscription {
                Some(subscription) => subscription.receive(&mut frames, BURST).await,
                None => pending().await,
            }
        };
        match link.turn(queued).await {
            Turn::Binary(frame) => {
                let event_type = match wanted(frame) {
                    Ok(event_type) => event_type,
                    Err(closing) => return Some(closing),
                };
                // The answer precedes every notification: the queue is looked at only afterwards.
                subscription.get_or_insert_with(|| service.subscribers.subscribe());
                let response = Content::SubscribeResponse(SubscribeResponse { event_type });
                if !link.send(encode(response)).await {
                    return None;
                }
            }
            Turn::Text => return Some(NOT_ALLOWED),
            Turn::Event(0) => return Some(OVERFLOW),
            Turn::Event(_) => {
                if !link.send_all(&mut frames).await {
                    return None;
                }
            }
            Turn::Over => return None,
        }
    }
}

/// The event type that a frame subscribes to; any other frame ends the socket.
fn wanted(frame: Bytes) -> Result<i32, Closing> {
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
