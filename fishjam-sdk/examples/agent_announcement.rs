//! An agent that several peers hear: it sends its speech once, and Fishjam delivers it to all of them.
//!
//! ```sh
//! cargo run --example agent_announcement
//! ```
//!
//! The speech is a tone. In your program, replace it with a speech synthesizer. The example starts an emulator on this
//! machine. The function `announce` works with your Fishjam, too.

use std::time::Duration;

use anyhow::{Context, ensure};
use bytes::Bytes;
use fishjam_emulator::{Emulator, Sound};
use fishjam_sdk::{
    AgentOptions, AgentOutputOptions, FishjamClient, PeerId, RoomOptions,
    agent::{AgentMessage, AgentSession, Delivery, OutgoingAudioTrackOptions, PacedTrack, PacingOptions, SampleRate},
};
use futures_util::future::try_join_all;
use serde_json::json;
use tokio::time::timeout;

/// The sample rate of all audio in this example.
const RATE: SampleRate = SampleRate::Hz24000;

/// Plays the speech to all peers of the room, in real time. Returns when it was played.
async fn announce(session: &AgentSession, speech: Bytes) -> anyhow::Result<()> {
    // The client SDKs play a track with this metadata like a peer's microphone.
    let options = OutgoingAudioTrackOptions::pcm16(RATE).metadata(json!({ "type": "microphone" }));
    let track = session.add_track(options).await?;
    let voice = PacedTrack::new(track.clone(), PacingOptions::new())?;
    let delivery = voice.send_chunk(speech).await?;
    ensure!(delivery == Delivery::Accepted, "the announcement was interrupted");
    voice.drained().await?;
    // The peers receive a notification that the track has ended.
    track.remove().await?;
    Ok(())
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let room = fishjam.create_room(RoomOptions::new()).await?;

    // The listeners are agents, too, because a scripted peer of the emulator receives no audio.
    let mut listeners = Vec::new();
    for _ in 0..3 {
        let output = AgentOutputOptions::new().audio_sample_rate(RATE);
        let listener = fishjam.create_agent(&room.id, AgentOptions::new().output(output)).await?;
        listeners.push(listener.connect().await?);
    }

    let announcer = fishjam.create_agent(&room.id, AgentOptions::new()).await?;
    let session = announcer.connect().await?;
    let speech = Sound::tone(440.0, RATE.hertz(), Duration::from_millis(600)).to_bytes();
    println!("agent {} speaks to {} peers", announcer.id(), listeners.len());
    let listening = try_join_all(listeners.iter_mut().map(|listener| hear(listener, announcer.id(), speech.len())));
    let (heard, ()) = tokio::try_join!(listening, announce(&session, speech.clone()))?;

    ensure!(heard.iter().all(|audio| *audio == speech), "a peer heard different audio");
    println!("all {} peers heard the whole speech, and the agent sent it once", heard.len());
    session.disconnect().await?;
    fishjam.delete_room(&room.id).await?;
    Ok(())
}

/// Receives this number of bytes of audio from the speaker.
async fn hear(listener: &mut AgentSession, speaker: &PeerId, length: usize) -> anyhow::Result<Vec<u8>> {
    let mut heard = Vec::new();
    while heard.len() < length {
        let message = timeout(Duration::from_secs(30), listener.receive()).await.context("no audio arrived")?;
        if let AgentMessage::TrackData(audio) = message.context("the session ended")?? {
            ensure!(audio.peer_id == *speaker, "unexpected speaker");
            heard.extend_from_slice(&audio.data);
        }
    }
    Ok(heard)
}
