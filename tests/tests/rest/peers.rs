//! Peers: options in requests and responses, tokens, limits, and ids that would change the path.

use std::collections::BTreeMap;

use fishjam_emulator::{Contract, Emulator};
use fishjam_sdk::{
    Error, ErrorKind, FishjamClient, PeerId, PeerOptions, PeerStatus, PeerType, RoomId, RoomOptions, SubscribeMode,
    Subscriptions,
};
use serde_json::{Value, json};

#[tokio::test]
async fn create_peer_with_default_options_sends_none() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    let (peer, token) = fishjam.create_peer(&room.id, PeerOptions::new()).await?;
    assert_eq!((&peer.peer_type, &peer.status), (&PeerType::Webrtc, &PeerStatus::Disconnected));
    assert_eq!(peer.subscribe_mode, SubscribeMode::Auto);
    assert_eq!(peer.metadata::<Value>()?, json!({ "peer": {}, "server": {} }));
    assert!(peer.tracks.is_empty() && peer.subscriptions.peers.is_empty() && peer.subscriptions.tracks.is_empty());
    assert!(!token.expose().is_empty());
    assert_eq!(fishjam.get_room(&room.id).await?.peers, [peer]);

    let requests = emulator.journal().requests_for("add_peer");
    assert_eq!(requests.len(), 1);
    assert_eq!((requests[0].method(), requests[0].path()), ("POST", format!("/room/{}/peer", room.id).as_str()));
    assert_eq!(
        (requests[0].query(), requests[0].body_json()),
        (None, Some(json!({ "type": "webrtc", "options": {} })))
    );
    Ok(())
}

#[tokio::test]
async fn create_peer_sends_only_the_options_that_are_set() -> anyhow::Result<()> {
    let ada = json!({ "name": "Ada", "tags": [1, null, { "deep": "ü" }] });
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    for (options, sent) in [
        (PeerOptions::new().metadata(&ada), json!({ "metadata": ada })),
        (PeerOptions::new().metadata(json!({})), json!({ "metadata": {} })),
        (PeerOptions::new().metadata(BTreeMap::from([("a", 1)])), json!({ "metadata": { "a": 1 } })),
        (PeerOptions::new().subscribe_mode(SubscribeMode::Manual), json!({ "subscribeMode": "manual" })),
        (PeerOptions::new().subscribe_mode(SubscribeMode::Auto), json!({ "subscribeMode": "auto" })),
        (PeerOptions::new().enable_simulcast(true), json!({ "enableSimulcast": true })),
        (PeerOptions::new().enable_simulcast(false), json!({ "enableSimulcast": false })),
        (
            PeerOptions::new().metadata(&ada).subscribe_mode(SubscribeMode::Manual).enable_simulcast(true),
            json!({ "metadata": ada, "subscribeMode": "manual", "enableSimulcast": true }),
        ),
    ] {
        emulator.journal().clear();
        let (peer, _) = fishjam.create_peer(&room.id, options).await?;
        let body = emulator.journal().requests()[0].body_json();
        assert_eq!(body, Some(json!({ "type": "webrtc", "options": sent })));
        let metadata = sent.get("metadata").cloned().unwrap_or(json!({}));
        assert_eq!(peer.metadata::<Value>()?, json!({ "peer": {}, "server": metadata }));
        assert_eq!(peer.subscribe_mode.as_str(), sent.get("subscribeMode").and_then(Value::as_str).unwrap_or("auto"));
    }
    Ok(())
}

#[tokio::test]
async fn simulcast_option_works_with_an_older_server() -> anyhow::Result<()> {
    let emulator = Emulator::builder().contract(Contract::V0_22).start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    let (peer, _) = fishjam.create_peer(&room.id, PeerOptions::new().enable_simulcast(true)).await?;
    let body = emulator.journal().requests_for("add_peer")[0].body_json();
    assert_eq!(body, Some(json!({ "type": "webrtc", "options": { "enableSimulcast": true } })));
    // These servers send one list of subscriptions without their kind.
    assert_eq!(peer.subscriptions, Subscriptions::default());
    let (manual, _) = fishjam.create_peer(&room.id, PeerOptions::new().subscribe_mode(SubscribeMode::Manual)).await?;
    fishjam.subscribe_peer(&room.id, &manual.id, &peer.id).await?;
    assert_eq!(fishjam.get_room(&room.id).await?.peers, [peer, manual]);
    assert_eq!(fishjam.get_all_rooms().await?[0].peers.len(), 2);
    Ok(())
}

#[tokio::test]
async fn refreshed_token_differs() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    let (peer, first) = fishjam.create_peer(&room.id, PeerOptions::new()).await?;
    let (_, other) = fishjam.create_peer(&room.id, PeerOptions::new()).await?;
    let fresh = fishjam.refresh_peer_token(&room.id, &peer.id).await?;
    assert!(!fresh.expose().is_empty());
    assert!(fresh.expose() != first.expose() && fresh.expose() != other.expose() && first.expose() != other.expose());
    let requests = emulator.journal().requests_for("refresh_token");
    let path = format!("/room/{}/peer/{}/refresh_token", room.id, peer.id);
    assert_eq!((requests[0].method(), requests[0].path(), requests[0].query()), ("POST", path.as_str(), None));
    Ok(())
}

#[tokio::test]
async fn a_deleted_peer_is_gone() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    let (gone, _) = fishjam.create_peer(&room.id, PeerOptions::new()).await?;
    let (stays, _) = fishjam.create_peer(room.id.as_str(), PeerOptions::new()).await?;
    fishjam.delete_peer(&room.id, &gone.id).await?;
    assert_eq!(fishjam.get_room(&room.id).await?.peers, [stays]);
    let requests = emulator.journal().requests_for("delete_peer");
    let path = format!("/room/{}/peer/{}", room.id, gone.id);
    assert_eq!((requests[0].method(), requests[0].path(), requests[0].body()), ("DELETE", path.as_str(), &b""[..]));
    for error in [
        fishjam.delete_peer(&room.id, &gone.id).await.unwrap_err(),
        fishjam.refresh_peer_token(&room.id, &gone.id).await.unwrap_err(),
        fishjam.delete_peer("no-such-room", &gone.id).await.unwrap_err(),
        fishjam.create_peer("no-such-room", PeerOptions::new()).await.unwrap_err(),
    ] {
        assert!(error.is_not_found() && error.message().is_some_and(|words| words.contains("does not exist")));
    }
    Ok(())
}

#[tokio::test]
async fn full_room_is_a_conflict_and_not_retryable() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let room = fishjam.create_room(RoomOptions::new().max_peers(1)).await?;
    fishjam.create_peer(&room.id, PeerOptions::new()).await?;
    let error = fishjam.create_peer(&room.id, PeerOptions::new()).await.unwrap_err();
    assert_eq!((error.kind(), error.status(), error.is_retryable()), (ErrorKind::Conflict, Some(409), false));
    assert_eq!(
        error.to_string(),
        format!("create_peer: conflict (409): Reached webrtc peers limit in room {}", room.id)
    );
    assert_eq!(emulator.journal().count("add_peer"), 2);
    Ok(())
}

#[tokio::test]
async fn metadata_other_than_an_object_is_not_sent() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let keys_of_numbers_and_lists = BTreeMap::from([(vec![1], 2)]);
    for options in [
        PeerOptions::new().metadata(json!(null)),
        PeerOptions::new().metadata(json!([{}])),
        PeerOptions::new().metadata("text"),
        PeerOptions::new().metadata(1),
        PeerOptions::new().metadata(true),
        PeerOptions::new().metadata(keys_of_numbers_and_lists),
    ] {
        let error = fishjam.create_peer("r", options).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{error}");
        assert!(error.to_string().contains("metadata"), "{error}");
    }
    assert_eq!(emulator.journal().count("*"), 0);
    Ok(())
}

/// Calls each method that takes the id of a room, with this id. Returns the errors.
async fn with_room(fishjam: &FishjamClient, id: &str) -> Vec<Option<Error>> {
    vec![
        fishjam.get_room(id).await.err(),
        fishjam.delete_room(id).await.err(),
        fishjam.create_peer(id, PeerOptions::new()).await.err(),
        fishjam.delete_peer(id, "p").await.err(),
        fishjam.refresh_peer_token(id, "p").await.err(),
        fishjam.create_livestream_viewer_token(id).await.err(),
        fishjam.create_livestream_streamer_token(id).await.err(),
    ]
}

/// Calls each method that takes the id of a peer, with this id. Returns the errors.
async fn with_peer(fishjam: &FishjamClient, room: &RoomId, id: &str) -> Vec<Option<Error>> {
    vec![fishjam.delete_peer(room, id).await.err(), fishjam.refresh_peer_token(room, PeerId::from(id)).await.err()]
}

// Defect X15 of the official SDKs.
#[tokio::test]
async fn id_that_would_change_the_path_is_not_sent() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    emulator.journal().clear();
    let rerouting = [
        "", ".", "..", "/", "a/b", "../room", "a/../b", "\\", "a\\b", "\n", "a\r\nb", "\t", "a\u{0}", "\u{7f}",
        "a\u{85}",
    ];
    for id in rerouting {
        let (by_room, by_peer) = (with_room(&fishjam, id).await, with_peer(&fishjam, &room.id, id).await);
        for (outcome, noun) in
            by_room.into_iter().map(|e| (e, "room id")).chain(by_peer.into_iter().map(|e| (e, "peer id")))
        {
            let error = outcome.unwrap_or_else(|| panic!("{noun} {id:?} was taken"));
            assert_eq!((error.kind(), error.attempts(), error.status()), (ErrorKind::InvalidInput, 0, None), "{id:?}");
            assert!(error.to_string().contains(noun) && !error.to_string().contains(['\n', '\r']), "{error}");
        }
    }
    assert_eq!(emulator.journal().count("*"), 0);
    assert_eq!(fishjam.get_all_rooms().await?, [room]);
    Ok(())
}

// Defect X15 of the official SDKs.
#[tokio::test]
async fn odd_id_stays_one_path_segment() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    for (id, segment) in [
        ("a b", "a%20b"),
        ("ü", "%C3%BC"),
        ("a?b=c", "a%3Fb%3Dc"),
        ("a#b", "a%23b"),
        ("a%2Fb", "a%252Fb"),
        ("%2e%2e", "%252e%252e"),
        ("...", "..."),
        ("a;b,c&d", "a%3Bb%2Cc%26d"),
    ] {
        emulator.journal().clear();
        for error in with_room(&fishjam, id).await.into_iter().chain(with_peer(&fishjam, &room.id, id).await) {
            let error = error.unwrap_or_else(|| panic!("there is no {id:?}"));
            assert_eq!(error.kind(), ErrorKind::NotFound, "{id:?}: {error}");
            // The error is not "unknown route", because the id arrived unchanged.
            assert!(error.message().is_some_and(|words| words.contains(&format!(" {id} "))), "{error}");
        }
        let requests = emulator.journal().requests();
        assert_eq!(requests.len(), 9);
        for request in requests {
            assert_eq!(request.query(), None, "{id:?}");
            assert!(request.path().contains(&format!("/{segment}")), "{id:?}: {}", request.path());
        }
    }
    Ok(())
}
