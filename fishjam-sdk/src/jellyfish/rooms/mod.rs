//! Rooms, which contain peers and components.

mod options;
mod room;

pub use options::RoomOptions;
pub use room::{Room, RoomConfig};

use super::{client::JellyfishClient, connection::ServerAddress};
use crate::{
    error::Result,
    id::RoomId,
    listing::Listing,
    transport::{Operation, RequestPatch, operations::jellyfish as operations},
};

impl JellyfishClient {
    /// Creates a room. Returns the room and the address of its server.
    ///
    /// **In a cluster, the room may be on a different server**, and only that server knows the room. Use
    /// [`update_address`](Self::update_address) to create a client of that server, or use
    /// [`create_room_handle`](Self::create_room_handle). A server without a cluster returns its own configured address.
    ///
    /// # Errors
    ///
    /// Returns one of the [common errors](crate::Error#common-errors), or:
    ///
    /// - [`BadRequest`](crate::ErrorKind::BadRequest) if the server rejects an option, or the id exists
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if a timeout is not in whole seconds, or a number is too large
    ///
    /// If [`may_have_taken_effect`](crate::Error::may_have_taken_effect) returns `true`, the room may exist.
    ///
    /// # Cancel safety
    ///
    /// If you drop the future, the SDK sends nothing more. A request that was already sent can still take effect.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::jellyfish().start().await?;
    /// # let options = fishjam_sdk::jellyfish::ConnectionOptions::new(emulator.address(), emulator.token());
    /// # let jellyfish = fishjam_sdk::jellyfish::JellyfishClient::new(options)?;
    /// use std::time::Duration;
    /// use fishjam_sdk::jellyfish::RoomOptions;
    ///
    /// let options = RoomOptions::new().max_peers(10).peerless_purge_timeout(Duration::from_secs(60));
    /// let (room, address) = jellyfish.create_room(options).await?;
    /// let jellyfish = jellyfish.update_address(address)?;
    /// assert_eq!(jellyfish.get_room(&room.id).await?.config.max_peers, Some(10));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use = "the room may be on another server: use `update_address`"]
    pub async fn create_room(&self, options: RoomOptions) -> Result<(Room, ServerAddress)> {
        self.create_room_at(operations::CREATE_ROOM, options).await
    }

    /// Creates a room, and returns the address of its server.
    pub(super) async fn create_room_at(
        &self,
        operation: Operation,
        options: RoomOptions,
    ) -> Result<(Room, ServerAddress)> {
        let config = options.into_wire().map_err(|e| operation.failed(e))?;
        let created = self.call(operation, |api| api.create_room(&config)).await?.data;
        // Version 0.6 uses the second name.
        let address = created.jellyfish_address.or(created.fishjam_address).filter(|address| !address.is_empty());
        let address = address.map_or_else(|| self.server_address().clone(), Into::into);
        Ok((Room::from_wire(created.room), address))
    }

    /// Lists all rooms of this server, without the rooms of other servers in the cluster.
    ///
    /// The SDK skips a room that it cannot read, and logs a warning. See
    /// [`get_all_rooms_with_unreadable`](Self::get_all_rooms_with_unreadable).
    ///
    /// For the time, the memory and the limit, see "Long lists" at [`get_all_rooms`](crate::FishjamClient::get_all_rooms).
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
    /// # let emulator = fishjam_emulator::Emulator::jellyfish().start().await?;
    /// # let options = fishjam_sdk::jellyfish::ConnectionOptions::new(emulator.address(), emulator.token());
    /// # let jellyfish = fishjam_sdk::jellyfish::JellyfishClient::new(options)?;
    /// for room in jellyfish.get_all_rooms().await? {
    ///     println!("{}: {} peers, {} components", room.id, room.peers.len(), room.components.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get_all_rooms(&self) -> Result<Vec<Room>> {
        Ok(self.list_rooms(operations::GET_ALL_ROOMS).await?.readable())
    }

    /// Lists the rooms like [`get_all_rooms`](Self::get_all_rooms), and also the unreadable ones.
    ///
    /// Use this method if a missing room matters, for example before you treat missing rooms as deleted.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`get_all_rooms`](Self::get_all_rooms).
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. It changes nothing on the server.
    pub async fn get_all_rooms_with_unreadable(&self) -> Result<Listing<Room>> {
        self.list_rooms(operations::GET_ALL_ROOMS_WITH_UNREADABLE).await
    }

    async fn list_rooms(&self, operation: Operation) -> Result<Listing<Room>> {
        self.transport.list(operation, RequestPatch::default(), |api| api.get_all_rooms(), Room::from_wire).await
    }

    /// Returns the current state of a room.
    ///
    /// # Errors
    ///
    /// Returns one of the [common errors](crate::Error#common-errors), or
    /// [`NotFound`](crate::ErrorKind::NotFound) if this server has no such room.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. It changes nothing on the server.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::jellyfish().start().await?;
    /// # let options = fishjam_sdk::jellyfish::ConnectionOptions::new(emulator.address(), emulator.token());
    /// # let jellyfish = fishjam_sdk::jellyfish::JellyfishClient::new(options)?;
    /// let error = jellyfish.get_room("gone").await.unwrap_err();
    /// assert_eq!(error.message(), Some("Room gone does not exist"));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get_room(&self, room_id: impl Into<RoomId>) -> Result<Room> {
        let room_id = room_id.into();
        let room = self.call(operations::GET_ROOM, |api| api.get_room(room_id.segment()?)).await?;
        Ok(Room::from_wire(room.data))
    }

    /// Deletes a room. The server disconnects its peers and stops its components.
    ///
    /// # Errors
    ///
    /// Returns one of the [common errors](crate::Error#common-errors), or
    /// [`NotFound`](crate::ErrorKind::NotFound) if this server has no such room.
    ///
    /// # Cancel safety
    ///
    /// If you drop the future, the SDK sends nothing more. A request that was already sent can still take effect.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::jellyfish().start().await?;
    /// # let options = fishjam_sdk::jellyfish::ConnectionOptions::new(emulator.address(), emulator.token());
    /// # let jellyfish = fishjam_sdk::jellyfish::JellyfishClient::new(options)?;
    /// # let (room, _) = jellyfish.create_room(Default::default()).await?;
    /// jellyfish.delete_room(&room.id).await?;
    /// assert!(jellyfish.get_room(&room.id).await.unwrap_err().is_not_found());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn delete_room(&self, room_id: impl Into<RoomId>) -> Result<()> {
        let room_id = room_id.into();
        self.call(operations::DELETE_ROOM, |api| api.delete_room(room_id.segment()?)).await
    }
}
