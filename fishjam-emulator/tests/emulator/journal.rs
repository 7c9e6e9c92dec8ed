//! The requests that the journal keeps.

use fishjam_emulator::{Authorization, Emulator};
use serde_json::json;

use crate::client::{add_peer, call, create_room, http};

#[tokio::test]
async fn journal_keeps_requests_as_sent() {
    let emulator = Emulator::start().await.unwrap();
    let room = create_room(&emulator, json!({ "maxPeers": 1 })).await;
    let (peer, _) = add_peer(&emulator, &room).await;
    call(&emulator, "POST", &format!("/room/{room}/peer/{peer}/subscribe_peer?peer_id=a%20b"), None).await;
    call(&emulator, "GET", "/nowhere", None).await;
    let journal = emulator.journal();
    let operations: Vec<_> = journal.requests().iter().map(|one| one.operation().to_owned()).collect();
    assert_eq!(operations, ["create_room", "add_peer", "subscribe_peer", "unknown_route"]);

    let created = &journal.requests_for("create_room")[0];
    assert_eq!((created.method(), created.path(), created.status()), ("POST", "/room", Some(201)));
    assert_eq!(created.full_path(), format!("/api/v1/connect/{}/room", emulator.id()));
    assert_eq!(created.body_json(), Some(json!({ "maxPeers": 1 })));
    assert_eq!(created.body(), br#"{"maxPeers":1}"#);
    assert_eq!(created.header("Content-Type"), Some("application/json"));
    assert_eq!(created.authorization(), Authorization::Valid);
    assert!(created.header("authorization").is_none());
    assert_eq!(journal.requests_for("subscribe_peer")[0].query(), Some("peer_id=a%20b"));
    // The Python SDK's name for it.
    assert_eq!(journal.count("create_peer"), 1);

    journal.clear();
    assert_eq!((journal.count("*"), journal.requests().len()), (0, 0));
}

#[tokio::test]
async fn tokens_are_never_printed() {
    let emulator = Emulator::builder().token("sentinel-management").start().await.unwrap();
    let room = create_room(&emulator, json!({})).await;
    let (_, token) = add_peer(&emulator, &room).await;
    let request = http().get(format!("{}/room", emulator.url()));
    request.bearer_auth("sentinel-wrong").send().await.unwrap();
    let requests = emulator.journal().requests();
    let builder = Emulator::builder().token("sentinel-builder");
    let printed = format!("{emulator:?} {:?} {requests:#?} {builder:?}", emulator.journal());
    assert!(!printed.contains("sentinel") && !printed.contains(&token), "{printed}");
    for request in requests {
        assert!(request.headers().iter().all(|(_, value)| !value.contains("sentinel")));
    }
}
