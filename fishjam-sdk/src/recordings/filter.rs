//! Which recordings are listed.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::{RecordingStatus, error::Result, metadata::NewMetadata};

/// Which recordings are listed; an empty filter lets all of them pass.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct RecordingFilter {
    metadata: NewMetadata,
    status: Option<RecordingStatus>,
}

impl RecordingFilter {
    /// The empty filter.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets only recordings pass whose metadata has all of these members, nested ones included: anything that
    /// serializes to a JSON object.
    ///
    /// The service compares text. A number or boolean here is sent as its JSON text, which finds that text; a
    /// number or boolean in a recording's metadata is never found. `null` is sent as the text `null`, and an object
    /// without members asks for nothing.
    ///
    /// Refused when the recordings are listed, because no query can hold it: something else than an object, a list
    /// anywhere in it, a key that is empty, a key that contains `][`.
    #[must_use]
    pub fn metadata(mut self, metadata: impl Serialize) -> Self {
        self.metadata = NewMetadata::new("the filter's metadata", &metadata);
        self
    }

    /// Lets only recordings in this stage pass.
    ///
    /// Services before 0.30 do not know this and list all stages.
    #[must_use]
    pub fn status(mut self, status: RecordingStatus) -> Self {
        self.status = Some(status);
        self
    }

    pub(super) fn into_parts(self) -> Result<(Map<String, Value>, Option<RecordingStatus>)> {
        Ok((self.metadata.into_object()?.unwrap_or_default(), self.status))
    }
}
