//! A mixer for the audio of several speakers.

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

/// Mixes the audio of several speakers into one stream.
///
/// All audio has the same format. Push the audio of each speaker when it arrives, and call [`mix`](Self::mix) once per
/// frame. The mixer has no clock: the same calls return the same bytes. The audio of simultaneous speakers is added. A
/// sum that is too loud is clipped. The mixer does not resample: audio of a different format is an error.
///
/// Audio that arrives too late for its frame is not lost. It goes into the next frame, so its speaker lags until the
/// next pause. A speaker lags by at most the [`buffer`](Self::buffer). If more audio waits, the mixer drops and counts
/// the oldest.
///
/// The key `K` identifies a speaker. Use a [`PeerId`], or a [`TrackId`](crate::TrackId) if peers have several tracks.
/// The mixer uses memory only for speakers whose audio waits. At most [`MAX_SPEAKERS`](Self::MAX_SPEAKERS) can have
/// waiting audio.
///
/// ```
/// use std::time::Duration;
/// use fishjam_sdk::{PeerId, agent::{Mixer, PcmFormat, SampleRate, pcm}};
///
/// let format = PcmFormat::mono(SampleRate::Hz16000);
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
    /// The number of samples per frame, in all channels.
    frame: usize,
    /// The maximum number of samples that wait for one speaker.
    buffer: usize,
    /// The samples that wait. No entry is empty.
    waiting: HashMap<K, VecDeque<i16>>,
    sum: Vec<i32>,
    /// The number of dropped sample frames.
    dropped: u64,
}

impl<K: Eq + Hash> Mixer<K> {
    /// The maximum number of speakers with waiting audio.
    pub const MAX_SPEAKERS: usize = 1_024;
    /// The default of [`buffer`](Self::buffer): the maximum lag of a speaker.
    pub const DEFAULT_BUFFER: Duration = Duration::from_millis(500);

    /// Creates a mixer for this format and this duration of a frame.
    ///
    /// # Errors
    ///
    /// Returns an [`InvalidInput`](crate::ErrorKind::InvalidInput) error if the duration is shorter than one sample
    /// frame or longer than one minute.
    ///
    /// ```
    /// use std::time::Duration;
    /// use fishjam_sdk::agent::{Mixer, PcmFormat, SampleRate};
    ///
    /// let mixer: Mixer = Mixer::new(PcmFormat::mono(SampleRate::Hz16000), Duration::from_millis(20))?;
    /// assert_eq!(mixer.format().sample_rate(), SampleRate::Hz16000);
    /// # Ok::<(), fishjam_sdk::Error>(())
    /// ```
    pub fn new(format: PcmFormat, frame: Duration) -> Result<Self> {
        let frame = frame_size(format, frame)? / size_of::<i16>();
        Ok(Self { format, frame, buffer: 0, waiting: HashMap::new(), sum: vec![0; frame], dropped: 0 }
            .buffer(Self::DEFAULT_BUFFER))
    }

    /// Sets the maximum lag of a speaker.
    ///
    /// The limit is at least one frame and at most one minute. Defaults to 500 milliseconds.
    ///
    /// ```
    /// use std::time::Duration;
    /// use fishjam_sdk::agent::{Mixer, PcmFormat, SampleRate};
    ///
    /// let format = PcmFormat::mono(SampleRate::Hz16000);
    /// let mut mixer: Mixer<&str> =
    ///     Mixer::new(format, Duration::from_millis(20))?.buffer(Duration::from_millis(100));
    /// mixer.push("ada", format, &[0; 16_000])?;                       // half a second at once
    /// assert_eq!(mixer.dropped(), Duration::from_millis(400));
    /// # Ok::<(), fishjam_sdk::Error>(())
    /// ```
    #[must_use]
    pub fn buffer(mut self, max_lag: Duration) -> Self {
        let max_lag = max_lag.min(Duration::from_secs(60));
        self.buffer = (self.format.bytes_in(max_lag) / size_of::<i16>()).max(self.frame);
        self
    }

    /// Returns the format of the input and the output.
    #[must_use]
    pub fn format(&self) -> PcmFormat {
        self.format
    }

    /// Adds the next audio of a speaker.
    ///
    /// # Errors
    ///
    /// Returns an [`InvalidInput`](crate::ErrorKind::InvalidInput) error, and adds nothing, if:
    ///
    /// - the format differs from the format of the mixer
    /// - the audio does not consist of whole sample frames
    /// - too many speakers have waiting audio
    ///
    /// ```
    /// use std::time::Duration;
    /// use fishjam_sdk::agent::{Mixer, PcmFormat, SampleRate};
    ///
    /// let mut mixer: Mixer<&str> = Mixer::new(PcmFormat::mono(SampleRate::Hz16000), Duration::from_millis(20))?;
    /// let error = mixer.push("ada", PcmFormat::mono(SampleRate::Hz24000), &[0; 960]).unwrap_err();
    /// assert!(error.to_string().contains("24000 Hz"));
    /// # Ok::<(), fishjam_sdk::Error>(())
    /// ```
    pub fn push(&mut self, speaker: K, format: PcmFormat, audio: &[u8]) -> Result<()> {
        if format != self.format {
            return Err(Error::invalid_input(format!(
                "invalid audio format {format}: this mixer requires {}",
                self.format
            )));
        }
        format.check(audio)?;
        if audio.is_empty() {
            return Ok(());
        }
        if self.waiting.len() >= Self::MAX_SPEAKERS && !self.waiting.contains_key(&speaker) {
            return Err(Error::invalid_input(format!("too many speakers: the limit is {}", Self::MAX_SPEAKERS)));
        }
        // Audio that exceeds the whole buffer is not even copied.
        let (skipped, audio) = audio.split_at(audio.len().saturating_sub(self.buffer * size_of::<i16>()));
        let waiting = self.waiting.entry(speaker).or_default();
        let samples = pcm::samples(audio)?;
        let over = (waiting.len() + samples.len()).saturating_sub(self.buffer);
        waiting.drain(..over);
        waiting.extend(samples);
        let dropped = skipped.len() / size_of::<i16>() + over;
        self.dropped += dropped as u64 / u64::from(self.format.channels().count());
        Ok(())
    }

    /// Returns the next frame. It is silent if no audio waits.
    pub fn mix(&mut self) -> Bytes {
        self.sum.fill(0);
        for waiting in self.waiting.values_mut() {
            let now = waiting.len().min(self.frame);
            for (sum, sample) in self.sum.iter_mut().zip(waiting.drain(..now)) {
                // A sum exceeds 32 bits only with more than 65,000 speakers.
                *sum += i32::from(sample);
            }
        }
        self.waiting.retain(|_, waiting| !waiting.is_empty());
        pcm::bytes(self.sum.iter().map(|&sum| sum.clamp(i16::MIN.into(), i16::MAX.into()) as i16))
    }

    /// Drops the waiting audio of this speaker.
    pub fn remove(&mut self, speaker: &K) {
        self.waiting.remove(speaker);
    }

    /// Returns the number of speakers with waiting audio.
    #[must_use]
    pub fn speakers(&self) -> usize {
        self.waiting.len()
    }

    /// Returns the lag of this speaker: the duration of its waiting audio.
    #[must_use]
    pub fn lag(&self, speaker: &K) -> Duration {
        let samples = self.waiting.get(speaker).map_or(0, VecDeque::len);
        self.format.duration_of(samples * size_of::<i16>())
    }

    /// Returns the duration of the audio that was dropped because its speakers lagged too far.
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

    use super::{
        super::{Channels, SampleRate},
        *,
    };
    use crate::error::ErrorKind;

    /// Returns the duration of this many samples.
    fn samples(samples: u64) -> Duration {
        PcmFormat::mono(SampleRate::Hz16000).time_of(samples)
    }

    /// Mixes frames of four samples, with a buffer of ten samples.
    fn mixer() -> (Mixer<u32>, PcmFormat) {
        let format = PcmFormat::mono(SampleRate::Hz16000);
        (Mixer::new(format, samples(4)).unwrap().buffer(samples(10)), format)
    }

    fn mixed(mixer: &mut Mixer<u32>) -> Vec<i16> {
        pcm::samples(&mixer.mix()).unwrap().collect()
    }

    #[test]
    fn mix_adds_speakers_and_clips_loud_sums() {
        let (mut mixer, format) = mixer();
        mixer.push(1, format, &pcm::bytes([100, i16::MAX, i16::MIN, 5])).unwrap();
        mixer.push(2, format, &pcm::bytes([-30, 1, -1, i16::MIN])).unwrap();
        assert_eq!(mixer.speakers(), 2);
        assert_eq!(mixed(&mut mixer), [70, i16::MAX, i16::MIN, i16::MIN + 5]);
        assert_eq!((mixer.speakers(), mixed(&mut mixer)), (0, vec![0; 4]));
    }

    #[test]
    fn late_audio_lags_until_the_next_pause() {
        let (mut mixer, format) = mixer();
        mixer.push(1, format, &pcm::bytes([1, 2])).unwrap();
        assert_eq!(mixed(&mut mixer), [1, 2, 0, 0]);
        mixer.push(1, format, &pcm::bytes([3, 4, 5, 6, 7, 8])).unwrap();
        assert_eq!(mixed(&mut mixer), [3, 4, 5, 6]);
        assert_eq!(mixer.lag(&1), samples(2));
        assert_eq!(mixed(&mut mixer), [7, 8, 0, 0]);
        assert_eq!((mixer.lag(&1), mixer.dropped()), (Duration::ZERO, Duration::ZERO));
    }

    #[test]
    fn full_buffer_drops_and_counts_the_oldest_audio() {
        let (mut mixer, format) = mixer();
        mixer.push(1, format, &pcm::bytes(1..=8)).unwrap();
        mixer.push(1, format, &pcm::bytes(9..=12)).unwrap();
        assert_eq!(mixer.dropped(), samples(2));
        assert_eq!(mixed(&mut mixer), [3, 4, 5, 6]);
        // One push exceeds the whole buffer. The audio of the other speaker stays.
        mixer.push(2, format, &pcm::bytes([100])).unwrap();
        mixer.push(1, format, &pcm::bytes(100..=120)).unwrap();
        assert_eq!(mixer.dropped(), samples(2 + 6 + 11));
        assert_eq!(mixed(&mut mixer), [211, 112, 113, 114]);
    }

    #[test]
    fn push_of_invalid_audio_adds_nothing() {
        let (mut mixer, format) = mixer();
        for (format, audio) in [
            (PcmFormat::mono(SampleRate::Hz24000), 4),
            (PcmFormat::new(SampleRate::Hz16000, Channels::Stereo), 4),
            (format, 3),
        ] {
            let error = mixer.push(1, format, &vec![1; audio]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{format}");
        }
        assert_eq!(mixer.speakers(), 0);
        mixer.push(1, format, &[]).unwrap();
        assert_eq!(mixer.speakers(), 0);
    }

    #[test]
    fn removed_speaker_makes_room_for_another() {
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
        fn mix_keeps_every_sample_without_lag(
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
        fn lag_is_bounded_and_samples_are_counted(
            pushes in vec((0..3_u32, 0..30_usize, any::<bool>()), 0..60),
        ) {
            let (mut mixer, format) = mixer();
            let (mut pushed, mut mixed_samples) = (0, 0);
            for (speaker, count, mix) in pushes {
                // Each sample is one, so the sum of the output is the number of samples.
                mixer.push(speaker, format, &pcm::bytes(vec![1; count])).unwrap();
                pushed += count;
                if mix {
                    mixed_samples += mixed(&mut mixer).iter().map(|&sum| sum as usize).sum::<usize>();
                }
                for speaker in 0..3 {
                    prop_assert!(mixer.lag(&speaker) <= samples(10));
                }
            }
            while mixer.speakers() > 0 {
                mixed_samples += mixed(&mut mixer).iter().map(|&sum| sum as usize).sum::<usize>();
            }
            prop_assert_eq!(mixed_samples + format.frames_in(mixer.dropped()) as usize, pushed);
        }
    }
}
