//! What waits for the task behind a view, and whether all that came before it is in the picture.

use std::{
    collections::VecDeque,
    future::poll_fn,
    sync::{Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use futures_util::StreamExt;
use tokio::sync::watch;

use crate::{
    EventStream,
    error::Result,
    events::{Event, Notification},
};

/// The most bytes of events that are taken from the stream before the task takes them. The stream's queue has a limit of
/// its own.
const BYTES: usize = 16 * 1024 * 1024;

/// What a stream says next.
pub(super) type Next = Option<Result<Event>>;

/// The events of a view. Whoever asks whether something is missing looks through them first, so that a gap counts from
/// the moment in which it is told, and not from when the task has time for it.
pub(super) struct Inbox {
    letters: Mutex<Letters>,
    /// Whether nothing is known to be missing in the picture.
    live: watch::Sender<bool>,
    capacity: usize,
}

struct Letters {
    events: Option<EventStream>,
    /// Taken from the stream and not by the task, each with its size in bytes.
    waiting: VecDeque<(Next, usize)>,
    /// The total of these sizes.
    bytes: usize,
    /// Wakes the task.
    task: Waker,
}

impl Inbox {
    /// Looks through at most so many events at once.
    pub(super) fn new(events: EventStream, capacity: usize) -> Self {
        let letters = Letters { events: Some(events), waiting: VecDeque::new(), bytes: 0, task: Waker::noop().clone() };
        Self { letters: Mutex::new(letters), live: watch::Sender::new(true), capacity }
    }

    /// What comes next, for the task. Cancel safe.
    pub(super) async fn next(&self) -> Next {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    fn poll_next(&self, cx: &mut Context<'_>) -> Poll<Next> {
        let mut letters = self.letters();
        letters.task.clone_from(cx.waker());
        if let Some((next, size)) = letters.waiting.pop_front() {
            letters.bytes -= size;
            return Poll::Ready(next);
        }
        let next = letters.poll(cx);
        if let Poll::Ready(next) = &next
            && is_loss(next)
        {
            self.distrust();
        }
        next
    }

    /// Whether nothing is missing in the picture, as far as anybody could know by now.
    pub(super) fn is_live(&self) -> bool {
        let mut letters = self.letters();
        self.look_through(&mut letters);
        if self.is_full(&letters) {
            // What else there is cannot be told by now.
            self.distrust();
        }
        *self.live.borrow()
    }

    /// Nothing that was taken leaves a doubt: the picture is right, unless something else waits.
    pub(super) fn settle(&self) {
        let mut letters = self.letters();
        self.look_through(&mut letters);
        if letters.waiting.is_empty() {
            self.live.send_if_modified(|live| !std::mem::replace(live, true));
        }
    }

    /// Something may be missing in the picture.
    pub(super) fn distrust(&self) {
        self.live.send_if_modified(|live| std::mem::replace(live, false));
    }

    /// Tells when [`is_live`](Self::is_live) may have changed.
    pub(super) fn changes(&self) -> watch::Receiver<bool> {
        self.live.subscribe()
    }

    /// Lets go of the stream: nobody takes anything any more.
    pub(super) fn close(&self) {
        let mut letters = self.letters();
        let events = letters.events.take();
        letters.waiting.clear();
        letters.bytes = 0;
        drop(letters);
        drop(events);
        // Also if it was not live before: the waiters must see the end.
        self.live.send_replace(false);
    }

    /// Takes from the stream what is there, and notices what is lost.
    fn look_through(&self, letters: &mut Letters) {
        let task = letters.task.clone();
        let mut cx = Context::from_waker(&task);
        let before = letters.waiting.len();
        while letters.events.is_some() && !self.is_full(letters) {
            let Poll::Ready(next) = letters.poll(&mut cx) else { break };
            if is_loss(&next) {
                self.distrust();
            }
            let size = letters.events.as_ref().map_or(0, EventStream::last_size);
            letters.bytes += size;
            letters.waiting.push_back((next, size));
        }
        if letters.waiting.len() > before {
            // The stream wakes it no more for these.
            task.wake();
        }
    }

    fn is_full(&self, letters: &Letters) -> bool {
        letters.waiting.len() >= self.capacity || letters.bytes >= BYTES
    }

    fn letters(&self) -> MutexGuard<'_, Letters> {
        self.letters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Letters {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Next> {
        let Some(events) = &mut self.events else { return Poll::Ready(None) };
        let next = events.poll_next_unpin(cx);
        if matches!(next, Poll::Ready(None | Some(Err(_)))) {
            self.events = None;
        }
        next
    }
}

/// Whether the picture may be wrong from here on: something is not told, or cannot be read and may have said anything.
pub(super) fn is_loss(next: &Next) -> bool {
    match next {
        Some(Ok(Event::Notification(Notification::Unknown(unknown)))) => unknown.malformed,
        Some(Ok(Event::Notification(_))) => false,
        Some(Ok(Event::Gap(_) | Event::Dropped(_))) | Some(Err(_)) | None => true,
    }
}
