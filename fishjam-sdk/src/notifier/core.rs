//! What the handles of one notifier share, whatever server it listens to.

use std::{fmt, sync::Arc};

use futures_util::StreamExt;

use super::{
    codec::Protocol,
    handler::Handling,
    hub::{Hub, Server},
    stream::EventStream,
};
use crate::{
    connection::{
        lifecycle::ConnectionState,
        policy::NotifierSettings,
        queue::{Limits, Overflow},
    },
    error::Result,
    events::Event,
};

/// One connection and the queue that each of its consumers gets.
pub(crate) struct Listening<N> {
    hub: Arc<Hub<N>>,
    queue: Limits,
}

impl<N: Protocol> Listening<N> {
    pub(crate) fn new(server: Server, settings: NotifierSettings) -> Self {
        let NotifierSettings { rules, queue } = settings;
        Self { hub: Hub::new(server, rules), queue }
    }

    pub(crate) async fn events(&self) -> Result<EventStream<N>> {
        let events = self.subscribe()?;
        self.hub.ready().await?;
        Ok(events)
    }

    pub(crate) fn subscribe(&self) -> Result<EventStream<N>> {
        self.subscribe_with(self.queue.items, self.queue.overflow)
    }

    pub(crate) fn subscribe_with(&self, capacity: usize, overflow: Overflow) -> Result<EventStream<N>> {
        let reader = self.hub.listen(Limits { items: capacity, overflow, ..self.queue })?;
        Ok(EventStream::new(Arc::clone(&self.hub), reader))
    }

    /// Calls the handler with every notification until the connection ends.
    ///
    /// If there is no handler, no connection is begun. A caller that waits for one receives the same error.
    pub(crate) async fn connect<H: Fn(N) -> Handling>(&self, handler: Result<H>) -> Result<()> {
        let (handler, mut events) = handler
            .and_then(|handler| Ok((handler, self.subscribe()?)))
            .inspect_err(|error| self.hub.refuse(error.clone()))?;
        // The stream itself reports a connection that cannot be made, and ends without an error when it is closed.
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
