//! The errors of starting an emulator.

use std::{fmt, io};

/// Why an emulator could not start.
///
/// `Display` has no cause. The alternate form, `{error:#}`, adds it to the line.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The loopback port could not be bound.
    Bind {
        /// The port that was asked for; 0 is "any free one".
        port: u16,
        /// What the operating system said.
        source: io::Error,
    },
    /// The id cannot be a path segment, or the token cannot be the value of a header.
    InvalidOption {
        /// Which option of the builder it is.
        option: &'static str,
        /// What is wrong with it, without its value.
        reason: &'static str,
    },
    /// The certificate could not be made.
    Tls(Box<dyn std::error::Error + Send + Sync>),
    /// The emulator's own runtime or its thread could not be started.
    Runtime(io::Error),
}

/// The result of starting an emulator.
pub type Result<T> = std::result::Result<T, Error>;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Bind { port, .. } => write!(f, "cannot listen on 127.0.0.1:{port}")?,
            Error::InvalidOption { option, reason } => write!(f, "the option {option} {reason}")?,
            Error::Tls(_) => f.write_str("cannot make a certificate")?,
            Error::Runtime(_) => f.write_str("cannot start a runtime")?,
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
            Error::InvalidOption { .. } => None,
            Error::Tls(source) => Some(source.as_ref()),
        }
    }
}
