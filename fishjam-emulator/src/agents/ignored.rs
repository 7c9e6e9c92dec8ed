//! Ignored requests of agents. The service has no error responses for agents.

/// Reason why the emulator ignored a request of an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Ignored {
    /// The frame is a text frame, a second token, or a message without known content.
    NoRequest,
    /// The new track has no id, has invalid metadata, or is not an audio track.
    InvalidTrack,
    /// The encoding, sample rate or number of channels of the new track is not supported.
    UnsupportedEncoding,
    /// The room already has a track with this id.
    TrackExists,
    /// The agent has no such track, or no other peer of the room has it.
    UnknownTrack,
    /// An agent would receive the track, but the emulator cannot decode Opus. Reported once per track.
    NotDecoded,
    /// The queue of the track is full.
    QueueFull,
    /// The agent requested an image of an audio track.
    NoPictures,
    /// The agent requested an image of this track less than a second ago.
    TooSoon,
    /// The agent or its room was deleted.
    Disconnected,
}

/// An ignored request of an agent, from [`Emulator::ignored_requests`](crate::Emulator::ignored_requests).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IgnoredRequest {
    pub(crate) room_id: String,
    pub(crate) peer_id: String,
    pub(crate) connection: u64,
    pub(crate) track_id: Option<String>,
    pub(crate) reason: Ignored,
}

impl IgnoredRequest {
    /// Returns the id of the agent's room.
    pub fn room_id(&self) -> &str {
        &self.room_id
    }

    /// Returns the id of the agent.
    pub fn peer_id(&self) -> &str {
        &self.peer_id
    }

    /// Returns the number of the agent's connection; see [`Emulator::agent_sockets`](crate::Emulator::agent_sockets).
    pub fn connection(&self) -> u64 {
        self.connection
    }

    /// Returns the id of the track, if the request contains one.
    pub fn track_id(&self) -> Option<&str> {
        self.track_id.as_deref()
    }

    /// Returns the reason.
    pub fn reason(&self) -> Ignored {
        self.reason
    }
}
