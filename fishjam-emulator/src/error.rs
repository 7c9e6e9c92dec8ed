//! The errors of an emulator.

use std::{fmt, io};

/// The error of starting an emulator, or of a scripted peer.
///
/// `Display` does not contain the cause. The alternate form `{error:#}` appends it.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The emulator cannot bind the loopback port.
    Bind {
        /// The requested port. 0 means any free port.
        port: u16,
        /// The error of the operating system.
        source: io::Error,
    },
    /// An option of the builder is invalid.
    InvalidOption {
        /// The name of the option.
        option: &'static str,
        /// The reason, without the value of the option.
        reason: &'static str,
    },
    /// The emulator cannot create the certificate.
    Tls(Box<dyn std::error::Error + Send + Sync>),
    /// The emulator cannot start its own runtime or thread.
    Runtime(io::Error),
    /// A scripted peer cannot connect, or is not connected anymore.
    Peer {
        /// The reason, such as `peer already connected`.
        reason: &'static str,
    },
}

/// The result of starting an emulator, or of a scripted peer.
pub type Result<T> = std::result::Result<T, Error>;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Bind { port, .. } => write!(f, "cannot listen on 127.0.0.1:{port}")?,
            Error::InvalidOption { option, reason } => write!(f, "the option {option} {reason}")?,
            Error::Tls(_) => f.write_str("cannot create a certificate")?,
            Error::Runtime(_) => f.write_str("cannot start a runtime")?,
            Error::Peer { reason } => write!(f, "cannot script the peer: {reason}")?,
        }
        match std::error::Error::source(self) {
            Some(source) if f.alternate() => write!(f, ": {source}"),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Bind { source, .. } | Error::Runtime(source) => Some(source),
            Error::InvalidOption { .. } | Error::Peer { .. } => None,
            Error::Tls(source) => Some(source.as_ref()),
        }
    }
}
