//! A room with its size in memory, which limits the changes that wait for a consumer.

use std::sync::Arc;

use crate::{
    metadata::Metadata,
    peers::{Peer, Track},
    rooms::Room,
    subscriptions::Subscriptions,
};

/// A room and the size of the data that it owns, in bytes.
#[derive(Clone, Debug)]
pub(super) struct SizedRoom {
    pub(super) room: Arc<Room>,
    /// An event adjusts the size by that of its peer, because a room can have hundreds of peers.
    pub(super) size: usize,
}

impl SizedRoom {
    pub(super) fn new(room: Room) -> Self {
        Self { size: room_size(&room), room: Arc::new(room) }
    }

    /// Returns a room that was just read, or the known one if it is equal, so that consumers keep sharing it.
    pub(super) fn of_read(room: Room, known: Option<Self>) -> Self {
        match known {
            Some(known) if *known.room == room => known,
            _ => Self::new(room),
        }
    }
}

/// Returns the size of the data that a room owns, in bytes. Strings of enums are not counted: only the server sets them.
fn room_size(room: &Room) -> usize {
    let webhook_url = room.config.webhook_url.as_ref().map_or(0, String::len);
    let peers: usize = room.peers.iter().map(peer_size).sum();
    let extra = room.extra().size() + room.config.extra().size();
    room.id.as_str().len() + webhook_url + metadata_size(room.composition_info.as_ref()) + peers + extra
}

pub(super) fn peer_size(peer: &Peer) -> usize {
    let Subscriptions { peers, tracks, .. } = &peer.subscriptions;
    let peers: usize = peers.iter().map(|id| size_of_val(id) + id.as_str().len()).sum();
    let tracks: usize = tracks.iter().map(|id| size_of_val(id) + id.as_str().len()).sum();
    let sent: usize = peer.tracks.iter().map(track_size).sum();
    let extra = peer.extra().size() + peer.subscriptions.extra().size();
    let metadata = metadata_size(peer.metadata.as_ref());
    size_of_val(peer) + peer.id.as_str().len() + metadata + peers + tracks + sent + extra
}

fn track_size(track: &Track) -> usize {
    let id = track.id.as_ref().map_or(0, |id| id.as_str().len());
    size_of_val(track) + id + metadata_size(track.metadata.as_ref()) + track.extra().size()
}

fn metadata_size(metadata: Option<&Metadata>) -> usize {
    metadata.map_or(0, |metadata| metadata.as_str().len())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn size_counts_every_string_that_a_peer_can_set() {
        let size = |long: &str, field: &str| {
            let text = |name: &str| if name == field { long } else { "" };
            let track = json!({
                "id": text("track"), "type": "audio", "metadata": text("track metadata"), "new": text("new of track"),
            });
            let subscriptions = json!({
                "peers": [text("peer")], "tracks": [text("subscribed track")], "new": text("new of subscriptions"),
            });
            let peer = json!({
                "id": text("peer id"), "type": "webrtc", "status": "connected", "tracks": [track],
                "metadata": { "peer": text("metadata") }, "subscribeMode": "auto", "subscriptions": subscriptions,
                "new": text("new of peer"),
            });
            let room = json!({
                "id": text("room"), "config": { "webhookUrl": text("url"), "new": text("new of config") },
                "peers": [peer], "new": text("new of room"),
                "compositionInfo": { "compositionUrl": text("composition"), "forwardings": [] },
            });
            SizedRoom::new(serde_json::from_value(room).unwrap()).size
        };
        let long = "x".repeat(1000);
        let fields = "track,track metadata,peer,subscribed track,peer id,metadata,room,url,composition,new of track,\
            new of subscriptions,new of peer,new of config,new of room";
        for field in fields.split(',') {
            assert_eq!(size(&long, field) - size("", field), 1000, "{field}");
        }
    }
}
