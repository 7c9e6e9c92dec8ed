//! Webhooks: notifications that Fishjam sends as HTTP requests to your backend.
//!
//! Fishjam sends each delivery with `POST`. The body is the same message as on the socket. The header [`SIGNATURE_HEADER`]
//! proves that the sender knows the webhook secret. [`WebhookReceiver`] verifies the signature and returns typed
//! notifications. It requires the received bytes of the body: read them before any parser, and make sure that no proxy
//! changes them.
//!
//! | your server | use |
//! |---|---|
//! | axum | `WebhookReceiver::into_axum_route`, with the feature `axum` |
//! | hyper, or another server with `http` types and tower services | [`WebhookReceiver::into_service`] |
//! | any other framework | [`WebhookReceiver::receive`] |
//!
//! # When to respond
//!
//! | mode | response | use it if |
//! |---|---|---|
//! | [`into_service`](WebhookReceiver::into_service), `into_axum_route` | after the handler | the handler needs less than about 2 seconds; the default choice |
//! | [`into_queued_service`](WebhookReceiver::into_queued_service) | as soon as the delivery is in the queue | the handler is slow, or an event may get lost |
//!
//! In the first mode, a delivery is handled before Fishjam regards it as delivered. If the handler fails or the process
//! ends, Fishjam receives no 200 and can send the delivery again. A graceful shutdown of the server waits for the handler.
//!
//! In the second mode, a queue in memory holds accepted deliveries. Fishjam does not send them again. If the process ends
//! without waiting for [`WebhookQueue::drained`], they are lost. The result of the handler changes no response. To lose
//! nothing, store the notification in your database or message queue in the first mode, and process it afterwards.
//!
//! These facts may help you to choose:
//!
//! - Fishjam is reported to retry a delivery up to 8 times within about 30 seconds if the status is 5xx. This is not
//!   confirmed.
//! - Fishjam sends the events of a room in order. A slow response may therefore delay the room's following events.
//! - A Jellyfish server never retries, and a slow response delays the events of all rooms. See
//!   `fishjam_sdk::jellyfish::webhook`.
//!
//! # Responses
//!
//! | response | condition |
//! |---|---|
//! | 200 | the handler returned `()` or `Ok` for all notifications; for a queued service: the delivery is in the queue |
//! | 400 | the body is incomplete, or it is signed but not a valid message |
//! | 401 | the signature is missing, duplicate or wrong; without a signature, the body is not read |
//! | 405 | the method is not `POST` |
//! | 408 | the body is not complete [in time](WebhookOptions::body_timeout) |
//! | 413 | the body exceeds the [limit](WebhookOptions::body_limit) |
//! | 500 | the handler panicked |
//! | 503 | the handler returned an error, or it needs longer than the [response timeout](WebhookOptions::response_timeout) |
//! | 503 | the delivery exceeds a limit of the queue, in [number](WebhookOptions::queue_capacity) or [bytes](WebhookOptions::queue_bytes) |
//!
//! The content type of a request does not matter. The text of a response contains neither secrets nor the handler's error.
//! The SDK logs that error at level WARN.
//!
//! The handler runs to its end even if the response was 503 for a timeout, or if the client disconnects. If the handler
//! panics, the SDK logs the panic and continues with the next notification.
//!
//! # Order
//!
//! A service calls the handler for the notifications of a room one after the other, in the order of the accepted deliveries.
//! This also holds after a response 503 for a slow handler: the next notification of the room waits until the handler has
//! finished. The notifications of a livestream and of a recording have an order of their own. All other notifications
//! without a room are in order with those of the same [name](Notification::name).
//!
//! Different rooms do not wait for each other, up to a [limit](WebhookOptions::concurrency). With a limit of 1, all
//! notifications are in order.
//!
//! A batch contains several notifications, but a delivery has only one response. The handler is called for each notification
//! of the batch, even if an earlier call returned an error. The response is 200 only if all calls succeed. Otherwise it is 503, or 500 after a
//! panic, and Fishjam can send the whole batch again. Then the handler is called again for all its notifications, including
//! the handled ones.
//!
//! # Duplicate and lost deliveries
//!
//! A delivery has no id and no time. If a response is lost or is not 200, Fishjam may send the same delivery again. But two
//! deliveries with equal bytes and signatures can also be two events, for example if a peer connects, disconnects and
//! connects again. Therefore the SDK never drops a delivery as a duplicate, and your backend should not do so either. Make
//! sure that an event can be processed twice, for example by reading the current state of the room.
//!
//! An attacker who recorded a delivery can send it again. Receive webhooks over TLS only.
//!
//! Deliveries can get lost. Read the current state from time to time if your data must be right.
//!
//! # Shutdown
//!
//! Stop the server gracefully, then wait for the queue:
//!
//! ```no_run
//! # #[cfg(feature = "axum")]
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! # async fn stop_signal() {}
//! use fishjam_sdk::{events::Notification, webhook::WebhookReceiver};
//!
//! let receiver = WebhookReceiver::new(["a-secret"])?;
//! let (service, queue) = receiver.into_queued_service(|n: Notification| async move { println!("{n}") });
//! let app = axum::Router::new().route("/fishjam", service.into_axum_route());
//! let listener = tokio::net::TcpListener::bind("0.0.0.0:3000").await?;
//! axum::serve(listener, app).with_graceful_shutdown(stop_signal()).await?;
//! queue.drained().await;
//! # Ok(())
//! # }
//! ```
//!
//! If the response waits for the handler, the server's shutdown already waits for it. [`WebhookService::queue`] is useful
//! there, too: a handler that exceeded the response timeout may still run.
//!
//! # Versions of axum
//!
//! The feature `axum` belongs to axum 0.8. Its methods have types of axum in their signatures, so another major version of
//! axum would be a breaking change. The feature therefore keeps its version of axum until the next major version of this
//! crate. With a newer axum, do not use the feature: pass the result of [`WebhookReceiver::into_service`] to
//! `Router::route_service`. [`WebhookService`] depends only on `http` 1, `http-body` 1 and `tower-service` 0.3, and the route
//! is the same service.

#[cfg(feature = "axum")]
mod axum;
mod binary;
mod delivery;
mod handler;
mod headers;
mod lanes;
mod options;
mod pending;
mod queue;
mod rejection;
mod request;
mod response;
mod service;
mod signature;
mod worker;

use std::future::Future;

#[cfg(feature = "axum")]
pub use self::axum::VerifiedNotifications;
#[allow(deprecated, reason = "users of the Python SDK know it")]
pub use self::binary::{ReceivedBinary, receive_binary};
#[cfg(feature = "axum")]
pub use self::rejection::WebhookRejection;
pub use self::{
    handler::WebhookOutcome,
    headers::WebhookHeaders,
    options::WebhookOptions,
    pending::WebhookQueue,
    response::WebhookBody,
    service::WebhookService,
    signature::{SIGNATURE_HEADER, sign_webhook, verify_webhook_signature},
};
pub(crate) use self::{
    lanes::OrderKey,
    service::{Mode, WebhookKind},
};
use self::{
    queue::Subject,
    request::Format,
    signature::{Secrets, Signature},
};
use crate::{
    error::Result,
    events::{Notification, decode_server_notifications},
    secret::WebhookSecret,
};

/// A receiver of webhooks that verifies and decodes each delivery.
///
/// It accepts several secrets, so that you can rotate them. Cloning is cheap. `Debug` prints no secret.
///
/// ```
/// use fishjam_sdk::{ErrorKind, webhook::{SIGNATURE_HEADER, WebhookReceiver, sign_webhook}};
///
/// let receiver = WebhookReceiver::new(["current-secret", "previous-secret"])?;
///
/// // Your server framework provides the headers and the bytes of the body.
/// let body = b"\x52\x03\x0a\x01r";
/// let headers = [(SIGNATURE_HEADER, sign_webhook(body, "current-secret"))];
/// for notification in receiver.receive(&headers, body)? {
///     println!("{notification}");
/// }
///
/// let error = receiver.receive(&headers, b"another body").unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Unauthorized);
/// # Ok::<(), fishjam_sdk::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct WebhookReceiver {
    secrets: Secrets,
    options: WebhookOptions,
}

impl WebhookReceiver {
    /// Creates a receiver of deliveries that are signed with any of these secrets.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if:
    ///
    /// - there are no secrets
    /// - a secret is blank
    /// - a secret contains a control character, such as a line break at the end of a file
    pub fn new<S: Into<WebhookSecret>>(secrets: impl IntoIterator<Item = S>) -> Result<Self> {
        Self::with_options(secrets, WebhookOptions::new())
    }

    /// Creates a receiver with options.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if:
    ///
    /// - the secrets are not valid, as for [`new`](Self::new)
    /// - an option is zero
    ///
    /// ```
    /// use fishjam_sdk::webhook::{WebhookOptions, WebhookReceiver};
    ///
    /// let receiver = WebhookReceiver::with_options(["a-secret"], WebhookOptions::new().body_limit(64 * 1024))?;
    /// # Ok::<(), fishjam_sdk::Error>(())
    /// ```
    pub fn with_options<S: Into<WebhookSecret>>(
        secrets: impl IntoIterator<Item = S>,
        options: WebhookOptions,
    ) -> Result<Self> {
        Ok(Self { secrets: Secrets::new(secrets)?, options: options.validated()? })
    }

    /// Verifies a delivery and returns its notifications in order.
    ///
    /// `body` must be the received bytes. The receiver decodes the body only if the signature is right. There must be
    /// exactly one signature, in the form that [`verify_webhook_signature`] documents. The receiver tries all secrets every
    /// time.
    ///
    /// For an example, see [`WebhookReceiver`].
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - [`ErrorKind::Unauthorized`](crate::ErrorKind::Unauthorized): the signature is missing, duplicate or wrong; respond
    ///   with 401
    /// - [`ErrorKind::Decode`](crate::ErrorKind::Decode): the signature is right, but the body is not a valid message;
    ///   respond with 400
    pub fn receive(&self, headers: &(impl WebhookHeaders + ?Sized), body: &[u8]) -> Result<Vec<Notification>> {
        self.secrets.verify(&Signature::claimed(headers.values_of(SIGNATURE_HEADER))?, body)?;
        decode_server_notifications(body)
    }

    /// Converts the receiver into a service that responds after the handler.
    ///
    /// The handler returns `()` or a `Result`. After an error the response is 503, so that Fishjam can send the delivery
    /// again. The module's documentation describes the [responses](self#responses) and the [order](self#order).
    ///
    /// ```
    /// use fishjam_sdk::{FishjamClient, Result, events::Notification, webhook::WebhookReceiver};
    ///
    /// async fn clean_up(fishjam: FishjamClient, notification: Notification) -> Result<()> {
    ///     if let Notification::PeerDisconnected(peer) = notification {
    ///         fishjam.delete_peer(peer.room_id, peer.peer_id).await?;
    ///     }
    ///     Ok(())
    /// }
    ///
    /// # fn example(fishjam: FishjamClient) -> Result<()> {
    /// let receiver = WebhookReceiver::new(["a-secret"])?;
    /// let service = receiver.into_service(move |notification| clean_up(fishjam.clone(), notification));
    /// # Ok(())
    /// # }
    /// ```
    pub fn into_service<H, F>(self, handler: H) -> WebhookService
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
    /// The response is 200 as soon as the delivery is verified, decoded and in the queue. The queue is in memory: wait for
    /// [`WebhookQueue::drained`] before your process ends. The service logs a failed handler and does not call it again.
    ///
    /// ```
    /// use fishjam_sdk::{events::Notification, webhook::WebhookReceiver};
    ///
    /// let receiver = WebhookReceiver::new(["a-secret"])?;
    /// let (service, queue) = receiver.into_queued_service(|n: Notification| async move { println!("{n}") });
    /// assert!(queue.is_empty());
    /// # Ok::<(), fishjam_sdk::Error>(())
    /// ```
    pub fn into_queued_service<H, F>(self, handler: H) -> (WebhookService, WebhookQueue)
    where
        H: Fn(Notification) -> F + Send + Sync + 'static,
        F: Future + Send + 'static,
        F::Output: WebhookOutcome,
    {
        let service = self.service(Mode::Immediately, handler);
        let queue = service.queue();
        (service, queue)
    }

    fn service<H, F>(self, mode: Mode, handler: H) -> WebhookService
    where
        H: Fn(Notification) -> F + Send + Sync + 'static,
        F: Future + Send + 'static,
        F::Output: WebhookOutcome,
    {
        let subject = Subject { order_key, name: Notification::name };
        WebhookService::new(WebhookKind { format: Self::format(self.secrets), subject }, self.options, mode, handler)
    }

    fn format(secrets: Secrets) -> Format<Notification> {
        Format { secrets: Some(secrets), decode: decode_server_notifications }
    }
}

fn order_key(notification: &Notification) -> OrderKey<&str> {
    let livestream = || notification.stream_id().map(|id| id.as_str());
    let room = notification.room_id().map(|id| id.as_str()).or_else(livestream);
    match (room, notification.recording_id()) {
        (Some(room), _) => OrderKey::Room(room),
        (None, Some(recording)) => OrderKey::Recording(recording.as_str()),
        (None, None) => OrderKey::Name(notification.name()),
    }
}

/// Returns the webhooks of a server that does not sign them.
#[cfg(feature = "jellyfish")]
pub(crate) fn unsigned<N>(
    decode: fn(&[u8]) -> Result<Vec<N>>,
    order_key: fn(&N) -> OrderKey<&str>,
    name: fn(&N) -> &'static str,
) -> WebhookKind<N> {
    WebhookKind { format: Format { secrets: None, decode }, subject: Subject { order_key, name } }
}
