//! The consumer's end of a queue.

use std::{
    sync::Arc,
    task::{Context, Poll, ready},
};

use super::{List, Queue};
use crate::error::Error;

/// How many items are taken at a time, at most: one lock for all of them.
const HANDFUL: usize = 256;

/// Reads a queue; abandons it when it is dropped.
#[derive(Debug)]
pub(crate) struct Reader<L> {
    queue: Arc<Queue<L>>,
    /// Taken along and not read yet.
    hand: L,
}

/// What a consumer reads.
#[derive(Debug)]
pub(crate) enum Next<T> {
    Item(T),
    /// So many items are missing here.
    Dropped(u64),
    /// The last thing there is.
    Error(Error),
}

impl<L: List> Reader<L> {
    pub(super) fn new(queue: Arc<Queue<L>>) -> Self {
        Self { queue, hand: L::default() }
    }

    /// The next item or the final error; `None` at the end.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Next<L::Item>>> {
        if self.hand.is_empty()
            && let Some(other) = ready!(self.queue.poll_take(&mut self.hand, cx))
        {
            return Poll::Ready(other);
        }
        Poll::Ready(self.hand.pop().map(Next::Item))
    }

    /// How many items have come so far.
    pub(crate) fn mark(&self) -> u64 {
        let waiting = self.queue.lock();
        waiting.gone + waiting.items.as_ref().map_or(0, List::len) as u64
    }

    /// Lets go of what is not read and came before the mark, since when nothing has been read; the end stays the end.
    pub(crate) fn discard_before(&mut self, mark: u64) {
        self.hand.skip(self.hand.len());
        let mut lock = self.queue.lock();
        let waiting = &mut *lock;
        waiting.taken = 0;
        let old = usize::try_from(mark.saturating_sub(waiting.gone)).unwrap_or(usize::MAX);
        if let Some(items) = &mut waiting.items {
            let old = old.min(items.len());
            items.skip(old);
            waiting.gone += old as u64;
        }
        if waiting.gone <= mark {
            // All that was dropped is older, too.
            waiting.dropped = 0;
        }
        drop(lock);
        self.queue.room.notify_waiters();
    }
}

impl<L> Reader<L> {
    /// Reads no more; what waits is let go.
    pub(crate) fn leave(&mut self) {
        let left = self.queue.lock().items.take();
        drop(left);
        self.queue.room.notify_waiters();
    }
}

impl<L> Drop for Reader<L> {
    fn drop(&mut self) {
        self.leave();
    }
}

/// What is read is moved, never pinned.
impl<L> Unpin for Reader<L> {}

impl<L: List> Queue<L> {
    /// Moves what waits to an empty hand, or returns what there is instead: a count, the final error or the end.
    ///
    /// No more than half of what may wait is taken, so that a queue that drops its oldest items still has some.
    fn poll_take(&self, hand: &mut L, cx: &mut Context<'_>) -> Poll<Option<Option<Next<L::Item>>>> {
        let mut lock = self.lock();
        let waiting = &mut *lock;
        let was_full = self.is_full(waiting);
        waiting.taken = 0;
        let most = HANDFUL.min(self.capacity.div_ceil(2));
        let taken = match &mut waiting.items {
            _ if waiting.dropped > 0 => Poll::Ready(Some(Some(Next::Dropped(std::mem::take(&mut waiting.dropped))))),
            Some(items) if !items.is_empty() => {
                if items.len() <= most {
                    std::mem::swap(items, hand);
                } else {
                    items.move_to(hand, most);
                }
                waiting.gone += hand.len() as u64;
                // The first one is read at once.
                waiting.taken = hand.len() - 1;
                Poll::Ready(None)
            }
            _ if waiting.ended => Poll::Ready(Some(waiting.error.take().map(Next::Error))),
            _ => {
                waiting.consumer = Some(cx.waker().clone());
                Poll::Pending
            }
        };
        drop(lock);
        if was_full {
            self.room.notify_waiters();
        }
        taken
    }
}
