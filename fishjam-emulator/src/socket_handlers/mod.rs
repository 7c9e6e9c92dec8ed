//! The handlers of the service's WebSockets: one protocol per kind of socket.

use std::sync::Arc;

use axum::extract::ws::WebSocket;

use crate::{faults::Handshake, http::connection::Line, routes::Socket, service::Service, sockets::Link};

mod admission;
mod agent;
mod peer;
mod server;

/// Serves one socket until it is closed.
pub(crate) async fn serve(service: Arc<Service>, socket: Socket, open: WebSocket, line: Line, script: Handshake) {
    let sockets = match socket {
        Socket::Server => &service.server_sockets,
        Socket::Peer => &service.peer_sockets,
        Socket::Agent => &service.agent_sockets,
    };
    let mut link = Link::new(open, line, sockets.seats(), service.heartbeat, &service.closing);
    if let Some((code, reason)) = &script.close {
        link.close(*code, reason).await;
        return;
    }
    match socket {
        Socket::Server => server::serve(&service, link, script).await,
        Socket::Peer => peer::serve(&service, link, script).await,
        Socket::Agent => agent::serve(&service, link, script).await,
    }
}
