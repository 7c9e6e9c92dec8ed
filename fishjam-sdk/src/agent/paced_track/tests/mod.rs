//! Tests of the paced track on a paused clock.

mod handles;
mod listener;
mod random_runs;

use std::time::Duration;

use super::*;
use crate::audio::PacerStep;

fn milliseconds(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// One sample, of two bytes, per millisecond.
fn format() -> PcmFormat {
    PcmFormat::new(1_000, 1).unwrap()
}

/// Returns samples that each contain the number of their utterance and their own index.
fn tagged(utterance: u8, from: usize, samples: usize) -> Bytes {
    let sample = |n: usize| i16::from_le_bytes([n as u8, utterance]);
    crate::audio::pcm::bytes((from..from + samples).map(sample))
}
