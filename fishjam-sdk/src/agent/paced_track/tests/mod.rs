//! The pacer by table and on a paused clock.

mod handles;
mod listener;
mod random_runs;

use std::time::Duration;

use super::*;
use crate::audio::PacerStep;

fn milliseconds(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// A sample per millisecond: two bytes.
fn format() -> PcmFormat {
    PcmFormat::new(1_000, 1).unwrap()
}

/// Samples of which each says to which utterance it belongs and that it is the `n`th of it.
fn tagged(utterance: u8, from: usize, samples: usize) -> Bytes {
    let sample = |n: usize| i16::from_le_bytes([n as u8, utterance]);
    crate::audio::pcm::bytes((from..from + samples).map(sample))
}
