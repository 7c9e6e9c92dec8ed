//! Requests that are sent byte by byte, because a client would change paths and headers.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::case::{Body, Request};

/// Only a hang takes this long.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Response {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

pub(crate) async fn exchange(address: &str, token: &str, request: &Request) -> Response {
    let body = match &request.body {
        Body::Json(value) => value.to_string().into_bytes(),
        Body::Bytes(bytes) => bytes.clone(),
    };
    let usual = [
        ("authorization", format!("Bearer {token}")),
        ("accept", "application/json".to_owned()),
        ("content-type", "application/json".to_owned()),
    ];
    let mut text = format!("{} {} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n", request.method, request.path);
    for (name, value) in &usual {
        let is_replaced = request.headers.iter().any(|(other, _)| other == name);
        if !is_replaced && (*name != "content-type" || !body.is_empty()) {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    for (name, value) in request.headers.iter().filter(|(_, value)| value != "-") {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    if !body.is_empty() {
        text.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    text.push_str("\r\n");
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    let (mut reading, mut writing) = stream.into_split();
    // The server may respond and close before it has read the whole request.
    let sending = async move {
        let _ = writing.write_all(&body).await;
        writing
    };
    let mut received = Vec::new();
    let receiving = async { timeout(PATIENCE, reading.read_to_end(&mut received)).await.expect("no answer") };
    let (_, _) = tokio::join!(sending, receiving);
    parse(&received)
}

fn parse(received: &[u8]) -> Response {
    let end = received.windows(4).position(|bytes| bytes == b"\r\n\r\n").expect("no end of headers");
    let head = String::from_utf8_lossy(&received[..end]).into_owned();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines.map(|line| line.split_once(':').unwrap());
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect();
    let response = Response { status, headers, body: received[end + 4..].to_vec() };
    assert_eq!(response.header("transfer-encoding"), None);
    response
}
