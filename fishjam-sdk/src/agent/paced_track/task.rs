//! The task that sends the audio of a paced track.

use std::{
    future::Future,
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
    error::{Error, ErrorKind, Result},
};

/// The destination of paced audio.
pub(super) trait AudioSink: Send + 'static {
    /// Sends audio. Returns when the socket has it.
    ///
    /// The caller drops the future only for an interrupt that follows. The interrupt discards the audio, even if it was
    /// sent partly.
    fn send(&mut self, audio: Bytes) -> impl Future<Output = Result<()>> + Send;

    /// Discards the audio that was sent and not played yet.
    fn interrupt(&mut self) -> impl Future<Output = Result<()>> + Send;
}

/// The state that the handles of a paced track share with its task.
#[derive(Debug)]
pub(super) struct Shared {
    state: Mutex<State>,
    /// Serializes the senders in the order of their calls: the lock is fair.
    pub(super) send_lock: sync::Mutex<()>,
    /// Wakes the task after a push or an interrupt.
    changed: Notify,
    /// Makes the task drop the audio that it is sending.
    discard: Notify,
    /// Wakes all waiting handles after audio was sent, an interrupt, or the end.
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
            state: Mutex::new(State { pacer, epoch: Arc::default(), interrupts: 0, interrupted: 0, ended: None }),
            send_lock: sync::Mutex::new(()),
            changed: Notify::new(),
            discard: Notify::new(),
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
            let progress = self.progress.notified();
            {
                let mut state = self.lock();
                if epoch.played().is_some() {
                    return Ok(None);
                }
                state.check()?;
                let start = state.pacer.end();
                if state.pacer.push(audio)? {
                    self.changed.notify_one();
                    return Ok(Some(start));
                }
            }
            progress.await;
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
            // The lock is still held, so the task discards audio of this epoch only, and not later audio.
            self.discard.notify_one();
            (interruption, state.interrupts)
        };
        self.changed.notify_one();
        self.progress.notify_waiters();
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
        self.progress.notify_waiters();
    }

    fn sent(&self) {
        self.lock().pacer.sent(now());
        self.progress.notify_waiters();
    }

    fn interrupted(&self) {
        let mut state = self.lock();
        state.pacer.interrupted();
        // Nothing was sent since the first request, so one interrupt is enough for all requests.
        state.interrupted = state.interrupts;
        drop(state);
        self.progress.notify_waiters();
    }
}

/// Reports the end of the task to the handles, even if the runtime drops the task.
pub(super) struct TaskGuard(pub(super) Arc<Shared>);

impl Drop for TaskGuard {
    fn drop(&mut self) {
        let message = "the paced track's task ended, for example because its runtime was shut down";
        self.0.end(Error::new(ErrorKind::Closed).message_text(message));
    }
}

/// Sends until sending fails.
pub(super) async fn run(mut sink: impl AudioSink, guard: TaskGuard) {
    let shared = &guard.0;
    loop {
        let step = shared.lock().pacer.next(now());
        let done = match step {
            PacerStep::Interrupt => sink.interrupt().await.map(|()| shared.interrupted()),
            PacerStep::Send(audio) => select! {
                biased;
                () = shared.discard.notified() => Ok(()),
                sent = sink.send(audio) => sent.map(|()| shared.sent()),
            },
            PacerStep::Wait(until) => {
                select! {
                    () = sleep_until(until.into()) => {}
                    () = shared.changed.notified() => {}
                }
                Ok(())
            }
            PacerStep::Idle => {
                shared.changed.notified().await;
                Ok(())
            }
        };
        if let Err(error) = done {
            return shared.end(error);
        }
    }
}
