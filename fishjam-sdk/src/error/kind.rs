//! Kinds of errors.

/// Kind of an [`Error`](super::Error).
///
/// The last column is the status with which your backend can respond to its own client.
/// [`suggested_status`](super::Error::suggested_status) returns it.
///
#[doc = include_str!("kinds.md")]
///
/// # Examples
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> anyhow::Result<()> {
/// # let emulator = fishjam_emulator::Emulator::start().await?;
/// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
/// use fishjam_sdk::ErrorKind;
///
/// match fishjam.get_room("gone").await {
///     Ok(room) => println!("{} has {} peers", room.id, room.peers.len()),
///     Err(e) if e.kind() == ErrorKind::NotFound => println!("no such room"),
///     Err(e) if e.is_retryable() => println!("try again later: {e:#}"),
///     Err(e) => return Err(e.into()),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The server rejected the content of the request (400, 422).
    BadRequest,
    /// A token or the signature of a webhook is missing or wrong (401).
    Unauthorized,
    /// The quota of the plan is used up (402).
    QuotaExceeded,
    /// The room, the peer or another object does not exist (404).
    NotFound,
    /// The request conflicts with the current state, for example because the room is full (409; Jellyfish sends 503).
    Conflict,
    /// The client sent too many requests (429).
    RateLimited,
    /// The server is temporarily unavailable (503).
    ServiceUnavailable,
    /// The server failed (any other 5xx status, including non-standard ones such as 520).
    Server,
    /// The server sent an undocumented status.
    UnexpectedStatus,
    /// The check of the credentials found a wrong id or token.
    InvalidCredentials,
    /// The SDK rejected an argument and sent nothing. The message names the argument or the setter.
    InvalidInput,
    /// The environment is not usable. Another argument does not help.
    ///
    /// Examples: there is no Tokio runtime, a thread cannot start, the trusted certificates are not usable, a file cannot
    /// be read, or an environment variable contains an invalid proxy.
    Setup,
    /// No response arrived in time.
    Timeout,
    /// The connection could not be opened, or it broke.
    Connection,
    /// A response or a message could not be decoded.
    Decode,
    /// A response or a message is larger than a limit. If the limit can be set, the message names the setter.
    TooLarge,
    /// The WebSocket handshake failed, or the server violated the WebSocket protocol.
    WebSocket,
    /// The WebSocket is closed.
    Closed,
}

impl ErrorKind {
    pub(crate) fn of_status(status: u16) -> Self {
        match status {
            400 | 422 => Self::BadRequest,
            401 => Self::Unauthorized,
            402 => Self::QuotaExceeded,
            404 => Self::NotFound,
            409 => Self::Conflict,
            429 => Self::RateLimited,
            503 => Self::ServiceUnavailable,
            500..=599 => Self::Server,
            _ => Self::UnexpectedStatus,
        }
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::BadRequest => "bad request",
            Self::Unauthorized => "unauthorized",
            Self::QuotaExceeded => "quota exceeded",
            Self::NotFound => "not found",
            Self::Conflict => "conflict",
            Self::RateLimited => "rate limited",
            Self::ServiceUnavailable => "service unavailable",
            Self::Server => "server error",
            Self::UnexpectedStatus => "unexpected status",
            Self::InvalidCredentials => "invalid credentials",
            Self::InvalidInput => "invalid input",
            Self::Setup => "setup failed",
            Self::Timeout => "timed out",
            Self::Connection => "connection failed",
            Self::Decode => "decoding failed",
            Self::TooLarge => "too large",
            Self::WebSocket => "WebSocket failed",
            Self::Closed => "connection closed",
        }
    }
}
