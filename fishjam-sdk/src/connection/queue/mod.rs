//! What waits for one consumer: bounded, with a choice of what happens when the consumer is too slow.

mod reader;
mod storage;

use std::{
    sync::{Arc, PoisonError, atomic::Ordering::Relaxed},
    task::{Context, Poll, Waker},
};

pub(crate) use self::{
    reader::{QueueItem, Reader},
    storage::{Item, Items, QueueStorage, prefix},
};
use crate::{
    error::Error,
    sync::{AtomicBool, AtomicUsize, AtomicWaker, Mutex, MutexGuard},
};

/// What happens when a consumer does not keep up and its queue is full.
///
/// A queue is full if another item would exceed its limit of items or its limit of bytes. An empty queue accepts an item
/// that is larger than the limit of bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Overflow {
    /// Nothing is lost: the connection is read no further until there is room, for all its consumers. The server
    /// is shown that the connection lives, but it may have limits of its own for what it keeps.
    #[default]
    Wait,
    /// The oldest waiting notifications or messages are dropped and counted:
    /// [`Event::Dropped`](crate::events::Event::Dropped), or
    /// [`AgentMessage::Dropped`](crate::agent::AgentMessage::Dropped), comes before what still waits. One large item may
    /// replace many small ones. A
    /// [`Gap`](crate::events::Gap) is kept as long as there is anything else to drop; a notification that could not have
    /// been read is counted like any other. Other consumers are not held up.
    DropOldest,
}

/// The limits of a queue.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// The maximum number of items; at least 1.
    pub(crate) items: usize,
    /// The maximum size of all items, in bytes, unless there is only one.
    pub(crate) bytes: usize,
    /// What happens at a limit.
    pub(crate) overflow: Overflow,
}

/// The items that wait for one consumer, which takes them with a [`Reader`].
#[derive(Debug)]
pub(crate) struct Queue<L> {
    limits: Limits,
    waiting: Mutex<QueueState<L>>,
    /// How many items the reader has taken and not read; they count as waiting.
    unread: AtomicUsize,
    /// The size of these items, in bytes.
    unread_bytes: AtomicUsize,
    /// Somebody waits for room.
    writer_waiting: AtomicBool,
    /// The task that waits for room. It is woken when there is room, or when nobody needs it.
    room: AtomicWaker,
}

#[derive(Debug)]
struct QueueState<L> {
    /// `None` if nobody reads any more.
    items: Option<L>,
    /// How many items have been taken, dropped or let go.
    gone: u64,
    dropped: u64,
    consumer: Option<Waker>,
    /// Nothing comes any more; an error is the last thing to read.
    ended: bool,
    /// See [`Reader::watch_losses`].
    count_losses: Option<fn(&L, usize) -> usize>,
    /// The number of losses: those among the pushed lists, the dropped items and the end.
    losses: usize,
    error: Option<Error>,
}

impl<L: QueueStorage> Queue<L> {
    pub(crate) fn new(limits: Limits) -> Self {
        let waiting = QueueState {
            items: Some(L::default()),
            gone: 0,
            dropped: 0,
            consumer: None,
            ended: false,
            count_losses: None,
            losses: 0,
            error: None,
        };
        Self {
            limits: Limits { items: limits.items.max(1), ..limits },
            waiting: Mutex::new(waiting),
            unread: AtomicUsize::new(0),
            unread_bytes: AtomicUsize::new(0),
            writer_waiting: AtomicBool::new(false),
            room: AtomicWaker::new(),
        }
    }

    /// The consumer's end. There is one: the queue is abandoned when it is dropped.
    pub(crate) fn reader(self: Arc<Self>) -> Reader<L> {
        Reader::new(self)
    }

    /// Adds an item; returns it if there is no room and it has to wait.
    pub(crate) fn push(&self, item: L::Item) -> Result<(), L::Item> {
        let mut waiting = self.lock();
        let size = L::size(&item);
        while waiting.wanted().is_some_and(|items| !self.fits(items, size)) {
            if !self.drop_oldest(&mut waiting) {
                return Err(item);
            }
        }
        if let Some(items) = waiting.wanted() {
            items.push(item);
        }
        Self::wake(waiting);
        Ok(())
    }

    /// Adds as many of the items as there is room for; the others stay where they are.
    pub(crate) fn push_all(&self, more: &mut L) {
        if more.is_empty() {
            return;
        }
        let mut waiting = self.lock();
        let count_losses = waiting.count_losses;
        while !more.is_empty() {
            let Some(items) = waiting.wanted() else {
                more.clear();
                break;
            };
            let count = self.fitting(items, more);
            if count == 0 {
                if self.drop_oldest(&mut waiting) {
                    continue;
                }
                break;
            }
            let losses = count_losses.map_or(0, |count_losses| count_losses(more, count));
            if items.is_empty() && count == more.len() {
                // All of them at once, without moving one.
                std::mem::swap(items, more);
            } else {
                more.move_to(items, count);
            }
            waiting.losses += losses;
        }
        Self::wake(waiting);
    }

    /// Returns `true` if there is room for an item of this size.
    fn fits(&self, items: &L, size: usize) -> bool {
        let waiting = self.unread.load(Relaxed) + items.len();
        let bytes = self.unread_bytes.load(Relaxed) + items.bytes();
        waiting == 0 || (waiting < self.limits.items && bytes.saturating_add(size) <= self.limits.bytes)
    }

    /// Returns how many of the first of these items there is room for.
    fn fitting(&self, items: &L, more: &L) -> usize {
        let waiting = self.unread.load(Relaxed) + items.len();
        let bytes = self.unread_bytes.load(Relaxed) + items.bytes();
        let count = self.limits.items.saturating_sub(waiting);
        let fitting = more.fitting(count, self.limits.bytes.saturating_sub(bytes));
        if waiting == 0 { fitting.max(1) } else { fitting }
    }

    /// Makes room if the policy permits that. Returns `false` if the items that do not fit have to wait.
    fn drop_oldest(&self, waiting: &mut QueueState<L>) -> bool {
        match &mut waiting.items {
            Some(items) if self.limits.overflow == Overflow::DropOldest && !items.is_empty() => {
                items.drop_oldest();
                waiting.gone += 1;
                waiting.dropped += 1;
                waiting.losses += 1;
                true
            }
            _ => false,
        }
    }

    /// Waits until there may be room for an item of this size. One task can wait.
    pub(crate) fn poll_room(&self, size: usize, cx: &mut Context<'_>) -> Poll<()> {
        // The waker and the flag come before the check. A reader that makes room after the check thus finds both: it
        // takes the lock for its next batch at the latest.
        self.room.register(cx.waker());
        self.writer_waiting.store(true, Relaxed);
        let full = self.lock().wanted().is_some_and(|items| !self.fits(items, size));
        if full { Poll::Pending } else { Poll::Ready(()) }
    }
}

impl<L> QueueState<L> {
    /// Returns the list that new items go to, or `None` if the consumer is gone or the queue has ended.
    fn wanted(&mut self) -> Option<&mut L> {
        self.items.as_mut().filter(|_| !self.ended)
    }
}

impl<L> Queue<L> {
    fn lock(&self) -> MutexGuard<'_, QueueState<L>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake(mut waiting: MutexGuard<'_, QueueState<L>>) {
        let consumer = waiting.consumer.take();
        drop(waiting);
        if let Some(consumer) = consumer {
            consumer.wake();
        }
    }

    /// Nothing comes after what already waits, except this error.
    pub(crate) fn end(&self, error: Option<Error>) {
        let mut waiting = self.lock();
        waiting.ended = true;
        waiting.losses += 1;
        waiting.error = error;
        Self::wake(waiting);
        self.room.wake();
    }

    pub(crate) fn is_abandoned(&self) -> bool {
        self.lock().items.is_none()
    }
}
