//! The tasks of the emulator: purges and delayed media steps.

use std::{sync::Weak, time::Duration};

use tokio::{sync::mpsc, task::JoinSet};

use super::{service::Service, state::MediaStep};

/// Executes purges when they are due, until the service ends.
pub(crate) async fn run_purges(service: Weak<Service>) {
    let mut closing = match service.upgrade() {
        Some(service) => service.core.closing.clone(),
        None => return,
    };
    loop {
        let Some(running) = service.upgrade() else { return };
        let next = running.purge();
        tokio::select! {
            _ = closing.wait_for(|closing| *closing) => return,
            () = running.clock.wait(next) => {}
        }
    }
}

/// Executes each media step after a delay, until the service ends.
pub(crate) async fn run_media(service: Weak<Service>, mut steps: mpsc::UnboundedReceiver<MediaStep>, delay: Duration) {
    let mut delayed = JoinSet::new();
    loop {
        tokio::select! {
            step = steps.recv() => match step {
                Some(step) => {
                    delayed.spawn(execute_later(service.clone(), step, delay));
                }
                None => return,
            },
            Some(_) = delayed.join_next() => {}
        }
    }
}

async fn execute_later(service: Weak<Service>, step: MediaStep, delay: Duration) {
    tokio::time::sleep(delay).await;
    if let Some(service) = service.upgrade() {
        service.apply(|state| state.execute_media_step(&step));
    }
}
