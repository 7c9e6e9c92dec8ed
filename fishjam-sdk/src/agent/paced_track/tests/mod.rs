//! Tests of the paced track on a paused clock.

mod flushes;
mod handles;
mod listener;
mod random_runs;

use std::time::Duration;

use super::*;
use crate::audio::{PacerStep, SampleRate};

fn milliseconds(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// The number of bytes per millisecond.
const MILLISECOND: usize = 32;

fn format() -> PcmFormat {
    PcmFormat::mono(SampleRate::Hz16000)
}

/// Returns milliseconds of audio. Each sample contains the number of its utterance and of its millisecond.
fn tagged(utterance: u8, from: usize, milliseconds: usize) -> Bytes {
    let mut audio = Vec::with_capacity(milliseconds * MILLISECOND);
    for number in from..from + milliseconds {
        audio.extend_from_slice([[number as u8, utterance]; MILLISECOND / 2].as_flattened());
    }
    audio.into()
}
