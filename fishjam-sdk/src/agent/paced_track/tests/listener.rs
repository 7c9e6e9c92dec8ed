//! The other end of a paced track: takes its time to accept, plays what it gets, and remembers everything.

use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use bytes::Bytes;
use tokio::time::sleep;

use super::{
    super::task::{Outlet, now},
    milliseconds,
};
use crate::{
    audio::PcmFormat,
    error::{Error, ErrorKind, Result},
};

/// What arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Arrival {
    Audio(Bytes),
    Interrupt,
}

/// A listener of which the test keeps a clone.
#[derive(Clone)]
pub(super) struct Listener(Arc<Mutex<Heard>>);

pub(super) struct Heard {
    format: PcmFormat,
    pub(super) arrivals: Vec<Arrival>,
    /// Since the last interrupt: when the audio begins to play, and how many samples it is.
    playing: Vec<(Instant, u64)>,
    /// The most audio that ever waited to be played.
    pub(super) longest_lead: Duration,
    /// Audio of an utterance before this one must not arrive.
    pub(super) first_allowed: u8,
    random: Option<fastrand::Rng>,
    pub(super) closed: bool,
}

impl Listener {
    /// Accepts everything at once.
    pub(super) fn prompt(format: PcmFormat) -> Self {
        Self::new(format, None)
    }

    /// Accepts with delays.
    pub(super) fn slow(format: PcmFormat, random: fastrand::Rng) -> Self {
        Self::new(format, Some(random))
    }

    fn new(format: PcmFormat, random: Option<fastrand::Rng>) -> Self {
        Self(Arc::new(Mutex::new(Heard {
            format,
            arrivals: Vec::new(),
            playing: Vec::new(),
            longest_lead: Duration::ZERO,
            first_allowed: 0,
            random,
            closed: false,
        })))
    }

    pub(super) fn heard(&self) -> MutexGuard<'_, Heard> {
        self.0.lock().unwrap()
    }

    /// How many hold it: the test, and the track's task while it lives.
    pub(super) fn holders(&self) -> usize {
        Arc::strong_count(&self.0)
    }

    async fn take_time(&self) -> Result<()> {
        let delay = self.heard().random.as_mut().map_or(0, |random| match random.u8(0..20) {
            0..13 => 0,
            13..19 => random.u64(1..30),
            _ => random.u64(100..500),
        });
        if delay > 0 {
            sleep(milliseconds(delay)).await;
        }
        if self.heard().closed { Err(Error::new(ErrorKind::Closed).message_text("hung up")) } else { Ok(()) }
    }
}

impl Heard {
    /// How much was played since the last interrupt.
    pub(super) fn position(&self) -> Duration {
        let now = now();
        let played = self
            .playing
            .iter()
            .map(|&(start, samples)| self.format.frames_in(now.saturating_duration_since(start)).min(samples));
        self.format.time_of(played.sum())
    }

    /// All audio that arrived.
    pub(super) fn audio(&self) -> Vec<u8> {
        let audio = self.arrivals.iter().filter_map(|arrival| match arrival {
            Arrival::Audio(audio) => Some(audio.as_ref()),
            Arrival::Interrupt => None,
        });
        audio.collect::<Vec<_>>().concat()
    }
}

impl Outlet for Listener {
    async fn send(&mut self, audio: Bytes) -> Result<()> {
        self.take_time().await?;
        let now = now();
        let mut heard = self.heard();
        assert!(audio[1] >= heard.first_allowed, "audio of utterance {} after its interrupt", audio[1]);
        let start =
            heard.playing.last().map_or(now, |&(start, samples)| (start + heard.format.time_of(samples)).max(now));
        let samples = (audio.len() / heard.format.frame_size()) as u64;
        let end = start + heard.format.time_of(samples);
        heard.longest_lead = heard.longest_lead.max(end - now);
        heard.playing.push((start, samples));
        heard.arrivals.push(Arrival::Audio(audio));
        Ok(())
    }

    async fn interrupt(&mut self) -> Result<()> {
        self.take_time().await?;
        let mut heard = self.heard();
        heard.playing.clear();
        heard.arrivals.push(Arrival::Interrupt);
        Ok(())
    }
}
