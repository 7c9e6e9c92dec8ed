//! Raw audio of 16-bit samples, as agents send and receive it: what it is, and exact arithmetic on it.
//!
//! Samples are signed, little-endian, and interleaved if there are two channels. A *sample frame* is one sample of each
//! channel. Other sample rates and codecs are left to crates of their own; the example `agent_wav` shows resampling,
//! `agent_opus` a codec.

use std::{fmt, time::Duration};

use bytes::Bytes;

use super::AudioSampleRate;
use crate::error::{Error, Result};

/// A sample takes this many bytes.
const SAMPLE: usize = 2;
const NANOSECONDS: u128 = 1_000_000_000;

/// The form of 16-bit PCM audio: samples a second, and channels.
///
/// It turns durations into numbers of bytes and back, in whole sample frames and without floating point.
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
    /// The highest sample rate that a format can have.
    pub const MAX_SAMPLE_RATE: u32 = 768_000;

    /// A format of so many samples a second and channel.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the sample rate is 0 or above
    /// [`MAX_SAMPLE_RATE`](Self::MAX_SAMPLE_RATE), or if there is not one channel or two.
    ///
    /// ```
    /// use fishjam_sdk::agent::PcmFormat;
    ///
    /// assert!(PcmFormat::new(48_000, 2).is_ok());
    /// assert!(PcmFormat::new(48_000, 6).is_err());
    /// ```
    pub fn new(sample_rate: u32, channels: u16) -> Result<Self> {
        if sample_rate == 0 || sample_rate > Self::MAX_SAMPLE_RATE {
            return Err(Error::invalid_input(format!("no audio has a sample rate of {sample_rate} Hz")));
        }
        if !(1..=2).contains(&channels) {
            return Err(Error::invalid_input(format!("audio has one channel or two, not {channels}")));
        }
        Ok(Self { sample_rate, channels })
    }

    /// One channel with so many samples a second: what an agent receives if it asked for this rate.
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

    /// The samples a second of each channel.
    #[must_use]
    pub fn sample_rate(self) -> u32 {
        self.sample_rate
    }

    /// How many channels there are: one or two.
    #[must_use]
    pub fn channels(self) -> u16 {
        self.channels
    }

    /// The bytes of one sample frame: one sample of each channel.
    #[must_use]
    pub fn frame_size(self) -> usize {
        SAMPLE * usize::from(self.channels)
    }

    /// How many bytes play for this long; a fraction of a sample frame at the end is left out.
    ///
    /// More than the address space holds is as much as it holds.
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

    /// How long so many bytes play, without what is no whole sample frame at their end.
    ///
    /// It is rounded up to a nanosecond, so that [`bytes_in`](Self::bytes_in) gives the whole frames of `bytes` again.
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

    /// Checks that these bytes are whole sample frames.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if a sample or a channel's sample is missing at their end.
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
            over => Err(Error::invalid_input(format!(
                "{} bytes are not whole sample frames of {} bytes: {over} are left over",
                bytes.len(),
                self.frame_size()
            ))),
        }
    }

    /// The whole sample frames in a duration.
    pub(crate) fn frames_in(self, duration: Duration) -> u64 {
        let frames = duration.as_nanos().saturating_mul(u128::from(self.sample_rate)) / NANOSECONDS;
        u64::try_from(frames).unwrap_or(u64::MAX)
    }

    /// How long so many sample frames play, rounded up to a nanosecond.
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

/// The samples that these bytes are, of all channels in turn.
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
/// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the number of bytes is odd: half a sample is left over.
pub fn samples(bytes: &[u8]) -> Result<impl ExactSizeIterator<Item = i16> + '_> {
    let (samples, rest) = bytes.as_chunks::<SAMPLE>();
    if !rest.is_empty() {
        return Err(Error::invalid_input(format!(
            "{} bytes are not whole samples of 16 bits: the number is odd",
            bytes.len()
        )));
    }
    Ok(samples.iter().map(|&sample| i16::from_le_bytes(sample)))
}

/// The bytes that these samples are.
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
    fn what_no_audio_has_is_no_format() {
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
            // Just short of a second: the last frame is not whole.
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
    fn half_a_sample_is_an_error_that_says_so() {
        let error = samples(&[0; 3]).map(|_| ()).unwrap_err();
        assert_eq!(error.kind(), crate::ErrorKind::InvalidInput);
        assert!(error.to_string().contains("3 bytes") && error.to_string().contains("odd"), "{error}");
        let stereo = PcmFormat::new(16_000, 2).unwrap();
        assert!(stereo.check(&[0; 4]).is_ok() && stereo.check(&[]).is_ok());
        assert!(stereo.check(&[0; 2]).unwrap_err().to_string().contains("2 are left over"));
        assert_eq!(stereo.to_string(), "PCM16 16000 Hz stereo");
    }

    proptest! {
        #[test]
        fn samples_survive_being_bytes(original: Vec<i16>) {
            let there = bytes(original.iter().copied());
            prop_assert_eq!(there.len(), original.len() * 2);
            prop_assert_eq!(samples(&there).unwrap().collect::<Vec<_>>(), original);
        }

        #[test]
        fn a_duration_of_whole_frames_gives_them_back(
            rate in 1..=PcmFormat::MAX_SAMPLE_RATE,
            channels in 1..=2u16,
            frames in 0..1u64 << 40,
        ) {
            let format = PcmFormat::new(rate, channels).unwrap();
            let duration = format.time_of(frames);
            prop_assert_eq!(format.frames_in(duration), frames);
            // No nanosecond less would do.
            if let Some(less) = duration.checked_sub(Duration::from_nanos(1)) {
                prop_assert!(frames == 0 || format.frames_in(less) < frames);
            }
            let bytes = usize::try_from(frames).unwrap() * format.frame_size();
            prop_assert_eq!(format.bytes_in(format.duration_of(bytes)), bytes);
        }
    }
}
