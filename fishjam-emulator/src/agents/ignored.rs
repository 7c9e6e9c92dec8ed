//! Requests of agents that nothing came of: the service has no answer that would say so.

/// Why nothing came of an agent's request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Ignored {
    /// The frame is none that an agent may send then: text, a second token, or a message without known content.
    NoRequest,
    /// A new track has no id, its metadata is not JSON text, or it is not one of sound.
    InvalidTrack,
    /// A new track's encoding, sample rate or number of channels is not accepted.
    UnsupportedEncoding,
    /// The room has a track of this id already.
    TrackExists,
    /// The agent has no such track, or the room has no such track of somebody else to look at.
    UnknownTrack,
    /// Somebody would have heard the track, but it is Opus, which is not decoded here. Once for each track.
    NotDecoded,
    /// More audio waits on the track than has room.
    QueueFull,
    /// The track whose image is asked for is one of sound.
    NoPictures,
    /// An image of this track was asked for less than a second before.
    TooSoon,
    /// The agent or its room was deleted meanwhile.
    Disconnected,
}

/// A request of an agent that nothing came of, from
/// [`Emulator::ignored_requests`](crate::Emulator::ignored_requests).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IgnoredRequest {
    pub(crate) room_id: String,
    pub(crate) peer_id: String,
    pub(crate) connection: u64,
    pub(crate) track_id: Option<String>,
    pub(crate) reason: Ignored,
}

impl IgnoredRequest {
    /// The agent's room.
    pub fn room_id(&self) -> &str {
        &self.room_id
    }

    /// The agent.
    pub fn peer_id(&self) -> &str {
        &self.peer_id
    }

    /// The number of the agent's connection, as in [`Emulator::agent_sockets`](crate::Emulator::agent_sockets).
    pub fn connection(&self) -> u64 {
        self.connection
    }

    /// The track that the request was about.
    pub fn track_id(&self) -> Option<&str> {
        self.track_id.as_deref()
    }

    /// Why nothing came of it.
    pub fn reason(&self) -> Ignored {
        self.reason
    }
}
