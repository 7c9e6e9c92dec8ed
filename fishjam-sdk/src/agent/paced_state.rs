//! The state that the handles of a paced track share with its task and with the session's task.

use std::{
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Instant,
};

use bytes::Bytes;
use tokio::{
    select,
    sync::{self, Notify},
    time::{self, sleep_until},
};

use crate::{
    audio::{Interruption, Pacer, PacerStep},
    error::{Error, Result},
};

/// The state that the handles of a paced track share with its task.
#[derive(Debug)]
pub(super) struct Shared {
    state: Mutex<State>,
    /// Serializes the senders in the order of their calls: the lock is fair.
    pub(super) send_lock: sync::Mutex<()>,
    /// Wakes the task if its next step has changed.
    pub(super) changed: Notify,
    /// Wakes the handle that waits for room after audio was sent, an interrupt, or the end.
    room: Notify,
    /// Wakes the other handles after the last audio was sent, an interrupt, or the end.
    progress: Notify,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) pacer: Pacer,
    /// The time since the last interrupt.
    pub(super) epoch: Arc<UtteranceEpoch>,
    /// The number of requested interrupts.
    interrupts: u64,
    /// The number of interrupts that the track has received.
    interrupted: u64,
    /// Whether the session dropped queued audio, because it has ended.
    lost: bool,
    /// The reason why no audio is sent any more.
    ended: Option<Error>,
}

/// The time between two interrupts.
#[derive(Debug, Default)]
pub(super) struct UtteranceEpoch {
    /// The number of sample frames that were played. The interrupt that ends the epoch sets it.
    played: OnceLock<u64>,
    ended: Notify,
}

impl UtteranceEpoch {
    /// Returns the number of sample frames that were played, if the epoch has ended.
    pub(super) fn played(&self) -> Option<u64> {
        self.played.get().copied()
    }

    /// Waits for the interrupt that ends the epoch.
    pub(super) async fn ended(&self) {
        // The future is created before the check, so an interrupt in between wakes it.
        let ended = self.ended.notified();
        if self.played().is_none() {
            ended.await;
        }
    }
}

/// Returns the current time of the clock of tokio's timers.
pub(super) fn now() -> Instant {
    time::Instant::now().into_std()
}

impl State {
    pub(super) fn check(&self) -> Result<()> {
        self.ended.clone().map_or(Ok(()), Err)
    }
}

impl Shared {
    pub(super) fn new(pacer: Pacer) -> Self {
        Self {
            state: Mutex::new(State {
                pacer,
                epoch: Arc::default(),
                interrupts: 0,
                interrupted: 0,
                lost: false,
                ended: None,
            }),
            send_lock: sync::Mutex::new(()),
            changed: Notify::new(),
            room: Notify::new(),
            progress: Notify::new(),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds audio to an epoch once the queue has room. Returns the number of its first sample frame.
    ///
    /// Returns `None` if the epoch has ended.
    pub(super) async fn push(&self, epoch: &UtteranceEpoch, audio: &Bytes) -> Result<Option<u64>> {
        let _send_lock = select! {
            biased;
            () = epoch.ended() => return Ok(None),
            send_lock = self.send_lock.lock() => send_lock,
        };
        loop {
            let room = self.room.notified();
            {
                let mut state = self.lock();
                if epoch.played().is_some() {
                    return Ok(None);
                }
                state.check()?;
                let start = state.pacer.end();
                // If there is a next frame, the task knows its time.
                let idle = !state.pacer.has_next();
                if state.pacer.push(audio)? {
                    if idle {
                        self.changed.notify_one();
                    }
                    return Ok(Some(start));
                }
            }
            room.await;
        }
    }

    /// Ends the epoch. Waits until the track has received the interrupt.
    pub(super) async fn interrupt(&self) -> Result<Interruption> {
        let (interruption, number) = {
            let mut state = self.lock();
            state.check()?;
            let now = now();
            let played = state.pacer.played_frames(now);
            let interruption = state.pacer.interrupt(now);
            let epoch = std::mem::take(&mut state.epoch);
            // The value was not set before: an interrupt removes the epoch from the state.
            let _ = epoch.played.set(played);
            epoch.ended.notify_waiters();
            state.interrupts += 1;
            (interruption, state.interrupts)
        };
        self.changed.notify_one();
        self.wake_handles();
        loop {
            let progress = self.progress.notified();
            {
                let state = self.lock();
                if state.interrupted >= number {
                    return Ok(interruption);
                }
                state.check()?;
            }
            progress.await;
        }
    }

    /// Waits until all audio was sent and played.
    pub(super) async fn drained(&self) -> Result<()> {
        loop {
            let progress = self.progress.notified();
            let played = {
                let state = self.lock();
                state.check()?;
                let now = now();
                state.pacer.is_idle().then(|| now + state.pacer.lead(now))
            };
            match played {
                Some(until) if until <= now() => return Ok(()),
                Some(until) => select! {
                    () = sleep_until(until.into()) => {}
                    () = progress => {}
                },
                None => progress.await,
            }
        }
    }

    /// Waits for the interrupt that ends the epoch, or for the end of the track.
    pub(super) async fn ended(&self, epoch: &UtteranceEpoch) {
        loop {
            let progress = self.progress.notified();
            if epoch.played().is_some() || self.lock().ended.is_some() {
                return;
            }
            progress.await;
        }
    }

    /// Ends the track for this reason. Later calls have no effect.
    pub(super) fn end(&self, reason: Error) {
        self.lock().ended.get_or_insert(reason);
        self.wake_handles();
    }

    fn wake_handles(&self) {
        self.room.notify_waiters();
        self.progress.notify_waiters();
    }

    /// Returns the next step of the task.
    pub(super) fn next(self: &Arc<Self>) -> Step {
        let mut state = self.lock();
        if state.lost {
            return Step::Lost;
        }
        match state.pacer.next_in_flight(now()) {
            PacerStep::Interrupt => Step::Interrupt,
            PacerStep::Send(audio) => {
                let epoch = Arc::clone(&state.epoch);
                Step::Send(audio, FlushNotice { shared: Arc::clone(self), epoch, flushed: false })
            }
            PacerStep::Wait(until) => Step::Wait(until),
            PacerStep::Idle => Step::Idle,
        }
    }

    pub(super) fn interrupted(&self) {
        let mut state = self.lock();
        state.pacer.interrupted();
        // Nothing was sent since the first request, so one interrupt is enough for all requests.
        state.interrupted = state.interrupts;
        drop(state);
        self.progress.notify_waiters();
    }
}

/// The next step of the task.
pub(super) enum Step {
    /// Interrupt the track.
    Interrupt,
    /// Queue this audio.
    Send(Bytes, FlushNotice),
    /// Continue at this time, or after a change.
    Wait(Instant),
    /// Continue after a change.
    Idle,
    /// The session dropped the queued audio.
    Lost,
}

/// Reports to a paced track that the socket has written a frame.
///
/// This costs no message and no run of the track's task, unless the playback starts with the frame.
#[derive(Debug)]
pub(super) struct FlushNotice {
    shared: Arc<Shared>,
    /// The time between two interrupts to which the frame belongs. Later, the notice has no effect.
    epoch: Arc<UtteranceEpoch>,
    flushed: bool,
}

impl FlushNotice {
    pub(super) fn epoch(&self) -> Arc<UtteranceEpoch> {
        Arc::clone(&self.epoch)
    }

    /// Records that the socket has written the frame, or lost it with the connection.
    pub(super) fn flushed(mut self) {
        self.flushed = true;
        let Shared { changed, room, progress, .. } = &*self.shared;
        let mut state = self.shared.lock();
        // An interrupt sets this while it holds the lock.
        if self.epoch.played().is_some() {
            return;
        }
        let starts = state.pacer.sent_in_flight(now());
        let idle = state.pacer.is_idle();
        drop(state);
        if starts {
            // The task can wait for the time at which the playback starts.
            changed.notify_one();
        }
        room.notify_waiters();
        if idle {
            progress.notify_waiters();
        }
    }
}

impl Drop for FlushNotice {
    /// Reports that the frame will never be written.
    fn drop(&mut self) {
        if !self.flushed && self.epoch.played().is_none() {
            self.shared.lock().lost = true;
            self.shared.changed.notify_one();
        }
    }
}
