//! Voice activity, which is detected from the volume of chunks of 20 milliseconds.

/// The minimum volume of speech: a hundredth of the maximum.
const LOUD: f64 = 327.0;

/// The number of quiet chunks that end speech.
const QUIET_CHUNKS: u32 = 10;

/// A scripted peer that speaks or is silent.
#[derive(Debug, Default)]
pub(crate) struct ScriptedSpeaker {
    speaks: bool,
    quiet: u32,
}

impl ScriptedSpeaker {
    /// Returns `Some(true)` if the peer starts speaking with this chunk, and `Some(false)` if it stops.
    pub(crate) fn change(&mut self, samples: &[i16]) -> Option<bool> {
        if is_loud(samples) {
            self.quiet = 0;
            return (!std::mem::replace(&mut self.speaks, true)).then_some(true);
        }
        self.quiet = self.quiet.saturating_add(1);
        (self.quiet >= QUIET_CHUNKS && std::mem::take(&mut self.speaks)).then_some(false)
    }

    /// Ends the sound. Returns `Some(false)` if the peer was speaking.
    pub(crate) fn end(&mut self) -> Option<bool> {
        std::mem::take(&mut self.speaks).then_some(false)
    }
}

fn is_loud(samples: &[i16]) -> bool {
    let energy: f64 = samples.iter().map(|sample| f64::from(*sample).powi(2)).sum();
    !samples.is_empty() && (energy / samples.len() as f64).sqrt() >= LOUD
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speaker_starts_and_stops_by_volume() {
        let mut speaker = ScriptedSpeaker::default();
        let (loud, quiet) = ([1000_i16, -1000], [10_i16, -10]);
        assert_eq!(speaker.change(&quiet), None);
        assert_eq!(speaker.change(&loud), Some(true));
        for _ in 0..9 {
            assert_eq!(speaker.change(&quiet), None);
        }
        assert_eq!(speaker.change(&loud), None);
        let changes: Vec<_> = (0..12).map(|_| speaker.change(&quiet)).collect();
        assert_eq!(changes.iter().position(Option::is_some), Some(9));
        assert_eq!((changes[9], speaker.end()), (Some(false), None));
        assert_eq!((speaker.change(&loud), speaker.end()), (Some(true), Some(false)));
        assert!(!is_loud(&[]));
    }
}
