//! The recordings of compositions of this emulator.

use std::mem;

use serde_json::Value;

use super::OwnAddress;
use crate::{
    refusal::Refusal,
    state::{Effect, RecordingStatus, State},
};

/// A recording of a composition.
#[derive(Debug)]
pub(super) struct RecordedOutput {
    recording: String,
    source: OwnSource,
}

/// The source of a recording: a composition of this emulator.
#[derive(Debug)]
pub(in crate::state) struct OwnSource {
    composition: String,
    /// The number of resets before the recording. A reset ends it.
    resets: u64,
    /// `None` if a template renders a scene of its own.
    output: Option<String>,
}

impl State {
    /// Checks the source of a new recording.
    ///
    /// Returns `None` if the composition belongs to another server. Such compositions are not checked.
    ///
    /// # Errors
    ///
    /// The documented statuses leave only 400 for an unknown composition or output. This is an assumption.
    pub(in crate::state) fn own_source(&self, source: &Value) -> Result<Option<OwnSource>, Refusal> {
        let text = |name: &str| source.get(name).and_then(Value::as_str);
        let url = text("compositionURL").unwrap_or_default();
        let unknown = || Refusal::bad_request(format!("Composition {url} does not exist"));
        let composition = match OwnAddress::of(url, &self.links.authority) {
            None => return Ok(None),
            Some(OwnAddress::Composition(id)) => self.compositions.get(id).map_err(|_| unknown())?,
            Some(_) => return Err(unknown()),
        };
        let output = text("outputId");
        if let Some(output) = output.filter(|output| composition.output(output).is_none()) {
            return Err(Refusal::bad_request(format!("Output {output} does not exist")));
        }
        let (id, resets) = (composition.id.clone(), composition.resets);
        Ok(Some(OwnSource { composition: id, resets, output: output.map(str::to_owned) }))
    }

    /// Ends a recording together with its source.
    pub(in crate::state) fn follow_source(&mut self, recording: &str, source: Option<OwnSource>) {
        let recorded = source.map(|source| RecordedOutput { recording: recording.to_owned(), source });
        self.links.recordings.extend(recorded);
    }

    /// Stops the recordings whose source ended.
    pub(super) fn settle_recorded_outputs(&mut self, effects: &mut Vec<Effect>) {
        for recorded in mem::take(&mut self.links.recordings) {
            let id = &recorded.recording;
            if self.recording(id).is_ok_and(|recording| recording.status == RecordingStatus::Active) {
                if self.is_live(&recorded.source) {
                    self.links.recordings.push(recorded);
                } else if let Ok(stopped) = self.stop_recording(id) {
                    effects.extend(stopped.effects);
                }
            }
        }
    }

    fn is_live(&self, source: &OwnSource) -> bool {
        let found = self.compositions.get(&source.composition).ok().filter(|found| found.resets == source.resets);
        let output = |id: &String| found.and_then(|found| found.output(id)).is_some_and(|output| !output.is_ended());
        found.is_some() && source.output.as_ref().is_none_or(output)
    }
}
