//! Changes that clients scheduled on the timeline of a composition.

use std::time::Duration;

use tokio::time::Instant;

use super::{Composition, ScheduledChange};
use crate::{
    refusal::Refusal,
    state::{Effect, Outcome, State},
};

/// The maximum number of errors that a composition keeps.
const MAX_FAILURES: usize = 1_000;

impl State {
    /// Executes a change, or schedules it if it has a time. Only an immediate change can be refused.
    pub(crate) fn change_composition(
        &mut self,
        composition: &str,
        schedule_time_ms: Option<f64>,
        change: ScheduledChange,
    ) -> Result<Outcome<()>, Refusal> {
        let composition = self.compositions.get_mut(composition)?;
        let mut effects = Vec::new();
        match schedule_time_ms {
            None => composition.execute(change, &mut effects)?,
            Some(milliseconds) => {
                // A time beyond a `Duration` never comes.
                let at = Duration::try_from_secs_f64(milliseconds / 1_000.0).unwrap_or(Duration::MAX);
                let number = composition.schedules_created;
                composition.schedules_created += 1;
                composition.schedule.insert((at, number), change);
            }
        }
        Ok(Outcome { value: (), effects })
    }
}

impl Composition {
    fn execute(&mut self, change: ScheduledChange, effects: &mut Vec<Effect>) -> Result<(), Refusal> {
        match change {
            ScheduledChange::UpdateOutput(output, update) => self.change_scenes(&output, update),
            ScheduledChange::UnregisterOutput(output) => self.remove_output(&output),
            ScheduledChange::UnregisterInput(input) => self.remove_input(&input, effects),
            ScheduledChange::UnregisterImage(image) => self.remove_image(&image),
        }
    }

    /// Returns the time of the first scheduled change. `None` before the start.
    pub(super) fn next_scheduled(&self) -> Option<Instant> {
        let ((first, _), _) = self.schedule.first_key_value()?;
        self.started?.checked_add(*first)
    }

    /// Executes the first scheduled change. Its error has no response, so it is only recorded.
    pub(super) fn execute_scheduled(&mut self, effects: &mut Vec<Effect>) {
        let Some((_, change)) = self.schedule.pop_first() else {
            return;
        };
        if let Err(refusal) = self.execute(change, effects) {
            if self.failures.len() == MAX_FAILURES {
                self.failures.pop_front();
            }
            self.failures.push_back(refusal.text().to_owned());
        }
    }
}
