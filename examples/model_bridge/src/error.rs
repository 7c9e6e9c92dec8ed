//! The errors of a model's connection.

use std::{fmt, time::Duration};

/// The reason why a model cannot be used. No variant contains the API key.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// A setting or an argument is missing or invalid.
    Invalid(String),
    /// The server cannot be reached, or the connection was lost.
    Connection(String),
    /// The server rejected the WebSocket request with this HTTP status. Status 401 and 403 indicate a wrong API key.
    Rejected(u16),
    /// The server closed the connection.
    Closed {
        /// The close code of the WebSocket.
        code: u16,
        /// The server's reason, which can be empty.
        reason: String,
    },
    /// The server reported an error before it accepted the session.
    Server(String),
    /// The server sent a message that does not follow its protocol.
    Protocol(String),
    /// An operation took longer than this limit.
    TimedOut(&'static str, Duration),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(reason) => f.write_str(reason),
            Self::Connection(reason) => write!(f, "connection to the model failed: {reason}"),
            Self::Rejected(status @ (401 | 403)) => {
                write!(f, "the model's server rejected the API key: HTTP status {status}")
            }
            Self::Rejected(status) => write!(f, "the model's server rejected the connection: HTTP status {status}"),
            Self::Closed { code, reason } if reason.is_empty() => {
                write!(f, "the model's server closed the connection: code {code}")
            }
            Self::Closed { code, reason } => {
                write!(f, "the model's server closed the connection: code {code}, {reason}")
            }
            Self::Server(message) => write!(f, "the model's server reported an error: {message}"),
            Self::Protocol(reason) => write!(f, "invalid message from the model's server: {reason}"),
            Self::TimedOut(operation, limit) => write!(f, "{operation} timed out after {limit:?}"),
        }
    }
}

impl std::error::Error for Error {}
