//! Rooms, in which peers exchange media.

mod composition_info;
mod options;
mod room;

pub use composition_info::{CompositionInfo, TrackForwardingInfo};
pub use options::RoomOptions;
pub use room::{Room, RoomConfig};

use crate::{
    client::FishjamClient,
    error::Result,
    id::RoomId,
    listing::Listing,
    transport::{Operation, RequestPatch, operations},
};

impl FishjamClient {
    /// Creates a room.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the server rejects an option: [`BadRequest`](crate::ErrorKind::BadRequest)
    /// - the quota of the plan is used up: [`QuotaExceeded`](crate::ErrorKind::QuotaExceeded)
    /// - one of the [common errors](crate::Error#common-errors) occurs
    ///
    /// After an error, the room may still exist: see [`may_have_taken_effect`](crate::Error::may_have_taken_effect).
    ///
    /// # Cancel safety
    ///
    /// If you drop the future, the SDK sends nothing more. A request that was already sent can still take effect.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// use fishjam_sdk::{RoomOptions, VideoCodec};
    ///
    /// let room = fishjam.create_room(RoomOptions::new().max_peers(10).video_codec(VideoCodec::Vp8)).await?;
    /// assert_eq!(room.config.max_peers, Some(10));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn create_room(&self, options: RoomOptions) -> Result<Room> {
        let config = options.into_wire();
        let created = self.transport.call(operations::CREATE_ROOM, |api| api.create_room(&config)).await?;
        Ok(Room::from_wire(created.data.room))
    }

    /// Returns all rooms, including the rooms of livestreams.
    ///
    /// The list omits rooms that the SDK cannot read, and the SDK logs a warning. To detect them, use
    /// [`get_all_rooms_with_unreadable`](Self::get_all_rooms_with_unreadable).
    ///
    /// # Long lists
    ///
    /// Fishjam sends all rooms in one response. The time and the memory grow with the size of this response. A room of 5
    /// peers has about 2.5 KB of JSON, and uses 4 KB of memory. While the SDK decodes the list, the response is in memory,
    /// too. Decoding yields regularly, so other tasks continue.
    ///
    /// The list is limited by `max_response_bytes` (by default 512 MiB, or about 200,000 such rooms), and must arrive within
    /// the `request_timeout` (by default 30 seconds).
    ///
    /// # Errors
    ///
    /// Returns one of the [common errors](crate::Error#common-errors).
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. It changes nothing on the server.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// for room in fishjam.get_all_rooms().await? {
    ///     println!("{} {} peers", room.id, room.peers.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get_all_rooms(&self) -> Result<Vec<Room>> {
        Ok(self.list_rooms(operations::GET_ALL_ROOMS).await?.readable())
    }

    /// Like [`get_all_rooms`](Self::get_all_rooms), and also returns the rooms that the SDK could not read.
    ///
    /// Use this method if a missing room matters. For example, use it before you treat missing rooms as deleted.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`get_all_rooms`](Self::get_all_rooms).
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. It changes nothing on the server.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// let rooms = fishjam.get_all_rooms_with_unreadable().await?;
    /// for room in &rooms.unreadable {
    ///     eprintln!("room {:?}: {:#}", room.id, room.error);
    /// }
    /// # assert!(rooms.items.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get_all_rooms_with_unreadable(&self) -> Result<Listing<Room>> {
        self.list_rooms(operations::GET_ALL_ROOMS_WITH_UNREADABLE).await
    }

    async fn list_rooms(&self, operation: Operation) -> Result<Listing<Room>> {
        self.transport.list(operation, RequestPatch::default(), |api| api.get_all_rooms(), Room::from_wire).await
    }

    /// Returns a room.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the room does not exist: [`NotFound`](crate::ErrorKind::NotFound)
    /// - one of the [common errors](crate::Error#common-errors) occurs
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. It changes nothing on the server.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// use fishjam_sdk::ErrorKind;
    ///
    /// match fishjam.get_room("gone").await {
    ///     Ok(room) => println!("{room:?}"),
    ///     Err(e) if e.kind() == ErrorKind::NotFound => println!("no such room"),
    ///     Err(e) => return Err(e.into()),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get_room(&self, room_id: impl Into<RoomId>) -> Result<Room> {
        let room_id = room_id.into();
        let room = self.transport.call(operations::GET_ROOM, |api| api.get_room(room_id.segment()?)).await?;
        Ok(Room::from_wire(room.data))
    }

    /// Deletes a room and disconnects its peers.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the room does not exist: [`NotFound`](crate::ErrorKind::NotFound)
    /// - one of the [common errors](crate::Error#common-errors) occurs
    ///
    /// # Cancel safety
    ///
    /// If you drop the future, the SDK sends nothing more. A request that was already sent can still take effect.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let room = fishjam.create_room(Default::default()).await?;
    /// fishjam.delete_room(&room.id).await?;
    /// assert!(fishjam.get_room(&room.id).await.unwrap_err().is_not_found());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn delete_room(&self, room_id: impl Into<RoomId>) -> Result<()> {
        let room_id = room_id.into();
        self.transport.call(operations::DELETE_ROOM, |api| api.delete_room(room_id.segment()?)).await
    }
}
