//! The media events that the peers of a room exchange without any media.
//!
//! Fishjam and Jellyfish pass on the same events, by the rules of the same media engine.

use std::{collections::HashMap, sync::Mutex};

use bytes::Bytes;
use fishjam_proto::fishjam::{
    PeerMessage,
    peer_message::{Content, MediaEvent},
};
use prost::Message as _;
use serde_json::{Value, json};

use super::Seats;
use crate::lock::lock;

/// A media event that the emulator passes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// It joins.
    Connect,
    /// It has changed its metadata.
    Metadata,
}

impl Said {
    /// Returns the media event of this name, if the emulator passes it on.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "connect" => Some(Said::Connect),
            "updateEndpointMetadata" => Some(Said::Metadata),
            _ => None,
        }
    }
}

/// The peers of all rooms that have joined, in the order in which they did.
#[derive(Default)]
pub(crate) struct Conference(Mutex<HashMap<String, Vec<Endpoint>>>);

struct Endpoint {
    peer: String,
    /// The number of its socket.
    seat: u64,
    metadata: Value,
    /// Whether it has said `connect`.
    joined: bool,
}

impl Conference {
    /// Handles a peer's media event. If the event changes anything, calls `publish` and then notifies the peers.
    ///
    /// A second `connect` and unchanged metadata change nothing. The peer itself also receives its new metadata.
    pub(crate) fn hear(
        &self,
        said: Said,
        room: &str,
        (peer, seat): (&str, u64),
        metadata: Value,
        seats: &Seats,
        publish: impl FnOnce(Value),
    ) {
        let mut rooms = lock(&self.0);
        let room = rooms.entry(room.to_owned()).or_default();
        let known = room.iter().position(|one| one.peer == peer && one.seat == seat);
        let joined = known.and_then(|at| room.get(at)).is_some_and(|one| one.joined);
        let before = known.and_then(|at| room.get(at)).map_or(&Value::Null, |one| &one.metadata);
        let changes = match said {
            Said::Connect => !joined,
            Said::Metadata => *before != metadata,
        };
        if !changes {
            return;
        }
        publish(metadata.clone());
        let endpoint = |joined| Endpoint { peer: peer.to_owned(), seat, metadata: metadata.clone(), joined };
        match said {
            Said::Metadata => {
                match known.and_then(|at| room.get_mut(at)) {
                    Some(known) => known.metadata = metadata.clone(),
                    None => room.push(endpoint(false)),
                }
                let news = event("endpointUpdated", json!({ "id": peer, "metadata": metadata }));
                seats.push_one(seat, news.clone());
                tell(room, peer, &news, seats);
            }
            Said::Connect => {
                let others = room.iter().filter(|one| one.joined && one.peer != peer);
                let others: Vec<_> = others.map(Endpoint::described).collect();
                seats.push_one(seat, event("connected", json!({ "id": peer, "otherEndpoints": others })));
                room.retain(|one| one.peer != peer);
                room.push(endpoint(true));
                let news = event("endpointAdded", json!({ "id": peer, "metadata": metadata, "type": "webrtc" }));
                tell(room, peer, &news, seats);
            }
        }
    }

    /// Removes a peer whose socket is gone. A newer socket of the same peer stays.
    pub(crate) fn leave(&self, room: &str, (peer, seat): (&str, u64), seats: &Seats) {
        let mut rooms = lock(&self.0);
        let Some(endpoints) = rooms.get_mut(room) else { return };
        let place = endpoints.iter().position(|one| one.peer == peer && one.seat == seat);
        if place.is_some_and(|place| endpoints.remove(place).joined) {
            tell(endpoints, peer, &event("endpointRemoved", json!({ "id": peer })), seats);
        }
        if endpoints.is_empty() {
            rooms.remove(room);
        }
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

fn tell(room: &[Endpoint], but: &str, news: &Bytes, seats: &Seats) {
    for endpoint in room.iter().filter(|one| one.joined && one.peer != but) {
        seats.push_one(endpoint.seat, news.clone());
    }
}

fn event(kind: &str, data: Value) -> Bytes {
    let data = json!({ "data": data, "type": kind }).to_string();
    PeerMessage { content: Some(Content::MediaEvent(MediaEvent { data })) }.encode_to_vec().into()
}
