//! A session with a model.

use std::{collections::VecDeque, fmt, time::Duration};

use bytes::Bytes;
use fishjam_sdk::agent::SampleRate;
use serde_json::Value;
use tokio::time::timeout;

use crate::{
    Error, Result,
    connection::{CONNECT_LIMIT, Connection},
    key::ApiKey,
    transcript::Transcript,
};

/// An event of a model's session.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ModelEvent {
    /// Speech of the model: 16-bit samples, one channel, at [`Model::output_rate`]. It arrives faster than real time.
    Audio(Bytes),
    /// Words of a peer or of the model.
    Transcript(Transcript),
    /// A peer speaks. Stop playing the model's audio, and call [`Model::truncate`].
    Interrupted,
    /// The model's response is complete. Its audio may still play.
    TurnComplete,
    /// The server will close the connection soon, after this time. Connect again.
    GoingAway(Option<Duration>),
    /// The server reported an error. The session continues; if it does not, [`Model::receive`] returns the reason.
    ServerError(String),
}

/// The messages of one protocol.
pub(crate) trait Protocol: fmt::Debug + Send {
    /// Returns the message that configures the session.
    fn setup(&self) -> Value;

    fn input_rate(&self) -> SampleRate;

    fn output_rate(&self) -> SampleRate;

    fn audio(&self, pcm: &[u8]) -> Value;

    fn image(&self, data: &[u8], content_type: &str) -> Value;

    fn text(&self, text: &str) -> Vec<Value>;

    /// Returns the message after which no audio follows for now.
    fn end_of_audio(&self) -> Value;

    /// Returns the messages that report how much audio was played since the last interruption.
    fn truncate(&mut self, played: Duration) -> Vec<Value>;

    /// Decodes a message of the server.
    fn decode(&mut self, message: &[u8]) -> Result<Vec<Decoded>>;

    /// Returns the handle that continues this session on another connection.
    fn resumption(&self) -> Option<&str>;
}

/// A decoded message of the server.
#[derive(Debug)]
pub(crate) enum Decoded {
    /// The server accepted the configuration.
    Accepted,
    Event(ModelEvent),
}

/// A connected model. Dropping it closes the connection.
///
/// One task can use it in both directions: call [`receive`](Self::receive) in a `tokio::select!`, and the other methods
/// in the handlers.
pub struct Model {
    connection: Connection,
    protocol: Box<dyn Protocol>,
    /// The rest of the last message.
    events: VecDeque<ModelEvent>,
    ended: bool,
}

impl Model {
    /// Connects, and configures the session.
    pub(crate) async fn connect(
        url: &str,
        key: &ApiKey,
        header: (&'static str, tokio_tungstenite::tungstenite::http::HeaderValue),
        protocol: Box<dyn Protocol>,
    ) -> Result<Self> {
        let connect = async {
            let mut connection = Connection::open(url, key, header).await?;
            connection.send(&protocol.setup()).await?;
            let mut model = Self { connection, protocol, events: VecDeque::new(), ended: false };
            while !model.read().await? {
                // No other event belongs to a session that is not accepted.
                let error = model.events.drain(..).find_map(|event| match event {
                    ModelEvent::ServerError(message) => Some(message),
                    _ => None,
                });
                if let Some(message) = error {
                    return Err(Error::Server(message));
                }
            }
            Ok(model)
        };
        timeout(CONNECT_LIMIT, connect).await.unwrap_or(Err(Error::TimedOut("connecting to the model", CONNECT_LIMIT)))
    }

    /// Returns the sample rate of the audio that the model receives.
    #[must_use]
    pub fn input_rate(&self) -> SampleRate {
        self.protocol.input_rate()
    }

    /// Returns the sample rate of the model's audio.
    #[must_use]
    pub fn output_rate(&self) -> SampleRate {
        self.protocol.output_rate()
    }

    /// Sends audio of a peer: 16-bit samples, one channel, at [`input_rate`](Self::input_rate).
    ///
    /// # Errors
    ///
    /// Returns an error if the audio ends within a sample, or the connection failed.
    pub async fn send_audio(&mut self, pcm: &[u8]) -> Result<()> {
        if !pcm.len().is_multiple_of(2) {
            return Err(Error::Invalid(format!("invalid audio: {} bytes end within a sample", pcm.len())));
        }
        if pcm.is_empty() {
            return Ok(());
        }
        self.connection.send(&self.protocol.audio(pcm)).await
    }

    /// Ends the audio for now, so that the model responds to the speech so far. Call it when audio stops arriving.
    ///
    /// You can send more audio later. An agent that sends continuous audio, with silence in the pauses, needs no such
    /// call.
    ///
    /// # Errors
    ///
    /// Returns an error if the connection failed.
    pub async fn end_audio(&mut self) -> Result<()> {
        self.connection.send(&self.protocol.end_of_audio()).await
    }

    /// Sends an image, for example a frame of a peer's video. The model responds to the next speech or text.
    ///
    /// # Errors
    ///
    /// Returns an error if the connection failed.
    pub async fn send_image(&mut self, data: &[u8], content_type: &str) -> Result<()> {
        self.connection.send(&self.protocol.image(data, content_type)).await
    }

    /// Sends text. The model responds to it.
    ///
    /// # Errors
    ///
    /// Returns an error if the connection failed.
    pub async fn send_text(&mut self, text: &str) -> Result<()> {
        for message in self.protocol.text(text) {
            self.connection.send(&message).await?;
        }
        Ok(())
    }

    /// Reports how much of the model's audio was played since the last interruption, so that the model knows which of
    /// its words the peers heard.
    ///
    /// The `played` of the SDK's [`Interruption`](fishjam_sdk::agent::Interruption) is this time. Gemini Live has no
    /// such message; nothing is sent.
    ///
    /// # Errors
    ///
    /// Returns an error if the connection failed.
    pub async fn truncate(&mut self, played: Duration) -> Result<()> {
        for message in self.protocol.truncate(played) {
            self.connection.send(&message).await?;
        }
        Ok(())
    }

    /// Returns the next event, or `None` after the normal end of the session. An error also ends the session.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. If you drop the future, no event is lost.
    pub async fn receive(&mut self) -> Option<Result<ModelEvent>> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Some(Ok(event));
            }
            if self.ended {
                return None;
            }
            if let Err(error) = self.read().await {
                self.ended = true;
                return match error {
                    Error::Closed { code: 1000, .. } => None,
                    error => Some(Err(error)),
                };
            }
        }
    }

    /// Reads one message. Returns `true` if the server accepted the session.
    async fn read(&mut self) -> Result<bool> {
        let Some(message) = self.connection.receive().await? else {
            return Err(Error::Closed { code: 1000, reason: String::new() });
        };
        let mut accepted = false;
        for decoded in self.protocol.decode(&message)? {
            match decoded {
                Decoded::Accepted => accepted = true,
                Decoded::Event(ModelEvent::ServerError(message)) => {
                    self.events.push_back(ModelEvent::ServerError(self.connection.shown(&message)));
                }
                Decoded::Event(event) => self.events.push_back(event),
            }
        }
        Ok(accepted)
    }

    /// Returns the handle that continues this conversation on another connection.
    ///
    /// Only for Gemini with [`long_session`](crate::gemini::Options::long_session): pass it to
    /// [`resume`](crate::gemini::Options::resume).
    #[must_use]
    pub fn resumption(&self) -> Option<&str> {
        self.protocol.resumption()
    }

    /// Closes the connection.
    pub async fn close(mut self) {
        self.connection.close().await;
    }
}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Model").field("ended", &self.ended).finish_non_exhaustive()
    }
}
