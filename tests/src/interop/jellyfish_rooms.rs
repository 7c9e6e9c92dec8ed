//! Jellyfish: rooms, peers, components, calls and recordings.

use std::time::Duration;

use anyhow::Result;
use fishjam_emulator::JellyfishEmulator;
use fishjam_sdk::{
    VideoCodec,
    jellyfish::{
        ConnectionOptions, File, Hls, JellyfishClient, Origin, Recording, RoomOptions, Rtsp, S3Credentials, Sip,
        SipCredentials, SubscribeMode, WebRtc,
    },
};
use futures_util::{FutureExt, future::BoxFuture};

use crate::{
    difference::Tolerated,
    scenario::{Scenario, Sdk, UNKNOWN_ID, refused},
};

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "jellyfish_rooms",
    sdk: Sdk::Jellyfish,
    jellyfish_calls: Some(calls),
    tolerated: TOLERATED,
    ..Scenario::NOTHING
};

pub(crate) const SELF_HOSTED: Scenario = Scenario {
    name: "self_hosted_rooms",
    script: Some("jellyfish_rooms"),
    sdk: Sdk::SelfHosted,
    jellyfish_calls: Some(calls),
    ..Scenario::NOTHING
};

const TOLERATED: &[Tolerated] = &[
    unset("/body/roomId"),
    unset("/body/maxPeers"),
    unset("/body/videoCodec"),
    unset("/body/webhookUrl"),
    unset("/body/peerlessPurgeTimeout"),
    unset("/body/peerDisconnectedTimeout"),
    default("add_peer", "/body/options/enableSimulcast", "true"),
    default("add_component", "/body/options/lowLatency", "false"),
    default("add_component", "/body/options/persistent", "false"),
    default("add_component", "/body/options/subscribeMode", "\"auto\""),
];

const fn unset(place: &'static str) -> Tolerated {
    Tolerated {
        operation: "create_room",
        place,
        python: Some("null"),
        rust: None,
        reason: "the Python SDK spells out what it was not told",
    }
}

const fn default(operation: &'static str, place: &'static str, python: &'static str) -> Tolerated {
    Tolerated { operation, place, python: Some(python), rust: None, reason: "the Python SDK spells out the default" }
}

/// A client with the right token.
pub(crate) fn client(emulator: &JellyfishEmulator) -> Result<JellyfishClient> {
    Ok(JellyfishClient::new(ConnectionOptions::new(emulator.address(), emulator.token()))?)
}

fn calls(emulator: &JellyfishEmulator) -> BoxFuture<'_, Result<()>> {
    async move {
        let jellyfish = client(emulator)?;
        let (room, _) = jellyfish.create_room(RoomOptions::new()).await?;
        let every = RoomOptions::new()
            .room_id("every-option")
            .max_peers(1)
            .video_codec(VideoCodec::H264)
            .webhook_url("http://localhost:9/ścieżka?a=b")
            .peerless_purge_timeout(Duration::from_secs(600))
            .peer_disconnected_timeout(Duration::from_secs(300));
        let (full, _) = jellyfish.create_room(every).await?;
        refused(jellyfish.create_room(RoomOptions::new().room_id("every-option")).await, 400)?;
        jellyfish.get_all_rooms().await?;
        jellyfish.get_room(&room.id).await?;
        refused(jellyfish.get_room(UNKNOWN_ID).await, 404)?;
        let peer = jellyfish.add_peer(&full.id, WebRtc::new().enable_simulcast(false)).await?.peer;
        refused(jellyfish.add_peer(&full.id, WebRtc::new()).await, 503)?;
        let s3 = || S3Credentials::new("key", "secret", "eu-central-1", "bucket");
        let manual = Hls::new()
            .low_latency(true)
            .persistent(true)
            .s3(s3())
            .subscribe_mode(SubscribeMode::Manual)
            .target_window_duration(Duration::from_secs(120));
        let hls = jellyfish.add_component(&full.id, manual).await?;
        let camera = Rtsp::new("rtsp://camera.example.com/stream")
            .keep_alive_interval(Duration::from_millis(1))
            .pierce_nat(false)
            .reconnect_delay(Duration::from_millis(2))
            .rtp_port(3);
        let rtsp = jellyfish.add_component(&full.id, camera).await?;
        jellyfish.add_component(&full.id, File::new("video.h264").framerate(20)).await?;
        jellyfish.add_component(&full.id, File::new("audio.ogg")).await?;
        let sip = Sip::new(SipCredentials::new("sip.example.com", "u", "p"));
        let sip = jellyfish.add_component(&full.id, sip).await?;
        let recording = Recording::new().credentials(s3()).path_prefix("prefix").subscribe_mode(SubscribeMode::Manual);
        jellyfish.add_component(&full.id, recording).await?;
        refused(jellyfish.add_component(&full.id, Hls::new()).await, 400)?;
        jellyfish.subscribe(&full.id, &hls.id, [Origin::from(rtsp.id), Origin::from(peer.id.clone())]).await?;
        jellyfish.dial(&full.id, &sip.id, "123456789").await?;
        jellyfish.end_call(&full.id, &sip.id).await?;
        jellyfish.delete_component(&full.id, &hls.id).await?;
        refused(jellyfish.delete_component(&full.id, &hls.id).await, 404)?;
        jellyfish.delete_peer(&full.id, &peer.id).await?;
        refused(jellyfish.delete_peer(&full.id, &peer.id).await, 404)?;
        jellyfish.get_recordings().await?;
        refused(jellyfish.delete_recording("no-such-recording").await, 404)?;
        jellyfish.delete_room(&room.id).await?;
        refused(jellyfish.delete_room(&room.id).await, 404)?;
        let wrong = ConnectionOptions::new(emulator.address(), "not-the-management-token");
        refused(JellyfishClient::new(wrong)?.get_all_rooms().await, 401)
    }
    .boxed()
}
