//! Viewers, which watch a livestream.

use fishjam_api::fishjam::types;

use crate::{
    client::FishjamClient,
    error::Result,
    id::{RoomId, StreamId, ViewerId},
    secret::ViewerToken,
    transport::operations,
};

/// The state of a viewer at the time of the response. A viewer can watch a livestream.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Viewer {
    /// Id of the viewer.
    pub id: ViewerId,
    /// Token for watching. It is void after the viewer is deleted.
    pub token: ViewerToken,
}

impl From<types::Viewer> for Viewer {
    fn from(viewer: types::Viewer) -> Self {
        Self { id: viewer.id.into(), token: viewer.token.into() }
    }
}

impl FishjamClient {
    /// Adds a viewer to a livestream. A public livestream can be watched without a viewer token.
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
        Ok(created.data.into())
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
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the room does not exist, or does not have a livestream type: [`NotFound`](crate::ErrorKind::NotFound)
    /// - one of the [common errors](crate::Error#common-errors) occurs
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
