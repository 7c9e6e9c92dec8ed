//! The sample rates and numbers of channels of audio.

use std::{fmt, str::FromStr};

use crate::error::{Error, Result};

/// The sample rate of raw audio.
///
/// An agent receives 16,000 or 24,000 samples per second. It can send audio with each rate of this type. The SDK does
/// not resample. For audio with a different rate, use a crate such as `rubato`, as in the example `agent_wav`.
///
/// The value converts from a number of hertz and from a string, for example from the header of a file or from a
/// configuration:
///
/// ```
/// use fishjam_sdk::agent::SampleRate;
///
/// assert_eq!(SampleRate::try_from(24_000_u32)?, SampleRate::Hz24000);
/// assert_eq!("24000".parse::<SampleRate>()?, SampleRate::Hz24000);
///
/// let error = SampleRate::try_from(44_100_u32).unwrap_err();
/// assert!(error.to_string().contains("must be 16000, 24000 or 48000 Hz"));
/// # Ok::<(), fishjam_sdk::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum SampleRate {
    /// 16,000 samples per second. An agent receives this rate by default.
    Hz16000,
    /// 24,000 samples per second.
    Hz24000,
    /// 48,000 samples per second. An agent can send this rate, but not receive it.
    Hz48000,
}

/// The number of channels of audio.
///
/// ```
/// use fishjam_sdk::agent::Channels;
///
/// assert_eq!(Channels::try_from(2_u16)?, Channels::Stereo);
/// assert_eq!("stereo".parse::<Channels>()?.count(), 2);
/// assert!(Channels::try_from(6_u16).is_err());
/// # Ok::<(), fishjam_sdk::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Channels {
    /// One channel. An agent receives audio with one channel.
    Mono,
    /// Two channels, whose samples are interleaved.
    Stereo,
}

impl SampleRate {
    /// All sample rates, in ascending order.
    const ALL: [Self; 3] = [Self::Hz16000, Self::Hz24000, Self::Hz48000];

    /// Returns the number of samples per second in each channel.
    #[must_use]
    pub const fn hertz(self) -> u32 {
        match self {
            Self::Hz16000 => 16_000,
            Self::Hz24000 => 24_000,
            Self::Hz48000 => 48_000,
        }
    }

    fn from_hertz(hertz: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|rate| rate.hertz() == hertz)
    }
}

impl Channels {
    /// Returns the number of channels: 1 or 2.
    #[must_use]
    pub const fn count(self) -> u16 {
        match self {
            Self::Mono => 1,
            Self::Stereo => 2,
        }
    }
}

/// Accepts the number of samples per second.
impl TryFrom<u32> for SampleRate {
    type Error = Error;

    fn try_from(hertz: u32) -> Result<Self> {
        Self::from_hertz(hertz).ok_or_else(|| {
            Error::invalid_input(format!(
                "invalid sample rate {hertz} Hz: must be 16000, 24000 or 48000 Hz; resample the audio"
            ))
        })
    }
}

/// Accepts the number of samples per second in digits. An error does not contain the string.
impl FromStr for SampleRate {
    type Err = Error;

    fn from_str(hertz: &str) -> Result<Self> {
        // A parsed number could have had a sign or leading zeros.
        let rate = Self::ALL.into_iter().find(|rate| rate.to_string() == hertz);
        rate.ok_or_else(|| Error::invalid_input("invalid sample rate: must be 16000, 24000 or 48000"))
    }
}

/// Prints the number of samples per second.
impl fmt::Display for SampleRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.hertz().fmt(f)
    }
}

/// Accepts the number of channels.
impl TryFrom<u16> for Channels {
    type Error = Error;

    fn try_from(channels: u16) -> Result<Self> {
        match channels {
            1 => Ok(Self::Mono),
            2 => Ok(Self::Stereo),
            _ => Err(Error::invalid_input(format!("invalid number of channels {channels}: must be 1 or 2"))),
        }
    }
}

/// Accepts `mono` and `stereo`. An error does not contain the string.
impl FromStr for Channels {
    type Err = Error;

    fn from_str(channels: &str) -> Result<Self> {
        match channels {
            "mono" => Ok(Self::Mono),
            "stereo" => Ok(Self::Stereo),
            _ => Err(Error::invalid_input("invalid channels: must be mono or stereo")),
        }
    }
}

/// Prints `mono` or `stereo`.
impl fmt::Display for Channels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Mono => "mono",
            Self::Stereo => "stereo",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn sample_rate_converts_from_its_number_and_its_string() {
        assert!(SampleRate::ALL.is_sorted());
        for (rate, hertz) in SampleRate::ALL.into_iter().zip([16_000, 24_000, 48_000]) {
            assert_eq!((rate.hertz(), rate.to_string()), (hertz, hertz.to_string()));
            assert_eq!(SampleRate::try_from(hertz).unwrap(), rate);
            assert_eq!(rate.to_string().parse::<SampleRate>().unwrap(), rate);
        }
    }

    #[test]
    fn other_sample_rates_are_rejected_with_the_valid_ones() {
        let numbers = [0, 1, 8_000, 15_999, 16_001, 44_100, 96_000, u32::MAX].map(SampleRate::try_from);
        let strings = [
            "",
            "16",
            "16k",
            "16 000",
            "16_000",
            "-16000",
            "+16000",
            "016000",
            "16000.0",
            " 16000",
            "16000 Hz",
            "4294983296",
        ]
        .map(str::parse);
        for result in numbers.into_iter().chain(strings) {
            let error = result.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.to_string().contains("must be 16000, 24000 or 48000"), "{error}");
        }
        assert!(SampleRate::try_from(44_100).unwrap_err().to_string().contains("invalid sample rate 44100 Hz:"));
    }

    #[test]
    fn channels_convert_from_their_number_and_their_name() {
        for (channels, count, name) in [(Channels::Mono, 1, "mono"), (Channels::Stereo, 2, "stereo")] {
            assert_eq!((channels.count(), channels.to_string().as_str()), (count, name));
            assert_eq!((Channels::try_from(count).unwrap(), name.parse::<Channels>().unwrap()), (channels, channels));
        }
        for error in [Channels::try_from(0), Channels::try_from(3), "Mono".parse(), "2".parse(), "".parse()] {
            assert_eq!(error.unwrap_err().kind(), ErrorKind::InvalidInput);
        }
    }
}
