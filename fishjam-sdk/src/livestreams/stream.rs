//! Streams: livestreams with the streamers and viewers that the service knows by id.

use std::fmt;

use fishjam_api::fishjam::types;

use super::{streamer::Streamer, viewer::Viewer};
use crate::{
    FishjamClient, StreamId,
    error::Result,
    listing::Listing,
    secret::Address,
    transport::{RequestPatch, operations},
};

/// What a new livestream is to be like; whatever is not set is left to the service.
///
/// `Debug` prints only scheme and host of the webhook's address: the rest may hold a secret.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamOptions {
    /// Whether viewers need no token. Service's default: they need one.
    pub public: Option<bool>,
    /// Whether there is sound only. Service's default: there is video too.
    pub audio_only: Option<bool>,
    /// Where the service posts this livestream's notifications, instead of the account-wide address.
    pub webhook_url: Option<String>,
    /// Whether webhook deliveries carry several notifications at once. Service's default: one each.
    pub batch_webhook_notifications: Option<bool>,
}

impl fmt::Debug for StreamOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamOptions")
            .field("public", &self.public)
            .field("audio_only", &self.audio_only)
            .field("webhook_url", &self.webhook_url.as_deref().map(Address))
            .field("batch_webhook_notifications", &self.batch_webhook_notifications)
            .finish()
    }
}

impl StreamOptions {
    /// Options that leave everything to the service.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets anybody watch without a token; streamers still need theirs.
    #[must_use]
    pub fn public(mut self, public: bool) -> Self {
        self.public = Some(public);
        self
    }

    /// Restricts the livestream to sound.
    #[must_use]
    pub fn audio_only(mut self, audio_only: bool) -> Self {
        self.audio_only = Some(audio_only);
        self
    }

    /// Sends this livestream's notifications to a URL of its own.
    ///
    /// The service deprecates this in favour of the account's webhook, and wants a slash after the host:
    /// `https://example.com/` is taken, `https://example.com` is a bad request.
    #[must_use]
    pub fn webhook_url(mut self, url: impl Into<String>) -> Self {
        self.webhook_url = Some(url.into());
        self
    }

    /// Lets a webhook delivery carry several notifications at once.
    #[must_use]
    pub fn batch_webhook_notifications(mut self, batch: bool) -> Self {
        self.batch_webhook_notifications = Some(batch);
        self
    }
}

impl From<StreamOptions> for types::StreamConfig {
    fn from(options: StreamOptions) -> Self {
        Self {
            public: options.public,
            audio_only: options.audio_only,
            webhook_url: options.webhook_url,
            batch_webhook_notifications: options.batch_webhook_notifications,
        }
    }
}

/// A livestream as the service describes it at one moment.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Stream {
    /// The livestream's id, which is that of its room too.
    pub id: StreamId,
    /// Whether viewers need no token.
    pub public: bool,
    /// Whether there is sound only; `false` where the service does not say.
    pub audio_only: bool,
    /// Who may publish.
    pub streamers: Vec<Streamer>,
    /// Who may watch.
    pub viewers: Vec<Viewer>,
}

impl From<types::Stream> for Stream {
    fn from(stream: types::Stream) -> Self {
        Self {
            id: stream.id.into(),
            public: stream.public,
            audio_only: stream.audio_only.unwrap_or(false),
            streamers: stream.streamers.into_iter().map(Into::into).collect(),
            viewers: stream.viewers.into_iter().map(Into::into).collect(),
        }
    }
}

impl FishjamClient {
    /// Creates a livestream.
    ///
    /// It is a room too, of a livestream type and with the same id.
    ///
    /// # Errors
    ///
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if the service refuses an option,
    /// [`QuotaExceeded`](crate::ErrorKind::QuotaExceeded) if the plan allows no more, and whatever can happen to
    /// any request. The livestream may exist all the same:
    /// [`may_have_taken_effect`](crate::Error::may_have_taken_effect) says so.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// use fishjam_sdk::StreamOptions;
    ///
    /// let stream = fishjam.create_stream(StreamOptions::new().audio_only(true)).await?;
    /// assert!(stream.audio_only && !stream.public);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn create_stream(&self, options: StreamOptions) -> Result<Stream> {
        let config = options.into();
        let created = self.transport.call(operations::CREATE_STREAM, |api| api.create_stream(&config)).await?;
        Ok(created.data.into())
    }

    /// Lists all livestreams.
    ///
    /// A livestream that the SDK cannot read is left out, and the SDK logs a warning. See
    /// [`get_all_streams_with_unreadable`](Self::get_all_streams_with_unreadable).
    ///
    /// # Errors
    ///
    /// Whatever can happen to any request.
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
    pub async fn get_all_streams(&self) -> Result<Vec<Stream>> {
        Ok(self.get_all_streams_with_unreadable().await?.readable())
    }

    /// Like [`get_all_streams`](Self::get_all_streams), and also returns the livestreams that the SDK could not read.
    ///
    /// Use this method where a missing livestream matters, for example before you treat livestreams that are not in the list as
    /// deleted.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`get_all_streams`](Self::get_all_streams).
    pub async fn get_all_streams_with_unreadable(&self) -> Result<Listing<Stream>> {
        let operation = operations::GET_ALL_STREAMS;
        let streams = self
            .transport
            .list(operation, RequestPatch::default(), |api| api.get_all_streams(), |list| list.data)
            .await?;
        Ok(streams.map(Into::into))
    }

    /// Looks a livestream up.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is none with this id, and whatever can happen to any
    /// request.
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
    pub async fn get_stream(&self, stream_id: impl Into<StreamId>) -> Result<Stream> {
        let stream_id = stream_id.into();
        let stream = self.transport.call(operations::GET_STREAM, |api| api.get_stream(stream_id.segment()?)).await?;
        Ok(stream.data.into())
    }

    /// Deletes a livestream; its streamers and viewers are disconnected.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where the service says that there is none with this id, which it
    /// need not, and whatever can happen to any request.
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
