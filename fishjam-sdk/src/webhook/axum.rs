//! Webhooks in an axum application: a ready route and an extractor.

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
    WebhookReceiver, claimed,
    queue::{Full, Queue},
};
use crate::{
    error::{Error, ErrorKind},
    events::Notification,
};

/// What an axum application takes in at most.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Of one body, in bytes.
    body: usize,
    /// Of the wait for all of one body.
    patience: Duration,
    /// Of the queue between the answers and the handler, in deliveries.
    queue: usize,
    /// The total size of these deliveries, in bytes.
    queue_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { body: 1024 * 1024, patience: Duration::from_secs(10), queue: 1024, queue_bytes: 64 * 1024 * 1024 }
    }
}

impl WebhookReceiver {
    /// Limits the body of a delivery to an axum application; a longer one is answered with 413. Default: 1 MiB.
    ///
    /// It takes the place of axum's own limit, `DefaultBodyLimit`, which does not count here.
    #[must_use]
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.limits.body = bytes;
        self
    }

    /// Limits how long the body of a delivery may take to arrive; a slower one is answered with 408. Default: 10 seconds.
    #[must_use]
    pub fn body_timeout(mut self, limit: Duration) -> Self {
        self.limits.patience = limit;
        self
    }

    /// Limits how many deliveries may wait for the handler of [`into_axum_route`](Self::into_axum_route); what comes
    /// while the queue is full is answered with 503. Default: 1,024; at least one may always wait.
    #[must_use]
    pub fn queue_capacity(mut self, deliveries: usize) -> Self {
        self.limits.queue = deliveries.clamp(1, tokio::sync::Semaphore::MAX_PERMITS);
        self
    }

    /// Limits the size of the deliveries that may wait for the handler of [`into_axum_route`](Self::into_axum_route), in
    /// bytes. Defaults to 64 MiB.
    ///
    /// The size of a delivery is the size of its body. It counts until the handler has returned for its last notification.
    /// The route responds to a delivery above the limit with 503, as for a full queue. An empty queue accepts a delivery
    /// that is larger than the limit. The largest limit is 4 GiB.
    #[must_use]
    pub fn queue_bytes(mut self, limit: usize) -> Self {
        self.limits.queue_bytes = limit;
        self
    }

    /// A route that receives webhooks and calls the handler with each notification.
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
    /// | answer | to |
    /// |---|---|
    /// | 200 | a delivery that is verified, decoded and in the queue; the handler may not have seen it yet |
    /// | 400 | a body that broke off, or one that is signed and no message of the service |
    /// | 401 | a signature that is missing, not alone or wrong; without one the body is not read |
    /// | 405 | any method other than `POST` |
    /// | 408 | a body that does not arrive [in time](Self::body_timeout) |
    /// | 413 | a body above the [limit](Self::body_limit) |
    /// | 503 | a delivery above a limit of the queue, in [number](Self::queue_capacity) or [bytes](Self::queue_bytes); the service may retry |
    ///
    /// The handler is called with one notification after the other, in the order in which the deliveries were accepted,
    /// so that the order within a room is kept; each call waits for the one before. A slow handler delays no answer,
    /// only the calls after it, those for other rooms too; if rooms should not wait for each other, let it pass the
    /// notification on. A delivery is accepted as a whole or not at all. If the handler panics, that is logged, and
    /// the next notification follows.
    ///
    /// The queue is in memory: what was answered with 200 and is not handled yet is lost when the process ends. If that
    /// is not good enough, use [`VerifiedNotifications`] and store the notifications before you answer. Once the
    /// route is dropped, the queue is worked off and the task that does it ends.
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
            async move { route.answer(request).await }
        })
    }

    /// Reads, verifies and decodes a delivery. Also returns the size of its body.
    async fn read(&self, request: Request) -> Result<(Vec<Notification>, usize), WebhookRejection> {
        let (head, body) = request.into_parts();
        // Who cannot even show a signature has no claim to our memory.
        let signature = claimed(&head.headers).map_err(WebhookRejection::Unauthorized)?;
        let body = tokio::time::timeout(self.limits.patience, whole(body, self.limits.body)).await;
        let body = body.unwrap_or(Err(WebhookRejection::TooSlow))?;
        let notifications = self.verified(&signature, &body).map_err(|error| match error.kind() {
            ErrorKind::Unauthorized => WebhookRejection::Unauthorized(error),
            _ => WebhookRejection::Undecodable(error),
        })?;
        Ok((notifications, body.len()))
    }
}

/// The body, unless it is longer than the limit.
async fn whole(body: Body, limit: usize) -> Result<Bytes, WebhookRejection> {
    // What is announced to be too long is not even begun.
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

/// The notifications of a webhook that was verified, as an argument of an axum handler.
///
/// It takes the [`WebhookReceiver`] from the application's state, and answers for you what cannot be accepted; see
/// [`WebhookRejection`]. Answer soon: the service sends a room's next delivery only after that.
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
/// If the state holds more, implement `FromRef` for the receiver. The struct is closed, so that an argument can take it
/// apart.
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

/// Why a delivery was not accepted; as an answer, a status and a line of text that reveals no secret.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum WebhookRejection {
    /// 401: the signature is missing, not alone, or not that of the body.
    Unauthorized(Error),
    /// 400: the signature is right and the body is no message of the service.
    Undecodable(Error),
    /// 400: the body did not arrive as a whole.
    BrokenOff,
    /// 408: the body did not arrive [in time](WebhookReceiver::body_timeout).
    TooSlow,
    /// 413: the body is longer than the [limit](WebhookReceiver::body_limit).
    TooLarge,
    /// 503: too many deliveries, or too large ones, wait for the handler already.
    QueueFull,
}

impl WebhookRejection {
    /// The status of the answer.
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
            Self::BrokenOff => f.write_str("the body broke off"),
            Self::TooSlow => f.write_str("the body did not arrive in time"),
            Self::TooLarge => f.write_str("the body is too large"),
            Self::QueueFull => f.write_str("too many deliveries wait already"),
        }
    }
}

impl std::error::Error for WebhookRejection {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            // `Display` speaks for the error, so that its cause is the next in the chain.
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
    async fn answer(&self, request: Request) -> Result<(), WebhookRejection> {
        let (delivery, bytes) = self.receiver.read(request).await.inspect_err(|rejection| {
            tracing::warn!(
                status = rejection.status().as_u16(),
                reason = format_args!("{rejection:#}"),
                "a webhook was refused"
            );
        })?;
        self.queue.push(delivery, bytes).map_err(|Full| {
            tracing::warn!("a webhook was turned away: the handler does not keep up and the queue is full");
            WebhookRejection::QueueFull
        })
    }
}
