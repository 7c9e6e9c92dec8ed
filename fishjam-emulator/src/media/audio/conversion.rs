//! The conversion of a track for an agent: 16 bits, one channel, at the requested rate.
//!
//! One channel at the same rate passes unchanged, in the sender's chunks. Two channels are averaged. Other rates use
//! linear interpolation without a filter. This is enough to detect a track that plays at the wrong speed.

use std::collections::BTreeMap;

use bytes::{BufMut, Bytes, BytesMut};

use super::Encoding;

/// One track at all requested rates.
#[derive(Debug)]
pub(crate) struct Mix {
    encoding: Encoding,
    rates: BTreeMap<u32, Conversion>,
}

impl Mix {
    pub(crate) fn new(encoding: Encoding) -> Self {
        Mix { encoding, rates: BTreeMap::new() }
    }

    /// Converts a chunk to this rate. Returns `None` for Opus, which the emulator does not decode.
    pub(crate) fn convert(&mut self, rate: u32, chunk: &Bytes) -> Option<Bytes> {
        match self.encoding {
            Encoding::Opus => None,
            Encoding::Pcm { rate: from, channels: 1 } if from == rate => Some(chunk.clone()),
            Encoding::Pcm { rate: from, channels } => {
                let conversion = self.rates.entry(rate).or_insert_with(|| Conversion::new(from, channels, rate));
                Some(conversion.convert(chunk))
            }
        }
    }
}

/// One track at one rate. An incomplete sample waits for the next chunk.
#[derive(Debug)]
struct Conversion {
    channels: u32,
    /// The bytes of an incomplete sample.
    rest: Vec<u8>,
    from: u64,
    to: u64,
    last: Option<i32>,
    /// The position of the next sample after the last input sample, in units of 1/`to`.
    next: u64,
}

impl Conversion {
    fn new(from: u32, channels: u32, to: u32) -> Self {
        Conversion { channels, rest: Vec::new(), from: from.into(), to: to.into(), last: None, next: 0 }
    }

    fn convert(&mut self, chunk: &[u8]) -> Bytes {
        self.rest.extend_from_slice(chunk);
        let bytes = std::mem::take(&mut self.rest);
        let frames = bytes.chunks_exact(self.channels.max(1) as usize * 2);
        self.rest = frames.remainder().to_vec();
        let mut converted = BytesMut::with_capacity(bytes.len());
        for frame in frames {
            let samples = frame.chunks_exact(2).map(|sample| match sample {
                [low, high] => i32::from(i16::from_le_bytes([*low, *high])),
                _ => 0,
            });
            let sample = samples.sum::<i32>() / self.channels.max(1) as i32;
            self.resample(sample, &mut converted);
        }
        converted.freeze()
    }

    fn resample(&mut self, sample: i32, converted: &mut BytesMut) {
        if self.from == self.to {
            converted.put_i16_le(sample as i16);
            return;
        }
        if let Some(last) = self.last {
            while self.next < self.to {
                let step = i64::from(sample - last) * self.next as i64 / self.to as i64;
                converted.put_i16_le((i64::from(last) + step) as i16);
                self.next += self.from;
            }
            self.next -= self.to;
        }
        self.last = Some(sample);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(samples: &[i16]) -> Bytes {
        samples.iter().flat_map(|sample| sample.to_le_bytes()).collect()
    }

    fn samples(bytes: &[u8]) -> Vec<i16> {
        bytes.chunks_exact(2).map(|sample| i16::from_le_bytes(sample.try_into().unwrap())).collect()
    }

    #[test]
    fn same_format_passes_unchanged() {
        let mut mix = Mix::new(Encoding::Pcm { rate: 16_000, channels: 1 });
        let odd = Bytes::from_static(b"abc");
        assert_eq!(mix.convert(16_000, &odd), Some(odd));
    }

    #[test]
    fn two_channels_are_averaged_across_chunks() {
        let stereo = bytes(&[100, 300, -5, 0, i16::MAX, i16::MAX, i16::MIN, i16::MIN, 7, -7]);
        for size in 1..=stereo.len() {
            let mut mix = Mix::new(Encoding::Pcm { rate: 24_000, channels: 2 });
            let converted: Vec<u8> = stereo
                .chunks(size)
                .flat_map(|chunk| mix.convert(24_000, &Bytes::copy_from_slice(chunk)).unwrap())
                .collect();
            assert_eq!(samples(&converted), [200, -2, i16::MAX, i16::MIN, 0], "{size}");
        }
    }

    #[test]
    fn other_rates_are_interpolated() {
        let ramp: Vec<i16> = (0..480).map(|number| number * 60).collect();
        for (from, to) in [(16_000, 24_000), (24_000, 16_000), (48_000, 16_000), (48_000, 24_000)] {
            let mut mix = Mix::new(Encoding::Pcm { rate: from, channels: 1 });
            let converted = samples(&mix.convert(to, &bytes(&ramp)).unwrap());
            let length = (ramp.len() as u32 - 1) * to / from;
            assert!(converted.len() as u32 - length <= 1, "{from} to {to}: {}", converted.len());
            for (number, sample) in converted.iter().enumerate() {
                assert_eq!(i64::from(*sample), number as i64 * 60 * i64::from(from) / i64::from(to), "{from} to {to}");
            }
        }
    }

    #[test]
    fn opus_is_not_converted() {
        assert_eq!(Mix::new(Encoding::Opus).convert(16_000, &Bytes::from_static(b"packet")), None);
    }
}
