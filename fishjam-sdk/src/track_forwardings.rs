//! Track forwardings: a room's media on its way to a composition.

use fishjam_api::fishjam::types;

use crate::{FishjamClient, RoomId, error::Result, transport::Operation};

impl FishjamClient {
    /// Forwards every track of a room, those that are yet to come included, to the composition with this address.
    ///
    /// What is forwarded at present stands in [`Room::composition_info`](crate::Room::composition_info). The service
    /// wants a slash after the address's host, and no operation ends a forwarding.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is no such room,
    /// [`Conflict`](crate::ErrorKind::Conflict) if the composition already receives a room's tracks,
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if the service refuses the address, and whatever can happen to
    /// any request. After a timeout the tracks may be forwarded all the same.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let room = fishjam.create_room(Default::default()).await?;
    /// let composition = "https://rtc.fishjam.io/api/composition/my-composition";
    /// fishjam.forward_room_tracks(&room.id, composition).await?;
    /// let info = fishjam.get_room(&room.id).await?.composition_info;
    /// assert_eq!(info.map(|info| info.composition_url).as_deref(), Some(composition));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn forward_room_tracks(
        &self,
        room_id: impl Into<RoomId>,
        composition_url: impl Into<String>,
    ) -> Result<()> {
        let room_id = room_id.into();
        let room_id = room_id.segment()?;
        // The one selector that there is, "all", is the service's default.
        let forwarding = types::TrackForwarding { composition_url: composition_url.into(), selector: None };
        self.transport
            .call(Operation::create("create_track_forwarding"), |api| async move {
                api.create_track_forwarding(room_id, &forwarding).await
            })
            .await
    }
}
