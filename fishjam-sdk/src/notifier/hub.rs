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
    codec::Protocol,
    encoded_events::Backlog,
    session::{self, Serving},
};
use crate::{
    connection::{
        lifecycle::ConnectionState,
        policy::ConnectionPolicy,
        queue::{Limits, Queue, QueueStorage, Reader},
    },
    error::{Error, ErrorKind, Result},
    secret::ManagementToken,
    transport::{http::HttpClient, proxy::ProxyServer},
};

/// What a notifier's handles, its streams and the task behind them share.
pub(crate) struct Hub<N> {
    pub(super) server: Server,
    pub(super) rules: ConnectionPolicy,
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

impl Server {
    /// Returns the proxy of the connection.
    pub(super) fn proxy(&self) -> Option<&ProxyServer> {
        self.http.proxy(&self.url).ok().flatten()
    }
}

/// A listener that has no room, and the items that it has to get.
pub(super) type HeldUp<N> = (Arc<Queue<Backlog<N>>>, Backlog<N>);

struct Listeners<N> {
    queues: Vec<Arc<Queue<Backlog<N>>>>,
    /// The state of the connection, if a task serves it. Without listeners the task is about to end, and the public
    /// state is closed.
    connection: Option<ConnectionState>,
}

/// The public state, and why the connection ended if it failed.
#[derive(Clone, Debug)]
struct Status {
    state: ConnectionState,
    error: Option<Error>,
}

impl<N: Protocol> Hub<N> {
    /// Adds a listener, and a connection if there is none.
    pub(super) fn listen(self: &Arc<Self>, limits: Limits) -> Result<Reader<Backlog<N>>> {
        let runtime = Handle::try_current().map_err(|e| {
            Error::invalid_input("a notifier connects in the background and needs a Tokio runtime").caused_by(e)
        })?;
        let queue = Arc::new(Queue::new(limits));
        let mut listeners = self.listeners();
        listeners.queues.push(Arc::clone(&queue));
        let idle = listeners.connection.is_none();
        // A task that has not noticed yet that its listeners are gone serves the new one.
        self.publish(*listeners.connection.get_or_insert(ConnectionState::Connecting), None);
        // A runtime that is shutting down drops the task at once, and with it what takes the lock again.
        drop(listeners);
        if idle {
            runtime.spawn(session::drive(Serving::new(Arc::clone(self))));
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
    pub(crate) fn new(server: Server, rules: ConnectionPolicy) -> Arc<Self> {
        Arc::new(Self {
            server,
            rules,
            changed: Notify::new(),
            listeners: Mutex::new(Listeners { queues: Vec::new(), connection: None }),
            status: watch::Sender::new(Status { state: ConnectionState::Idle, error: None }),
        })
    }

    fn listeners(&self) -> MutexGuard<'_, Listeners<N>> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes the listeners that have left. The last one takes the connection along.
    pub(super) fn left(&self) {
        self.drop_abandoned(&mut self.listeners());
        self.changed.notify_one();
    }

    /// Ends the streams of all listeners. The connection ends when its task notices that they are gone.
    pub(super) fn close(&self) {
        let mut listeners = self.listeners();
        if listeners.connection.is_some() {
            self.publish(ConnectionState::Closed, None);
        }
        for queue in listeners.queues.drain(..) {
            queue.end(None);
        }
        drop(listeners);
        self.changed.notify_one();
    }

    /// Returns `true` if there are no listeners. The task then no longer serves: a later listener gets another one.
    pub(super) fn is_deserted(&self) -> bool {
        let mut listeners = self.listeners();
        self.drop_abandoned(&mut listeners);
        if listeners.queues.is_empty() {
            listeners.connection = None;
        }
        listeners.queues.is_empty()
    }

    fn drop_abandoned(&self, listeners: &mut Listeners<N>) {
        let before = listeners.queues.len();
        listeners.queues.retain(|queue| !queue.is_abandoned());
        if before > 0 && listeners.queues.is_empty() {
            self.publish(ConnectionState::Closed, None);
        }
    }

    /// Ends the streams of all listeners with this error: the connection has failed permanently.
    pub(super) fn fail(&self, error: Error) {
        let mut listeners = self.listeners();
        listeners.connection = None;
        self.drop_abandoned(&mut listeners);
        // Listeners that left earlier did not leave because of this error.
        if !listeners.queues.is_empty() {
            self.publish(ConnectionState::Closed, Some(error.clone()));
        }
        for queue in listeners.queues.drain(..) {
            queue.end(Some(error.clone()));
        }
    }

    /// Reports to [`ready`](Self::ready) that no connection was begun, unless there is one for other listeners.
    pub(super) fn refuse(&self, error: Error) {
        let listeners = self.listeners();
        if listeners.connection.is_none() {
            self.publish(ConnectionState::Closed, Some(error));
        }
    }

    /// Changes the state of the connection.
    pub(super) fn tell(&self, state: ConnectionState) {
        let mut listeners = self.listeners();
        listeners.connection = Some(state);
        if !listeners.queues.is_empty() {
            self.publish(state, None);
        }
    }

    /// Changes the public state. The caller holds the lock of the listeners, so that the order of changes is the same
    /// for the state and for the streams; the state always comes first.
    fn publish(&self, state: ConnectionState, error: Option<Error>) {
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
