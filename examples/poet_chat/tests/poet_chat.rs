//! Uses the program as the peers of a room do: with an emulator, and a fake model that checks every message.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use example_testing::{Program, eventually};
use fake_models::{FakeModel, Input, Reply, Turn};
use fishjam_emulator::{Emulator, ScriptedPeer, ScriptedPeerOptions, Sound, TrackKind};
use fishjam_sdk::{
    AgentOptions, AgentOutputOptions, FishjamClient, PeerOptions, PeerType, Room, RoomId, RoomOptions,
    agent::{AgentMessage, AgentSession, OutgoingAudioTrackOptions, SampleRate},
};
use serde_json::{Value, json};
use tokio::time::timeout;

const KEY: &str = "test-key-5678";
/// The samples of the long greeting, and of the other responses.
const GREETING: i16 = 1_000;
const REPLY: i16 = 2_000;
/// A broken program ends its test after this time. No test depends on it.
const PATIENCE: Duration = Duration::from_secs(120);

/// This many milliseconds of a sample value at 24,000 Hz.
fn pcm(sample: i16, ms: usize) -> Vec<u8> {
    sample.to_le_bytes().repeat(24 * ms)
}

fn poet(turn: &Turn) -> Option<Reply> {
    Some(match turn.input {
        Input::Text(_) => Reply::new().said("Welcome!").audio(pcm(GREETING, 60_000)),
        Input::Speech(_) => Reply::new().said("Tyger tyger").audio(pcm(REPLY, 200)),
    })
}

/// The program with its servers.
struct Stage {
    emulator: Emulator,
    fishjam: FishjamClient,
    model: FakeModel,
    program: Program,
}

impl Stage {
    async fn start(key: &str) -> Result<Self> {
        Self::start_with_log(key, "info").await
    }

    /// Starts the program with this log filter.
    async fn start_with_log(key: &str, filter: &str) -> Result<Self> {
        // Fishjam plays audio in real time.
        let emulator = Emulator::builder().real_time_playout(true).start().await?;
        let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
        let model = FakeModel::openai(KEY, poet).await?;
        let program = Program::builder(env!("CARGO_BIN_EXE_poet_chat"))
            .emulator(&emulator)
            .env("OPENAI_API_KEY", key)
            .env("OPENAI_REALTIME_URL", model.url())
            .env("RUST_LOG", filter)
            .start()?;
        Ok(Self { emulator, fishjam, model, program })
    }

    /// Creates a room with a connected peer.
    async fn room(&self) -> Result<(RoomId, ScriptedPeer)> {
        let room = self.fishjam.create_room(RoomOptions::new()).await?;
        let (peer, _token) = self.fishjam.create_peer(&room.id, PeerOptions::new()).await?;
        let peer = self.emulator.connect_peer(&room.id, &peer.id, ScriptedPeerOptions::new())?;
        Ok((room.id, peer))
    }

    /// Waits until the room has this number of agents.
    async fn wait_for_agents(&self, room: &RoomId, count: usize) -> Result<()> {
        let agents = |room: &Room| room.peers.iter().filter(|peer| peer.peer_type == PeerType::Agent).count();
        eventually("the number of agents", async || {
            let room = self.fishjam.get_room(room).await.ok()?;
            (agents(&room) == count).then_some(())
        })
        .await
    }

    /// Joins the room with an agent that records the poet.
    async fn listener(&self, room: &RoomId) -> Result<AgentSession> {
        let output = AgentOutputOptions::new().audio_sample_rate(SampleRate::Hz24000);
        let agent = self.fishjam.create_agent(room, AgentOptions::new().output(output)).await?;
        Ok(agent.connect().await?)
    }

    fn check(&self) -> Result<()> {
        ensure!(self.model.violations().is_empty(), "{:?}", self.model.violations());
        ensure!(!self.program.stderr().contains(KEY), "the log contains the API key");
        Ok(())
    }
}

/// Records the audio of all peers except this one, until it ends as expected.
async fn record(session: &mut AgentSession, except: &str, is_end: impl Fn(&[u8]) -> bool) -> Result<Vec<u8>> {
    let mut recorded = Vec::new();
    while !is_end(&recorded) {
        let message = timeout(PATIENCE, session.receive()).await.context("the audio did not arrive")?;
        match message.context("the session ended")?? {
            AgentMessage::TrackData(audio) if audio.peer_id.as_str() != except => {
                recorded.extend_from_slice(&audio.data);
            }
            AgentMessage::Dropped(count) => anyhow::bail!("the test is too slow: {count} messages were dropped"),
            _ => {}
        }
    }
    Ok(recorded)
}

#[tokio::test]
async fn poet_greets_and_stops_when_a_peer_speaks() -> Result<()> {
    let stage = Stage::start(KEY).await?;
    let (room, ada) = stage.room().await?;
    let microphone = ada.add_track(TrackKind::Audio, json!({ "type": "microphone" }))?;
    let mut listener = stage.listener(&room).await?;
    let session = stage.model.session(0).await;
    let instructions = session.setup()["instructions"].as_str().unwrap_or_default().to_owned();
    ensure!(instructions.contains("poet"), "{instructions}");

    let mut heard = record(&mut listener, ada.peer_id(), |audio| audio.len() >= pcm(0, 300).len()).await?;
    let voice = Sound::tone(220.0, 24_000, Duration::from_millis(300));
    ensure!(stage.emulator.publish_audio(&room, ada.peer_id(), &microphone, &voice), "Ada has no microphone");
    let reply = pcm(REPLY, 200);
    heard.extend(record(&mut listener, ada.peer_id(), |audio| audio.ends_with(&reply)).await?);

    // The peers heard the start of the greeting, and then only the reply.
    let greeting = heard.strip_suffix(reply.as_slice()).context("the reply is incomplete")?;
    ensure!(pcm(GREETING, 60_000).starts_with(greeting), "the peers heard something else");
    ensure!(greeting.len() < pcm(0, 60_000).len(), "the greeting was not interrupted");

    let is_truncation = |message: &Value| message["type"] == "conversation.item.truncate";
    let truncation = timeout(PATIENCE, session.wait_for(is_truncation)).await?;
    let end = truncation["audio_end_ms"].as_u64().context("no end")?;
    ensure!((1..60_000).contains(&end), "{end}");
    ensure!(volume(&session.audio()) > 1_000, "the model did not hear Ada");
    stage.check()
}

#[tokio::test]
async fn other_agents_are_not_heard() -> Result<()> {
    let stage = Stage::start(KEY).await?;
    let (room, ada) = stage.room().await?;
    let microphone = ada.add_track(TrackKind::Audio, json!({ "type": "microphone" }))?;
    let mut listener = stage.listener(&room).await?;
    let session = stage.model.session(0).await;
    timeout(PATIENCE, session.wait_for(|message| message["type"] == "response.create")).await?;

    let agent = stage.fishjam.create_agent(&room, AgentOptions::new()).await?.connect().await?;
    let track = agent.add_track(OutgoingAudioTrackOptions::pcm16(SampleRate::Hz24000)).await?;
    let loud = pcm(9_000, 100);
    track.send_chunk(loud.clone()).await?;
    // The audio reaches all agents at the same time.
    let is_loud = |audio: &[u8]| volume(audio) == 9_000;
    record(&mut listener, ada.peer_id(), is_loud).await?;

    let voice = Sound::pcm(24_000, 1, vec![3_000; 7_200]);
    ensure!(stage.emulator.publish_audio(&room, ada.peer_id(), &microphone, &voice), "Ada has no microphone");
    eventually("the voice of Ada", async || (volume(&session.audio()) > 0).then_some(())).await?;
    assert_eq!(volume(&session.audio()), 3_000);
    stage.check()
}

/// Returns the loudest sample.
fn volume(pcm: &[u8]) -> u16 {
    let samples = pcm.chunks_exact(2).map(|sample| i16::from_le_bytes([sample[0], sample[1]]).unsigned_abs());
    samples.max().unwrap_or(0)
}

#[tokio::test]
async fn each_room_has_a_poet_from_its_first_to_its_last_peer() -> Result<()> {
    let stage = Stage::start(KEY).await?;
    let (first_room, ada) = stage.room().await?;
    let (second_room, _bob) = stage.room().await?;
    for room in [&first_room, &second_room] {
        stage.wait_for_agents(room, 1).await?;
    }
    // A second peer does not bring a second poet.
    let (eve, _token) = stage.fishjam.create_peer(&first_room, PeerOptions::new()).await?;
    let eve = stage.emulator.connect_peer(&first_room, &eve.id, ScriptedPeerOptions::new())?;
    ada.disconnect();
    let (third_room, _carl) = stage.room().await?;
    stage.wait_for_agents(&third_room, 1).await?;
    stage.wait_for_agents(&first_room, 1).await?;
    assert_eq!(stage.model.sessions(), 3);

    eve.disconnect();
    stage.wait_for_agents(&first_room, 0).await?;
    stage.wait_for_agents(&second_room, 1).await?;
    stage.check()
}

#[tokio::test]
async fn interrupt_of_the_program_removes_all_poets() -> Result<()> {
    let stage = Stage::start(KEY).await?;
    let (room, _ada) = stage.room().await?;
    stage.wait_for_agents(&room, 1).await?;
    stage.check()?;
    let Stage { fishjam, model, program, emulator: _emulator } = stage;
    let session = model.session(0).await;
    program.interrupt()?;
    let output = program.end().await?;
    ensure!(output.status.success(), "{output:?}");
    let peers = fishjam.get_room(&room).await?.peers;
    ensure!(peers.iter().all(|peer| peer.peer_type != PeerType::Agent), "{peers:?}");
    Ok(timeout(PATIENCE, session.ended()).await?)
}

#[tokio::test]
async fn end_of_the_room_ends_the_session_of_the_model() -> Result<()> {
    let mut stage = Stage::start(KEY).await?;
    let (room, _ada) = stage.room().await?;
    let session = stage.model.session(0).await;
    // The agent greets when it is connected.
    timeout(PATIENCE, session.wait_for(|message| message["type"] == "response.create")).await?;
    stage.fishjam.delete_room(&room).await?;
    timeout(PATIENCE, session.ended()).await?;
    stage.program.log_with("the agent left").await?;
    ensure!(!stage.program.stderr().contains("failed"), "{}", stage.program.stderr());
    stage.check()
}

#[tokio::test]
async fn poet_returns_after_the_model_ended_the_session() -> Result<()> {
    let mut stage = Stage::start(KEY).await?;
    let (room, _ada) = stage.room().await?;
    stage.wait_for_agents(&room, 1).await?;
    stage.model.session(0).await.close(1001, "session expired");
    stage.program.log_with("session expired").await?;
    let session = timeout(PATIENCE, stage.model.session(1)).await?;
    timeout(PATIENCE, session.wait_for(|message| message["type"] == "response.create")).await?;
    stage.wait_for_agents(&room, 1).await?;
    stage.check()
}

#[tokio::test]
async fn poet_stays_away_while_the_key_is_wrong() -> Result<()> {
    let mut stage = Stage::start("wrong-key").await?;
    let (room, _ada) = stage.room().await?;
    for _ in 0..2 {
        let line = stage.program.log_with("rejected the API key").await?;
        ensure!(!line.contains("wrong-key"), "{line}");
    }
    stage.wait_for_agents(&room, 0).await?;
    stage.check()
}

#[tokio::test]
async fn log_of_all_libraries_has_no_key() -> Result<()> {
    let mut stage = Stage::start_with_log(KEY, "trace").await?;
    let (_room, _ada) = stage.room().await?;
    let session = timeout(PATIENCE, stage.model.session(0)).await?;
    timeout(PATIENCE, session.wait_for(|message| message["type"] == "response.create")).await?;
    stage.program.log_with("tungstenite").await?;
    stage.check()
}
