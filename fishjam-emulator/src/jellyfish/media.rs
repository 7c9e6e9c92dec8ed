//! What media does by itself: what a component was asked for happens after a while.

use std::{sync::Weak, time::Duration};

use tokio::{sync::mpsc, task::JoinSet};

use super::{service::Service, state::Happening};

/// Lets things happen until the service is gone.
pub(crate) async fn run(service: Weak<Service>, mut asked: mpsc::UnboundedReceiver<Happening>, delay: Duration) {
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
        service.apply(|state| state.happen(&happening));
    }
}
