//! The versions of the self-hosted server, and their differences.

use super::component::ComponentType;
use crate::refusal::Refusal;

/// A version of the self-hosted server.
///
/// Both versions accept the same requests and send the same frames. They differ in:
///
/// - the member with the address of a new room, `jellyfish_address` or `fishjam_address`
/// - the characters of room ids: 0.6 allows underscores
/// - the messages for bad room ids and for full rooms
/// - the response to a peer or component that is disabled: 0.5 crashes the room, 0.6 responds with 400
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JellyfishContract {
    /// Jellyfish 0.5.0.
    #[default]
    V0_5,
    /// Fishjam 0.6.3, the server's name since 0.6.
    V0_6,
}

impl JellyfishContract {
    /// Returns the version in the response to a health check.
    pub(super) fn version(self) -> &'static str {
        match self {
            JellyfishContract::V0_5 => "0.5.0",
            JellyfishContract::V0_6 => "0.6.3",
        }
    }

    /// Returns `true` if a room id may contain this character.
    pub(super) fn allows_in_room_id(self, byte: u8) -> bool {
        byte.is_ascii_alphanumeric() || byte == b'-' || (self == JellyfishContract::V0_6 && byte == b'_')
    }

    pub(super) fn bad_room_id(self, id: &str) -> Refusal {
        let allowed = match self {
            JellyfishContract::V0_5 => "alphanumeric characters and hyphens",
            JellyfishContract::V0_6 => "alphanumeric characters, hyphens and underscores",
        };
        Refusal::bad_request(format!("Cannot add room with id \"{id}\" - roomId may contain only {allowed}"))
    }

    pub(super) fn peer_limit(self, room: &str) -> Refusal {
        let limit = match self {
            JellyfishContract::V0_5 => "peer limit",
            JellyfishContract::V0_6 => "webrtc peers limit",
        };
        Refusal::new(503, format!("Reached {limit} in room {room}"))
    }

    pub(super) fn component_limit(self, component_type: ComponentType, room: &str) -> Refusal {
        let of = match self {
            JellyfishContract::V0_5 => "limit for component",
            JellyfishContract::V0_6 => "limit",
        };
        Refusal::bad_request(format!("Reached {} components {of} in room {room}", component_type.name()))
    }

    /// Returns the response to a new peer where peers are disabled.
    ///
    /// Returns `None` if the room crashes instead.
    pub(super) fn no_peers(self) -> Option<Refusal> {
        self.disabled("Peers", "webrtc")
    }

    /// Returns the response to a new component whose type is disabled.
    ///
    /// Returns `None` if the room crashes instead.
    pub(super) fn no_components(self, component_type: ComponentType) -> Option<Refusal> {
        self.disabled("Components", component_type.name())
    }

    fn disabled(self, what: &str, kind: &str) -> Option<Refusal> {
        let refusal = || Refusal::bad_request(format!("{what} of type {kind} are disabled on this Fishjam"));
        (self == JellyfishContract::V0_6).then(refusal)
    }
}
