//! How a peer gets in: the token in its first frame, for peer sockets and agent sockets alike.

use std::{sync::Arc, time::Instant};

use bytes::Bytes;
use prost::DecodeError;

use crate::{
    faults::Handshake,
    service::Service,
    sockets::{INTERNAL_ERROR, Link, NORMAL, OpenSession, SocketEvent},
    state::{Admitted, Outcome, PeerKind, Rejection, Session},
};

/// Waits for a first frame with the token of a peer of this kind, which is then connected until its socket ends. `None`
/// when the socket was closed instead.
pub(super) async fn admit(
    service: &Arc<Service>,
    link: &mut Link,
    script: &Handshake,
    kind: PeerKind,
    token: fn(Bytes) -> Result<Option<String>, DecodeError>,
) -> Option<(Admitted, OpenSession)> {
    match attempt(service, link, script, kind, token).await {
        Ok(admitted) => Some(admitted),
        Err(ended) => {
            if let Some((code, reason)) = ended {
                link.close(code, reason).await;
            }
            None
        }
    }
}

/// An error is how the socket ends; `None` when it already has.
async fn attempt(
    service: &Arc<Service>,
    link: &mut Link,
    script: &Handshake,
    kind: PeerKind,
    token: fn(Bytes) -> Result<Option<String>, DecodeError>,
) -> Result<(Admitted, OpenSession), Option<(u16, &'static str)>> {
    const CRASH: Option<(u16, &str)> = Some((INTERNAL_ERROR, ""));
    let token = match link.next_frame().await {
        SocketEvent::Binary(frame) => match token(frame) {
            Ok(token) => token.ok_or(Some((NORMAL, "unauthenticated")))?,
            Err(_) => return Err(CRASH),
        },
        SocketEvent::Text => return Err(CRASH),
        SocketEvent::Signal(()) | SocketEvent::Closed => return Err(None),
    };
    if !link.hold_response(script.response_delay()).await {
        return Err(None);
    }
    if script.refuse_token {
        return Err(Some((NORMAL, Rejection::InvalidToken.reason())));
    }
    let open = service.sessions.open(link.number());
    let connect = service.change(|state| state.connect_peer(&token, &[kind], open.session, Instant::now()));
    let admitted = connect.map_err(|rejection| Some((NORMAL, rejection.reason())))?;
    let peer = ConnectedPeer {
        service: Arc::clone(service),
        admitted: admitted.clone(),
        session: open.session,
        seat: link.number(),
    };
    link.start_pings();
    link.keep_until_closed(peer);
    Ok((admitted, open))
}

/// A connected peer: when this is dropped, it is disconnected.
pub(super) struct ConnectedPeer {
    service: Arc<Service>,
    admitted: Admitted,
    session: Session,
    /// The number of its socket.
    seat: u64,
}

impl Drop for ConnectedPeer {
    fn drop(&mut self) {
        let ConnectedPeer { service, admitted, session, seat } = self;
        let _ = service.change(|state| {
            let effects = state.disconnect_peer(&admitted.room, &admitted.peer, *session);
            Ok::<_, ()>(Outcome { value: (), effects })
        });
        // Agents say no `connect`, so they are not found there.
        service.peer_relay.leave(&admitted.room, (&admitted.peer, *seat), service.peer_sockets.registry());
    }
}
