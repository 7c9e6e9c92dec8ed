//! The handlers of the service's WebSockets: one protocol per kind of socket.

use std::sync::Arc;

use axum::extract::ws::WebSocket;

use crate::{faults::Handshake, http::connection::ConnectionHandle, service::Service, sockets::SocketKind};

mod admission;
mod agent;
pub(crate) mod composition;
mod peer;
pub(crate) mod server;

use server::FishjamProtocol;

/// Serves one socket until it is closed.
pub(crate) async fn serve(
    service: Arc<Service>,
    socket: SocketKind,
    open: WebSocket,
    connection: ConnectionHandle,
    script: Handshake,
) {
    let sockets = match socket {
        SocketKind::Server => &service.core.server_sockets,
        SocketKind::Peer => &service.core.peer_sockets,
        SocketKind::Agent => &service.agent_sockets,
    };
    let mut link = service.core.open_link(open, connection, sockets);
    if let Some((code, reason)) = &script.close {
        link.close(*code, reason).await;
        return;
    }
    match socket {
        SocketKind::Server => server::serve(&service.core, link, script, &FishjamProtocol).await,
        SocketKind::Peer => peer::serve(&service, link, script).await,
        SocketKind::Agent => agent::serve(&service, link, script).await,
    }
}
