//! Livestreams: tokens for those who publish and those who watch.

use crate::{FishjamClient, RoomId, StreamerToken, ViewerToken, error::Result, transport::Operation};

impl FishjamClient {
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
        let room_id = room_id.segment()?;
        let made =
            self.transport
                .call(Operation::create("generate_viewer_token"), |api| async move {
                    api.generate_viewer_token(room_id).await
                })
                .await?;
        Ok(ViewerToken::from(made.token))
    }

    /// Makes a token with which a streamer may publish a livestream room.
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
    /// let streamer = fishjam.create_livestream_streamer_token(&stream.id).await?;
    /// # assert!(!streamer.expose().is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn create_livestream_streamer_token(&self, room_id: impl Into<RoomId>) -> Result<StreamerToken> {
        let room_id = room_id.into();
        let room_id = room_id.segment()?;
        let made = self
            .transport
            .call(Operation::create("generate_streamer_token"), |api| async move {
                api.generate_streamer_token(room_id).await
            })
            .await?;
        Ok(StreamerToken::from(made.token))
    }
}
