//! What the handles of one notifier share, whatever server it listens to.

use std::{fmt, sync::Arc};

use futures_util::StreamExt;

use super::{
    config::Settings,
    handler::Handling,
    hub::{Hub, Server},
    protocol::Protocol,
    queue::Overflow,
    state::ConnectionState,
    stream::EventStream,
};
use crate::{
    error::{Error, Result},
    events::Event,
};

/// One connection and the queue that each of its consumers gets.
pub(crate) struct Listening<N> {
    hub: Arc<Hub<N>>,
    capacity: usize,
    overflow: Overflow,
}

impl<N: Protocol> Listening<N> {
    pub(crate) fn new(server: Server, settings: Settings) -> Self {
        let Settings { rules, capacity, overflow } = settings;
        Self { hub: Hub::new(server, rules), capacity, overflow }
    }

    pub(crate) async fn events(&self) -> Result<EventStream<N>> {
        let events = self.subscribe()?;
        self.hub.ready().await?;
        Ok(events)
    }

    pub(crate) fn subscribe(&self) -> Result<EventStream<N>> {
        self.subscribe_with(self.capacity, self.overflow)
    }

    pub(crate) fn subscribe_with(&self, capacity: usize, overflow: Overflow) -> Result<EventStream<N>> {
        let reader = self.hub.listen(capacity, overflow)?;
        Ok(EventStream::new(Arc::clone(&self.hub), reader))
    }

    /// Calls the handler with every notification, until the connection ends.
    pub(crate) async fn serve(&self, handler: impl Fn(N) -> Handling) -> Result<()> {
        // The stream itself tells of a connection that cannot be made, and ends quietly when it is closed.
        let mut events = self.subscribe().map_err(|error| self.refuse(error))?;
        while let Some(event) = events.next().await {
            match event? {
                Event::Notification(notification) => handler(notification).await,
                Event::Gap(gap) => {
                    tracing::warn!(reason = format_args!("{:#}", gap.reason), "notifications may have been missed")
                }
                Event::Dropped(events) => tracing::warn!(events, "the handler was too slow for notifications"),
            }
        }
        Ok(())
    }

    /// No connection was begun: whoever waits for it hears why, unless there is one for others.
    pub(crate) fn refuse(&self, error: Error) -> Error {
        if matches!(self.hub.state(), ConnectionState::Idle | ConnectionState::Closed) {
            self.hub.tell(ConnectionState::Closed, Some(error.clone()));
        }
        error
    }

    pub(crate) async fn ready(&self) -> Result<()> {
        self.hub.ready().await
    }

    pub(crate) fn state(&self) -> ConnectionState {
        self.hub.state()
    }

    pub(crate) fn close(&self) {
        self.hub.close();
    }
}

impl<N> fmt::Debug for Listening<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.hub.fmt(f)
    }
}
