//! An HTTP server that responds to every request with the same list of rooms.

use std::{net::Ipv4Addr, sync::Arc, thread};

use anyhow::Context;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    runtime,
};

/// Serves this JSON in a thread of its own for as long as the program runs; returns the URL.
pub(crate) fn serve(body: &[u8]) -> anyhow::Result<String> {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
    let response: Arc<[u8]> = [head.as_bytes(), body].concat().into();
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no port is free")?;
    listener.set_nonblocking(true)?;
    let url = format!("http://{}", listener.local_addr()?);
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    thread::spawn(move || {
        runtime.block_on(async move {
            let Ok(listener) = TcpListener::from_std(listener) else { return };
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(answer_all(connection, Arc::clone(&response)));
            }
        });
    });
    Ok(url)
}

/// The next request comes only after the response.
async fn answer_all(mut connection: TcpStream, response: Arc<[u8]>) {
    let _ = connection.set_nodelay(true);
    let mut request = Vec::with_capacity(4096);
    while let Ok(1..) = connection.read_buf(&mut request).await {
        if is_whole(&request) {
            request.clear();
            if connection.write_all(&response).await.is_err() {
                return;
            }
        }
    }
}

/// Returns `true` if a request with its body has arrived.
fn is_whole(request: &[u8]) -> bool {
    const END: &[u8] = b"\r\n\r\n";
    if request.starts_with(b"GET ") {
        return request.ends_with(END);
    }
    let Some(head) = request.windows(END.len()).position(|bytes| bytes == END) else { return false };
    let text = String::from_utf8_lossy(&request[..head]).to_ascii_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
    request.len() >= head + END.len() + length.unwrap_or_default()
}

/// A room as the service describes it.
pub(crate) fn room(number: usize, peers: usize) -> Value {
    json!({
        "id": format!("0193b2c4-7d1e-7b7a-9f53-{number:012}-74656e616e74-70726f64"),
        "config": {
            "batchWebhookNotifications": false,
            "maxPeers": 10,
            "public": false,
            "roomType": "conference",
            "videoCodec": "h264",
            "webhookUrl": "https://backend.example.com/fishjam",
        },
        "peers": (0..peers).map(|peer| self::peer(number * peers + peer)).collect::<Vec<_>>(),
        "compositionInfo": null,
    })
}

fn peer(number: usize) -> Value {
    let track = |kind: &str| {
        json!({
            "id": format!("5f0c7a52-3d47-4a8e-{}-{number:012}", &kind[..4]),
            "type": kind,
            "metadata": { "type": if kind == "audio" { "microphone" } else { "camera" }, "paused": false },
        })
    };
    json!({
        "id": format!("5f0c7a52-3d47-4a8e-9c0b-{number:012}"),
        "type": "webrtc",
        "status": "connected",
        "metadata": { "peer": { "displayName": "Ada Lovelace" }, "server": { "account": number } },
        "subscribeMode": "auto",
        "subscriptions": { "peers": [], "tracks": [] },
        "tracks": [track("audio"), track("video")],
    })
}
