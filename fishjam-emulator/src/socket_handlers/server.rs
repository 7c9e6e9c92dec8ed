//! `/socket/server/websocket`: the client authenticates, subscribes and receives notifications.

use std::{future::pending, mem, time::Duration};

use bytes::Bytes;
use fishjam_proto::fishjam::{
    ServerMessage,
    server_message::{Authenticated, Content, EventType, SubscribeRequest, SubscribeResponse},
};
use prost::{DecodeError, Message as _};
use tokio::time::{Instant, sleep_until};

use crate::{
    faults::Handshake,
    service::ServiceCore,
    sockets::{CloseReason, INTERNAL_ERROR, Link, NORMAL, SocketEvent, UNSUPPORTED},
};

const NOT_ALLOWED: CloseReason = (UNSUPPORTED, "operation not allowed");
/// The server's process of the socket crashes.
const CRASH: CloseReason = (INTERNAL_ERROR, "");

/// The messages of server sockets. Fishjam and Jellyfish use one protocol with different messages.
pub(crate) trait ServerProtocol {
    fn decode(&self, frame: Bytes) -> Result<ServerRequest, DecodeError>;
    fn authenticated(&self) -> Vec<u8>;
    fn subscribed(&self, subscription: Subscription) -> Vec<u8>;

    /// Returns a report of metrics, if the server has metrics.
    fn report(&self) -> Option<Bytes> {
        None
    }

    fn report_interval(&self) -> Duration {
        Duration::MAX
    }
}

/// A message of the client.
pub(crate) enum ServerRequest {
    /// Contains the token.
    Authenticate(String),
    /// Contains `None` if the event type is unknown.
    Subscribe(Option<Subscription>),
    Other,
}

/// The kind of messages that a client subscribes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subscription {
    Notifications,
    Metrics,
}

pub(crate) async fn serve(core: &ServiceCore, mut link: Link, script: Handshake, protocol: &impl ServerProtocol) {
    let ended = match authenticate(core, &mut link, &script, protocol).await {
        Ok(()) => publish(&mut link, script, protocol).await,
        Err(ended) => ended,
    };
    if let Some((code, reason)) = ended {
        link.close(code, reason).await;
    }
}

/// Waits for the management token. The error is the close reason, or `None` if the connection already ended.
async fn authenticate(
    core: &ServiceCore,
    link: &mut Link,
    script: &Handshake,
    protocol: &impl ServerProtocol,
) -> Result<(), Option<CloseReason>> {
    let frame = match link.next_frame().await {
        SocketEvent::Binary(frame) => frame,
        SocketEvent::Text => return Err(Some(NOT_ALLOWED)),
        SocketEvent::Signal(()) | SocketEvent::Closed => return Err(None),
    };
    let request = protocol.decode(frame).map_err(|_| CRASH)?;
    if !link.hold_response(script.response_delay()).await {
        return Err(None);
    }
    match request {
        ServerRequest::Authenticate(token) if token == core.token && !script.refuse_token => {}
        ServerRequest::Authenticate(_) => return Err(Some((NORMAL, "invalid token"))),
        _ => return Err(Some((NORMAL, "invalid auth request"))),
    }
    link.start_pings();
    let response = script.response.clone().unwrap_or_else(|| protocol.authenticated());
    if link.send(response).await { Ok(()) } else { Err(None) }
}

/// Serves an authenticated socket. Returns its close reason, or `None` if the connection already ended.
async fn publish(link: &mut Link, mut script: Handshake, protocol: &impl ServerProtocol) -> Option<CloseReason> {
    let mut next_report = None;
    loop {
        let subscription = match link.next_event(wait_until(next_report)).await {
            SocketEvent::Signal(due) => {
                let report = protocol.report()?;
                if !link.send_recorded(report).await {
                    return None;
                }
                next_report = Some(due + protocol.report_interval());
                continue;
            }
            SocketEvent::Binary(frame) => match protocol.decode(frame) {
                Ok(ServerRequest::Subscribe(Some(subscription))) => subscription,
                Ok(ServerRequest::Subscribe(None)) | Err(_) => return Some(CRASH),
                Ok(_) => return Some(NOT_ALLOWED),
            },
            SocketEvent::Text => return Some(NOT_ALLOWED),
            SocketEvent::Closed => return None,
        };
        if script.ignore_subscription {
            continue;
        }
        for early in mem::take(&mut script.before_subscription) {
            if !link.send_recorded(early).await {
                return None;
            }
        }
        // The response precedes all notifications and reports, because the loop waits for these only afterwards.
        match subscription {
            Subscription::Notifications => link.subscribe(),
            Subscription::Metrics => {
                next_report = next_report.or(Some(Instant::now() + protocol.report_interval()));
            }
        }
        if !link.send(protocol.subscribed(subscription)).await {
            return None;
        }
    }
}

/// Waits until the given time, or forever.
async fn wait_until(time: Option<Instant>) -> Instant {
    match time {
        Some(time) => {
            sleep_until(time).await;
            time
        }
        None => pending().await,
    }
}

/// The messages of Fishjam.
pub(super) struct FishjamProtocol;

impl ServerProtocol for FishjamProtocol {
    fn decode(&self, frame: Bytes) -> Result<ServerRequest, DecodeError> {
        Ok(match ServerMessage::decode(frame)?.content {
            Some(Content::AuthRequest(request)) => ServerRequest::Authenticate(request.token),
            Some(Content::SubscribeRequest(SubscribeRequest { event_type })) => {
                let known = event_type == i32::from(EventType::ServerNotification);
                ServerRequest::Subscribe(known.then_some(Subscription::Notifications))
            }
            _ => ServerRequest::Other,
        })
    }

    fn authenticated(&self) -> Vec<u8> {
        encode(Content::Authenticated(Authenticated {}))
    }

    fn subscribed(&self, _: Subscription) -> Vec<u8> {
        let event_type = i32::from(EventType::ServerNotification);
        encode(Content::SubscribeResponse(SubscribeResponse { event_type }))
    }
}

fn encode(content: Content) -> Vec<u8> {
    ServerMessage { content: Some(content) }.encode_to_vec()
}
