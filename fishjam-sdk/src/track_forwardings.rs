//! Track forwardings, which send a room's media to a composition.

use fishjam_api::fishjam::types;

use crate::{client::FishjamClient, error::Result, id::RoomId, transport::operations};

/// Options for forwarding a room's tracks. A URL converts to options with [`Into`].
///
/// ```
/// use fishjam_sdk::TrackForwardingOptions;
///
/// let options = TrackForwardingOptions::new("https://rtc.fishjam.io/api/composition/c").selector("all");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TrackForwardingOptions {
    composition_url: String,
    selector: Option<String>,
}

impl TrackForwardingOptions {
    /// Creates options for the composition with this URL. It must have a slash after the host.
    #[must_use]
    pub fn new(composition_url: impl Into<String>) -> Self {
        Self { composition_url: composition_url.into(), selector: None }
    }

    /// Sets the selector of the forwarded tracks. Server default: `all`, which is the only supported value.
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
    /// Forwards all tracks of a room to a composition, including future tracks.
    ///
    /// Fishjam creates an input of the composition for each peer and chooses the ids of the inputs. They are in
    /// [`Room::composition_info`](crate::Room::composition_info()), and the notification
    /// [`TrackForwarding`](crate::events::TrackForwarding) reports each of them.
    ///
    /// Pass the URL of the composition, or [`TrackForwardingOptions`]. The URL must have a slash after the host. For
    /// the current forwardings, see [`Room::composition_info`](crate::Room::composition_info()). Fishjam has no
    /// operation that ends a forwarding.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the room does not exist: [`NotFound`](crate::ErrorKind::NotFound)
    /// - the composition already receives the tracks of a room: [`Conflict`](crate::ErrorKind::Conflict)
    /// - the server rejects the URL: [`BadRequest`](crate::ErrorKind::BadRequest)
    /// - one of the [common errors](crate::Error#common-errors) occurs
    ///
    /// After an error, Fishjam may still forward the tracks: see
    /// [`may_have_taken_effect`](crate::Error::may_have_taken_effect).
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
