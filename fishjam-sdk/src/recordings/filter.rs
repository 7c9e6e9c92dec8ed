//! The filter for lists of recordings.

use fishjam_api::fishjam::enums::RecordingStatus;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::{error::Result, metadata::NewMetadata};

/// Filter for a list of recordings. An empty filter matches all recordings.
///
/// ```
/// use fishjam_sdk::{RecordingFilter, RecordingStatus};
/// use serde_json::json;
///
/// let filter = RecordingFilter::new().metadata(json!({ "lesson": "7" })).status(RecordingStatus::Available);
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct RecordingFilter {
    metadata: NewMetadata,
    status: Option<RecordingStatus>,
}

impl RecordingFilter {
    /// Creates an empty filter.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Matches recordings whose metadata contains all of these members, including nested members.
    ///
    /// Defaults to all metadata.
    ///
    /// The value must serialize to a JSON object. The server compares strings:
    ///
    /// - A number, a boolean or `null` in the filter matches a string with the same JSON text.
    /// - A number or a boolean in the metadata of a recording never matches.
    /// - An empty object in the filter matches every recording.
    ///
    /// Listing the recordings fails if a query cannot contain the filter. The filter must be an object without lists,
    /// empty keys or keys that contain `][`.
    #[must_use]
    pub fn metadata(mut self, metadata: impl Serialize) -> Self {
        self.metadata = NewMetadata::new(&metadata);
        self
    }

    /// Matches recordings with this status. Defaults to all statuses.
    ///
    /// Servers before 0.30 ignore this filter.
    #[must_use]
    pub fn status(mut self, status: RecordingStatus) -> Self {
        self.status = Some(status);
        self
    }

    pub(super) fn into_parts(self) -> Result<(Map<String, Value>, Option<RecordingStatus>)> {
        Ok((self.metadata.into_object()?.unwrap_or_default(), self.status))
    }
}
