//! The encodings and sample rates that an agent can receive.

/// The encoding of the audio that an agent receives.
///
/// Only requests contain this value, so there is no variant for unknown values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AudioFormat {
    /// Raw 16-bit samples.
    Pcm16,
}

/// The sample rate of the audio that an agent receives.
///
/// Only requests contain this value, so there is no variant for unknown values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AudioSampleRate {
    /// 16,000 samples per second.
    Hz16000,
    /// 24,000 samples per second.
    Hz24000,
}

impl AudioSampleRate {
    /// Returns the number of samples per second.
    #[must_use]
    pub fn hertz(self) -> u32 {
        match self {
            Self::Hz16000 => 16_000,
            Self::Hz24000 => 24_000,
        }
    }
}
