//! A connected agent, and its two halves.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use futures_util::StreamExt;
use tokio::{runtime::Handle, sync::oneshot};

use super::{
    AgentMessage, IncomingTrackImage, OutgoingAudioTrackOptions, OutgoingTrack, SessionEnd, command::Command,
    receiver::AgentReceiver, shared::SessionOwner, track,
};
use crate::{
    audio::PcmFormat,
    connection::lifecycle::ConnectionState,
    error::{Error, ErrorKind, Result},
    id::TrackId,
};

/// A connected agent, which can speak, request images and receive messages.
///
/// The session is a stream of the messages that it receives. If it is lost, or if the server closes it, the last item
/// is an error. After [`disconnect`](Self::disconnect), the stream ends without an error. [`end`](Self::end) then
/// returns the reason. If you drop the session, it closes its socket within a second and drops the messages that wait
/// to be sent. [`split`](Self::split) returns two halves for different tasks.
///
/// A task of the Tokio runtime maintains the connection. It responds to pings and detects a dead connection, whether
/// you poll the session or not. All methods are cancel safe.
///
/// The cost grows with the number of sessions: each has a socket, a task, and some 25 KiB of memory while it is idle. The
/// number of sessions is limited by the open files of the process, and by the processor time for their messages.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> anyhow::Result<()> {
/// # let emulator = fishjam_emulator::Emulator::start().await?;
/// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
/// # let room = fishjam.create_room(Default::default()).await?;
/// use fishjam_sdk::{AgentOptions, agent::{AgentMessage, OutgoingAudioTrackOptions, SampleRate}};
///
/// let agent = fishjam.create_agent(&room.id, AgentOptions::new()).await?;
/// let mut session = agent.connect().await?;
/// let voice = session.add_track(OutgoingAudioTrackOptions::pcm16(SampleRate::Hz16000)).await?;
/// # fishjam.delete_room(&room.id).await?; // ends the session
/// while let Some(message) = session.receive().await {
///     match message {
///         Ok(AgentMessage::TrackData(heard)) => voice.send_chunk(heard.data).await?,
///         Ok(other) => println!("{other:?}"),
///         Err(end) => println!("the session ended: {end:#}"),
///     }
/// }
/// session.disconnect().await?;
/// # Ok(())
/// # }
/// ```
pub struct AgentSession {
    sender: AgentSender,
    receiver: AgentReceiver,
}

/// The sending half of a session.
///
/// Cloning is cheap, and clones belong to the same session. The session lasts as long as its receiver or one sender
/// exists.
///
/// For an example, see [`AgentSession::split`].
#[derive(Clone)]
pub struct AgentSender {
    owner: Arc<SessionOwner>,
}

impl AgentSession {
    pub(super) fn new(owner: Arc<SessionOwner>) -> Self {
        let reader = Arc::clone(&owner.0.incoming).reader();
        Self { sender: AgentSender { owner: Arc::clone(&owner) }, receiver: AgentReceiver { reader, owner } }
    }

    /// Returns the next message, or `None` after the end of the session. The same as `next` of the stream.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. The next call returns any pending message.
    ///
    /// # Errors
    ///
    /// Returns the error that ended the session, once, as the last item.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let room = fishjam.create_room(Default::default()).await?;
    /// use fishjam_sdk::agent::SessionEndKind;
    ///
    /// let mut session = fishjam.create_agent(&room.id, Default::default()).await?.connect().await?;
    /// fishjam.delete_room(&room.id).await?;
    /// while let Some(Ok(message)) = session.receive().await {
    ///     println!("{message:?}");
    /// }
    /// assert_eq!(session.end().map(|end| end.kind()), Some(SessionEndKind::RoomEnded));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn receive(&mut self) -> Option<Result<AgentMessage>> {
        self.receiver.receive().await
    }

    /// Publishes an audio track.
    ///
    /// The server sends no response. Listeners of the server's notifications receive an event for the new track. The
    /// track ends with the session, and its handle does not keep the session alive.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. If you drop the future before it is ready, no track is added.
    ///
    /// # Errors
    ///
    /// Returns an [`InvalidInput`](ErrorKind::InvalidInput) error if the metadata does not serialize to JSON, or is too
    /// large. Otherwise, returns the error that ended the session, if it has ended.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let room = fishjam.create_room(Default::default()).await?;
    /// use fishjam_sdk::agent::{OutgoingAudioTrackOptions, SampleRate};
    /// use serde_json::json;
    ///
    /// let session = fishjam.create_agent(&room.id, Default::default()).await?.connect().await?;
    /// let options = OutgoingAudioTrackOptions::pcm16(SampleRate::Hz24000).metadata(json!({ "type": "microphone" }));
    /// let track = session.add_track(options).await?;
    /// track.send_chunk(vec![0; 960]).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn add_track(&self, options: OutgoingAudioTrackOptions) -> Result<OutgoingTrack> {
        self.sender.add_track(options).await
    }

    /// Requests an image of a video track. See [`AgentSender::capture_image`].
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe, like [`AgentSender::capture_image`].
    ///
    /// # Errors
    ///
    /// Returns the errors of [`AgentSender::capture_image`].
    pub async fn capture_image(&self, track_id: impl Into<TrackId>) -> Result<()> {
        self.sender.capture_image(track_id).await
    }

    /// Requests an image of a video track and waits for it. See [`AgentSender::capture_image_and_wait`].
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe, like [`AgentSender::capture_image_and_wait`].
    ///
    /// # Errors
    ///
    /// Returns the errors of [`AgentSender::capture_image_and_wait`].
    pub async fn capture_image_and_wait(
        &self,
        track_id: impl Into<TrackId>,
        timeout: Duration,
    ) -> Result<IncomingTrackImage> {
        self.sender.capture_image_and_wait(track_id, timeout).await
    }

    /// Splits the session into its sending and its receiving half.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let room = fishjam.create_room(Default::default()).await?;
    /// let session = fishjam.create_agent(&room.id, Default::default()).await?.connect().await?;
    /// let (sender, mut receiver) = session.split();
    /// let listener = tokio::spawn(async move {
    ///     while let Some(Ok(message)) = receiver.receive().await {
    ///         println!("{message:?}");
    ///     }
    /// });
    /// sender.disconnect().await?;
    /// listener.await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn split(self) -> (AgentSender, AgentReceiver) {
        (self.sender, self.receiver)
    }

    /// Returns another handle for sending.
    #[must_use]
    pub fn sender(&self) -> AgentSender {
        self.sender.clone()
    }

    /// Returns the format of the audio that the agent receives.
    #[must_use]
    pub fn input_format(&self) -> PcmFormat {
        self.sender.input_format()
    }

    /// Returns the state of the connection.
    #[must_use]
    pub fn state(&self) -> ConnectionState {
        self.sender.state()
    }

    /// Returns the reason for the end of the session, or `None` while it lasts.
    #[must_use]
    pub fn end(&self) -> Option<SessionEnd> {
        self.sender.end()
    }

    /// Sends the waiting messages, then closes the session. See [`AgentSender::disconnect`].
    ///
    /// # Cancel safety
    ///
    /// If you drop the future, the session still ends. If no other handle exists, the session drops the waiting
    /// messages.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`AgentSender::disconnect`].
    pub async fn disconnect(self) -> Result<()> {
        self.sender.disconnect().await
    }
}

impl AgentSender {
    /// Publishes an audio track. See [`AgentSession::add_track`].
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe, like [`AgentSession::add_track`].
    ///
    /// # Errors
    ///
    /// Returns the errors of [`AgentSession::add_track`].
    pub async fn add_track(&self, options: OutgoingAudioTrackOptions) -> Result<OutgoingTrack> {
        track::add(&self.owner.0, options).await
    }

    /// Requests an image of a video track of another peer. It arrives as [`AgentMessage::TrackImage`].
    ///
    /// The server sends one image per second and track, and ignores requests that it rejects. The session delays a
    /// request that is too early. Several requests during the delay become one.
    ///
    /// # Errors
    ///
    /// Returns the error that ended the session, if it has ended.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. If you drop the future before it is ready, the session sends no request.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let room = fishjam.create_room(Default::default()).await?;
    /// # let (peer, _) = fishjam.create_peer(&room.id, Default::default()).await?;
    /// # let (kind, none) = (fishjam_emulator::TrackKind::Video, Default::default());
    /// # let camera = emulator.add_track(room.id.as_str(), peer.id.as_str(), kind, none).expect("a track");
    /// # let mut session = fishjam.create_agent(&room.id, Default::default()).await?.connect().await?;
    /// use fishjam_sdk::agent::AgentMessage;
    ///
    /// session.capture_image(&camera).await?;
    /// match session.receive().await.expect("a message")? {
    ///     AgentMessage::TrackImage(image) => assert_eq!(image.track_id.as_str(), camera),
    ///     other => panic!("{other:?}"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn capture_image(&self, track_id: impl Into<TrackId>) -> Result<()> {
        let track_id = track_id.into();
        let size = track_id.as_str().len();
        self.owner.0.send_command(size, |cost| Command::CaptureImage { track_id, sender: None, cost }).await
    }

    /// Requests an image of a video track of another peer, and waits for it. Audio continues meanwhile.
    ///
    /// Any number of callers can wait at the same time. The session sends at most one request per second and track, and
    /// all callers of a track share its image. Without an image, the session repeats the request once per second.
    ///
    /// If the callers of a request no longer wait, its image arrives as [`AgentMessage::TrackImage`]. Later callers do
    /// not receive it, unless it takes longer than ten seconds.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. If you drop the future, the session drops a request that is not sent yet.
    ///
    /// # Errors
    ///
    /// Returns a [`Timeout`](ErrorKind::Timeout) error if no image arrives in time, for example because the track does
    /// not exist. Returns the error that ended the session, if it has ended or ends meanwhile.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let room = fishjam.create_room(Default::default()).await?;
    /// # let (peer, _) = fishjam.create_peer(&room.id, Default::default()).await?;
    /// # let (kind, none) = (fishjam_emulator::TrackKind::Video, Default::default());
    /// # let camera = emulator.add_track(room.id.as_str(), peer.id.as_str(), kind, none).expect("a track");
    /// # let session = fishjam.create_agent(&room.id, Default::default()).await?.connect().await?;
    /// use std::time::Duration;
    ///
    /// let image = session.capture_image_and_wait(&camera, Duration::from_secs(5)).await?;
    /// println!("{} bytes of {}", image.data.len(), image.content_type);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn capture_image_and_wait(
        &self,
        track_id: impl Into<TrackId>,
        timeout: Duration,
    ) -> Result<IncomingTrackImage> {
        Handle::try_current().map_err(|e| Error::setup("a timeout requires a Tokio runtime").caused_by(e))?;
        let shared = &self.owner.0;
        let (track_id, (sender, image)) = (track_id.into(), oneshot::channel());
        let size = track_id.as_str().len();
        let response = async {
            shared.send_command(size, |cost| Command::CaptureImage { track_id, sender: Some(sender), cost }).await?;
            image.await.map_err(|_| shared.end_error())
        };
        match tokio::time::timeout(timeout, response).await {
            Ok(image) => image,
            Err(_) => {
                let message = format!("no image of the track arrived within {timeout:?}");
                Err(Error::new(ErrorKind::Timeout).message_text(message))
            }
        }
    }

    /// Returns the format of the audio that the agent receives.
    #[must_use]
    pub fn input_format(&self) -> PcmFormat {
        self.owner.0.input_format
    }

    /// Returns the state of the connection.
    #[must_use]
    pub fn state(&self) -> ConnectionState {
        self.owner.0.state()
    }

    /// Returns the reason for the end of the session, or `None` while it lasts.
    #[must_use]
    pub fn end(&self) -> Option<SessionEnd> {
        self.owner.0.end()
    }

    /// Sends the waiting messages, then closes the session.
    ///
    /// This method waits until the server has closed its side, and until the agent is deleted if
    /// [`delete_on_end`](super::AgentConnectOptions::delete_on_end) is set. From this call on, all handles reject new
    /// messages. Sending can take up to 10 seconds, and closing up to 2 seconds. If the session has already ended, this
    /// method sends nothing.
    ///
    /// # Cancel safety
    ///
    /// If you drop the future, the session still ends. If no other handle exists, as after
    /// [`AgentSession::disconnect`], it ends immediately and drops the waiting messages.
    ///
    /// # Errors
    ///
    /// Returns an error if not all messages were sent, or if the agent could not be deleted.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let room = fishjam.create_room(Default::default()).await?;
    /// use fishjam_sdk::{ErrorKind, agent::{OutgoingAudioTrackOptions, SampleRate}};
    ///
    /// let session = fishjam.create_agent(&room.id, Default::default()).await?.connect().await?;
    /// let track = session.add_track(OutgoingAudioTrackOptions::pcm16(SampleRate::Hz16000)).await?;
    /// session.disconnect().await?;
    /// assert_eq!(track.send_chunk(vec![0; 640]).await.unwrap_err().kind(), ErrorKind::Closed);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn disconnect(&self) -> Result<()> {
        self.owner.0.disconnect().await
    }
}

impl futures_core::Stream for AgentSession {
    type Item = Result<AgentMessage>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.receiver.poll_next_unpin(cx)
    }
}

impl fmt::Debug for AgentSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AgentSession").field(&self.sender.owner.0).finish()
    }
}

impl fmt::Debug for AgentSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AgentSender").field(&self.owner.0).finish()
    }
}
