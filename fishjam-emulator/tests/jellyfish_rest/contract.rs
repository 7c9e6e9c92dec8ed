//! The differences between Jellyfish 0.5 and self-hosted Fishjam 0.6, and limits of both.

use fishjam_emulator::{Emulator, JellyfishBuilder, JellyfishContract};
use serde_json::{Value, json};

use crate::server::{call, create};

fn builder(contract: JellyfishContract) -> JellyfishBuilder {
    Emulator::jellyfish().contract(contract).manual_media()
}

#[tokio::test]
async fn versions_differ_in_addresses_ids_and_messages() {
    for contract in [JellyfishContract::V0_5, JellyfishContract::V0_6] {
        let is_0_6 = contract == JellyfishContract::V0_6;
        let choose = |of_0_5: &'static str, of_0_6: &'static str| if is_0_6 { of_0_6 } else { of_0_5 };
        let server = builder(contract).start().await.unwrap();
        let health = call(&server, "GET", "/health", None).await.json();
        assert_eq!(health["data"]["version"], choose("0.5.0", "0.6.3"));

        let config = json!({ "roomId": "a-1", "maxPeers": 1, "videoCodec": "h264" });
        let created = call(&server, "POST", "/room", Some(config)).await.json();
        assert_eq!(created["data"].as_object().unwrap().len(), 2);
        assert_eq!(created["data"][choose("jellyfish_address", "fishjam_address")], server.address());

        let response = call(&server, "POST", "/room", Some(json!({ "roomId": "a_1" }))).await;
        assert_eq!(response.status, if is_0_6 { 201 } else { 400 });
        let response = call(&server, "POST", "/room", Some(json!({ "roomId": "a b" }))).await;
        let allowed = choose("alphanumeric characters and hyphens", "alphanumeric characters, hyphens and underscores");
        let text = format!("Cannot add room with id \"a b\" - roomId may contain only {allowed}");
        assert_eq!((response.status, response.json()), (400, json!({ "errors": text })));

        let peer = || Some(json!({ "type": "webrtc", "options": {} }));
        assert_eq!(call(&server, "POST", "/room/a-1/peer", peer()).await.status, 201);
        let response = call(&server, "POST", "/room/a-1/peer", peer()).await;
        let text = choose("Reached peer limit in room a-1", "Reached webrtc peers limit in room a-1");
        assert_eq!((response.status, response.json()), (503, json!({ "errors": text })));

        create(&server, "/room/a-1/component", json!({ "type": "hls", "options": {} })).await;
        let second = json!({ "type": "hls", "options": {} });
        let response = call(&server, "POST", "/room/a-1/component", Some(second)).await;
        let text = choose(
            "Reached hls components limit for component in room a-1",
            "Reached hls components limit in room a-1",
        );
        assert_eq!((response.status, response.json()), (400, json!({ "errors": text })));
    }
}

#[tokio::test]
async fn version_0_6_rejects_disabled_types_with_400() {
    let off = builder(JellyfishContract::V0_6).webrtc(false).components(["file"]);
    let server = off.start().await.unwrap();
    let id = create(&server, "/room", json!({ "maxPeers": 0 })).await;
    let refused = |what: &str| (400, json!({ "errors": format!("{what} are disabled on this Fishjam") }));
    let peer = Some(json!({ "type": "webrtc", "options": {} }));
    let response = call(&server, "POST", &format!("/room/{id}/peer"), peer.clone()).await;
    assert_eq!((response.status, response.json()), refused("Peers of type webrtc"));
    for kind in ["hls", "rtsp", "sip", "recording"] {
        // This check precedes the checks of the codec and the options.
        let body = Some(json!({ "type": kind, "options": { "sourceUri": 1 } }));
        let response = call(&server, "POST", &format!("/room/{id}/component"), body).await;
        assert_eq!((response.status, response.json()), refused(&format!("Components of type {kind}")));
    }
    create(
        &server,
        &format!("/room/{id}/component"),
        json!({ "type": "file", "options": { "filePath": "audio.ogg" } }),
    )
    .await;
    for path in ["/room/nowhere/peer", "/room/nowhere/component"] {
        let body = Some(json!({ "type": if path.ends_with("peer") { "webrtc" } else { "hls" }, "options": {} }));
        assert_eq!(call(&server, "POST", path, body).await.status, 404);
    }
    // The room is still there.
    assert_eq!(call(&server, "GET", &format!("/room/{id}"), None).await.status, 200);
}

#[tokio::test]
async fn environment_of_version_0_6_has_its_own_names() {
    let variables = [
        ("FJ_SERVER_API_TOKEN", "new"),
        ("JF_SERVER_API_TOKEN", "old"),
        ("JF_HOST", "media.example.test"),
        ("FJ_COMPONENTS_USED", "hls  file"),
    ];
    let environment =
        |name: &str| variables.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned());
    let server = builder(JellyfishContract::V0_6).environment(environment).start().await.unwrap();
    assert_eq!(server.token(), "new");
    let created = call(&server, "POST", "/room", Some(json!({ "roomId": "a" }))).await.json();
    assert_eq!(created["data"]["fishjam_address"], "media.example.test");
    let sip = Some(json!({ "type": "sip", "options": {} }));
    let response = call(&server, "POST", "/room/a/component", sip).await;
    assert_eq!(response.json(), json!({ "errors": "Components of type sip are disabled on this Fishjam" }));
    create(&server, "/room/a/component", json!({ "type": "file", "options": { "filePath": "audio.ogg" } })).await;
}

#[tokio::test]
async fn integers_of_any_size_limit_peers() {
    let server = builder(JellyfishContract::V0_5).start().await.unwrap();
    let digits = "100000000000000000000";
    let body = |digits: &str| format!(r#"{{"roomId":"a","maxPeers":{digits}}}"#);
    let post = |body: String| {
        let request = crate::case::Request {
            method: "POST".to_owned(),
            path: "/room".to_owned(),
            body: crate::case::Body::Bytes(body.into_bytes()),
            ..Default::default()
        };
        let server = &server;
        async move { crate::http::exchange(server.address(), server.token(), &request).await }
    };
    let created = post(body(digits)).await;
    assert_eq!(created.status, 201);
    let got = call(&server, "GET", "/room/a", None).await;
    for response in [created, got] {
        let text = String::from_utf8(response.body).unwrap();
        assert!(text.contains(&format!(r#""maxPeers":{digits},"#)), "{text}");
    }
    create(&server, "/room/a/peer", json!({ "type": "webrtc", "options": {} })).await;
    let refused = post(body("-100000000000000000000")).await;
    let text = format!("Expected maxPeers to be a number, got: -{digits}");
    assert_eq!((refused.status, refused.json()), (400, json!({ "errors": text })));
}

#[tokio::test]
async fn deep_forms_and_queries_do_not_end_the_process() {
    let server = builder(JellyfishContract::V0_5).start().await.unwrap();
    for depth in [127, 5_000] {
        let deep = format!("a{}=1", "[b]".repeat(depth));
        let request = crate::case::Request {
            method: "POST".to_owned(),
            path: "/room".to_owned(),
            headers: vec![("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned())],
            body: crate::case::Body::Bytes(deep.clone().into_bytes()),
        };
        let response = crate::http::exchange(server.address(), "wrong", &request).await;
        assert_eq!((response.status, response.json()), (400, json!({ "errors": { "detail": "Bad Request" } })));
        let path = format!("/nowhere?{deep}");
        assert_eq!(call(&server, "GET", &path, None).await.status, 400);
    }
    let accepted = format!("/room?a{}=1", "[b]".repeat(126));
    assert_eq!(call(&server, "GET", &accepted, None).await.json(), json!({ "data": [] }));
}

#[tokio::test]
async fn rejected_bodies_are_shortened() {
    let server = builder(JellyfishContract::V0_5).start().await.unwrap();
    let large = Value::String("x".repeat(1_000_000));
    assert_eq!(call(&server, "POST", "/nowhere", Some(json!({ "a": large }))).await.status, 404);
    assert_eq!(server.journal().requests()[0].body().len(), 4096);
}
