//! Streamers, which publish a livestream.

use fishjam_api::fishjam::{enums::StreamerStatus, types};
use serde::Serialize;

use crate::{
    client::FishjamClient,
    error::Result,
    extra::{Extra, read_model},
    id::{RoomId, StreamId, StreamerId},
    secret::StreamerToken,
    transport::operations,
};

/// The state of a streamer at the time of the response. A streamer can publish a livestream.
///
/// The token serializes as `[redacted]`; see [`Exposed`](crate::Exposed). `Default` creates a streamer for a test, with an empty
/// id and an empty token.
///
/// For an example, see [`FishjamClient::create_streamer`].
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Streamer {
    /// Id of the streamer.
    pub id: StreamerId,
    /// Whether the streamer is connected.
    pub status: StreamerStatus,
    /// Token for publishing. It is void after the streamer is deleted. Its lifetime is otherwise not documented.
    pub token: StreamerToken,
    #[serde(flatten)]
    extra: Extra,
}

read_model!(Streamer, types::Streamer, |streamer| streamer.token.is_redacted());

impl Default for Streamer {
    fn default() -> Self {
        Self {
            id: StreamerId::default(),
            status: StreamerStatus::Disconnected,
            token: StreamerToken::from(""),
            extra: Extra::default(),
        }
    }
}

impl Streamer {
    pub(super) fn from_wire(streamer: types::Streamer) -> Self {
        Self {
            id: streamer.id.into(),
            status: streamer.status,
            token: streamer.token.into(),
            extra: Extra::new(streamer.extra),
        }
    }
}

impl FishjamClient {
    /// Adds a streamer to a livestream.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the livestream does not exist: [`NotFound`](crate::ErrorKind::NotFound)
    /// - one of the [common errors](crate::Error#common-errors) occurs
    ///
    /// After an error, the streamer may still exist: see
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
    /// let streamer = fishjam.create_streamer(&stream.id).await?;
    /// println!("publish to {} with {}", fishjam.livestream_whip_url(), streamer.token.expose());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn create_streamer(&self, stream_id: impl Into<StreamId>) -> Result<Streamer> {
        let stream_id = stream_id.into();
        let created =
            self.transport.call(operations::CREATE_STREAMER, |api| api.create_streamer(stream_id.segment()?)).await?;
        Ok(Streamer::from_wire(created.data))
    }

    /// Removes a streamer from a livestream, disconnects it and revokes its token.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the livestream or the streamer does not exist: [`NotFound`](crate::ErrorKind::NotFound). Some servers
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

    /// Creates a token for publishing a livestream room.
    ///
    /// The token has no id, and Fishjam documents no way to revoke it. For streamers with ids, see
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
