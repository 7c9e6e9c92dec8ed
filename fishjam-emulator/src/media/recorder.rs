//! What becomes of a stopped recording by itself: it is finished, and then available.

use std::{sync::Weak, time::Duration};

use tokio::{sync::mpsc, task::JoinSet};

use crate::service::Service;

/// Brings recordings to their end until the service is gone.
pub(crate) async fn run(service: Weak<Service>, mut stopped: mpsc::UnboundedReceiver<String>, delay: Duration) {
    let mut concluding = JoinSet::new();
    loop {
        tokio::select! {
            id = stopped.recv() => match id {
                Some(id) => {
                    concluding.spawn(conclude(service.clone(), id, delay));
                }
                None => return,
            },
            Some(_) = concluding.join_next() => {}
        }
    }
}

/// A recording that has failed or is deleted meanwhile stays as it is.
async fn conclude(service: Weak<Service>, id: String, delay: Duration) {
    tokio::time::sleep(delay).await;
    if let Some(service) = service.upgrade() {
        let _ = service.change(|state| state.finish_recording(&id).ok_or(()));
    }
    tokio::time::sleep(delay).await;
    if let Some(service) = service.upgrade() {
        let _ = service.change(|state| state.release_recording(&id).ok_or(()));
    }
}
