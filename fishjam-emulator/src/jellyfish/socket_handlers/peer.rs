//! `/socket/peer/websocket`: a peer authenticates with its token and is connected while the socket is open.

use bytes::Bytes;
use fishjam_proto::jellyfish::{
    PeerMessage,
    peer_message::{Authenticated, Content, MediaEvent},
};
use prost::Message as _;
use serde_json::Value;

use super::CRASH;
use crate::{
    faults::Handshake,
    jellyfish::{
        service::Service,
        state::{Admitted, Outcome, Rejection},
    },
    sockets::{CloseReason, Link, NORMAL, OpenSession, RelayedMessage, SocketEvent},
};

pub(super) async fn serve(service: &Service, mut link: Link, script: Handshake) {
    let token = match link.next_frame().await {
        SocketEvent::Binary(frame) => match PeerMessage::decode(frame) {
            Ok(PeerMessage { content: Some(Content::AuthRequest(request)) }) => request.token,
            Ok(_) => return link.close(NORMAL, "unauthenticated").await,
            Err(_) => return close(&mut link, CRASH).await,
        },
        // What says so looks for the peer, whom nobody knows yet.
        SocketEvent::Text => return close(&mut link, CRASH).await,
        SocketEvent::Signal(()) | SocketEvent::Closed => return,
    };
    if !link.hold_response(script.response_delay()).await {
        return;
    }
    if script.refuse_token {
        return link.close(NORMAL, Rejection::InvalidToken.reason()).await;
    }
    let mut open = service.sessions.open(link.number());
    let admitted = match admit(service, &token, &open) {
        Ok(admitted) => admitted,
        Err(rejection) => return link.close(NORMAL, rejection.reason()).await,
    };
    let ended = converse(service, &mut link, &admitted, &mut open, script.response).await;
    // Before the goodbye, which may take a while.
    leave(service, &admitted, &open, link.number());
    if let Some(closing) = ended {
        close(&mut link, closing).await;
    }
}

async fn close(link: &mut Link, (code, reason): CloseReason) {
    link.close(code, reason).await;
}

fn admit(service: &Service, token: &str, open: &OpenSession) -> Result<Admitted, Rejection> {
    let holder = service.signer.verify(token, service.clock.uptime())?;
    service.change(|state| state.connect_peer(&holder.room, &holder.peer, open.session))
}

/// The others see the peer go, and its room does.
fn leave(service: &Service, admitted: &Admitted, open: &OpenSession, seat: u64) {
    let Admitted { room, peer } = admitted;
    let _ = service.change(|state| {
        let effects = state.disconnect_peer(room, peer, open.session, service.clock.now());
        Ok::<_, ()>(Outcome { value: (), effects })
    });
    service.peer_relay.leave(room, (peer, seat), service.peer_sockets.registry());
}

/// From the answer to the token until the socket is to be closed, or `None` when it already is.
async fn converse(
    service: &Service,
    link: &mut Link,
    admitted: &Admitted,
    open: &mut OpenSession,
    answered: Option<Vec<u8>>,
) -> Option<CloseReason> {
    link.start_pings();
    let authenticated = PeerMessage { content: Some(Content::Authenticated(Authenticated {})) };
    if !link.send(answered.unwrap_or_else(|| authenticated.encode_to_vec())).await {
        return None;
    }
    loop {
        match link.next_event(&mut open.closed).await {
            SocketEvent::Binary(frame) => {
                if let Err(closing) = hear(service, link, admitted, open, frame) {
                    return Some(closing);
                }
            }
            // Logged and ignored by the server.
            SocketEvent::Text => {}
            SocketEvent::Signal(Ok(closing)) => return Some(closing),
            SocketEvent::Signal(Err(_)) | SocketEvent::Closed => return None,
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
) -> Result<(), CloseReason> {
    if let Some(Content::MediaEvent(MediaEvent { data })) = PeerMessage::decode(frame).map_err(|_| CRASH)?.content {
        media_event(service, link, admitted, open, &data);
    }
    Ok(())
}

/// There is no media here: of the media events only `connect` and `updateEndpointMetadata` mean something, and only
/// with metadata. The server's media engine crashes on text that is no JSON, and the peer with it.
fn media_event(service: &Service, link: &Link, admitted: &Admitted, open: &OpenSession, data: &str) {
    let Admitted { room, peer } = admitted;
    let Ok(event) = serde_json::from_str::<Value>(data) else {
        // A peer that is gone already does not crash.
        let _ = service.change(|state| state.crash_peer(room, peer, "", service.clock.now()));
        return;
    };
    let Some(message) = event.get("type").and_then(Value::as_str).and_then(RelayedMessage::named) else { return };
    let Some(metadata) = event.get("data").and_then(|data| data.get("metadata")).cloned() else { return };
    let registry = service.peer_sockets.registry();
    service.peer_relay.receive(message, room, (peer, link.number()), metadata, registry, |metadata| {
        let _ = service.change(|state| {
            let effects = state.update_metadata(room, peer, open.session, metadata);
            Ok::<_, ()>(Outcome { value: (), effects })
        });
    });
}
