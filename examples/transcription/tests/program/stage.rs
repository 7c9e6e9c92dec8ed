//! The program with an emulator, people in rooms, and a fake server of Gemini Live.

use std::time::Duration;

use anyhow::{Context, Result};
use example_testing::{Program, eventually};
use fake_models::{FakeModel, Reply};
use fishjam_emulator::{Emulator, ScriptedPeer, ScriptedPeerOptions, Sound, TrackKind};
use fishjam_sdk::{FishjamClient, PeerId, PeerOptions, PeerStatus, PeerType, RoomId, RoomOptions};
use serde_json::{Value, json};

pub const KEY: &str = "sentinel-key";

pub struct Stage {
    pub emulator: Emulator,
    pub fishjam: FishjamClient,
    pub model: FakeModel,
    pub program: Program,
}

/// A peer with a microphone.
pub struct Person {
    pub id: PeerId,
    pub scripted: ScriptedPeer,
    microphone: String,
}

impl Stage {
    /// Starts the program. The model's transcript of a speech is its volume.
    pub async fn new() -> Result<Self> {
        Self::with_key(KEY).await
    }

    /// Starts the program with this key of the model.
    pub async fn with_key(key: &str) -> Result<Self> {
        let emulator = Emulator::start().await?;
        let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
        let heard = |turn: &fake_models::Turn| Some(Reply::new().heard(format!("Volume {}", turn.volume())));
        let model = FakeModel::gemini(KEY, heard).await?;
        let program = Program::builder(env!("CARGO_BIN_EXE_transcription"))
            .emulator(&emulator)
            .env("GEMINI_API_KEY", key)
            .env("GEMINI_LIVE_URL", model.url())
            .start()?;
        Ok(Self { emulator, fishjam, model, program })
    }

    pub async fn room(&self) -> Result<RoomId> {
        Ok(self.fishjam.create_room(RoomOptions::new()).await?.id)
    }

    /// Adds a person to a room, and connects this person.
    pub async fn person(&self, room: &RoomId) -> Result<Person> {
        let (peer, _token) = self.fishjam.create_peer(room, PeerOptions::new()).await?;
        self.connect(room, &peer.id)
    }

    /// Connects a peer that exists.
    pub fn connect(&self, room: &RoomId, id: &PeerId) -> Result<Person> {
        let scripted = self.emulator.connect_peer(room, id, ScriptedPeerOptions::new())?;
        let microphone = scripted.add_track(TrackKind::Audio, json!({ "type": "microphone" }))?;
        Ok(Person { id: id.clone(), scripted, microphone })
    }

    /// Publishes 300 milliseconds of a sound with this volume, and 600 milliseconds of silence.
    pub fn speak(&self, room: &RoomId, person: &Person, volume: i16) {
        let wave = (0..4_800).map(|sample| if sample % 80 < 40 { volume } else { -volume });
        self.publish(room, person, wave.chain([0; 9_600]).collect());
    }

    pub fn publish(&self, room: &RoomId, person: &Person, samples: Vec<i16>) {
        let sound = Sound::pcm(16_000, 1, samples);
        assert!(self.emulator.publish_audio(room, &person.id, &person.microphone, &sound), "no such track");
    }

    /// Waits until the room has exactly one connected agent, and returns it.
    pub async fn agent(&self, room: &RoomId) -> Result<PeerId> {
        let connected = async || match self.agents(room).await.as_slice() {
            [(id, PeerStatus::Connected)] => Some(id.clone()),
            _ => None,
        };
        eventually("a connected agent", connected).await
    }

    /// Waits until the room has no agent.
    pub async fn no_agent(&self, room: &RoomId) -> Result<()> {
        eventually("the agent to leave", async || self.agents(room).await.is_empty().then_some(())).await
    }

    async fn agents(&self, room: &RoomId) -> Vec<(PeerId, PeerStatus)> {
        let room = self.fishjam.get_room(room).await.expect("the room exists");
        let agents = room.peers.into_iter().filter(|peer| peer.peer_type == PeerType::Agent);
        agents.map(|peer| (peer.id, peer.status)).collect()
    }

    /// Waits for this number of transcripts. Returns all of them, sorted by the transcribed words.
    pub async fn transcripts(&self, count: usize) -> Result<Vec<(String, String, String)>> {
        let enough = async || (self.program.stdout().lines().count() >= count).then(|| self.program.stdout());
        let output = eventually("transcripts", enough).await?;
        let transcript = |line: &str| {
            let line: Value = serde_json::from_str(line)?;
            let member = |name| line[name].as_str().map(ToOwned::to_owned).context("a member is missing");
            Ok((member("text")?, member("room")?, member("peer")?))
        };
        let mut transcripts = output.lines().map(transcript).collect::<Result<Vec<_>>>()?;
        transcripts.sort();
        Ok(transcripts)
    }

    /// Ends the program with Ctrl+C, and checks its end.
    pub async fn finish(self) -> Result<()> {
        self.program.interrupt()?;
        let output = self.program.end().await?;
        anyhow::ensure!(output.status.success(), "the program failed: {}", output.stderr);
        anyhow::ensure!(!output.stderr.contains(KEY), "the log contains the key: {}", output.stderr);
        assert_eq!(self.model.violations(), Vec::<String>::new());
        Ok(())
    }
}

/// Returns a transcript as [`Stage::transcripts`] does.
pub fn transcript(volume: i16, room: &RoomId, person: &Person) -> (String, String, String) {
    (format!("Volume {volume}"), room.to_string(), person.id.to_string())
}

/// Limits a wait for the model.
pub async fn within<T>(wait: impl Future<Output = T>) -> Result<T> {
    tokio::time::timeout(Duration::from_secs(120), wait).await.context("timed out while waiting for the model")
}
