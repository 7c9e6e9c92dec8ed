//! The connections of peers, so that the state can close them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use tokio::sync::oneshot;

use crate::lock::lock;
use crate::state::Session;

/// A close code and its reason.
pub(crate) type Closing = (u16, &'static str);

type Closers = Mutex<HashMap<Session, oneshot::Sender<Closing>>>;

/// All sockets of peers.
#[derive(Default)]
pub(crate) struct Sessions {
    open: Arc<Closers>,
    next: AtomicU64,
}

/// One socket of a peer, while it is open.
pub(crate) struct OpenSession {
    pub(crate) session: Session,
    /// Receives how the service closes the socket.
    pub(crate) closed: oneshot::Receiver<Closing>,
    open: Arc<Closers>,
}

impl Sessions {
    pub(crate) fn open(&self) -> OpenSession {
        let session = Session(self.next.fetch_add(1, Ordering::Relaxed));
        let (sender, closed) = oneshot::channel();
        lock(&self.open).insert(session, sender);
        OpenSession { session, closed, open: Arc::clone(&self.open) }
    }

    pub(crate) fn close(&self, session: Session, closing: Closing) {
        if let Some(sender) = lock(&self.open).remove(&session) {
            // A socket that is already gone needs no reason.
            let _ = sender.send(closing);
        }
    }
}

impl Drop for OpenSession {
    fn drop(&mut self) {
        lock(&self.open).remove(&self.session);
    }
}
