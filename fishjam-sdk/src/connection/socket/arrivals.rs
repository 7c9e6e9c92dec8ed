//! Whether a socket may have something to read.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use futures_util::task::AtomicWaker;
use tokio::task::coop::has_budget_remaining;

/// Skips the reads of a socket to which nothing has arrived.
///
/// The WebSocket crate clears its buffer before each read, even if the read finds nothing. A session that sends audio
/// runs 50 times per second and track. The buffers of many sessions do not fit into the processor's caches, so these
/// reads would make each chunk more expensive.
pub(super) struct Arrivals {
    wakeup: Arc<Wakeup>,
    /// Wakes the task, and notes the wake-up.
    waker: Waker,
}

struct Wakeup {
    /// Whether the connection woke the task since the last read that found nothing.
    noted: AtomicBool,
    task: AtomicWaker,
}

impl Arrivals {
    pub(super) fn new() -> Self {
        let wakeup = Arc::new(Wakeup { noted: AtomicBool::new(true), task: AtomicWaker::new() });
        Self { waker: Waker::from(Arc::clone(&wakeup)), wakeup }
    }

    /// Calls `read`, unless the last call returned `Pending` and the connection has not woken the task since then.
    pub(super) fn poll_read<T>(&self, cx: &mut Context<'_>, read: impl FnOnce(&mut Context<'_>) -> Poll<T>) -> Poll<T> {
        let Wakeup { noted, task } = &*self.wakeup;
        // The waker is registered before the check, so no wake-up between the two is missed.
        task.register(cx.waker());
        if !noted.swap(false, Ordering::SeqCst) {
            return Poll::Pending;
        }
        let polled = read(&mut Context::from_waker(&self.waker));
        // After a message, more data can wait, for which the connection registers no waker. Without budget, the read did not
        // reach the connection, and the task can run again before Tokio wakes it.
        if polled.is_ready() || !has_budget_remaining() {
            self.note();
        }
        polled
    }

    /// Makes the next call read. The connection can have failed before it wakes the task.
    pub(super) fn note(&self) {
        self.wakeup.noted.store(true, Ordering::SeqCst);
    }
}

impl Wake for Wakeup {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.noted.store(true, Ordering::SeqCst);
        self.task.wake();
    }
}

#[cfg(test)]
mod tests {
    use std::{
        cell::Cell,
        future::{Future, poll_fn},
        pin::pin,
    };

    use tokio::task::{coop::consume_budget, yield_now};

    use super::*;

    #[test]
    fn socket_is_read_only_after_a_wake_up() {
        let arrivals = Arrivals::new();
        let (reads, found) = (Cell::new(0), Cell::new(false));
        let mut cx = Context::from_waker(Waker::noop());
        let mut poll = || {
            arrivals.poll_read(&mut cx, |_| {
                reads.set(reads.get() + 1);
                if found.get() { Poll::Ready(()) } else { Poll::Pending }
            })
        };
        for _ in 0..3 {
            assert!(poll().is_pending());
        }
        assert_eq!(reads.get(), 1);
        arrivals.waker.wake_by_ref();
        found.set(true);
        assert!(poll().is_ready() && poll().is_ready());
        assert_eq!(reads.get(), 3);
        found.set(false);
        assert!(poll().is_pending() && poll().is_pending());
        assert_eq!(reads.get(), 4);
    }

    #[tokio::test]
    async fn read_without_budget_is_repeated() {
        let arrivals = Arrivals::new();
        let reads = Cell::new(0);
        let poll = |cx: &mut Context<'_>| {
            arrivals.poll_read(cx, |_| {
                reads.set(reads.get() + 1);
                Poll::<()>::Pending
            })
        };
        poll_fn(|cx| {
            while has_budget_remaining() {
                let _ = pin!(consume_budget()).poll(cx);
            }
            assert!(poll(cx).is_pending() && poll(cx).is_pending());
            Poll::Ready(())
        })
        .await;
        assert_eq!(reads.get(), 2);
        yield_now().await;
        let poll_once = || poll_fn(|cx| Poll::Ready(poll(cx).is_pending()));
        assert!(poll_once().await && poll_once().await);
        assert_eq!(reads.get(), 3);
        arrivals.note();
        assert!(poll_once().await);
        assert_eq!(reads.get(), 4);
    }

    #[test]
    fn wake_up_during_a_read_causes_another_read() {
        let arrivals = Arrivals::new();
        let reads = Cell::new(0);
        let mut cx = Context::from_waker(Waker::noop());
        let mut poll = || {
            arrivals.poll_read(&mut cx, |cx| {
                reads.set(reads.get() + 1);
                if reads.get() == 1 {
                    cx.waker().wake_by_ref();
                }
                Poll::<()>::Pending
            })
        };
        for _ in 0..3 {
            assert!(poll().is_pending());
        }
        assert_eq!(reads.get(), 2);
    }
}
