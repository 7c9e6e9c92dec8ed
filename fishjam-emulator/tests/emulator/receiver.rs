//! A small receiver of webhooks.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
};
use fishjam_emulator::proto::fishjam::{ServerMessage, server_message::Content};
use prost::Message as _;
use tokio::{net::TcpListener, time::Instant};

pub(crate) struct Received {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) at: Instant,
}

impl Received {
    pub(crate) fn content(&self) -> Content {
        ServerMessage::decode(self.body.clone()).unwrap().content.unwrap()
    }
}

type Respond = Box<dyn Fn(usize) -> (u16, Duration) + Send + Sync>;

struct Inner {
    received: Mutex<Vec<Received>>,
    respond: Respond,
}

pub(crate) struct Receiver {
    origin: String,
    inner: Arc<Inner>,
}

impl Receiver {
    /// Starts a receiver that responds with 200 immediately.
    pub(crate) async fn start() -> Self {
        Self::answering(|_| (200, Duration::ZERO)).await
    }

    /// Starts a receiver. The closure returns the status and the delay for the number of a request, from 0.
    pub(crate) async fn answering(respond: impl Fn(usize) -> (u16, Duration) + Send + Sync + 'static) -> Self {
        let inner = Arc::new(Inner { received: Mutex::default(), respond: Box::new(respond) });
        let app = axum::Router::new().fallback(receive).with_state(Arc::clone(&inner));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Receiver { origin, inner }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// Reads the received webhooks.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&[Received]) -> T) -> T {
        read(&self.inner.received.lock().unwrap())
    }

    /// Returns the paths and the names of the notifications, in order.
    pub(crate) fn names(&self) -> Vec<String> {
        let name = |one: &Received| {
            let content = format!("{:?}", one.content());
            format!("{} {}", one.path, content.split('(').next().unwrap())
        };
        self.read(|received| received.iter().map(name).collect())
    }
}

async fn receive(State(inner): State<Arc<Inner>>, uri: Uri, headers: HeaderMap, body: Bytes) -> StatusCode {
    let number = {
        let mut received = inner.received.lock().unwrap();
        received.push(Received { path: uri.path().to_owned(), headers, body, at: Instant::now() });
        received.len() - 1
    };
    let (status, delay) = (inner.respond)(number);
    tokio::time::sleep(delay).await;
    StatusCode::from_u16(status).unwrap()
}
