//! Rooms: every option in requests and responses, and every form of an id or an address.

use fishjam_emulator::Emulator;
use fishjam_sdk::{ErrorKind, FishjamClient, RoomConfig, RoomId, RoomOptions, RoomType, VideoCodec};
use serde_json::{Value, json};

/// Values that the server sets for unset options.
fn defaults() -> Value {
    json!({
        "batchWebhookNotifications": false, "maxPeers": null, "public": false,
        "roomType": "conference", "videoCodec": "h264", "webhookUrl": null,
    })
}

/// Returns a configuration as the JSON of the contract.
fn read(config: &RoomConfig) -> Value {
    json!({
        "batchWebhookNotifications": config.batch_webhook_notifications, "maxPeers": config.max_peers,
        "public": config.public, "roomType": config.room_type.as_str(),
        "videoCodec": config.video_codec.as_str(), "webhookUrl": config.webhook_url,
    })
}

#[tokio::test]
async fn create_room_sends_only_the_options_that_are_set() -> anyhow::Result<()> {
    let room_type = |it| RoomOptions::new().room_type(it);
    let everything = RoomOptions::new()
        .max_peers(3)
        .room_type(RoomType::Livestream)
        .video_codec(VideoCodec::Vp8)
        .webhook_url("https://example.com/hook?a=b")
        .public(true)
        .batch_webhook_notifications(true);
    let all = json!({
        "batchWebhookNotifications": true, "maxPeers": 3, "public": true,
        "roomType": "livestream", "videoCodec": "vp8", "webhookUrl": "https://example.com/hook?a=b",
    });
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    for (options, sent) in [
        (RoomOptions::new(), json!({})),
        (RoomOptions::default(), json!({})),
        (RoomOptions::new().max_peers(10), json!({ "maxPeers": 10 })),
        (room_type(RoomType::Conference), json!({ "roomType": "conference" })),
        (room_type(RoomType::AudioOnly), json!({ "roomType": "audio_only" })),
        (room_type(RoomType::Livestream), json!({ "roomType": "livestream" })),
        (room_type(RoomType::AudioOnlyLivestream), json!({ "roomType": "audio_only_livestream" })),
        (room_type(RoomType::FullFeature), json!({ "roomType": "full_feature" })),
        (room_type(RoomType::Broadcaster), json!({ "roomType": "broadcaster" })),
        (RoomOptions::new().video_codec(VideoCodec::H264), json!({ "videoCodec": "h264" })),
        (RoomOptions::new().video_codec(VideoCodec::Vp8), json!({ "videoCodec": "vp8" })),
        (RoomOptions::new().public(true), json!({ "public": true })),
        (RoomOptions::new().public(false), json!({ "public": false })),
        (RoomOptions::new().batch_webhook_notifications(true), json!({ "batchWebhookNotifications": true })),
        (RoomOptions::new().webhook_url("http://h/"), json!({ "webhookUrl": "http://h/" })),
        (everything, all),
    ] {
        emulator.journal().clear();
        let created = fishjam.create_room(options.clone()).await?;
        let requests = emulator.journal().requests();
        assert_eq!(requests.len(), 1, "{options:?}");
        assert_eq!((requests[0].method(), requests[0].path(), requests[0].query()), ("POST", "/room", None));
        assert_eq!(requests[0].body_json(), Some(sent.clone()), "{options:?}");
        let mut expected = defaults();
        for (name, value) in sent.as_object().into_iter().flatten() {
            expected[name] = value.clone();
        }
        assert_eq!(read(&created.config), expected, "{options:?}");
    }
    Ok(())
}

#[tokio::test]
async fn absent_null_or_zero_peer_limit_is_none() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let room = fishjam.create_room(RoomOptions::new().max_peers(0)).await?;
    assert_eq!(emulator.journal().requests()[0].body_json(), Some(json!({ "maxPeers": 0 })));
    assert_eq!(room.config.max_peers, None);
    emulator.faults().on("get_room").patch_json(|response| response["data"]["config"]["maxPeers"] = Value::Null);
    assert_eq!(fishjam.get_room(&room.id).await?.config.max_peers, None);
    Ok(())
}

#[tokio::test]
async fn created_listed_and_looked_up_are_equal() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    assert_eq!(fishjam.get_all_rooms().await?, []);
    let first = fishjam.create_room(RoomOptions::new().max_peers(2)).await?;
    let second = fishjam.create_room(RoomOptions::new().room_type(RoomType::AudioOnly)).await?;
    assert!(first.peers.is_empty() && first.composition_info()?.is_none());
    assert_ne!(first.id, second.id);
    assert_eq!(fishjam.get_room(&first.id).await?, first);
    assert_eq!(fishjam.get_room(&second.id).await?, second);
    let listed = fishjam.get_all_rooms().await?;
    assert_eq!(listed.len(), 2);
    assert!(listed.contains(&first) && listed.contains(&second));
    fishjam.delete_room(&first.id).await?;
    assert_eq!(fishjam.get_all_rooms().await?, [second]);
    Ok(())
}

#[tokio::test]
async fn room_calls_send_only_their_method_and_path() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let id = fishjam.create_room(RoomOptions::new()).await?.id;
    emulator.journal().clear();
    fishjam.get_all_rooms().await?;
    fishjam.get_room(&id).await?;
    fishjam.delete_room(&id).await?;
    let one = format!("/room/{id}");
    let expected = [("get_all_rooms", "GET", "/room"), ("get_room", "GET", &one), ("delete_room", "DELETE", &one)];
    let requests = emulator.journal().requests();
    assert_eq!(requests.len(), expected.len());
    for (request, expected) in requests.iter().zip(expected) {
        assert_eq!((request.operation(), request.method(), request.path()), expected);
        assert_eq!((request.query(), request.body()), (None, &b""[..]), "{expected:?}");
    }
    Ok(())
}

#[tokio::test]
async fn deleted_or_unknown_room_is_not_found() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let gone = fishjam.create_room(RoomOptions::new()).await?.id;
    fishjam.delete_room(&gone).await?;
    for id in [gone, RoomId::from("never"), RoomId::from("00000000-0000-4000-8000-000000000000")] {
        for error in [fishjam.get_room(&id).await.unwrap_err(), fishjam.delete_room(&id).await.unwrap_err()] {
            assert_eq!((error.kind(), error.status()), (ErrorKind::NotFound, Some(404)), "{error}");
            assert!(error.is_not_found() && !error.is_retryable());
            assert_eq!(error.message(), Some(format!("Room {id} does not exist").as_str()));
        }
    }
    Ok(())
}

#[tokio::test]
async fn refused_option_has_the_servers_message() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    for (options, words) in [
        (
            RoomOptions::new().webhook_url("https://example.com"),
            "Expected webhookUrl to be valid URL, got: https://example.com",
        ),
        (RoomOptions::new().webhook_url(""), "Expected webhookUrl to be valid URL, got: "),
        (
            RoomOptions::new().video_codec(VideoCodec::Unknown("av1".to_owned())),
            "Expected videoCodec to be 'h264' or 'vp8', got: av1",
        ),
    ] {
        let error = fishjam.create_room(options).await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::BadRequest, Some(400)));
        assert_eq!((error.operation(), error.message()), (Some("create_room"), Some(words)));
        assert_eq!(error.to_string(), format!("create_room: bad request (400): {words}"));
    }
    assert_eq!(fishjam.get_all_rooms().await?, []);
    Ok(())
}

#[tokio::test]
async fn room_calls_accept_ids_of_any_form() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    let text = room.id.to_string();
    for got in [
        fishjam.get_room(text.as_str()).await?,
        fishjam.get_room(&text).await?,
        fishjam.get_room(text.clone()).await?,
        fishjam.get_room(&room.id).await?,
        fishjam.get_room(room.id.clone()).await?,
    ] {
        assert_eq!(got, room);
    }
    fishjam.delete_room(text).await?;
    Ok(())
}

// Defects X8 and X36 of the official SDKs.
#[tokio::test]
async fn every_form_of_an_address_gives_clean_paths() -> anyhow::Result<()> {
    // An id with "http" in it, which a replacement of text would damage.
    let emulator = Emulator::builder().id("http-id").start().await?;
    let (bare, prefixed) = (emulator.origin(), emulator.url());
    let shouting = bare.replacen("http", "HTTP", 1);
    for (given, path) in [
        (bare.to_owned(), "/room"),
        (format!("{bare}/"), "/room"),
        (format!("{bare}//"), "/room"),
        (shouting, "/room"),
        (format!(" {bare}/\n"), "/room"),
        (prefixed.to_owned(), "/api/v1/connect/http-id/room"),
        (format!("{prefixed}/"), "/api/v1/connect/http-id/room"),
        (format!("{prefixed}///"), "/api/v1/connect/http-id/room"),
    ] {
        let by_id = FishjamClient::new(given.as_str(), emulator.token())?;
        let by_base_url = FishjamClient::builder("some-id", emulator.token()).base_url(given.as_str()).build()?;
        for fishjam in [by_id, by_base_url] {
            emulator.journal().clear();
            let room = fishjam.create_room(RoomOptions::new()).await?;
            fishjam.get_room(&room.id).await?;
            let requests = emulator.journal().requests();
            let sent: Vec<_> = requests.iter().map(|request| request.full_path()).collect();
            assert_eq!(sent, [path.to_owned(), format!("{path}/{}", room.id)], "{given}");
        }
    }
    Ok(())
}
