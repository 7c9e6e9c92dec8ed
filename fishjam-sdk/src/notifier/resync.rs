//! The current rooms and livestreams, to continue after a gap.

use serde::{Deserialize, Deserializer, Serialize};

use super::EventStream;
use crate::{
    client::FishjamClient, error::Result, json_error::read_unquoted, listing::UnreadableItem, livestreams::Livestream,
    rooms::Room,
};

/// All rooms and livestreams at one moment.
///
/// Rooms and livestreams that the SDK could not read exist, too. Compare both lists before you treat a room or a
/// livestream as deleted. An unreadable item without an id can be any room or livestream that you know.
///
/// It serializes with the names of the fields in camelCase. The tokens of livestreams serialize as `[redacted]`, and such
/// a snapshot cannot be read back; see [`Exposed`](crate::Exposed). `Default` creates an empty snapshot for a test.
///
/// For an example, see [`EventStream::resync`](super::EventStream::resync).
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Snapshot {
    /// All readable rooms, including those of livestreams.
    pub rooms: Vec<Room>,
    /// All readable livestreams.
    pub streams: Vec<Livestream>,
    /// Rooms that the SDK could not read. Usually empty.
    pub unreadable_rooms: Vec<UnreadableItem>,
    /// Livestreams that the SDK could not read. Usually empty.
    pub unreadable_streams: Vec<UnreadableItem>,
}

impl<'de> Deserialize<'de> for Snapshot {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Members {
            rooms: Vec<Room>,
            streams: Vec<Livestream>,
            unreadable_rooms: Vec<UnreadableItem>,
            unreadable_streams: Vec<UnreadableItem>,
        }
        let Members { rooms, streams, unreadable_rooms, unreadable_streams } = read_unquoted(deserializer)?;
        Ok(Self { rooms, streams, unreadable_rooms, unreadable_streams })
    }
}

impl EventStream {
    /// Reads all rooms and livestreams. Call it at the start and after an [`Event::Gap`](crate::events::Event::Gap).
    ///
    /// The stream discards the events that waited when you called this method, because the snapshot includes them. It
    /// continues with the events that arrived during the call. The snapshot can include these events, too. Treat each
    /// of them as the new state, not as a difference.
    ///
    /// # Errors
    ///
    /// Returns one of the [common errors](crate::Error#common-errors). The stream then continues unchanged.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. If you drop the future, the stream discards no event.
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
