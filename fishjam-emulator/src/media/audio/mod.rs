//! Audio: encoding, conversion for listeners, playout, and sounds for tests.

mod conversion;
mod encoding;
mod playout;
mod sound;
mod speaker;

pub(crate) use conversion::Mix;
pub(crate) use encoding::Encoding;
pub(crate) use playout::Playout;
pub use sound::Sound;
pub(crate) use speaker::ScriptedSpeaker;

use std::time::Duration;

/// The duration of the chunks that the emulator creates.
pub(crate) const CHUNK: Duration = Duration::from_millis(20);
