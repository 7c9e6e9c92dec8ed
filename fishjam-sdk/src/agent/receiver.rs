//! The receiving half of a session.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use futures_util::StreamExt;

use super::{AgentMessage, SessionEnd, shared::SessionOwner};
use crate::{
    audio::PcmFormat,
    connection::queue::{Items, QueueItem, Reader},
    error::Result,
};

/// The receiving half of a session: a stream of messages.
///
/// If you drop it, the session drops later messages. The session lasts while there is an [`AgentSender`](super::AgentSender).
///
/// For an example, see [`AgentSession::split`](super::AgentSession::split).
pub struct AgentReceiver {
    pub(super) reader: Reader<Items<AgentMessage>>,
    pub(super) owner: Arc<SessionOwner>,
}

impl AgentReceiver {
    /// Returns the next message. See [`AgentSession::receive`](super::AgentSession::receive).
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe, like [`AgentSession::receive`](super::AgentSession::receive).
    ///
    /// # Errors
    ///
    /// Returns the error that ended the session, once, as the last item.
    pub async fn receive(&mut self) -> Option<Result<AgentMessage>> {
        self.next().await
    }

    /// Returns the format of the audio that the agent receives.
    #[must_use]
    pub fn input_format(&self) -> PcmFormat {
        self.owner.0.input_format
    }

    /// Returns the reason for the end of the session, or `None` while it lasts.
    #[must_use]
    pub fn end(&self) -> Option<SessionEnd> {
        self.owner.0.end()
    }
}

impl futures_core::Stream for AgentReceiver {
    type Item = Result<AgentMessage>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.reader.poll_next(cx).map(|next| {
            next.map(|next| match next {
                QueueItem::Item(message) => Ok(message),
                QueueItem::Dropped(messages) => Ok(AgentMessage::Dropped(messages)),
                QueueItem::Error(error) => Err(error),
            })
        })
    }
}

impl fmt::Debug for AgentReceiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AgentReceiver").field(&self.owner.0).finish()
    }
}
