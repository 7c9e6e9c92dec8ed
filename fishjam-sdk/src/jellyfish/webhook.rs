//! Webhooks from a Jellyfish server: unsigned requests with one notification each.
//!
//! Unlike Fishjam, **Jellyfish does not sign its webhooks**: any client that can reach the URL can send a request. Use at
//! least one of these protections:
//!
//! - Make the URL reachable only for the server.
//! - Put a secret into the path or query of each room's `webhook_url`, and compare it before you read the body. The server
//!   sends its requests to exactly this URL.
//!
//! Treat a notification as a hint, and read important state from the API.
//!
//! [`WebhookReceiver`] creates a service for hyper and similar servers and, with the feature `axum`, a route. In other
//! frameworks, pass the body to [`receive`].
//!
//! # When to respond
//!
//! The server does not retry failed deliveries: it logs them and drops them. It sends one request at a time, so a slow
//! response delays the webhooks of all rooms. Therefore prefer
//! [`into_queued_service`](WebhookReceiver::into_queued_service), which responds immediately, and wait for
//! [`WebhookQueue::drained`] at shutdown. Use [`into_service`](WebhookReceiver::into_service) if your handler is fast and
//! the number of waiting deliveries must not grow.
//!
//! The [responses](crate::webhook#responses) and the [order](crate::webhook#order) are as for Fishjam, but there is no 401,
//! and there are no batches.
//!
//! The server sends no webhooks for a room after its [`RoomDeleted`](super::events::RoomDeleted). If you must not miss
//! events, use the [notifier](super::JellyfishNotifier).

use std::future::Future;

use super::events::{Notification, decode::decode};
use crate::{
    error::Result,
    events::contents::Message,
    webhook::{Mode, OrderKey, WebhookOptions, WebhookOutcome, WebhookQueue, WebhookService, unsigned},
};

/// Decodes the body of a webhook. There is no signature to verify.
///
/// Returns `None` if the body is empty, or if it contains a message of a socket's handshake. Servers never send such a
/// message to a webhook. An unknown notification becomes [`Notification::Unknown`].
///
/// # Errors
///
/// Returns [`ErrorKind::Decode`](crate::ErrorKind::Decode) if the bytes are not a valid message.
///
/// ```
/// use fishjam_sdk::jellyfish::webhook;
///
/// let body = b"\x52\x03\x0a\x01r";
/// assert_eq!(webhook::receive(body)?.expect("a notification").to_string(), "room_created room=r");
/// # Ok::<(), fishjam_sdk::Error>(())
/// ```
pub fn receive(body: &[u8]) -> Result<Option<Notification>> {
    Ok(match decode(body)? {
        Message::Notifications(mut notifications) => notifications.pop(),
        Message::Handshake(handshake) => {
            tracing::warn!(?handshake, "skipped a handshake message in a webhook");
            None
        }
    })
}

/// A receiver of a Jellyfish server's webhooks. It has no secrets, because the server does not sign.
///
/// ```
/// use fishjam_sdk::jellyfish::{events::Notification, webhook::WebhookReceiver};
///
/// let receiver = WebhookReceiver::new();
/// let (service, queue) = receiver.into_queued_service(|n: Notification| async move { println!("{n}") });
/// # #[cfg(feature = "axum")]
/// let app: axum::Router = axum::Router::new().route("/jellyfish/a-secret-path", service.into_axum_route());
/// ```
#[derive(Clone, Debug, Default)]
pub struct WebhookReceiver {
    options: WebhookOptions,
}

impl WebhookReceiver {
    /// Creates a receiver with the default options.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates a receiver with options.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if an option is zero.
    ///
    /// ```
    /// use fishjam_sdk::{jellyfish::webhook::WebhookReceiver, webhook::WebhookOptions};
    ///
    /// let receiver = WebhookReceiver::with_options(WebhookOptions::new().queue_capacity(100))?;
    /// # Ok::<(), fishjam_sdk::Error>(())
    /// ```
    pub fn with_options(options: WebhookOptions) -> Result<Self> {
        Ok(Self { options: options.validated()? })
    }

    /// Converts the receiver into a service that responds after the handler.
    ///
    /// The handler returns `()` or a `Result`. The response is 503 after an error, but the server does not send the
    /// notification again.
    ///
    /// ```
    /// use fishjam_sdk::jellyfish::{events::Notification, webhook::WebhookReceiver};
    ///
    /// let service = WebhookReceiver::new().into_service(|n: Notification| async move { println!("{n}") });
    /// ```
    pub fn into_service<H, F>(self, handler: H) -> WebhookService<Notification>
    where
        H: Fn(Notification) -> F + Send + Sync + 'static,
        F: Future + Send + 'static,
        F::Output: WebhookOutcome,
    {
        self.service(Mode::AfterHandler, handler)
    }

    /// Converts the receiver into a service that responds before the handler.
    ///
    /// The second value is a handle for the queue of the service.
    ///
    /// The queue is in memory: wait for [`WebhookQueue::drained`] before your process ends. The service logs a failed
    /// handler and does not call it again.
    ///
    /// ```
    /// use fishjam_sdk::jellyfish::{events::Notification, webhook::WebhookReceiver};
    ///
    /// let receiver = WebhookReceiver::new();
    /// let (service, queue) = receiver.into_queued_service(|n: Notification| async move { println!("{n}") });
    /// assert!(queue.is_empty());
    /// ```
    pub fn into_queued_service<H, F>(self, handler: H) -> (WebhookService<Notification>, WebhookQueue)
    where
        H: Fn(Notification) -> F + Send + Sync + 'static,
        F: Future + Send + 'static,
        F::Output: WebhookOutcome,
    {
        let service = self.service(Mode::Immediately, handler);
        let queue = service.queue();
        (service, queue)
    }

    /// Converts the receiver into an axum route that responds after the handler.
    ///
    /// This is [`into_service`](Self::into_service) as a route. To respond before the handler, use
    /// [`into_queued_service`](Self::into_queued_service) and [`WebhookService::into_axum_route`].
    ///
    /// ```
    /// use fishjam_sdk::jellyfish::{events::Notification, webhook::WebhookReceiver};
    ///
    /// let route = WebhookReceiver::new().into_axum_route(|n: Notification| async move { println!("{n}") });
    /// let app: axum::Router = axum::Router::new().route("/jellyfish/a-secret-path", route);
    /// ```
    #[cfg(feature = "axum")]
    pub fn into_axum_route<S, H, F>(self, handler: H) -> axum::routing::MethodRouter<S>
    where
        S: Clone + Send + Sync + 'static,
        H: Fn(Notification) -> F + Send + Sync + 'static,
        F: Future + Send + 'static,
        F::Output: WebhookOutcome,
    {
        self.into_service(handler).into_axum_route()
    }

    fn service<H, F>(self, mode: Mode, handler: H) -> WebhookService<Notification>
    where
        H: Fn(Notification) -> F + Send + Sync + 'static,
        F: Future + Send + 'static,
        F::Output: WebhookOutcome,
    {
        let decode = |body: &[u8]| Ok(receive(body)?.into_iter().collect());
        WebhookService::new(unsigned(decode, order_key, Notification::name), self.options, mode, handler)
    }
}

fn order_key(notification: &Notification) -> OrderKey<&str> {
    match notification.room_id() {
        Some(room) => OrderKey::Room(room.as_str()),
        None => OrderKey::Name(notification.name()),
    }
}
