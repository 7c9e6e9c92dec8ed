//! Livestreams whose streamers and viewers have ids.

use std::fmt;

use fishjam_api::fishjam::types;
use serde::Serialize;

use super::{streamer::Streamer, viewer::Viewer};
use crate::{
    client::FishjamClient,
    error::Result,
    extra::{Extra, read_model},
    id::StreamId,
    listing::{Listing, convert_all},
    secret::Address,
    transport::{Operation, RequestPatch, operations},
};

/// Options for creating a livestream. Unset options use the server's defaults.
///
/// `Debug` prints only the scheme and the host of the webhook URL, because the rest can hold a secret.
///
/// ```
/// use fishjam_sdk::LivestreamOptions;
///
/// let options = LivestreamOptions::new().public(true).audio_only(true);
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LivestreamOptions {
    public: Option<bool>,
    audio_only: Option<bool>,
    webhook_url: Option<String>,
    batch_webhook_notifications: Option<bool>,
}

impl fmt::Debug for LivestreamOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LivestreamOptions")
            .field("public", &self.public)
            .field("audio_only", &self.audio_only)
            .field("webhook_url", &self.webhook_url.as_deref().map(Address))
            .field("batch_webhook_notifications", &self.batch_webhook_notifications)
            .finish()
    }
}

impl LivestreamOptions {
    /// Creates options without any value.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets whether viewers can watch without a token. Server default: `false`.
    ///
    /// Streamers always need a token.
    #[must_use]
    pub fn public(mut self, public: bool) -> Self {
        self.public = Some(public);
        self
    }

    /// Sets whether the livestream has only audio. Server default: `false`.
    #[must_use]
    pub fn audio_only(mut self, audio_only: bool) -> Self {
        self.audio_only = Some(audio_only);
        self
    }

    /// Sets the URL for the webhooks of this livestream. Server default: the webhook URL of the account.
    ///
    /// Fishjam deprecates this option: use the webhook URL of the account instead. The URL must have a slash after
    /// the host: the server rejects `https://example.com`, but accepts `https://example.com/`.
    #[must_use]
    pub fn webhook_url(mut self, url: impl Into<String>) -> Self {
        self.webhook_url = Some(url.into());
        self
    }

    /// Sets whether a webhook can contain several notifications. Server default: `false`.
    #[must_use]
    pub fn batch_webhook_notifications(mut self, batch: bool) -> Self {
        self.batch_webhook_notifications = Some(batch);
        self
    }

    fn into_wire(self) -> types::StreamConfig {
        types::StreamConfig {
            public: self.public,
            audio_only: self.audio_only,
            webhook_url: self.webhook_url,
            batch_webhook_notifications: self.batch_webhook_notifications,
        }
    }
}

/// The state of a livestream at the time of the response.
///
/// # Livestreams and rooms
///
/// There are two ways to create a livestream:
///
/// - **A livestream**: [`create_stream`](crate::FishjamClient::create_stream), with
///   [`create_streamer`](crate::FishjamClient::create_streamer) and
///   [`create_viewer`](crate::FishjamClient::create_viewer). Each streamer and each viewer has an id. You can list
///   them, and delete one of them to revoke its token. Events contain the ids. Choose this way for new programs.
/// - **A livestream room**: [`create_room`](crate::FishjamClient::create_room) with
///   [`RoomType::Livestream`](crate::RoomType::Livestream), with
///   [`create_livestream_streamer_token`](crate::FishjamClient::create_livestream_streamer_token) and
///   [`create_livestream_viewer_token`](crate::FishjamClient::create_livestream_viewer_token). These tokens have no id,
///   and Fishjam documents no way to revoke one of them. Choose this way if you share code with the official SDKs,
///   which have only rooms.
///
/// Both ways use the same URLs for publishing and watching, and a room and its livestream have the same id.
///
/// # JSON
///
/// It serializes with the member names of the REST API. Tokens serialize as `[redacted]`; see
/// [`Exposed`](crate::Exposed). `Default` creates a private livestream for a test, without streamers and viewers.
///
/// ```
/// # fn main() -> anyhow::Result<()> {
/// use fishjam_sdk::{Livestream, Viewer};
///
/// let mut stream = Livestream::default();
/// stream.viewers.push(Viewer::default());
/// assert_eq!(serde_json::to_value(&stream)?["viewers"][0]["token"], "[redacted]");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Livestream {
    /// Id of the livestream. The room of the livestream has the same id.
    pub id: StreamId,
    /// Whether viewers can watch without a token.
    pub public: bool,
    /// Whether the livestream has only audio. `false` if the server sends no value.
    pub audio_only: bool,
    /// Streamers, which can publish the livestream.
    pub streamers: Vec<Streamer>,
    /// Viewers, which can watch the livestream.
    pub viewers: Vec<Viewer>,
    #[serde(flatten)]
    extra: Extra,
}

read_model!(Livestream, types::Stream, |stream| {
    let streamers = stream.streamers.iter().any(|streamer| streamer.token.is_redacted());
    streamers || stream.viewers.iter().any(|viewer| viewer.token.is_redacted())
});

impl Livestream {
    fn from_wire(stream: types::Stream) -> Self {
        Self {
            id: stream.id.into(),
            public: stream.public,
            audio_only: stream.audio_only.unwrap_or(false),
            streamers: convert_all(stream.streamers, Streamer::from_wire),
            viewers: convert_all(stream.viewers, Viewer::from_wire),
            extra: Extra::new(stream.extra),
        }
    }
}

impl FishjamClient {
    /// Creates a livestream.
    ///
    /// This also creates a room of a livestream type with the same id. You can also create such a room directly: see
    /// [which one to choose](Livestream#livestreams-and-rooms).
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the server rejects an option: [`BadRequest`](crate::ErrorKind::BadRequest)
    /// - the quota of the plan is used up: [`QuotaExceeded`](crate::ErrorKind::QuotaExceeded)
    /// - one of the [common errors](crate::Error#common-errors) occurs
    ///
    /// After an error, the livestream may still exist: see
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
    /// use fishjam_sdk::LivestreamOptions;
    ///
    /// let stream = fishjam.create_stream(LivestreamOptions::new().audio_only(true)).await?;
    /// assert!(stream.audio_only && !stream.public);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn create_stream(&self, options: LivestreamOptions) -> Result<Livestream> {
        let config = options.into_wire();
        let created = self.transport.call(operations::CREATE_STREAM, |api| api.create_stream(&config)).await?;
        Ok(Livestream::from_wire(created.data))
    }

    /// Returns all livestreams.
    ///
    /// The list omits livestreams that the SDK cannot read, and the SDK logs a warning. To detect them, use
    /// [`get_all_streams_with_unreadable`](Self::get_all_streams_with_unreadable).
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
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # fishjam.create_stream(Default::default()).await?;
    /// for stream in fishjam.get_all_streams().await? {
    ///     println!("{} {} viewers", stream.id, stream.viewers.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get_all_streams(&self) -> Result<Vec<Livestream>> {
        Ok(self.list_streams(operations::GET_ALL_STREAMS).await?.readable())
    }

    /// Like [`get_all_streams`](Self::get_all_streams), and also returns the livestreams that the SDK could not read.
    ///
    /// Use this method if a missing livestream matters. For example, use it before you treat missing livestreams as
    /// deleted.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`get_all_streams`](Self::get_all_streams).
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. It changes nothing on the server.
    pub async fn get_all_streams_with_unreadable(&self) -> Result<Listing<Livestream>> {
        self.list_streams(operations::GET_ALL_STREAMS_WITH_UNREADABLE).await
    }

    async fn list_streams(&self, operation: Operation) -> Result<Listing<Livestream>> {
        self.transport
            .list(operation, RequestPatch::default(), |api| api.get_all_streams(), Livestream::from_wire)
            .await
    }

    /// Returns a livestream.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the livestream does not exist: [`NotFound`](crate::ErrorKind::NotFound)
    /// - one of the [common errors](crate::Error#common-errors) occurs
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. It changes nothing on the server.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let stream = fishjam.create_stream(Default::default()).await?;
    /// let stream = fishjam.get_stream(&stream.id).await?;
    /// println!("{} streamers", stream.streamers.len());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get_stream(&self, stream_id: impl Into<StreamId>) -> Result<Livestream> {
        let stream_id = stream_id.into();
        let stream = self.transport.call(operations::GET_STREAM, |api| api.get_stream(stream_id.segment()?)).await?;
        Ok(Livestream::from_wire(stream.data))
    }

    /// Deletes a livestream and disconnects its streamers and viewers.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the livestream does not exist: [`NotFound`](crate::ErrorKind::NotFound). Some servers
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
    /// fishjam.delete_stream(&stream.id).await?;
    /// assert!(fishjam.get_stream(&stream.id).await.unwrap_err().is_not_found());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn delete_stream(&self, stream_id: impl Into<StreamId>) -> Result<()> {
        let stream_id = stream_id.into();
        self.transport.call(operations::DELETE_STREAM, |api| api.delete_stream(stream_id.segment()?)).await
    }
}
