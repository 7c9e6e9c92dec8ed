//! Detects speech by its volume.

/// The minimum volume of speech.
const THRESHOLD: u16 = 500;
/// The silence that ends speech, in milliseconds.
const END_SILENCE_MS: usize = 500;

/// A change of the voice activity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Activity {
    Started,
    /// The speech ended. The value is its audio.
    Stopped(Vec<u8>),
}

/// Detects the start and the end of speech in a stream of audio.
#[derive(Debug)]
pub(crate) struct VoiceDetector {
    bytes_per_ms: usize,
    speech: Option<Vec<u8>>,
    silence: usize,
    /// The number of bytes so far.
    total: usize,
}

impl VoiceDetector {
    pub(crate) fn new(hertz: usize) -> Self {
        Self { bytes_per_ms: hertz / 500, speech: None, silence: 0, total: 0 }
    }

    /// The duration of all audio so far, in milliseconds.
    pub(crate) fn position_ms(&self) -> usize {
        self.total / self.bytes_per_ms
    }

    pub(crate) fn push(&mut self, pcm: &[u8]) -> Option<Activity> {
        self.total += pcm.len();
        let loud = volume(pcm) >= THRESHOLD;
        let Some(speech) = &mut self.speech else {
            (self.speech, self.silence) = (loud.then(|| pcm.to_vec()), 0);
            return loud.then_some(Activity::Started);
        };
        speech.extend_from_slice(pcm);
        self.silence = if loud { 0 } else { self.silence + pcm.len() };
        if self.silence >= END_SILENCE_MS * self.bytes_per_ms { self.stop() } else { None }
    }

    /// Ends the speech.
    pub(crate) fn stop(&mut self) -> Option<Activity> {
        self.speech.take().map(Activity::Stopped)
    }
}

/// Returns the loudest sample.
pub(crate) fn volume(pcm: &[u8]) -> u16 {
    pcm.chunks_exact(2).map(|sample| i16::from_le_bytes([sample[0], sample[1]]).unsigned_abs()).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// This many milliseconds of a sample value.
    fn pcm(value: i16, ms: usize) -> Vec<u8> {
        value.to_le_bytes().repeat(24 * ms)
    }

    #[test]
    fn speech_ends_after_half_a_second_of_silence() {
        let mut detector = VoiceDetector::new(24_000);
        assert_eq!(detector.push(&pcm(10, 100)), None);
        assert_eq!(detector.push(&pcm(-9_000, 20)), Some(Activity::Started));
        assert_eq!(detector.push(&pcm(0, 480)), None);
        assert_eq!(detector.push(&pcm(9_000, 20)), None);
        assert_eq!(detector.push(&pcm(0, 480)), None);
        let Some(Activity::Stopped(speech)) = detector.push(&pcm(0, 20)) else { panic!("the speech did not end") };
        assert_eq!((speech.len(), volume(&speech)), (1_020 * 48, 9_000));
        assert_eq!(detector.position_ms(), 1_120);
        assert_eq!(detector.stop(), None);
    }
}
