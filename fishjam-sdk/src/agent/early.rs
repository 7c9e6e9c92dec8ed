//! The messages that arrive before the server accepts the token.

use super::AgentMessage;
use crate::{
    connection::queue::Item,
    error::{Error, ErrorKind, Result},
};

/// The maximum number of messages before the server accepts the token. A valid server sends none.
const MAX_MESSAGES: usize = 1024;
/// The maximum size of these messages, in bytes.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// Messages that arrived before the server accepted the token. Their number and size are limited.
#[derive(Debug, Default)]
pub(super) struct EarlyMessages {
    messages: Vec<AgentMessage>,
    bytes: usize,
}

impl EarlyMessages {
    /// Adds a message.
    ///
    /// # Errors
    ///
    /// Returns an error if there are too many messages or if the message is malformed. Then the handshake fails.
    pub(super) fn push(&mut self, message: AgentMessage) -> Result<()> {
        if matches!(&message, AgentMessage::Unknown(unknown) if unknown.malformed) {
            let message = "invalid message before the server accepted the token";
            return Err(Error::new(ErrorKind::Decode).message_text(message));
        }
        self.bytes = self.bytes.saturating_add(message.size());
        if self.messages.len() >= MAX_MESSAGES || self.bytes > MAX_BYTES {
            let message = "too many messages before the server accepted the token";
            return Err(Error::new(ErrorKind::WebSocket).message_text(message));
        }
        self.messages.push(message);
        Ok(())
    }

    /// Removes and returns the messages, in order.
    pub(super) fn take(&mut self) -> Vec<AgentMessage> {
        std::mem::take(self).messages
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::UnknownAgentMessage;

    fn message(bytes: usize) -> AgentMessage {
        AgentMessage::Unknown(UnknownAgentMessage { field_number: 5, bytes: vec![0; bytes].into(), malformed: false })
    }

    #[test]
    fn early_messages_are_limited_in_number_and_bytes() {
        for size in [0, 1024, 8 * 1024, 1024 * 1024, MAX_BYTES] {
            let fit = MAX_MESSAGES.min(MAX_BYTES / message(size).size());
            let mut early = EarlyMessages::default();
            for _ in 0..fit {
                early.push(message(size)).unwrap();
            }
            assert_eq!(early.push(message(size)).unwrap_err().kind(), ErrorKind::WebSocket, "{size}");
            assert_eq!(early.take().len(), fit);
            // The next connection starts with no messages.
            assert_eq!(early.push(message(size)).is_ok(), fit > 0, "{size}");
        }
    }
}
