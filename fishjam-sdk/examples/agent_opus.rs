//! An agent that speaks in Opus, which needs about a thirtieth of the bytes of raw audio.
//!
//! ```sh
//! cargo run --example agent_opus
//! ```
//!
//! The SDK sends packets, and a crate encodes them: here `ropus`, which is pure Rust. Incoming audio is still raw,
//! because Fishjam decodes it. The example starts an emulator on this machine. The emulator does not decode Opus, so
//! the example decodes the packets that the emulator received.

use std::time::Duration;

use anyhow::{Context, ensure};
use fishjam_emulator::{Emulator, Sound};
use fishjam_proto::fishjam::agent_request::Content;
use fishjam_sdk::{AgentOptions, FishjamClient, RoomOptions, agent::OutgoingAudioTrackOptions};
use ropus::{Application, Bitrate, Channels, DecodeMode, Decoder, Encoder};
use tokio::time::interval;

/// The sample rate, in hertz, of one channel.
const RATE: u32 = 48_000;
/// The duration of a packet, and its number of samples.
const PACKET: Duration = Duration::from_millis(20);
const SAMPLES: usize = 960;
/// The maximum size of a packet, in bytes.
const MAX_PACKET: usize = 1_276;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    let agent = fishjam.create_agent(&room.id, AgentOptions::new()).await?;
    let session = agent.connect().await?;
    let track = session.add_track(OutgoingAudioTrackOptions::opus()).await?;

    let mut encoder =
        Encoder::builder(RATE, Channels::Mono, Application::Voip).bitrate(Bitrate::Bits(24_000)).build()?;
    let original = Sound::tone(440.0, RATE, Duration::from_secs(1)).samples().to_vec();
    // Send each packet when the previous one has been played. For raw audio, `PacedTrack` does this.
    let mut ticks = interval(PACKET);
    let (mut packet, mut bytes) = ([0; MAX_PACKET], 0);
    for samples in original.chunks_exact(SAMPLES) {
        let length = encoder.encode(samples, &mut packet)?;
        ticks.tick().await;
        track.send_chunk(packet[..length].to_vec()).await?;
        bytes += length;
    }
    session.disconnect().await?;
    println!("a second of sound went out in {bytes} bytes, instead of {} of raw audio", original.len() * 2);

    let decoded = decode(&emulator)?;
    fishjam.delete_room(&room.id).await?;
    ensure!(decoded.len() == original.len(), "{} samples became {}", original.len(), decoded.len());
    let (before, after) = (loudness(&original), loudness(&decoded));
    ensure!((after / before - 1.0).abs() < 0.1, "the loudness changed from {before:.0} to {after:.0}");
    println!("the decoded sound has the same length and loudness");
    Ok(())
}

/// Decodes the packets that reached the emulator.
fn decode(emulator: &Emulator) -> anyhow::Result<Vec<i16>> {
    let received = emulator.agent_sockets().received(1).context("the agent was not connected")?;
    let mut decoder = Decoder::new(RATE, Channels::Mono)?;
    let mut decoded = Vec::new();
    let mut samples = [0; SAMPLES];
    for request in received.agent_requests() {
        if let Some(Content::TrackData(chunk)) = request.content {
            let count = decoder.decode(&chunk.data, &mut samples, DecodeMode::Normal)?;
            decoded.extend_from_slice(&samples[..count]);
        }
    }
    Ok(decoded)
}

/// Returns the root mean square of the samples.
fn loudness(samples: &[i16]) -> f64 {
    let sum: f64 = samples.iter().map(|&sample| f64::from(sample).powi(2)).sum();
    (sum / samples.len() as f64).sqrt()
}
