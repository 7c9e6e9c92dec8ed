//! The WebSockets of the service: what they say, and what a test makes of them.

use std::sync::Arc;

use axum::extract::ws::WebSocket;

use crate::connection::Line;
use crate::faults::Handshake;
use crate::routes::Socket;
use crate::service::Service;

mod admission;
mod agent;
mod conference;
mod control;
mod link;
mod peer;
mod seats;
mod server;
mod sessions;
mod written;

pub(crate) use conference::{Conference, Said};
pub use control::Sockets;
pub(crate) use link::{Link, Turn};
pub(crate) use seats::Seats;
pub(crate) use sessions::{Closing, OpenSession, Sessions};
pub use written::{ReceivedRecord, SocketRecord};

pub(crate) const NORMAL: u16 = 1000;
/// The service goes away; an assumption, since nobody has seen it stop.
const GOING_AWAY: u16 = 1001;
pub(crate) const UNSUPPORTED: u16 = 1003;
pub(crate) const INTERNAL_ERROR: u16 = 1011;

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
