//! The official SDK of an older contract: its client against the emulator in that contract's shape.

use anyhow::Result;
use fishjam_emulator::Emulator;
use fishjam_sdk::{
    AgentOptions, AgentOutputOptions, FishjamClient, PeerOptions, RoomOptions, RoomType, VideoCodec,
    agent::{AudioFormat, SampleRate},
};
use futures_util::{FutureExt, future::BoxFuture};
use serde_json::json;

use crate::{
    difference::Tolerated,
    scenario::{Scenario, Sdk, UNKNOWN_ID, client, refused},
};

pub(crate) const SCENARIO: Scenario =
    Scenario { name: "older", sdk: Sdk::V0_22, calls: Some(calls), tolerated: TOLERATED, ..Scenario::NOTHING };

// The lists of `rooms`, `peers` and `agents` have the other values that this SDK always sends.
const TOLERATED: &[Tolerated] = &[simulcast("true"), simulcast("false")];

const fn simulcast(python: &'static str) -> Tolerated {
    Tolerated {
        operation: "add_peer",
        place: "/body/options/enableSimulcast",
        python: Some(python),
        rust: None,
        reason: "the Python SDK 0.22.0 has this option; today's contract has not",
    }
}

/// The calls of the older client, made by our SDK with the current contract.
fn calls(emulator: &Emulator) -> BoxFuture<'_, Result<()>> {
    async move {
        let fishjam = client(emulator)?;
        let room = fishjam.create_room(RoomOptions::new()).await?.id;
        let every = RoomOptions::new()
            .max_peers(1)
            .video_codec(VideoCodec::H264)
            .webhook_url("http://example.com/ścieżka?a=b")
            .room_type(RoomType::AudioOnly)
            .public(false);
        let full = fishjam.create_room(every).await?.id;
        refused(fishjam.create_room(RoomOptions::new().webhook_url("https://example.com")).await, 400)?;
        let (peer, _) = fishjam.create_peer(&room, PeerOptions::new()).await?;
        fishjam.create_peer(&full, PeerOptions::new().metadata(json!({ "name": "Zażółć" }))).await?;
        refused(fishjam.create_peer(&full, PeerOptions::new()).await, 409)?;
        refused(fishjam.create_peer(UNKNOWN_ID, PeerOptions::new()).await, 404)?;
        fishjam.create_agent(&room, AgentOptions::new()).await?;
        let output = AgentOutputOptions::new().audio_format(AudioFormat::Pcm16).audio_sample_rate(SampleRate::Hz24000);
        fishjam.create_agent(&room, AgentOptions::new().output(output)).await?;
        fishjam.refresh_peer_token(&room, &peer.id).await?;
        refused(fishjam.refresh_peer_token(&room, "invalid_peer").await, 404)?;
        fishjam.get_all_rooms().await?;
        fishjam.get_room(&room).await?;
        refused(fishjam.get_room(UNKNOWN_ID).await, 404)?;
        fishjam.delete_peer(&room, &peer.id).await?;
        refused(fishjam.delete_peer(&room, &peer.id).await, 404)?;
        fishjam.delete_room(&room).await?;
        refused(fishjam.delete_room(&room).await, 404)?;
        let wrong = FishjamClient::new(emulator.url(), "not-the-management-token")?;
        refused(wrong.get_all_rooms().await, 401)
    }
    .boxed()
}
