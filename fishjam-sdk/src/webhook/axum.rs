//! Webhooks in an axum application: a route and an extractor, on top of the service.

use std::future::Future;

use axum::{
    extract::{FromRef, FromRequest, Request},
    response::{IntoResponse, Response},
    routing::{MethodRouter, post_service},
};

use super::{
    WebhookReceiver, handler::WebhookOutcome, rejection::WebhookRejection, request::read, response::Reply,
    service::WebhookService,
};
use crate::events::Notification;

impl<N: Send + 'static> WebhookService<N> {
    /// Converts the service into a route for `POST` requests.
    ///
    /// ```
    /// use fishjam_sdk::{events::Notification, webhook::WebhookReceiver};
    ///
    /// let receiver = WebhookReceiver::new(["a-secret"])?;
    /// let (service, queue) = receiver.into_queued_service(|n: Notification| async move { println!("{n}") });
    /// let app: axum::Router = axum::Router::new().route("/fishjam", service.into_axum_route());
    /// # Ok::<(), fishjam_sdk::Error>(())
    /// ```
    pub fn into_axum_route<S>(self) -> MethodRouter<S>
    where
        S: Clone + Send + Sync + 'static,
    {
        post_service(self)
    }
}

impl WebhookReceiver {
    /// Converts the receiver into a route that responds after the handler.
    ///
    /// This is [`into_service`](Self::into_service) as a route. To respond before the handler, use
    /// [`into_queued_service`](Self::into_queued_service) and [`WebhookService::into_axum_route`].
    ///
    /// ```
    /// use fishjam_sdk::{events::Notification, webhook::WebhookReceiver};
    ///
    /// let receiver = WebhookReceiver::new(["a-secret"])?;
    /// let route = receiver.into_axum_route(|n: Notification| async move { println!("{n}") });
    /// let app: axum::Router = axum::Router::new().route("/fishjam", route);
    /// # Ok::<(), fishjam_sdk::Error>(())
    /// ```
    pub fn into_axum_route<S, H, F>(self, handler: H) -> MethodRouter<S>
    where
        S: Clone + Send + Sync + 'static,
        H: Fn(Notification) -> F + Send + Sync + 'static,
        F: Future + Send + 'static,
        F::Output: WebhookOutcome,
    {
        self.into_service(handler).into_axum_route()
    }
}

/// An axum extractor for the notifications of a verified delivery.
///
/// It requires a [`WebhookReceiver`] in the application's state. It responds to rejected deliveries itself; see
/// [`WebhookRejection`]. Your handler chooses the response to an accepted delivery. Unlike the route, the extractor does not
/// order deliveries.
///
/// axum drops your handler if the client disconnects. To run code to its end, spawn a task.
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
        let WebhookReceiver { secrets, options } = WebhookReceiver::from_ref(state);
        let (notifications, _) = read(&WebhookReceiver::format(secrets), &options, request).await?;
        Ok(Self(notifications))
    }
}

impl IntoResponse for WebhookRejection {
    fn into_response(self) -> Response {
        Reply::Rejected(self).into_response().into_response()
    }
}
