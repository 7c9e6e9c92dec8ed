//! One connection and all who listen to it.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use reqwest::Url;
use tokio::{
    runtime::Handle,
    sync::{Notify, watch},
};

use super::{
    backlog::Backlog,
    driver::{self, Serving},
    protocol::Protocol,
    queue::{List, Overflow, Queue, Reader},
    state::{ConnectionState, Rules},
};
use crate::{
    error::{Error, ErrorKind, Result},
    secret::ManagementToken,
    transport::HttpClient,
};

/// What a notifier's handles, its streams and the task behind them share.
pub(crate) struct Hub<N> {
    pub(super) server: Server,
    pub(super) rules: Rules,
    /// Somebody left.
    pub(super) changed: Notify,
    listeners: Mutex<Listeners<N>>,
    status: watch::Sender<Status>,
}

/// Where a notifier connects, as whom, and what it asks for.
pub(crate) struct Server {
    pub(crate) http: HttpClient,
    pub(crate) url: Url,
    pub(crate) token: ManagementToken,
    /// The sorts of events that are asked for, by their numbers.
    pub(crate) wanted: &'static [i32],
}

/// A listener that has no room, and the items that it has to get.
pub(super) type HeldUp<N> = (Arc<Queue<Backlog<N>>>, Backlog<N>);

struct Listeners<N> {
    queues: Vec<Arc<Queue<Backlog<N>>>>,
    /// Whether a task serves them.
    served: bool,
}

/// Where the connection stands, and why it ended if it failed.
#[derive(Clone, Debug)]
struct Status {
    state: ConnectionState,
    error: Option<Error>,
}

impl<N: Protocol> Hub<N> {
    /// Adds a listener, and a connection if there is none.
    pub(super) fn listen(self: &Arc<Self>, capacity: usize, overflow: Overflow) -> Result<Reader<Backlog<N>>> {
        let runtime = Handle::try_current().map_err(|e| {
            Error::invalid_input("a notifier connects in the background and needs a Tokio runtime").caused_by(e)
        })?;
        let queue = Arc::new(Queue::new(capacity, overflow));
        let mut listeners = self.listeners();
        listeners.queues.push(Arc::clone(&queue));
        let idle = !std::mem::replace(&mut listeners.served, true);
        if idle {
            self.tell(ConnectionState::Connecting, None);
        }
        // A runtime that is shutting down drops the task at once, and with it what takes the lock again.
        drop(listeners);
        if idle {
            runtime.spawn(driver::drive(Serving::new(Arc::clone(self))));
        }
        Ok(queue.reader())
    }

    /// Gives items to all who listen; `full` gets those who have no room for all of them, with the rest.
    pub(super) fn offer(&self, items: &mut Backlog<N>, full: &mut Vec<HeldUp<N>>) {
        let listeners = self.listeners();
        let mut push = |queue: &Arc<Queue<Backlog<N>>>, mut items: Backlog<N>| {
            queue.push_all(&mut items);
            if !items.is_empty() {
                full.push((Arc::clone(queue), items));
            }
        };
        match listeners.queues.split_last() {
            // In place, so that the list is used again.
            Some((only, [])) => {
                only.push_all(items);
                if !items.is_empty() {
                    full.push((Arc::clone(only), std::mem::take(items)));
                }
            }
            Some((last, others)) => {
                others.iter().for_each(|queue| push(queue, items.clone()));
                push(last, std::mem::take(items));
            }
            None => items.clear(),
        }
    }
}

impl<N> Hub<N> {
    pub(crate) fn new(server: Server, rules: Rules) -> Arc<Self> {
        Arc::new(Self {
            server,
            rules,
            changed: Notify::new(),
            listeners: Mutex::new(Listeners { queues: Vec::new(), served: false }),
            status: watch::Sender::new(Status { state: ConnectionState::Idle, error: None }),
        })
    }

    fn listeners(&self) -> MutexGuard<'_, Listeners<N>> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A listener has left; the last one takes the connection along.
    pub(super) fn left(&self) {
        self.changed.notify_one();
    }

    /// Ends the streams of all who listen; the connection goes when it notices that nobody does.
    pub(super) fn close(&self) {
        for queue in self.listeners().queues.drain(..) {
            queue.end(None);
        }
        self.changed.notify_one();
    }

    /// Whether nobody listens any more. If so, the task no longer serves: who comes later gets another.
    pub(super) fn is_deserted(&self) -> bool {
        let mut listeners = self.listeners();
        listeners.queues.retain(|queue| !queue.is_abandoned());
        if !listeners.queues.is_empty() {
            return false;
        }
        listeners.served = false;
        self.tell(ConnectionState::Closed, None);
        true
    }

    /// The connection has failed for good: tells all who listen.
    pub(super) fn fail(&self, error: Error) {
        let mut listeners = self.listeners();
        listeners.served = false;
        for queue in listeners.queues.drain(..) {
            queue.end(Some(error.clone()));
        }
        self.tell(ConnectionState::Closed, Some(error));
    }

    /// Lets everybody know where the connection stands.
    pub(super) fn tell(&self, state: ConnectionState, error: Option<Error>) {
        self.status.send_if_modified(|status| {
            let news = status.state != state;
            *status = Status { state, error };
            news
        });
    }

    pub(super) fn state(&self) -> ConnectionState {
        self.status.borrow().state
    }

    /// Waits until notifications flow; the error is why they never will.
    pub(super) async fn ready(&self) -> Result<()> {
        let mut status = self.status.subscribe();
        let settled = status.wait_for(|s| matches!(s.state, ConnectionState::Ready | ConnectionState::Closed)).await;
        match settled.as_deref() {
            Ok(Status { state: ConnectionState::Ready, .. }) => Ok(()),
            Ok(Status { error: Some(error), .. }) => Err(error.clone()),
            _ => Err(Error::new(ErrorKind::Closed).message_text("the notifier was closed")),
        }
    }
}

impl<N> fmt::Debug for Hub<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hub").field("url", &self.server.url.as_str()).field("status", &*self.status.borrow()).finish()
    }
}
