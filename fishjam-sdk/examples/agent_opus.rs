//! An agent that speaks in Opus, which takes some thirtieth of the bytes of raw audio.
//!
//! ```sh
//! cargo run --example agent_opus
//! ```
//!
//! The SDK carries packets and leaves the codec to a crate: here `ropus`, which is Rust all through. What others say
//! still arrives as raw audio, decoded by the service. It runs on an emulator that it starts on this machine; the
//! emulator decodes no Opus, so what it was sent is decoded here again.

use std::time::Duration;

use anyhow::{Context, ensure};
use fishjam_emulator::{Emulator, Sound};
use fishjam_proto::fishjam::agent_request::Content;
use fishjam_sdk::{AgentOptions, FishjamClient, RoomOptions, agent::OutgoingAudioTrackOptions};
use ropus::{Application, Bitrate, Channels, DecodeMode, Decoder, Encoder};
use tokio::time::interval;

/// Samples a second, in one channel.
const RATE: u32 = 48_000;
/// How long the sound of one packet is, and how many samples that are.
const PACKET: Duration = Duration::from_millis(20);
const SAMPLES: usize = 960;
/// No packet is larger, in bytes.
const LARGEST: usize = 1_276;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    let agent = fishjam.create_agent(&room.id, AgentOptions::new()).await?;
    let session = agent.connect().await?;
    let voice = session.add_track(OutgoingAudioTrackOptions::opus()).await?;

    let mut encoder =
        Encoder::builder(RATE, Channels::Mono, Application::Voip).bitrate(Bitrate::Bits(24_000)).build()?;
    let said = Sound::tone(440.0, RATE, Duration::from_secs(1)).samples().to_vec();
    // A packet is sent when the one before it has been played. `PacedTrack` does that for raw audio, whose duration it
    // can tell.
    let mut ticks = interval(PACKET);
    let (mut packet, mut bytes) = ([0; LARGEST], 0);
    for samples in said.chunks_exact(SAMPLES) {
        let length = encoder.encode(samples, &mut packet)?;
        ticks.tick().await;
        voice.send_chunk(packet[..length].to_vec()).await?;
        bytes += length;
    }
    session.disconnect().await?;
    println!("a second of sound went out in {bytes} bytes, instead of {} of raw audio", said.len() * 2);

    let heard = decode(&emulator)?;
    fishjam.delete_room(&room.id).await?;
    ensure!(heard.len() == said.len(), "{} samples became {}", said.len(), heard.len());
    let (before, after) = (loudness(&said), loudness(&heard));
    ensure!((after / before - 1.0).abs() < 0.1, "it was {before:.0} loud and became {after:.0}");
    println!("decoded, it is as long and as loud as it was");
    Ok(())
}

/// The sound of the packets that reached the service.
fn decode(emulator: &Emulator) -> anyhow::Result<Vec<i16>> {
    let received = emulator.agent_sockets().received(1).context("the agent was connected")?;
    let mut decoder = Decoder::new(RATE, Channels::Mono)?;
    let mut heard = Vec::new();
    let mut samples = [0; SAMPLES];
    for request in received.agent_requests() {
        if let Some(Content::TrackData(chunk)) = request.content {
            let count = decoder.decode(&chunk.data, &mut samples, DecodeMode::Normal)?;
            heard.extend_from_slice(&samples[..count]);
        }
    }
    Ok(heard)
}

/// The root of the mean square.
fn loudness(samples: &[i16]) -> f64 {
    let sum: f64 = samples.iter().map(|&sample| f64::from(sample).powi(2)).sum();
    (sum / samples.len() as f64).sqrt()
}
