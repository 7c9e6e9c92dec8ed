//! Audio code that needs no connection.

mod chunker;
mod format;
mod mixer;
mod pacer;
pub mod pcm;

pub use self::{
    chunker::{Chunker, Frames, TryFrames},
    format::{AudioFormat, AudioSampleRate},
    mixer::Mixer,
    pacer::{Interruption, Pacer, PacerStep, PacingOptions},
    pcm::PcmFormat,
};
