//! Audio settings for an agent that uses Google's Gemini Live API.
//!
//! Gemini expects audio with 16 kHz and sends audio with 24 kHz, both as one channel of raw 16-bit samples. Create the
//! agent with [`input_audio_settings`], so that you can send its audio to Gemini unchanged. Add its track with
//! [`output_audio_settings`], so that you can send the audio of Gemini unchanged.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> anyhow::Result<()> {
//! # let emulator = fishjam_emulator::Emulator::start().await?;
//! # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
//! # let room = fishjam.create_room(Default::default()).await?;
//! use fishjam_sdk::{AgentOptions, integrations::gemini};
//!
//! let agent = fishjam.create_agent(&room.id, AgentOptions::new().output(gemini::input_audio_settings())).await?;
//! let mut session = agent.connect().await?;
//! let track = session.add_track(gemini::output_audio_settings()).await?;
//! println!("Gemini receives {} and speaks on {}", gemini::AUDIO_MIME_TYPE, track.id());
//! # Ok(())
//! # }
//! ```
//!
//! Gemini sends speech faster than it is played. A [`PacedTrack`](crate::agent::PacedTrack) holds the audio back, so
//! that you can discard it when Gemini reports an interruption.

use crate::{
    agent::{OutgoingAudioTrackOptions, options::AgentOutputOptions},
    audio::{AudioFormat, PcmFormat, SampleRate},
};

/// The media type of audio for Gemini.
pub const AUDIO_MIME_TYPE: &str = "audio/pcm;rate=16000";

/// A header, as name and value, that identifies this SDK to Google's API. Sending it is optional.
pub const API_CLIENT_HEADER: (&str, &str) =
    ("x-goog-api-client", concat!("fishjam-rust-server-sdk/", env!("CARGO_PKG_VERSION")));

/// Returns the settings for an agent whose audio goes to Gemini: PCM16 with 16 kHz.
///
/// ```
/// use fishjam_sdk::{AgentOptions, integrations::gemini};
///
/// let options = AgentOptions::new().output(gemini::input_audio_settings());
/// # let _ = options;
/// ```
#[must_use]
pub fn input_audio_settings() -> AgentOutputOptions {
    AgentOutputOptions::new().audio_format(AudioFormat::Pcm16).audio_sample_rate(INPUT)
}

/// Returns the options for a track with the audio of Gemini.
///
/// The audio is PCM16 with 24 kHz and one channel.
///
/// ```
/// use fishjam_sdk::integrations::gemini;
/// use serde_json::json;
///
/// let track = gemini::output_audio_settings().metadata(json!({ "type": "microphone" }));
/// println!("{track:?}");
/// ```
#[must_use]
pub fn output_audio_settings() -> OutgoingAudioTrackOptions {
    OutgoingAudioTrackOptions::pcm16(OUTPUT)
}

/// Returns the format of the audio of Gemini.
///
/// Use it for a [`Chunker`](crate::agent::Chunker), a [`Mixer`](crate::agent::Mixer) or a
/// [`PacedTrack`](crate::agent::PacedTrack).
///
/// ```
/// use std::time::Duration;
/// use fishjam_sdk::integrations::gemini;
///
/// assert_eq!(gemini::output_format().bytes_in(Duration::from_millis(20)), 960);
/// ```
#[must_use]
pub fn output_format() -> PcmFormat {
    PcmFormat::mono(OUTPUT)
}

const INPUT: SampleRate = SampleRate::Hz16000;
const OUTPUT: SampleRate = SampleRate::Hz24000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_type_contains_the_input_rate() {
        assert_eq!(AUDIO_MIME_TYPE, format!("audio/pcm;rate={INPUT}"));
        let settings = AgentOutputOptions::new().audio_format(AudioFormat::Pcm16).audio_sample_rate(INPUT);
        assert_eq!(input_audio_settings(), settings);
    }
}
