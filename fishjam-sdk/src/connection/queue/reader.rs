//! The reader of a queue.

use std::{
    sync::{Arc, atomic::Ordering::Relaxed},
    task::{Context, Poll, ready},
};

use super::{Overflow, Queue, QueueStorage};
use crate::error::Error;

/// The consumer of a queue. When it is dropped, the queue discards all items.
#[derive(Debug)]
pub(crate) struct Reader<L> {
    queue: Arc<Queue<L>>,
    /// The items that were taken under one lock, and that are not read yet.
    batch: L,
}

/// An item of a queue, or a report in its place.
#[derive(Debug)]
pub(crate) enum QueueItem<T> {
    Item(T),
    /// The number of items that were dropped here.
    Dropped(u64),
    /// The error that ended the queue. It is the last item.
    Error(Error),
}

impl<L: QueueStorage> Reader<L> {
    pub(super) fn new(queue: Arc<Queue<L>>) -> Self {
        Self { queue, batch: L::default() }
    }

    /// Returns the next item or the final error, or `None` at the end.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<QueueItem<L::Item>>> {
        if self.batch.is_empty()
            && let Some(other) = ready!(self.queue.poll_take(&mut self.batch, cx))
        {
            return Poll::Ready(other);
        }
        let item = self.batch.pop();
        self.queue.unread.store(self.batch.len(), Relaxed);
        self.queue.unread_bytes.store(self.batch.bytes(), Relaxed);
        // Without the lock, a writer that starts to wait just now may be missed. The next batch wakes it.
        self.queue.notify_writer();
        Poll::Ready(item.map(QueueItem::Item))
    }

    /// Starts to count the losses among the items, also among those that wait already.
    ///
    /// `count` returns the number of losses among the first items of a list. The queue counts when a list is
    /// pushed, so a loss counts before it is read. Single items that are pushed are not counted.
    pub(crate) fn watch_losses(&self, count: fn(&L, usize) -> usize) {
        let mut waiting = self.queue.lock();
        let items = waiting.items.as_ref().map_or(0, |items| count(items, items.len()));
        waiting.losses += items;
        waiting.count_losses = Some(count);
    }

    /// Returns the number of losses so far: counted items, dropped items and the end.
    pub(crate) fn losses(&self) -> usize {
        self.queue.lock().losses
    }

    /// Returns the number of losses so far, or `None` if some of them may not have been read yet.
    pub(crate) fn losses_if_drained(&self) -> Option<usize> {
        let waiting = self.queue.lock();
        let empty = self.batch.is_empty() && waiting.items.as_ref().is_none_or(QueueStorage::is_empty);
        (empty && waiting.dropped == 0 && !waiting.ended).then_some(waiting.losses)
    }

    /// Returns the number of items that have arrived so far.
    pub(crate) fn mark(&self) -> u64 {
        let waiting = self.queue.lock();
        waiting.gone + waiting.items.as_ref().map_or(0, QueueStorage::len) as u64
    }

    /// Discards the unread items before the mark. The caller has read no item since it took the mark.
    pub(crate) fn discard_before(&mut self, mark: u64) {
        self.batch.clear();
        self.queue.unread.store(0, Relaxed);
        self.queue.unread_bytes.store(0, Relaxed);
        let mut lock = self.queue.lock();
        let waiting = &mut *lock;
        let old = usize::try_from(mark.saturating_sub(waiting.gone)).unwrap_or(usize::MAX);
        if let Some(items) = &mut waiting.items {
            let old = old.min(items.len());
            items.skip(old);
            waiting.gone += old as u64;
        }
        // Items that were dropped before the mark are discarded, too.
        waiting.dropped = waiting.dropped.min(waiting.gone.saturating_sub(mark));
        drop(lock);
        self.queue.room.wake();
    }
}

impl<L> Reader<L> {
    /// Returns `true` if this is the reader of the queue.
    pub(crate) fn reads(&self, queue: &Arc<Queue<L>>) -> bool {
        Arc::ptr_eq(&self.queue, queue)
    }

    /// Discards all items, now and in future.
    pub(crate) fn leave(&mut self) {
        // The items are dropped after the lock is released, because that can take long.
        let items = self.queue.lock().items.take();
        drop(items);
        self.queue.room.wake();
    }
}

impl<L> Drop for Reader<L> {
    fn drop(&mut self) {
        self.leave();
    }
}

/// Items are moved, never pinned.
impl<L> Unpin for Reader<L> {}

impl<L: QueueStorage> Queue<L> {
    /// Moves items to an empty batch, and returns `None`. Otherwise, returns a count of dropped items, or the end.
    fn poll_take(&self, batch: &mut L, cx: &mut Context<'_>) -> Poll<Option<Option<QueueItem<L::Item>>>> {
        let mut lock = self.lock();
        let waiting = &mut *lock;
        let most = match self.limits.overflow {
            Overflow::Wait => L::READ_BATCH,
            // Items in the batch cannot be dropped, and could become old.
            Overflow::DropOldest => 1,
        };
        let taken = match &mut waiting.items {
            _ if waiting.dropped > 0 => {
                Poll::Ready(Some(Some(QueueItem::Dropped(std::mem::take(&mut waiting.dropped)))))
            }
            Some(items) if !items.is_empty() => {
                if items.len() <= most {
                    std::mem::swap(items, batch);
                } else {
                    items.move_to(batch, most);
                }
                waiting.gone += batch.len() as u64;
                // The caller reads the first item immediately.
                self.unread.store(batch.len() - 1, Relaxed);
                self.unread_bytes.store(batch.bytes() - batch.first_size(), Relaxed);
                Poll::Ready(None)
            }
            _ if waiting.ended => Poll::Ready(Some(waiting.error.take().map(QueueItem::Error))),
            _ => {
                waiting.consumer = Some(cx.waker().clone());
                Poll::Pending
            }
        };
        drop(lock);
        self.notify_writer();
        taken
    }

    fn notify_writer(&self) {
        if self.writer_waiting.load(Relaxed) && self.writer_waiting.swap(false, Relaxed) {
            self.room.wake();
        }
    }
}
