//! Responses that are cut, slow, invalid or missing.

use std::time::{Duration, Instant};

use fishjam_emulator::{Emulator, Fault};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::{
    client::{Notifications, PATIENCE, call, create_room, http},
    clock::at_once,
};

/// Requests the list of rooms, and returns all bytes until the connection ends.
async fn raw(emulator: &Emulator) -> Vec<u8> {
    let mut stream = TcpStream::connect(emulator.origin().strip_prefix("http://").unwrap()).await.unwrap();
    let request = format!("GET /room HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\r\n", emulator.token());
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut received = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut received)).await.unwrap().unwrap();
    received
}

fn split(received: &[u8]) -> (String, String) {
    let text = String::from_utf8(received.to_vec()).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

async fn list(emulator: &Emulator) -> Result<String, reqwest::Error> {
    let request = http().get(format!("{}/room", emulator.url())).bearer_auth(emulator.token());
    request.send().await?.text().await
}

#[tokio::test]
async fn connection_is_cut_at_every_stage_of_the_response() {
    let emulator = Emulator::start().await.unwrap();
    create_room(&emulator, json!({})).await;
    let whole = list(&emulator).await.unwrap();
    emulator.faults().on("get_all_rooms").disconnect();
    assert_eq!(raw(&emulator).await, b"");

    for (set, kept) in
        [(Fault::disconnect_after_headers as fn(Fault) -> Fault, 0), (Fault::disconnect_mid_body, whole.len() / 2)]
    {
        set(emulator.faults().on("get_all_rooms"));
        let (head, body) = split(&raw(&emulator).await);
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
        assert!(head.contains(&format!("content-length: {}", whole.len())), "{head}");
        assert_eq!(body, whole[..kept]);
        set(emulator.faults().on("get_all_rooms"));
        assert!(list(&emulator).await.is_err());
    }
    let statuses: Vec<_> = emulator.journal().requests_for("get_all_rooms").iter().map(|one| one.status()).collect();
    assert_eq!(statuses, [Some(200), None, Some(200), Some(200), Some(200), Some(200)]);
}

#[tokio::test]
async fn broken_response_follows_an_executed_operation() {
    let emulator = Emulator::start().await.unwrap();
    for (number, set) in
        [Fault::disconnect_after_headers as fn(Fault) -> Fault, Fault::disconnect_mid_body].into_iter().enumerate()
    {
        set(emulator.faults().on("create_room"));
        let request = http().post(format!("{}/room", emulator.url())).bearer_auth(emulator.token());
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 201);
        assert!(response.text().await.is_err());
        let (_, rooms) = call(&emulator, "GET", "/room", None).await;
        assert_eq!(rooms["data"].as_array().unwrap().len(), number + 1);
    }
    // With a status, the emulator does not execute the operation.
    emulator.faults().on("create_room").status(503).disconnect_mid_body();
    let request = http().post(format!("{}/room", emulator.url())).bearer_auth(emulator.token());
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 503);
    assert!(response.text().await.is_err());
    assert_eq!(call(&emulator, "GET", "/room", None).await.1["data"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn response_without_a_body_is_cut_too() {
    let emulator = Emulator::start().await.unwrap();
    emulator.faults().on("validate_credentials").disconnect_after_headers();
    let response = http().get(format!("{}/validate", emulator.url())).bearer_auth(emulator.token()).send().await;
    assert!(response.unwrap().bytes().await.is_err());
    // A response that cannot have a body arrives completely.
    emulator.faults().on("delete_stream").disconnect_after_headers();
    assert_eq!(call(&emulator, "DELETE", "/livestream/x", None).await.0, 204);
}

#[tokio::test]
async fn garbage_replaces_the_response() {
    let emulator = Emulator::start().await.unwrap();
    let large = vec![0xfe; 3_000_000];
    for bytes in [&b"\x16\x03\x01 not HTTP"[..], b"HTTP/1.1 abc\r\n\r\n", b"", &large] {
        emulator.faults().on("get_all_rooms").garbage(bytes);
        assert!(raw(&emulator).await == bytes, "{}", bytes.len());
        emulator.faults().on("get_all_rooms").garbage(bytes);
        assert!(list(&emulator).await.is_err());
    }
    assert_eq!(list(&emulator).await.unwrap(), r#"{"data":[]}"#);
    // The handshake of a socket can be garbled as well.
    emulator.faults().on("server_socket").garbage("?");
    let url = format!("{}/socket/server/websocket", emulator.url().replacen("http", "ws", 1));
    assert!(tokio_tungstenite::connect_async(&url).await.is_err());
}

#[cfg(feature = "__tls")]
#[tokio::test]
async fn garbage_and_cuts_work_with_tls() {
    use tokio_rustls::rustls::{
        RootCertStore,
        pki_types::{CertificateDer, pem::PemObject},
    };

    let emulator = Emulator::builder().tls(true).start().await.unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(emulator.certificate_pem().unwrap().as_bytes()).unwrap()).unwrap();
    let client = crate::client::http_trusting(roots);
    let url = format!("{}/room", emulator.url());
    emulator.faults().on("get_all_rooms").garbage("garbage\r\n\r\n");
    assert!(client.get(&url).send().await.is_err());
    emulator.faults().on("get_all_rooms").disconnect_mid_body();
    let response = client.get(&url).bearer_auth(emulator.token()).send().await.unwrap();
    assert!(response.status() == 200 && response.text().await.is_err());
}

#[tokio::test]
async fn truncated_json_keeps_http_complete() {
    let emulator = Emulator::start().await.unwrap();
    emulator.faults().on("get_all_rooms").truncate(6);
    assert_eq!(list(&emulator).await.unwrap(), r#"{"data"#);
    emulator.faults().on("get_all_rooms").truncate(600).content_type("text/html");
    assert_eq!(list(&emulator).await.unwrap(), r#"{"data":[]}"#);
}

#[tokio::test]
async fn body_drips_slowly() {
    let emulator = Emulator::start().await.unwrap();
    emulator.faults().on("get_all_rooms").drip(4, Duration::from_millis(40));
    let before = Instant::now();
    // 11 bytes: three drops with two pauses between them.
    assert_eq!(list(&emulator).await.unwrap(), r#"{"data":[]}"#);
    assert!(before.elapsed() >= Duration::from_millis(80));
}

#[tokio::test]
async fn stalled_request_gets_no_response() {
    let emulator = Emulator::start().await.unwrap();
    emulator.faults().on("get_all_rooms").times(2).stall();
    let client = http();
    let request = |client: &reqwest::Client| {
        client.get(format!("{}/room", emulator.url())).bearer_auth(emulator.token()).timeout(Duration::from_millis(80))
    };
    assert!(request(&client).send().await.unwrap_err().is_timeout());
    drop(client);
    // The connection ends when the client closes it.
    settles(&emulator, 0).await;
    let stuck = tokio::spawn(http().get(format!("{}/room", emulator.url())).send());
    settles(&emulator, 1).await;
    // The open request does not delay the end of the emulator either.
    at_once(emulator.stop()).await;
    assert!(stuck.await.unwrap().is_err());
}

#[tokio::test]
async fn redirect_has_status_and_location() {
    let emulator = Emulator::start().await.unwrap();
    let other = Emulator::start().await.unwrap();
    for status in [301, 302, 307, 308] {
        emulator.faults().on("get_all_rooms").redirect(status, format!("{}/room", other.url()));
        let (head, _) = split(&{
            let mut stream = TcpStream::connect(emulator.origin().strip_prefix("http://").unwrap()).await.unwrap();
            stream.write_all(b"GET /room HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
            let mut received = Vec::new();
            stream.read_to_end(&mut received).await.unwrap();
            received
        });
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{head}");
        assert!(head.contains(&format!("location: {}/room", other.url())), "{head}");
    }
    assert_eq!(other.journal().count("*"), 0);
}

#[tokio::test]
async fn every_twentieth_request_is_hit() {
    let emulator = Emulator::start().await.unwrap();
    let fault = emulator.faults().on("*").always().every(20).status(503);
    let mut refused = 0;
    for _ in 0..60 {
        refused += u32::from(call(&emulator, "GET", "/room", None).await.0 == 503);
    }
    assert_eq!((refused, fault.hits()), (3, 3));
}

/// Waits until this number of connections is open.
async fn settles(emulator: &Emulator, connections: usize) {
    let end = Instant::now() + PATIENCE;
    while emulator.connections() != connections {
        assert!(Instant::now() < end, "{} connections", emulator.connections());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn open_connections_are_counted() {
    let emulator = Emulator::start().await.unwrap();
    assert_eq!(emulator.connections(), 0);
    let client = http();
    let url = format!("{}/validate", emulator.url());
    client.get(&url).send().await.unwrap();
    client.get(&url).send().await.unwrap();
    assert_eq!(emulator.connections(), 1);
    let socket = Notifications::open(&emulator).await;
    assert_eq!(emulator.connections(), 2);
    drop((client, socket));
    settles(&emulator, 0).await;
}
