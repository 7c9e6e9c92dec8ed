//! What a session's handles and the task behind them share.

use std::{
    fmt,
    future::poll_fn,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    task::{Poll, Waker},
};

use futures_util::task::AtomicWaker;
use tokio::sync::{
    Semaphore,
    mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    watch,
};

use super::{AgentConnectOptions, SessionEnd, command::Order, message::AgentMessage};
use crate::{
    ConnectionState,
    audio::PcmFormat,
    connection::queue::{Item, Items, Limits, Queue},
    error::{Error, ErrorKind, Result},
};

/// What a message costs in the outgoing queue beside its own size: no message is free.
const LEAST_COST: usize = 256;

/// What the handles want of the connection; what is wanted later weighs more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Wish {
    /// That it lives.
    Stay = 0,
    /// That it ends when everything is sent.
    Disconnect = 1,
    /// That it ends.
    Leave = 2,
}

/// Where a session stands.
#[derive(Clone, Debug)]
struct Status {
    state: ConnectionState,
    end: Option<SessionEnd>,
    /// How the goodbye went.
    farewell: Option<Result<()>>,
}

/// Between the handles and the task.
pub(super) struct Line {
    pub(super) incoming: Arc<Queue<Items<AgentMessage>>>,
    pub(super) hears: PcmFormat,
    max_message: usize,
    orders: UnboundedSender<Order>,
    /// Room in the outgoing queue, in bytes.
    room: Semaphore,
    capacity: u32,
    wish: AtomicU8,
    task: AtomicWaker,
    status: watch::Sender<Status>,
}

impl Item for AgentMessage {
    fn size(&self) -> usize {
        size_of::<Self>() + self.data_size()
    }

    fn keep_on_overflow(&self) -> bool {
        matches!(self, Self::Reconnected(_))
    }
}

impl Line {
    pub(super) fn new(options: &AgentConnectOptions, hears: PcmFormat) -> (Arc<Self>, UnboundedReceiver<Order>) {
        let (orders, taken) = unbounded_channel();
        let capacity = u32::try_from(options.outgoing_bytes).unwrap_or(u32::MAX).max(1);
        let line = Self {
            incoming: Arc::new(Queue::new(Limits {
                items: options.incoming_messages,
                bytes: options.incoming_bytes,
                overflow: options.overflow,
            })),
            hears,
            max_message: options.max_message_bytes,
            orders,
            room: Semaphore::new(capacity as usize),
            capacity,
            wish: AtomicU8::new(Wish::Stay as u8),
            task: AtomicWaker::new(),
            status: watch::Sender::new(Status { state: ConnectionState::Connecting, end: None, farewell: None }),
        };
        (Arc::new(line), taken)
    }

    /// Refuses a message that is too large.
    pub(super) fn check(&self, message: &[u8], what: &str) -> Result<()> {
        if message.len() <= self.max_message {
            return Ok(());
        }
        Err(Error::invalid_input(format!(
            "{what} makes a message of {} bytes, and one may have {}: send it in pieces",
            message.len(),
            self.max_message
        )))
    }

    /// Waits for room in the outgoing queue, and takes the order. If this is dropped, all of it happened or nothing.
    pub(super) async fn take(&self, size: usize, order: impl FnOnce(u32) -> Order) -> Result<()> {
        let cost = u32::try_from(size.saturating_add(LEAST_COST)).unwrap_or(u32::MAX).min(self.capacity);
        // It comes back when the message is sent.
        self.room.acquire_many(cost).await.map_err(|_| self.why())?.forget();
        self.orders.send(order(cost)).map_err(|_| self.why())
    }

    /// Takes an order that needs no room.
    pub(super) fn take_free(&self, order: Order) -> Result<()> {
        if self.room.is_closed() {
            return Err(self.why());
        }
        self.orders.send(order).map_err(|_| self.why())
    }

    /// So much was sent.
    pub(super) fn give_room(&self, cost: usize) {
        self.room.add_permits(cost);
    }

    /// Why nothing can be sent or received any more.
    pub(super) fn why(&self) -> Error {
        match &self.status.borrow().end {
            Some(SessionEnd::Lost(error)) => error.clone(),
            _ => Error::new(ErrorKind::Closed).message_text("the session was disconnected"),
        }
    }

    pub(super) fn state(&self) -> ConnectionState {
        self.status.borrow().state
    }

    pub(super) fn end(&self) -> Option<SessionEnd> {
        self.status.borrow().end.clone()
    }

    pub(super) fn wish(&self, wish: Wish) {
        self.wish.fetch_max(wish as u8, Ordering::SeqCst);
        self.task.wake();
    }

    /// What is wished, and whom to wake when that changes.
    pub(super) fn wished(&self, task: &Waker) -> Wish {
        self.task.register(task);
        match self.wish.load(Ordering::SeqCst) {
            0 => Wish::Stay,
            1 => Wish::Disconnect,
            _ => Wish::Leave,
        }
    }

    /// Waits until the connection is to end, in whatever way.
    pub(super) async fn unwanted(&self) {
        poll_fn(|cx| match self.wished(cx.waker()) {
            Wish::Stay => Poll::Pending,
            Wish::Disconnect | Wish::Leave => Poll::Ready(()),
        })
        .await;
    }

    /// Lets everybody know where the connection stands.
    pub(super) fn tell(&self, state: ConnectionState) {
        self.status.send_if_modified(|status| {
            let news = status.end.is_none() && status.state != state;
            if news {
                status.state = state;
            }
            news
        });
    }

    /// Nothing is sent or received any more, for this reason; later ones do not count.
    pub(super) fn finish(&self, end: SessionEnd) {
        let error = match &end {
            SessionEnd::Lost(error) => Some(error.clone()),
            SessionEnd::Disconnected => None,
        };
        let first = self.status.send_if_modified(|status| {
            let first = status.end.is_none();
            status.state = ConnectionState::Closed;
            status.end.get_or_insert(end);
            first
        });
        if first {
            self.room.close();
            self.incoming.end(error);
        }
    }

    /// The goodbye is over.
    pub(super) fn part(&self, farewell: Result<()>) {
        self.status.send_modify(|status| {
            status.farewell.get_or_insert(farewell);
        });
    }

    /// Waits until the token is accepted.
    pub(super) async fn ready(&self) -> Result<()> {
        let mut status = self.status.subscribe();
        let settled = status.wait_for(|s| s.state == ConnectionState::Ready || s.end.is_some()).await;
        match settled.is_ok_and(|status| status.end.is_none()) {
            true => Ok(()),
            false => Err(self.why()),
        }
    }

    /// Sends what was taken, closes, and waits until that is done.
    pub(super) async fn disconnect(&self) -> Result<()> {
        self.wish(Wish::Disconnect);
        let mut status = self.status.subscribe();
        match status.wait_for(|s| s.farewell.is_some()).await {
            Ok(status) => status.farewell.clone().unwrap_or(Ok(())),
            // The sender is ours, so it does not end while this waits.
            Err(_) => Ok(()),
        }
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.status.borrow();
        f.debug_struct("Line").field("state", &status.state).field("end", &status.end).finish_non_exhaustive()
    }
}

/// Those whose connection it is. When the last of them is dropped, the connection ends.
#[derive(Debug)]
pub(super) struct Owner(pub(super) Arc<Line>);

impl Drop for Owner {
    fn drop(&mut self) {
        self.0.wish(Wish::Leave);
    }
}

/// That a task serves a session. However the task ends, the handles hear of it: also if its runtime ends under it.
pub(super) struct Serving(pub(super) Arc<Line>);

impl Drop for Serving {
    fn drop(&mut self) {
        let gone = "the task behind the session ended, as it does when its runtime is shut down";
        let error = Error::new(ErrorKind::Closed).message_text(gone);
        self.0.finish(SessionEnd::Lost(error.clone()));
        // Whoever waits for everything to be sent must not take this for it.
        self.0.part(if self.0.wished(Waker::noop()) == Wish::Disconnect { Err(error) } else { Ok(()) });
    }
}
