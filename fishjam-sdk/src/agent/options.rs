//! Options for creating an agent.

use fishjam_api::fishjam::{enums::SubscribeMode, types};

use crate::{
    audio::{AudioFormat, AudioSampleRate},
    error::{Error, Result},
};

/// Options for creating an agent. Unset options use the server's defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AgentOptions {
    /// Format of the audio that the agent receives.
    pub output: Option<AgentOutputOptions>,
    /// Whether the agent receives all tracks automatically, or only the tracks of explicit subscriptions. Server
    /// default: [`SubscribeMode::Auto`].
    pub subscribe_mode: Option<SubscribeMode>,
}

impl AgentOptions {
    /// Creates options without values.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the format of the audio that the agent receives.
    #[must_use]
    pub fn output(mut self, output: AgentOutputOptions) -> Self {
        self.output = Some(output);
        self
    }

    /// Sets whether the agent receives all tracks automatically, or only the tracks of explicit subscriptions.
    #[must_use]
    pub fn subscribe_mode(mut self, mode: SubscribeMode) -> Self {
        self.subscribe_mode = Some(mode);
        self
    }

    pub(super) fn into_wire(self) -> Result<types::PeerOptionsAgent> {
        let output = self.output.map(AgentOutputOptions::into_wire).transpose()?;
        Ok(types::PeerOptionsAgent { output, subscribe_mode: self.subscribe_mode })
    }
}

/// Format of the audio that an agent receives. Unset options use the server's defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AgentOutputOptions {
    /// Encoding of the audio. Server default: [`AudioFormat::Pcm16`].
    pub audio_format: Option<AudioFormat>,
    /// Sample rate of the audio. Server default: [`AudioSampleRate::Hz16000`].
    pub audio_sample_rate: Option<AudioSampleRate>,
}

impl AgentOutputOptions {
    /// Creates options without values.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the encoding.
    #[must_use]
    pub fn audio_format(mut self, format: AudioFormat) -> Self {
        self.audio_format = Some(format);
        self
    }

    /// Sets the sample rate.
    #[must_use]
    pub fn audio_sample_rate(mut self, rate: AudioSampleRate) -> Self {
        self.audio_sample_rate = Some(rate);
        self
    }

    fn into_wire(self) -> Result<types::AgentOutput> {
        let rate = self.audio_sample_rate.map(|rate| types::AudioSampleRate::try_from(i64::from(rate.hertz())));
        let rate = rate.transpose().map_err(|_| Error::invalid_input("invalid audio_sample_rate: not supported"))?;
        let format = self.audio_format.map(|format| match format {
            AudioFormat::Pcm16 => types::AudioFormat::Pcm16,
        });
        Ok(types::AgentOutput { audio_format: format, audio_sample_rate: rate })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn sent(options: AgentOptions) -> Value {
        serde_json::to_value(options.into_wire().unwrap()).unwrap()
    }

    #[test]
    fn unset_options_are_not_sent() {
        assert_eq!(sent(AgentOptions::new()), json!({}));
        assert_eq!(sent(AgentOptions::new().output(AgentOutputOptions::new())), json!({ "output": {} }));
        let output = AgentOutputOptions::new().audio_format(AudioFormat::Pcm16);
        assert_eq!(sent(AgentOptions::new().output(output)), json!({ "output": { "audioFormat": "pcm16" } }));
    }

    #[test]
    fn every_sample_rate_is_in_the_contract() {
        for (rate, hertz) in [(AudioSampleRate::Hz16000, 16_000), (AudioSampleRate::Hz24000, 24_000)] {
            let output = AgentOutputOptions::new().audio_sample_rate(rate);
            let options = AgentOptions::new().output(output).subscribe_mode(SubscribeMode::Manual);
            let expected = json!({ "output": { "audioSampleRate": hertz }, "subscribeMode": "manual" });
            assert_eq!(sent(options), expected);
        }
    }
}
