//! The clean-up of idle compositions.

use std::time::Duration;

use tokio::time::Instant;

use super::{Composition, Input, Output};

/// The time after which an idle composition is deleted.
const IDLE_LIMIT: Duration = Duration::from_secs(5 * 60);

impl Composition {
    /// Records the time since which the composition is idle.
    pub(super) fn track_activity(&mut self, now: Instant) {
        let is_idle = !self.is_active();
        self.idle_since = self.idle_since.filter(|_| is_idle).or_else(|| is_idle.then_some(now));
    }

    /// Returns `true` if media keeps the composition alive.
    ///
    /// Outputs keep it alive only if the caller chose this. They send media from the start until their end.
    fn is_active(&self) -> bool {
        let outputs_count = !self.cleanup_without_inputs && self.started.is_some();
        self.inputs.iter().any(Input::flows) || outputs_count && !self.outputs.iter().all(Output::is_ended)
    }

    pub(super) fn clean_up_time(&self) -> Option<Instant> {
        self.idle_since?.checked_add(IDLE_LIMIT)
    }
}

impl Input {
    fn flows(&self) -> bool {
        self.audio.flows() || self.video.flows()
    }
}
