//! Agents: programs of your backend that take part in a room. They receive all audio, publish audio tracks and capture
//! images of video tracks.
//!
//! [`create_agent`](FishjamClient::create_agent) adds an agent to a room. [`Agent::connect`] opens its
//! [`AgentSession`]. A session consists of one small task and one socket, so a process can run hundreds of sessions.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> anyhow::Result<()> {
//! # let emulator = fishjam_emulator::Emulator::start().await?;
//! # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
//! # let room = fishjam.create_room(Default::default()).await?;
//! use fishjam_sdk::{AgentOptions, agent::{AgentMessage, OutgoingAudioTrackOptions, SampleRate}};
//!
//! let agent = fishjam.create_agent(&room.id, AgentOptions::new()).await?;
//! let mut session = agent.connect().await?; // the server has accepted the token
//! let track = session.add_track(OutgoingAudioTrackOptions::pcm16(SampleRate::Hz16000)).await?;
//! track.send_chunk(vec![0; 640]).await?; // 20 ms of silence
//! # fishjam.delete_room(&room.id).await?;
//! while let Some(message) = session.receive().await {
//! #   if message.is_err() { break }
//!     match message? {
//!         // An echo. If the session has ended, the stream returns the error.
//!         AgentMessage::TrackData(audio) => drop(track.send_chunk(audio.data).await),
//!         AgentMessage::TrackImage(image) => println!("{} bytes of {}", image.data.len(), image.content_type),
//!         _ => {}
//!     }
//! }
//! session.disconnect().await?;
//! # Ok(())
//! # }
//! ```
//!
//! # Token lifetime
//!
//! The token of an agent is valid for 24 hours after the agent was created. It permits any number of connections in this
//! time, also from another process: see [`FishjamClient::agent`].
//!
//! The server checks the token when the agent connects. The expiry does not end a connected session. After it, the agent
//! cannot connect again: [`connect`](Agent::connect) fails with [`Unauthorized`](crate::ErrorKind::Unauthorized), and a
//! session that [reconnects](AgentConnectOptions::reconnect) ends with
//! [`TokenRefused`](SessionEndKind::TokenRefused). An agent that runs for more than a day must handle this end: delete
//! the agent, create a new one, and connect it.
//!
//! # Audio formats
//!
//! An agent receives raw 16-bit audio with one channel. [`AgentOutputOptions`](crate::AgentOutputOptions) selects the
//! sample rate. The server converts the audio of all tracks to this rate, so the chunks state none.
//! [`AgentSession::input_format`] returns the format.
//!
//! An agent sends raw audio with each [`SampleRate`] and one or two [`Channels`], or Opus. The SDK does not resample.
//! Files and other services can have other rates: [`SampleRate::try_from`] returns an error for these.

mod captures;
mod command;
mod connect;
mod connect_options;
mod early;
mod end;
mod message;
pub(crate) mod options;
mod paced_state;
mod paced_track;
mod protocol;
mod receiver;
mod session;
mod shared;
mod speakers;
mod track;
mod track_options;
mod track_state;
pub(crate) mod vapi;

use std::fmt;

use fishjam_api::fishjam::{enums::PeerType, types};

use self::options::{AgentOptions, DEFAULT_INPUT_RATE};
pub use self::{
    connect_options::AgentConnectOptions,
    end::{SessionEnd, SessionEndKind},
    message::{AgentMessage, IncomingTrackData, IncomingTrackImage, UnknownAgentMessage},
    paced_track::{Delivery, PacedTrack, Utterance},
    receiver::AgentReceiver,
    session::{AgentSender, AgentSession},
    speakers::{Speaker, SpeakerEvent, Speakers},
    track::OutgoingTrack,
    track_options::OutgoingAudioTrackOptions,
};
pub use crate::audio::{
    AudioFormat, Channels, Chunker, Frames, Interruption, Mixer, Pacer, PacerStep, PacingOptions, PcmFormat,
    SampleRate, TryFrames, pcm,
};
use crate::{
    client::FishjamClient,
    error::Result,
    id::{PeerId, RoomId},
    peers::Peer,
    secret::PeerToken,
    transport::operations,
};

/// An agent in a room: its peer, and the token to connect with.
///
/// The token is valid for 24 hours: see [token lifetime](self#token-lifetime).
///
/// If you drop it, the peer stays in the room until you call [`delete`](Agent::delete) or the room ends. Fishjam bills
/// a connected agent as a peer.
///
/// For an example, see [`Agent::connect`].
#[derive(Clone)]
pub struct Agent {
    room_id: RoomId,
    peer: Peer,
    token: PeerToken,
    socket_url: String,
    input_format: PcmFormat,
    fishjam: FishjamClient,
}

impl Agent {
    /// Returns the id of the agent's peer.
    #[must_use]
    pub fn id(&self) -> &PeerId {
        &self.peer.id
    }

    /// Returns the id of the agent's room.
    #[must_use]
    pub fn room_id(&self) -> &RoomId {
        &self.room_id
    }

    /// Returns the peer as the server described it when the agent was created.
    ///
    /// An agent from [`FishjamClient::agent`] has only the id and the type of its peer.
    #[must_use]
    pub fn peer(&self) -> &Peer {
        &self.peer
    }

    /// Returns the token to connect with.
    ///
    /// It is valid for 24 hours after the creation of the agent, for any number of connections. A session that is
    /// connected at that time stays connected, but it cannot reconnect: see [token lifetime](self#token-lifetime).
    #[must_use]
    pub fn token(&self) -> &PeerToken {
        &self.token
    }

    /// Returns the `ws` or `wss` URL that the agent connects to.
    ///
    /// The server returns this URL when you create the agent. If the URL has no scheme, the scheme depends on the
    /// Fishjam URL. If the server returns no valid URL, the SDK appends the default path to the Fishjam URL.
    #[must_use]
    pub fn socket_url(&self) -> &str {
        &self.socket_url
    }

    /// Returns the format of the audio that the agent receives.
    #[must_use]
    pub fn input_format(&self) -> PcmFormat {
        self.input_format
    }

    /// Sets the sample rate that the agent was created with. Defaults to 16,000 Hz.
    ///
    /// This method sends nothing to the server.
    ///
    /// Use this method for an agent from [`FishjamClient::agent`]. Agents receive 16,000 or 24,000 Hz. With another
    /// rate, [`connect`](Self::connect) returns an error.
    #[must_use]
    pub fn with_input_rate(mut self, rate: SampleRate) -> Self {
        self.input_format = PcmFormat::mono(rate);
        self
    }
}

impl fmt::Debug for Agent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Agent")
            .field("id", &self.peer.id)
            .field("room_id", &self.room_id)
            .field("token", &self.token)
            .field("socket_url", &self.socket_url)
            .finish()
    }
}

impl FishjamClient {
    /// Returns an agent that was created before, for example by another process. Sends no request.
    ///
    /// Use it to connect the agent again while its token is valid, or to delete it. `socket_url` is the agent's
    /// [`socket_url`](Agent::socket_url). Without it, the SDK appends the default path to the Fishjam URL. The SDK
    /// assumes an input rate of 16,000 samples per second. For another rate, call
    /// [`with_input_rate`](Agent::with_input_rate).
    ///
    /// # Errors
    ///
    /// Returns an [`InvalidInput`](crate::ErrorKind::InvalidInput) error if an id or the URL is not valid.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let room = fishjam.create_room(Default::default()).await?;
    /// let created = fishjam.create_agent(&room.id, Default::default()).await?;
    /// let (id, token) = (created.id().clone(), created.token().clone());
    /// let socket_url = created.socket_url().to_owned();
    /// drop(created);
    /// // Later, after a restart, with the stored values:
    /// let agent = fishjam.agent(&room.id, id, token, Some(&socket_url))?;
    /// agent.connect().await?.disconnect().await?;
    /// agent.delete().await?;
    /// assert!(fishjam.get_room(&room.id).await?.peers.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub fn agent(
        &self,
        room_id: impl Into<RoomId>,
        peer_id: impl Into<PeerId>,
        token: impl Into<PeerToken>,
        socket_url: Option<&str>,
    ) -> Result<Agent> {
        let (room_id, id) = (room_id.into(), peer_id.into());
        room_id.check()?;
        id.check()?;
        Ok(Agent {
            socket_url: self.transport.endpoint().agent_socket(socket_url)?,
            room_id,
            peer: Peer { id, peer_type: PeerType::Agent, ..Peer::default() },
            token: token.into(),
            input_format: PcmFormat::mono(DEFAULT_INPUT_RATE),
            fishjam: self.clone(),
        })
    }

    /// Adds an agent to a room. Returns the agent, which is not connected yet.
    ///
    /// The agent can connect for 24 hours: see [token lifetime](crate::agent#token-lifetime).
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the options select a sample rate that agents cannot receive: [`InvalidInput`](crate::ErrorKind::InvalidInput)
    /// - the room does not exist: [`NotFound`](crate::ErrorKind::NotFound)
    /// - the room is full: [`Conflict`](crate::ErrorKind::Conflict)
    /// - the quota of the plan is used up: [`QuotaExceeded`](crate::ErrorKind::QuotaExceeded)
    /// - one of the [common errors](crate::Error#common-errors) occurs
    ///
    /// After an error, the agent may still exist: see [`may_have_taken_effect`](crate::Error::may_have_taken_effect).
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
    /// # let room = fishjam.create_room(Default::default()).await?;
    /// use fishjam_sdk::{AgentOptions, AgentOutputOptions, PeerType, agent::SampleRate};
    ///
    /// let output = AgentOutputOptions::new().audio_sample_rate(SampleRate::Hz24000);
    /// let agent = fishjam.create_agent(&room.id, AgentOptions::new().output(output)).await?;
    /// assert_eq!(agent.peer().peer_type, PeerType::Agent);
    /// println!("agent {} connects to {}", agent.id(), agent.socket_url());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn create_agent(&self, room_id: impl Into<RoomId>, options: AgentOptions) -> Result<Agent> {
        let room_id = room_id.into();
        let input_format = PcmFormat::mono(options.input_rate());
        let config = types::PeerConfig::Agent(types::PeerConfigAgent {
            type_: types::PeerConfigAgentType::Agent,
            options: options.into_wire().map_err(|e| operations::CREATE_AGENT.failed(e))?,
        });
        let created =
            self.transport.call(operations::CREATE_AGENT, |api| api.add_peer(room_id.segment()?, &config)).await?.data;
        let socket_url = created.peer_websocket_url.as_ref().map(|url| url.0.as_str());
        Ok(Agent {
            socket_url: self.transport.endpoint().agent_socket(socket_url)?,
            room_id,
            peer: Peer::from_wire(created.peer),
            token: PeerToken::from(created.token.0),
            input_format,
            fishjam: self.clone(),
        })
    }
}
