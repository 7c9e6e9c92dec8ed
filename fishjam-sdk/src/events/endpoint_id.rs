//! The two ends of a media connection that a room can have.

use fishjam_proto::fishjam::server_message as wire;
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{
    payload::FromWire,
    subject::{About, Subject},
};
use crate::id::{ComponentId, PeerId};

/// Names who publishes a track or has a channel open.
///
/// The hosted service has peers only; a self-hosted server also has components. Serialized as an object with
/// `peer_id`, `component_id` or neither.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EndpointId {
    /// A peer.
    Peer(PeerId),
    /// A component of a self-hosted server's room.
    Component(ComponentId),
    /// The server names nobody, or somebody of a kind that this version does not know.
    Unknown,
}

impl EndpointId {
    /// The peer, if it is one.
    #[must_use]
    pub fn peer_id(&self) -> Option<&PeerId> {
        match self {
            Self::Peer(id) => Some(id),
            Self::Component(_) | Self::Unknown => None,
        }
    }

    /// The component, if it is one.
    #[must_use]
    pub fn component_id(&self) -> Option<&ComponentId> {
        match self {
            Self::Component(id) => Some(id),
            Self::Peer(_) | Self::Unknown => None,
        }
    }
}

impl About for EndpointId {
    fn about<'a>(&'a self, subject: &mut Subject<'a>) {
        match self {
            Self::Peer(id) => id.about(subject),
            Self::Component(id) => id.about(subject),
            Self::Unknown => {}
        }
    }
}

impl Serialize for EndpointId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match self {
            Self::Peer(id) => map.serialize_entry("peer_id", id)?,
            Self::Component(id) => map.serialize_entry("component_id", id)?,
            Self::Unknown => {}
        }
        map.end()
    }
}

macro_rules! endpoint_info {
    ($($message:ident),+) => {$(
        impl FromWire<Option<wire::$message::EndpointInfo>> for EndpointId {
            fn from_wire(wire: Option<wire::$message::EndpointInfo>) -> Self {
                match wire {
                    Some(wire::$message::EndpointInfo::PeerId(id)) => Self::Peer(id.into()),
                    Some(wire::$message::EndpointInfo::ComponentId(id)) => Self::Component(id.into()),
                    None => Self::Unknown,
                }
            }
        }
    )+};
}

endpoint_info!(track_added, track_removed, track_metadata_updated, channel_added, channel_removed);
