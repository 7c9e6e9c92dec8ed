//! The program with an emulator, people in rooms, and a fake server of Gemini Live.

use std::time::Duration;

use anyhow::{Context, Result};
use example_testing::{Program, eventually};
use fake_models::{FakeModel, Reply, Turn};
use fishjam_emulator::{Emulator, ScriptedPeer, ScriptedPeerOptions, Sound, TrackKind};
use fishjam_sdk::{
    AgentOptions, AgentOutputOptions, FishjamClient, PeerId, PeerOptions, PeerStatus, PeerType, RoomId, RoomOptions,
    agent::{AgentMessage, AgentSession, IncomingTrackData, SampleRate},
};
use serde_json::json;

pub const KEY: &str = "sentinel-key";
/// The number of bytes of one second of the model's audio.
pub const SECOND: usize = 48_000;

pub struct Stage {
    pub emulator: Emulator,
    pub fishjam: FishjamClient,
    pub model: FakeModel,
    pub program: Program,
}

/// A peer with a microphone and a camera.
pub struct Person {
    pub id: PeerId,
    pub scripted: ScriptedPeer,
    pub camera: String,
    microphone: String,
}

/// An agent of the test that records the audio of the room. The program must not respond to it.
pub struct Listener {
    pub id: PeerId,
    pub session: AgentSession,
}

impl Stage {
    pub async fn new(reply: impl Fn(&Turn) -> Option<Reply> + Send + Sync + 'static) -> Result<Self> {
        let model = FakeModel::gemini(KEY, reply).await?;
        let url = model.url().to_owned();
        Self::with_model(model, &url).await
    }

    /// Starts the program, which reaches the model at this URL.
    pub async fn with_model(model: FakeModel, url: &str) -> Result<Self> {
        // Fishjam plays audio in real time.
        let emulator = Emulator::builder().real_time_playout(true).start().await?;
        let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
        let program = Program::builder(env!("CARGO_BIN_EXE_multimodal"))
            .emulator(&emulator)
            .env("GEMINI_API_KEY", KEY)
            .env("GEMINI_LIVE_URL", url)
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
        let camera = scripted.add_track(TrackKind::Video, json!({ "type": "camera" }))?;
        Ok(Person { id: id.clone(), scripted, camera, microphone })
    }

    /// Publishes 300 milliseconds of a sound with this volume.
    pub fn speak(&self, room: &RoomId, person: &Person, volume: i16) {
        let wave = (0..4_800).map(|sample| if sample % 80 < 40 { volume } else { -volume });
        let sound = Sound::pcm(16_000, 1, wave.collect::<Vec<_>>());
        assert!(self.emulator.publish_audio(room, &person.id, &person.microphone, &sound), "no such track");
    }

    /// Connects a listener to a room.
    pub async fn listener(&self, room: &RoomId) -> Result<Listener> {
        let output = AgentOutputOptions::new().audio_sample_rate(SampleRate::Hz24000);
        let agent = self.fishjam.create_agent(room, AgentOptions::new().output(output)).await?;
        Ok(Listener { id: agent.id().clone(), session: agent.connect().await? })
    }

    /// Waits until the room has exactly one connected agent except the listener, and returns it.
    pub async fn agent(&self, room: &RoomId, listener: Option<&Listener>) -> Result<PeerId> {
        let connected = async || match self.agents(room, listener).await.as_slice() {
            [(id, PeerStatus::Connected)] => Some(id.clone()),
            _ => None,
        };
        eventually("a connected agent", connected).await
    }

    /// Waits until the room has no agent except the listener.
    pub async fn no_agent(&self, room: &RoomId, listener: Option<&Listener>) -> Result<()> {
        eventually("the agent to leave", async || self.agents(room, listener).await.is_empty().then_some(())).await
    }

    async fn agents(&self, room: &RoomId, listener: Option<&Listener>) -> Vec<(PeerId, PeerStatus)> {
        let room = self.fishjam.get_room(room).await.expect("the room exists");
        let agents = room.peers.into_iter().filter(|peer| peer.peer_type == PeerType::Agent);
        let agents = agents.filter(|peer| listener.is_none_or(|listener| listener.id != peer.id));
        agents.map(|peer| (peer.id, peer.status)).collect()
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

impl Listener {
    /// Waits for the next audio of this peer.
    pub async fn hear(&mut self, peer: &PeerId) -> Result<IncomingTrackData> {
        loop {
            let message = within(self.session.receive()).await?.context("the session of the listener ended")??;
            if let AgentMessage::TrackData(audio) = message
                && audio.peer_id == *peer
            {
                return Ok(audio);
            }
        }
    }
}

/// An answer of the model: audio of this duration with one sample value.
pub fn answer(sample: i16, milliseconds: usize) -> Option<Reply> {
    Some(Reply::new().audio(sample.to_le_bytes().repeat(24 * milliseconds)))
}

/// An image whose content differs.
pub fn image(number: u8) -> Vec<u8> {
    vec![0xff, 0xd8, 0xff, number]
}

/// Limits a wait for the program.
pub async fn within<T>(wait: impl Future<Output = T>) -> Result<T> {
    tokio::time::timeout(Duration::from_secs(120), wait).await.context("timed out while waiting for the program")
}
