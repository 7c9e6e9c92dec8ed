//! A listener that accepts audio with delays, plays it, and records it.

use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use bytes::Bytes;
use tokio::time::sleep;

use super::{
    super::{FlushNotice, now, task::AudioSink},
    milliseconds,
};
use crate::{
    audio::PcmFormat,
    error::{Error, ErrorKind, Result},
};

/// An item that arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ReceivedItem {
    Audio(Bytes),
    Interrupt,
}

/// A listener. The test keeps a clone.
#[derive(Clone)]
pub(super) struct Listener(Arc<Mutex<Recording>>);

pub(super) struct Recording {
    format: PcmFormat,
    pub(super) arrivals: Vec<ReceivedItem>,
    /// The start and the number of samples of each chunk since the last interrupt.
    playing: Vec<(Instant, u64)>,
    /// The longest duration of audio that waited to be played.
    pub(super) longest_lead: Duration,
    /// The first utterance whose audio may arrive.
    pub(super) first_allowed: u8,
    random: Option<fastrand::Rng>,
    pub(super) closed: bool,
}

impl Listener {
    /// Creates a listener that accepts audio immediately.
    pub(super) fn prompt(format: PcmFormat) -> Self {
        Self::new(format, None)
    }

    /// Creates a listener that accepts audio with delays.
    pub(super) fn slow(format: PcmFormat, random: fastrand::Rng) -> Self {
        Self::new(format, Some(random))
    }

    fn new(format: PcmFormat, random: Option<fastrand::Rng>) -> Self {
        Self(Arc::new(Mutex::new(Recording {
            format,
            arrivals: Vec::new(),
            playing: Vec::new(),
            longest_lead: Duration::ZERO,
            first_allowed: 0,
            random,
            closed: false,
        })))
    }

    pub(super) fn recording(&self) -> MutexGuard<'_, Recording> {
        self.0.lock().unwrap()
    }

    /// Returns the number of owners: the test, and the task of the track while it runs.
    pub(super) fn holders(&self) -> usize {
        Arc::strong_count(&self.0)
    }

    async fn take_time(&self) -> Result<()> {
        let delay = self.recording().random.as_mut().map_or(0, |random| match random.u8(0..20) {
            0..13 => 0,
            13..19 => random.u64(1..30),
            _ => random.u64(100..500),
        });
        if delay > 0 {
            sleep(milliseconds(delay)).await;
        }
        if self.recording().closed { Err(Error::new(ErrorKind::Closed).message_text("disconnected")) } else { Ok(()) }
    }
}

impl Recording {
    /// Returns the duration of the audio that was played since the last interrupt.
    pub(super) fn position(&self) -> Duration {
        let now = now();
        let played = self
            .playing
            .iter()
            .map(|&(start, samples)| self.format.frames_in(now.saturating_duration_since(start)).min(samples));
        self.format.time_of(played.sum())
    }

    /// Returns all audio that arrived.
    pub(super) fn audio(&self) -> Vec<u8> {
        let audio = self.arrivals.iter().filter_map(|arrival| match arrival {
            ReceivedItem::Audio(audio) => Some(audio.as_ref()),
            ReceivedItem::Interrupt => None,
        });
        audio.collect::<Vec<_>>().concat()
    }
}

impl AudioSink for Listener {
    async fn send(&mut self, audio: Bytes, notice: FlushNotice) -> Result<()> {
        self.take_time().await?;
        let now = now();
        let mut recording = self.recording();
        assert!(audio[1] >= recording.first_allowed, "audio of utterance {} after its interrupt", audio[1]);
        let start = recording
            .playing
            .last()
            .map_or(now, |&(start, samples)| (start + recording.format.time_of(samples)).max(now));
        let samples = (audio.len() / recording.format.frame_size()) as u64;
        let end = start + recording.format.time_of(samples);
        recording.longest_lead = recording.longest_lead.max(end - now);
        recording.playing.push((start, samples));
        recording.arrivals.push(ReceivedItem::Audio(audio));
        drop(recording);
        notice.flushed();
        Ok(())
    }

    async fn interrupt(&mut self) -> Result<()> {
        self.take_time().await?;
        let mut recording = self.recording();
        recording.playing.clear();
        recording.arrivals.push(ReceivedItem::Interrupt);
        Ok(())
    }

    fn end_error(&self) -> Error {
        Error::new(ErrorKind::Closed).message_text("disconnected")
    }
}
