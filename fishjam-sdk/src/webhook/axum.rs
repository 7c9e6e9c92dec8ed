//! Webhooks in an axum application: a route and an extractor.

use std::{fmt, future::Future, sync::Arc, time::Duration};

use axum::{
    body::{Body, HttpBody},
    extract::{FromRef, FromRequest, Request},
    response::{IntoResponse, Response},
    routing::{MethodRouter, post},
};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use http::StatusCode;

use super::{
    WebhookReceiver, claimed_signature,
    queue::{Queue, QueueFull},
};
use crate::{
    error::{Error, ErrorKind},
    events::Notification,
};

/// The limits of a receiver in an axum application.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// The maximum size of a body, in bytes.
    body: usize,
    /// The maximum time until a body is complete.
    body_timeout: Duration,
    /// The maximum number of deliveries that wait for the handler.
    queue: usize,
    /// The maximum size of these deliveries, in bytes.
    queue_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { body: 1024 * 1024, body_timeout: Duration::from_secs(10), queue: 1024, queue_bytes: 64 * 1024 * 1024 }
    }
}

impl WebhookReceiver {
    /// Sets the maximum size of a delivery's body, in bytes. The response to a larger body is 413.
    ///
    /// Defaults to 1 MiB. This limit replaces axum's `DefaultBodyLimit`.
    #[must_use]
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.limits.body = bytes;
        self
    }

    /// Sets the maximum time until the body of a delivery is complete. The response to a slower body is 408.
    ///
    /// Defaults to 10 seconds.
    #[must_use]
    pub fn body_timeout(mut self, limit: Duration) -> Self {
        self.limits.body_timeout = limit;
        self
    }

    /// Sets the maximum number of deliveries that wait for the handler of [`into_axum_route`](Self::into_axum_route).
    ///
    /// The response to a further delivery is 503. Defaults to 1,024. A capacity of 0 counts as 1.
    #[must_use]
    pub fn queue_capacity(mut self, deliveries: usize) -> Self {
        self.limits.queue = deliveries.clamp(1, tokio::sync::Semaphore::MAX_PERMITS);
        self
    }

    /// Sets the maximum size of the deliveries that wait for the handler, in bytes.
    ///
    /// Defaults to 64 MiB. The maximum is 4 GiB. The size of a delivery is the size of its body. It counts until the handler
    /// has returned for its last notification. The response to a delivery above the limit is 503, as for a full queue. An
    /// empty queue accepts a delivery that is larger than the limit.
    #[must_use]
    pub fn queue_bytes(mut self, limit: usize) -> Self {
        self.limits.queue_bytes = limit;
        self
    }

    /// Converts the receiver into a route that calls the handler with each notification.
    ///
    /// ```
    /// use fishjam_sdk::{events::Notification, webhook::WebhookReceiver};
    ///
    /// let receiver = WebhookReceiver::new(["a-secret"])?;
    /// let route = receiver.into_axum_route(|n: Notification| async move { println!("{n}") });
    /// let app: axum::Router = axum::Router::new().route("/fishjam", route);
    /// # Ok::<(), fishjam_sdk::Error>(())
    /// ```
    ///
    /// | response | condition |
    /// |---|---|
    /// | 200 | the delivery is verified, decoded and in the queue; the handler may not have processed it yet |
    /// | 400 | the body is incomplete, or it is signed but not a valid message |
    /// | 401 | the signature is missing, duplicate or wrong; without a signature, the body is not read |
    /// | 405 | the method is not `POST` |
    /// | 408 | the body is not complete [in time](Self::body_timeout) |
    /// | 413 | the body exceeds the [limit](Self::body_limit) |
    /// | 503 | the delivery exceeds a limit of the queue, in [number](Self::queue_capacity) or [bytes](Self::queue_bytes); Fishjam may retry |
    ///
    /// The route calls the handler with one notification at a time, in the order in which it accepted the deliveries. So the
    /// order within a room is kept. A slow handler does not delay responses, but it delays the notifications of all rooms.
    /// If rooms must not wait for each other, forward the notifications to other tasks. The route accepts a whole delivery
    /// or rejects it. If the handler panics, the route logs the panic and continues with the next notification.
    ///
    /// The queue is in memory. If the process ends, accepted deliveries in the queue are lost. To prevent that, use
    /// [`VerifiedNotifications`] and store the notifications before you respond. After the route is dropped, its task
    /// empties the queue and ends.
    pub fn into_axum_route<S, H, F>(self, handler: H) -> MethodRouter<S>
    where
        S: Clone + Send + Sync + 'static,
        H: Fn(Notification) -> F + Send + Sync + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let route =
            Arc::new(Route { queue: Queue::new(self.limits.queue, self.limits.queue_bytes, handler), receiver: self });
        post(move |request: Request| {
            let route = Arc::clone(&route);
            async move { route.receive(request).await }
        })
    }

    /// Reads, verifies and decodes a delivery. Also returns the size of its body.
    async fn read(&self, request: Request) -> Result<(Vec<Notification>, usize), WebhookRejection> {
        let (head, body) = request.into_parts();
        // A request without a signature must not use memory for its body.
        let signature = claimed_signature(&head.headers).map_err(WebhookRejection::Unauthorized)?;
        let body = tokio::time::timeout(self.limits.body_timeout, read_body(body, self.limits.body)).await;
        let body = body.unwrap_or(Err(WebhookRejection::TooSlow))?;
        let notifications = self.verify(&signature, &body).map_err(|error| match error.kind() {
            ErrorKind::Unauthorized => WebhookRejection::Unauthorized(error),
            _ => WebhookRejection::Undecodable(error),
        })?;
        Ok((notifications, body.len()))
    }
}

/// Returns the body, or an error if it exceeds the limit.
async fn read_body(body: Body, limit: usize) -> Result<Bytes, WebhookRejection> {
    // A body whose announced length is too large is not read at all.
    if usize::try_from(body.size_hint().lower()).ok().is_none_or(|length| length > limit) {
        return Err(WebhookRejection::TooLarge);
    }
    let mut parts = body.into_data_stream();
    let mut whole = BytesMut::new();
    while let Some(part) = parts.next().await {
        let part = part.map_err(|_| WebhookRejection::BrokenOff)?;
        if part.len() > limit.saturating_sub(whole.len()) {
            return Err(WebhookRejection::TooLarge);
        }
        whole.extend_from_slice(&part);
    }
    Ok(whole.freeze())
}

/// An axum extractor for the notifications of a verified delivery.
///
/// It requires a [`WebhookReceiver`] in the application's state. It responds to rejected deliveries itself; see
/// [`WebhookRejection`]. Respond quickly, because Fishjam sends the next delivery of a room only after your response.
///
/// ```
/// use axum::{Router, routing::post};
/// use fishjam_sdk::webhook::{VerifiedNotifications, WebhookReceiver};
///
/// async fn fishjam(VerifiedNotifications(notifications): VerifiedNotifications) {
///     for notification in notifications {
///         println!("{notification}");
///     }
/// }
///
/// let receiver = WebhookReceiver::new(["a-secret"])?;
/// let app: Router = Router::new().route("/fishjam", post(fishjam)).with_state(receiver);
/// # Ok::<(), fishjam_sdk::Error>(())
/// ```
///
/// If the state contains other values, implement `FromRef` for the receiver. The struct is exhaustive, so that you can
/// destructure it in an argument.
#[derive(Clone, Debug)]
pub struct VerifiedNotifications(pub Vec<Notification>);

impl<S> FromRequest<S> for VerifiedNotifications
where
    S: Send + Sync,
    WebhookReceiver: FromRef<S>,
{
    type Rejection = WebhookRejection;

    async fn from_request(request: Request, state: &S) -> Result<Self, WebhookRejection> {
        let (notifications, _) = WebhookReceiver::from_ref(state).read(request).await?;
        Ok(Self(notifications))
    }
}

/// The reason why a delivery was rejected.
///
/// As a response, it has a status and one line of text, without secrets.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum WebhookRejection {
    /// 401: the signature is missing, duplicate or wrong.
    Unauthorized(Error),
    /// 400: the signature is right, but the body is not a valid message.
    Undecodable(Error),
    /// 400: the body is incomplete.
    BrokenOff,
    /// 408: the body was not complete [in time](WebhookReceiver::body_timeout).
    TooSlow,
    /// 413: the body exceeds the [limit](WebhookReceiver::body_limit).
    TooLarge,
    /// 503: the queue of the handler is full.
    QueueFull,
}

impl WebhookRejection {
    /// Returns the status code of the response.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Unauthorized(_) => StatusCode::UNAUTHORIZED,
            Self::Undecodable(_) | Self::BrokenOff => StatusCode::BAD_REQUEST,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::QueueFull => StatusCode::SERVICE_UNAVAILABLE,
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
            Self::QueueFull => f.write_str("the handler queue is full"),
        }
    }
}

impl std::error::Error for WebhookRejection {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            // `Display` already prints the error, so its cause is the next in the chain.
            Self::Unauthorized(error) | Self::Undecodable(error) => error.source(),
            Self::BrokenOff | Self::TooSlow | Self::TooLarge | Self::QueueFull => None,
        }
    }
}

impl IntoResponse for WebhookRejection {
    fn into_response(self) -> Response {
        (self.status(), self.to_string()).into_response()
    }
}

struct Route<H> {
    receiver: WebhookReceiver,
    queue: Queue<H>,
}

impl<H, F> Route<H>
where
    H: Fn(Notification) -> F + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    async fn receive(&self, request: Request) -> Result<(), WebhookRejection> {
        let (delivery, bytes) = self.receiver.read(request).await.inspect_err(|rejection| {
            tracing::warn!(
                status = rejection.status().as_u16(),
                reason = format_args!("{rejection:#}"),
                "webhook rejected"
            );
        })?;
        self.queue.push(delivery, bytes).map_err(|QueueFull| {
            tracing::warn!("webhook rejected: handler queue is full");
            WebhookRejection::QueueFull
        })
    }
}
