//! Requests without a token exhaust neither the stack nor the memory.

use std::time::Duration;

use fishjam_emulator::{
    Emulator,
    proto::fishjam::{
        PeerMessage,
        peer_message::{Content, MediaEvent},
    },
};
use prost::Message as _;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    client::{Notifications, add_peer, call, create_room, http, join},
    clock::{leap, or_stuck, settle},
};

/// The number of nested objects and lists that a request may have.
const MAX_DEPTH: usize = 127;

/// A body slightly below the size limit.
const LARGE: usize = 7_900_000;

/// An object that is nested this deep.
fn nested(depth: usize) -> String {
    format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth))
}

async fn status(emulator: &Emulator, method: Method, path: &str, content_type: &str, body: String) -> u16 {
    let request = http().request(method, format!("{}{path}", emulator.url())).bearer_auth(emulator.token());
    request.header("content-type", content_type).body(body).send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn deep_queries_and_forms_do_not_end_the_process() {
    let emulator = Emulator::start().await.unwrap();
    for depth in [MAX_DEPTH + 1, 5_000] {
        let deep = format!("a{}=1", "[b]".repeat(depth));
        for path in ["/nowhere", "/room", "/recordings"] {
            let response = http().get(format!("{}{path}?{deep}", emulator.url())).send().await.unwrap();
            assert_eq!(response.status(), 400, "{path} {depth}");
        }
        let form = status(&emulator, Method::POST, "/room", "application/x-www-form-urlencoded", deep).await;
        // Fishjam ignores form bodies.
        assert_eq!(form, 201);
    }
    assert_eq!(call(&emulator, "GET", "/validate", None).await.0, 200);
}

#[tokio::test]
async fn one_depth_limit_holds_for_every_input() {
    let emulator = Emulator::start().await.unwrap();
    let mut notifications = Notifications::open(&emulator).await;
    let room = create_room(&emulator, json!({})).await;
    let (_, token) = add_peer(&emulator, &room).await;
    let mut socket = join(&emulator, &token).await;
    notifications.names(3).await;
    for (depth, accepted) in [(MAX_DEPTH, true), (MAX_DEPTH + 1, false), (50_000, false)] {
        let body = format!(r#"{{"type":"webrtc","options":{{"metadata":{}}}}}"#, nested(depth - 2));
        let added = status(&emulator, Method::POST, &format!("/room/{room}/peer"), "application/json", body).await;
        assert_eq!(added, if accepted { 201 } else { 400 }, "{depth}");
        if depth < 10_000 {
            let filter = format!("/recordings?metadata{}=1", "[a]".repeat(depth - 1));
            let listed = status(&emulator, Method::GET, &filter, "text/plain", String::new()).await;
            assert_eq!(listed, if accepted { 200 } else { 400 }, "{depth}");
        }
        let data = format!(r#"{{"type":"connect","data":{{"metadata":{}}}}}"#, nested(depth - 2));
        let event = PeerMessage { content: Some(Content::MediaEvent(MediaEvent { data })) };
        socket.binary(event.encode_to_vec()).await;
        if accepted {
            assert_eq!(notifications.names(2).await, ["PeerAdded", "PeerMetadataUpdated"]);
        }
    }
    // The emulator also returns values of the maximum depth.
    let (_, got) = call(&emulator, "GET", "/validate", None).await;
    assert_eq!(got, Value::Null);
    let response = http().get(format!("{}/room/{room}", emulator.url())).bearer_auth(emulator.token()).send().await;
    assert!(response.unwrap().text().await.unwrap().contains(&nested(MAX_DEPTH - 2)));
    notifications.0.expect_silence().await;
}

#[tokio::test]
async fn responses_with_the_deepest_metadata_can_be_patched() {
    let emulator = Emulator::start().await.unwrap();
    let room = create_room(&emulator, json!({})).await;
    let metadata = nested(MAX_DEPTH - 2);
    let body = format!(r#"{{"type":"webrtc","options":{{"metadata":{metadata}}}}}"#);
    assert_eq!(status(&emulator, Method::POST, &format!("/room/{room}/peer"), "application/json", body).await, 201);
    emulator.faults().on("get_room").patch_json(|answer| answer["data"]["isNew"] = true.into());
    let request = http().get(format!("{}/room/{room}", emulator.url())).bearer_auth(emulator.token());
    let text = request.send().await.unwrap().text().await.unwrap();
    assert!(text.contains(&metadata) && text.contains(r#""isNew":true"#), "{text}");
}

#[tokio::test]
async fn rejected_bodies_are_shortened() {
    let emulator = Emulator::builder().token("secret").start().await.unwrap();
    let json = format!(r#"{{"a":"{}"}}"#, "x".repeat(LARGE));
    for (path, content_type, body) in [
        ("/nowhere", "application/octet-stream", json.clone()),
        ("/nowhere", "application/json", json.clone()),
        ("/room", "application/json", json[1..].to_owned()),
        ("/room", "application/json", json.clone()),
        ("/room", "multipart/form-data; boundary=x", json),
    ] {
        let request = http().post(format!("{}{path}", emulator.url())).header("content-type", content_type);
        let status = request.body(body).send().await.unwrap().status();
        assert!(status.is_client_error(), "{path} {content_type}");
    }
    let requests = emulator.journal().requests();
    let bodies: Vec<_> = requests.iter().map(|request| request.body().len()).collect();
    assert_eq!(bodies, [4096; 5]);
    assert!(requests[0].body().starts_with(br#"{"a":"xxx"#));
}

#[tokio::test]
async fn journal_survives_one_large_request_without_a_token() {
    let emulator = Emulator::builder().journal_bytes(1 << 20).start().await.unwrap();
    for _ in 0..10 {
        create_room(&emulator, json!({})).await;
    }
    let body = format!(r#"{{"a":"{}"}}"#, "x".repeat(2_000_000));
    for token in ["", emulator.token()] {
        let request = http().post(format!("{}/nowhere", emulator.url())).header("content-type", "application/json");
        assert_eq!(request.bearer_auth(token).body(body.clone()).send().await.unwrap().status(), 404);
    }
    assert_eq!(emulator.journal().requests_for("create_room").len(), 10);
    let large = emulator.journal().requests_for("unknown_route");
    assert_eq!(large.iter().map(|request| request.body().len()).collect::<Vec<_>>(), [4096; 2]);
}

#[tokio::test]
async fn stalled_body_gets_408() {
    let emulator = Emulator::start().await.unwrap();
    let jellyfish = Emulator::jellyfish().start().await.unwrap();
    for (origin, path) in [(emulator.origin(), "/room"), (emulator.origin(), "/nowhere"), (jellyfish.origin(), "/room")]
    {
        let mut stream = TcpStream::connect(origin.strip_prefix("http://").unwrap()).await.unwrap();
        let head = "HTTP/1.1\r\nhost: h\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n";
        stream.write_all(format!("POST {path} {head}").as_bytes()).await.unwrap();
        // The limit starts again with each part of the body.
        for part in ["{", "\"", "a"] {
            settle().await;
            leap(Duration::from_secs(20)).await;
            stream.write_all(part.as_bytes()).await.unwrap();
        }
        settle().await;
        let mut response = Vec::new();
        assert!(or_stuck(stream.read_buf(&mut response)).await.is_none(), "{origin} {path}");
        leap(Duration::from_secs(30)).await;
        stream.read_to_end(&mut response).await.unwrap();
        let response = String::from_utf8(response).unwrap();
        assert!(response.starts_with("HTTP/1.1 408 "), "{response}");
    }
}

#[tokio::test]
async fn journal_keeps_its_newest_bytes() {
    let emulator = Emulator::builder().journal_bytes(100_000).start().await.unwrap();
    for number in 0..10 {
        let webhook = format!("http://127.0.0.1:1/{number}{}", "x".repeat(20_000));
        create_room(&emulator, json!({ "webhookUrl": webhook })).await;
    }
    let requests = emulator.journal().requests();
    let bytes: usize = requests.iter().map(|request| request.body().len()).sum();
    assert_eq!((emulator.journal().count("create_room"), requests.len()), (10, 4));
    assert!(bytes < 100_000 && requests[3].body_json().unwrap()["webhookUrl"].as_str().unwrap().contains("1/9xxx"));
}

#[tokio::test]
async fn bodies_rejected_by_a_fault_are_kept() {
    let emulator = Emulator::start().await.unwrap();
    emulator.faults().on("create_room").status(503);
    let url = format!("http://127.0.0.1:1/{}", "x".repeat(10_000));
    let body = json!({ "webhookUrl": url });
    assert_eq!(call(&emulator, "POST", "/room", Some(body.clone())).await.0, 503);
    assert_eq!(emulator.journal().requests()[0].body_json(), Some(body));
}
