//! Errors as responses of an axum application: they contain the status and the wait, and no internal data.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    extract::{Path, Request, State},
    middleware::{Next, from_fn_with_state},
    response::Response,
    routing::post,
};
use fishjam_emulator::Emulator;
use fishjam_sdk::{Error, ErrorKind, FishjamClient, PeerOptions, Result, RoomOptions};
use fishjam_tests::support::{Log, record};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// A handler as the documentation shows it.
async fn join(State(fishjam): State<FishjamClient>, Path(room): Path<String>) -> Result<String> {
    let (_, token) = fishjam.create_peer(room, PeerOptions::new()).await?;
    Ok(token.expose().to_owned())
}

fn app(fishjam: &FishjamClient) -> Router {
    Router::new().route("/{room}", post(join)).with_state(fishjam.clone())
}

/// Sends a request for a room to an application. Returns the whole response.
async fn response(app: Router, room: &str) -> anyhow::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let mut stream = TcpStream::connect(listener.local_addr()?).await?;
    let server = tokio::spawn(async move { axum::serve(listener, app).await });
    stream
        .write_all(
            format!("POST /{room} HTTP/1.1\r\nhost: h\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").as_bytes(),
        )
        .await?;
    let mut text = String::new();
    stream.read_to_string(&mut text).await?;
    server.abort();
    Ok(text)
}

#[tokio::test]
async fn handler_responds_with_the_suggested_status() -> anyhow::Result<()> {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone());
    let _recording = record(subscriber.finish());
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::builder(emulator.url(), emulator.token()).max_attempts(1).build()?;
    let room = fishjam.create_room(RoomOptions::new().max_peers(1)).await?.id;
    let room = room.as_str();
    assert!(response(app(&fishjam), room).await?.starts_with("HTTP/1.1 200 "));

    let wrong = FishjamClient::new(emulator.url(), "wrong-sentinel")?;
    for (fault, client, room, status, meaning) in [
        (None, &fishjam, room, "409 Conflict", "conflict"),
        (None, &fishjam, "gone-sentinel", "404 Not Found", "not found"),
        (None, &fishjam, "..%2Fsentinel", "400 Bad Request", "bad request"),
        (None, &wrong, room, "502 Bad Gateway", "bad gateway"),
        (Some((500, None)), &fishjam, room, "502 Bad Gateway", "bad gateway"),
        (Some((429, Some("7"))), &fishjam, room, "503 Service Unavailable", "service unavailable"),
    ] {
        if let Some((status, wait)) = fault {
            let fault = emulator.faults().on("add_peer").status(status).body(r#"{"errors":"sentinel"}"#);
            wait.map(|seconds| fault.header("retry-after", seconds));
        }
        let text = response(app(client), room).await?.to_lowercase();
        assert!(text.starts_with(&format!("http/1.1 {}\r\n", status.to_lowercase())), "{text}");
        assert!(text.contains("content-type: application/json\r\n"), "{text}");
        assert!(text.ends_with(&format!("\r\n\r\n{{\"error\":\"{meaning}\"}}")), "{text}");
        let header = text.lines().find_map(|line| line.strip_prefix("retry-after: "));
        assert_eq!(header, fault.and_then(|(_, wait)| wait), "{text}");
        assert!(!text.contains("sentinel") && !text.contains("127.0.0.1"), "{text}");
    }
    let lines = log.text();
    // Statuses of 500 and above; the default level hides the others.
    assert_eq!(lines.matches("handler failed").count(), 3, "{lines}");
    assert!(lines.contains("create_peer: unauthorized (401)") && !lines.contains("wrong-sentinel"), "{lines}");
    Ok(())
}

#[tokio::test]
async fn middleware_can_read_the_error() -> anyhow::Result<()> {
    type Seen = Arc<Mutex<Option<Error>>>;
    async fn note(State(seen): State<Seen>, request: Request, next: Next) -> Response {
        let response = next.run(request).await;
        *seen.lock().unwrap() = response.extensions().get::<Error>().cloned();
        response
    }
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let seen = Seen::default();
    response(app(&fishjam).layer(from_fn_with_state(Arc::clone(&seen), note)), "gone").await?;
    let error = seen.lock().unwrap().take();
    assert_eq!(error.map(|error| error.kind()), Some(ErrorKind::NotFound));
    Ok(())
}
