//! `Debug` for messages with a token, so that logs of messages contain no tokens.

use std::fmt;

use crate::{fishjam, jellyfish};

/// Returns the placeholder for a token. An empty token stays visible, because it is a mistake and not a secret.
fn redacted(token: &str) -> &'static str {
    if token.is_empty() { "" } else { "[redacted]" }
}

macro_rules! redact {
    ($($message:path),+ $(,)?) => {$(
        impl fmt::Debug for $message {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct("AuthRequest")
                    .field("token", &redacted(&self.token))
                    .finish()
            }
        }
    )+};
}

redact!(
    fishjam::agent_request::AuthRequest,
    fishjam::server_message::AuthRequest,
    jellyfish::peer_message::AuthRequest,
    jellyfish::server_message::AuthRequest,
);

impl fmt::Debug for fishjam::peer_message::AuthRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthRequest")
            .field("token", &redacted(&self.token))
            .field("sdk_version", &self.sdk_version)
            .finish()
    }
}
