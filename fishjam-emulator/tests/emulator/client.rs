//! A plain client: JSON over HTTP, protobuf over WebSockets.

use std::{sync::Arc, time::Duration};

use fishjam_emulator::{
    Emulator,
    proto::fishjam::{
        PeerMessage, ServerMessage,
        peer_message::{self, Content as PeerContent},
        server_message::{self, Content},
    },
};
use futures_util::{SinkExt, StreamExt};
use prost::Message as _;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

/// Only a hang takes this long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// An HTTP client that trusts these roots only.
///
/// It names a TLS provider, because the features of another crate can leave reqwest without one.
pub(crate) fn http_trusting(roots: RootCertStore) -> reqwest::Client {
    let tls = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    reqwest::Client::builder().no_proxy().tls_backend_preconfigured(tls).build().unwrap()
}

pub(crate) fn http() -> reqwest::Client {
    http_trusting(RootCertStore::empty())
}

/// Sends a request with the management token. Returns the status and the JSON body, or `null` without a body.
pub(crate) async fn call(emulator: &Emulator, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
    let url = format!("{}{path}", emulator.url());
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let mut request = http().request(method, url).bearer_auth(emulator.token());
    if let Some(body) = body {
        request = request.json(&body);
    }
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() })
}

pub(crate) async fn create_room(emulator: &Emulator, config: Value) -> String {
    let (status, body) = call(emulator, "POST", "/room", Some(config)).await;
    assert_eq!(status, 201, "{body}");
    body["data"]["room"]["id"].as_str().unwrap().to_owned()
}

/// The id and the token of a new WebRTC peer.
pub(crate) async fn add_peer(emulator: &Emulator, room: &str) -> (String, String) {
    let body = json!({ "type": "webrtc", "options": {} });
    let (status, body) = call(emulator, "POST", &format!("/room/{room}/peer"), Some(body)).await;
    assert_eq!(status, 201, "{body}");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&body["data"]["peer"]["id"]), text(&body["data"]["token"]))
}

pub(crate) type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;

pub(crate) struct Socket(pub(crate) Stream);

/// A frame that a socket received.
#[derive(Debug, PartialEq)]
pub(crate) enum Received {
    Binary(Vec<u8>),
    Text(String),
    Ping,
    Closed(u16, String),
    /// Without a close frame.
    Cut,
}

impl Socket {
    pub(crate) async fn open(emulator: &Emulator, path: &str) -> Self {
        let url = format!("{}{path}", emulator.url().replacen("http", "ws", 1));
        Socket(connect_async(url).await.unwrap().0)
    }

    pub(crate) async fn binary(&mut self, bytes: Vec<u8>) {
        self.0.send(Message::Binary(bytes.into())).await.unwrap();
    }

    pub(crate) async fn text(&mut self, text: &str) {
        self.0.send(Message::Text(text.into())).await.unwrap();
    }

    pub(crate) async fn receive(&mut self) -> Received {
        match timeout(PATIENCE, self.0.next()).await.expect("nothing was received") {
            Some(Ok(Message::Binary(bytes))) => Received::Binary(bytes.to_vec()),
            Some(Ok(Message::Text(text))) => Received::Text(text.to_string()),
            Some(Ok(Message::Ping(_))) => Received::Ping,
            Some(Ok(Message::Close(Some(frame)))) => Received::Closed(frame.code.into(), frame.reason.to_string()),
            Some(Ok(other)) => panic!("{other:?}"),
            Some(Err(_)) | None => Received::Cut,
        }
    }

    pub(crate) async fn expect_close(&mut self, code: u16, reason: &str) {
        assert_eq!(self.receive().await, Received::Closed(code, reason.to_owned()));
    }

    /// Nothing arrives for a moment.
    pub(crate) async fn expect_silence(&mut self) {
        let received = timeout(Duration::from_millis(150), self.0.next()).await;
        assert!(received.is_err(), "{received:?}");
    }
}

pub(crate) fn server_frame(content: Content) -> Vec<u8> {
    ServerMessage { content: Some(content) }.encode_to_vec()
}

pub(crate) fn auth(token: &str) -> Vec<u8> {
    server_frame(Content::AuthRequest(server_message::AuthRequest { token: token.to_owned() }))
}

pub(crate) fn subscribe(event_type: i32) -> Vec<u8> {
    server_frame(Content::SubscribeRequest(server_message::SubscribeRequest { event_type }))
}

pub(crate) fn peer_auth(token: &str) -> Vec<u8> {
    let request = peer_message::AuthRequest { token: token.to_owned(), sdk_version: String::new() };
    PeerMessage { content: Some(PeerContent::AuthRequest(request)) }.encode_to_vec()
}

/// A server socket that is authenticated and subscribed.
pub(crate) struct Notifications(pub(crate) Socket);

impl Notifications {
    pub(crate) async fn open(emulator: &Emulator) -> Self {
        let mut socket = Socket::open(emulator, "/socket/server/websocket").await;
        socket.binary(auth(emulator.token())).await;
        socket.binary(subscribe(1)).await;
        let mut notifications = Notifications(socket);
        let authenticated = notifications.next().await;
        assert_eq!(authenticated, Content::Authenticated(server_message::Authenticated {}));
        let subscribed = notifications.next().await;
        assert_eq!(subscribed, Content::SubscribeResponse(server_message::SubscribeResponse { event_type: 1 }));
        notifications
    }

    pub(crate) async fn next(&mut self) -> Content {
        match self.0.receive().await {
            Received::Binary(bytes) => ServerMessage::decode(bytes.as_slice()).unwrap().content.unwrap(),
            other => panic!("{other:?}"),
        }
    }

    /// The next notifications, by name.
    pub(crate) async fn names(&mut self, count: usize) -> Vec<String> {
        let mut names = Vec::new();
        for _ in 0..count {
            let content = format!("{:?}", self.next().await);
            names.push(content.split('(').next().unwrap().to_owned());
        }
        names
    }
}

/// A connected peer.
pub(crate) async fn join(emulator: &Emulator, token: &str) -> Socket {
    let mut socket = Socket::open(emulator, "/socket/peer/websocket").await;
    socket.binary(peer_auth(token)).await;
    match peer_content(&mut socket).await {
        PeerContent::Authenticated(_) => socket,
        other => panic!("{other:?}"),
    }
}

pub(crate) async fn peer_content(socket: &mut Socket) -> PeerContent {
    match socket.receive().await {
        Received::Binary(bytes) => PeerMessage::decode(bytes.as_slice()).unwrap().content.unwrap(),
        other => panic!("{other:?}"),
    }
}
