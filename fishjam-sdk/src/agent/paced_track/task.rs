//! Lets a pacer send: on tokio's clock, in a task of its own.

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

/// Where paced audio goes.
pub(super) trait Outlet: Send + 'static {
    /// Sends audio; done when it is on its way. It is dropped before that only for an interrupt that follows: what was
    /// begun is then discarded with the rest, or not sent at all.
    fn send(&mut self, audio: Bytes) -> impl Future<Output = Result<()>> + Send;

    /// Has everything discarded that was sent and is not played yet.
    fn interrupt(&mut self) -> impl Future<Output = Result<()>> + Send;
}

/// What the handles of a paced track and its task have in common.
#[derive(Debug)]
pub(super) struct Shared {
    state: Mutex<State>,
    /// Whose turn it is to add audio: one after the other, in the order in which they asked.
    pub(super) turn: sync::Mutex<()>,
    /// There is something else to do. Only the task waits for this.
    changed: Notify,
    /// What is being sent is not needed any more. Only the task waits for this.
    cut: Notify,
    /// Something was sent, interrupted or ended: for everybody who waits for the like.
    progress: Notify,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) pacer: Pacer,
    /// What lasts until the next interrupt.
    pub(super) stretch: Arc<Stretch>,
    /// Interrupts asked for, and done.
    interrupts: u64,
    interrupted: u64,
    /// Why nothing is sent any more.
    ended: Option<Error>,
}

/// The time between two interrupts.
#[derive(Debug, Default)]
pub(super) struct Stretch {
    /// Set by the interrupt that ends it: the sample frames that were played.
    played: OnceLock<u64>,
    over: Notify,
}

impl Stretch {
    /// The sample frames that were played, if it is over.
    pub(super) fn played(&self) -> Option<u64> {
        self.played.get().copied()
    }

    /// Waits for the interrupt that ends it.
    pub(super) async fn over(&self) {
        let over = self.over.notified();
        if self.played().is_none() {
            over.await;
        }
    }
}

/// The present, on the clock that tokio's timers go by.
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
            state: Mutex::new(State { pacer, stretch: Arc::default(), interrupts: 0, interrupted: 0, ended: None }),
            turn: sync::Mutex::new(()),
            changed: Notify::new(),
            cut: Notify::new(),
            progress: Notify::new(),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds audio to a stretch as soon as there is room, and says at which sample frame; `None` if the stretch is over.
    pub(super) async fn push(&self, stretch: &Stretch, audio: &Bytes) -> Result<Option<u64>> {
        let _turn = select! {
            biased;
            () = stretch.over() => return Ok(None),
            turn = self.turn.lock() => turn,
        };
        loop {
            let progress = self.progress.notified();
            {
                let mut state = self.lock();
                if stretch.played().is_some() {
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

    /// Interrupts, and returns when the track was told so.
    pub(super) async fn interrupt(&self) -> Result<Interruption> {
        let (interruption, number) = {
            let mut state = self.lock();
            state.check()?;
            let now = now();
            let played = state.pacer.played_frames(now);
            let interruption = state.pacer.interrupt(now);
            let stretch = std::mem::take(&mut state.stretch);
            // Nobody else sets it: a stretch is over once it is no longer the present one.
            let _ = stretch.played.set(played);
            stretch.over.notify_waiters();
            state.interrupts += 1;
            // Before the task can see the interrupt, lest it cuts what is sent after it.
            self.cut.notify_one();
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

    /// Waits for the interrupt that ends the stretch, or for the end of the sending.
    pub(super) async fn over(&self, stretch: &Stretch) {
        loop {
            let progress = self.progress.notified();
            if stretch.played().is_some() || self.lock().ended.is_some() {
                return;
            }
            progress.await;
        }
    }

    /// Lets nothing be sent any more, for this reason.
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
        // Nothing was sent since the first of them was asked for, so one was enough for all.
        state.interrupted = state.interrupts;
        drop(state);
        self.progress.notify_waiters();
    }
}

/// That a task sends. However the task ends, the handles hear of it: also if its runtime ends under it.
pub(super) struct Serving(pub(super) Arc<Shared>);

impl Drop for Serving {
    fn drop(&mut self) {
        let gone = "the task behind the paced track ended, as it does when its runtime is shut down";
        self.0.end(Error::new(ErrorKind::Closed).message_text(gone));
    }
}

/// Sends until sending fails.
pub(super) async fn drive(mut outlet: impl Outlet, serving: Serving) {
    let shared = &serving.0;
    loop {
        let step = shared.lock().pacer.next(now());
        let done = match step {
            PacerStep::Interrupt => outlet.interrupt().await.map(|()| shared.interrupted()),
            PacerStep::Send(audio) => select! {
                biased;
                () = shared.cut.notified() => Ok(()),
                sent = outlet.send(audio) => sent.map(|()| shared.sent()),
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
