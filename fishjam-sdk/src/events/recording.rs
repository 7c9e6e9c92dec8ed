//! Recordings.

use fishjam_api::fishjam::enums::RecordingStatus;
use fishjam_proto::fishjam::server_message as wire;
use serde::de::DeserializeOwned;

use super::{
    metadata::Metadata,
    payload::{FromWire, payload},
    subject::About,
};
use crate::{error::Result, id::RecordingId};

payload! {
    from RecordingStatusChanged { recording_id, status, metadata };
    /// A recording reached another stage.
    pub struct RecordingStatusChanged {
        /// The recording.
        pub recording_id: RecordingId,
        /// The stage that it reached. A number without a name is kept: `Unknown("7")`, and `Unknown("0")` where the
        /// server says nothing.
        pub status: RecordingStatus,
        /// What was attached to the recording, as it was sent; [`metadata::<T>()`](Self::metadata()) reads it.
        pub metadata: Metadata,
    }
}

impl RecordingStatusChanged {
    /// Reads the metadata of the recording as a type of yours.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if it is not JSON or does not fit the type; see
    /// [`Metadata::parse`].
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

impl About for RecordingStatus {}
