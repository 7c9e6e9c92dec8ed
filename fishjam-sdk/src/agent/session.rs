//! A connected agent: what it can do, and what it hears.

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
    AgentMessage, IncomingTrackImage, OutgoingAudioTrackOptions, OutgoingTrack, SessionEnd, command::Order,
    shared::Owner, track,
};
use crate::{
    ConnectionState, TrackId,
    audio::PcmFormat,
    connection::queue::{Items, QueueItem, Reader},
    error::{Error, ErrorKind, Result},
};

/// A connected agent. It is a stream of what arrives, and can speak, look and leave.
///
/// The session ends with an error as its last item if it is lost or closed by the service, and without one after
/// [`disconnect`](Self::disconnect); then [`end`](Self::end) says how. Dropping it closes the socket, within a second,
/// and sends no more of what was taken. [`split`](Self::split) gives its two halves to different tasks.
///
/// A task of the Tokio runtime it was connected on drives it, answers pings and notices a dead connection, whether the
/// session is polled or not. Every method is cancel safe.
pub struct AgentSession {
    sender: AgentSender,
    receiver: AgentReceiver,
}

/// What a session can do: speak, look, leave. Cloning is cheap, clones act on the same session, and it lives as long as
/// its receiver or one of them does.
#[derive(Clone)]
pub struct AgentSender {
    owner: Arc<Owner>,
}

/// What a session hears: a stream. Dropping it lets go of what arrives from then on; the session lives on while there
/// is an [`AgentSender`].
pub struct AgentReceiver {
    reader: Reader<Items<AgentMessage>>,
    owner: Arc<Owner>,
}

impl AgentSession {
    pub(super) fn new(owner: Arc<Owner>) -> Self {
        let reader = Arc::clone(&owner.0.incoming).reader();
        Self { sender: AgentSender { owner: Arc::clone(&owner) }, receiver: AgentReceiver { reader, owner } }
    }

    /// The next thing that arrives; `None` after the end. The same as the stream's `next`.
    ///
    /// Cancel safe: what was not returned waits for the next call.
    ///
    /// # Errors
    ///
    /// Why the session ended, once, as the last item.
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

    /// Begins to publish an audio track. The service does not answer; whoever listens to the server's notifications is
    /// told of the new track.
    ///
    /// The track ends with the session: its handle does not keep the session alive. Cancel safe: dropping the future
    /// before it is ready adds no track.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) if there are not one or two channels, raw audio has a sample rate
    /// other than 16, 24 and 48 kHz, or the metadata cannot be written as JSON; why the session ended, if it has.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let room = fishjam.create_room(Default::default()).await?;
    /// use fishjam_sdk::agent::OutgoingAudioTrackOptions;
    /// use serde_json::json;
    ///
    /// let session = fishjam.create_agent(&room.id, Default::default()).await?.connect().await?;
    /// let options = OutgoingAudioTrackOptions::pcm16(24_000).metadata(json!({ "type": "microphone" }));
    /// let voice = session.add_track(options).await?;
    /// voice.send_chunk(vec![0; 960]).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn add_track(&self, options: OutgoingAudioTrackOptions) -> Result<OutgoingTrack> {
        self.sender.add_track(options).await
    }

    /// See [`AgentSender::capture_image`].
    ///
    /// # Errors
    ///
    /// Those of [`AgentSender::capture_image`].
    pub async fn capture_image(&self, track_id: impl Into<TrackId>) -> Result<()> {
        self.sender.capture_image(track_id).await
    }

    /// See [`AgentSender::capture_image_and_wait`].
    ///
    /// # Errors
    ///
    /// Those of [`AgentSender::capture_image_and_wait`].
    pub async fn capture_image_and_wait(
        &self,
        track_id: impl Into<TrackId>,
        timeout: Duration,
    ) -> Result<IncomingTrackImage> {
        self.sender.capture_image_and_wait(track_id, timeout).await
    }

    /// Divides the session in two: what it does, and what it hears.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let room = fishjam.create_room(Default::default()).await?;
    /// let session = fishjam.create_agent(&room.id, Default::default()).await?.connect().await?;
    /// let (sender, mut receiver) = session.split();
    /// let hearing = tokio::spawn(async move {
    ///     while let Some(Ok(message)) = receiver.receive().await {
    ///         println!("{message:?}");
    ///     }
    /// });
    /// sender.disconnect().await?;
    /// hearing.await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn split(self) -> (AgentSender, AgentReceiver) {
        (self.sender, self.receiver)
    }

    /// Another handle on what the session can do.
    #[must_use]
    pub fn sender(&self) -> AgentSender {
        self.sender.clone()
    }

    /// The form in which the agent hears the others.
    #[must_use]
    pub fn hears(&self) -> PcmFormat {
        self.sender.hears()
    }

    /// Where the connection stands.
    #[must_use]
    pub fn state(&self) -> ConnectionState {
        self.sender.state()
    }

    /// How the session ended; `None` while it has not.
    #[must_use]
    pub fn end(&self) -> Option<SessionEnd> {
        self.sender.end()
    }

    /// Sends what was taken, then closes the session; see [`AgentSender::disconnect`].
    ///
    /// # Errors
    ///
    /// Those of [`AgentSender::disconnect`].
    pub async fn disconnect(self) -> Result<()> {
        self.sender.disconnect().await
    }
}

impl AgentSender {
    /// Begins to publish an audio track; see [`AgentSession::add_track`].
    ///
    /// # Errors
    ///
    /// Those of [`AgentSession::add_track`].
    pub async fn add_track(&self, options: OutgoingAudioTrackOptions) -> Result<OutgoingTrack> {
        track::add(&self.owner.0, options).await
    }

    /// Asks for one image of a video track of somebody else. It arrives as [`AgentMessage::TrackImage`].
    ///
    /// The service gives one image a second and track, and no answer at all where it gives none. What is asked for too
    /// soon is held back here until it is time; asking several times until then asks once.
    ///
    /// # Errors
    ///
    /// Why the session ended, if it has.
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
        let track = track_id.into();
        let size = track.as_str().len();
        self.owner.0.take(size, |cost| Order::Capture { track, waiter: None, cost }).await
    }

    /// Asks for one image of a video track of somebody else, and waits for it while audio keeps flowing.
    ///
    /// Any number may ask at once: for one track at most one request a second is sent, and all who wait for its image
    /// get it. The image of a request that nobody waits for any more never answers a later one, unless it takes longer
    /// than ten seconds; it arrives as [`AgentMessage::TrackImage`]. While no image comes the request is repeated, once
    /// a second. Cancel safe: dropping the future takes the request back, as far as it was not sent.
    ///
    /// # Errors
    ///
    /// [`Timeout`](ErrorKind::Timeout) if there is no image in time; the service refuses in no other way, for example
    /// an unknown track. Why the session ended, if it has or does meanwhile.
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
        Handle::try_current().map_err(|e| Error::invalid_input("a timeout needs a Tokio runtime").caused_by(e))?;
        let line = &self.owner.0;
        let (track, (waiter, image)) = (track_id.into(), oneshot::channel());
        let size = track.as_str().len();
        let asked = async {
            line.take(size, |cost| Order::Capture { track, waiter: Some(waiter), cost }).await?;
            image.await.map_err(|_| line.why())
        };
        match tokio::time::timeout(timeout, asked).await {
            Ok(image) => image,
            Err(_) => {
                let none = format!("no image of the track came within {timeout:?}");
                Err(Error::new(ErrorKind::Timeout).message_text(none))
            }
        }
    }

    /// The form in which the agent hears the others.
    #[must_use]
    pub fn hears(&self) -> PcmFormat {
        self.owner.0.hears
    }

    /// Where the connection stands.
    #[must_use]
    pub fn state(&self) -> ConnectionState {
        self.owner.0.state()
    }

    /// How the session ended; `None` while it has not.
    #[must_use]
    pub fn end(&self) -> Option<SessionEnd> {
        self.owner.0.end()
    }

    /// Sends what was taken, then closes the session, and waits until the service has said goodbye, too, and the agent
    /// is deleted if that was [asked for](super::AgentConnectOptions::delete_on_end).
    ///
    /// From the call on nothing more is taken, on any handle. To send may take 10 seconds, the goodbye 2. A session
    /// that has ended already is disconnected. Dropping the future gives up waiting; the session ends all the same, and
    /// if no handle of it is left, as after [`AgentSession::disconnect`], at once and without what was not sent yet.
    ///
    /// # Errors
    ///
    /// Why not everything was sent, or why the agent could not be deleted.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let room = fishjam.create_room(Default::default()).await?;
    /// use fishjam_sdk::{ErrorKind, agent::OutgoingAudioTrackOptions};
    ///
    /// let session = fishjam.create_agent(&room.id, Default::default()).await?.connect().await?;
    /// let voice = session.add_track(OutgoingAudioTrackOptions::pcm16(16_000)).await?;
    /// session.disconnect().await?;
    /// assert_eq!(voice.send_chunk(vec![0; 640]).await.unwrap_err().kind(), ErrorKind::Closed);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn disconnect(&self) -> Result<()> {
        self.owner.0.disconnect().await
    }
}

impl AgentReceiver {
    /// The next thing that arrives; see [`AgentSession::receive`].
    ///
    /// # Errors
    ///
    /// Why the session ended, once, as the last item.
    pub async fn receive(&mut self) -> Option<Result<AgentMessage>> {
        self.next().await
    }

    /// The form in which the agent hears the others.
    #[must_use]
    pub fn hears(&self) -> PcmFormat {
        self.owner.0.hears
    }

    /// How the session ended; `None` while it has not.
    #[must_use]
    pub fn end(&self) -> Option<SessionEnd> {
        self.owner.0.end()
    }
}

impl futures_core::Stream for AgentReceiver {
    type Item = Result<AgentMessage>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.reader.poll_next(cx).map(|next| {
            next.map(|next| match next {
                QueueItem::Item(message) => Ok(message),
                QueueItem::Dropped(messages) => Ok(AgentMessage::Dropped(messages)),
                QueueItem::Error(error) => Err(error),
            })
        })
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

impl fmt::Debug for AgentReceiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AgentReceiver").field(&self.owner.0).finish()
    }
}
