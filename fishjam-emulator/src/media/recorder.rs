//! The automatic progress of stopped recordings: they become finished, and then available.

use std::{sync::Weak, time::Duration};

use tokio::{sync::mpsc, task::JoinSet};

use crate::service::Service;

/// Finishes stopped recordings until the service is dropped.
pub(crate) async fn run(service: Weak<Service>, mut stopped: mpsc::UnboundedReceiver<String>, delay: Duration) {
    let mut finishing = JoinSet::new();
    loop {
        tokio::select! {
            id = stopped.recv() => match id {
                Some(id) => {
                    finishing.spawn(finish(service.clone(), id, delay));
                }
                None => return,
            },
            Some(_) = finishing.join_next() => {}
        }
    }
}

/// Finishes a recording, and makes it available. Has no effect if the recording failed or was deleted.
async fn finish(service: Weak<Service>, id: String, delay: Duration) {
    tokio::time::sleep(delay).await;
    if let Some(service) = service.upgrade() {
        let _ = service.change(|state| state.finish_recording(&id).ok_or(()));
    }
    tokio::time::sleep(delay).await;
    if let Some(service) = service.upgrade() {
        let _ = service.change(|state| state.release_recording(&id).ok_or(()));
    }
}
