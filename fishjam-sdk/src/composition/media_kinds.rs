//! The kinds of media that an output has.

use std::fmt;

/// The kinds of media that an output has. They cannot change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MediaKinds {
    pub(super) video: bool,
    pub(super) audio: bool,
}

impl fmt::Display for MediaKinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.video, self.audio) {
            (true, true) => "video and audio",
            (true, false) => "only video",
            (false, true) => "only audio",
            (false, false) => "nothing",
        })
    }
}
