//! Recordings: active, then finished, then available or failed.

use serde_json::{Map, Value};
use uuid::Uuid;

use super::{Effect, Event, Outcome, Recording, RecordingStatus, State};
use crate::refusal::Refusal;

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

impl Recording {
    /// Returns `true` if the metadata contains these values.
    ///
    /// The values of the filter are strings. A string matches an equal string. The string `null` also matches `null`.
    pub(crate) fn has_metadata(&self, filter: &Map<String, Value>) -> bool {
        let metadata = self.metadata.as_ref();
        filter
            .iter()
            .all(|(key, wanted)| metadata.and_then(|all| all.get(key)).is_some_and(|got| contains(got, wanted)))
    }
}

fn contains(got: &Value, wanted: &Value) -> bool {
    match (got, wanted) {
        (Value::Object(got), Value::Object(wanted)) => {
            wanted.iter().all(|(key, wanted)| got.get(key).is_some_and(|got| contains(got, wanted)))
        }
        (Value::Array(got), Value::Array(wanted)) => wanted.iter().all(|one| got.iter().any(|got| contains(got, one))),
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

    /// Creates a recording. It ends with its composition and its output, if the emulator serves them.
    pub(crate) fn create_recording(
        &mut self,
        source: Value,
        metadata: Option<Map<String, Value>>,
    ) -> Result<Outcome<Recording>, Refusal> {
        let own_source = self.own_source(&source)?;
        let recording = Recording {
            id: Uuid::new_v4().to_string(),
            source,
            metadata,
            status: RecordingStatus::Active,
            files: Vec::new(),
            stopping: false,
        };
        self.recordings.push(recording.clone());
        self.follow_source(&recording.id, own_source);
        let effects = vec![status_changed(&recording)];
        Ok(Outcome { value: recording, effects })
    }

    /// Stops a recording, which finishes later. Does nothing if the recording is not active.
    pub(crate) fn stop_recording(&mut self, id: &str) -> Result<Outcome<Recording>, Refusal> {
        let recording = self.recording_mut(id).ok_or_else(|| Refusal::no_recording(id))?;
        let mut effects = Vec::new();
        if recording.status == RecordingStatus::Active && !recording.stopping {
            recording.stopping = true;
            effects.push(Effect::ConcludeRecording(id.to_owned()));
        }
        Ok(Outcome { value: recording.clone(), effects })
    }

    /// Deletes a recording that is not active. Does nothing if the recording does not exist.
    pub(crate) fn delete_recording(&mut self, id: &str) -> Result<(), Refusal> {
        if self.recording(id).is_ok_and(|recording| recording.status == RecordingStatus::Active) {
            return Err(Refusal::conflict(format!("Recording {id} is active")));
        }
        self.recordings.retain(|recording| recording.id != id);
        Ok(())
    }

    /// Sets the next status. Returns `None` if the recording does not exist or has its final status.
    pub(crate) fn advance_recording(&mut self, id: &str) -> Option<Outcome<RecordingStatus>> {
        match self.recording(id).ok()?.status {
            RecordingStatus::Active => self.finish_recording(id),
            RecordingStatus::Finished => self.release_recording(id),
            RecordingStatus::Available | RecordingStatus::Failed => None,
        }
    }

    /// Changes the status from active to finished.
    pub(crate) fn finish_recording(&mut self, id: &str) -> Option<Outcome<RecordingStatus>> {
        self.set_status(id, &[RecordingStatus::Active], RecordingStatus::Finished)
    }

    /// Changes the status from finished to available, and adds the file.
    pub(crate) fn release_recording(&mut self, id: &str) -> Option<Outcome<RecordingStatus>> {
        self.set_status(id, &[RecordingStatus::Finished], RecordingStatus::Available)
    }

    /// Changes the status from active or finished to failed.
    pub(crate) fn fail_recording(&mut self, id: &str) -> Option<Outcome<RecordingStatus>> {
        self.set_status(id, &[RecordingStatus::Active, RecordingStatus::Finished], RecordingStatus::Failed)
    }

    fn set_status(
        &mut self,
        id: &str,
        from: &[RecordingStatus],
        to: RecordingStatus,
    ) -> Option<Outcome<RecordingStatus>> {
        let recording = self.recording_mut(id).filter(|recording| from.contains(&recording.status))?;
        recording.status = to;
        if to == RecordingStatus::Available {
            recording.files = vec![format!("{id}/0.mp4")];
        }
        Some(Outcome { value: to, effects: vec![status_changed(recording)] })
    }

    fn recording_mut(&mut self, id: &str) -> Option<&mut Recording> {
        self.recordings.iter_mut().find(|one| one.id == id)
    }
}

fn status_changed(recording: &Recording) -> Effect {
    Effect::Notify(Event::RecordingStatusChanged(recording.clone()))
}
