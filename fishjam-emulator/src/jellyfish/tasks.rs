//! What media does by itself: what a component was asked for happens after a while.

use std::{sync::Weak, time::Duration};

use tokio::{sync::mpsc, task::JoinSet};

use super::{
    service::Service,
    state::{Happening, Outcome},
};

/// Carries out purges when they are due, until the service is gone.
pub(crate) async fn run_purges(service: Weak<Service>) {
    let mut closing = match service.upgrade() {
        Some(service) => service.closing.clone(),
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
pub(crate) async fn run_media(service: Weak<Service>, mut asked: mpsc::UnboundedReceiver<Happening>, delay: Duration) {
    let mut coming = JoinSet::new();
    loop {
        tokio::select! {
            happening = asked.recv() => match happening {
                Some(happening) => {
                    coming.spawn(come(service.clone(), happening, delay));
                }
                None => return,
            },
            Some(_) = coming.join_next() => {}
        }
    }
}

async fn come(service: Weak<Service>, happening: Happening, delay: Duration) {
    tokio::time::sleep(delay).await;
    if let Some(service) = service.upgrade() {
        let _ = service.change(|state| {
            let effects = state.happen(&happening);
            Ok::<_, ()>(Outcome { value: (), effects })
        });
    }
}
