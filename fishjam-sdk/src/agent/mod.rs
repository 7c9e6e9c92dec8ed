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
//! use fishjam_sdk::{AgentOptions, agent::{AgentMessage, OutgoingAudioTrackOptions}};
//! use futures_util::StreamExt;
//!
//! let agent = fishjam.create_agent(&room.id, AgentOptions::new()).await?;
//! let mut session = agent.connect().await?; // the server has accepted the token
//! let track = session.add_track(OutgoingAudioTrackOptions::pcm16(16_000)).await?;
//! track.send_chunk(vec![0; 640]).await?; // 20 ms of silence
//! # fishjam.delete_room(&room.id).await?;
//! while let Some(message) = session.next().await {
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

mod captures;
mod command;
mod connect;
mod connect_options;
mod early;
mod end;
mod message;
mod options;
mod paced_track;
mod protocol;
mod session;
mod shared;
mod speakers;
mod track;
mod track_state;
mod vapi;

use std::fmt;

use fishjam_api::fishjam::{
    enums::{PeerStatus, PeerType, SubscribeMode},
    types,
};

pub use self::{
    connect_options::AgentConnectOptions,
    end::{SessionEnd, SessionEndKind},
    message::{AgentMessage, IncomingTrackData, IncomingTrackImage, UnknownAgentMessage},
    options::{AgentOptions, AgentOutputOptions},
    paced_track::{Delivery, PacedTrack, Utterance},
    session::{AgentReceiver, AgentSender, AgentSession},
    speakers::{Speaker, SpeakerEvent, Speakers},
    track::{OutgoingAudioTrackOptions, OutgoingTrack, TrackEncoding},
    vapi::VapiAgentOptions,
};
pub use crate::audio::{
    AudioFormat, AudioSampleRate, Chunker, Frames, Interruption, Mixer, Pacer, PacerStep, PacingOptions, PcmFormat,
    TryFrames, pcm,
};
use crate::{
    client::FishjamClient,
    error::Result,
    id::{PeerId, RoomId},
    peers::Peer,
    secret::PeerToken,
    subscriptions::Subscriptions,
    transport::operations,
};

/// An agent in a room: its peer, and the token to connect with.
///
/// If you drop it, the peer stays in the room until you call [`delete`](Agent::delete) or the room ends. Fishjam bills
/// a connected agent as a peer.
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

    /// Returns the token to connect with. It is valid for 24 hours, for any number of connections.
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

    /// Returns the format of the audio that the agent receives, as set when it was created.
    #[must_use]
    pub fn input_format(&self) -> PcmFormat {
        self.input_format
    }

    /// Sets the sample rate that the agent was created with. The server is not changed.
    ///
    /// Use this method for an agent from [`FishjamClient::agent`].
    #[must_use]
    pub fn with_input_rate(mut self, rate: AudioSampleRate) -> Self {
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
    /// Use it to connect the agent again, or to delete it. `socket_url` is the agent's
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
            peer: Peer {
                id,
                peer_type: PeerType::Agent,
                status: PeerStatus::Disconnected,
                metadata: None,
                subscribe_mode: SubscribeMode::Auto,
                subscriptions: Subscriptions::default(),
                tracks: Vec::new(),
            },
            token: token.into(),
            input_format: PcmFormat::mono(AudioSampleRate::Hz16000),
            fishjam: self.clone(),
        })
    }

    /// Adds an agent to a room. Returns the agent, which is not connected yet.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the room does not exist: [`NotFound`](crate::ErrorKind::NotFound)
    /// - the room is full: [`Conflict`](crate::ErrorKind::Conflict)
    /// - the quota of the plan is used up: [`QuotaExceeded`](crate::ErrorKind::QuotaExceeded)
    /// - one of the [common errors](crate::Error#common-errors) occurs
    ///
    /// After an error, the agent may still exist: see [`may_have_taken_effect`](crate::Error::may_have_taken_effect).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let room = fishjam.create_room(Default::default()).await?;
    /// use fishjam_sdk::{AgentOptions, AgentOutputOptions, AudioSampleRate, PeerType};
    ///
    /// let output = AgentOutputOptions::new().audio_sample_rate(AudioSampleRate::Hz24000);
    /// let agent = fishjam.create_agent(&room.id, AgentOptions::new().output(output)).await?;
    /// assert_eq!(agent.peer().peer_type, PeerType::Agent);
    /// println!("agent {} connects to {}", agent.id(), agent.socket_url());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn create_agent(&self, room_id: impl Into<RoomId>, options: AgentOptions) -> Result<Agent> {
        let room_id = room_id.into();
        let rate = options.output.as_ref().and_then(|output| output.audio_sample_rate);
        let config = types::PeerConfig::Agent(types::PeerConfigAgent {
            type_: types::PeerConfigAgentType::Agent,
            options: options.try_into()?,
        });
        let created =
            self.transport.call(operations::CREATE_AGENT, |api| api.add_peer(room_id.segment()?, &config)).await?.data;
        let socket_url = created.peer_websocket_url.as_ref().map(|url| url.0.as_str());
        Ok(Agent {
            socket_url: self.transport.endpoint().agent_socket(socket_url)?,
            room_id,
            peer: created.peer.into(),
            token: PeerToken::from(created.token.0),
            input_format: PcmFormat::mono(rate.unwrap_or(AudioSampleRate::Hz16000)),
            fishjam: self.clone(),
        })
    }
}
