//! From what a track sends to what an agent hears: 16 bits, one channel, at the rate that it asked for.
//!
//! The same rate in one channel passes bit by bit, in the sender's chunks. Two channels become one by averaging; another
//! rate is made by linear interpolation, without a filter: good enough to be heard, and to be told apart from a track
//! that was played at the wrong speed.

use std::collections::BTreeMap;

use bytes::{BufMut, Bytes, BytesMut};

use super::Encoding;

/// One track, as it is heard at each rate.
#[derive(Debug)]
pub(crate) struct Mix {
    encoding: Encoding,
    rates: BTreeMap<u32, Conversion>,
}

impl Mix {
    pub(crate) fn new(encoding: Encoding) -> Self {
        Mix { encoding, rates: BTreeMap::new() }
    }

    /// A chunk at this rate; `None` when the track cannot be heard, which only Opus cannot: nothing decodes it here.
    pub(crate) fn hear(&mut self, rate: u32, chunk: &Bytes) -> Option<Bytes> {
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

/// One track at one rate. What is left of a chunk waits for the next one.
#[derive(Debug)]
struct Conversion {
    channels: u32,
    /// The bytes of an incomplete sample.
    rest: Vec<u8>,
    from: u64,
    to: u64,
    last: Option<i32>,
    /// Where the next sample is after the last one that was read, in parts of which `to` are one.
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
        let mut heard = BytesMut::with_capacity(bytes.len());
        for frame in frames {
            let samples = frame.chunks_exact(2).map(|sample| match sample {
                [low, high] => i32::from(i16::from_le_bytes([*low, *high])),
                _ => 0,
            });
            let sample = samples.sum::<i32>() / self.channels.max(1) as i32;
            self.resample(sample, &mut heard);
        }
        heard.freeze()
    }

    fn resample(&mut self, sample: i32, heard: &mut BytesMut) {
        if self.from == self.to {
            heard.put_i16_le(sample as i16);
            return;
        }
        if let Some(last) = self.last {
            while self.next < self.to {
                let step = i64::from(sample - last) * self.next as i64 / self.to as i64;
                heard.put_i16_le((i64::from(last) + step) as i16);
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
    fn the_same_format_passes_as_it_is() {
        let mut mix = Mix::new(Encoding::Pcm { rate: 16_000, channels: 1 });
        let odd = Bytes::from_static(b"abc");
        assert_eq!(mix.hear(16_000, &odd), Some(odd));
    }

    #[test]
    fn two_channels_are_averaged_wherever_the_chunks_are_cut() {
        let stereo = bytes(&[100, 300, -5, 0, i16::MAX, i16::MAX, i16::MIN, i16::MIN, 7, -7]);
        for size in 1..=stereo.len() {
            let mut mix = Mix::new(Encoding::Pcm { rate: 24_000, channels: 2 });
            let heard: Vec<u8> = stereo
                .chunks(size)
                .flat_map(|chunk| mix.hear(24_000, &Bytes::copy_from_slice(chunk)).unwrap())
                .collect();
            assert_eq!(samples(&heard), [200, -2, i16::MAX, i16::MIN, 0], "{size}");
        }
    }

    #[test]
    fn other_rates_lie_between_the_samples() {
        let ramp: Vec<i16> = (0..480).map(|number| number * 60).collect();
        for (from, to) in [(16_000, 24_000), (24_000, 16_000), (48_000, 16_000), (48_000, 24_000)] {
            let mut mix = Mix::new(Encoding::Pcm { rate: from, channels: 1 });
            let heard = samples(&mix.hear(to, &bytes(&ramp)).unwrap());
            let length = (ramp.len() as u32 - 1) * to / from;
            assert!(heard.len() as u32 - length <= 1, "{from} to {to}: {}", heard.len());
            for (number, sample) in heard.iter().enumerate() {
                assert_eq!(i64::from(*sample), number as i64 * 60 * i64::from(from) / i64::from(to), "{from} to {to}");
            }
        }
    }

    #[test]
    fn opus_is_not_heard() {
        assert_eq!(Mix::new(Encoding::Opus).hear(16_000, &Bytes::from_static(b"packet")), None);
    }
}
