//! The part of a notifier that is the same for every kind of server.

use std::{fmt, sync::Arc};

use tokio::runtime::Handle;

use super::{
    codec::NotificationCodec, handler::HandlerFuture, hub::Hub, session, stream::EventStream, target::NotifierTarget,
};
use crate::{
    connection::{
        lifecycle::ConnectionState,
        policy::NotifierSettings,
        queue::{Limits, Overflow},
    },
    error::{Error, Result},
    events::Event,
};

/// One connection, and the limits of the queue of each listener.
pub(crate) struct NotifierCore<N> {
    hub: Arc<Hub<N>>,
    queue: Limits,
}

impl<N: NotificationCodec> NotifierCore<N> {
    pub(crate) fn new(target: NotifierTarget, settings: NotifierSettings) -> Self {
        let NotifierSettings { policy, queue } = settings;
        Self { hub: Hub::new(target, policy), queue }
    }

    pub(crate) async fn events(&self) -> Result<EventStream<N>> {
        let events = self.subscribe()?;
        self.hub.wait_ready().await?;
        Ok(events)
    }

    pub(crate) fn subscribe(&self) -> Result<EventStream<N>> {
        self.subscribe_with(self.queue.items, self.queue.overflow)
    }

    pub(crate) fn subscribe_with(&self, capacity: usize, overflow: Overflow) -> Result<EventStream<N>> {
        Error::check_at_least_one("capacity", capacity)?;
        self.subscribe_within(Limits { items: capacity, overflow, ..self.queue })
    }

    /// Returns a stream whose queue has these limits.
    pub(crate) fn subscribe_within(&self, limits: Limits) -> Result<EventStream<N>> {
        let runtime = Handle::try_current().map_err(|e| {
            Error::setup("a socket for events connects in the background and needs a Tokio runtime").caused_by(e)
        })?;
        let (reader, guard) = self.hub.listen(limits);
        if let Some(guard) = guard {
            runtime.spawn(session::run(guard));
        }
        Ok(EventStream::new(Arc::clone(&self.hub), reader))
    }

    /// Calls the handler with each notification until the connection ends.
    ///
    /// # Errors
    ///
    /// Returns the error in `handler`, without a connection. [`wait_ready`](Self::wait_ready) returns the same error.
    pub(crate) async fn connect<H: Fn(N) -> HandlerFuture>(&self, handler: Result<H>) -> Result<()> {
        let (handler, mut events) = handler
            .and_then(|handler| Ok((handler, self.subscribe()?)))
            .inspect_err(|error| self.hub.reject(error.clone()))?;
        // The stream reports a connection that fails, and ends without an error when the notifier is closed.
        while let Some(event) = events.receive().await {
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

    pub(crate) async fn wait_ready(&self) -> Result<()> {
        self.hub.wait_ready().await
    }

    pub(crate) fn state(&self) -> ConnectionState {
        self.hub.state()
    }

    pub(crate) async fn ended(&self) -> Error {
        self.hub.ended().await
    }

    /// Returns `true` if a first connection is repeated after a temporary failure.
    pub(crate) fn retries_first_connection(&self) -> bool {
        self.hub.policy.reconnect && self.hub.policy.retry_first
    }

    pub(crate) fn close(&self) {
        self.hub.close();
    }

    pub(crate) async fn closed(&self) {
        self.hub.closed().await;
    }
}

impl<N> fmt::Debug for NotifierCore<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.hub.fmt(f)
    }
}
