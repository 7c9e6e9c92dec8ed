//! An agent that waits until no peer speaks, and then replies.
//!
//! ```sh
//! cargo run --example agent_voice_activity
//! ```
//!
//! Fishjam detects speech and reports it to the notifier, so that the agent does not analyze audio. The reply is a tone.
//! In your program, replace it with a speech synthesizer. The example starts an emulator on this machine.

use std::{collections::HashSet, time::Duration};

use anyhow::{Context, bail, ensure};
use fishjam_emulator::{Emulator, ScriptedPeerOptions, Sound, TrackKind};
use fishjam_sdk::{
    AgentOptions, EventStream, FishjamClient, FishjamNotifier, PeerId, PeerOptions, Room, RoomId, RoomOptions, TrackId,
    agent::{AgentMessage, AgentSession, OutgoingAudioTrackOptions, SampleRate},
    events::{Event, Notification, VoiceActivity},
};
use serde_json::json;
use tokio::time::timeout;

/// The sample rate of all audio in this example.
const RATE: SampleRate = SampleRate::Hz16000;

/// The tracks of a room on which peers speak.
struct Speech {
    room: RoomId,
    tracks: HashSet<TrackId>,
}

impl Speech {
    /// Updates the tracks. Returns `true` if the last speaker stopped.
    fn update(&mut self, event: Event) -> bool {
        let before = self.tracks.len();
        match event {
            Event::Notification(Notification::VadNotification(vad)) if vad.room_id == self.room => {
                println!("{}: {}", vad.peer_id, vad.status);
                match vad.status {
                    VoiceActivity::Speech => self.tracks.insert(vad.track_id),
                    _ => self.tracks.remove(&vad.track_id),
                };
            }
            // A peer can leave while it speaks.
            Event::Notification(Notification::TrackRemoved(removed)) => {
                self.tracks.remove(&removed.track.id);
            }
            // Notifications may be missing, so the state is unknown: wait for the next speech.
            Event::Gap(_) | Event::Dropped(_) => {
                self.tracks.clear();
                return false;
            }
            _ => {}
        }
        before > 0 && self.tracks.is_empty()
    }
}

/// Waits until peers of the room have spoken and all of them have stopped.
async fn wait_for_turn(events: &mut EventStream, room: &RoomId) -> anyhow::Result<()> {
    let mut speech = Speech { room: room.clone(), tracks: HashSet::new() };
    while let Some(event) = events.receive().await {
        if speech.update(event?) {
            return Ok(());
        }
    }
    bail!("the notifier was closed")
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let notifier = FishjamNotifier::new(emulator.url(), emulator.token())?;
    let mut events = notifier.events().await?;
    let room = fishjam.create_room(RoomOptions::new()).await?;

    // Another agent records the order in which the peers are heard.
    let mut listener = fishjam.create_agent(&room.id, AgentOptions::new()).await?.connect().await?;
    let agent = fishjam.create_agent(&room.id, AgentOptions::new()).await?;
    let session = agent.connect().await?;
    let track = session.add_track(OutgoingAudioTrackOptions::pcm16(RATE)).await?;
    let reply = Sound::tone(660.0, RATE.hertz(), Duration::from_millis(200)).to_bytes();

    // Ada and Bob speak at the same time, and Bob speaks longer.
    let (ada, bob) =
        tokio::try_join!(Speaker::join(&fishjam, &emulator, &room), Speaker::join(&fishjam, &emulator, &room))?;
    let conversation = async {
        tokio::join!(ada.speak(&emulator, &room, 200), bob.speak(&emulator, &room, 600));
        anyhow::Ok(())
    };
    let answer = async {
        wait_for_turn(&mut events, &room.id).await?;
        println!("nobody speaks: agent {} replies", agent.id());
        Ok(track.send_chunk(reply.clone()).await?)
    };
    let exchange = async { tokio::try_join!(conversation, answer, speakers_until(&mut listener, agent.id())) };
    let (.., before) = timeout(Duration::from_secs(30), exchange).await.context("no reply in 30 seconds")??;

    let heard = |speaker: &Speaker| before.iter().filter(|&peer| *peer == speaker.peer).count() * 20;
    println!("before the reply, Ada was heard for {} ms and Bob for {} ms", heard(&ada), heard(&bob));
    ensure!((heard(&ada), heard(&bob)) == (200, 600), "the agent interrupted a peer");
    session.disconnect().await?;
    fishjam.delete_room(&room.id).await?;
    Ok(())
}

/// A peer with a microphone, simulated by the emulator.
struct Speaker {
    peer: PeerId,
    microphone: String,
}

impl Speaker {
    async fn join(fishjam: &FishjamClient, emulator: &Emulator, room: &Room) -> anyhow::Result<Self> {
        let (peer, _token) = fishjam.create_peer(&room.id, PeerOptions::new()).await?;
        let scripted = emulator.connect_peer(&room.id, &peer.id, ScriptedPeerOptions::new())?;
        let microphone = scripted.add_track(TrackKind::Audio, json!({ "type": "microphone" }))?;
        Ok(Self { peer: peer.id, microphone })
    }

    /// Speaks for this duration. The emulator detects speech by its volume.
    async fn speak(&self, emulator: &Emulator, room: &Room, milliseconds: u64) {
        let voice = Sound::tone(220.0, RATE.hertz(), Duration::from_millis(milliseconds));
        emulator.play_audio(&room.id, &self.peer, &self.microphone, &voice).await;
    }
}

/// Receives audio until this agent is heard. Returns the speaker of each earlier chunk of 20 milliseconds.
async fn speakers_until(listener: &mut AgentSession, agent: &PeerId) -> anyhow::Result<Vec<PeerId>> {
    let mut speakers = Vec::new();
    while let Some(message) = listener.receive().await {
        match message? {
            AgentMessage::TrackData(audio) if audio.peer_id == *agent => return Ok(speakers),
            AgentMessage::TrackData(audio) => speakers.push(audio.peer_id),
            _ => {}
        }
    }
    bail!("the session ended")
}
