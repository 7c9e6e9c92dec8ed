//! The consumer's end of a queue.

use std::{
    sync::{Arc, atomic::Ordering::Relaxed},
    task::{Context, Poll, ready},
};

use super::{Overflow, Queue, QueueStorage};
use crate::error::Error;

/// Reads a queue; abandons it when it is dropped.
#[derive(Debug)]
pub(crate) struct Reader<L> {
    queue: Arc<Queue<L>>,
    /// Taken along and not read yet.
    batch: L,
}

/// What a consumer reads.
#[derive(Debug)]
pub(crate) enum QueueItem<T> {
    Item(T),
    /// So many items are missing here.
    Dropped(u64),
    /// The last thing there is.
    Error(Error),
}

impl<L: QueueStorage> Reader<L> {
    pub(super) fn new(queue: Arc<Queue<L>>) -> Self {
        Self { queue, batch: L::default() }
    }

    /// The next item or the final error; `None` at the end.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<QueueItem<L::Item>>> {
        if self.batch.is_empty()
            && let Some(other) = ready!(self.queue.poll_take(&mut self.batch, cx))
        {
            return Poll::Ready(other);
        }
        let item = self.batch.pop();
        self.queue.unread.store(self.batch.len(), Relaxed);
        self.queue.unread_bytes.store(self.batch.bytes(), Relaxed);
        // Without the lock, somebody who begins to wait just now may be missed: until a handful is taken the next time.
        self.queue.tell_of_room();
        Poll::Ready(item.map(QueueItem::Item))
    }

    /// Starts to count the losses among the items, also among those that wait already.
    ///
    /// `count` returns the number of losses among the first items of a list. The queue counts when a list is pushed, so a
    /// loss counts before it is read. Single items that are pushed are not counted.
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

    /// How many items have come so far.
    pub(crate) fn mark(&self) -> u64 {
        let waiting = self.queue.lock();
        waiting.gone + waiting.items.as_ref().map_or(0, QueueStorage::len) as u64
    }

    /// Lets go of what is not read and came before the mark, since when nothing has been read; the end stays the end.
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
        // What was dropped before the mark is let go of, too.
        waiting.dropped = waiting.dropped.min(waiting.gone.saturating_sub(mark));
        drop(lock);
        self.queue.room.wake();
    }
}

impl<L> Reader<L> {
    /// Reads no more; what waits is let go.
    pub(crate) fn leave(&mut self) {
        let left = self.queue.lock().items.take();
        drop(left);
        self.queue.room.wake();
    }
}

impl<L> Drop for Reader<L> {
    fn drop(&mut self) {
        self.leave();
    }
}

/// What is read is moved, never pinned.
impl<L> Unpin for Reader<L> {}

impl<L: QueueStorage> Queue<L> {
    /// Moves what waits to an empty batch, or returns what there is instead: a count, the final error or the end.
    fn poll_take(&self, batch: &mut L, cx: &mut Context<'_>) -> Poll<Option<Option<QueueItem<L::Item>>>> {
        let mut lock = self.lock();
        let waiting = &mut *lock;
        let most = match self.limits.overflow {
            Overflow::Wait => L::READ_BATCH,
            // What is taken is not dropped any more, however old it gets.
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
                // The first one is read at once.
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
        self.tell_of_room();
        taken
    }

    fn tell_of_room(&self) {
        if self.writer_waiting.load(Relaxed) && self.writer_waiting.swap(false, Relaxed) {
            self.room.wake();
        }
    }
}
