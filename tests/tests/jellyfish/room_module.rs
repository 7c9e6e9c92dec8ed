//! Every function of the module `Jellyfish.Room` of the Elixir SDK 0.5.1, and the example on its page.
//!
//! E1, E2 and so on are tests of that SDK: see `tests/official-sdks.md`.

use std::time::Duration;

use fishjam_sdk::{
    ErrorKind, PeerStatus, PeerType, VideoCodec,
    jellyfish::{
        ComponentProperties, File, Hls, Recording, RoomOptions, Rtsp, S3Credentials, Sip, SipCredentials,
        SubscribeMode, WebRtc,
    },
};

use crate::fixture::{client, h264_room, start};

const URI: &str = "rtsp://ef36c6dff23ecc5bbe311cc880d95dc8.se:2137/does/not/matter";
const GONE: &str = "11111111-2222-4333-8444-555555555555";

fn storage() -> S3Credentials {
    S3Credentials::new("access_key_id", "secret_access_key", "region", "bucket")
}

fn registrar() -> SipCredentials {
    SipCredentials::new("my-sip-registrar.net", "user-name", "pass-word")
}

/// The example on the page: a room for ten peers, a peer, and a missing room.
#[tokio::test]
async fn documented_example_works() -> anyhow::Result<()> {
    let (_emulator, jellyfish) = start().await?;

    let (room, _address) = jellyfish.create_room(RoomOptions::new().max_peers(10)).await?;
    assert_eq!((room.components.len(), room.peers.len()), (0, 0));
    assert_eq!((room.config.max_peers, &room.config.video_codec), (Some(10), &None));

    let peer = jellyfish.add_peer(&room.id, WebRtc::new()).await?.peer;
    assert_eq!((peer.status, peer.peer_type), (PeerStatus::Disconnected, PeerType::Webrtc));
    assert_eq!((peer.tracks, peer.metadata), (vec![], None));

    jellyfish.delete_room(&room.id).await?;
    assert_eq!(jellyfish.get_all_rooms().await?, []);
    Ok(())
}

/// E16 to E24.
#[tokio::test]
async fn create() -> anyhow::Result<()> {
    let (emulator, jellyfish) = start().await?;
    let options = RoomOptions::new()
        .room_id("my-room")
        .max_peers(10)
        .video_codec(VideoCodec::Vp8)
        .webhook_url("http://127.0.0.1:9/hook")
        .peerless_purge_timeout(Duration::from_secs(60))
        .peer_disconnected_timeout(Duration::from_secs(30));
    let (room, address) = jellyfish.create_room(options.clone()).await?;
    assert_eq!(address, emulator.address());
    assert_eq!(room.id, "my-room");
    let config = &room.config;
    assert_eq!((config.room_id.as_ref(), config.max_peers), (Some(&room.id), Some(10)));
    assert_eq!(config.video_codec, Some(VideoCodec::Vp8));
    assert_eq!(config.webhook_url.as_deref(), Some("http://127.0.0.1:9/hook"));
    assert_eq!(config.peerless_purge_timeout, Some(Duration::from_secs(60)));
    assert_eq!(config.peer_disconnected_timeout, Some(Duration::from_secs(30)));

    for (options, message) in [
        (options, r#"Cannot add room with id "my-room" - room already exists"#),
        (
            RoomOptions::new().room_id("a b"),
            r#"Cannot add room with id "a b" - roomId may contain only alphanumeric characters and hyphens"#,
        ),
        (
            RoomOptions::new().video_codec(VideoCodec::Unknown("opus".to_owned())),
            "Expected videoCodec to be 'h264' or 'vp8', got: opus",
        ),
        (RoomOptions::new().webhook_url("nowhere"), "Expected webhookUrl to be valid URL, got: nowhere"),
        (
            RoomOptions::new().peerless_purge_timeout(Duration::ZERO),
            "Expected peerlessPurgeTimeout to be a positive integer, got: 0",
        ),
        (
            RoomOptions::new().peer_disconnected_timeout(Duration::ZERO),
            "Expected peerDisconnectedTimeout to be a positive integer, got: 0",
        ),
    ] {
        let error = jellyfish.create_room(options).await.unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::BadRequest, Some(message)));
        assert_eq!((error.operation(), error.status(), error.attempts()), (Some("create_room"), Some(400), 1));
    }
    Ok(())
}

/// E27.
#[tokio::test]
async fn get_all() -> anyhow::Result<()> {
    let (_emulator, jellyfish) = start().await?;
    assert_eq!(jellyfish.get_all_rooms().await?, []);
    let (room, _) = jellyfish.create_room(RoomOptions::new()).await?;
    assert_eq!(jellyfish.get_all_rooms().await?, [room]);
    Ok(())
}

/// E28 and E29.
#[tokio::test]
async fn get() -> anyhow::Result<()> {
    let (_emulator, jellyfish) = start().await?;
    let room = h264_room(&jellyfish).await?;
    let hls = jellyfish.add_component(&room.id, Hls::new()).await?;
    let peer = jellyfish.add_peer(&room.id, WebRtc::new()).await?.peer;
    let now = jellyfish.get_room(&room.id).await?;
    assert_eq!((&now.components, &now.peers), (&vec![hls], &vec![peer]));

    let error = jellyfish.get_room(GONE).await.unwrap_err();
    assert!(error.is_not_found());
    assert_eq!(error.message(), Some("Room 11111111-2222-4333-8444-555555555555 does not exist"));
    assert!(error.request_id().is_some());
    Ok(())
}

/// E25 and E26.
#[tokio::test]
async fn delete() -> anyhow::Result<()> {
    let (_emulator, jellyfish) = start().await?;
    let (room, _) = jellyfish.create_room(RoomOptions::new()).await?;
    jellyfish.delete_room(&room.id).await?;
    let error = jellyfish.delete_room(&room.id).await.unwrap_err();
    assert_eq!(error.message(), Some(format!("Room {} does not exist", room.id).as_str()));
    Ok(())
}

/// E50 to E52.
#[tokio::test]
async fn add_peer() -> anyhow::Result<()> {
    let (emulator, jellyfish) = start().await?;
    let (room, _) = jellyfish.create_room(RoomOptions::new().max_peers(1)).await?;
    let created = jellyfish.add_peer(&room.id, WebRtc::new().enable_simulcast(false)).await?;
    assert_eq!((&created.peer.status, &created.peer.peer_type), (&PeerStatus::Disconnected, &PeerType::Webrtc));
    assert_eq!(created.ws_url, format!("ws://{}/socket/peer/websocket", emulator.address()));
    assert!(!created.token.expose().is_empty());
    assert!(!format!("{created:?}").contains(created.token.expose()));

    let error = jellyfish.add_peer(&room.id, WebRtc::new()).await.unwrap_err();
    assert_eq!(error.message(), Some(format!("Reached peer limit in room {}", room.id).as_str()));
    // The room is full. A retry would not help, although the status suggests one.
    assert_eq!((error.kind(), error.status(), error.attempts()), (ErrorKind::Conflict, Some(503), 1));
    assert!(!error.is_retryable());
    Ok(())
}

/// E53 and E54.
#[tokio::test]
async fn delete_peer() -> anyhow::Result<()> {
    let (_emulator, jellyfish) = start().await?;
    let (room, _) = jellyfish.create_room(RoomOptions::new()).await?;
    let peer = jellyfish.add_peer(&room.id, WebRtc::new()).await?.peer;
    jellyfish.delete_peer(&room.id, &peer.id).await?;
    assert_eq!(jellyfish.get_room(&room.id).await?.peers, []);
    let error = jellyfish.delete_peer(&room.id, &peer.id).await.unwrap_err();
    assert_eq!(error.message(), Some(format!("Peer {} does not exist", peer.id).as_str()));
    Ok(())
}

/// E30 to E47: the options of each kind of component, and the errors of the server.
#[tokio::test]
async fn add_component() -> anyhow::Result<()> {
    let (_emulator, jellyfish) = start().await?;
    let room = h264_room(&jellyfish).await?;

    let hls = Hls::new()
        .low_latency(true)
        .persistent(true)
        .target_window_duration(Duration::from_secs(10))
        .subscribe_mode(SubscribeMode::Manual)
        .s3(storage());
    let hls = jellyfish.add_component(&room.id, hls).await?;
    assert_eq!((hls.component_type.as_str(), hls.tracks.len()), ("hls", 0));
    let ComponentProperties::Hls(properties) = hls.properties else { anyhow::bail!("{:?}", hls.properties) };
    assert!(properties.low_latency && properties.persistent && !properties.playable);
    assert_eq!(properties.target_window_duration, Some(Duration::from_secs(10)));
    assert_eq!(properties.subscribe_mode, SubscribeMode::Manual);

    let rtsp = jellyfish.add_component(&room.id, Rtsp::new(URI)).await?;
    let ComponentProperties::Rtsp(properties) = rtsp.properties else { anyhow::bail!("{:?}", rtsp.properties) };
    assert_eq!((properties.source_uri.as_str(), properties.rtp_port, properties.pierce_nat), (URI, 20_000, true));
    assert_eq!(
        (properties.reconnect_delay, properties.keep_alive_interval),
        (Duration::from_secs(15), Duration::from_secs(15))
    );
    let rtsp = Rtsp::new(URI)
        .rtp_port(34_567)
        .reconnect_delay(Duration::from_millis(500))
        .keep_alive_interval(Duration::from_millis(600))
        .pierce_nat(false);
    let rtsp = jellyfish.add_component(&room.id, rtsp).await?;
    let ComponentProperties::Rtsp(properties) = rtsp.properties else { anyhow::bail!("{:?}", rtsp.properties) };
    assert_eq!((properties.rtp_port, properties.pierce_nat), (34_567, false));
    assert_eq!(properties.reconnect_delay, Duration::from_millis(500));
    assert_eq!(properties.keep_alive_interval, Duration::from_millis(600));

    for (file, path, framerate) in [
        (File::new("video.h264"), "video.h264", Some(30)),
        (File::new("video.h264").framerate(20), "video.h264", Some(20)),
        (File::new("audio.ogg"), "audio.ogg", None),
    ] {
        let file = jellyfish.add_component(&room.id, file).await?;
        let ComponentProperties::File(properties) = file.properties else { anyhow::bail!("{:?}", file.properties) };
        assert_eq!((properties.file_path.as_str(), properties.framerate), (path, framerate));
    }

    let sip = jellyfish.add_component(&room.id, Sip::new(registrar())).await?;
    let ComponentProperties::Sip(properties) = sip.properties else { anyhow::bail!("{:?}", sip.properties) };
    assert_eq!(properties.registrar_credentials, registrar());

    let recording = Recording::new().path_prefix("prefix").credentials(storage());
    let recording = jellyfish.add_component(&room.id, recording).await?;
    let ComponentProperties::Recording(properties) = recording.properties else {
        anyhow::bail!("{:?}", recording.properties)
    };
    assert_eq!(properties.subscribe_mode, SubscribeMode::Auto);
    assert_eq!(jellyfish.get_room(&room.id).await?.components.len(), 8);

    for (file, status, message) in [
        (File::new("../video.h264"), 400, "Invalid file path"),
        (File::new("absent.h264"), 404, "File not found"),
        (File::new("video.h264").framerate(0), 400, "Invalid framerate passed"),
        (File::new("bad.mp4"), 400, "Unsupported file type"),
    ] {
        let error = jellyfish.add_component(&room.id, file).await.unwrap_err();
        assert_eq!((error.status(), error.message()), (Some(status), Some(message)));
    }
    let (plain, _) = jellyfish.create_room(RoomOptions::new()).await?;
    let error = jellyfish.add_component(&plain.id, Hls::new()).await.unwrap_err();
    let message = format!("Incompatible video codec enforced in room {}", plain.id);
    assert_eq!((error.kind(), error.message()), (ErrorKind::BadRequest, Some(message.as_str())));
    let other = h264_room(&jellyfish).await?;
    let error = jellyfish.add_component(&other.id, Recording::new()).await.unwrap_err();
    let message = "S3 credentials has to be passed either by request or at application startup as envs";
    assert_eq!((error.kind(), error.message()), (ErrorKind::BadRequest, Some(message)));
    Ok(())
}

/// E37, E39 and E41: the Elixir SDK and this SDK refuse this input before a request. This SDK also refuses options that
/// would end the room.
#[tokio::test]
async fn add_component_refuses_invalid_options() -> anyhow::Result<()> {
    let (emulator, jellyfish) = start().await?;
    let room = h264_room(&jellyfish).await?;
    let incomplete = S3Credentials::new("id", "secret", "", "bucket");
    let outcomes = [
        (jellyfish.add_component(&room.id, Hls::new().s3(incomplete.clone())).await, "the region is empty"),
        (jellyfish.add_component(&room.id, Recording::new().credentials(incomplete)).await, "the region is empty"),
        (
            jellyfish.add_component(&room.id, Hls::new().s3(S3Credentials::new("id", "", "r", "b"))).await,
            "the secret access key is empty",
        ),
        (
            jellyfish
                .add_component(&room.id, Hls::new().subscribe_mode(SubscribeMode::Unknown("some".to_owned())))
                .await,
            "`auto` or `manual`",
        ),
        (
            jellyfish
                .add_component(&room.id, Recording::new().subscribe_mode(SubscribeMode::Unknown(String::new())))
                .await,
            "`auto` or `manual`",
        ),
        (jellyfish.add_component(&room.id, Sip::new(SipCredentials::new("", "u", "p"))).await, "address is empty"),
        (
            jellyfish.add_component(&room.id, Hls::new().target_window_duration(Duration::from_millis(1500))).await,
            "whole seconds",
        ),
        (
            jellyfish.add_component(&room.id, Rtsp::new(URI).reconnect_delay(Duration::from_micros(1))).await,
            "whole milliseconds",
        ),
    ];
    for (outcome, why) in outcomes {
        let error = outcome.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{error}");
        assert!(error.to_string().contains(why), "{error}");
    }
    assert_eq!(emulator.journal().count("add_component"), 0);
    assert!(jellyfish.get_room(&room.id).await.is_ok(), "the room lives");
    Ok(())
}

/// E48 and E49.
#[tokio::test]
async fn delete_component() -> anyhow::Result<()> {
    let (_emulator, jellyfish) = start().await?;
    let room = h264_room(&jellyfish).await?;
    let hls = jellyfish.add_component(&room.id, Hls::new()).await?;
    jellyfish.delete_component(&room.id, &hls.id).await?;
    assert_eq!(jellyfish.get_room(&room.id).await?.components, []);
    let error = jellyfish.delete_component(&room.id, &hls.id).await.unwrap_err();
    assert_eq!(error.message(), Some(format!("Component {} does not exist", hls.id).as_str()));
    Ok(())
}

/// E55 to E61.
#[tokio::test]
async fn subscribe() -> anyhow::Result<()> {
    let (emulator, jellyfish) = start().await?;
    let room = h264_room(&jellyfish).await?;
    let peer = jellyfish.add_peer(&room.id, WebRtc::new()).await?.peer;
    let camera = jellyfish.add_component(&room.id, Rtsp::new(URI)).await?;
    let hls = jellyfish.add_component(&room.id, Hls::new().subscribe_mode(SubscribeMode::Manual)).await?;
    let recording = Recording::new().credentials(storage()).subscribe_mode(SubscribeMode::Manual);
    let recording = jellyfish.add_component(&room.id, recording).await?;

    jellyfish.subscribe(&room.id, &hls.id, [&peer.id]).await?;
    jellyfish.subscribe(&room.id, &hls.id, [camera.id.clone()]).await?;
    jellyfish.subscribe(&room.id, &recording.id, [GONE]).await?;
    jellyfish.subscribe(&room.id, &recording.id, Vec::<String>::new()).await?;

    let error = jellyfish.subscribe(GONE, &hls.id, [&peer.id]).await.unwrap_err();
    assert!(error.is_not_found());
    let error = jellyfish.subscribe(&room.id, GONE, [&peer.id]).await.unwrap_err();
    assert_eq!(error.message(), Some(format!("Component {GONE} does not exist").as_str()));
    assert_eq!(error.kind(), ErrorKind::BadRequest);
    let error = jellyfish.subscribe(&room.id, &camera.id, [&peer.id]).await.unwrap_err();
    assert_eq!(error.message(), Some("Subscribe mode is supported only for HLS and Recording components"));
    let other = h264_room(&jellyfish).await?;
    let auto = jellyfish.add_component(&other.id, Hls::new()).await?;
    let error = jellyfish.subscribe(&other.id, &auto.id, [&peer.id]).await.unwrap_err();
    assert_eq!(
        error.message(),
        Some(format!("Component {} option `subscribe_mode` is set to :auto", auto.id).as_str())
    );

    let sent = emulator.journal().count("subscribe_to");
    let error = jellyfish.subscribe(&room.id, &hls.id, [peer.id.as_str(), ""]).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0));
    assert!(error.to_string().contains("origin"), "{error}");
    assert_eq!(emulator.journal().count("subscribe_to"), sent);
    Ok(())
}

/// E62 to E66.
#[tokio::test]
async fn dial() -> anyhow::Result<()> {
    let (emulator, jellyfish) = start().await?;
    let room = h264_room(&jellyfish).await?;
    let sip = jellyfish.add_component(&room.id, Sip::new(registrar())).await?;
    let hls = jellyfish.add_component(&room.id, Hls::new()).await?;
    jellyfish.dial(&room.id, &sip.id, "+48123456789").await?;

    assert!(jellyfish.dial(GONE, &sip.id, "1").await.unwrap_err().is_not_found());
    let error = jellyfish.dial(&room.id, GONE, "1").await.unwrap_err();
    assert_eq!(error.message(), Some(format!("Component {GONE} does not exist").as_str()));
    let error = jellyfish.dial(&room.id, &hls.id, "1").await.unwrap_err();
    assert_eq!(error.message(), Some(format!("Component {} is not a SIP component", hls.id).as_str()));

    let sent = emulator.journal().count("dial");
    let error = jellyfish.dial(&room.id, &sip.id, "").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(emulator.journal().count("dial"), sent);
    Ok(())
}

/// E67.
#[tokio::test]
async fn end_call() -> anyhow::Result<()> {
    let (_emulator, jellyfish) = start().await?;
    let room = h264_room(&jellyfish).await?;
    let sip = jellyfish.add_component(&room.id, Sip::new(registrar())).await?;
    let hls = jellyfish.add_component(&room.id, Hls::new()).await?;
    jellyfish.dial(&room.id, &sip.id, "+48123456789").await?;
    jellyfish.end_call(&room.id, &sip.id).await?;
    jellyfish.end_call(&room.id, &sip.id).await?;
    let error = jellyfish.end_call(&room.id, &hls.id).await.unwrap_err();
    assert_eq!(error.message(), Some(format!("Component {} is not SIP component", hls.id).as_str()));
    Ok(())
}

/// The functions again, by a handle: the same requests without the room's id.
#[tokio::test]
async fn room_handle_works_as_the_client() -> anyhow::Result<()> {
    let (emulator, jellyfish) = start().await?;
    let room = jellyfish.create_room_handle(RoomOptions::new().video_codec(VideoCodec::H264)).await?;
    assert_eq!(room.client().server_address(), emulator.address());
    let created = room.add_peer(WebRtc::new()).await?;
    let camera = room.add_component(Rtsp::new(URI)).await?;
    let hls = room.add_component(Hls::new().subscribe_mode(SubscribeMode::Manual)).await?;
    let sip = room.add_component(Sip::new(registrar())).await?;
    room.subscribe(&hls.id, [&camera.id]).await?;
    room.dial(&sip.id, "123").await?;
    room.end_call(&sip.id).await?;
    assert!(room.get_hls_content("absent.m4s", Default::default()).await.unwrap_err().is_not_found());
    room.delete_component(&camera.id).await?;
    room.delete_peer(&created.peer.id).await?;
    let now = room.get().await?;
    assert_eq!((now.id.clone(), now.peers.len(), now.components.len()), (room.id().clone(), 0, 2));
    let other = client(&emulator)?.room_handle(room.id());
    other.delete().await?;
    assert!(room.get().await.unwrap_err().is_not_found());
    Ok(())
}
