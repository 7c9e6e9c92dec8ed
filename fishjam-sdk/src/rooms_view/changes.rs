//! The stream of a view's changes.

use std::{
    fmt,
    future::poll_fn,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use futures_core::Stream;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    connection::queue::{Item, Items, QueueItem, Reader},
    error::Result,
    id::RoomId,
    json_error::read_unquoted,
    metadata::Metadata,
    peers::{Peer, Track},
    rooms::Room,
    subscriptions::Subscriptions,
};

/// A change of a [`RoomsView`](crate::RoomsView).
///
/// It serializes as `{"room":{…}}` with the JSON of the [`Room`], `{"gone":"room-id"}` or `{"dropped":3}`, and deserializes
/// from the same JSON. A handler of server-sent events can thus send a change as it is.
///
/// ```
/// # fn main() -> anyhow::Result<()> {
/// use fishjam_sdk::{Room, RoomChange};
/// use serde_json::json;
///
/// let change = RoomChange::from(Room::default());
/// let json = serde_json::to_value(&change)?;
/// assert_eq!(json["room"]["peers"], json!([]));
/// assert_eq!(serde_json::from_value::<RoomChange>(json)?, change);
/// assert_eq!(serde_json::to_value(RoomChange::Gone("r".into()))?, json!({ "gone": "r" }));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum RoomChange {
    /// The whole new state of a room that was created or changed. A change of its peers counts as well.
    ///
    /// The view and its consumers share the value, so cloning a change is cheap.
    Room(#[serde(serialize_with = "serialize_shared")] Arc<Room>),
    /// The room no longer exists.
    Gone(RoomId),
    /// This number of changes was dropped, because the consumer was too slow. List the rooms again.
    Dropped(u64),
}

/// The stream of the changes of a [`RoomsView`](crate::RoomsView). The view contains a change before the stream returns it.
///
/// At most 1,024 changes with at most 16 MiB in total wait. A further change drops the oldest ones, and
/// [`RoomChange::Dropped`] counts them. The size of a change is the approximate size of its room in memory, with metadata,
/// peers and tracks. An empty queue accepts a change that is larger than the limit.
///
/// Call [`receive`](Self::receive) in a loop. The type also implements `futures_core::Stream`, for the combinators of other
/// crates.
///
/// An error is the last item: the notifier failed, or the task of the view ended with its runtime. The stream ends without
/// an error when the program [closes](crate::FishjamNotifier::close) the notifier, or drops the last handle of the view. Thus
/// a handler that forwards changes, such as server-sent events, ends in a
/// [graceful shutdown](crate::FishjamNotifier#shutdown).
///
/// The stream is cancel safe: the next poll returns any pending change.
pub struct RoomChanges(pub(super) Reader<Items<RoomChange>>);

impl RoomChanges {
    /// Waits for the next change.
    ///
    /// Returns `None` at the end. An error is the last item before the end.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let (id, token) = (emulator.url(), emulator.token());
    /// use fishjam_sdk::{FishjamClient, FishjamNotifier, RoomChange, RoomsView};
    ///
    /// let notifier = FishjamNotifier::new(id, token)?;
    /// let view = RoomsView::start(&FishjamClient::new(id, token)?, &notifier).await?;
    /// let mut changes = view.changes();
    /// # notifier.close();
    /// while let Some(change) = changes.receive().await {
    ///     match change? {
    ///         RoomChange::Room(room) => println!("{}: {} peers", room.id, room.peers.len()),
    ///         RoomChange::Gone(id) => println!("{id} is gone"),
    ///         _ => println!("{} rooms", view.list().len()),
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the reason why the view ended.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. If you drop the future, no change is lost.
    pub async fn receive(&mut self) -> Option<Result<RoomChange>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }
}

impl From<Room> for RoomChange {
    /// Creates a change, for a test of your code.
    fn from(room: Room) -> Self {
        Self::Room(Arc::new(room))
    }
}

/// Serializes the room itself. The feature of serde for `Arc` would also change other crates of the program.
fn serialize_shared<S: Serializer>(room: &Arc<Room>, serializer: S) -> Result<S::Ok, S::Error> {
    Room::serialize(room, serializer)
}

impl<'de> Deserialize<'de> for RoomChange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        enum Form {
            Room(Room),
            Gone(RoomId),
            Dropped(u64),
        }
        Ok(match read_unquoted(deserializer)? {
            Form::Room(room) => Self::from(room),
            Form::Gone(id) => Self::Gone(id),
            Form::Dropped(count) => Self::Dropped(count),
        })
    }
}

impl Item for RoomChange {
    fn size(&self) -> usize {
        let owned = match self {
            Self::Room(room) => room_size(room),
            Self::Gone(id) => id.as_str().len(),
            Self::Dropped(_) => 0,
        };
        size_of_val(self) + owned
    }
}

/// Returns the size of the data that a room owns, in bytes. Strings of enums are not counted: only the server sets them.
fn room_size(room: &Room) -> usize {
    let webhook_url = room.config.webhook_url.as_ref().map_or(0, String::len);
    let peers: usize = room.peers.iter().map(peer_size).sum();
    let extra = room.extra().size() + room.config.extra().size();
    room.id.as_str().len() + webhook_url + metadata_size(room.composition_info.as_ref()) + peers + extra
}

fn peer_size(peer: &Peer) -> usize {
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

impl Stream for RoomChanges {
    type Item = Result<RoomChange>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next(cx).map(|next| {
            next.map(|next| match next {
                QueueItem::Item(change) => Ok(change),
                QueueItem::Dropped(changes) => Ok(RoomChange::Dropped(changes)),
                QueueItem::Error(error) => Err(error),
            })
        })
    }
}

impl fmt::Debug for RoomChanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RoomChanges").finish_non_exhaustive()
    }
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
            RoomChange::Room(Arc::new(serde_json::from_value(room).unwrap())).size()
        };
        let long = "x".repeat(1000);
        let fields = "track,track metadata,peer,subscribed track,peer id,metadata,room,url,composition,new of track,\
            new of subscriptions,new of peer,new of config,new of room";
        for field in fields.split(',') {
            assert_eq!(size(&long, field) - size("", field), 1000, "{field}");
        }
        assert!(RoomChange::Gone(long.as_str().into()).size() > 1000);
    }

    #[test]
    fn change_round_trips_through_its_json() {
        let room = json!({
            "id": "r", "config": {}, "new": 1,
            "peers": [{
                "id": "p", "type": "webrtc", "status": "connected", "tracks": [], "metadata": { "peer": { "a": 1 } },
                "subscribeMode": "auto", "subscriptions": { "peers": [], "tracks": [] },
            }],
        });
        for json in [json!({ "room": room }), json!({ "gone": "r" }), json!({ "dropped": 3 })] {
            let change: RoomChange = serde_json::from_value(json.clone()).unwrap();
            let text = serde_json::to_string(&change).unwrap();
            assert_eq!(serde_json::from_str::<RoomChange>(&text).unwrap(), change);
            let written: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(written["room"]["new"], json["room"]["new"]);
            assert_eq!(written["room"]["peers"][0]["metadata"], json["room"]["peers"][0]["metadata"]);
            assert_eq!((&written["gone"], &written["dropped"]), (&json["gone"], &json["dropped"]));
        }
        for unknown in [json!({}), json!({ "other": 1 }), json!({ "gone": "r", "dropped": 1 })] {
            assert!(serde_json::from_value::<RoomChange>(unknown).is_err());
        }
    }
}
