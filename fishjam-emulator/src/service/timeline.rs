//! The task that executes the events of the clock when they are due.

use std::sync::Weak;

use super::Service;

/// Executes the events of the clock until the service ends.
pub(crate) async fn run(service: Weak<Service>) {
    let mut closing = match service.upgrade() {
        Some(service) => service.core.closing.clone(),
        None => return,
    };
    loop {
        let Some(running) = service.upgrade() else { return };
        running.pass_time();
        let next = running.state.read(|state| state.next_composition_event());
        tokio::select! {
            _ = closing.wait_for(|closing| *closing) => return,
            () = running.clock.wait(next) => {}
        }
    }
}
