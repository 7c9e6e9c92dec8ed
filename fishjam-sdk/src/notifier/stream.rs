//! One consumer's view of the notifications: a stream.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use super::{codec::Protocol, encoded_events::Backlog, hub::Hub};
use crate::{
    FishjamClient, Room, Stream, UnreadableItem,
    connection::queue::{QueueItem, Reader},
    error::Result,
    events::{Event, Notification},
};

/// All rooms and livestreams at one moment.
///
/// Rooms and livestreams that the SDK could not read exist, too. Compare both lists before you treat a room or a livestream
/// as deleted. An unreadable item without an id can be any room or livestream that you know.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Snapshot {
    /// All readable rooms, those of livestreams included.
    pub rooms: Vec<Room>,
    /// All readable livestreams.
    pub streams: Vec<Stream>,
    /// The rooms that the SDK could not read. Usually empty.
    pub unreadable_rooms: Vec<UnreadableItem>,
    /// The livestreams that the SDK could not read. Usually empty.
    pub unreadable_streams: Vec<UnreadableItem>,
}

/// Everything that happens, in the order in which the server reports it.
///
/// An interruption is an [`Event::Gap`] before the next notification; an error is always the last item and says why
/// there will be no more. After [`FishjamNotifier::close`](crate::FishjamNotifier::close) the stream ends without
/// one. Cancel safe: an item that was not returned waits for the next poll. Dropping the last stream of a notifier
/// closes its connection. `N` is what the server reports, a Jellyfish other things than a Fishjam.
pub struct EventStream<N = Notification> {
    hub: Arc<Hub<N>>,
    reader: Reader<Backlog<N>>,
}

#[allow(private_bounds, reason = "the servers that there are; nobody else adds one")]
impl<N: Protocol> EventStream<N> {
    pub(super) fn new(hub: Arc<Hub<N>>, reader: Reader<Backlog<N>>) -> Self {
        Self { hub, reader }
    }

    /// How many events have come so far.
    pub(crate) fn mark(&self) -> u64 {
        self.reader.mark()
    }

    /// Lets go of what came before the mark, since when nothing has been read.
    pub(crate) fn discard_before(&mut self, mark: u64) {
        self.reader.discard_before(mark);
    }
}

impl EventStream {
    /// Starts to count the events that show a loss; see [`Reader::watch_losses`].
    pub(crate) fn watch_losses(&self) {
        self.reader.watch_losses(Backlog::losses);
    }

    /// Returns the number of losses so far, those in waiting events included.
    pub(crate) fn losses(&self) -> usize {
        self.reader.losses()
    }

    /// Returns the number of losses so far, or `None` if events wait.
    pub(crate) fn losses_if_drained(&self) -> Option<usize> {
        self.reader.losses_if_drained()
    }

    /// Reads the present state anew, after an [`Event::Gap`] or at the beginning: all rooms and livestreams, and
    /// this stream goes on with what follows.
    ///
    /// What waits to be read by now is let go, since all of it happened before the state is read. What comes later may
    /// have happened just before, too: take it as "from now on it is so", not as a difference. Cancel safe: nothing is
    /// let go before the state is there.
    ///
    /// # Errors
    ///
    /// Whatever can happen to any request; the stream then goes on as it was.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let (id, token) = (emulator.url(), emulator.token());
    /// use fishjam_sdk::{FishjamClient, FishjamNotifier, RoomOptions};
    ///
    /// let fishjam = FishjamClient::new(id, token)?;
    /// let mut events = FishjamNotifier::new(id, token)?.events().await?;
    /// let room = fishjam.create_room(RoomOptions::new()).await?;
    /// let snapshot = events.resync(&fishjam).await?;
    /// assert_eq!(snapshot.rooms, [room]);
    /// assert!(snapshot.unreadable_rooms.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn resync(&mut self, fishjam: &FishjamClient) -> Result<Snapshot> {
        let mark = self.mark();
        let rooms = fishjam.get_all_rooms_with_unreadable().await?;
        let streams = fishjam.get_all_streams_with_unreadable().await?;
        self.discard_before(mark);
        Ok(Snapshot {
            rooms: rooms.items,
            streams: streams.items,
            unreadable_rooms: rooms.unreadable,
            unreadable_streams: streams.unreadable,
        })
    }
}

#[allow(private_bounds, reason = "the servers that there are; nobody else adds one")]
impl<N: Protocol> futures_core::Stream for EventStream<N> {
    type Item = Result<Event<N>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.reader.poll_next(cx).map(|next| {
            next.map(|next| match next {
                QueueItem::Item(event) => Ok(event),
                QueueItem::Dropped(events) => Ok(Event::Dropped(events)),
                QueueItem::Error(error) => Err(error),
            })
        })
    }
}

impl<N> Drop for EventStream<N> {
    fn drop(&mut self) {
        self.reader.leave();
        self.hub.left();
    }
}

impl<N> fmt::Debug for EventStream<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStream").field("state", &self.hub.state()).finish_non_exhaustive()
    }
}
