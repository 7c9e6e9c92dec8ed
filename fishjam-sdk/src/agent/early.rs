//! The messages that arrive before the server accepts the token.

use super::AgentMessage;
use crate::{
    connection::queue::Item,
    error::{Error, ErrorKind, Result},
};

/// The most messages before the token is accepted. The server sends none.
const MESSAGES: usize = 1024;
/// The most bytes of these messages.
const BYTES: usize = 4 * 1024 * 1024;

/// Messages that wait for the token to be accepted. Their number and their size are limited.
#[derive(Debug, Default)]
pub(super) struct Early {
    messages: Vec<AgentMessage>,
    bytes: usize,
}

impl Early {
    /// Adds a message.
    ///
    /// # Errors
    ///
    /// Returns an error if there are too many, or if the message is not valid: then the server does not accept the token.
    pub(super) fn push(&mut self, message: AgentMessage) -> Result<()> {
        if matches!(&message, AgentMessage::Unknown(unknown) if unknown.malformed) {
            let odd = "invalid message before the server accepted the token";
            return Err(Error::new(ErrorKind::Decode).message_text(odd));
        }
        self.bytes = self.bytes.saturating_add(message.size());
        if self.messages.len() >= MESSAGES || self.bytes > BYTES {
            let many = "too many messages before the server accepted the token";
            return Err(Error::new(ErrorKind::WebSocket).message_text(many));
        }
        self.messages.push(message);
        Ok(())
    }

    /// Returns the messages in their order, and forgets them.
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
        for size in [0, 1024, 8 * 1024, 1024 * 1024, BYTES] {
            let fit = MESSAGES.min(BYTES / message(size).size());
            let mut early = Early::default();
            for _ in 0..fit {
                early.push(message(size)).unwrap();
            }
            assert_eq!(early.push(message(size)).unwrap_err().kind(), ErrorKind::WebSocket, "{size}");
            assert_eq!(early.take().len(), fit);
            // The next connection starts without them.
            assert_eq!(early.push(message(size)).is_ok(), fit > 0, "{size}");
        }
    }
}
