//! `/socket/server/websocket`: authenticate with the server's token, subscribe, receive notifications and metrics.

use std::future::pending;

use bytes::Bytes;
use fishjam_proto::jellyfish::{
    ServerMessage,
    server_message::{Authenticated, Content, EventType, MetricsReport, SubscribeRequest, SubscribeResponse},
};
use prost::Message as _;
use tokio::time::{Instant, sleep_until};

use super::{CRASH, metrics};
use crate::{
    faults::Handshake,
    jellyfish::service::Service,
    sockets::{CloseReason, Link, NORMAL, SocketEvent, UNSUPPORTED},
};

const NOT_ALLOWED: CloseReason = (UNSUPPORTED, "operation not allowed");

pub(super) async fn serve(service: &Service, mut link: Link, script: Handshake) {
    let ended = match authenticate(service, &mut link, &script).await {
        Ok(()) => notify(service, &mut link, script).await,
        Err(ended) => ended,
    };
    if let Some((code, reason)) = ended {
        link.close(code, reason).await;
    }
}

/// Waits for the server's token. An error is the way in which the socket ends; `None` when it already has.
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

async fn notify(service: &Service, link: &mut Link, mut script: Handshake) -> Option<CloseReason> {
    // When the next report of metrics is due; none before they are asked for.
    let mut next_report = None;
    loop {
        let event_type = match link.next_event(due(next_report)).await {
            SocketEvent::Signal(at) => {
                let metrics = metrics::report(service).to_string();
                if !link.send_noted(encode(Content::MetricsReport(MetricsReport { metrics })).into()).await {
                    return None;
                }
                next_report = Some(at + service.gauges.interval);
                continue;
            }
            SocketEvent::Binary(frame) => match wanted(frame) {
                Ok(event_type) => event_type,
                Err(closing) => return Some(closing),
            },
            SocketEvent::Text => return Some(NOT_ALLOWED),
            SocketEvent::Closed => return None,
        };
        if script.ignore_subscription {
            continue;
        }
        for early in std::mem::take(&mut script.before_subscription) {
            if !link.send_noted(early).await {
                return None;
            }
        }
        // The answer precedes everything that was asked for: queue and clock are looked at only afterwards.
        match event_type {
            EventType::Metrics => next_report = next_report.or(Some(Instant::now() + service.gauges.interval)),
            _ => link.subscribe(),
        }
        let event_type = i32::from(event_type);
        if !link.send(encode(Content::SubscribeResponse(SubscribeResponse { event_type }))).await {
            return None;
        }
    }
}

async fn due(at: Option<Instant>) -> Instant {
    match at {
        Some(at) => {
            sleep_until(at).await;
            at
        }
        None => pending().await,
    }
}

/// The events that a frame subscribes to; any other frame ends the socket.
fn wanted(frame: Bytes) -> Result<EventType, CloseReason> {
    match ServerMessage::decode(frame).map_err(|_| CRASH)?.content {
        Some(Content::SubscribeRequest(SubscribeRequest { event_type })) => match EventType::try_from(event_type) {
            Ok(EventType::Unspecified) | Err(_) => Err(CRASH),
            Ok(event_type) => Ok(event_type),
        },
        _ => Err(NOT_ALLOWED),
    }
}

fn encode(content: Content) -> Vec<u8> {
    ServerMessage { content: Some(content) }.encode_to_vec()
}
