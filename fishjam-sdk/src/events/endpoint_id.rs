//! The two kinds of endpoints in a room.

use fishjam_proto::fishjam::server_message as wire;
use serde::{
    Deserialize, Deserializer,
    de::Error as _,
    ser::{Serialize, SerializeMap, Serializer},
};

use super::{
    from_wire::FromWire,
    ids::{CollectIds, NotificationIds},
};
use crate::{
    id::{ComponentId, PeerId},
    json_error::read_unquoted,
};

/// The publisher of a track or the owner of a channel.
///
/// Hosted Fishjam has only peers. A self-hosted server also has components. The type serializes as an object with
/// `peerId`, with `componentId`, or with neither.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EndpointId {
    /// A peer.
    Peer(PeerId),
    /// A component of a self-hosted server.
    Component(ComponentId),
    /// No endpoint, or an endpoint of a kind that this version does not know.
    #[default]
    Unknown,
}

impl EndpointId {
    /// Returns the id of the peer, or `None` if the endpoint is not a peer.
    #[must_use]
    pub fn peer_id(&self) -> Option<&PeerId> {
        match self {
            Self::Peer(id) => Some(id),
            Self::Component(_) | Self::Unknown => None,
        }
    }

    /// Returns the id of the component, or `None` if the endpoint is not a component.
    #[must_use]
    pub fn component_id(&self) -> Option<&ComponentId> {
        match self {
            Self::Component(id) => Some(id),
            Self::Peer(_) | Self::Unknown => None,
        }
    }
}

impl CollectIds for EndpointId {
    fn collect_ids<'a>(&'a self, ids: &mut NotificationIds<'a>) {
        match self {
            Self::Peer(id) => id.collect_ids(ids),
            Self::Component(id) => id.collect_ids(ids),
            Self::Unknown => {}
        }
    }
}

impl Serialize for EndpointId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match self {
            Self::Peer(id) => map.serialize_entry("peerId", id)?,
            Self::Component(id) => map.serialize_entry("componentId", id)?,
            Self::Unknown => {}
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for EndpointId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Members {
            peer_id: Option<PeerId>,
            component_id: Option<ComponentId>,
        }
        match read_unquoted(deserializer)? {
            Members { peer_id: Some(id), component_id: None } => Ok(Self::Peer(id)),
            Members { peer_id: None, component_id: Some(id) } => Ok(Self::Component(id)),
            Members { peer_id: None, component_id: None } => Ok(Self::Unknown),
            Members { peer_id: Some(_), component_id: Some(_) } => {
                Err(D::Error::custom("invalid value: an endpoint has either `peerId` or `componentId`"))
            }
        }
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
