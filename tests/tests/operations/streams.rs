//! Livestreams with their streamers and viewers.

use fishjam_emulator::Emulator;
use fishjam_sdk::{ErrorKind, LivestreamOptions, RoomOptions, RoomType, StreamerStatus};
use serde_json::json;

use super::{debugged, last, start};

#[tokio::test]
async fn create_stream_sends_only_the_options_that_are_set() -> anyhow::Result<()> {
    let (emulator, fishjam) = start(Emulator::builder()).await?;
    let options = LivestreamOptions::new;
    for (options, sent) in [
        (options(), json!({})),
        (options().public(false).audio_only(false), json!({ "public": false, "audioOnly": false })),
        (options().public(true), json!({ "public": true })),
        (options().audio_only(true), json!({ "audioOnly": true })),
        (
            options().webhook_url("https://example.com/").batch_webhook_notifications(true),
            json!({ "webhookUrl": "https://example.com/", "batchWebhookNotifications": true }),
        ),
    ] {
        let option = |name: &str| sent[name].as_bool().unwrap_or(false);
        let stream = fishjam.create_stream(options).await?;
        assert_eq!((stream.public, stream.audio_only), (option("public"), option("audioOnly")));
        let request = last(&emulator, "create_stream");
        assert_eq!((request.method(), request.path(), request.query()), ("POST", "/livestream", None));
        assert_eq!(request.body_json(), Some(sent));
        assert!(stream.streamers.is_empty() && stream.viewers.is_empty());
    }
    Ok(())
}

#[tokio::test]
async fn stream_can_have_streamers_and_viewers() -> anyhow::Result<()> {
    let (emulator, fishjam) = start(Emulator::builder()).await?;
    let stream = fishjam.create_stream(LivestreamOptions::new()).await?;
    let streamer = fishjam.create_streamer(&stream.id).await?;
    let viewers = [fishjam.create_viewer(&stream.id).await?, fishjam.create_viewer(stream.id.as_str()).await?];
    for (operation, who) in [("create_streamer", "streamer"), ("create_viewer", "viewer")] {
        let request = last(&emulator, operation);
        assert_eq!((request.method(), request.body()), ("POST", &b""[..]));
        assert_eq!(request.path(), format!("/livestream/{}/{who}", stream.id));
    }
    assert_eq!(streamer.status, StreamerStatus::Disconnected);
    assert_ne!(viewers[0].token.expose(), viewers[1].token.expose());

    assert!(emulator.connect_streamer(stream.id.as_str(), streamer.id.as_str()));
    let seen = fishjam.get_stream(&stream.id).await?;
    assert_eq!((&seen.id, seen.streamers.len(), seen.viewers.len()), (&stream.id, 1, 2));
    assert_eq!((&seen.streamers[0].id, &seen.streamers[0].status), (&streamer.id, &StreamerStatus::Connected));
    assert_eq!(seen.streamers[0].token.expose(), streamer.token.expose());
    assert!(viewers.iter().zip(&seen.viewers).all(|(made, seen)| made.id == seen.id));
    assert_eq!(fishjam.get_all_streams().await?.len(), 1);

    fishjam.delete_viewer(&stream.id, &viewers[0].id).await?;
    let path = format!("/livestream/{}/viewer/{}", stream.id, viewers[0].id);
    assert_eq!(last(&emulator, "delete_viewer").path(), path);
    fishjam.delete_streamer(&stream.id, &streamer.id).await?;
    let path = format!("/livestream/{}/streamer/{}", stream.id, streamer.id);
    assert_eq!(last(&emulator, "delete_streamer").path(), path);
    let seen = fishjam.get_stream(&stream.id).await?;
    assert_eq!((seen.streamers.len(), seen.viewers.len()), (0, 1));

    fishjam.delete_stream(&stream.id).await?;
    let request = last(&emulator, "delete_stream");
    assert_eq!((request.method(), request.path()), ("DELETE", format!("/livestream/{}", stream.id).as_str()));
    assert!(fishjam.get_all_streams().await?.is_empty());
    assert!(fishjam.get_stream(&stream.id).await.unwrap_err().is_not_found());
    Ok(())
}

#[tokio::test]
async fn a_livestream_is_a_room_and_a_stream_with_one_id() -> anyhow::Result<()> {
    let (_emulator, fishjam) = start(Emulator::builder()).await?;
    let stream = fishjam.create_stream(LivestreamOptions::new().audio_only(true)).await?;
    let room = fishjam.get_room(&stream.id).await?;
    assert_eq!(room.config.room_type, RoomType::AudioOnlyLivestream);
    fishjam.create_livestream_viewer_token(&stream.id).await?;

    let room = fishjam.create_room(RoomOptions::new().room_type(RoomType::Livestream)).await?;
    let streamer = fishjam.create_streamer(&room.id).await?;
    let stream = fishjam.get_stream(&room.id).await?;
    assert_eq!(stream.streamers[0].id, streamer.id);
    fishjam.delete_room(stream.id).await?;
    assert!(fishjam.get_stream(&room.id).await.unwrap_err().is_not_found());
    Ok(())
}

#[tokio::test]
async fn streams_of_another_server_version_are_read() -> anyhow::Result<()> {
    let (emulator, fishjam) = start(Emulator::builder()).await?;
    let stream = fishjam.create_stream(LivestreamOptions::new()).await?;
    fishjam.create_streamer(&stream.id).await?;
    emulator.faults().on("get_stream").patch_json(|response| {
        response["data"].as_object_mut().map(|stream| stream.remove("audioOnly"));
        response["data"]["streamers"][0]["status"] = json!("paused");
        response["data"]["tomorrow"] = json!({ "key": 1 });
    });
    let stream = fishjam.get_stream(&stream.id).await?;
    assert!(!stream.audio_only);
    assert_eq!(stream.streamers[0].status, StreamerStatus::Unknown("paused".to_owned()));
    Ok(())
}

#[tokio::test]
async fn livestream_urls_are_on_the_servers_origin() -> anyhow::Result<()> {
    let (emulator, fishjam) = start(Emulator::builder()).await?;
    let origin = emulator.origin();
    assert_eq!(fishjam.livestream_whip_url(), format!("{origin}/api/v1/live/api/whip"));
    assert_eq!(fishjam.livestream_whep_url(), format!("{origin}/api/v1/live/api/whep"));
    let stream = fishjam.create_stream(LivestreamOptions::new().public(true)).await?;
    let url = fishjam.public_livestream_whep_url(&stream.id)?;
    assert_eq!(url, format!("{origin}/api/v1/live/api/whep/{}", stream.id));
    assert_eq!(fishjam.public_livestream_whep_url("a/b").unwrap_err().kind(), ErrorKind::InvalidInput);
    Ok(())
}

#[tokio::test]
async fn stream_calls_refuse_invalid_input() -> anyhow::Result<()> {
    let (emulator, fishjam) = start(Emulator::builder()).await?;
    let conference = fishjam.create_room(RoomOptions::new()).await?.id;
    for (error, kind, operation) in [
        (
            fishjam.create_stream(LivestreamOptions::new().webhook_url("https://no-slash")).await.unwrap_err(),
            ErrorKind::BadRequest,
            "create_stream",
        ),
        (fishjam.get_stream("gone").await.unwrap_err(), ErrorKind::NotFound, "get_stream"),
        (fishjam.get_stream(&conference).await.unwrap_err(), ErrorKind::NotFound, "get_stream"),
        (fishjam.create_streamer(&conference).await.unwrap_err(), ErrorKind::NotFound, "create_streamer"),
        (fishjam.create_viewer("gone").await.unwrap_err(), ErrorKind::NotFound, "create_viewer"),
    ] {
        assert_eq!((error.kind(), error.operation()), (kind, Some(operation)), "{error}");
    }
    // The contract lists no 404 for these operations, and the service sends none.
    fishjam.delete_stream("gone").await?;
    fishjam.delete_streamer("gone", "gone").await?;
    fishjam.delete_viewer("gone", "gone").await?;

    emulator.journal().clear();
    for error in [
        fishjam.get_stream("").await.unwrap_err(),
        fishjam.delete_stream("..").await.unwrap_err(),
        fishjam.create_streamer("a/b").await.unwrap_err(),
        fishjam.delete_streamer("s", "..").await.unwrap_err(),
        fishjam.create_viewer("a\nb").await.unwrap_err(),
        fishjam.delete_viewer("", "v").await.unwrap_err(),
    ] {
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0));
    }
    assert_eq!(emulator.journal().count("*"), 0);
    Ok(())
}

#[tokio::test]
async fn tokens_are_not_printed() -> anyhow::Result<()> {
    let (_emulator, fishjam) = start(Emulator::builder()).await?;
    let stream = fishjam.create_stream(LivestreamOptions::new()).await?;
    let streamer = fishjam.create_streamer(&stream.id).await?;
    let viewer = fishjam.create_viewer(&stream.id).await?;
    let streams = fishjam.get_all_streams().await?;
    let printed = format!(
        "{} {} {} {} {}",
        debugged(&streams),
        debugged(&streamer),
        debugged(&viewer),
        streamer.token,
        viewer.token
    );
    assert!(printed.contains(streamer.id.as_str()) && printed.contains(viewer.id.as_str()));
    assert!(!printed.contains(streamer.token.expose()) && !printed.contains(viewer.token.expose()), "{printed}");
    Ok(())
}
