//! The encoding of a track.

use std::time::Duration;

use fishjam_proto::fishjam::{agent_request::add_track::CodecParameters, notifications::TrackEncoding};

use super::CHUNK;

/// The encoding of a published track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// Samples of 16 bits, little-endian, channels interleaved.
    Pcm { rate: u32, channels: u32 },
    /// One packet per chunk.
    Opus,
}

impl Encoding {
    /// Returns the encoding that an agent announces, or `None` if it is not supported.
    pub(crate) fn announced(params: Option<CodecParameters>) -> Option<Self> {
        let CodecParameters { encoding, sample_rate: rate, channels } = params.unwrap_or_default();
        match TrackEncoding::try_from(encoding).ok()? {
            TrackEncoding::Unspecified | TrackEncoding::Pcm16 => {
                let accepted = matches!(rate, 16_000 | 24_000 | 48_000) && matches!(channels, 1 | 2);
                accepted.then_some(Encoding::Pcm { rate, channels })
            }
            TrackEncoding::Opus => {
                let accepted = matches!(rate, 0 | 16_000 | 24_000 | 48_000) && matches!(channels, 0..=2);
                accepted.then_some(Encoding::Opus)
            }
        }
    }

    /// Returns the size of a chunk in bytes, or `None` if the encoding consists of packets.
    pub(crate) fn chunk_bytes(self) -> Option<usize> {
        match self {
            Encoding::Pcm { rate, channels } => {
                let frames = u128::from(rate) * CHUNK.as_nanos() / 1_000_000_000;
                Some((frames as usize * channels as usize * 2).max(2))
            }
            Encoding::Opus => None,
        }
    }

    /// Returns the duration of these bytes. A packet of Opus counts as 20 milliseconds.
    pub(crate) fn duration(self, bytes: usize) -> Duration {
        match self {
            Encoding::Pcm { rate, channels } => {
                let per_second = u64::from(rate) * u64::from(channels) * 2;
                Duration::from_nanos((bytes as u64).saturating_mul(1_000_000_000) / per_second.max(1))
            }
            Encoding::Opus => CHUNK,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn announced_encoding_is_checked() {
        let pcm = |rate, channels| Some(Encoding::Pcm { rate, channels });
        for (encoding, sample_rate, channels, expected) in [
            (0, 16_000, 1, pcm(16_000, 1)),
            (1, 24_000, 2, pcm(24_000, 2)),
            (1, 48_000, 1, pcm(48_000, 1)),
            (1, 44_100, 1, None),
            (1, 0, 1, None),
            (1, 16_000, 0, None),
            (1, 16_000, 3, None),
            (2, 0, 0, Some(Encoding::Opus)),
            (2, 48_000, 2, Some(Encoding::Opus)),
            (2, 48_000, 3, None),
            (3, 16_000, 1, None),
            (-1, 16_000, 1, None),
        ] {
            let params = CodecParameters { encoding, sample_rate, channels };
            assert_eq!(Encoding::announced(Some(params)), expected, "{params:?}");
        }
        assert_eq!(Encoding::announced(None), None);
    }

    #[test]
    fn twenty_milliseconds() {
        for (encoding, bytes) in
            [(Encoding::Pcm { rate: 16_000, channels: 1 }, 640), (Encoding::Pcm { rate: 24_000, channels: 2 }, 1920)]
        {
            assert_eq!(encoding.chunk_bytes(), Some(bytes));
            assert_eq!(encoding.duration(bytes), CHUNK);
        }
        assert_eq!((Encoding::Opus.chunk_bytes(), Encoding::Opus.duration(7)), (None, CHUNK));
    }
}
