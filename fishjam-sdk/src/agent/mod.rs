//! Agents: programs of the backend that take part in a room. They hear everybody, speak on tracks of their own, and
//! look at video.
//!
//! [`create_agent`](FishjamClient::create_agent) lets an agent into a room, [`Agent::connect`] opens its
//! [`AgentSession`]. A session is one light task and one socket, so that a process can hold hundreds.
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
//! let mut session = agent.connect().await?; // the token was accepted when this returns
//! let voice = session.add_track(OutgoingAudioTrackOptions::pcm16(16_000)).await?;
//! voice.send_chunk(vec![0; 640]).await?; // 20 ms of silence
//! # fishjam.delete_room(&room.id).await?;
//! while let Some(message) = session.next().await {
//! #   if message.is_err() { break }
//!     match message? {
//!         // An echo. If the session ends meanwhile, the stream says why: not this.
//!         AgentMessage::TrackData(heard) => drop(voice.send_chunk(heard.data).await),
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
mod driver;
mod early;
mod end;
mod message;
mod options;
mod paced_track;
mod session;
mod shared;
mod speakers;
mod track;
mod track_state;
mod vapi;

use std::fmt;

use fishjam_api::fishjam::types;

pub use self::{
    connect_options::AgentConnectOptions,
    end::{SessionEnd, SessionEndKind},
    message::{AgentMessage, IncomingTrackData, IncomingTrackImage, UnknownAgentMessage},
    options::{AgentOptions, AgentOutputOptions},
    paced_track::{Delivery, PacedTrack, Utterance},
    session::{AgentReceiver, AgentSender, AgentSession},
    speakers::{Heard, Speaker, Speakers},
    track::{OutgoingAudioTrackOptions, OutgoingTrack, TrackEncoding},
    vapi::VapiAgentOptions,
};
pub use crate::audio::{
    AudioFormat, AudioSampleRate, Chunker, Frames, Interruption, Mixer, Pacer, PacerStep, PacingOptions, PcmFormat,
    TryFrames, pcm,
};
use crate::{
    FishjamClient, Peer, PeerId, PeerStatus, PeerToken, PeerType, RoomId, SubscribeMode, Subscriptions, error::Result,
    transport::operations,
};

/// An agent that was let into a room: the peer that it is, and what it connects with.
///
/// Dropping it changes nothing: the peer stays in the room, and in its listing, until [`delete`](Agent::delete) or the
/// room's end. A connected agent is billed as a peer.
#[derive(Clone)]
pub struct Agent {
    room_id: RoomId,
    peer: Peer,
    token: PeerToken,
    socket_url: String,
    hears: PcmFormat,
    fishjam: FishjamClient,
}

impl Agent {
    /// The agent's id as a peer.
    #[must_use]
    pub fn id(&self) -> &PeerId {
        &self.peer.id
    }

    /// The room that the agent was let into.
    #[must_use]
    pub fn room_id(&self) -> &RoomId {
        &self.room_id
    }

    /// The peer that the agent is, as the service described it when it was created. Of an agent that was made from
    /// what was [kept of it](FishjamClient::agent) only the id and the type are known.
    #[must_use]
    pub fn peer(&self) -> &Peer {
        &self.peer
    }

    /// What the agent connects with, as often as it wants to; valid for 24 hours.
    #[must_use]
    pub fn token(&self) -> &PeerToken {
        &self.token
    }

    /// The `ws` or `wss` address that the agent connects to.
    ///
    /// It is where the service said that the room's sockets are; without a scheme in its answer, as encrypted as the
    /// Fishjam URL is. If the service said nothing, or nothing that can be used, it is below the Fishjam URL.
    #[must_use]
    pub fn socket_url(&self) -> &str {
        &self.socket_url
    }

    /// The form in which the agent hears the others, as it was asked for when it was created.
    #[must_use]
    pub fn hears(&self) -> PcmFormat {
        self.hears
    }

    /// The same agent, of which is known that it was created to hear at this rate; it changes nothing at the service.
    /// For an agent that was made from what was [kept of it](FishjamClient::agent).
    #[must_use]
    pub fn hearing(mut self, rate: AudioSampleRate) -> Self {
        self.hears = PcmFormat::mono(rate);
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
    /// An agent that was created before, perhaps by another process: to connect it again, or to delete it. Nothing is
    /// asked of the service.
    ///
    /// `socket_url` is the agent's [`socket_url`](Agent::socket_url), kept with the rest; without it the socket is
    /// looked for below the Fishjam URL. It is taken to hear at 16,000 samples a second: if it was created for another
    /// rate, say so with [`hearing`](Agent::hearing).
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if an id cannot be one.
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
    /// // Later, after a restart, from what was written down:
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
            hears: PcmFormat::mono(AudioSampleRate::Hz16000),
            fishjam: self.clone(),
        })
    }

    /// Lets a new agent into a room. It is a peer of the room from then on, and not connected yet.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is no such room, [`Conflict`](crate::ErrorKind::Conflict)
    /// if it is full, [`QuotaExceeded`](crate::ErrorKind::QuotaExceeded) if the plan allows no more, and whatever
    /// can happen to any request. The agent may exist all the same:
    /// [`may_have_taken_effect`](crate::Error::may_have_taken_effect) says so.
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
            self.transport.call(operations::ADD_PEER, |api| api.add_peer(room_id.segment()?, &config)).await?.data;
        let socket_url = created.peer_websocket_url.as_ref().map(|url| url.0.as_str());
        Ok(Agent {
            socket_url: self.transport.endpoint().agent_socket(socket_url)?,
            room_id,
            peer: created.peer.into(),
            token: PeerToken::from(created.token.0),
            hears: PcmFormat::mono(rate.unwrap_or(AudioSampleRate::Hz16000)),
            fishjam: self.clone(),
        })
    }
}
