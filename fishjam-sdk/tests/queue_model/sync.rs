//! The primitives of the SDK's module `sync`, from loom.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, Waker},
};

pub(crate) use loom::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicBool, AtomicUsize},
};

/// A model of tokio's `Notify`, reduced to what the notifier uses.
#[derive(Debug)]
pub(crate) struct Notify(Mutex<State>);

#[derive(Debug)]
struct State {
    /// Number of calls of [`Notify::notify_waiters`].
    calls: usize,
    /// [`Notify::notify_one`] was called when no future waited.
    permit: bool,
    waiters: Vec<Waker>,
}

impl Notify {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(State { calls: 0, permit: false, waiters: Vec::new() }))
    }

    pub(crate) fn notified(&self) -> Notified<'_> {
        Notified { notify: self, calls: self.lock().calls }
    }

    pub(crate) fn notify_waiters(&self) {
        let mut state = self.lock();
        state.calls += 1;
        let waiters = std::mem::take(&mut state.waiters);
        drop(state);
        waiters.into_iter().for_each(Waker::wake);
    }

    /// The permit of tokio's `Notify`. There is one waiter at most in this model, so waking all wakes one.
    pub(crate) fn notify_one(&self) {
        let mut state = self.lock();
        state.permit = true;
        let waiters = std::mem::take(&mut state.waiters);
        drop(state);
        waiters.into_iter().for_each(Waker::wake);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }
}

/// Is ready after a call of [`Notify::notify_waiters`] since its creation, or with the permit.
#[derive(Debug)]
pub(crate) struct Notified<'a> {
    notify: &'a Notify,
    calls: usize,
}

impl Notified<'_> {
    /// Does nothing: unlike tokio's future, this one misses no call after its creation.
    pub(crate) fn enable(self: Pin<&mut Self>) {}
}

impl Future for Notified<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.notify.lock();
        if state.calls != self.calls || std::mem::take(&mut state.permit) {
            return Poll::Ready(());
        }
        state.waiters.push(cx.waker().clone());
        Poll::Pending
    }
}
