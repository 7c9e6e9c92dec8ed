//! Encodings and sample rates of the audio that an agent receives.

/// How the audio that an agent receives is encoded. Only requests carry it, so there is no unknown value to keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AudioFormat {
    /// Raw samples of 16 bits.
    Pcm16,
}

/// The sample rate of the audio that an agent receives. Only requests carry it, so there is no unknown value to keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AudioSampleRate {
    /// 16,000 samples a second.
    Hz16000,
    /// 24,000 samples a second.
    Hz24000,
}

impl AudioSampleRate {
    /// The samples a second.
    #[must_use]
    pub fn hertz(self) -> u32 {
        match self {
            Self::Hz16000 => 16_000,
            Self::Hz24000 => 24_000,
        }
    }
}
