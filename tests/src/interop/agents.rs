//! Agents and subscriptions.

use anyhow::{Context, Result, ensure};
use fishjam_emulator::{Emulator, TrackKind};
use fishjam_sdk::{
    AgentOptions, AgentOutputOptions, FishjamClient, PeerId, PeerOptions, Room, RoomOptions, SubscribeMode,
    VapiAgentOptions,
    agent::{AudioFormat, SampleRate},
};
use futures_util::{FutureExt, future::BoxFuture};
use serde_json::json;

use crate::{
    difference::Tolerated,
    python::Python,
    report::Section,
    request::normalized_requests,
    scenario::{Scenario, UNKNOWN_ID, client, emulator, refused},
};

pub(crate) const SCENARIO: Scenario = Scenario {
    name: "agents",
    calls: Some(calls),
    tolerated: TOLERATED,
    run_both: Some(run_both),
    ..Scenario::NOTHING
};

const DEFAULT: &str = "the Python SDK spells the contract's default out; absent means the same";

// The list of `peers` has the differences for `subscribeMode`.
const TOLERATED: &[Tolerated] = &[
    Tolerated {
        operation: "add_peer",
        place: "/body/options/output",
        python: Some(r#"{"audioFormat":"pcm16","audioSampleRate":16000}"#),
        rust: None,
        reason: DEFAULT,
    },
    Tolerated {
        operation: "add_peer",
        place: "/body/options/autoClose",
        python: Some("false"),
        rust: None,
        reason: DEFAULT,
    },
];

fn calls(emulator: &Emulator) -> BoxFuture<'_, Result<()>> {
    async move {
        let fishjam = client(emulator)?;
        let room = fishjam.create_room(RoomOptions::new().max_peers(6)).await?;
        let room = &room.id;
        fishjam.create_agent(room, AgentOptions::new()).await?;
        let output = AgentOutputOptions::new().audio_format(AudioFormat::Pcm16).audio_sample_rate(SampleRate::Hz24000);
        let agent = AgentOptions::new().output(output).subscribe_mode(SubscribeMode::Manual);
        let agent = fishjam.create_agent(room, agent).await?;
        let address = format!("{}/socket/agent/websocket", emulator.url().replacen("http", "ws", 1));
        ensure!(agent.socket_url() == address, "an agent's socket is at {}", agent.socket_url());
        let vapi = || VapiAgentOptions::new("key", "call-1");
        fishjam.create_vapi_agent(room, vapi()).await?;
        fishjam.create_vapi_agent(room, vapi().auto_close(true).subscribe_mode(SubscribeMode::Manual)).await?;
        refused(fishjam.create_vapi_agent(room, VapiAgentOptions::new("key", "a b")).await, 400)?;
        refused(fishjam.create_vapi_agent(UNKNOWN_ID, vapi()).await, 404)?;
        refused(fishjam.create_agent(UNKNOWN_ID, AgentOptions::new()).await, 404)?;
        let (peer, _) = fishjam.create_peer(room, PeerOptions::new()).await?;
        fishjam.subscribe_peer(room, agent.id(), &peer.id).await?;
        refused(fishjam.subscribe_peer(room, agent.id(), UNKNOWN_ID).await, 404)?;
        refused(fishjam.subscribe_peer(UNKNOWN_ID, agent.id(), &peer.id).await, 404)?;
        fishjam.subscribe_tracks(room, agent.id(), [""; 0]).await?;
        refused(fishjam.subscribe_tracks(room, agent.id(), ["unknown-track", "another"]).await, 404)
    }
    .boxed()
}

/// Only the emulator can add a track. So the script receives the id of a room with a track.
fn run_both<'a>(python: &'a Python, section: &'a mut Section<'_>) -> BoxFuture<'a, Result<()>> {
    async move {
        let emulator = emulator().await?;
        let fishjam = client(&emulator)?;
        let room = fishjam.create_room(RoomOptions::new()).await?.id;
        let (speaker, _) = fishjam.create_peer(&room, PeerOptions::new()).await?;
        let track = || {
            let track = emulator.add_track(room.as_str(), speaker.id.as_str(), TrackKind::Audio, json!({}));
            track.context("the emulator does not take a track")
        };
        let tracks = [track()?, track()?];
        let theirs = manual_peer(&fishjam, &room).await?;
        let ours = manual_peer(&fishjam, &room).await?;

        emulator.journal().clear();
        let [first, second] = &tracks;
        let arguments = ["subscribe", room.as_str(), theirs.as_str(), speaker.id.as_str(), first, second];
        python.run("agents", &arguments, &emulator).await?.judge(section);
        let their_requests = subscriptions(&emulator);
        emulator.journal().clear();
        fishjam.subscribe_peer(&room, &ours, &speaker.id).await?;
        fishjam.subscribe_tracks(&room, &ours, tracks.clone()).await?;
        let our_requests = subscriptions(&emulator);

        section.check("both send the same subscriptions", || {
            let same = |text: &str, id: &PeerId| text.replace(id.as_str(), "{listener}");
            let (theirs, ours) = (same(&their_requests, &theirs), same(&our_requests, &ours));
            ensure!(!theirs.is_empty() && theirs == ours, "Python {theirs}\nRust   {ours}");
            Ok(())
        });
        let room = fishjam.get_room(&room).await?;
        section.check("both are subscribed to the same", || {
            let (theirs, ours) = (subscribed(&room, &theirs)?, subscribed(&room, &ours)?);
            ensure!(theirs == ours, "Python {theirs:?}\nRust   {ours:?}");
            let expected = (vec![speaker.id.as_str()], tracks.iter().map(String::as_str).collect::<Vec<_>>());
            ensure!(ours == expected, "expected {expected:?}, got {ours:?}");
            Ok(())
        });
        Ok(())
    }
    .boxed()
}

async fn manual_peer(fishjam: &FishjamClient, room: &fishjam_sdk::RoomId) -> Result<PeerId> {
    let options = PeerOptions::new().subscribe_mode(SubscribeMode::Manual);
    Ok(fishjam.create_peer(room, options).await?.0.id)
}

/// Returns the emulator's requests for subscriptions, in order.
fn subscriptions(emulator: &Emulator) -> String {
    let mut requests = emulator.journal().requests();
    requests.retain(|request| request.operation().starts_with("subscribe_"));
    let described = normalized_requests(&requests).into_iter().map(|normalized| normalized.description.to_string());
    described.collect::<Vec<_>>().join("\n")
}

fn subscribed<'a>(room: &'a Room, id: &PeerId) -> Result<(Vec<&'a str>, Vec<&'a str>)> {
    let peer = room.peers.iter().find(|peer| peer.id == *id).context("a peer is gone")?;
    let peers = peer.subscriptions.peers.iter().map(|id| id.as_str());
    let tracks = peer.subscriptions.tracks.iter().map(|id| id.as_str());
    Ok((peers.collect(), tracks.collect()))
}
