//! Compositions: created, started, reset and deleted, with their contents.
//!
//! Transitions do not need the time of the clock. [`State::settle_compositions`] follows each change and gets it.

use std::collections::{BTreeMap, HashMap, VecDeque};

use tokio::time::Instant;
use uuid::Uuid;

mod cleanup;
mod end_conditions;
mod entities;
mod inputs;
mod outputs;
mod renderers;
mod schedule;
mod snapshot;
#[cfg(test)]
mod tests;
mod timeline;

pub(crate) use self::entities::{
    Composition, EndedMedia, Image, Input, InputSource, Mp4Tracks, Output, ScheduledChange, Upload,
};
pub use self::snapshot::{
    CompositionSnapshot, EventSnapshot, ImageSnapshot, InputKind, InputSnapshot, OutputKind, OutputSnapshot,
    UploadSnapshot,
};
pub(crate) use super::composition_event::CompositionEvent;
pub use super::composition_event::{ErrorSeverity, MediaState};
use super::{Effect, Outcome, State};
use crate::{
    log::{DEFAULT_BYTES, Log},
    refusal::Refusal,
    scene::{CreateSpec, EventSpec},
};

/// The maximum number of events of clients that a composition keeps.
const MAX_EVENTS: usize = 65_536;

/// The compositions of one emulator.
#[derive(Debug, Default)]
pub(crate) struct Compositions {
    by_id: BTreeMap<String, Composition>,
    /// Whether a taken id gets 400 instead of 409, as in older versions of the engine.
    pub(crate) refuses_taken_ids_with_400: bool,
    /// The time for which the task of the clock waits.
    wake_up: Option<Instant>,
    /// The latest time of a change.
    latest: Option<Instant>,
}

impl Compositions {
    /// Returns the ids of all compositions.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.by_id.keys().map(String::as_str)
    }

    pub(crate) fn get(&self, id: &str) -> Result<&Composition, Refusal> {
        self.by_id.get(id).ok_or_else(|| no_composition(id))
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Result<&mut Composition, Refusal> {
        self.by_id.get_mut(id).ok_or_else(|| no_composition(id))
    }

    /// Returns the error of an id that is already registered.
    fn taken(&self, code: &'static str, what: &str, id: &str) -> Refusal {
        let status = if self.refuses_taken_ids_with_400 { 400 } else { 409 };
        Refusal::composition(status, Some(code), format!("{what} {id} is already registered"))
    }
}

fn no_composition(id: &str) -> Refusal {
    Refusal::composition(404, None, format!("composition {id} does not exist"))
}

impl State {
    /// Creates a composition and returns its id.
    pub(crate) fn create_composition(&mut self, config: CreateSpec, now: Instant) -> Outcome<String> {
        let id = Uuid::new_v4().to_string();
        let composition = Composition {
            id: id.clone(),
            started: config.autostart.then_some(now),
            cleanup_without_inputs: config.cleanup_without_inputs,
            resets: 0,
            inputs: Vec::new(),
            outputs: Vec::new(),
            images: Vec::new(),
            fonts: Vec::new(),
            events: Log::new(MAX_EVENTS, DEFAULT_BYTES),
            mp4_files: HashMap::new(),
            schedule: BTreeMap::new(),
            schedules_created: 0,
            failures: VecDeque::new(),
            idle_since: None,
        };
        self.compositions.by_id.insert(id.clone(), composition);
        Outcome { value: id, effects: Vec::new() }
    }

    /// Starts a composition. Does nothing if it is started.
    pub(crate) fn start_composition(&mut self, id: &str, now: Instant) -> Result<Outcome<()>, Refusal> {
        let composition = self.compositions.get_mut(id)?;
        let mut effects = Vec::new();
        if composition.started.is_none() {
            composition.started = Some(now);
            composition.play_files(now, &mut effects);
        }
        Ok(Outcome { value: (), effects })
    }

    /// Drops the contents of a composition and stops it. Its id and the events of clients stay.
    pub(crate) fn reset_composition(&mut self, id: &str) -> Result<Outcome<()>, Refusal> {
        let composition = self.compositions.get_mut(id)?;
        composition.started = None;
        composition.resets += 1;
        composition.inputs.clear();
        composition.outputs.clear();
        composition.images.clear();
        composition.fonts.clear();
        composition.schedule.clear();
        // The new pipeline is idle from now on. The next call of `settle` sets the time.
        composition.idle_since = None;
        Ok(Outcome { value: (), effects: Vec::new() })
    }

    /// Deletes a composition with its contents.
    pub(crate) fn delete_composition(&mut self, id: &str) -> Result<Outcome<()>, Refusal> {
        self.compositions.by_id.remove(id).ok_or_else(|| no_composition(id))?;
        let effects = vec![Effect::Composition { composition: id.to_owned(), event: CompositionEvent::Deleted }];
        Ok(Outcome { value: (), effects })
    }

    /// Records an event that a client sends to the templates.
    pub(crate) fn send_composition_event(&mut self, id: &str, event: EventSpec) -> Result<(), Refusal> {
        let size = event_size(&event);
        self.compositions.get_mut(id)?.events.push(event, size);
        Ok(())
    }
}

/// Returns the approximate size in bytes.
fn event_size(event: &EventSpec) -> usize {
    let data = event.data.as_ref().map_or(0, |data| data.to_string().len());
    size_of::<EventSpec>() + event.event_name.len() + data
}

impl Composition {
    fn input_mut(&mut self, id: &str) -> Option<&mut Input> {
        self.inputs.iter_mut().find(|input| input.id == id)
    }

    /// Returns an input by its id.
    pub(crate) fn input(&self, id: &str) -> Option<&Input> {
        self.inputs.iter().find(|input| input.id == id)
    }

    fn output_mut(&mut self, id: &str) -> Option<&mut Output> {
        self.outputs.iter_mut().find(|output| output.id == id)
    }

    /// Returns an output by its id.
    pub(crate) fn output(&self, id: &str) -> Option<&Output> {
        self.outputs.iter().find(|output| output.id == id)
    }

    fn emit(&self, event: CompositionEvent) -> Effect {
        Effect::Composition { composition: self.id.clone(), event }
    }
}
