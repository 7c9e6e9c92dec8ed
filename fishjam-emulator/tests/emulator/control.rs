//! The control API under `/_emulator/`.

use fishjam_emulator::Emulator;
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Notifications, Received, add_peer, call, create_room, http};

async fn start() -> Emulator {
    Emulator::builder().control_api(true).start().await.unwrap()
}

/// Sends a request to the control API, without a token. Returns the status and the JSON body.
async fn control(origin: &str, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let mut request = http().request(method, format!("{origin}/_emulator/{path}"));
    if let Some(body) = body {
        request = request.json(&body);
    }
    let response = request.send().await.unwrap();
    assert_eq!(response.headers().get("access-control-allow-origin"), None);
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() })
}

#[tokio::test]
async fn control_api_exists_only_if_enabled() {
    let emulator = Emulator::start().await.unwrap();
    assert_eq!(control(emulator.origin(), "GET", "health", None).await.0, 404);
    assert_eq!(http().get(format!("{}/health", emulator.origin())).send().await.unwrap().status(), 404);
    let emulator = start().await;
    let (status, health) = control(emulator.origin(), "GET", "health", None).await;
    assert_eq!((status, &health["status"], &health["service"]), (200, &json!("ok"), &json!("fishjam")));
    let short = http().get(format!("{}/health", emulator.origin())).send().await.unwrap();
    assert_eq!(short.json::<Value>().await.unwrap(), health);
    for path in ["health", "_emulator/health"] {
        assert_eq!(http().head(format!("{}/{path}", emulator.origin())).send().await.unwrap().status(), 200);
    }
    // Under the connect prefix, only the service's own paths exist.
    assert_eq!(call(&emulator, "GET", "/health", None).await.0, 404);
    assert_eq!(call(&emulator, "GET", "/_emulator/health", None).await.0, 404);
    // Requests of the control API are not in the journal.
    assert_eq!(emulator.journal().count("*"), 2);
}

#[tokio::test]
async fn jellyfish_keeps_its_own_health_check() {
    let jellyfish = Emulator::jellyfish().control_api(true).start().await.unwrap();
    let health = http().get(format!("{}/health", jellyfish.origin())).bearer_auth(jellyfish.token());
    let health: Value = health.send().await.unwrap().json().await.unwrap();
    assert_eq!(health["data"]["version"], "0.5.0");
    let (_, health) = control(jellyfish.origin(), "GET", "health", None).await;
    assert_eq!(health["service"], "jellyfish");
    let fault = json!({ "operation": "add_component", "status": 503 });
    assert_eq!(control(jellyfish.origin(), "POST", "faults", Some(fault)).await.0, 201);
}

#[tokio::test]
async fn faults_act_and_report_their_hits() {
    let emulator = start().await;
    let fault = json!({ "operation": "create_room", "times": 2, "status": 503, "retryAfterMs": 0 });
    let (status, added) = control(emulator.origin(), "POST", "faults", Some(fault)).await;
    assert_eq!((status, &added), (201, &json!({ "id": 1, "operation": "create_room", "hits": 0, "left": 2 })));
    assert_eq!(call(&emulator, "POST", "/room", None).await.0, 503);
    let (_, fault) = control(emulator.origin(), "GET", "faults/1", None).await;
    assert_eq!((&fault["hits"], &fault["left"]), (&json!(1), &json!(1)));
    let (_, faults) = control(emulator.origin(), "GET", "faults", None).await;
    assert_eq!(faults, json!({ "faults": [fault] }));
    assert_eq!(control(emulator.origin(), "DELETE", "faults", None).await, (204, Value::Null));
    assert_eq!(call(&emulator, "POST", "/room", None).await.0, 201);
    assert_eq!(control(emulator.origin(), "GET", "faults/1", None).await.0, 404);

    let fault = json!({
        "operation": "get_all_rooms", "always": true, "every": 1, "after": 0, "afterHandling": true, "delayMs": 0,
        "headers": { "x-a": "b" }, "body": { "data": 5 }, "truncate": 6,
    });
    assert_eq!(control(emulator.origin(), "POST", "faults", Some(fault)).await.0, 201);
    let request = http().get(format!("{}/room", emulator.url())).bearer_auth(emulator.token());
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["x-a"], "b");
    assert_eq!(response.text().await.unwrap(), r#"{"data"#);
    for broken in [json!({ "disconnect": "beforeResponse" }), json!({ "disconnect": "midBody" })] {
        let mut fault = json!({ "operation": "get_room" });
        fault.as_object_mut().unwrap().extend(broken.as_object().unwrap().clone());
        assert_eq!(control(emulator.origin(), "POST", "faults", Some(fault)).await.0, 201);
        let request = http().get(format!("{}/room/r", emulator.url())).bearer_auth(emulator.token());
        let text = async { request.send().await?.text().await };
        assert!(text.await.is_err());
    }
}

#[tokio::test]
async fn peers_connect_and_change() {
    let emulator = start().await;
    let origin = emulator.origin();
    let room = create_room(&emulator, json!({})).await;
    let (peer, token) = add_peer(&emulator, &room).await;
    let mut notifications = Notifications::open(&emulator).await;
    let tracks = json!([{ "kind": "audio", "metadata": { "type": "microphone" } }]);
    let body = json!({ "roomId": room, "peerId": peer, "metadata": { "name": "Ada" }, "tracks": tracks });
    let (status, connected) = control(origin, "POST", "peers", Some(body.clone())).await;
    assert_eq!((status, &connected["peerId"], &connected["roomId"]), (201, &json!(peer), &json!(room)));
    let (status, error) = control(origin, "POST", "peers", Some(body)).await;
    assert_eq!((status, error), (409, json!({ "error": "cannot script the peer: peer already connected" })));
    assert_eq!(control(origin, "GET", &format!("peers/{peer}"), None).await, (200, connected.clone()));
    assert_eq!(control(origin, "GET", "peers", None).await.1, json!({ "peers": [connected] }));

    let (status, _) = control(origin, "PATCH", &format!("peers/{peer}"), Some(json!({ "metadata": 1 }))).await;
    assert_eq!(status, 200);
    let tracks = format!("peers/{peer}/tracks");
    let (status, track) = control(origin, "POST", &tracks, Some(json!({ "kind": "video" }))).await;
    assert_eq!(status, 201);
    let track = format!("{tracks}/{}", track["id"].as_str().unwrap());
    assert_eq!(control(origin, "PATCH", &track, Some(json!({ "metadata": null }))).await.0, 204);
    assert_eq!(control(origin, "DELETE", &track, None).await.0, 204);
    assert_eq!(control(origin, "DELETE", &track, None).await.0, 404);
    assert_eq!(control(origin, "DELETE", &format!("peers/{peer}"), None).await.0, 204);
    assert_eq!(control(origin, "DELETE", &format!("peers/{peer}"), None).await.0, 404);
    let again = json!({ "roomId": room, "token": token });
    assert_eq!(control(origin, "POST", "peers", Some(again)).await.0, 201);
    let crash = Some(json!({ "reason": "no memory" }));
    assert_eq!(control(origin, "POST", &format!("peers/{peer}/crash"), crash).await.0, 204);
    let expected = [
        "PeerConnected",
        "PeerMetadataUpdated",
        "TrackAdded",
        "PeerMetadataUpdated",
        "TrackAdded",
        "TrackMetadataUpdated",
        "TrackRemoved",
        "PeerDisconnected",
        "TrackRemoved",
        "PeerConnected",
        "PeerCrashed",
    ];
    assert_eq!(notifications.names(expected.len()).await, expected);
}

#[tokio::test]
async fn journal_contains_the_requests_without_tokens() {
    let emulator = start().await;
    create_room(&emulator, json!({ "maxPeers": 3 })).await;
    call(&emulator, "GET", "/room?a=b", None).await;
    let (_, journal) = control(emulator.origin(), "GET", "journal?operation=create_room", None).await;
    assert_eq!((&journal["count"], journal["requests"].as_array().unwrap().len()), (&json!(1), 1));
    let request = &journal["requests"][0];
    assert_eq!(
        (&request["method"], &request["path"], &request["status"]),
        (&json!("POST"), &json!("/room"), &json!(201))
    );
    assert_eq!((&request["body"], &request["authorization"]), (&json!({ "maxPeers": 3 }), &json!("valid")));
    let (_, journal) = control(emulator.origin(), "GET", "journal", None).await;
    assert_eq!((&journal["count"], &journal["requests"][1]["query"]), (&json!(2), &json!("a=b")));
    assert!(!journal.to_string().contains(emulator.token()));
    assert_eq!(control(emulator.origin(), "DELETE", "journal", None).await.0, 204);
    assert_eq!(control(emulator.origin(), "GET", "journal", None).await.1, json!({ "count": 0, "requests": [] }));
}

#[tokio::test]
async fn webhooks_are_listed_with_their_notifications() {
    // Nothing listens on this port, because the emulator itself does not accept a POST there.
    let emulator = Emulator::builder().control_api(true).webhook_retries(0).start().await.unwrap();
    let hook = format!("{}/hook", emulator.origin());
    create_room(&emulator, json!({ "webhookUrl": hook })).await;
    emulator.webhooks().idle().await;
    let (_, webhooks) = control(emulator.origin(), "GET", "webhooks", None).await;
    let delivery = &webhooks["deliveries"][0];
    assert_eq!((&delivery["url"], &delivery["notifications"]), (&json!(hook), &json!(["RoomCreated"])));
    assert_eq!((&delivery["status"], &delivery["isDelivered"]), (&json!(404), &json!(false)));
}

#[tokio::test]
async fn outage_responds_before_it_drops_the_connection() {
    let emulator = start().await;
    let mut notifications = Notifications::open(&emulator).await;
    let client = http();
    let request = client.post(format!("{}/_emulator/outage", emulator.origin()));
    let response = request.json(&json!({ "durationMs": 200 })).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.json::<Value>().await.unwrap(), json!({ "durationMs": 200 }));
    assert_eq!(notifications.0.receive().await, Received::Cut);
    // It ends on its own.
    let health = || client.get(format!("{}/_emulator/health", emulator.origin())).send();
    while health().await.is_err() {
        tokio::task::yield_now().await;
    }
    create_room(&emulator, json!({})).await;
}

#[tokio::test]
async fn bad_input_gets_a_clear_error() {
    let emulator = start().await;
    for (method, path, body, status, message) in [
        ("POST", "faults", json!({ "operation": "creat_room", "status": 503 }), 400, "\"creat_room\" does not exist"),
        ("POST", "faults", json!({ "operation": "create_room" }), 400, "it has no effect"),
        ("POST", "faults", json!({ "operation": "*", "staus": 503 }), 400, "unknown field `staus`"),
        ("POST", "faults", json!({ "operation": "*", "status": 99 }), 400, "`status` must be from 200 to 599"),
        ("POST", "faults", json!({ "operation": "*", "status": 500, "times": -1 }), 400, "invalid value"),
        ("POST", "faults", json!({ "operation": "*", "stall": true, "times": 1, "always": true }), 400, "exclude"),
        ("POST", "faults", json!({ "operation": "*", "body": 1, "bodyText": "" }), 400, "exclude"),
        ("POST", "faults", json!({ "operation": "peer_socket", "closeCode": 1 }), 400, "`closeCode`"),
        ("POST", "faults", json!({ "operation": "*", "stall": true, "times": 0 }), 400, "at least 1"),
        ("POST", "faults", json!({ "operation": "*", "stall": true, "every": 0 }), 400, "at least 1"),
        ("POST", "faults", json!({ "operation": "*", "headers": { "a b": "" } }), 400, "HTTP does not allow"),
        ("POST", "faults", json!({ "operation": "get_room", "closeCode": 1013 }), 400, "operation of a socket"),
        ("POST", "faults", json!({ "operation": "get_room", "refuseToken": true }), 400, "operation of a socket"),
        ("POST", "faults", json!([]), 400, "invalid body"),
        ("GET", "journal?operation=creat_room", json!({}), 400, "\"creat_room\" does not exist"),
        ("POST", "peers", json!({ "roomId": "r" }), 400, "exactly one of `peerId` and `token`"),
        ("POST", "peers", json!({ "roomId": "r", "peerId": "p" }), 409, "room not found"),
        ("POST", "peers", json!({ "roomId": "r", "peerId": "p", "tracks": [{ "kind": "x" }] }), 400, "`x`"),
        ("POST", "outage", json!({}), 400, "missing field `durationMs`"),
        ("POST", "outage", json!({ "durationMs": u64::MAX }), 400, "at most 86400000 ms"),
        ("PUT", "outage", json!({}), 405, "PUT is not allowed"),
        (
            "GET",
            "nonsense",
            json!({}),
            404,
            "no such path; see https://github.com/fishjam-rs/fishjam-rs/blob/main/docs/guide",
        ),
        ("GET", "peers/p", json!({}), 404, "no connected scripted peer p"),
        ("GET", "faults/x", json!({}), 404, "no fault x"),
    ] {
        let (got, error) = control(emulator.origin(), method, path, Some(body.clone())).await;
        assert_eq!(got, status, "{method} {path} {body}: {error}");
        assert!(error["error"].as_str().unwrap().contains(message), "{method} {path} {body}: {error}");
    }
    let request = http().post(format!("{}/_emulator/outage", emulator.origin()));
    assert_eq!(request.body("{}").send().await.unwrap().status(), 415);
    let request = http().get(format!("{}/_emulator/journal", emulator.origin()));
    assert_eq!(request.header("origin", "http://evil.test").send().await.unwrap().status(), 403);
    let large = json!({ "operation": "x".repeat(2 << 20) });
    assert_eq!(control(emulator.origin(), "POST", "faults", Some(large)).await.0, 413);
}
