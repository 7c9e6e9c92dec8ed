//! Voice activity: whether somebody speaks.

use std::fmt;

use fishjam_proto::fishjam::server_message as wire;
use serde::ser::{Serialize, Serializer};

use super::{
    payload::{FromWire, payload},
    subject::About,
};
use crate::id::{PeerId, RoomId, TrackId};

payload! {
    from VadNotification { room_id, peer_id, track_id, status };
    /// Somebody began or stopped to speak on an audio track.
    ///
    /// Never part of a webhook's batch: the service sends it on its own even where batches are asked for.
    pub struct VadNotification {
        /// The room in which the track is.
        pub room_id: RoomId,
        /// The peer that publishes the track.
        pub peer_id: PeerId,
        /// The audio track that is listened to.
        pub track_id: TrackId,
        /// What can be heard now.
        pub status: VoiceActivity,
    }
}

/// Whether a voice can be heard. Prints and serializes as `silence`, `speech` or the unknown number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum VoiceActivity {
    /// Nobody speaks.
    Silence,
    /// Somebody speaks.
    Speech,
    /// A number that this version does not know, or 0, by which the server says nothing.
    Unknown(i32),
}

impl fmt::Display for VoiceActivity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Silence => f.write_str("silence"),
            Self::Speech => f.write_str("speech"),
            Self::Unknown(number) => write!(f, "{number}"),
        }
    }
}

impl Serialize for VoiceActivity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl FromWire<i32> for VoiceActivity {
    fn from_wire(number: i32) -> Self {
        use wire::vad_notification::Status;
        match Status::try_from(number) {
            Ok(Status::Silence) => Self::Silence,
            Ok(Status::Speech) => Self::Speech,
            Ok(Status::Unspecified) | Err(_) => Self::Unknown(number),
        }
    }
}

impl About for VoiceActivity {}
