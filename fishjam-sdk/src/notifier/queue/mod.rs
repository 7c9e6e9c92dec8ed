//! What waits for one consumer: bounded, with a choice of what happens when the consumer is too slow.

mod list;
mod reader;

use std::{
    sync::{Arc, PoisonError, atomic::Ordering::Relaxed},
    task::Waker,
};

pub(crate) use self::{
    list::{Item, List},
    reader::{Next, Reader},
};
use crate::{
    error::Error,
    sync::{AtomicBool, AtomicUsize, Mutex, MutexGuard, Notify},
};

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
    /// [`Gap`](crate::events::Gap) is kept as long as there is anything else to drop; a notification that could not have
    /// been read is counted like any other. Other consumers are not held up.
    DropOldest,
}

/// The items that wait for one consumer, which takes them with a [`Reader`].
#[derive(Debug)]
pub(crate) struct Queue<L> {
    capacity: usize,
    overflow: Overflow,
    waiting: Mutex<Waiting<L>>,
    /// How many items the reader has taken and not read; they count as waiting.
    unread: AtomicUsize,
    /// Somebody waits for room.
    crowded: AtomicBool,
    /// There is room again, or nobody who needs it.
    room: Notify,
}

#[derive(Debug)]
struct Waiting<L> {
    /// `None` if nobody reads any more.
    items: Option<L>,
    /// How many items have been taken, dropped or let go.
    gone: u64,
    dropped: u64,
    consumer: Option<Waker>,
    /// Nothing comes any more; an error is the last thing to read.
    ended: bool,
    error: Option<Error>,
}

impl<L: List> Queue<L> {
    pub(crate) fn new(capacity: usize, overflow: Overflow) -> Self {
        let waiting =
            Waiting { items: Some(L::default()), gone: 0, dropped: 0, consumer: None, ended: false, error: None };
        Self {
            capacity: capacity.max(1),
            overflow,
            waiting: Mutex::new(waiting),
            unread: AtomicUsize::new(0),
            crowded: AtomicBool::new(false),
            room: Notify::new(),
        }
    }

    /// The consumer's end. There is one: the queue is abandoned when it is dropped.
    pub(crate) fn reader(self: Arc<Self>) -> Reader<L> {
        Reader::new(self)
    }

    /// Adds an item; returns it if there is no room and it has to wait.
    pub(crate) fn push(&self, item: L::Item) -> Result<(), L::Item> {
        let mut waiting = self.lock();
        match self.make_room(&mut waiting) {
            Some((0, _)) => return Err(item),
            Some((_, items)) => items.push(item),
            None => return Ok(()),
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
        while !more.is_empty() {
            match self.make_room(&mut waiting) {
                Some((0, _)) => break,
                // All of them at once, without moving one.
                Some((room, items)) if items.is_empty() && more.len() <= room => std::mem::swap(items, more),
                Some((room, items)) => more.move_to(items, room),
                None => more.clear(),
            }
        }
        Self::wake(waiting);
    }

    /// For how many items there is room, after the oldest made some if need be, and where; `None` if nobody wants any.
    fn make_room<'a>(&self, waiting: &'a mut Waiting<L>) -> Option<(usize, &'a mut L)> {
        let items = waiting.items.as_mut().filter(|_| !waiting.ended)?;
        let mut room = self.capacity.saturating_sub(self.unread.load(Relaxed) + items.len());
        if room == 0 && self.overflow == Overflow::DropOldest {
            items.drop_oldest();
            waiting.gone += 1;
            waiting.dropped += 1;
            room = 1;
        }
        Some((room, items))
    }

    /// Waits until there may be room.
    pub(crate) async fn room(&self) {
        let mut room = std::pin::pin!(self.room.notified());
        room.as_mut().enable();
        self.crowded.store(true, Relaxed);
        let full = self.is_full(&self.lock());
        if full {
            room.await;
        }
    }

    /// Whether what comes has to wait.
    fn is_full(&self, waiting: &Waiting<L>) -> bool {
        let full = |items: &L| self.unread.load(Relaxed) + items.len() >= self.capacity;
        !waiting.ended && waiting.items.as_ref().is_some_and(full)
    }
}

impl<L> Queue<L> {
    fn lock(&self) -> MutexGuard<'_, Waiting<L>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake(mut waiting: MutexGuard<'_, Waiting<L>>) {
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
        waiting.error = error;
        Self::wake(waiting);
        self.room.notify_waiters();
    }

    pub(crate) fn is_abandoned(&self) -> bool {
        self.lock().items.is_none()
    }
}
