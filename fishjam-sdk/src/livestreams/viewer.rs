//! Viewers, which watch a livestream.

use fishjam_api::fishjam::types;
use serde::Serialize;

use crate::{
    client::FishjamClient,
    error::Result,
    extra::{Extra, read_model},
    id::{RoomId, StreamId, ViewerId},
    secret::ViewerToken,
    transport::operations,
};

/// The state of a viewer at the time of the response. A viewer can watch a livestream.
///
/// The token serializes as `[redacted]`; see [`Exposed`](crate::Exposed). `Default` creates a viewer for a test, with an empty
/// id and an empty token.
///
/// For an example, see [`FishjamClient::create_viewer`].
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Viewer {
    /// Id of the viewer.
    pub id: ViewerId,
    /// Token for watching. It is void after the viewer is deleted. Its lifetime is otherwise not documented.
    pub token: ViewerToken,
    #[serde(flatten)]
    extra: Extra,
}

read_model!(Viewer, types::Viewer, |viewer| viewer.token.is_redacted());

impl Default for Viewer {
    fn default() -> Self {
        Self { id: ViewerId::default(), token: ViewerToken::from(""), extra: Extra::default() }
    }
}

impl Viewer {
    pub(super) fn from_wire(viewer: types::Viewer) -> Self {
        Self { id: viewer.id.into(), token: viewer.token.into(), extra: Extra::new(viewer.extra) }
    }
}

impl FishjamClient {
    /// Adds a viewer to a livestream. A public livestream can be watched without a viewer token.
    ///
    /// For viewers of a livestream room, see [the choice](crate::Livestream#livestreams-and-rooms) between both.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the livestream does not exist: [`NotFound`](crate::ErrorKind::NotFound)
    /// - one of the [common errors](crate::Error#common-errors) occurs
    ///
    /// After an error, the viewer may still exist: see
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
    /// # let stream = fishjam.create_stream(Default::default()).await?;
    /// let viewer = fishjam.create_viewer(&stream.id).await?;
    /// println!("watch {} with {}", fishjam.livestream_whep_url(), viewer.token.expose());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn create_viewer(&self, stream_id: impl Into<StreamId>) -> Result<Viewer> {
        let stream_id = stream_id.into();
        let created =
            self.transport.call(operations::CREATE_VIEWER, |api| api.create_viewer(stream_id.segment()?)).await?;
        Ok(Viewer::from_wire(created.data))
    }

    /// Removes a viewer from a livestream, disconnects it and revokes its token.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the livestream or the viewer does not exist: [`NotFound`](crate::ErrorKind::NotFound). Some servers
    ///   return success instead.
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
    /// # let stream = fishjam.create_stream(Default::default()).await?;
    /// # let viewer = fishjam.create_viewer(&stream.id).await?;
    /// fishjam.delete_viewer(&stream.id, &viewer.id).await?;
    /// # assert!(fishjam.get_stream(&stream.id).await?.viewers.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn delete_viewer(&self, stream_id: impl Into<StreamId>, viewer_id: impl Into<ViewerId>) -> Result<()> {
        let (stream_id, viewer_id) = (stream_id.into(), viewer_id.into());
        self.transport
            .call(operations::DELETE_VIEWER, |api| api.delete_viewer(stream_id.segment()?, viewer_id.segment()?))
            .await
    }

    /// Creates a token for one viewer of a livestream room. A public room can be watched without a token.
    ///
    /// The token has no id, and Fishjam documents no way to revoke it. For viewers with ids, see
    /// [the choice](crate::Livestream#livestreams-and-rooms) between a livestream and a livestream room.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the room does not exist, or does not have a livestream type: [`NotFound`](crate::ErrorKind::NotFound)
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
    /// use fishjam_sdk::{RoomOptions, RoomType};
    ///
    /// let stream = fishjam.create_room(RoomOptions::new().room_type(RoomType::Livestream)).await?;
    /// let viewer = fishjam.create_livestream_viewer_token(&stream.id).await?;
    /// # assert!(!viewer.expose().is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn create_livestream_viewer_token(&self, room_id: impl Into<RoomId>) -> Result<ViewerToken> {
        let room_id = room_id.into();
        let made = self
            .transport
            .call(operations::GENERATE_VIEWER_TOKEN, |api| api.generate_viewer_token(room_id.segment()?))
            .await?;
        Ok(ViewerToken::from(made.token))
    }
}
