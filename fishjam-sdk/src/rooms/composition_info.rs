//! The composition of a room.
//!
//! `fishjam_api` keeps it as JSON text, because it contains ids that publishers choose. Thus its decoder is here.

use fishjam_api::{UnknownMembers, with_unknown_members};
use serde::{Deserialize, Deserializer, Serialize};

use crate::{
    extra::{Extra, read_model},
    id::{PeerId, TrackId},
};

/// The composition to which a room's tracks are forwarded.
///
/// It serializes with the member names of the REST API. `Default` creates an empty value for a test.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CompositionInfo {
    /// URL of the composition.
    pub composition_url: String,
    /// Current forwardings.
    pub forwardings: Vec<TrackForwardingInfo>,
    #[serde(flatten)]
    extra: Extra,
}

/// The forwarding of a peer's tracks to a composition.
///
/// It serializes with the member names of the REST API. `Default` creates an empty value for a test.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TrackForwardingInfo {
    /// Id of the peer that publishes the tracks.
    pub peer_id: PeerId,
    /// Id of the composition's input that receives the tracks.
    pub input_id: String,
    /// Id of the audio track, if it is forwarded.
    pub audio_track_id: Option<TrackId>,
    /// Id of the video track, if it is forwarded.
    pub video_track_id: Option<TrackId>,
    #[serde(flatten)]
    extra: Extra,
}

read_model!(CompositionInfo, Whole<InfoMembers>);
read_model!(TrackForwardingInfo, Whole<ForwardingMembers>);

impl CompositionInfo {
    fn from_wire(Whole { known, unknown }: Whole<InfoMembers>) -> Self {
        let InfoMembers { composition_url, forwardings } = known;
        Self { composition_url, forwardings, extra: Extra::new(unknown) }
    }
}

impl TrackForwardingInfo {
    fn from_wire(Whole { known, unknown }: Whole<ForwardingMembers>) -> Self {
        let ForwardingMembers { peer_id, input_id, audio_track_id, video_track_id } = known;
        Self { peer_id, input_id, audio_track_id, video_track_id, extra: Extra::new(unknown) }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InfoMembers {
    composition_url: String,
    forwardings: Vec<TrackForwardingInfo>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ForwardingMembers {
    peer_id: PeerId,
    input_id: String,
    audio_track_id: Option<TrackId>,
    video_track_id: Option<TrackId>,
}

/// An object with its known and its unknown members.
struct Whole<T> {
    known: T,
    unknown: UnknownMembers,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Whole<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (known, unknown) = with_unknown_members(deserializer, |members| T::deserialize(members))?;
        Ok(Self { known, unknown })
    }
}
