//! The samples of raw audio.
//!
//! Samples have 16 bits, and are signed and little-endian. The samples of two channels are interleaved. The SDK does not
//! resample or encode audio. The example `agent_wav` shows resampling, and `agent_opus` shows a codec.

use bytes::Bytes;

use crate::error::{Error, Result};

/// The size of a sample, in bytes.
pub(super) const SAMPLE: usize = 2;

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
    use crate::error::ErrorKind;

    #[test]
    fn incomplete_sample_is_an_error() {
        let error = samples(&[0; 3]).map(|_| ()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("3 bytes") && error.to_string().contains("odd"), "{error}");
    }

    proptest! {
        #[test]
        fn samples_survive_conversion_to_bytes(original: Vec<i16>) {
            let encoded = bytes(original.iter().copied());
            prop_assert_eq!(encoded.len(), original.len() * 2);
            prop_assert_eq!(samples(&encoded).unwrap().collect::<Vec<_>>(), original);
        }
    }
}
