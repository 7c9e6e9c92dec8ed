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

use super::sized_room::SizedRoom;
use crate::{
    connection::queue::{Item, Items, QueueItem, Reader},
    error::Result,
    id::RoomId,
    json_error::read_unquoted,
    rooms::Room,
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
/// Changes of a room that happen together arrive as one change, with the last state of the room.
///
/// The view and all consumers share one value of each room, so a further consumer costs little, for any size of a room. If
/// you keep a room, the view copies it at its next change.
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
///
/// For an example, see [`RoomChanges::receive`].
pub struct RoomChanges(pub(super) Reader<Items<QueuedChange>>);

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

/// A change that waits for a consumer, with its size in bytes. The size is computed once, not for each consumer.
#[derive(Clone, Debug)]
pub(super) struct QueuedChange {
    change: RoomChange,
    size: usize,
}

impl QueuedChange {
    /// Creates the change for this room: its new state, or `None` if it no longer exists.
    pub(super) fn new(id: RoomId, room: Option<SizedRoom>) -> Self {
        let (change, owned) = match room {
            Some(SizedRoom { room, size }) => (RoomChange::Room(room), size),
            None => {
                let size = id.as_str().len();
                (RoomChange::Gone(id), size)
            }
        };
        Self { change, size: size_of::<Self>() + owned }
    }
}

impl Item for QueuedChange {
    fn size(&self) -> usize {
        self.size
    }
}

impl Stream for RoomChanges {
    type Item = Result<RoomChange>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next(cx).map(|next| {
            next.map(|next| match next {
                QueueItem::Item(queued) => Ok(queued.change),
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
