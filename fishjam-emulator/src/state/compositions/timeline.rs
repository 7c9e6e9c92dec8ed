//! The time of compositions: ends of files, scheduled changes and clean-ups, in their order.

use tokio::time::Instant;

use super::{Composition, MediaState};
use crate::state::{Effect, State, TrackKind};

/// An event of the clock. At equal times, files end first and clean-ups are last.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    FileEnds { input: String, video: bool },
    Scheduled,
    CleanUp,
}

impl State {
    /// Returns the time of the next event of all compositions.
    pub(crate) fn next_composition_event(&self) -> Option<Instant> {
        self.first_due().map(|(at, _, _)| at)
    }

    /// Executes all events that are due by a time, each at its own time.
    pub(crate) fn pass_time(&mut self, until: Instant) -> Vec<Effect> {
        let mut effects = Vec::new();
        while let Some((at, id, due)) = self.first_due().filter(|(at, _, _)| *at <= until) {
            let found = self.compositions.get_mut(&id);
            match (due, found) {
                (Due::FileEnds { input, video }, Ok(composition)) => {
                    let kind = if video { TrackKind::Video } else { TrackKind::Audio };
                    let _ = composition.set_media(&input, kind, MediaState::Ended, &mut effects);
                }
                (Due::Scheduled, Ok(composition)) => composition.execute_scheduled(&mut effects),
                (Due::CleanUp, _) => {
                    if let Ok(outcome) = self.delete_composition(&id) {
                        effects.extend(outcome.effects);
                    }
                }
                (_, Err(_)) => {}
            }
            self.settle_compositions(at, &mut effects);
        }
        effects
    }

    /// Completes a change at a time.
    ///
    /// Ends connections of which one side ended, updates the idle times of compositions, and wakes the task of the clock.
    pub(crate) fn settle_compositions(&mut self, at: Instant, effects: &mut Vec<Effect>) {
        self.settle_links(effects);
        // A change with a time in the past is executed late. If it makes the composition idle, the idle time starts now
        // and not at the time of the change.
        let now = self.compositions.latest.map_or(at, |latest| latest.max(at));
        self.compositions.latest = Some(now);
        for composition in self.compositions.by_id.values_mut() {
            composition.track_activity(now);
        }
        let next = self.next_composition_event();
        if self.compositions.wake_up != next {
            self.compositions.wake_up = next;
            effects.push(Effect::Reschedule);
        }
    }

    fn first_due(&self) -> Option<(Instant, String, Due)> {
        let due = |composition: &Composition| {
            let (at, due) = composition.first_due()?;
            Some((at, composition.id.clone(), due))
        };
        self.compositions.by_id.values().filter_map(due).min()
    }
}

impl Composition {
    fn first_due(&self) -> Option<(Instant, Due)> {
        let files = self.inputs.iter().filter_map(|input| {
            let (at, kind) = input.next_end()?;
            Some((at, Due::FileEnds { input: input.id.clone(), video: kind == TrackKind::Video }))
        });
        let scheduled = self.next_scheduled().map(|at| (at, Due::Scheduled));
        let clean_up = self.clean_up_time().map(|at| (at, Due::CleanUp));
        files.chain(scheduled).chain(clean_up).min()
    }
}
