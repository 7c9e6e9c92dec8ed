//! Streamers: who publishes a livestream.

use fishjam_api::fishjam::types;

use crate::{
    FishjamClient, RoomId, StreamId, StreamerId, StreamerStatus, StreamerToken, error::Result, transport::operations,
};

/// Who may publish a livestream, as the service describes it at one moment.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Streamer {
    /// The streamer's id.
    pub id: StreamerId,
    /// Whether the streamer is connected.
    pub status: StreamerStatus,
    /// What the streamer publishes with; void once the streamer is deleted.
    pub token: StreamerToken,
}

impl From<types::Streamer> for Streamer {
    fn from(streamer: types::Streamer) -> Self {
        Self { id: streamer.id.into(), status: streamer.status, token: streamer.token.into() }
    }
}

impl FishjamClient {
    /// Lets a streamer publish a livestream.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is no such livestream, and whatever can happen to any
    /// request. The streamer may exist all the same: [`may_have_taken_effect`](crate::Error::may_have_taken_effect)
    /// says so.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let stream = fishjam.create_stream(Default::default()).await?;
    /// let streamer = fishjam.create_streamer(&stream.id).await?;
    /// println!("publish to {} with {}", fishjam.livestream_whip_url(), streamer.token.expose());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn create_streamer(&self, stream_id: impl Into<StreamId>) -> Result<Streamer> {
        let stream_id = stream_id.into();
        let created =
            self.transport.call(operations::CREATE_STREAMER, |api| api.create_streamer(stream_id.segment()?)).await?;
        Ok(created.data.into())
    }

    /// Takes a streamer from a livestream: the streamer is disconnected and the token void.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where the service says that there is no such livestream or streamer,
    /// which it need not, and whatever can happen to any request.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let stream = fishjam.create_stream(Default::default()).await?;
    /// # let streamer = fishjam.create_streamer(&stream.id).await?;
    /// fishjam.delete_streamer(&stream.id, &streamer.id).await?;
    /// # assert!(fishjam.get_stream(&stream.id).await?.streamers.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn delete_streamer(
        &self,
        stream_id: impl Into<StreamId>,
        streamer_id: impl Into<StreamerId>,
    ) -> Result<()> {
        let (stream_id, streamer_id) = (stream_id.into(), streamer_id.into());
        self.transport
            .call(operations::DELETE_STREAMER, |api| api.delete_streamer(stream_id.segment()?, streamer_id.segment()?))
            .await
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
        let made = self
            .transport
            .call(operations::GENERATE_STREAMER_TOKEN, |api| api.generate_streamer_token(room_id.segment()?))
            .await?;
        Ok(StreamerToken::from(made.token))
    }
}
