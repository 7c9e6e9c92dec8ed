//! What a new agent is to be like.

use fishjam_api::fishjam::types;

use crate::{
    SubscribeMode,
    audio::{AudioFormat, AudioSampleRate},
    error::{Error, Result},
};

/// What a new agent is to be like; whatever is not set is left to the service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AgentOptions {
    /// The form of the audio that the agent receives.
    pub output: Option<AgentOutputOptions>,
    /// Whether the agent receives everything at once or only what it is subscribed to by hand. Service's default:
    /// [`SubscribeMode::Auto`].
    pub subscribe_mode: Option<SubscribeMode>,
}

impl AgentOptions {
    /// Options that leave everything to the service.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Chooses the form of the audio that the agent receives.
    #[must_use]
    pub fn output(mut self, output: AgentOutputOptions) -> Self {
        self.output = Some(output);
        self
    }

    /// Chooses whether the agent receives everything at once or only what it is subscribed to by hand.
    #[must_use]
    pub fn subscribe_mode(mut self, mode: SubscribeMode) -> Self {
        self.subscribe_mode = Some(mode);
        self
    }
}

/// The form of the audio that an agent receives; whatever is not set is left to the service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AgentOutputOptions {
    /// The encoding. Service's default: [`AudioFormat::Pcm16`].
    pub audio_format: Option<AudioFormat>,
    /// The sample rate. Service's default: [`AudioSampleRate::Hz16000`].
    pub audio_sample_rate: Option<AudioSampleRate>,
}

impl AgentOutputOptions {
    /// Options that leave everything to the service.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Chooses the encoding.
    #[must_use]
    pub fn audio_format(mut self, format: AudioFormat) -> Self {
        self.audio_format = Some(format);
        self
    }

    /// Chooses the sample rate.
    #[must_use]
    pub fn audio_sample_rate(mut self, rate: AudioSampleRate) -> Self {
        self.audio_sample_rate = Some(rate);
        self
    }
}

impl From<AudioFormat> for types::AudioFormat {
    fn from(format: AudioFormat) -> Self {
        match format {
            AudioFormat::Pcm16 => Self::Pcm16,
        }
    }
}

impl TryFrom<AgentOutputOptions> for types::AgentOutput {
    type Error = Error;

    fn try_from(output: AgentOutputOptions) -> Result<Self> {
        let rate = output.audio_sample_rate.map(|rate| types::AudioSampleRate::try_from(i64::from(rate.hertz())));
        Ok(Self {
            audio_format: output.audio_format.map(Into::into),
            audio_sample_rate: rate.transpose().map_err(|_| Error::invalid_input("no agent has this sample rate"))?,
        })
    }
}

impl TryFrom<AgentOptions> for types::PeerOptionsAgent {
    type Error = Error;

    fn try_from(options: AgentOptions) -> Result<Self> {
        Ok(Self { output: options.output.map(TryInto::try_into).transpose()?, subscribe_mode: options.subscribe_mode })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn sent(options: AgentOptions) -> Value {
        serde_json::to_value(types::PeerOptionsAgent::try_from(options).unwrap()).unwrap()
    }

    #[test]
    fn an_option_that_is_not_set_is_not_sent() {
        assert_eq!(sent(AgentOptions::new()), json!({}));
        assert_eq!(sent(AgentOptions::new().output(AgentOutputOptions::new())), json!({ "output": {} }));
        let output = AgentOutputOptions::new().audio_format(AudioFormat::Pcm16);
        assert_eq!(sent(AgentOptions::new().output(output)), json!({ "output": { "audioFormat": "pcm16" } }));
    }

    #[test]
    fn every_sample_rate_is_one_of_the_contracts() {
        for (rate, hertz) in [(AudioSampleRate::Hz16000, 16_000), (AudioSampleRate::Hz24000, 24_000)] {
            let output = AgentOutputOptions::new().audio_sample_rate(rate);
            let options = AgentOptions::new().output(output).subscribe_mode(SubscribeMode::Manual);
            let expected = json!({ "output": { "audioSampleRate": hertz }, "subscribeMode": "manual" });
            assert_eq!(sent(options), expected);
        }
    }
}
