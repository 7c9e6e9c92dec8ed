//! The checks of requests in their order: route, token, composition, body.

use std::time::Duration;

use fishjam_emulator::{Authorization, Emulator};
use reqwest::Method;
use serde_json::{Value, json};

use super::{COMPOSITION, Client, pair, post, send};
use crate::client::{call, http};

/// Every operation: its name, its method and its path below the composition.
const OPERATIONS: [(&str, &str, &str); 15] = [
    ("create_composition", "POST", ""),
    ("delete_composition", "DELETE", "/C"),
    ("start", "POST", "/C/start"),
    ("reset", "POST", "/C/reset"),
    ("send_composition_event", "POST", "/C/event"),
    ("register_input", "POST", "/C/input/a/register"),
    ("unregister_input", "POST", "/C/input/a/unregister"),
    ("register_output", "POST", "/C/output/a/register"),
    ("register_template_output", "POST", "/C/output/a/template"),
    ("update_output", "POST", "/C/output/a/update"),
    ("request_keyframe", "POST", "/C/output/a/request_keyframe"),
    ("unregister_output", "POST", "/C/output/a/unregister"),
    ("register_image", "POST", "/C/image/a/register"),
    ("unregister_image", "POST", "/C/image/a/unregister"),
    ("register_font", "POST", "/C/font/register"),
];

fn method(name: &str) -> Method {
    Method::from_bytes(name.as_bytes()).unwrap()
}

#[tokio::test]
async fn token_is_checked_before_composition_and_body() {
    let emulator = Emulator::start().await.unwrap();
    let invalid = || Some(("application/json", "{".to_owned()));
    for (operation, name, path) in OPERATIONS {
        let path = format!("{COMPOSITION}{path}");
        for token in [None, Some("wrong")] {
            let (status, body) = send(&emulator, method(name), &path, token, invalid()).await;
            assert_eq!((status, body["message"].is_string(), body.get("errors")), (401, true, None), "{operation}");
        }
        let request = emulator.journal().requests_for(operation).pop().unwrap();
        assert_eq!((request.authorization(), request.status()), (Authorization::Invalid, Some(401)));
        assert_eq!(emulator.journal().count(operation), 2, "{operation}");
    }
}

#[tokio::test]
async fn composition_is_checked_before_the_body() {
    let emulator = Emulator::start().await.unwrap();
    for (operation, name, path) in OPERATIONS {
        let path = format!("{COMPOSITION}{path}");
        let body = Some(("text/plain", "{".to_owned()));
        let (status, body) = send(&emulator, method(name), &path, Some(emulator.token()), body).await;
        let expected = if operation == "create_composition" { 415 } else { 404 };
        assert_eq!((status, body["message"].is_string()), (expected, true), "{operation}");
    }
}

#[tokio::test]
async fn body_is_checked_by_type_then_syntax_then_shape() {
    let client = Client::start().await;
    let path = |path: &str| format!("{COMPOSITION}/{}/{path}", client.id);
    let operations = [
        "event",
        "input/a/register",
        "input/a/unregister",
        "output/a/register",
        "output/a/update",
        "output/a/unregister",
        "image/a/register",
        "image/a/unregister",
    ];
    for operation in operations {
        for (content_type, body, expected) in [
            (None, "", 415),
            (Some("text/plain"), "{}", 415),
            (Some("application/json"), "", 400),
            (Some("application/json; charset=utf-8"), "{", 400),
            (Some("application/problem+json"), "nonsense", 400),
            (Some("application/json"), "[]", 422),
            (Some("application/json"), "\"text\"", 422),
        ] {
            let mut request = http().post(format!("{}{}", client.emulator.origin(), path(operation)));
            request = request.bearer_auth(client.emulator.token()).body(body);
            if let Some(content_type) = content_type {
                request = request.header("content-type", content_type);
            }
            let response = request.send().await.unwrap();
            let context = format!("{operation} {content_type:?} {body}");
            assert_eq!(response.status(), expected, "{context}");
            let error: Value = response.json().await.unwrap();
            assert_eq!(error["error_code"], "MALFORMED_REQUEST", "{context}");
        }
    }
    for body in [json!({ "autostart": 1 }), json!({ "name": "x" })] {
        assert_eq!(post(&client.emulator, COMPOSITION, Some(body)).await.0, 422);
    }
}

#[tokio::test]
async fn large_and_deep_bodies_are_rejected() {
    let client = Client::start().await;
    let event = |length: usize| json!({ "event_name": "x", "data": "y".repeat(length) });
    assert_eq!(client.post("event", Some(event(2_000_000))).await.0, 200);
    for length in [2_100_000, 8_100_000] {
        let (status, body) = client.post("event", Some(event(length))).await;
        assert_eq!((status, body["message"].is_string()), (413, true));
    }
    let deep = format!("{{\"event_name\":\"x\",\"data\":{}1{}}}", "[".repeat(200), "]".repeat(200));
    let path = format!("{COMPOSITION}/{}/event", client.id);
    let body = Some(("application/json", deep));
    assert_eq!(send(&client.emulator, Method::POST, &path, Some(client.emulator.token()), body).await.0, 400);
}

#[tokio::test]
async fn connect_prefix_has_no_compositions() {
    let emulator = Emulator::start().await.unwrap();
    let (status, body) = call(&emulator, "POST", COMPOSITION, Some(json!({}))).await;
    assert_eq!((status, body), (404, json!({ "errors": { "detail": "Not Found" } })));
    assert!(emulator.composition_ids().is_empty());
    for (name, path) in [("GET", ""), ("GET", "/c"), ("POST", "/c"), ("POST", "/c/input/a"), ("DELETE", "/c/start")] {
        let (status, _) =
            send(&emulator, method(name), &format!("{COMPOSITION}{path}"), Some(emulator.token()), None).await;
        assert_eq!(status, 404, "{name} {path}");
    }
}

#[tokio::test]
async fn ids_are_any_text() {
    let client = Client::start().await;
    client.ok("input/a%20b%2F..%2F%C5%BC/register", json!({ "type": "whip_server" })).await;
    assert_eq!(client.state().inputs[0].id, "a b/../ż");
    let refused = client.error("input/a%20b%2F..%2F%C5%BC/register", json!({ "type": "whip_server" })).await;
    assert_eq!(refused, pair(409, "INPUT_STREAM_ALREADY_REGISTERED"));
}

#[tokio::test]
async fn faults_act_by_operation() {
    let client = Client::start().await;
    let emulator = &client.emulator;
    for (operation, name, path) in OPERATIONS {
        let path = format!("{COMPOSITION}{}", path.replace('C', &client.id));
        let fault = emulator.faults().on(operation).status(503).retry_after(Duration::ZERO);
        let request = http().request(method(name), format!("{}{path}", emulator.origin()));
        let response = request.bearer_auth(emulator.token()).send().await.unwrap();
        assert_eq!((response.status().as_u16(), &response.headers()["retry-after"]), (503, &"0".parse().unwrap()));
        assert_eq!(response.json::<Value>().await.unwrap(), json!({ "message": "Injected fault" }), "{operation}");
        assert_eq!(fault.hits(), 1, "{operation}");
        emulator.faults().on(operation).disconnect();
        let request = http().request(method(name), format!("{}{path}", emulator.origin()));
        assert!(request.bearer_auth(emulator.token()).send().await.is_err(), "{operation}");
    }
    // The methods of the Python SDK have names of their own.
    for (name, operation) in [
        ("start_composition", "start"),
        ("reset_composition", "reset"),
        ("send_event", "send_composition_event"),
        ("register_mp4_input", "register_input"),
        ("register_whip_output", "register_output"),
    ] {
        assert_eq!(emulator.journal().count(name), emulator.journal().count(operation));
        assert!(emulator.journal().count(name) > 0, "{name}");
    }
    // The operation is executed, and its response is lost.
    emulator.faults().on("register_input").disconnect_after_headers().after_handling();
    let request = http().post(format!("{}{COMPOSITION}/{}/input/lost/register", emulator.origin(), client.id));
    let request = request.bearer_auth(emulator.token()).json(&json!({ "type": "rtmp_server", "stream_key": "k" }));
    assert!(request.send().await.unwrap().text().await.is_err());
    assert_eq!(client.state().inputs[0].id, "lost");
}
