//! Options for creating an agent.

use fishjam_api::fishjam::{enums::SubscribeMode, types};

use crate::{
    audio::{AudioFormat, SampleRate},
    error::{Error, Result},
};

/// Options for creating an agent. Unset options use the server's defaults.
///
/// ```
/// use fishjam_sdk::{AgentOptions, AgentOutputOptions, SubscribeMode, agent::SampleRate};
///
/// let options = AgentOptions::new()
///     .output(AgentOutputOptions::new().audio_sample_rate(SampleRate::Hz24000))
///     .subscribe_mode(SubscribeMode::Manual);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AgentOptions {
    output: Option<AgentOutputOptions>,
    subscribe_mode: Option<SubscribeMode>,
}

impl AgentOptions {
    /// Creates options without values.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the format of the audio that the agent receives. Server default: PCM16 with 16,000 Hz.
    #[must_use]
    pub fn output(mut self, output: AgentOutputOptions) -> Self {
        self.output = Some(output);
        self
    }

    /// Sets whether the agent receives all tracks, or only the tracks of explicit subscriptions.
    ///
    /// Server default: [`SubscribeMode::Auto`], all tracks.
    #[must_use]
    pub fn subscribe_mode(mut self, mode: SubscribeMode) -> Self {
        self.subscribe_mode = Some(mode);
        self
    }

    /// Returns the sample rate of the audio that the agent will receive.
    pub(super) fn input_rate(&self) -> SampleRate {
        self.output.as_ref().and_then(|output| output.audio_sample_rate).unwrap_or(DEFAULT_INPUT_RATE)
    }

    /// Converts the options for the request.
    pub(super) fn into_wire(self) -> Result<types::PeerOptionsAgent> {
        Ok(types::PeerOptionsAgent {
            output: self.output.map(AgentOutputOptions::into_wire).transpose()?,
            subscribe_mode: self.subscribe_mode,
        })
    }
}

/// Format of the audio that an agent receives. Unset options use the server's defaults.
///
/// ```
/// use fishjam_sdk::{AgentOutputOptions, agent::SampleRate};
///
/// let output = AgentOutputOptions::new().audio_sample_rate(SampleRate::Hz24000);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AgentOutputOptions {
    audio_format: Option<AudioFormat>,
    audio_sample_rate: Option<SampleRate>,
}

impl AgentOutputOptions {
    /// Creates options without values.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the encoding of the audio.
    ///
    /// Server default: [`AudioFormat::Pcm16`].
    #[must_use]
    pub fn audio_format(mut self, format: AudioFormat) -> Self {
        self.audio_format = Some(format);
        self
    }

    /// Sets the sample rate of the audio: 16,000 or 24,000 Hz.
    ///
    /// Server default: [`SampleRate::Hz16000`]. With [`SampleRate::Hz48000`], creating the agent returns an error.
    #[must_use]
    pub fn audio_sample_rate(mut self, rate: SampleRate) -> Self {
        self.audio_sample_rate = Some(rate);
        self
    }

    fn into_wire(self) -> Result<types::AgentOutput> {
        Ok(types::AgentOutput {
            audio_format: self.audio_format.map(|format| match format {
                AudioFormat::Pcm16 => types::AudioFormat::Pcm16,
            }),
            audio_sample_rate: self.audio_sample_rate.map(|rate| input_rate(rate, "audio_sample_rate")).transpose()?,
        })
    }
}

/// The sample rate that the server chooses if the options name none.
pub(super) const DEFAULT_INPUT_RATE: SampleRate = SampleRate::Hz16000;

/// Returns the contract's value for a rate that agents can receive. Otherwise, returns an error that names the setter.
pub(super) fn input_rate(rate: SampleRate, setter: &str) -> Result<types::AudioSampleRate> {
    types::AudioSampleRate::try_from(i64::from(rate.hertz()))
        .map_err(|_| Error::invalid_input(format!("invalid {setter}: {rate} Hz; an agent receives 16000 or 24000 Hz")))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::error::ErrorKind;

    fn sent(options: AgentOptions) -> Value {
        serde_json::to_value(options.into_wire().unwrap()).unwrap()
    }

    #[test]
    fn unset_options_are_not_sent() {
        assert_eq!(sent(AgentOptions::new()), json!({}));
        assert_eq!(sent(AgentOptions::new().output(AgentOutputOptions::new())), json!({ "output": {} }));
        let output = AgentOutputOptions::new().audio_format(AudioFormat::Pcm16);
        let options = AgentOptions::new().output(output);
        assert_eq!(options.input_rate(), SampleRate::Hz16000);
        assert_eq!(sent(options), json!({ "output": { "audioFormat": "pcm16" } }));
    }

    #[test]
    fn input_rates_of_the_contract_are_sent() {
        for (rate, hertz) in [(SampleRate::Hz16000, 16_000), (SampleRate::Hz24000, 24_000)] {
            let output = AgentOutputOptions::new().audio_sample_rate(rate);
            let options = AgentOptions::new().output(output).subscribe_mode(SubscribeMode::Manual);
            assert_eq!(options.input_rate(), rate);
            let expected = json!({ "output": { "audioSampleRate": hertz }, "subscribeMode": "manual" });
            assert_eq!(sent(options), expected);
        }
    }

    #[test]
    fn unsupported_input_rate_names_its_setter() {
        let output = AgentOutputOptions::new().audio_sample_rate(SampleRate::Hz48000);
        let error = AgentOptions::new().output(output).into_wire().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("invalid audio_sample_rate: 48000 Hz"), "{error}");
    }
}
