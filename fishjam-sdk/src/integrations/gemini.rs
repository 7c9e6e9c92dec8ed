//! An agent that is the ears and the mouth of Google's Gemini Live API.
//!
//! Gemini listens at 16 kHz and speaks at 24 kHz, both as one channel of raw 16-bit samples. Create the agent with
//! [`input_audio_settings`], so that what it hears can go to Gemini as it is, and add its track with
//! [`output_audio_settings`], so that what Gemini says can go there as it is.
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
//! let voice = session.add_track(gemini::output_audio_settings()).await?;
//! println!("Gemini hears {} and speaks on {}", gemini::AUDIO_MIME_TYPE, voice.id());
//! # Ok(())
//! # }
//! ```
//!
//! Gemini delivers speech faster than it is played: a [`PacedTrack`](crate::agent::PacedTrack) keeps it back, so that
//! there is something to stop when Gemini reports that it was interrupted.

use crate::{
    AgentOutputOptions, AudioFormat, AudioSampleRate,
    agent::{OutgoingAudioTrackOptions, PcmFormat},
};

/// The media type under which audio for Gemini is sent.
pub const AUDIO_MIME_TYPE: &str = "audio/pcm;rate=16000";

/// A header, by name and value, that tells Google's API which SDK a request comes with. Sending it is optional.
pub const API_CLIENT_HEADER: (&str, &str) =
    ("x-goog-api-client", concat!("fishjam-rust-server-sdk/", env!("CARGO_PKG_VERSION")));

/// The form in which an agent has to hear others for Gemini: PCM16 at 16 kHz.
///
/// ```
/// use fishjam_sdk::{AgentOptions, integrations::gemini};
///
/// let options = AgentOptions::new().output(gemini::input_audio_settings());
/// assert_eq!(options.output.and_then(|output| output.audio_sample_rate).map(|rate| rate.hertz()), Some(16_000));
/// ```
#[must_use]
pub fn input_audio_settings() -> AgentOutputOptions {
    AgentOutputOptions::new().audio_format(AudioFormat::Pcm16).audio_sample_rate(AudioSampleRate::Hz16000)
}

/// The track for what Gemini says: PCM16 at 24 kHz, one channel.
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
    OutgoingAudioTrackOptions::pcm16(OUTPUT.hertz())
}

/// The format of what Gemini says, for a [`Chunker`](crate::agent::Chunker), a [`Mixer`](crate::agent::Mixer) or a
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

const OUTPUT: AudioSampleRate = AudioSampleRate::Hz24000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_media_type_names_the_rate_that_the_agent_hears() {
        let rate = input_audio_settings().audio_sample_rate.unwrap().hertz();
        assert_eq!(AUDIO_MIME_TYPE, format!("audio/pcm;rate={rate}"));
        assert_eq!(input_audio_settings().audio_format, Some(AudioFormat::Pcm16));
    }
}
