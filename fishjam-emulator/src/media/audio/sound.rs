//! Sounds that a test publishes.

use std::{f64::consts::TAU, fmt, time::Duration};

use bytes::Bytes;

use super::{CHUNK, Encoding};

/// A sound for [`Emulator::publish_audio`](crate::Emulator::publish_audio): signed samples of 16 bits.
///
/// ```
/// use std::time::Duration;
/// use fishjam_emulator::Sound;
///
/// let tone = Sound::tone(440.0, 16_000, Duration::from_millis(500));
/// let spoken = Sound::pcm(24_000, 2, [0_i16, 0, 1000, -1000]);
/// assert_eq!(tone.duration(), Duration::from_millis(500));
/// assert_eq!(tone.to_bytes().len(), 16_000);
/// # let _ = spoken;
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Sound {
    rate: u32,
    channels: u32,
    samples: Vec<i16>,
}

impl Sound {
    /// Creates a sound from samples. Samples of several channels are interleaved.
    ///
    /// `rate` is the number of samples per second and channel. A rate or a number of channels of 0 counts as 1.
    pub fn pcm(rate: u32, channels: u32, samples: impl Into<Vec<i16>>) -> Self {
        Sound { rate: rate.max(1), channels: channels.max(1), samples: samples.into() }
    }

    /// Creates a sine tone of half the maximum amplitude, in one channel.
    ///
    /// `rate` is the number of samples per second.
    pub fn tone(hertz: f64, rate: u32, duration: Duration) -> Self {
        let samples = u128::from(rate) * duration.as_nanos() / 1_000_000_000;
        let step = TAU * hertz / f64::from(rate.max(1));
        let sample = |number: u128| ((number as f64 * step).sin() * 16_383.0).round() as i16;
        Sound::pcm(rate, 1, (0..samples).map(sample).collect::<Vec<_>>())
    }

    /// Creates silence in one channel. `rate` is the number of samples per second.
    pub fn silence(rate: u32, duration: Duration) -> Self {
        Sound::tone(0.0, rate, duration)
    }

    /// Reads a WAV file with samples of 16 bits. Returns `None` for other files.
    pub fn wav(file: &[u8]) -> Option<Self> {
        let mut chunks = file.strip_prefix(b"RIFF")?.get(4..)?.strip_prefix(b"WAVE")?;
        let mut format = None;
        loop {
            let (name, rest) = chunks.split_at_checked(4)?;
            let (length, rest) = rest.split_at_checked(4)?;
            let length = usize::try_from(u32::from_le_bytes(length.try_into().ok()?)).ok()?;
            // The length is too large if a program crashed while it wrote the file.
            let content = rest.get(..length).unwrap_or(rest);
            match name {
                b"fmt " => format = Some(wav_format(content)?),
                b"data" => {
                    let (rate, channels) = format?;
                    let samples = content.chunks_exact(2);
                    let samples: Vec<i16> =
                        samples.filter_map(|two| Some(i16::from_le_bytes(two.try_into().ok()?))).collect();
                    return Some(Sound::pcm(rate, channels, samples));
                }
                _ => {}
            }
            // Chunks start at even offsets.
            chunks = rest.get(length + length % 2..)?;
        }
    }

    /// Returns the sample rate, in samples per second and channel.
    pub fn rate(&self) -> u32 {
        self.rate
    }

    /// Returns the number of channels.
    pub fn channels(&self) -> u32 {
        self.channels
    }

    /// Returns the samples. Samples of several channels are interleaved.
    pub fn samples(&self) -> &[i16] {
        &self.samples
    }

    /// Returns the duration of the sound.
    pub fn duration(&self) -> Duration {
        self.encoding().duration(self.samples.len() * 2)
    }

    /// Returns the samples as little-endian bytes.
    ///
    /// An agent receives these bytes if the sound has one channel and the agent's sample rate.
    pub fn to_bytes(&self) -> Bytes {
        self.samples.iter().flat_map(|sample| sample.to_le_bytes()).collect()
    }

    pub(crate) fn encoding(&self) -> Encoding {
        Encoding::Pcm { rate: self.rate, channels: self.channels }
    }

    /// Returns chunks of 20 milliseconds. The last chunk can be shorter.
    pub(crate) fn chunks(&self) -> impl Iterator<Item = &[i16]> {
        let frames = u128::from(self.rate) * CHUNK.as_nanos() / 1_000_000_000;
        self.samples.chunks((frames as usize).max(1) * self.channels as usize)
    }
}

/// Returns the rate and the number of channels, if the samples have 16 bits.
fn wav_format(format: &[u8]) -> Option<(u32, u32)> {
    let [tag, tag_high, channels, 0, a, b, c, d, _, _, _, _, _, _, bits, 0, ..] = *format else {
        return None;
    };
    // 0xfffe is the extensible form of 1.
    let plain = matches!((tag, tag_high), (1, 0) | (0xfe, 0xff)) && bits == 16 && channels > 0;
    plain.then(|| (u32::from_le_bytes([a, b, c, d]), u32::from(channels)))
}

/// Shows no samples.
impl fmt::Debug for Sound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sound")
            .field("rate", &self.rate)
            .field("channels", &self.channels)
            .field("duration", &self.duration())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wav(tag: u16, channels: u16, bits: u16, extra: &[u8], data: &[u8]) -> Vec<u8> {
        let mut file = b"RIFF\0\0\0\0WAVEfmt ".to_vec();
        file.extend(16_u32.to_le_bytes());
        file.extend([tag, channels].into_iter().flat_map(u16::to_le_bytes));
        file.extend([22_050_u32, 0].into_iter().flat_map(u32::to_le_bytes));
        file.extend([0, bits].into_iter().flat_map(u16::to_le_bytes));
        file.extend(extra);
        file.extend(b"data");
        file.extend((data.len() as u32).to_le_bytes());
        file.extend(data);
        file
    }

    #[test]
    fn wav_files_are_read() {
        let data = [1, 0, 0xff, 0xff, 0, 0x80, 2, 0];
        let expected = Sound::pcm(22_050, 2, [1, -1, i16::MIN, 2]);
        let list = b"LIST\x03\0\0\0abc\0";
        for file in [wav(1, 2, 16, b"", &data), wav(1, 2, 16, list, &data), wav(0xfffe, 2, 16, b"", &data)] {
            assert_eq!(Sound::wav(&file), Some(expected.clone()));
            for length in 0..file.len() - data.len() {
                assert_eq!(Sound::wav(&file[..length]), None, "{length}");
            }
        }
        for file in [wav(3, 1, 32, b"", &data), wav(1, 1, 8, b"", &data), wav(1, 0, 16, b"", &data), b"RIFX".to_vec()] {
            assert_eq!(Sound::wav(&file), None);
        }
    }

    #[test]
    fn tones_are_generated_in_chunks() {
        let tone = Sound::tone(4000.0, 16_000, Duration::from_millis(50));
        assert_eq!(tone.samples()[..5], [0, 16_383, 0, -16_383, 0]);
        assert_eq!(tone.chunks().map(<[i16]>::len).collect::<Vec<_>>(), [320, 320, 160]);
        assert!(Sound::silence(24_000, CHUNK).samples().iter().all(|sample| *sample == 0));
        assert_eq!(Sound::pcm(0, 0, []).duration(), Duration::ZERO);
    }
}
