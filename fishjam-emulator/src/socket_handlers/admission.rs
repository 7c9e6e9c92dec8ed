//! The admission of peers. Peer sockets and agent sockets send a token in their first frame.

use std::{sync::Arc, time::Instant};

use bytes::Bytes;
use prost::DecodeError;

use crate::{
    faults::Handshake,
    service::Service,
    sockets::{CloseReason, INTERNAL_ERROR, Link, NORMAL, OpenSession, SocketEvent},
    state::{Admitted, PeerKind, Rejection, Session},
};

/// Waits for the token of a peer of this kind, and connects the peer until its socket ends.
///
/// Returns `None` if the connection ended instead.
pub(super) async fn admit(
    service: &Arc<Service>,
    link: &mut Link,
    script: &Handshake,
    kind: PeerKind,
    token: fn(Bytes) -> Result<Option<String>, DecodeError>,
) -> Option<(Admitted, OpenSession)> {
    match check_token(service, link, script, kind, token).await {
        Ok(admitted) => Some(admitted),
        Err(ended) => {
            if let Some((code, reason)) = ended {
                link.close(code, reason).await;
            }
            None
        }
    }
}

/// Admits a peer. The error is the close reason, or `None` if the connection already ended.
async fn check_token(
    service: &Arc<Service>,
    link: &mut Link,
    script: &Handshake,
    kind: PeerKind,
    token: fn(Bytes) -> Result<Option<String>, DecodeError>,
) -> Result<(Admitted, OpenSession), Option<CloseReason>> {
    const CRASH: Option<CloseReason> = Some((INTERNAL_ERROR, ""));
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
    let open = service.core.sessions.open(link.number());
    let connect = service.change(|state| state.connect_peer(&token, &[kind], open.session, Instant::now()));
    let admitted = connect.map_err(|rejection| Some((NORMAL, rejection.reason())))?;
    let peer = ConnectedPeer {
        service: Arc::clone(service),
        admitted: admitted.clone(),
        session: open.session,
        socket: link.number(),
    };
    link.start_pings();
    link.keep_until_closed(peer);
    Ok((admitted, open))
}

/// A connected peer. Dropping it disconnects the peer.
struct ConnectedPeer {
    service: Arc<Service>,
    admitted: Admitted,
    session: Session,
    /// Number of the peer's socket.
    socket: u64,
}

impl Drop for ConnectedPeer {
    fn drop(&mut self) {
        let ConnectedPeer { service, admitted, session, socket } = self;
        service.apply(|state| state.disconnect_peer(&admitted.room, &admitted.peer, *session));
        // The relay does not know agents, because they never send `connect`.
        service.core.peer_relay.leave(&admitted.room, (&admitted.peer, *socket), service.core.peer_sockets.registry());
    }
}
