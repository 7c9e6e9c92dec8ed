//! The connections of peers. The state closes them, and audio uses their numbers.

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
pub(crate) type CloseReason = (u16, &'static str);

type CloseChannels = Mutex<HashMap<Session, CloseChannel>>;

/// The sender of the reason that closes a connection.
struct CloseChannel {
    /// Number of the connection.
    connection: u64,
    closer: oneshot::Sender<CloseReason>,
}

/// The connections of all peers and agents.
#[derive(Default)]
pub(crate) struct Sessions {
    open: Arc<CloseChannels>,
    next: AtomicU64,
}

/// The open socket of a peer. Dropping it ends the session.
pub(crate) struct OpenSession {
    pub(crate) session: Session,
    /// Receives the reason if the service closes the socket.
    pub(crate) closed: oneshot::Receiver<CloseReason>,
    open: Arc<CloseChannels>,
}

impl Sessions {
    pub(crate) fn open(&self, connection: u64) -> OpenSession {
        let session = Session(self.next.fetch_add(1, Ordering::Relaxed));
        let (closer, closed) = oneshot::channel();
        lock(&self.open).insert(session, CloseChannel { connection, closer });
        OpenSession { session, closed, open: Arc::clone(&self.open) }
    }

    pub(crate) fn close(&self, session: Session, reason: CloseReason) {
        if let Some(channel) = lock(&self.open).remove(&session) {
            // A socket that already ended needs no reason.
            let _ = channel.closer.send(reason);
        }
    }

    /// Returns the number of a session's connection.
    pub(crate) fn connection(&self, session: Session) -> Option<u64> {
        lock(&self.open).get(&session).map(|channel| channel.connection)
    }
}

impl Drop for OpenSession {
    fn drop(&mut self) {
        lock(&self.open).remove(&self.session);
    }
}
