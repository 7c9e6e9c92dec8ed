//! The handlers of the service's WebSockets: one protocol per kind of socket.

use std::sync::Arc;

use axum::extract::ws::WebSocket;

use crate::{
    faults::Handshake,
    http::connection::ConnectionHandle,
    service::Service,
    sockets::{Link, SocketKind},
};

mod admission;
mod agent;
mod peer;
mod server;

/// Serves one socket until it is closed.
pub(crate) async fn serve(
    service: Arc<Service>,
    socket: SocketKind,
    open: WebSocket,
    connection: ConnectionHandle,
    script: Handshake,
) {
    let sockets = match socket {
        SocketKind::Server => &service.server_sockets,
        SocketKind::Peer => &service.peer_sockets,
        SocketKind::Agent => &service.agent_sockets,
    };
    let mut link = Link::new(open, connection, sockets.registry(), service.heartbeat, &service.closing);
    if let Some((code, reason)) = &script.close {
        link.close(*code, reason).await;
        return;
    }
    match socket {
        SocketKind::Server => server::serve(&service, link, script).await,
        SocketKind::Peer => peer::serve(&service, link, script).await,
        SocketKind::Agent => agent::serve(&service, link, script).await,
    }
}
