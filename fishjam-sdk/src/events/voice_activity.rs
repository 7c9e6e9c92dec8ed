//! Notifications about voice activity.

use std::fmt;

use fishjam_proto::fishjam::server_message as wire;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::{from_wire::FromWire, ids::CollectIds, payload::payload};
use crate::{
    id::{PeerId, RoomId, TrackId},
    json_error::read_unquoted,
};

payload! {
    from VadNotification { room_id, peer_id, track_id, status };
    /// A peer started or stopped speaking.
    ///
    /// Webhooks never contain this notification in a batch, even if the room uses batches.
    ///
    /// The content of [`Notification::VadNotification`](super::Notification::VadNotification).
    pub struct VadNotification {
        /// The room of the peer.
        pub room_id: RoomId,
        /// The peer that publishes the track.
        pub peer_id: PeerId,
        /// The audio track.
        pub track_id: TrackId,
        /// The new voice activity of the track.
        pub status: VoiceActivity,
    }
}

/// The voice activity of a track. Prints and serializes as `silence`, `speech` or the unknown number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum VoiceActivity {
    /// The track contains no speech.
    Silence,
    /// The track contains speech.
    Speech,
    /// A number that this version does not know, or 0 if the server sent none.
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

impl<'de> Deserialize<'de> for VoiceActivity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let activity: String = read_unquoted(deserializer)?;
        match activity.as_str() {
            "silence" => Ok(Self::Silence),
            "speech" => Ok(Self::Speech),
            number => match number.parse() {
                Ok(number) => Ok(Self::from_wire(number)),
                Err(_) => Err(D::Error::custom("invalid value: expected `silence`, `speech` or a number")),
            },
        }
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

impl CollectIds for VoiceActivity {}
