//! A bounded queue with one reader, and a policy for a slow reader.

mod items;
mod reader;
mod storage;

use std::{
    sync::{Arc, PoisonError, atomic::Ordering::Relaxed},
    task::{Context, Poll, Waker},
};

pub(crate) use self::{
    items::{Item, Items},
    reader::{QueueItem, Reader},
    storage::QueueStorage,
};
use crate::{
    error::Error,
    sync::{AtomicBool, AtomicUsize, AtomicWaker, Mutex, MutexGuard},
};

/// Policy for a full queue, when a consumer is too slow.
///
/// A queue is full if another item would exceed its limit of items or its limit of bytes. An empty queue accepts an
/// item that is larger than the limit of bytes.
///
/// ```
/// use fishjam_sdk::{FishjamNotifier, Overflow};
///
/// let notifier = FishjamNotifier::builder("my-fishjam-id", "my-management-token")
///     .queue(10_000, Overflow::DropOldest)
///     .build()?;
/// # Ok::<(), fishjam_sdk::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Overflow {
    /// The connection pauses its reads until the queue has room.
    ///
    /// No notification or message is lost in the SDK. All consumers of the connection wait. Meanwhile, the connection
    /// sends pongs. The server may limit the amount of data that it keeps for a slow connection.
    #[default]
    Wait,
    /// The queue drops its oldest notifications or messages.
    ///
    /// The consumer receives their number before the next item, as [`Event::Dropped`](crate::events::Event::Dropped) or
    /// [`AgentMessage::Dropped`](crate::agent::AgentMessage::Dropped). One large item can replace many small items. A
    /// [`Gap`](crate::events::Gap) is dropped only if there is no other item. The number includes notifications that
    /// the SDK cannot decode. Other consumers do not wait.
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

/// The items that wait for a [`Reader`].
///
/// The writer is a connection's task, and the reader can be any task. The lock protects the items. The reader takes a
/// batch of them under one lock, and publishes with atomics how much of the batch it has not read: these items still
/// count.
#[derive(Debug)]
pub(crate) struct Queue<L> {
    limits: Limits,
    waiting: Mutex<QueueState<L>>,
    /// The number of items in the reader's batch.
    unread: AtomicUsize,
    /// The size of the items in the reader's batch, in bytes.
    unread_bytes: AtomicUsize,
    /// Whether the writer waits for room. It saves the reader a wake-up per item.
    writer_waiting: AtomicBool,
    /// The task of the writer. It is woken when there is room, and when the queue ends or loses its reader.
    room: AtomicWaker,
}

#[derive(Debug)]
struct QueueState<L> {
    /// `None` after the reader has left.
    items: Option<L>,
    /// The number of items that the reader took, or that were dropped or discarded.
    gone: u64,
    /// The number of dropped items that the reader has not seen.
    dropped: u64,
    /// The task of the reader, if it waits for an item.
    consumer: Option<Waker>,
    /// Whether the queue accepts no more items. The error, if any, is read last.
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

    /// Creates the only reader. If it is dropped, the queue discards all items.
    pub(crate) fn reader(self: Arc<Self>) -> Reader<L> {
        Reader::new(self)
    }

    /// Adds an item. Returns the item if there is no room.
    pub(crate) fn push(&self, item: L::Item) -> Result<(), L::Item> {
        let mut waiting = self.lock();
        let size = L::size(&item);
        while waiting.open_items().is_some_and(|items| !self.fits(items, size)) {
            if !self.drop_oldest(&mut waiting) {
                return Err(item);
            }
        }
        if let Some(items) = waiting.open_items() {
            items.push(item);
        }
        Self::wake(waiting);
        Ok(())
    }

    /// Adds as many of the items as there is room for. The other items stay in `more`.
    pub(crate) fn push_all(&self, more: &mut L) {
        if more.is_empty() {
            return;
        }
        let mut waiting = self.lock();
        let count_losses = waiting.count_losses;
        while !more.is_empty() {
            let Some(items) = waiting.open_items() else {
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
                // The whole list, without a copy of any item.
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
        // The waker and the flag are set before the check. A reader that makes room after the check thus finds both. If
        // the reader misses the relaxed flag, it reads the flag again under the lock of its next batch.
        self.room.register(cx.waker());
        self.writer_waiting.store(true, Relaxed);
        let full = self.lock().open_items().is_some_and(|items| !self.fits(items, size));
        if full { Poll::Pending } else { Poll::Ready(()) }
    }
}

impl<L> QueueState<L> {
    /// Returns the list that new items go to, or `None` if the consumer is gone or the queue has ended.
    fn open_items(&mut self) -> Option<&mut L> {
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

    /// Ends the queue. The reader reads the waiting items, and then this error.
    pub(crate) fn end(&self, error: Option<Error>) {
        let mut waiting = self.lock();
        waiting.ended = true;
        waiting.losses += 1;
        waiting.error = error;
        Self::wake(waiting);
        self.room.wake();
    }

    /// Returns `true` if the reader has left.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.lock().items.is_none()
    }
}
