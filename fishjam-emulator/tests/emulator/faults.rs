//! Scripted faults, as a client sees them.

use std::time::{Duration, Instant};

use fishjam_emulator::Emulator;
use serde_json::json;
use tokio_tungstenite::connect_async;

use crate::client::{call, create_room, http};

async fn create(emulator: &Emulator) -> Result<reqwest::Response, reqwest::Error> {
    let request = http().post(format!("{}/room", emulator.url())).bearer_auth(emulator.token());
    request.json(&json!({})).send().await
}

async fn rooms(emulator: &Emulator) -> usize {
    call(emulator, "GET", "/room", None).await.1["data"].as_array().unwrap().len()
}

#[tokio::test]
async fn status_fault_hits_the_given_number_of_times() {
    let emulator = Emulator::start().await.unwrap();
    emulator.faults().on("create_room").times(2).status(503).retry_after(Duration::ZERO);
    for expected in [503, 503, 201] {
        let response = create(&emulator).await.unwrap();
        assert_eq!(response.status(), expected);
        assert_eq!(response.headers().get("retry-after").is_some(), expected == 503);
    }
    assert_eq!(emulator.journal().count("create_room"), 3);
    assert_eq!(rooms(&emulator).await, 1);
}

#[tokio::test]
async fn fault_skips_requests_or_hits_all() {
    let emulator = Emulator::start().await.unwrap();
    let fault = emulator.faults().on("*").after(1).always().status(429);
    let statuses = [call(&emulator, "GET", "/room", None).await.0, call(&emulator, "GET", "/validate", None).await.0];
    assert_eq!(statuses, [200, 429]);
    assert_eq!(fault.hits(), 1);
    emulator.faults().clear();
    assert_eq!(call(&emulator, "GET", "/room", None).await.0, 200);
}

#[tokio::test]
async fn fault_sets_body_and_content_type() {
    let emulator = Emulator::start().await.unwrap();
    emulator.faults().on("create_room").status(502).content_type("text/html").body("<h1>Bad Gateway</h1>");
    let response = create(&emulator).await.unwrap();
    assert_eq!((response.status().as_u16(), &response.headers()["content-type"]), (502, &"text/html".parse().unwrap()));
    assert_eq!(response.text().await.unwrap(), "<h1>Bad Gateway</h1>");
    emulator.faults().on("create_room").body("{\"data\":");
    let response = create(&emulator).await.unwrap();
    assert_eq!((response.status().as_u16(), response.text().await.unwrap().as_str()), (201, "{\"data\":"));
    assert_eq!(rooms(&emulator).await, 1);
}

#[tokio::test]
async fn header_fault_keeps_the_response() {
    let emulator = Emulator::start().await.unwrap();
    let deprecated = r#"{"status":"deprecated","message":"soon"}"#;
    emulator.faults().on("create_room").header("x-fishjam-api-deprecated", deprecated).header("bad name", "x");
    let response = create(&emulator).await.unwrap();
    assert_eq!(response.status(), 201);
    assert_eq!(response.headers()["x-fishjam-api-deprecated"], deprecated);
}

#[tokio::test]
async fn patch_edits_the_json() {
    let emulator = Emulator::start().await.unwrap();
    let room = create_room(&emulator, json!({})).await;
    emulator.faults().on("get_room").always().patch_json(|answer| {
        answer["data"]["config"]["roomType"] = json!("lobby");
        answer["data"]["unknown"] = json!(1);
    });
    let (status, body) = call(&emulator, "GET", &format!("/room/{room}"), None).await;
    assert_eq!(
        (status, &body["data"]["config"]["roomType"], &body["data"]["unknown"]),
        (200, &json!("lobby"), &json!(1))
    );
}

#[tokio::test]
async fn disconnect_can_precede_or_follow_the_operation() {
    let emulator = Emulator::start().await.unwrap();
    emulator.faults().on("create_room").disconnect();
    assert!(create(&emulator).await.is_err());
    assert_eq!(rooms(&emulator).await, 0);
    emulator.faults().on("create_room").disconnect().after_handling();
    assert!(create(&emulator).await.is_err());
    assert_eq!(rooms(&emulator).await, 1);
    let statuses: Vec<_> = emulator.journal().requests_for("create_room").iter().map(|one| one.status()).collect();
    assert_eq!(statuses, [None, None]);
}

#[tokio::test]
async fn fault_replaces_the_response_after_the_operation() {
    let emulator = Emulator::start().await.unwrap();
    emulator.faults().on("create_room").status(504).after_handling();
    assert_eq!(create(&emulator).await.unwrap().status(), 504);
    assert_eq!(rooms(&emulator).await, 1);
}

#[tokio::test]
async fn fault_delays_the_response() {
    let emulator = Emulator::start().await.unwrap();
    emulator.faults().on("create_room").delay(Duration::from_millis(120));
    let before = Instant::now();
    assert_eq!(create(&emulator).await.unwrap().status(), 201);
    assert!(before.elapsed() >= Duration::from_millis(120));
}

#[tokio::test]
async fn fault_is_not_used_up_before_it_is_described() {
    let emulator = Emulator::start().await.unwrap();
    let fault = emulator.faults().on("create_room");
    assert_eq!(create(&emulator).await.unwrap().status(), 201);
    let fault = fault.status(503);
    assert_eq!(create(&emulator).await.unwrap().status(), 503);
    assert_eq!(create(&emulator).await.unwrap().status(), 201);
    let fault = fault.retry_after(Duration::ZERO);
    let response = create(&emulator).await.unwrap();
    assert_eq!((response.status().as_u16(), response.headers().contains_key("retry-after")), (503, true));
    assert_eq!(fault.hits(), 2);
}

#[tokio::test]
async fn fault_rejects_the_handshake_of_a_socket() {
    let emulator = Emulator::start().await.unwrap();
    let url = format!("{}/socket/server/websocket", emulator.url().replacen("http", "ws", 1));
    emulator.faults().on("server_socket").status(503);
    emulator.faults().on("server_socket").disconnect();
    emulator.faults().on("server_socket").header("x-more", "1");
    for expected in ["503", "handshake", ""] {
        match connect_async(&url).await {
            Ok((_, response)) => {
                assert_eq!(expected, "");
                assert_eq!(response.headers()["x-more"], "1");
            }
            Err(error) => assert!(error.to_string().to_lowercase().contains(expected), "{error}"),
        }
    }
    assert_eq!(emulator.journal().count("server_socket"), 3);
}
