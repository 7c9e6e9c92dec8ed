//! The WebSockets of the server: who may open one, what they say, and how they end.

use std::sync::Arc;

use axum::{
    extract::{WebSocketUpgrade, ws::WebSocket},
    http::{HeaderMap, HeaderValue},
};

use super::{service::Service, sockets::Socket};
use crate::{
    faults::Handshake,
    http::{connection::ConnectionHandle, response::HttpResponse},
    server::exchange::Reply,
    sockets::{CloseReason, INTERNAL_ERROR, Link},
};

mod metrics;
mod peer;
mod server;

/// The process behind the socket crashes.
const CRASH: CloseReason = (INTERNAL_ERROR, "");

/// Opens a socket, unless it comes from a page that may not.
pub(super) fn upgrade(
    service: Arc<Service>,
    socket: Socket,
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

/// Whether a page of another host asks; the port does not count, and what has no origin is no page.
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
    socket: Socket,
    open: WebSocket,
    connection: ConnectionHandle,
    script: Handshake,
) {
    let sockets = match socket {
        Socket::Server => &service.server_sockets,
        Socket::Peer => &service.peer_sockets,
    };
    let mut link = Link::new(open, connection, sockets.registry(), service.heartbeat, &service.closing);
    link.echo_close_code_only();
    if let Some((code, reason)) = &script.close {
        link.close(*code, reason).await;
        return;
    }
    match socket {
        Socket::Server => server::serve(&service, link, script).await,
        Socket::Peer => peer::serve(&service, link, script).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins() {
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
