//! Several speakers in one stream.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    hash::Hash,
    time::Duration,
};

use bytes::Bytes;

use super::{PcmFormat, chunker::frame_size, pcm};
use crate::{
    error::{Error, Result},
    id::PeerId,
};

/// Mixes the audio of several speakers, all of one format, into one stream of that format.
///
/// Push what each speaker says when it arrives, and call [`mix`](Self::mix) once per frame: it has no clock of its own,
/// so the same calls give the same bytes. All who speak at once are heard; where they are too loud together, the sum
/// stops at the loudest sample there is. Nothing is resampled: another format is an error.
///
/// What comes too late for its frame is not lost. It goes into the next one, and its speaker lags by that much from then
/// on, until a pause. A speaker lags by no more than the [`buffer`](Self::buffer): of what exceeds it, the oldest is
/// dropped and counted.
///
/// A speaker is whatever keeps them apart: usually a [`PeerId`], or a [`TrackId`](crate::TrackId) if peers have several
/// tracks. Memory is for those who have audio waiting, of whom there may be [`MAX_SPEAKERS`](Self::MAX_SPEAKERS).
///
/// ```
/// use std::time::Duration;
/// use fishjam_sdk::{PeerId, agent::{Mixer, PcmFormat, pcm}};
///
/// let format = PcmFormat::new(16_000, 1)?;
/// let mut mixer = Mixer::new(format, Duration::from_millis(20))?;
/// mixer.push(PeerId::from("ada"), format, &pcm::bytes([1_000; 320]))?;
/// mixer.push(PeerId::from("bob"), format, &pcm::bytes([-300; 160]))?;
///
/// let both = mixer.mix();
/// let samples: Vec<i16> = pcm::samples(&both)?.collect();
/// assert_eq!((samples.len(), samples[0], samples[319]), (320, 700, 1_000));
/// # Ok::<(), fishjam_sdk::Error>(())
/// ```
pub struct Mixer<K = PeerId> {
    format: PcmFormat,
    /// Samples of a frame, of all channels.
    frame: usize,
    /// The most samples that wait for one speaker.
    buffer: usize,
    /// Samples that wait; no speaker is here without any.
    waiting: HashMap<K, VecDeque<i16>>,
    sum: Vec<i32>,
    /// Sample frames.
    dropped: u64,
}

impl<K: Eq + Hash> Mixer<K> {
    /// No more speakers than these can have audio waiting at once.
    pub const MAX_SPEAKERS: usize = 1_024;
    /// How far a speaker may lag if nothing else is chosen.
    pub const DEFAULT_BUFFER: Duration = Duration::from_millis(500);

    /// A mixer of this format whose frames have this duration.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the duration is shorter than one sample frame or longer
    /// than a minute.
    ///
    /// ```
    /// use std::time::Duration;
    /// use fishjam_sdk::agent::{Mixer, PcmFormat};
    ///
    /// let mixer: Mixer = Mixer::new(PcmFormat::new(16_000, 1)?, Duration::from_millis(20))?;
    /// assert_eq!(mixer.format().sample_rate(), 16_000);
    /// # Ok::<(), fishjam_sdk::Error>(())
    /// ```
    pub fn new(format: PcmFormat, frame: Duration) -> Result<Self> {
        let frame = frame_size(format, frame)? / size_of::<i16>();
        Ok(Self { format, frame, buffer: 0, waiting: HashMap::new(), sum: vec![0; frame], dropped: 0 }
            .buffer(Self::DEFAULT_BUFFER))
    }

    /// Chooses how far a speaker may lag before the oldest audio is dropped: at least one frame, at most a minute.
    ///
    /// ```
    /// use std::time::Duration;
    /// use fishjam_sdk::agent::{Mixer, PcmFormat};
    ///
    /// let format = PcmFormat::new(16_000, 1)?;
    /// let mut mixer: Mixer<&str> =
    ///     Mixer::new(format, Duration::from_millis(20))?.buffer(Duration::from_millis(100));
    /// mixer.push("ada", format, &[0; 16_000])?;                       // half a second at once
    /// assert_eq!(mixer.dropped(), Duration::from_millis(400));
    /// # Ok::<(), fishjam_sdk::Error>(())
    /// ```
    #[must_use]
    pub fn buffer(mut self, longest: Duration) -> Self {
        let longest = longest.min(Duration::from_secs(60));
        self.buffer = (self.format.bytes_in(longest) / size_of::<i16>()).max(self.frame);
        self
    }

    /// The format of what goes in and of what comes out.
    #[must_use]
    pub fn format(&self) -> PcmFormat {
        self.format
    }

    /// Adds what a speaker says next.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the format is another than the mixer's, if the audio is not
    /// whole sample frames, or if there are too many speakers. Nothing was added then.
    ///
    /// ```
    /// use std::time::Duration;
    /// use fishjam_sdk::agent::{Mixer, PcmFormat};
    ///
    /// let mut mixer: Mixer<&str> = Mixer::new(PcmFormat::new(16_000, 1)?, Duration::from_millis(20))?;
    /// let error = mixer.push("ada", PcmFormat::new(24_000, 1)?, &[0; 960]).unwrap_err();
    /// assert!(error.to_string().contains("24000 Hz"));
    /// # Ok::<(), fishjam_sdk::Error>(())
    /// ```
    pub fn push(&mut self, speaker: K, format: PcmFormat, audio: &[u8]) -> Result<()> {
        if format != self.format {
            return Err(Error::invalid_input(format!("a mixer of {} cannot take {format}", self.format)));
        }
        format.check(audio)?;
        if audio.is_empty() {
            return Ok(());
        }
        if self.waiting.len() >= Self::MAX_SPEAKERS && !self.waiting.contains_key(&speaker) {
            return Err(Error::invalid_input(format!("a mixer takes {} speakers at once", Self::MAX_SPEAKERS)));
        }
        // What the buffer cannot hold anyway is not even copied.
        let (skipped, audio) = audio.split_at(audio.len().saturating_sub(self.buffer * size_of::<i16>()));
        let waiting = self.waiting.entry(speaker).or_default();
        let samples = pcm::samples(audio)?;
        let over = (waiting.len() + samples.len()).saturating_sub(self.buffer);
        waiting.drain(..over);
        waiting.extend(samples);
        let dropped = skipped.len() / size_of::<i16>() + over;
        self.dropped += dropped as u64 / u64::from(self.format.channels());
        Ok(())
    }

    /// The next frame of all speakers; silence if nobody speaks.
    pub fn mix(&mut self) -> Bytes {
        self.sum.fill(0);
        for waiting in self.waiting.values_mut() {
            let now = waiting.len().min(self.frame);
            for (sum, sample) in self.sum.iter_mut().zip(waiting.drain(..now)) {
                // It takes more than 65,000 speakers to leave the range of 32 bits.
                *sum += i32::from(sample);
            }
        }
        self.waiting.retain(|_, waiting| !waiting.is_empty());
        pcm::bytes(self.sum.iter().map(|&sum| sum.clamp(i16::MIN.into(), i16::MAX.into()) as i16))
    }

    /// Forgets what this speaker said and was not mixed yet.
    pub fn remove(&mut self, speaker: &K) {
        self.waiting.remove(speaker);
    }

    /// How many speakers have audio waiting: nobody speaks if it is none.
    #[must_use]
    pub fn speakers(&self) -> usize {
        self.waiting.len()
    }

    /// How far this speaker lags: the audio that waits.
    #[must_use]
    pub fn lag(&self, speaker: &K) -> Duration {
        let samples = self.waiting.get(speaker).map_or(0, VecDeque::len);
        self.format.duration_of(samples * size_of::<i16>())
    }

    /// How much audio was dropped so far, of all speakers together, because they lagged too far.
    #[must_use]
    pub fn dropped(&self) -> Duration {
        self.format.time_of(self.dropped)
    }
}

impl<K> fmt::Debug for Mixer<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mixer")
            .field("format", &self.format)
            .field("speakers", &self.waiting.len())
            .field("dropped", &self.format.time_of(self.dropped))
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;
    use crate::ErrorKind;

    const FRAME: Duration = Duration::from_millis(4);

    /// Mixes frames of four samples, and holds back ten.
    fn mixer() -> (Mixer<u32>, PcmFormat) {
        let format = PcmFormat::new(1_000, 1).unwrap();
        (Mixer::new(format, FRAME).unwrap().buffer(Duration::from_millis(10)), format)
    }

    fn mixed(mixer: &mut Mixer<u32>) -> Vec<i16> {
        pcm::samples(&mixer.mix()).unwrap().collect()
    }

    #[test]
    fn two_who_speak_at_once_are_both_heard_and_too_loud_is_as_loud_as_can_be() {
        let (mut mixer, format) = mixer();
        mixer.push(1, format, &pcm::bytes([100, i16::MAX, i16::MIN, 5])).unwrap();
        mixer.push(2, format, &pcm::bytes([-30, 1, -1, i16::MIN])).unwrap();
        assert_eq!(mixer.speakers(), 2);
        assert_eq!(mixed(&mut mixer), [70, i16::MAX, i16::MIN, i16::MIN + 5]);
        assert_eq!((mixer.speakers(), mixed(&mut mixer)), (0, vec![0; 4]));
    }

    #[test]
    fn what_is_late_comes_next_and_a_pause_catches_up() {
        let (mut mixer, format) = mixer();
        mixer.push(1, format, &pcm::bytes([1, 2])).unwrap();
        assert_eq!(mixed(&mut mixer), [1, 2, 0, 0]);
        mixer.push(1, format, &pcm::bytes([3, 4, 5, 6, 7, 8])).unwrap();
        assert_eq!(mixed(&mut mixer), [3, 4, 5, 6]);
        assert_eq!(mixer.lag(&1), Duration::from_millis(2));
        assert_eq!(mixed(&mut mixer), [7, 8, 0, 0]);
        assert_eq!((mixer.lag(&1), mixer.dropped()), (Duration::ZERO, Duration::ZERO));
    }

    #[test]
    fn beyond_the_buffer_the_oldest_goes_and_is_counted() {
        let (mut mixer, format) = mixer();
        mixer.push(1, format, &pcm::bytes(1..=8)).unwrap();
        mixer.push(1, format, &pcm::bytes(9..=12)).unwrap();
        assert_eq!(mixer.dropped(), Duration::from_millis(2));
        assert_eq!(mixed(&mut mixer), [3, 4, 5, 6]);
        // More at once than there is room for at all; the other speaker keeps theirs.
        mixer.push(2, format, &pcm::bytes([100])).unwrap();
        mixer.push(1, format, &pcm::bytes(100..=120)).unwrap();
        assert_eq!(mixer.dropped(), Duration::from_millis(2 + 6 + 11));
        assert_eq!(mixed(&mut mixer), [211, 112, 113, 114]);
    }

    #[test]
    fn another_format_and_half_a_sample_are_errors_that_add_nothing() {
        let (mut mixer, format) = mixer();
        for (format, audio) in
            [(PcmFormat::new(2_000, 1).unwrap(), 4), (PcmFormat::new(1_000, 2).unwrap(), 4), (format, 3)]
        {
            let error = mixer.push(1, format, &vec![1; audio]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{format}");
        }
        assert_eq!(mixer.speakers(), 0);
        mixer.push(1, format, &[]).unwrap();
        assert_eq!(mixer.speakers(), 0);
    }

    #[test]
    fn speakers_are_bounded_and_a_speaker_who_left_makes_room() {
        let (mut mixer, format) = mixer();
        for speaker in 0..Mixer::<u32>::MAX_SPEAKERS as u32 {
            mixer.push(speaker, format, &[1, 0]).unwrap();
        }
        assert!(mixer.push(9_999, format, &[1, 0]).is_err());
        mixer.push(5, format, &[1, 0]).unwrap();
        mixer.remove(&7);
        mixer.push(9_999, format, &[1, 0]).unwrap();
        assert_eq!(mixed(&mut mixer), [1_024, 1, 0, 0]);
        assert!(mixer.push(10_000, format, &[1, 0]).is_ok());
    }

    proptest! {
        #[test]
        fn no_sample_is_lost_doubled_or_moved_if_nobody_lags(
            speakers in vec(vec(vec(any::<i16>(), 4), 0..6), 0..5),
        ) {
            let (mut mixer, format) = mixer();
            for frame in 0..6 {
                let mut expected = vec![0_i32; 4];
                for (speaker, frames) in speakers.iter().enumerate() {
                    let Some(samples) = frames.get(frame) else { continue };
                    mixer.push(speaker as u32, format, &pcm::bytes(samples.iter().copied())).unwrap();
                    for (sum, &sample) in expected.iter_mut().zip(samples) {
                        *sum += i32::from(sample);
                    }
                }
                let expected: Vec<i16> =
                    expected.into_iter().map(|sum| sum.clamp(i16::MIN.into(), i16::MAX.into()) as i16).collect();
                prop_assert_eq!(mixed(&mut mixer), expected);
                prop_assert_eq!(mixer.speakers(), 0);
            }
        }

        #[test]
        fn no_speaker_lags_beyond_the_buffer_and_every_sample_is_accounted_for(
            pushes in vec((0..3_u32, 0..30_usize, any::<bool>()), 0..60),
        ) {
            let (mut mixer, format) = mixer();
            let (mut pushed, mut heard) = (0, 0);
            for (speaker, samples, mix) in pushes {
                // Of all that comes out, count the ones: every speaker's sample is one.
                mixer.push(speaker, format, &pcm::bytes(vec![1; samples])).unwrap();
                pushed += samples;
                if mix {
                    heard += mixed(&mut mixer).iter().map(|&sum| sum as usize).sum::<usize>();
                }
                for speaker in 0..3 {
                    prop_assert!(mixer.lag(&speaker) <= Duration::from_millis(10));
                }
            }
            while mixer.speakers() > 0 {
                heard += mixed(&mut mixer).iter().map(|&sum| sum as usize).sum::<usize>();
            }
            prop_assert_eq!(heard + mixer.dropped().as_millis() as usize, pushed);
        }
    }
}
