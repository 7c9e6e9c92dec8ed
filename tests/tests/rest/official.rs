//! Defects of the official SDKs, and differences between them, next to the behavior of this SDK. `tests/official-sdks.md`
//! lists the defects.

use std::time::Duration;

use fishjam_emulator::Emulator;
use fishjam_proto::fishjam::{
    ServerMessage,
    server_message::{Content, NotificationBatch, RoomCreated, VadNotification},
};
use fishjam_sdk::{
    AgentOptions, ErrorKind, FishjamClient, FishjamNotifier, PeerOptions, RoomOptions, RoomType, VapiAgentOptions,
    events::{Event, Notification, VoiceActivity},
};
use fishjam_tests::{
    clock::StoppedClock,
    support::{silent, unanswered_request, unused_url, within},
};
use futures_util::StreamExt;
use serde_json::json;
use tokio::time::Instant;

async fn start() -> anyhow::Result<(Emulator, FishjamClient)> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    Ok((emulator, fishjam))
}

// Defects X12 and X40 of the official SDKs.
#[tokio::test]
async fn silent_server_times_out_as_documented() -> anyhow::Result<()> {
    let (listener, url) = silent().await?;
    let fishjam = FishjamClient::new(&url, "token")?;
    let clock = StoppedClock::stop();
    let began = Instant::now();
    let waiting = async {
        let unanswered = unanswered_request(&listener).await?;
        clock.advance(Duration::from_secs(30)).await;
        anyhow::Ok(unanswered)
    };
    let (outcome, waited) = tokio::join!(fishjam.create_room(RoomOptions::new()), waiting);
    waited?;
    let error = outcome.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, 1));
    assert_eq!(began.elapsed().as_secs(), 30, "one request");

    let began = Instant::now();
    let waiting = async {
        loop {
            let _unanswered = unanswered_request(&listener).await?;
            // Longer than a request and the wait after it.
            for _ in 0..70 {
                clock.advance(Duration::from_millis(500)).await;
            }
        }
    };
    let error = tokio::select! {
        outcome = fishjam.get_all_rooms() => outcome.unwrap_err(),
        stopped = waiting => return stopped,
    };
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!((60..=90).contains(&began.elapsed().as_secs()), "all requests: {:?}", began.elapsed());
    Ok(())
}

// Defect X37 of the official SDKs.
#[tokio::test]
async fn missing_entity_is_not_found_in_every_call() -> anyhow::Result<()> {
    let (_emulator, fishjam) = start().await?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    let outcomes = [
        ("get_room", fishjam.get_room("gone").await.map(drop)),
        ("add_peer", fishjam.create_peer("gone", PeerOptions::new()).await.map(drop)),
        ("add_peer", fishjam.create_agent("gone", AgentOptions::new()).await.map(drop)),
        ("add_peer", fishjam.create_vapi_agent("gone", VapiAgentOptions::new("key", "call")).await.map(drop)),
        ("delete_peer", fishjam.delete_peer(&room.id, "gone").await),
        ("refresh_token", fishjam.refresh_peer_token(&room.id, "gone").await.map(drop)),
        ("subscribe_peer", fishjam.subscribe_peer(&room.id, "gone", "gone").await),
        ("generate_viewer_token", fishjam.create_livestream_viewer_token("gone").await.map(drop)),
        ("generate_streamer_token", fishjam.create_livestream_streamer_token("gone").await.map(drop)),
        ("get_recording", fishjam.get_recording("gone").await.map(drop)),
        ("get_stream", fishjam.get_stream("gone").await.map(drop)),
    ];
    for (operation, outcome) in outcomes {
        let error = outcome.unwrap_err();
        assert!(error.is_not_found(), "{error}");
        // The server's message names the missing entity.
        assert_eq!((error.operation(), error.message().is_some()), (Some(operation), true), "{error}");
    }
    Ok(())
}

// Defect X38 of the official SDKs.
#[tokio::test]
async fn every_status_has_its_kind_and_message() -> anyhow::Result<()> {
    let (emulator, fishjam) = start().await?;
    let room = fishjam.create_room(RoomOptions::new().max_peers(1)).await?;
    fishjam.create_peer(&room.id, PeerOptions::new()).await?;
    let full = fishjam.create_peer(&room.id, PeerOptions::new()).await.unwrap_err();
    assert_eq!((full.kind(), full.is_retryable()), (ErrorKind::Conflict, false));

    let body = json!({ "errors": { "maxPeers": ["is odd", { "why": 1 }] } }).to_string();
    emulator.faults().on("create_room").status(422).body(body);
    let odd = fishjam.create_room(RoomOptions::new()).await.unwrap_err();
    assert_eq!(odd.kind(), ErrorKind::BadRequest);
    assert_eq!(odd.message(), Some(r#"{"maxPeers":["is odd",{"why":1}]}"#));

    emulator.faults().on("create_room").status(403);
    assert_eq!(fishjam.create_room(RoomOptions::new()).await.unwrap_err().status(), Some(403));
    Ok(())
}

#[tokio::test]
async fn failures_have_one_kind_where_official_sdks_differ() -> anyhow::Result<()> {
    let (emulator, fishjam) = start().await?;

    // A network failure is a kind of its own and has no status.
    let nobody = FishjamClient::builder(unused_url().await?, "token").max_attempts(1).build()?;
    let error = nobody.get_all_rooms().await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Connection, None));

    // The check of the credentials succeeds only after a successful response.
    for (status, kind) in
        [(401, ErrorKind::InvalidCredentials), (404, ErrorKind::InvalidCredentials), (500, ErrorKind::Server)]
    {
        emulator.faults().on("validate_credentials").status(status);
        assert_eq!(fishjam.check_credentials().await.unwrap_err().kind(), kind, "{status}");
    }

    // The request for a room with default options is an empty object.
    let room = fishjam.create_room(RoomOptions::new()).await?;
    assert_eq!(emulator.journal().requests_for("create_room")[0].body_json(), Some(json!({})));

    // A viewer's token is a type, and its text is the token alone.
    let stream = fishjam.create_room(RoomOptions::new().room_type(RoomType::Livestream)).await?;
    let token = fishjam.create_livestream_viewer_token(&stream.id).await?;
    assert!(!token.expose().contains(['{', '"']));

    // A malformed deprecation header has no effect.
    emulator.faults().on("get_room").header("x-fishjam-api-deprecated", "[soon]");
    assert_eq!(fishjam.get_room(&room.id).await?, room);
    assert_eq!(fishjam.deprecation(), None);
    Ok(())
}

// Defects X1 and X21 of the official SDKs.
#[tokio::test]
async fn batch_is_flattened_and_unknown_voice_activity_kept() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let mut events = FishjamNotifier::new(emulator.url(), emulator.token())?.events().await?;
    let message = |content| ServerMessage { content: Some(content) };
    let room = |id: &str| message(Content::RoomCreated(RoomCreated { room_id: id.to_owned() }));
    let vad = VadNotification { room_id: "r".to_owned(), peer_id: "p".to_owned(), track_id: "t".to_owned(), status: 7 };
    let batch = NotificationBatch { notifications: vec![room("a"), message(Content::VadNotification(vad)), room("b")] };
    emulator.publish_raw(prost::Message::encode_to_vec(&message(Content::NotificationBatch(batch))));
    let mut told = Vec::new();
    while told.len() < 3 {
        let Some(Ok(Event::Notification(n))) = within("a notification", events.next()).await? else {
            anyhow::bail!("something else")
        };
        told.push(n);
    }
    assert!(matches!(&told[0], Notification::RoomCreated(n) if n.room_id == "a"));
    assert!(matches!(&told[1], Notification::VadNotification(n) if n.status == VoiceActivity::Unknown(7)));
    assert!(matches!(&told[2], Notification::RoomCreated(n) if n.room_id == "b"));
    Ok(())
}

// Defects X22 and X42 of the official SDKs.
#[tokio::test]
async fn client_has_operations_that_official_clients_lack() -> anyhow::Result<()> {
    let (_emulator, fishjam) = start().await?;
    use fishjam_sdk::{LivestreamOptions, MoqAccessOptions, RecordingFilter, RecordingStatus};
    assert_eq!(fishjam.get_all_recordings(RecordingFilter::new().status(RecordingStatus::Active)).await?.len(), 0);
    let stream = fishjam.create_stream(LivestreamOptions::new()).await?;
    assert_eq!(fishjam.get_all_streams().await?.len(), 1);
    fishjam.create_streamer(&stream.id).await?;
    fishjam.create_viewer(&stream.id).await?;
    fishjam.create_moq_access(MoqAccessOptions::new().publish_path("a").ttl(Duration::from_secs(60))).await?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    fishjam.create_vapi_agent(&room.id, VapiAgentOptions::new("key", "call").auto_close(true)).await?;
    fishjam.forward_room_tracks(&room.id, "https://example.com/composition").await?;
    assert!(fishjam.get_room(&room.id).await?.composition_info()?.is_some());
    Ok(())
}
