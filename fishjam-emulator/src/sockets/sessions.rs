//! The connections of peers, so that the state can close them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use tokio::sync::oneshot;

use crate::lock::lock;
use crate::state::Session;

type Closers = Mutex<HashMap<Session, oneshot::Sender<&'static str>>>;

/// All sockets of peers.
#[derive(Default)]
pub(crate) struct Sessions {
    open: Arc<Closers>,
    next: AtomicU64,
}

/// One socket of a peer, while it is open.
pub(super) struct OpenSession {
    pub(super) session: Session,
    /// Receives the reason for which the service closes the socket.
    pub(super) closed: oneshot::Receiver<&'static str>,
    open: Arc<Closers>,
}

impl Sessions {
    pub(super) fn open(&self) -> OpenSession {
        let session = Session(self.next.fetch_add(1, Ordering::Relaxed));
        let (sender, closed) = oneshot::channel();
        lock(&self.open).insert(session, sender);
        OpenSession { session, closed, open: Arc::clone(&self.open) }
    }

    pub(crate) fn close(&self, session: Session, reason: &'static str) {
        if let Some(sender) = lock(&self.open).remove(&session) {
            // A socket that is already gone needs no reason.
            let _ = sender.send(reason);
        }
    }
}

impl Drop for OpenSession {
    fn drop(&mut self) {
        lock(&self.open).remove(&self.session);
    }
}
