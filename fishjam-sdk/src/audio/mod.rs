//! Audio code that needs no connection.

mod chunker;
mod format;
mod mixer;
mod pacer;
pub mod pcm;
mod sample_rate;

pub use self::{
    chunker::{Chunker, Frames, TryFrames},
    format::{AudioFormat, PcmFormat},
    mixer::Mixer,
    pacer::{Interruption, Pacer, PacerStep, PacingOptions},
    sample_rate::{Channels, SampleRate},
};
