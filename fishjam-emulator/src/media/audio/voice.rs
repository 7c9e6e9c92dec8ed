//! Whether somebody speaks, by the loudness of chunks of 20 milliseconds.

/// The least average loudness of speech: a hundredth of the greatest.
const LOUD: f64 = 327.0;

/// How many quiet chunks make a silence.
const PATIENCE: u32 = 10;

/// A scripted peer's voice.
#[derive(Debug, Default)]
pub(crate) struct Voice {
    speaks: bool,
    quiet: u32,
}

impl Voice {
    /// Whether the peer has just begun to speak (true) or stopped (false), with this chunk.
    pub(crate) fn change(&mut self, samples: &[i16]) -> Option<bool> {
        if is_loud(samples) {
            self.quiet = 0;
            return (!std::mem::replace(&mut self.speaks, true)).then_some(true);
        }
        self.quiet = self.quiet.saturating_add(1);
        (self.quiet >= PATIENCE && std::mem::take(&mut self.speaks)).then_some(false)
    }

    /// Whether the end of the sound is the end of speech.
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
    fn speech_and_silence() {
        let mut voice = Voice::default();
        let (loud, quiet) = ([1000_i16, -1000], [10_i16, -10]);
        assert_eq!(voice.change(&quiet), None);
        assert_eq!(voice.change(&loud), Some(true));
        for _ in 0..9 {
            assert_eq!(voice.change(&quiet), None);
        }
        assert_eq!(voice.change(&loud), None);
        let changes: Vec<_> = (0..12).map(|_| voice.change(&quiet)).collect();
        assert_eq!(changes.iter().position(Option::is_some), Some(9));
        assert_eq!((changes[9], voice.end()), (Some(false), None));
        assert_eq!((voice.change(&loud), voice.end()), (Some(true), Some(false)));
        assert!(!is_loud(&[]));
    }
}
