//! An agent that says back what it hears, and a caller that checks that it does.
//!
//! ```sh
//! cargo run --example agent_echo
//! ```
//!
//! It runs on an emulator that it starts on this machine. The echo itself is `echo` below, and the same on your Fishjam.

use std::time::Duration;

use anyhow::{Context, bail, ensure};
use fishjam_emulator::{Emulator, Sound};
use fishjam_sdk::{
    AgentOptions, FishjamClient, RoomOptions,
    agent::{AgentMessage, AgentSession, Chunker, OutgoingAudioTrackOptions, PcmFormat, SessionEndKind},
};
use futures_util::StreamExt;
use tokio::time::timeout;

/// What agents hear if they do not ask for another rate.
const SAMPLE_RATE: u32 = 16_000;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let room = fishjam.create_room(RoomOptions::new()).await?;

    let agent = fishjam.create_agent(&room.id, AgentOptions::new()).await?;
    println!("agent {} echoes", agent.id());
    let echo = tokio::spawn(echo(agent.connect().await?));

    // The caller is an agent too, since an emulator has no browsers.
    let caller = fishjam.create_agent(&room.id, AgentOptions::new()).await?;
    let mut session = caller.connect().await?;
    let voice = session.add_track(OutgoingAudioTrackOptions::pcm16(SAMPLE_RATE)).await?;
    let said = Sound::tone(440.0, SAMPLE_RATE, Duration::from_secs(1)).to_bytes();
    let mut chunker = Chunker::new(PcmFormat::new(SAMPLE_RATE, 1)?, Duration::from_millis(20))?;
    let chunks = chunker.push(said.clone());
    println!("caller {} says {} chunks of 20 milliseconds", caller.id(), chunks.len());
    for chunk in chunks {
        voice.send_chunk(chunk).await?;
    }

    let mut heard = Vec::new();
    while heard.len() < said.len() {
        let message = timeout(Duration::from_secs(10), session.next()).await.context("no echo")?;
        if let AgentMessage::TrackData(audio) = message.context("the session ended")?? {
            ensure!(&audio.peer_id == agent.id(), "nobody else speaks");
            heard.extend_from_slice(&audio.data);
        }
    }
    ensure!(heard == said, "an echo is what was said");
    println!("caller {} heard all of it again, byte by byte", caller.id());

    session.disconnect().await?;
    // With the room its agents go, and so the echo ends.
    fishjam.delete_room(&room.id).await?;
    let chunks = timeout(Duration::from_secs(10), echo).await???;
    println!("the echo ended after {chunks} chunks");
    Ok(())
}

/// Says back what it hears until the session ends: how many chunks that were.
async fn echo(mut session: AgentSession) -> anyhow::Result<u64> {
    let voice = session.add_track(OutgoingAudioTrackOptions::pcm16(SAMPLE_RATE)).await?;
    let mut chunks = 0;
    while let Some(message) = session.next().await {
        // The end is handled below.
        let Ok(AgentMessage::TrackData(heard)) = message else { continue };
        // Clones nothing: the bytes that arrived are the bytes that leave.
        // If it ended meanwhile, why is the last thing that the session says.
        if voice.send_chunk(heard.data).await.is_ok() {
            chunks += 1;
        }
    }
    let end = session.end().context("the session has not ended")?;
    match end.kind() {
        // The end of a room is an everyday event.
        SessionEndKind::RoomEnded | SessionEndKind::AgentRemoved => Ok(chunks),
        kind => bail!("the echo ended too early, {kind:?}: {:?}", end.error()),
    }
}
