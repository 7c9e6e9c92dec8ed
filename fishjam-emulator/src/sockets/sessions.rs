//! The connections of peers, so that the state can close them and audio finds its way.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use tokio::sync::oneshot;

use crate::lock::lock;
use crate::state::Session;

type Doors = Mutex<HashMap<Session, Door>>;

struct Door {
    /// The number of the connection.
    connection: u64,
    closer: oneshot::Sender<&'static str>,
}

/// All sockets of peers and agents.
#[derive(Default)]
pub(crate) struct Sessions {
    open: Arc<Doors>,
    next: AtomicU64,
}

/// One socket of a peer, while it is open.
pub(super) struct OpenSession {
    pub(super) session: Session,
    /// Receives the reason for which the service closes the socket.
    pub(super) closed: oneshot::Receiver<&'static str>,
    open: Arc<Doors>,
}

impl Sessions {
    pub(super) fn open(&self, connection: u64) -> OpenSession {
        let session = Session(self.next.fetch_add(1, Ordering::Relaxed));
        let (closer, closed) = oneshot::channel();
        lock(&self.open).insert(session, Door { connection, closer });
        OpenSession { session, closed, open: Arc::clone(&self.open) }
    }

    pub(crate) fn close(&self, session: Session, reason: &'static str) {
        if let Some(door) = lock(&self.open).remove(&session) {
            // A socket that is already gone needs no reason.
            let _ = door.closer.send(reason);
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
