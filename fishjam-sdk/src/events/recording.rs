//! Notifications about recordings.

use fishjam_api::fishjam::enums::RecordingStatus;
use fishjam_proto::fishjam::server_message as wire;
use serde::de::DeserializeOwned;

use super::{from_wire::FromWire, ids::CollectIds, payload::payload};
use crate::{error::Result, id::RecordingId, metadata::Metadata};

payload! {
    from RecordingStatusChanged { recording_id, status, metadata };
    /// The status of a recording changed.
    ///
    /// The content of [`Notification::RecordingStatusChanged`](super::Notification::RecordingStatusChanged).
    pub struct RecordingStatusChanged {
        /// The recording.
        pub recording_id: RecordingId,
        /// The new status. An unknown status keeps its number, such as `Unknown("7")`. A missing status is
        /// `Unknown("0")`.
        pub status: RecordingStatus,
        /// The metadata of the recording as the server sent it. Parse it with [`metadata::<T>()`](Self::metadata()).
        #[serde(default)]
        pub metadata: Metadata,
    }
}

impl RecordingStatusChanged {
    /// Parses the metadata into `T`.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Decode`](crate::ErrorKind::Decode) if the metadata is not valid JSON or does not match the
    /// type; see [`Metadata::parse`].
    pub fn metadata<T: DeserializeOwned>(&self) -> Result<T> {
        self.metadata.parse_from("recording_status_changed")
    }
}

impl FromWire<i32> for RecordingStatus {
    fn from_wire(number: i32) -> Self {
        use wire::recording_status_changed::Status;
        match Status::try_from(number) {
            Ok(Status::Active) => Self::Active,
            Ok(Status::Finished) => Self::Finished,
            Ok(Status::Available) => Self::Available,
            Ok(Status::Failed) => Self::Failed,
            Ok(Status::Unspecified) | Err(_) => Self::Unknown(number.to_string()),
        }
    }
}

impl CollectIds for RecordingStatus {}
