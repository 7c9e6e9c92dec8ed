//! What media does by itself: what a component was asked for happens after a while.

use std::{sync::Weak, time::Duration};

use tokio::{sync::mpsc, task::JoinSet};

use super::{service::Service, state::MediaStep};

/// Carries out purges when they are due, until the service is gone.
pub(crate) async fn run_purges(service: Weak<Service>) {
    let mut closing = match service.upgrade() {
        Some(service) => service.core.closing.clone(),
        None => return,
    };
    loop {
        let Some(alive) = service.upgrade() else { return };
        let next = alive.purge();
        tokio::select! {
            _ = closing.wait_for(|closing| *closing) => return,
            () = alive.clock.wait(next) => {}
        }
    }
}

/// Lets things happen until the service is gone.
pub(crate) async fn run_media(service: Weak<Service>, mut asked: mpsc::UnboundedReceiver<MediaStep>, delay: Duration) {
    let mut coming = JoinSet::new();
    loop {
        tokio::select! {
            step = asked.recv() => match step {
                Some(step) => {
                    coming.spawn(come(service.clone(), step, delay));
                }
                None => return,
            },
            Some(_) = coming.join_next() => {}
        }
    }
}

async fn come(service: Weak<Service>, step: MediaStep, delay: Duration) {
    tokio::time::sleep(delay).await;
    if let Some(service) = service.upgrade() {
        service.apply(|state| state.execute_media_step(&step));
    }
}
