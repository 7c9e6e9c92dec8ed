//! Audio: how it is encoded, how it becomes what a listener wants, how it is played out, and sounds to publish.

mod conversion;
mod encoding;
mod playout;
mod sound;
mod voice;

pub(crate) use conversion::Mix;
pub(crate) use encoding::Encoding;
pub(crate) use playout::Playout;
pub use sound::Sound;
pub(crate) use voice::Voice;

use std::time::Duration;

/// How much audio goes into one chunk when the emulator cuts it.
pub(crate) const CHUNK: Duration = Duration::from_millis(20);
