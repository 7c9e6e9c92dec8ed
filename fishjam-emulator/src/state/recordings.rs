//! Recordings: active, then finished, then available or failed.

use serde_json::{Map, Value};
use uuid::Uuid;

use super::{Effect, Outcome, State};
use crate::{notification, refusal::Refusal};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RecordingStatus {
    Active,
    Finished,
    Available,
    Failed,
}

impl RecordingStatus {
    pub(crate) fn name(self) -> &'static str {
        match self {
            RecordingStatus::Active => "active",
            RecordingStatus::Finished => "finished",
            RecordingStatus::Available => "available",
            RecordingStatus::Failed => "failed",
        }
    }

    pub(crate) fn of(name: &str) -> Option<Self> {
        [RecordingStatus::Active, RecordingStatus::Finished, RecordingStatus::Available, RecordingStatus::Failed]
            .into_iter()
            .find(|status| status.name() == name)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Recording {
    pub(crate) id: String,
    /// As the service answers it, defaults filled in.
    pub(crate) source: Value,
    pub(crate) metadata: Option<Map<String, Value>>,
    pub(crate) status: RecordingStatus,
    /// The names of the files, in the order in which they are played.
    pub(crate) files: Vec<String>,
    /// Somebody has asked for its end.
    stopping: bool,
}

impl Recording {
    /// Whether it has these values in its metadata, and perhaps others.
    ///
    /// The filter's values are texts. They match equal texts and nothing else, except that `null` also matches what
    /// is null.
    pub(crate) fn has_metadata(&self, filter: &Map<String, Value>) -> bool {
        let metadata = self.metadata.as_ref();
        filter.iter().all(|(key, wanted)| metadata.and_then(|all| all.get(key)).is_some_and(|got| holds(got, wanted)))
    }
}

fn holds(got: &Value, wanted: &Value) -> bool {
    match (got, wanted) {
        (Value::Object(got), Value::Object(wanted)) => {
            wanted.iter().all(|(key, wanted)| got.get(key).is_some_and(|got| holds(got, wanted)))
        }
        (Value::Array(got), Value::Array(wanted)) => wanted.iter().all(|one| got.iter().any(|got| holds(got, one))),
        (Value::Null, Value::String(wanted)) => wanted == "null",
        (Value::String(got), Value::String(wanted)) => got == wanted,
        _ => false,
    }
}

impl State {
    pub(crate) fn recordings(&self) -> &[Recording] {
        &self.recordings
    }

    pub(crate) fn recording(&self, id: &str) -> Result<&Recording, Refusal> {
        self.recordings.iter().find(|one| one.id == id).ok_or_else(|| Refusal::no_recording(id))
    }

    pub(crate) fn create_recording(
        &mut self,
        source: Value,
        metadata: Option<Map<String, Value>>,
    ) -> Outcome<Recording> {
        let recording = Recording {
            id: Uuid::new_v4().to_string(),
            source,
            metadata,
            status: RecordingStatus::Active,
            files: Vec::new(),
            stopping: false,
        };
        self.recordings.push(recording.clone());
        let effects = vec![told(&recording)];
        Outcome { value: recording, effects }
    }

    /// Asks for the end of a recording, which comes later. Of one that is not active it changes nothing.
    pub(crate) fn stop_recording(&mut self, id: &str) -> Result<Outcome<Recording>, Refusal> {
        let recording = self.recording_mut(id).ok_or_else(|| Refusal::no_recording(id))?;
        let mut effects = Vec::new();
        if recording.status == RecordingStatus::Active && !recording.stopping {
            recording.stopping = true;
            effects.push(Effect::ConcludeRecording(id.to_owned()));
        }
        Ok(Outcome { value: recording.clone(), effects })
    }

    /// Deletes a recording. An active one cannot be deleted; an unknown one is already gone.
    pub(crate) fn delete_recording(&mut self, id: &str) -> Result<(), Refusal> {
        if self.recording(id).is_ok_and(|recording| recording.status == RecordingStatus::Active) {
            return Err(Refusal::conflict(format!("Recording {id} is active")));
        }
        self.recordings.retain(|recording| recording.id != id);
        Ok(())
    }

    /// The next status of an undisturbed life; `None` when there is no such recording or none after its status.
    pub(crate) fn advance_recording(&mut self, id: &str) -> Option<Outcome<RecordingStatus>> {
        match self.recording(id).ok()?.status {
            RecordingStatus::Active => self.finish_recording(id),
            RecordingStatus::Finished => self.release_recording(id),
            RecordingStatus::Available | RecordingStatus::Failed => None,
        }
    }

    /// From active to finished.
    pub(crate) fn finish_recording(&mut self, id: &str) -> Option<Outcome<RecordingStatus>> {
        self.move_on(id, &[RecordingStatus::Active], RecordingStatus::Finished)
    }

    /// From finished to available, with files.
    pub(crate) fn release_recording(&mut self, id: &str) -> Option<Outcome<RecordingStatus>> {
        self.move_on(id, &[RecordingStatus::Finished], RecordingStatus::Available)
    }

    /// From active or finished to failed.
    pub(crate) fn fail_recording(&mut self, id: &str) -> Option<Outcome<RecordingStatus>> {
        self.move_on(id, &[RecordingStatus::Active, RecordingStatus::Finished], RecordingStatus::Failed)
    }

    fn move_on(&mut self, id: &str, from: &[RecordingStatus], to: RecordingStatus) -> Option<Outcome<RecordingStatus>> {
        let recording = self.recording_mut(id).filter(|recording| from.contains(&recording.status))?;
        recording.status = to;
        if to == RecordingStatus::Available {
            recording.files = vec![format!("{id}/0.mp4")];
        }
        Some(Outcome { value: to, effects: vec![told(recording)] })
    }

    fn recording_mut(&mut self, id: &str) -> Option<&mut Recording> {
        self.recordings.iter_mut().find(|one| one.id == id)
    }
}

fn told(recording: &Recording) -> Effect {
    Effect::Notify(notification::recording_status_changed(recording))
}
