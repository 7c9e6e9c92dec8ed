//! The media events that the peers of a room exchange.
//!
//! Fishjam and Jellyfish relay the same events, by the rules of the same media engine.

use std::{collections::HashMap, sync::Mutex};

use bytes::Bytes;
use fishjam_proto::fishjam::{
    PeerMessage,
    peer_message::{Content, MediaEvent},
};
use prost::Message as _;
use serde_json::{Value, json};

use super::SocketRegistry;
use crate::lock::lock;

/// A media event that the emulator relays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RelayedMessage {
    /// The peer joins.
    Connect,
    /// The peer changed its metadata.
    Metadata,
}

impl RelayedMessage {
    /// Returns the media event of this name, if the emulator relays it.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "connect" => Some(RelayedMessage::Connect),
            "updateEndpointMetadata" => Some(RelayedMessage::Metadata),
            _ => None,
        }
    }
}

/// The joined peers of all rooms, in the order in which they joined.
///
/// Lock order: the relay, then the state, then the registry. The relay holds its lock while it publishes, so that media
/// events and notifications have the same order.
#[derive(Default)]
pub(crate) struct PeerRelay(Mutex<HashMap<String, Vec<Endpoint>>>);

struct Endpoint {
    peer: String,
    /// Number of the peer's socket.
    socket: u64,
    metadata: Value,
    /// Whether the peer sent `connect`.
    joined: bool,
}

impl PeerRelay {
    /// Handles a peer's media event. If the event changes anything, calls `publish` and then notifies the peers.
    ///
    /// A second `connect` and unchanged metadata change nothing. The peer itself also receives its new metadata.
    pub(crate) fn receive(
        &self,
        message: RelayedMessage,
        room: &str,
        (peer, socket): (&str, u64),
        metadata: Value,
        registry: &SocketRegistry,
        publish: impl FnOnce(Value),
    ) {
        let mut rooms = lock(&self.0);
        let room = rooms.entry(room.to_owned()).or_default();
        let known = room.iter().position(|one| one.peer == peer && one.socket == socket);
        let joined = known.and_then(|at| room.get(at)).is_some_and(|one| one.joined);
        let before = known.and_then(|at| room.get(at)).map_or(&Value::Null, |one| &one.metadata);
        let changes = match message {
            RelayedMessage::Connect => !joined,
            RelayedMessage::Metadata => *before != metadata,
        };
        if !changes {
            return;
        }
        publish(metadata.clone());
        let endpoint = |joined| Endpoint { peer: peer.to_owned(), socket, metadata: metadata.clone(), joined };
        match message {
            RelayedMessage::Metadata => {
                match known.and_then(|at| room.get_mut(at)) {
                    Some(known) => known.metadata = metadata.clone(),
                    None => room.push(endpoint(false)),
                }
                let news = event("endpointUpdated", json!({ "id": peer, "metadata": metadata }));
                registry.push_one(socket, news.clone());
                send_to_others(room, peer, &news, registry);
            }
            RelayedMessage::Connect => {
                let others = room.iter().filter(|one| one.joined && one.peer != peer);
                let others: Vec<_> = others.map(Endpoint::described).collect();
                registry.push_one(socket, event("connected", json!({ "id": peer, "otherEndpoints": others })));
                room.retain(|one| one.peer != peer);
                room.push(endpoint(true));
                let news = event("endpointAdded", json!({ "id": peer, "metadata": metadata, "type": "webrtc" }));
                send_to_others(room, peer, &news, registry);
            }
        }
    }

    /// Removes a peer whose socket ended. A newer socket of the same peer stays.
    pub(crate) fn leave(&self, room: &str, (peer, socket): (&str, u64), registry: &SocketRegistry) {
        let mut rooms = lock(&self.0);
        let Some(endpoints) = rooms.get_mut(room) else { return };
        let position = endpoints.iter().position(|one| one.peer == peer && one.socket == socket);
        if position.is_some_and(|position| endpoints.remove(position).joined) {
            send_to_others(endpoints, peer, &event("endpointRemoved", json!({ "id": peer })), registry);
        }
        if endpoints.is_empty() {
            rooms.remove(room);
        }
    }

    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        lock(&self.0).is_empty()
    }
}

impl Endpoint {
    fn described(&self) -> Value {
        let none = json!({});
        json!({
            "id": self.peer, "metadata": self.metadata, "trackIdToMetadata": none, "tracks": none, "type": "webrtc",
        })
    }
}

fn send_to_others(room: &[Endpoint], but: &str, news: &Bytes, registry: &SocketRegistry) {
    for endpoint in room.iter().filter(|one| one.joined && one.peer != but) {
        registry.push_one(endpoint.socket, news.clone());
    }
}

fn event(kind: &str, data: Value) -> Bytes {
    let data = json!({ "data": data, "type": kind }).to_string();
    PeerMessage { content: Some(Content::MediaEvent(MediaEvent { data })) }.encode_to_vec().into()
}
