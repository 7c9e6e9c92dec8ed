//! The connections of peers, so that the state can close them and audio finds its way.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::sync::oneshot;

use crate::{lock::lock, state::Session};

/// A close code and its reason.
pub(crate) type Closing = (u16, &'static str);

type Doors = Mutex<HashMap<Session, Door>>;

struct Door {
    /// The number of the connection.
    connection: u64,
    closer: oneshot::Sender<Closing>,
}

/// All sockets of peers and agents.
#[derive(Default)]
pub(crate) struct Sessions {
    open: Arc<Doors>,
    next: AtomicU64,
}

/// One socket of a peer, while it is open.
pub(crate) struct OpenSession {
    pub(crate) session: Session,
    /// Receives how the service closes the socket.
    pub(crate) closed: oneshot::Receiver<Closing>,
    open: Arc<Doors>,
}

impl Sessions {
    pub(crate) fn open(&self, connection: u64) -> OpenSession {
        let session = Session(self.next.fetch_add(1, Ordering::Relaxed));
        let (closer, closed) = oneshot::channel();
        lock(&self.open).insert(session, Door { connection, closer });
        OpenSession { session, closed, open: Arc::clone(&self.open) }
    }

    pub(crate) fn close(&self, session: Session, closing: Closing) {
        if let Some(door) = lock(&self.open).remove(&session) {
            // A socket that is already gone needs no reason.
            let _ = door.closer.send(closing);
        }
    }

    /// The number of a session's connection, among those of its kind of socket.
    pub(crate) fn connection(&self, session: Session) -> Option<u64> {
        lock(&self.open).get(&session).map(|door| door.connection)
    }
}

impl Drop for OpenSession {
    fn drop(&mut self) {
        lock(&self.open).remove(&self.session);
    }
}
