//! Outages: the emulator refuses connections for a while.

use std::{fmt, sync::Arc, time::Duration};

use tokio::{runtime::Handle, sync::watch, time::sleep};

use crate::http::{
    connection::{ConnectionHandle, Connections},
    port::Port,
};

/// The outages of one emulator. At most one of them is active.
#[derive(Clone)]
pub(crate) struct Outages(Arc<Shared>);

struct Shared {
    port: Port,
    connections: Arc<Connections>,
    runtime: Handle,
    closing: watch::Receiver<bool>,
    /// The number of the newest outage, and whether it is active.
    newest: watch::Sender<(u64, bool)>,
}

impl Outages {
    pub(crate) fn new(port: Port, connections: Arc<Connections>, closing: watch::Receiver<bool>) -> Self {
        let (runtime, newest) = (Handle::current(), watch::Sender::default());
        Outages(Arc::new(Shared { port, connections, runtime, closing, newest }))
    }

    /// Starts an outage, which replaces an active one. It does not cut the connection `spared`, which must close soon.
    pub(crate) fn start(&self, duration: Duration, spared: Option<&ConnectionHandle>) -> Outage {
        let shared = &self.0;
        let mut started = 0;
        shared.newest.send_modify(|(number, active)| {
            *number += 1;
            *active = true;
            started = *number;
            shared.port.take_down();
        });
        // The port is already down, so that no new connection is left.
        shared.connections.cut_all_but(spared);
        let outage = Outage { shared: Arc::clone(shared), number: started };
        let (timed, mut closing) = (outage.clone(), shared.closing.clone());
        // The duration starts now, on the emulator's clock, and not when the task first runs.
        let timer = {
            let _context = shared.runtime.enter();
            sleep(duration)
        };
        shared.runtime.spawn(async move {
            tokio::select! {
                () = timer => timed.end(),
                () = timed.ended() => {}
                // An error means that the emulator was dropped.
                _ = closing.wait_for(|closing| *closing) => {}
            }
        });
        outage
    }
}

/// An outage, from `outage` of [`Emulator`](crate::Emulator) or [`JellyfishEmulator`](crate::JellyfishEmulator).
///
/// If you drop it, the outage continues until its time is over. For an example, see `outage`.
#[derive(Clone)]
pub struct Outage {
    shared: Arc<Shared>,
    number: u64,
}

impl Outage {
    /// Ends the outage early. Does nothing if it already ended, or if another outage replaced it.
    pub fn end(&self) {
        self.shared.newest.send_if_modified(|newest| {
            let is_active = *newest == (self.number, true);
            if is_active {
                newest.1 = false;
                // The port can only be opened on the emulator's runtime.
                let _context = self.shared.runtime.enter();
                self.shared.port.restore();
            }
            is_active
        });
    }

    /// Returns `true` until the outage ends or another outage replaces it.
    pub fn is_active(&self) -> bool {
        *self.shared.newest.borrow() == (self.number, true)
    }

    /// Waits until the outage ends or another outage replaces it.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. If you drop the future, the outage continues.
    pub async fn ended(&self) {
        let active = (self.number, true);
        // The outage owns the sender, so the sender does not end while this waits.
        let _ = self.shared.newest.subscribe().wait_for(|newest| *newest != active).await;
    }
}

impl fmt::Debug for Outage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outage").field("active", &self.is_active()).finish_non_exhaustive()
    }
}
