//! The reasons to reject a delivery before the handler.

use std::fmt;

use crate::error::Error;

/// The reason why a delivery was rejected.
///
/// As a response, it has a status and one line of text, without secrets.
#[derive(Clone, Debug)]
#[non_exhaustive]
#[cfg_attr(not(feature = "axum"), allow(unreachable_pub, reason = "only the extractor returns it"))]
pub enum WebhookRejection {
    /// 401: the signature is missing, duplicate or wrong.
    Unauthorized(Error),
    /// 400: the signature is right, but the body is not a valid message.
    Undecodable(Error),
    /// 400: the body is incomplete.
    BrokenOff,
    /// 408: the body was not complete [in time](super::WebhookOptions::body_timeout).
    TooSlow,
    /// 413: the body exceeds the [limit](super::WebhookOptions::body_limit).
    TooLarge,
}

impl WebhookRejection {
    /// Returns the status code of the response.
    #[must_use]
    #[cfg_attr(not(feature = "axum"), allow(unreachable_pub, reason = "only the extractor returns it"))]
    pub fn status(&self) -> u16 {
        match self {
            Self::Unauthorized(_) => 401,
            Self::Undecodable(_) | Self::BrokenOff => 400,
            Self::TooSlow => 408,
            Self::TooLarge => 413,
        }
    }
}

impl fmt::Display for WebhookRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unauthorized(error) | Self::Undecodable(error) => error.fmt(f),
            Self::BrokenOff => f.write_str("incomplete body"),
            Self::TooSlow => f.write_str("timeout: the body was not complete in time"),
            Self::TooLarge => f.write_str("the body is too large"),
        }
    }
}

impl std::error::Error for WebhookRejection {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            // `Display` already prints the error, so its cause is the next in the chain.
            Self::Unauthorized(error) | Self::Undecodable(error) => error.source(),
            Self::BrokenOff | Self::TooSlow | Self::TooLarge => None,
        }
    }
}
