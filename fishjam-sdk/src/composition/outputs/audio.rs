//! The audio of an output.

use fishjam_api::composition::types;

use super::end_condition::EndCondition;
use crate::{
    composition::scene::AudioMix,
    error::{Error, Result},
};

/// The audio of an output: its first mix, and options. Unset options use the server's defaults.
///
/// ```
/// use fishjam_sdk::composition::{AudioChannels, AudioMix, AudioOutput, OpusEncoder, OpusPreset};
///
/// let audio = AudioOutput::new(AudioMix::all(["ada", "bob"]))
///     .channels(AudioChannels::Mono)
///     .encoder_preferences([OpusEncoder::new().preset(OpusPreset::Quality)]);
/// # drop(audio);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
#[must_use]
pub struct AudioOutput {
    mix: AudioMix,
    mixing_strategy: Option<MixingStrategy>,
    channels: Option<AudioChannels>,
    end: Option<EndCondition>,
    encoders: Option<Vec<AudioEncoder>>,
}

impl AudioOutput {
    /// Creates the audio of an output with this mix.
    pub fn new(mix: AudioMix) -> Self {
        Self { mix, mixing_strategy: None, channels: None, end: None, encoders: None }
    }

    /// Sets how the server adds the inputs. Server default: [`MixingStrategy::SumClip`].
    pub fn mixing_strategy(mut self, strategy: MixingStrategy) -> Self {
        self.mixing_strategy = Some(strategy);
        self
    }

    /// Sets the number of channels. Server default: [`AudioChannels::Stereo`].
    pub fn channels(mut self, channels: AudioChannels) -> Self {
        self.channels = Some(channels);
        self
    }

    /// Sets when the audio ends. Server default: never.
    pub fn ends(mut self, condition: EndCondition) -> Self {
        self.end = Some(condition);
        self
    }

    /// Sets the encoders of a WHIP output, in the order of preference. Server default: any encoder.
    ///
    /// For an RTMP output, registering fails with [`InvalidInput`](crate::ErrorKind::InvalidInput).
    pub fn encoder_preferences(mut self, encoders: impl IntoIterator<Item = impl Into<AudioEncoder>>) -> Self {
        self.encoders = Some(encoders.into_iter().map(Into::into).collect());
        self
    }

    pub(super) fn into_wire(self) -> Result<WireAudio> {
        let encoders = self.encoders.map(|encoders| encoders.into_iter().map(AudioEncoder::into_wire).collect());
        Ok(WireAudio {
            initial: self.mix.into_wire()?,
            mixing_strategy: self.mixing_strategy.map(MixingStrategy::into_wire),
            channels: self.channels.map(AudioChannels::into_wire),
            end: self.end.map(EndCondition::into_wire).transpose()?,
            encoders,
        })
    }
}

impl From<AudioMix> for AudioOutput {
    fn from(mix: AudioMix) -> Self {
        Self::new(mix)
    }
}

/// The members that the audio of some kind of output has.
pub(super) struct WireAudio {
    initial: types::AudioScene,
    mixing_strategy: Option<types::AudioMixingStrategy>,
    channels: Option<types::AudioChannels>,
    end: Option<types::OutputEndCondition>,
    encoders: Option<Vec<types::WhipAudioEncoderOptions>>,
}

impl WireAudio {
    pub(super) fn into_whip(self) -> types::OutputWhipAudioOptions {
        let Self { initial, mixing_strategy, channels, end, encoders } = self;
        types::OutputWhipAudioOptions {
            channels,
            encoder_preferences: encoders,
            initial,
            mixing_strategy,
            send_eos_when: end,
        }
    }

    pub(super) fn into_rtmp(self) -> Result<types::OutputRtmpClientAudioOptions> {
        let Self { initial, mixing_strategy, channels, end, encoders } = self;
        if encoders.is_some() {
            return Err(Error::invalid_input("invalid encoder_preferences: an RTMP output has none"));
        }
        Ok(types::OutputRtmpClientAudioOptions { channels, initial, mixing_strategy, send_eos_when: end })
    }
}

/// How the server adds the samples of several inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MixingStrategy {
    /// Adds the samples and clips the sum. The server's default.
    SumClip,
    /// Adds the samples, and lowers the volume around a sum that would be clipped.
    SumScale,
}

impl MixingStrategy {
    fn into_wire(self) -> types::AudioMixingStrategy {
        match self {
            Self::SumClip => types::AudioMixingStrategy::SumClip,
            Self::SumScale => types::AudioMixingStrategy::SumScale,
        }
    }
}

/// Number of audio channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_enums, reason = "the API has no other numbers of channels")]
pub enum AudioChannels {
    /// One channel.
    Mono,
    /// Two channels. The server's default.
    Stereo,
}

impl AudioChannels {
    fn into_wire(self) -> types::AudioChannels {
        match self {
            Self::Mono => types::AudioChannels::Mono,
            Self::Stereo => types::AudioChannels::Stereo,
        }
    }
}

/// An audio encoder of a WHIP output.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AudioEncoder {
    /// Any encoder that the peer accepts.
    Any,
    /// Opus.
    Opus(OpusEncoder),
}

impl AudioEncoder {
    fn into_wire(self) -> types::WhipAudioEncoderOptions {
        match self {
            Self::Any => types::WhipAudioEncoderOptionsAny { type_: types::WhipAudioEncoderOptionsAnyType::Any }.into(),
            Self::Opus(opus) => opus.into_wire().into(),
        }
    }
}

impl From<OpusEncoder> for AudioEncoder {
    fn from(opus: OpusEncoder) -> Self {
        Self::Opus(opus)
    }
}

/// Options of the Opus encoder. Unset options use the server's defaults.
///
/// ```
/// use fishjam_sdk::composition::{OpusEncoder, OpusPreset, OpusSampleRate};
///
/// let encoder = OpusEncoder::new().preset(OpusPreset::Voip).sample_rate(OpusSampleRate::Hz24000);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpusEncoder {
    preset: Option<OpusPreset>,
    sample_rate: Option<OpusSampleRate>,
    forward_error_correction: Option<bool>,
}

impl OpusEncoder {
    /// Creates options without values.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the purpose of the sound. Server default: [`OpusPreset::Voip`].
    #[must_use]
    pub fn preset(mut self, preset: OpusPreset) -> Self {
        self.preset = Some(preset);
        self
    }

    /// Sets the sample rate. Server default: 48,000 Hz.
    #[must_use]
    pub fn sample_rate(mut self, rate: OpusSampleRate) -> Self {
        self.sample_rate = Some(rate);
        self
    }

    /// Sets whether the stream can repair lost packets. The API documents the default `false`. Servers can use `true`.
    #[must_use]
    pub fn forward_error_correction(mut self, correction: bool) -> Self {
        self.forward_error_correction = Some(correction);
        self
    }

    fn into_wire(self) -> types::WhipAudioEncoderOptionsOpus {
        types::WhipAudioEncoderOptionsOpus {
            forward_error_correction: self.forward_error_correction,
            preset: self.preset.map(OpusPreset::into_wire),
            sample_rate: self.sample_rate.map(OpusSampleRate::hertz),
            type_: types::WhipAudioEncoderOptionsOpusType::Opus,
        }
    }
}

/// The purpose for which the Opus encoder is tuned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OpusPreset {
    /// The highest quality, for example for music.
    Quality,
    /// The best quality for speech. The server's default.
    Voip,
    /// The shortest delay.
    LowestLatency,
}

impl OpusPreset {
    fn into_wire(self) -> types::OpusEncoderPreset {
        match self {
            Self::Quality => types::OpusEncoderPreset::Quality,
            Self::Voip => types::OpusEncoderPreset::Voip,
            Self::LowestLatency => types::OpusEncoderPreset::LowestLatency,
        }
    }
}

/// A sample rate that the Opus encoder supports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OpusSampleRate {
    /// 8,000 Hz.
    Hz8000,
    /// 16,000 Hz.
    Hz16000,
    /// 24,000 Hz.
    Hz24000,
    /// 48,000 Hz. The server's default.
    Hz48000,
}

impl OpusSampleRate {
    fn hertz(self) -> i32 {
        match self {
            Self::Hz8000 => 8000,
            Self::Hz16000 => 16_000,
            Self::Hz24000 => 24_000,
            Self::Hz48000 => 48_000,
        }
    }
}
