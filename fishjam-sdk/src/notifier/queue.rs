//! What waits for one consumer: bounded, with a choice of what happens when the consumer is too slow.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use tokio::sync::Notify;

use crate::error::Error;

/// What happens when a consumer does not keep up and its queue is full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Overflow {
    /// Nothing is lost: the connection is read no further until there is room, for all its consumers. The server
    /// is shown that the connection lives, but it may have limits of its own for what it keeps.
    #[default]
    Wait,
    /// The oldest waiting notifications or messages are dropped and counted:
    /// [`Event::Dropped`](crate::events::Event::Dropped), or
    /// [`AgentMessage::Dropped`](crate::agent::AgentMessage::Dropped), comes before what still waits. A
    /// [`Gap`](crate::events::Gap) is kept as long as there is anything else to drop. Other consumers are not held up.
    DropOldest,
}

/// The items that wait for one consumer.
#[derive(Debug)]
pub(crate) struct Queue<T> {
    capacity: usize,
    overflow: Overflow,
    /// What is dropped only if there is nothing else.
    precious: fn(&T) -> bool,
    waiting: Mutex<Waiting<T>>,
    /// There is room again, or nobody who needs it.
    room: Notify,
}

#[derive(Debug)]
struct Waiting<T> {
    items: VecDeque<T>,
    /// How many items have been read, dropped or let go.
    gone: u64,
    dropped: u64,
    consumer: Option<Waker>,
    /// Nobody reads any more.
    abandoned: bool,
    /// Nothing comes any more; an error is the last thing to read.
    ended: bool,
    error: Option<Error>,
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

impl<T> Queue<T> {
    pub(crate) fn new(capacity: usize, overflow: Overflow, precious: fn(&T) -> bool) -> Self {
        let waiting = Waiting {
            items: VecDeque::new(),
            gone: 0,
            dropped: 0,
            consumer: None,
            abandoned: false,
            ended: false,
            error: None,
        };
        Self { capacity: capacity.max(1), overflow, precious, waiting: Mutex::new(waiting), room: Notify::new() }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting<T>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds an item; returns it if there is no room and it has to wait.
    pub(crate) fn push(&self, item: T) -> Result<(), T> {
        let mut waiting = self.lock();
        self.add(&mut waiting, item)?;
        Self::wake(waiting);
        Ok(())
    }

    /// Adds as many of the items as there is room for; the others stay where they are.
    pub(crate) fn push_all(&self, items: &mut VecDeque<T>) {
        if items.is_empty() {
            return;
        }
        let mut waiting = self.lock();
        if waiting.items.is_empty() && items.len() <= self.capacity && !waiting.abandoned && !waiting.ended {
            // All of them at once, without moving one.
            std::mem::swap(&mut waiting.items, items);
            return Self::wake(waiting);
        }
        while let Some(item) = items.pop_front() {
            if let Err(item) = self.add(&mut waiting, item) {
                items.push_front(item);
                break;
            }
        }
        Self::wake(waiting);
    }

    fn add(&self, waiting: &mut Waiting<T>, item: T) -> Result<(), T> {
        if waiting.abandoned || waiting.ended {
            return Ok(());
        }
        if waiting.items.len() >= self.capacity {
            match self.overflow {
                Overflow::Wait => return Err(item),
                Overflow::DropOldest => {
                    let oldest = waiting.items.iter().position(|item| !(self.precious)(item));
                    waiting.items.remove(oldest.unwrap_or(0));
                    waiting.gone += 1;
                    waiting.dropped += 1;
                }
            }
        }
        waiting.items.push_back(item);
        Ok(())
    }

    fn wake(mut waiting: MutexGuard<'_, Waiting<T>>) {
        let consumer = waiting.consumer.take();
        drop(waiting);
        if let Some(consumer) = consumer {
            consumer.wake();
        }
    }

    /// Waits until there may be room.
    pub(crate) async fn room(&self) {
        let mut room = std::pin::pin!(self.room.notified());
        room.as_mut().enable();
        let full = {
            let waiting = self.lock();
            waiting.items.len() >= self.capacity && !waiting.abandoned && !waiting.ended
        };
        if full {
            room.await;
        }
    }

    /// Nothing comes after what already waits, except this error.
    pub(crate) fn end(&self, error: Option<Error>) {
        let mut waiting = self.lock();
        waiting.ended = true;
        waiting.error = error;
        let consumer = waiting.consumer.take();
        drop(waiting);
        self.room.notify_waiters();
        if let Some(consumer) = consumer {
            consumer.wake();
        }
    }

    /// Nobody reads any more; what waits is let go.
    pub(crate) fn abandon(&self) {
        let mut waiting = self.lock();
        waiting.abandoned = true;
        waiting.items = VecDeque::new();
        drop(waiting);
        self.room.notify_waiters();
    }

    /// How many items have come so far.
    pub(crate) fn mark(&self) -> u64 {
        let waiting = self.lock();
        waiting.gone + waiting.items.len() as u64
    }

    /// Lets go of what waits and came before the mark; the end stays the end.
    pub(crate) fn discard_before(&self, mark: u64) {
        let mut waiting = self.lock();
        let old = usize::try_from(mark.saturating_sub(waiting.gone)).unwrap_or(usize::MAX).min(waiting.items.len());
        waiting.items.drain(..old);
        waiting.gone += old as u64;
        if waiting.gone <= mark {
            // All that was dropped is older, too.
            waiting.dropped = 0;
        }
        drop(waiting);
        self.room.notify_waiters();
    }

    pub(crate) fn is_abandoned(&self) -> bool {
        self.lock().abandoned
    }

    /// The next item or the final error; `None` at the end.
    pub(crate) fn poll_next(&self, cx: &mut Context<'_>) -> Poll<Option<Next<T>>> {
        let mut waiting = self.lock();
        if waiting.dropped > 0 {
            return Poll::Ready(Some(Next::Dropped(std::mem::take(&mut waiting.dropped))));
        }
        let was_full = waiting.items.len() >= self.capacity;
        if let Some(item) = waiting.items.pop_front() {
            waiting.gone += 1;
            drop(waiting);
            if was_full {
                self.room.notify_waiters();
            }
            return Poll::Ready(Some(Next::Item(item)));
        }
        if waiting.ended {
            return Poll::Ready(waiting.error.take().map(Next::Error));
        }
        waiting.consumer = Some(cx.waker().clone());
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::error::ErrorKind;

    /// All that can be read at once; dropped items as a negative number.
    fn read(queue: &Queue<i64>) -> Vec<i64> {
        let mut cx = Context::from_waker(Waker::noop());
        let mut read = Vec::new();
        loop {
            match queue.poll_next(&mut cx) {
                Poll::Ready(Some(Next::Item(item))) => read.push(item),
                Poll::Ready(Some(Next::Dropped(dropped))) => read.push(-(dropped as i64)),
                _ => return read,
            }
        }
    }

    #[test]
    fn a_full_queue_either_holds_up_or_drops_the_oldest_and_counts() {
        let waits = Queue::new(2, Overflow::Wait, |_| false);
        assert!(waits.push(1).is_ok() && waits.push(2).is_ok() && waits.push(3).is_err());
        assert_eq!(read(&waits), [1, 2]);

        let drops = Queue::new(2, Overflow::DropOldest, |_| false);
        (1..=5).for_each(|n| drops.push(n).unwrap());
        assert_eq!(read(&drops), [-3, 4, 5]);
        drops.push(6).unwrap();
        assert_eq!(read(&drops), [6]);
    }

    #[test]
    fn a_list_is_taken_as_far_as_there_is_room() {
        for (overflow, before, list, left, read_then) in [
            // Into an empty queue, which takes the list as it is, and into one where something waits.
            (Overflow::Wait, 0, 2, vec![], vec![0, 1]),
            (Overflow::Wait, 0, 3, vec![], vec![0, 1, 2]),
            (Overflow::Wait, 0, 5, vec![3, 4], vec![0, 1, 2]),
            (Overflow::Wait, 2, 2, vec![1], vec![100, 101, 0]),
            (Overflow::Wait, 3, 1, vec![0], vec![100, 101, 102]),
            (Overflow::DropOldest, 0, 3, vec![], vec![0, 1, 2]),
            (Overflow::DropOldest, 0, 4, vec![], vec![-1, 1, 2, 3]),
            (Overflow::DropOldest, 2, 2, vec![], vec![-1, 101, 0, 1]),
        ] {
            let queue = Queue::new(3, overflow, |_| false);
            (100..100 + before).for_each(|item| queue.push(item).unwrap());
            let mut items: VecDeque<i64> = (0..list).collect();
            queue.push_all(&mut items);
            let case = format!("{overflow:?} {before} {list}");
            assert_eq!(Vec::from(items), left, "{case}");
            assert_eq!(queue.mark(), (before + list) as u64 - left.len() as u64, "{case}");
            assert_eq!(read(&queue), read_then, "{case}");
        }
    }

    #[test]
    fn a_list_that_was_taken_whole_is_marked_dropped_and_discarded_like_single_items() {
        let queue = Queue::new(3, Overflow::DropOldest, |_| false);
        (1..=5).for_each(|n| queue.push(n).unwrap());
        // Read only what waits, so that the count of what was dropped is still to be told.
        let mark = queue.mark();
        queue.discard_before(mark);
        queue.push_all(&mut VecDeque::from([6, 7]));
        assert_eq!(queue.mark(), mark + 2);
        queue.discard_before(mark + 1);
        assert_eq!(read(&queue), [7]);

        for leave in [Queue::abandon as fn(&Queue<i64>), |queue| queue.end(None)] {
            let queue = Queue::new(3, Overflow::Wait, |_| false);
            leave(&queue);
            let mut items = VecDeque::from([1, 2]);
            queue.push_all(&mut items);
            assert!(items.is_empty() && read(&queue).is_empty());
        }
    }

    #[test]
    fn the_end_comes_after_what_waits_and_its_error_once() {
        let queue = Queue::new(2, Overflow::Wait, |_| false);
        queue.push(1).unwrap();
        queue.end(Some(Error::new(ErrorKind::Closed)));
        let mut cx = Context::from_waker(Waker::noop());
        assert!(matches!(queue.poll_next(&mut cx), Poll::Ready(Some(Next::Item(1)))));
        assert!(matches!(queue.poll_next(&mut cx), Poll::Ready(Some(Next::Error(_)))));
        assert!(matches!(queue.poll_next(&mut cx), Poll::Ready(None)));
        assert!(matches!(queue.poll_next(&mut cx), Poll::Ready(None)));
    }

    #[test]
    fn what_came_before_a_mark_can_be_let_go_and_what_came_after_stays() {
        let queue = Queue::new(3, Overflow::DropOldest, |_| false);
        (1..=2).for_each(|n| queue.push(n).unwrap());
        let mark = queue.mark();
        queue.push(3).unwrap();
        queue.discard_before(mark);
        assert_eq!(read(&queue), [3]);

        // Dropped items before the mark are let go with the rest, and those after it are still told of.
        (1..=5).for_each(|n| queue.push(n).unwrap());
        queue.discard_before(queue.mark());
        assert!(read(&queue).is_empty());
        let mark = queue.mark();
        (1..=5).for_each(|n| queue.push(n).unwrap());
        queue.discard_before(mark);
        assert_eq!(read(&queue), [-2, 3, 4, 5]);
    }

    #[test]
    fn what_comes_after_the_end_is_let_go() {
        let queue = Queue::new(1, Overflow::Wait, |_| false);
        queue.push(1).unwrap();
        queue.end(None);
        assert!(queue.push(2).is_ok());
        assert_eq!(read(&queue), [1]);
        assert!(matches!(queue.poll_next(&mut Context::from_waker(Waker::noop())), Poll::Ready(None)));
    }

    #[tokio::test]
    async fn whoever_waits_for_room_is_woken_by_a_read_and_by_leaving() {
        let queue = Arc::new(Queue::new(1, Overflow::Wait, |_| false));
        queue.room().await;
        for leave in [false, true] {
            let _ = queue.push(1);
            let waiting = tokio::spawn({
                let queue = Arc::clone(&queue);
                async move { queue.room().await }
            });
            tokio::task::yield_now().await;
            assert!(!waiting.is_finished());
            if leave {
                queue.abandon();
            } else {
                read(&queue);
            }
            waiting.await.unwrap();
        }
        assert!(queue.push(2).is_ok() && read(&queue).is_empty());
    }

    #[test]
    fn what_is_precious_is_dropped_last() {
        let queue = Queue::new(3, Overflow::DropOldest, |item| *item >= 100);
        for item in [100, 1, 2, 3, 101, 4, 5] {
            queue.push(item).unwrap();
        }
        assert_eq!(read(&queue), [-4, 100, 101, 5]);
        for item in [100, 101, 102, 103, 1] {
            queue.push(item).unwrap();
        }
        assert_eq!(read(&queue), [-2, 102, 103, 1]);
    }
}
