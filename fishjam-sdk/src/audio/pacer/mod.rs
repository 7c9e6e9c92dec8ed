//! The decision when to send which audio, so that it arrives as fast as it is played. It has no clock and no
//! connection.

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

/// Decides when to send audio from a source that is faster than real time.
///
/// [`PacedTrack`](crate::agent::PacedTrack) uses a pacer for the track of an agent. Use this type for other ways to
/// send: push audio, and do the steps that [`next`](Self::next) returns.
///
/// The pacer assumes that the listener plays audio as soon as it is sent, without a pause. After a gap, the playback
/// restarts with the next audio. Positions are thus computed from the time of sending, not of listening.
///
/// ```
/// use std::time::{Duration, Instant};
/// use fishjam_sdk::agent::{Pacer, PacerStep, PacingOptions, PcmFormat, SampleRate};
///
/// let (format, start) = (PcmFormat::mono(SampleRate::Hz16000), Instant::now());
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
/// // 200 milliseconds immediately, then as much as the listener plays.
/// assert_eq!(format.duration_of(sent), Duration::from_millis(200));
/// assert_eq!(wait, PacerStep::Wait(start + Duration::from_millis(20)));
/// # Ok::<(), fishjam_sdk::Error>(())
/// ```
pub struct Pacer {
    format: PcmFormat,
    lead: Duration,
    /// The maximum number of bytes that wait.
    capacity: usize,
    /// Contains the start of the next frame.
    chunker: Chunker,
    /// The frames to be sent, in order.
    frames: VecDeque<Bytes>,
    /// The size of `frames`, in bytes.
    queued_bytes: usize,
    /// The number of `frames` at the front that a step returned and that were not sent yet.
    in_flight: usize,
    /// The size of the frames in flight, in bytes.
    in_flight_bytes: usize,
    /// Whether the next step is an interrupt of the track.
    interrupting: bool,
    /// The number of sample frames that were played before the current playback.
    played: u64,
    playback: Option<Playback>,
}

/// Audio that the listener plays without a gap.
#[derive(Clone, Copy)]
struct Playback {
    start: Instant,
    /// The number of sample frames that were sent.
    sent: u64,
}

/// The next step of a sender.
///
/// For an example, see [`Pacer`].
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PacerStep {
    /// Interrupt the track, which discards the audio that was sent and not played yet. Then call
    /// [`interrupted`](Pacer::interrupted).
    Interrupt,
    /// Send this audio, then call [`sent`](Pacer::sent). Until that call or an interrupt, [`next`](Pacer::next) returns
    /// the same step.
    Send(Bytes),
    /// Call [`next`](Pacer::next) again at this time, or after a push or an interrupt.
    Wait(Instant),
    /// Call [`next`](Pacer::next) again after a push or an interrupt.
    Idle,
}

/// The played and the discarded part of interrupted audio.
///
/// For an example, see [`PacedTrack::interrupt`](crate::agent::PacedTrack::interrupt).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Interruption {
    /// Duration of the audio that was played since the previous interrupt.
    pub played: Duration,
    /// Duration of the audio that was not played, whether it was sent or not.
    pub discarded: Duration,
}

impl Pacer {
    /// Creates a pacer for audio in this format.
    ///
    /// # Errors
    ///
    /// Returns an [`InvalidInput`](crate::ErrorKind::InvalidInput) error if the frame is shorter than one sample frame
    /// or longer than the lead.
    ///
    /// ```
    /// use std::time::Duration;
    /// use fishjam_sdk::agent::{Pacer, PacingOptions, PcmFormat, SampleRate};
    ///
    /// let too_much = PacingOptions::new().frame(Duration::from_secs(1));
    /// assert!(Pacer::new(PcmFormat::mono(SampleRate::Hz16000), too_much).is_err());
    /// # Ok::<(), fishjam_sdk::Error>(())
    /// ```
    pub fn new(format: PcmFormat, options: PacingOptions) -> Result<Self> {
        let chunker = Chunker::new(format, options.frame)?;
        if format.duration_of(chunker.frame_size()) > options.lead {
            return Err(Error::invalid_input(format!(
                "invalid frame: {:?} exceeds the lead of {:?}",
                options.frame, options.lead
            )));
        }
        Ok(Self {
            format,
            lead: options.lead,
            capacity: format.bytes_in(options.queue),
            chunker,
            frames: VecDeque::new(),
            queued_bytes: 0,
            in_flight: 0,
            in_flight_bytes: 0,
            interrupting: false,
            played: 0,
            playback: None,
        })
    }

    /// Returns the format of the audio.
    #[must_use]
    pub fn format(&self) -> PcmFormat {
        self.format
    }

    /// Adds audio behind the waiting audio. Returns `false`, and adds nothing, if the queue is full.
    ///
    /// An empty queue accepts audio of any length.
    ///
    /// # Errors
    ///
    /// Returns an [`InvalidInput`](crate::ErrorKind::InvalidInput) error if the audio does not consist of whole sample
    /// frames. A [`Chunker`] makes whole frames from a stream that is cut anywhere.
    pub fn push(&mut self, audio: &Bytes) -> Result<bool> {
        self.format.check(audio)?;
        let waiting = self.waiting();
        if waiting > 0 && waiting.saturating_add(audio.len()) > self.capacity {
            return Ok(false);
        }
        for frame in self.chunker.push(audio.clone()) {
            self.queued_bytes += frame.len();
            self.frames.push_back(frame);
        }
        Ok(true)
    }

    /// Returns the step to do now.
    pub fn next(&mut self, now: Instant) -> PacerStep {
        (self.in_flight, self.in_flight_bytes) = (0, 0);
        self.next_in_flight(now)
    }

    /// Returns the step to do now, while the audio of the steps before is being sent.
    ///
    /// The audio in flight counts as if it was sent now. If only [`sent`](Self::sent) decides when the next audio is
    /// due, the step is [`PacerStep::Idle`].
    pub(crate) fn next_in_flight(&mut self, now: Instant) -> PacerStep {
        if self.interrupting {
            return PacerStep::Interrupt;
        }
        let length = self.frames.get(self.in_flight).map_or(self.chunker.waiting(), Bytes::len);
        if length == 0 {
            return PacerStep::Idle;
        }
        let running = self.running(now);
        let Playback { start, sent } = running.unwrap_or(Playback { start: now, sent: 0 });
        let end = self.format.time_of(sent + self.frames_of(self.in_flight_bytes) + self.frames_of(length));
        let allowed = start + end.saturating_sub(self.lead);
        if now < allowed {
            return if running.is_some() { PacerStep::Wait(allowed) } else { PacerStep::Idle };
        }
        if self.frames.len() == self.in_flight {
            self.queued_bytes += length;
            self.frames.extend(self.chunker.flush());
        }
        match self.frames.get(self.in_flight) {
            Some(frame) => {
                self.in_flight += 1;
                self.in_flight_bytes += frame.len();
                PacerStep::Send(frame.clone())
            }
            None => PacerStep::Idle,
        }
    }

    /// Returns the playback if the listener has audio to play.
    fn running(&self, now: Instant) -> Option<Playback> {
        self.playback.filter(|playback| playback.start + self.format.time_of(playback.sent) > now)
    }

    /// Records that the audio of the step [`PacerStep::Send`] was sent now.
    ///
    /// After an interrupt, this call has no effect, because that audio is discarded.
    pub fn sent(&mut self, now: Instant) {
        self.sent_in_flight(now);
    }

    /// Records that the first audio in flight was sent now. Returns `true` if the playback starts with it.
    pub(crate) fn sent_in_flight(&mut self, now: Instant) -> bool {
        let Some(in_flight) = self.in_flight.checked_sub(1) else { return false };
        let Some(frame) = self.frames.pop_front() else { return false };
        self.in_flight = in_flight;
        self.in_flight_bytes -= frame.len();
        self.queued_bytes -= frame.len();
        let sent = self.frames_of(frame.len());
        let running = self.running(now);
        match (&mut self.playback, running) {
            (Some(playback), Some(_)) => playback.sent += sent,
            // The first audio, or the first after a gap.
            (other, _) => {
                self.played += other.map_or(0, |playback| playback.sent);
                *other = Some(Playback { start: now, sent });
            }
        }
        running.is_none()
    }

    /// Drops all waiting audio. Returns the played and the discarded duration.
    ///
    /// The next step is then [`PacerStep::Interrupt`]. Audio that is pushed from now on is sent after it.
    pub fn interrupt(&mut self, now: Instant) -> Interruption {
        let played = self.played_frames(now);
        let discarded = self.end().saturating_sub(played);
        self.frames.clear();
        self.chunker.clear();
        self.queued_bytes = 0;
        (self.in_flight, self.in_flight_bytes) = (0, 0);
        self.interrupting = true;
        self.played = 0;
        self.playback = None;
        Interruption { played: self.format.time_of(played), discarded: self.format.time_of(discarded) }
    }

    /// Records that the track was interrupted.
    pub fn interrupted(&mut self) {
        self.interrupting = false;
    }

    /// Returns the duration of the audio that was played since the last interrupt.
    #[must_use]
    pub fn position(&self, now: Instant) -> Duration {
        self.format.time_of(self.played_frames(now))
    }

    /// Returns the duration of the audio that was sent and not played yet.
    #[must_use]
    pub fn lead(&self, now: Instant) -> Duration {
        self.playback.map_or(Duration::ZERO, |playback| {
            (playback.start + self.format.time_of(playback.sent)).saturating_duration_since(now)
        })
    }

    /// Returns the duration of the audio that waits to be sent.
    #[must_use]
    pub fn queued(&self) -> Duration {
        self.format.duration_of(self.waiting())
    }

    /// Returns `true` if there is audio behind the audio in flight.
    pub(crate) fn has_next(&self) -> bool {
        self.frames.len() > self.in_flight || self.chunker.waiting() > 0
    }

    /// Returns `true` if no audio and no interrupt waits.
    pub(crate) fn is_idle(&self) -> bool {
        self.waiting() == 0 && !self.interrupting
    }

    /// Returns the number of sample frames that were played since the last interrupt.
    pub(crate) fn played_frames(&self, now: Instant) -> u64 {
        let in_playback = self.playback.map_or(0, |playback| {
            self.format.frames_in(now.saturating_duration_since(playback.start)).min(playback.sent)
        });
        self.played + in_playback
    }

    /// Returns the number of sample frames since the last interrupt, sent or waiting.
    pub(crate) fn end(&self) -> u64 {
        self.played + self.playback.map_or(0, |playback| playback.sent) + self.frames_of(self.waiting())
    }

    /// Returns the number of sample frames in this many bytes.
    pub(crate) fn frames_of(&self, bytes: usize) -> u64 {
        (bytes / self.format.frame_size()) as u64
    }

    /// Returns the number of bytes that wait.
    fn waiting(&self) -> usize {
        self.queued_bytes + self.chunker.waiting()
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
