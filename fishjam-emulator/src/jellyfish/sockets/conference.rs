//! What the peers of a room are told of each other, as far as it needs no media.

use std::collections::HashMap;
use std::sync::Mutex;

use bytes::Bytes;
use fishjam_proto::jellyfish::PeerMessage;
use fishjam_proto::jellyfish::peer_message::{Content, MediaEvent};
use prost::Message as _;
use serde_json::{Value, json};

use crate::lock::lock;
use crate::sockets::Seats;

/// What a peer says that others hear of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// It joins.
    Connect,
    /// It has changed its metadata.
    Metadata,
}

/// The peers of all rooms that have joined, in the order in which they did.
#[derive(Default)]
pub(crate) struct Conference(Mutex<HashMap<String, Vec<Endpoint>>>);

struct Endpoint {
    peer: String,
    /// The number of its socket.
    seat: u64,
    metadata: Value,
}

impl Conference {
    /// Takes in what a peer says, and tells it and the others.
    pub(super) fn hear(&self, said: Said, room: &str, (peer, seat): (&str, u64), metadata: Value, seats: &Seats) {
        let mut rooms = lock(&self.0);
        let room = rooms.entry(room.to_owned()).or_default();
        let known = room.iter_mut().find(|one| one.peer == peer);
        let news = match said {
            Said::Metadata => {
                if let Some(endpoint) = known {
                    endpoint.metadata = metadata.clone();
                }
                event("endpointUpdated", json!({ "id": peer, "metadata": metadata }))
            }
            Said::Connect => {
                let others: Vec<_> = room.iter().filter(|one| one.peer != peer).map(Endpoint::described).collect();
                seats.push_one(seat, event("connected", json!({ "id": peer, "otherEndpoints": others })));
                room.retain(|one| one.peer != peer);
                room.push(Endpoint { peer: peer.to_owned(), seat, metadata: metadata.clone() });
                event("endpointAdded", json!({ "id": peer, "metadata": metadata, "type": "webrtc" }))
            }
        };
        tell(room, peer, &news, seats);
    }

    /// A peer's socket is gone; one that has taken its place in the meantime stays.
    pub(super) fn leave(&self, room: &str, (peer, seat): (&str, u64), seats: &Seats) {
        let mut rooms = lock(&self.0);
        let Some(endpoints) = rooms.get_mut(room) else { return };
        let before = endpoints.len();
        endpoints.retain(|one| one.peer != peer || one.seat != seat);
        if endpoints.len() < before {
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
    for endpoint in room.iter().filter(|one| one.peer != but) {
        seats.push_one(endpoint.seat, news.clone());
    }
}

fn event(kind: &str, data: Value) -> Bytes {
    let data = json!({ "data": data, "type": kind }).to_string();
    PeerMessage { content: Some(Content::MediaEvent(MediaEvent { data })) }.encode_to_vec().into()
}
