//! The handlers of the WebSockets: the handshake, and one protocol per kind of socket.

use std::sync::Arc;

use axum::{
    extract::{WebSocketUpgrade, ws::WebSocket},
    http::{HeaderMap, HeaderValue},
};

use super::{service::Service, sockets::SocketKind};
use crate::{
    faults::Handshake,
    http::{connection::ConnectionHandle, response::HttpResponse},
    server::exchange::Reply,
    socket_handlers::server::serve as serve_server,
    sockets::{CloseReason, INTERNAL_ERROR},
};

mod metrics;
mod peer;
mod server;

/// The server's process of the socket crashes.
const CRASH: CloseReason = (INTERNAL_ERROR, "");

/// Opens a socket, unless the request comes from a web page of another host.
pub(super) fn upgrade(
    service: Arc<Service>,
    socket: SocketKind,
    request: (&HeaderMap, WebSocketUpgrade),
    connection: ConnectionHandle,
    script: Handshake,
) -> Reply {
    let (headers, upgrade) = request;
    if service.check_origin && is_foreign(headers, &service.address) {
        return Reply::Response(HttpResponse { bare: true, ..HttpResponse::empty(403) });
    }
    let mut response = upgrade.on_upgrade(move |open| serve(service, socket, open, connection, script));
    let usual = [("cache-control", "max-age=0, private, must-revalidate"), ("server", "Cowboy")];
    for (name, value) in usual {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    Reply::Upgrade(response)
}

/// Returns `true` if a web page of another host sent the request. The port does not count.
///
/// Programs that are not browsers send no origin.
fn is_foreign(headers: &HeaderMap, address: &str) -> bool {
    let Some(origin) = headers.get("origin") else { return false };
    let origin = origin.to_str().unwrap_or_default();
    let authority = origin.split_once("://").map_or(origin, |(_, authority)| authority);
    host(authority) != host(address)
}

fn host(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

/// Serves one socket until it is closed.
async fn serve(
    service: Arc<Service>,
    socket: SocketKind,
    open: WebSocket,
    connection: ConnectionHandle,
    script: Handshake,
) {
    let sockets = match socket {
        SocketKind::Server => &service.core.server_sockets,
        SocketKind::Peer => &service.core.peer_sockets,
    };
    let mut link = service.core.open_link(open, connection, sockets);
    link.echo_close_code_only();
    if let Some((code, reason)) = &script.close {
        link.close(*code, reason).await;
        return;
    }
    match socket {
        SocketKind::Server => serve_server(&service.core, link, script, &*service).await,
        SocketKind::Peer => peer::serve(&service, link, script).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_other_hosts_are_foreign() {
        for (origin, foreign) in [
            (None, false),
            (Some("https://media.example.test"), false),
            (Some("http://media.example.test:4000"), false),
            (Some("https://example.test"), true),
            (Some("null"), true),
            (Some(""), true),
        ] {
            let headers = origin.map(|origin| ("origin".parse().unwrap(), HeaderValue::from_static(origin)));
            let headers = HeaderMap::from_iter(headers);
            assert_eq!(is_foreign(&headers, "media.example.test:8443"), foreign, "{origin:?}");
        }
    }
}
