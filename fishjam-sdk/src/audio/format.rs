//! The formats of audio.

use std::{fmt, str::FromStr, time::Duration};

use super::{Channels, SampleRate, pcm::SAMPLE};
use crate::error::{Error, Result};

const NANOSECONDS: u128 = 1_000_000_000;

/// The encoding of the audio that an agent receives.
///
/// Only requests contain this value, so there is no variant for unknown values.
///
/// ```
/// use fishjam_sdk::agent::AudioFormat;
///
/// assert_eq!("pcm16".parse::<AudioFormat>()?, AudioFormat::Pcm16);
/// assert!("pcm24".parse::<AudioFormat>().is_err());
/// # Ok::<(), fishjam_sdk::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AudioFormat {
    /// Raw 16-bit samples.
    Pcm16,
}

/// Accepts the name in the contract: `pcm16`. An error does not contain the string.
impl FromStr for AudioFormat {
    type Err = Error;

    fn from_str(format: &str) -> Result<Self> {
        match format {
            "pcm16" => Ok(Self::Pcm16),
            _ => Err(Error::invalid_input("invalid audio format: must be pcm16")),
        }
    }
}

/// Prints the name in the contract.
impl fmt::Display for AudioFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Pcm16 => "pcm16",
        })
    }
}

/// The format of 16-bit PCM audio: a sample rate and a number of channels.
///
/// It converts between durations and numbers of bytes, in whole sample frames and without floating point. A *sample
/// frame* is one sample of each channel.
///
/// ```
/// use std::time::Duration;
/// use fishjam_sdk::agent::{Channels, PcmFormat, SampleRate};
///
/// let format = PcmFormat::new(SampleRate::Hz24000, Channels::Stereo);
/// assert_eq!(format.bytes_in(Duration::from_millis(20)), 1_920);
/// assert_eq!(format.duration_of(1_920), Duration::from_millis(20));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PcmFormat {
    sample_rate: SampleRate,
    channels: Channels,
}

impl PcmFormat {
    /// Creates a format with this sample rate and this number of channels.
    ///
    /// ```
    /// use fishjam_sdk::agent::{Channels, PcmFormat, SampleRate};
    ///
    /// // The header of a file contains numbers.
    /// let (rate, channels) = (48_000_u32, 2_u16);
    /// let format = PcmFormat::new(rate.try_into()?, channels.try_into()?);
    /// assert_eq!(format, PcmFormat::new(SampleRate::Hz48000, Channels::Stereo));
    /// # Ok::<(), fishjam_sdk::Error>(())
    /// ```
    #[must_use]
    pub const fn new(sample_rate: SampleRate, channels: Channels) -> Self {
        Self { sample_rate, channels }
    }

    /// Creates a format with one channel, which is the format that agents receive.
    ///
    /// ```
    /// use fishjam_sdk::agent::{Channels, PcmFormat, SampleRate};
    ///
    /// assert_eq!(PcmFormat::mono(SampleRate::Hz16000).channels(), Channels::Mono);
    /// ```
    #[must_use]
    pub const fn mono(sample_rate: SampleRate) -> Self {
        Self::new(sample_rate, Channels::Mono)
    }

    /// Returns the sample rate.
    #[must_use]
    pub const fn sample_rate(self) -> SampleRate {
        self.sample_rate
    }

    /// Returns the channels.
    #[must_use]
    pub const fn channels(self) -> Channels {
        self.channels
    }

    /// Returns the size of one sample frame, in bytes.
    #[must_use]
    pub fn frame_size(self) -> usize {
        SAMPLE * usize::from(self.channels.count())
    }

    /// Returns the size of audio of this duration, in bytes. A fraction of a sample frame is left out.
    ///
    /// The result saturates at the largest `usize` that is a whole number of sample frames.
    ///
    /// ```
    /// use std::time::Duration;
    /// use fishjam_sdk::agent::{PcmFormat, SampleRate};
    ///
    /// let format = PcmFormat::mono(SampleRate::Hz16000);
    /// assert_eq!(format.bytes_in(Duration::from_millis(20)), 640);
    /// // A 300th of a second has 53 samples and a third.
    /// assert_eq!(format.bytes_in(Duration::from_secs(1) / 300), 53 * 2);
    /// ```
    #[must_use]
    pub fn bytes_in(self, duration: Duration) -> usize {
        let frames = usize::try_from(self.frames_in(duration)).unwrap_or(usize::MAX);
        let most = usize::MAX / self.frame_size();
        frames.min(most) * self.frame_size()
    }

    /// Returns the duration of this many bytes. A fraction of a sample frame is left out.
    ///
    /// The duration is rounded up to a nanosecond, so [`bytes_in`](Self::bytes_in) returns the whole frames of `bytes`
    /// again.
    ///
    /// ```
    /// use std::time::Duration;
    /// use fishjam_sdk::agent::{PcmFormat, SampleRate};
    ///
    /// let format = PcmFormat::mono(SampleRate::Hz24000);
    /// let one_frame = format.duration_of(2);
    /// assert_eq!(one_frame, Duration::from_nanos(41_667));
    /// assert_eq!(format.bytes_in(one_frame), 2);
    /// ```
    #[must_use]
    pub fn duration_of(self, bytes: usize) -> Duration {
        self.time_of((bytes / self.frame_size()) as u64)
    }

    /// Checks that the bytes are whole sample frames.
    ///
    /// # Errors
    ///
    /// Returns an [`InvalidInput`](crate::ErrorKind::InvalidInput) error if the last sample frame is incomplete.
    ///
    /// ```
    /// use fishjam_sdk::agent::{Channels, PcmFormat, SampleRate};
    ///
    /// let format = PcmFormat::new(SampleRate::Hz16000, Channels::Stereo);
    /// assert!(format.check(&[0; 8]).is_ok());
    /// let error = format.check(&[0; 6]).unwrap_err();
    /// assert!(error.to_string().contains("6 bytes"));
    /// ```
    pub fn check(self, bytes: &[u8]) -> Result<()> {
        match bytes.len() % self.frame_size() {
            0 => Ok(()),
            excess => Err(Error::invalid_input(format!(
                "invalid audio: {} bytes are not whole sample frames of {} bytes; remove {excess} bytes or use a Chunker",
                bytes.len(),
                self.frame_size()
            ))),
        }
    }

    /// Returns the number of whole sample frames in a duration.
    pub(crate) fn frames_in(self, duration: Duration) -> u64 {
        let frames = duration.as_nanos().saturating_mul(u128::from(self.sample_rate.hertz())) / NANOSECONDS;
        u64::try_from(frames).unwrap_or(u64::MAX)
    }

    /// Returns the duration of this many sample frames, rounded up to a nanosecond.
    pub(crate) fn time_of(self, frames: u64) -> Duration {
        let nanoseconds = (u128::from(frames) * NANOSECONDS).div_ceil(u128::from(self.sample_rate.hertz()));
        let seconds = u64::try_from(nanoseconds / NANOSECONDS).unwrap_or(u64::MAX);
        Duration::from_secs(seconds) + Duration::from_nanos((nanoseconds % NANOSECONDS) as u64)
    }
}

impl fmt::Display for PcmFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PCM16 {} Hz {}", self.sample_rate, self.channels)
    }
}

#[cfg(test)]
mod tests {
    use proptest::{prelude::*, sample::select};

    use super::*;

    const RATES: [SampleRate; 3] = [SampleRate::Hz16000, SampleRate::Hz24000, SampleRate::Hz48000];

    #[test]
    fn audio_format_parses_only_its_name() {
        assert_eq!(AudioFormat::Pcm16.to_string().parse::<AudioFormat>().unwrap(), AudioFormat::Pcm16);
        for name in ["", "PCM16", "pcm", "opus"] {
            let error = name.parse::<AudioFormat>().unwrap_err();
            assert_eq!(error.kind(), crate::ErrorKind::InvalidInput);
            assert!(error.to_string().contains("must be pcm16"), "{error}");
        }
    }

    #[test]
    fn durations_and_bytes_follow_the_table() {
        for (format, duration, bytes) in [
            (PcmFormat::mono(SampleRate::Hz16000), Duration::from_millis(20), 640),
            (PcmFormat::mono(SampleRate::Hz24000), Duration::from_millis(20), 960),
            (PcmFormat::new(SampleRate::Hz48000, Channels::Stereo), Duration::from_millis(20), 3_840),
            (PcmFormat::mono(SampleRate::Hz16000), Duration::ZERO, 0),
            // The last frame is incomplete.
            (PcmFormat::mono(SampleRate::Hz16000), Duration::from_nanos(999_999_999), 31_998),
            (PcmFormat::mono(SampleRate::Hz48000), Duration::from_secs(3_600), 48_000 * 3_600 * 2),
        ] {
            assert_eq!(format.bytes_in(duration), bytes, "{format} {duration:?}");
        }
        let format = PcmFormat::new(SampleRate::Hz16000, Channels::Stereo);
        assert_eq!(format.to_string(), "PCM16 16000 Hz stereo");
        assert_eq!(format.duration_of(7), format.duration_of(4));
        assert_eq!(format.bytes_in(Duration::MAX) % format.frame_size(), 0);
        assert!(format.time_of(u64::MAX) > Duration::from_secs(u64::MAX / 16_000 - 1));
    }

    #[test]
    fn check_rejects_an_incomplete_sample_frame() {
        let stereo = PcmFormat::new(SampleRate::Hz16000, Channels::Stereo);
        assert!(stereo.check(&[0; 4]).is_ok() && stereo.check(&[]).is_ok());
        assert!(stereo.check(&[0; 2]).unwrap_err().to_string().contains("remove 2 bytes"));
    }

    proptest! {
        #[test]
        fn duration_of_whole_frames_converts_back(
            rate in select(&RATES),
            channels in select(&[Channels::Mono, Channels::Stereo]),
            frames in 0..1u64 << 40,
        ) {
            let format = PcmFormat::new(rate, channels);
            let duration = format.time_of(frames);
            prop_assert_eq!(format.frames_in(duration), frames);
            // A duration that is shorter by one nanosecond contains fewer frames.
            if let Some(less) = duration.checked_sub(Duration::from_nanos(1)) {
                prop_assert!(frames == 0 || format.frames_in(less) < frames);
            }
            let bytes = usize::try_from(frames).unwrap() * format.frame_size();
            prop_assert_eq!(format.bytes_in(format.duration_of(bytes)), bytes);
        }
    }
}
