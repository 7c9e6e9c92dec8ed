//! An agent that sends its incoming audio back, and a caller that checks the echo.
//!
//! ```sh
//! cargo run --example agent_echo
//! ```
//!
//! The example starts an emulator on this machine. The function `echo` works with your Fishjam, too.

use std::time::Duration;

use anyhow::{Context, bail, ensure};
use fishjam_emulator::{Emulator, Sound};
use fishjam_sdk::{
    AgentOptions, FishjamClient, RoomOptions,
    agent::{AgentMessage, AgentSession, Chunker, OutgoingAudioTrackOptions, PcmFormat, SampleRate, SessionEndKind},
};
use tokio::time::timeout;

/// The default sample rate of agents.
const RATE: SampleRate = SampleRate::Hz16000;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let room = fishjam.create_room(RoomOptions::new()).await?;

    let agent = fishjam.create_agent(&room.id, AgentOptions::new()).await?;
    println!("agent {} echoes", agent.id());
    let echo = tokio::spawn(echo(agent.connect().await?));

    // The caller is an agent, too, because the emulator has no browsers.
    let caller = fishjam.create_agent(&room.id, AgentOptions::new()).await?;
    let mut session = caller.connect().await?;
    let track = session.add_track(OutgoingAudioTrackOptions::pcm16(RATE)).await?;
    let sent = Sound::tone(440.0, RATE.hertz(), Duration::from_secs(1)).to_bytes();
    let mut chunker = Chunker::new(PcmFormat::mono(RATE), Duration::from_millis(20))?;
    let chunks = chunker.push(sent.clone());
    println!("caller {} sends {} chunks of 20 milliseconds", caller.id(), chunks.len());
    for chunk in chunks {
        track.send_chunk(chunk).await?;
    }

    let mut received = Vec::new();
    while received.len() < sent.len() {
        let message = timeout(Duration::from_secs(10), session.receive()).await.context("no echo")?;
        if let AgentMessage::TrackData(audio) = message.context("the session ended")?? {
            ensure!(&audio.peer_id == agent.id(), "unexpected speaker");
            received.extend_from_slice(&audio.data);
        }
    }
    ensure!(received == sent, "the echo differs from the sent audio");
    println!("caller {} received the same bytes", caller.id());

    session.disconnect().await?;
    // This removes the agents, so the echo ends.
    fishjam.delete_room(&room.id).await?;
    let chunks = timeout(Duration::from_secs(10), echo).await???;
    println!("the echo ended after {chunks} chunks");
    Ok(())
}

/// Sends incoming audio back until the session ends. Returns the number of chunks.
async fn echo(mut session: AgentSession) -> anyhow::Result<u64> {
    let track = session.add_track(OutgoingAudioTrackOptions::pcm16(RATE)).await?;
    let mut chunks = 0;
    while let Some(message) = session.receive().await {
        // The end is handled below.
        let Ok(AgentMessage::TrackData(audio)) = message else { continue };
        // This does not copy the audio. If the session has ended, its last item is the error.
        if track.send_chunk(audio.data).await.is_ok() {
            chunks += 1;
        }
    }
    let end = session.end().context("the session has not ended")?;
    match end.kind() {
        // The end of a room is expected.
        SessionEndKind::RoomEnded | SessionEndKind::AgentRemoved => Ok(chunks),
        kind => bail!("the echo ended too early, {kind:?}: {:?}", end.error()),
    }
}
