//! Raw audio of 16-bit samples: its format, and exact arithmetic on it.
//!
//! Samples are signed and little-endian. Two channels are interleaved. A *sample frame* is one sample of each channel.
//! The SDK does not resample or encode audio. The example `agent_wav` shows resampling, and `agent_opus` shows a codec.

use std::{fmt, time::Duration};

use bytes::Bytes;

use super::AudioSampleRate;
use crate::error::{Error, Result};

/// The size of a sample, in bytes.
const SAMPLE: usize = 2;
const NANOSECONDS: u128 = 1_000_000_000;

/// The format of 16-bit PCM audio: a sample rate and a number of channels.
///
/// It converts between durations and numbers of bytes, in whole sample frames and without floating point.
///
/// ```
/// use std::time::Duration;
/// use fishjam_sdk::agent::PcmFormat;
///
/// let format = PcmFormat::new(24_000, 1)?;
/// assert_eq!(format.bytes_in(Duration::from_millis(20)), 960);
/// assert_eq!(format.duration_of(960), Duration::from_millis(20));
/// # Ok::<(), fishjam_sdk::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PcmFormat {
    sample_rate: u32,
    channels: u16,
}

impl PcmFormat {
    /// The maximum sample rate, in hertz.
    pub const MAX_SAMPLE_RATE: u32 = 768_000;

    /// Creates a format with this sample rate, in hertz, and this number of channels.
    ///
    /// # Errors
    ///
    /// Returns an [`InvalidInput`](crate::ErrorKind::InvalidInput) error if the sample rate is 0 or above
    /// [`MAX_SAMPLE_RATE`](Self::MAX_SAMPLE_RATE), or if the number of channels is not 1 or 2.
    ///
    /// ```
    /// use fishjam_sdk::agent::PcmFormat;
    ///
    /// assert!(PcmFormat::new(48_000, 2).is_ok());
    /// assert!(PcmFormat::new(48_000, 6).is_err());
    /// ```
    pub fn new(sample_rate: u32, channels: u16) -> Result<Self> {
        if sample_rate == 0 || sample_rate > Self::MAX_SAMPLE_RATE {
            return Err(Error::invalid_input(format!(
                "invalid sample rate {sample_rate} Hz: must be 1 to {} Hz",
                Self::MAX_SAMPLE_RATE
            )));
        }
        if !(1..=2).contains(&channels) {
            return Err(Error::invalid_input(format!("invalid number of channels {channels}: must be 1 or 2")));
        }
        Ok(Self { sample_rate, channels })
    }

    /// Creates a format with one channel: the format that an agent with this sample rate receives.
    ///
    /// ```
    /// use fishjam_sdk::{AudioSampleRate, agent::PcmFormat};
    ///
    /// assert_eq!(PcmFormat::mono(AudioSampleRate::Hz16000).sample_rate(), 16_000);
    /// ```
    #[must_use]
    pub fn mono(sample_rate: AudioSampleRate) -> Self {
        Self { sample_rate: sample_rate.hertz(), channels: 1 }
    }

    /// Returns the number of samples per second in each channel.
    #[must_use]
    pub fn sample_rate(self) -> u32 {
        self.sample_rate
    }

    /// Returns the number of channels: 1 or 2.
    #[must_use]
    pub fn channels(self) -> u16 {
        self.channels
    }

    /// Returns the size of one sample frame, in bytes.
    #[must_use]
    pub fn frame_size(self) -> usize {
        SAMPLE * usize::from(self.channels)
    }

    /// Returns the size of audio of this duration, in bytes. A fraction of a sample frame is left out.
    ///
    /// The result saturates at the largest `usize` that is a whole number of sample frames.
    ///
    /// ```
    /// use std::time::Duration;
    /// use fishjam_sdk::agent::PcmFormat;
    ///
    /// // A 50th of a second at 44,100 Hz is 882 sample frames; a 64th is 689 and a bit.
    /// let format = PcmFormat::new(44_100, 2)?;
    /// assert_eq!(format.bytes_in(Duration::from_secs(1) / 50), 882 * 4);
    /// assert_eq!(format.bytes_in(Duration::from_secs(1) / 64), 689 * 4);
    /// # Ok::<(), fishjam_sdk::Error>(())
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
    /// use fishjam_sdk::agent::PcmFormat;
    ///
    /// let format = PcmFormat::new(24_000, 1)?;
    /// let one_frame = format.duration_of(2);
    /// assert_eq!(one_frame, Duration::from_nanos(41_667));
    /// assert_eq!(format.bytes_in(one_frame), 2);
    /// # Ok::<(), fishjam_sdk::Error>(())
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
    /// use fishjam_sdk::agent::PcmFormat;
    ///
    /// let format = PcmFormat::new(16_000, 2)?;
    /// assert!(format.check(&[0; 8]).is_ok());
    /// let error = format.check(&[0; 6]).unwrap_err();
    /// assert!(error.to_string().contains("6 bytes"));
    /// # Ok::<(), fishjam_sdk::Error>(())
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
        let frames = duration.as_nanos().saturating_mul(u128::from(self.sample_rate)) / NANOSECONDS;
        u64::try_from(frames).unwrap_or(u64::MAX)
    }

    /// Returns the duration of this many sample frames, rounded up to a nanosecond.
    pub(crate) fn time_of(self, frames: u64) -> Duration {
        let nanoseconds = (u128::from(frames) * NANOSECONDS).div_ceil(u128::from(self.sample_rate));
        let seconds = u64::try_from(nanoseconds / NANOSECONDS).unwrap_or(u64::MAX);
        Duration::from_secs(seconds) + Duration::from_nanos((nanoseconds % NANOSECONDS) as u64)
    }
}

impl fmt::Display for PcmFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let channels = if self.channels == 1 { "mono" } else { "stereo" };
        write!(f, "PCM16 {} Hz {channels}", self.sample_rate)
    }
}

/// Returns the samples in these bytes. The samples of two channels alternate.
///
/// ```
/// use fishjam_sdk::agent::pcm;
///
/// let loudest = pcm::samples(&[0x01, 0x00, 0x00, 0x80])?.map(i16::unsigned_abs).max();
/// assert_eq!(loudest, Some(32_768));
/// # Ok::<(), fishjam_sdk::Error>(())
/// ```
///
/// # Errors
///
/// Returns an [`InvalidInput`](crate::ErrorKind::InvalidInput) error if the number of bytes is odd.
pub fn samples(bytes: &[u8]) -> Result<impl ExactSizeIterator<Item = i16> + '_> {
    let (samples, rest) = bytes.as_chunks::<SAMPLE>();
    if !rest.is_empty() {
        return Err(Error::invalid_input(format!(
            "invalid audio: {} bytes are not whole 16-bit samples, because the number is odd",
            bytes.len()
        )));
    }
    Ok(samples.iter().map(|&sample| i16::from_le_bytes(sample)))
}

/// Returns the bytes of these samples.
///
/// ```
/// use fishjam_sdk::agent::pcm;
///
/// let bytes = pcm::bytes([1, -2]);
/// assert_eq!(bytes, [0x01, 0x00, 0xfe, 0xff].as_slice());
/// assert!(pcm::samples(&bytes)?.eq([1, -2]));
/// # Ok::<(), fishjam_sdk::Error>(())
/// ```
#[must_use]
pub fn bytes(samples: impl IntoIterator<Item = i16>) -> Bytes {
    let samples = samples.into_iter();
    let mut bytes = Vec::with_capacity(samples.size_hint().0.saturating_mul(SAMPLE));
    for sample in samples {
        bytes.extend_from_slice(&sample.to_le_bytes());
    }
    bytes.into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn new_rejects_invalid_rates_and_channels() {
        for (sample_rate, channels, valid) in [
            (16_000, 1, true),
            (24_000, 2, true),
            (1, 1, true),
            (768_000, 1, true),
            (0, 1, false),
            (768_001, 1, false),
            (u32::MAX, 1, false),
            (16_000, 0, false),
            (16_000, 3, false),
        ] {
            assert_eq!(PcmFormat::new(sample_rate, channels).is_ok(), valid, "{sample_rate} {channels}");
        }
    }

    #[test]
    fn durations_and_bytes_follow_the_table() {
        for (rate, channels, duration, bytes) in [
            (16_000, 1, Duration::from_millis(20), 640),
            (24_000, 1, Duration::from_millis(20), 960),
            (48_000, 2, Duration::from_millis(20), 3_840),
            (16_000, 1, Duration::ZERO, 0),
            // The last frame is incomplete.
            (16_000, 1, Duration::from_nanos(999_999_999), 31_998),
            (44_100, 1, Duration::from_secs(3_600), 44_100 * 3_600 * 2),
        ] {
            let format = PcmFormat::new(rate, channels).unwrap();
            assert_eq!(format.bytes_in(duration), bytes, "{format} {duration:?}");
        }
        let format = PcmFormat::new(16_000, 2).unwrap();
        assert_eq!(format.duration_of(7), format.duration_of(4));
        assert_eq!(format.bytes_in(Duration::MAX) % format.frame_size(), 0);
        assert!(format.time_of(u64::MAX) > Duration::from_secs(u64::MAX / 16_000 - 1));
    }

    #[test]
    fn incomplete_sample_is_an_error() {
        let error = samples(&[0; 3]).map(|_| ()).unwrap_err();
        assert_eq!(error.kind(), crate::ErrorKind::InvalidInput);
        assert!(error.to_string().contains("3 bytes") && error.to_string().contains("odd"), "{error}");
        let stereo = PcmFormat::new(16_000, 2).unwrap();
        assert!(stereo.check(&[0; 4]).is_ok() && stereo.check(&[]).is_ok());
        assert!(stereo.check(&[0; 2]).unwrap_err().to_string().contains("remove 2 bytes"));
        assert_eq!(stereo.to_string(), "PCM16 16000 Hz stereo");
    }

    proptest! {
        #[test]
        fn samples_survive_conversion_to_bytes(original: Vec<i16>) {
            let encoded = bytes(original.iter().copied());
            prop_assert_eq!(encoded.len(), original.len() * 2);
            prop_assert_eq!(samples(&encoded).unwrap().collect::<Vec<_>>(), original);
        }

        #[test]
        fn duration_of_whole_frames_converts_back(
            rate in 1..=PcmFormat::MAX_SAMPLE_RATE,
            channels in 1..=2u16,
            frames in 0..1u64 << 40,
        ) {
            let format = PcmFormat::new(rate, channels).unwrap();
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
