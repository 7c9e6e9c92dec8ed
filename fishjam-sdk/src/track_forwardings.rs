//! Track forwardings: a room's media on its way to a composition.

use fishjam_api::fishjam::types;

use crate::{FishjamClient, RoomId, error::Result, transport::operations};

/// Where a room's tracks are forwarded; an address alone becomes one with [`Into`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TrackForwardingOptions {
    /// The composition's address; the service wants a slash after its host.
    pub composition_url: String,
    /// Which of the room's tracks are forwarded. Service's default, and the only choice so far: `all`.
    pub selector: Option<String>,
}

impl TrackForwardingOptions {
    /// Forwards to the composition with this address and leaves the rest to the service.
    #[must_use]
    pub fn new(composition_url: impl Into<String>) -> Self {
        Self { composition_url: composition_url.into(), selector: None }
    }

    /// Chooses which of the room's tracks are forwarded.
    #[must_use]
    pub fn selector(mut self, selector: impl Into<String>) -> Self {
        self.selector = Some(selector.into());
        self
    }
}

impl<T: Into<String>> From<T> for TrackForwardingOptions {
    fn from(composition_url: T) -> Self {
        Self::new(composition_url)
    }
}

impl FishjamClient {
    /// Forwards every track of a room, those that are yet to come included, to a composition, named by its address or by
    /// [`TrackForwardingOptions`].
    ///
    /// [`Room::composition_info`](crate::Room::composition_info()) returns the current forwardings. The service requires a
    /// slash after the address's host. No operation ends a forwarding.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is no such room, [`Conflict`](crate::ErrorKind::Conflict)
    /// if the composition already receives a room's tracks, [`BadRequest`](crate::ErrorKind::BadRequest) if the
    /// service refuses the address, and whatever can happen to any request. The tracks may be forwarded all the
    /// same: [`may_have_taken_effect`](crate::Error::may_have_taken_effect) says so.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let room = fishjam.create_room(Default::default()).await?;
    /// let composition = "https://rtc.fishjam.io/api/composition/my-composition";
    /// fishjam.forward_room_tracks(&room.id, composition).await?;
    /// let info = fishjam.get_room(&room.id).await?.composition_info()?;
    /// assert_eq!(info.map(|info| info.composition_url).as_deref(), Some(composition));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn forward_room_tracks(
        &self,
        room_id: impl Into<RoomId>,
        forwarding: impl Into<TrackForwardingOptions>,
    ) -> Result<()> {
        let room_id = room_id.into();
        let TrackForwardingOptions { composition_url, selector } = forwarding.into();
        let forwarding = types::TrackForwarding { composition_url, selector };
        self.transport
            .call(operations::CREATE_TRACK_FORWARDING, |api| {
                api.create_track_forwarding(room_id.segment()?, &forwarding)
            })
            .await
    }
}
