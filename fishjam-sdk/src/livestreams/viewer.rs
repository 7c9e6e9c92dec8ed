//! Viewers: who watches a livestream.

use fishjam_api::fishjam::types;

use crate::{FishjamClient, RoomId, StreamId, ViewerId, ViewerToken, error::Result, transport::operations};

/// Who may watch a livestream, as the service describes it at one moment.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Viewer {
    /// The viewer's id.
    pub id: ViewerId,
    /// What the viewer watches with; void once the viewer is deleted.
    pub token: ViewerToken,
}

impl From<types::Viewer> for Viewer {
    fn from(viewer: types::Viewer) -> Self {
        Self { id: viewer.id.into(), token: viewer.token.into() }
    }
}

impl FishjamClient {
    /// Lets one more viewer watch a livestream. A public one needs none.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is no such livestream, and whatever can happen to any
    /// request. The viewer may exist all the same: [`may_have_taken_effect`](crate::Error::may_have_taken_effect)
    /// says so.
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

    /// Takes a viewer from a livestream: the viewer is disconnected and the token void.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where the service says that there is no such livestream or viewer,
    /// which it need not, and whatever can happen to any request.
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

    /// Makes a token with which one viewer may watch a livestream room. A public one needs none.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is no such room or it is of no livestream type, and
    /// whatever can happen to any request.
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
