//! When to send which audio, so that it arrives as fast as it is played: no clock, no connection.

mod options;
#[cfg(test)]
mod tests;

use std::{
    collections::VecDeque,
    fmt,
    time::{Duration, Instant},
};

use bytes::Bytes;

pub use self::options::PacingOptions;
use super::{Chunker, PcmFormat};
use crate::error::{Error, Result};

/// Decides when to send which audio, so that a source that is faster than real time does not get far ahead.
///
/// [`PacedTrack`](crate::agent::PacedTrack) drives one for an agent's track; this is the part without a clock and without a connection, for other
/// ways to send. Push audio, and do what [`next`](Self::next) says.
///
/// It reckons that the listener plays what was sent at once, without a pause, and starts anew with what comes after a
/// gap. So it counts from when audio was sent, not from when a listener heard it.
///
/// ```
/// use std::time::{Duration, Instant};
/// use fishjam_sdk::agent::{Pacer, PacerStep, PacingOptions, PcmFormat};
///
/// let (format, start) = (PcmFormat::new(16_000, 1)?, Instant::now());
/// let mut pacer = Pacer::new(format, PacingOptions::new())?;
/// assert!(pacer.push(&vec![0; format.bytes_in(Duration::from_secs(1))].into())?);
///
/// let mut sent = 0;
/// let wait = loop {
///     match pacer.next(start) {
///         PacerStep::Send(audio) => sent += audio.len(),
///         other => break other,
///     }
///     pacer.sent(start);
/// };
/// // 200 milliseconds at once, and then what is played in the meantime.
/// assert_eq!(format.duration_of(sent), Duration::from_millis(200));
/// assert_eq!(wait, PacerStep::Wait(start + Duration::from_millis(20)));
/// # Ok::<(), fishjam_sdk::Error>(())
/// ```
pub struct Pacer {
    format: PcmFormat,
    lead: Duration,
    /// The most bytes that wait.
    capacity: usize,
    /// What is left over after the last whole frame.
    chunker: Chunker,
    /// What is to be sent, the next one first.
    frames: VecDeque<Bytes>,
    /// Bytes in `frames`.
    whole: usize,
    /// `next` said to send the first of `frames`.
    sending: bool,
    /// The track has to be interrupted before anything else is sent.
    interrupting: bool,
    /// Sample frames that were played before the present run.
    played: u64,
    run: Option<Run>,
}

/// Audio that is played without a gap.
#[derive(Clone, Copy)]
struct Run {
    start: Instant,
    /// Sample frames sent.
    sent: u64,
}

/// What to do next.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PacerStep {
    /// Interrupt the track, so that what was sent and is not played yet is discarded; then say
    /// [`interrupted`](Pacer::interrupted).
    Interrupt,
    /// Send this; then say [`sent`](Pacer::sent). Until that, and unless there is an interrupt, it stays the next one.
    Send(Bytes),
    /// Ask again at this time, or when something was pushed or interrupted.
    Wait(Instant),
    /// Ask again when something was pushed or interrupted.
    Idle,
}

/// What an interrupt cut short.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Interruption {
    /// How much of the audio since the interrupt before was played.
    pub played: Duration,
    /// How much of it was not and will not be, whether it was sent or not.
    pub discarded: Duration,
}

impl Pacer {
    /// A pacer of audio in this format.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the frame is shorter than one sample frame or longer than the
    /// lead.
    ///
    /// ```
    /// use std::time::Duration;
    /// use fishjam_sdk::agent::{Pacer, PacingOptions, PcmFormat};
    ///
    /// let too_much = PacingOptions::new().frame(Duration::from_secs(1));
    /// assert!(Pacer::new(PcmFormat::new(16_000, 1)?, too_much).is_err());
    /// # Ok::<(), fishjam_sdk::Error>(())
    /// ```
    pub fn new(format: PcmFormat, options: PacingOptions) -> Result<Self> {
        let chunker = Chunker::new(format, options.frame)?;
        if format.duration_of(chunker.frame_size()) > options.lead {
            return Err(Error::invalid_input(format!(
                "frames of {:?} cannot be sent with a lead of {:?}",
                options.frame, options.lead
            )));
        }
        Ok(Self {
            format,
            lead: options.lead,
            capacity: format.bytes_in(options.queue),
            chunker,
            frames: VecDeque::new(),
            whole: 0,
            sending: false,
            interrupting: false,
            played: 0,
            run: None,
        })
    }

    /// The format of the audio.
    #[must_use]
    pub fn format(&self) -> PcmFormat {
        self.format
    }

    /// Adds audio behind what waits, and says whether there was room for it; if not, it was not added.
    ///
    /// There is always room if nothing waits.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if it is not whole sample frames: a [`Chunker`] makes them of a
    /// stream that is cut anywhere.
    pub fn push(&mut self, audio: &Bytes) -> Result<bool> {
        self.format.check(audio)?;
        let waiting = self.waiting();
        if waiting > 0 && waiting.saturating_add(audio.len()) > self.capacity {
            return Ok(false);
        }
        for frame in self.chunker.push(audio.clone()) {
            self.whole += frame.len();
            self.frames.push_back(frame);
        }
        Ok(true)
    }

    /// What to do now.
    pub fn next(&mut self, now: Instant) -> PacerStep {
        if self.interrupting {
            return PacerStep::Interrupt;
        }
        let length = self.frames.front().map_or(self.chunker.waiting(), Bytes::len);
        if length == 0 {
            return PacerStep::Idle;
        }
        if let Some(run) = self.run {
            let behind_it = self.format.time_of(run.sent + self.frames_of(length));
            let allowed = run.start + behind_it.saturating_sub(self.lead);
            if now < allowed {
                return PacerStep::Wait(allowed);
            }
        }
        if self.frames.is_empty() {
            self.whole += length;
            self.frames.extend(self.chunker.flush());
        }
        match self.frames.front() {
            Some(frame) => {
                self.sending = true;
                PacerStep::Send(frame.clone())
            }
            None => PacerStep::Idle,
        }
    }

    /// Takes note that what [`next`](Self::next) said to send was sent now.
    ///
    /// It has no effect if there was an interrupt since then: it then was not needed any more.
    pub fn sent(&mut self, now: Instant) {
        if !std::mem::take(&mut self.sending) {
            return;
        }
        let Some(frame) = self.frames.pop_front() else { return };
        self.whole -= frame.len();
        let sent = self.frames_of(frame.len());
        match &mut self.run {
            Some(run) if run.start + self.format.time_of(run.sent) > now => run.sent += sent,
            starved => {
                self.played += starved.map_or(0, |run| run.sent);
                *starved = Some(Run { start: now, sent });
            }
        }
    }

    /// Forgets all audio that waits, and says what was cut short.
    ///
    /// The next step is then [`PacerStep::Interrupt`]. What is pushed from now on is sent after it.
    pub fn interrupt(&mut self, now: Instant) -> Interruption {
        let played = self.played_frames(now);
        let discarded = self.end().saturating_sub(played);
        self.frames.clear();
        self.chunker.clear();
        self.whole = 0;
        self.sending = false;
        self.interrupting = true;
        self.played = 0;
        self.run = None;
        Interruption { played: self.format.time_of(played), discarded: self.format.time_of(discarded) }
    }

    /// Takes note that the track was interrupted.
    pub fn interrupted(&mut self) {
        self.interrupting = false;
    }

    /// How much of the audio since the last interrupt has been played by now.
    #[must_use]
    pub fn position(&self, now: Instant) -> Duration {
        self.format.time_of(self.played_frames(now))
    }

    /// How much audio was sent and has not been played by now.
    #[must_use]
    pub fn lead(&self, now: Instant) -> Duration {
        self.run
            .map_or(Duration::ZERO, |run| (run.start + self.format.time_of(run.sent)).saturating_duration_since(now))
    }

    /// How much audio waits to be sent.
    #[must_use]
    pub fn queued(&self) -> Duration {
        self.format.duration_of(self.waiting())
    }

    /// Whether there is nothing to do: no audio waits, and no interrupt.
    pub(crate) fn is_idle(&self) -> bool {
        self.waiting() == 0 && !self.interrupting
    }

    /// The sample frames since the last interrupt that were played by now.
    pub(crate) fn played_frames(&self, now: Instant) -> u64 {
        let in_run =
            self.run.map_or(0, |run| self.format.frames_in(now.saturating_duration_since(run.start)).min(run.sent));
        self.played + in_run
    }

    /// The sample frames since the last interrupt, sent or waiting.
    pub(crate) fn end(&self) -> u64 {
        self.played + self.run.map_or(0, |run| run.sent) + self.frames_of(self.waiting())
    }

    pub(crate) fn frames_of(&self, bytes: usize) -> u64 {
        (bytes / self.format.frame_size()) as u64
    }

    /// The bytes that wait.
    fn waiting(&self) -> usize {
        self.whole + self.chunker.waiting()
    }
}

impl fmt::Debug for Pacer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pacer")
            .field("format", &self.format)
            .field("queued", &self.queued())
            .field("interrupting", &self.interrupting)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for PacerStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Interrupt => f.write_str("Interrupt"),
            Self::Send(audio) => write!(f, "Send({} bytes)", audio.len()),
            Self::Wait(until) => f.debug_tuple("Wait").field(until).finish(),
            Self::Idle => f.write_str("Idle"),
        }
    }
}
