//! The service that receives webhooks in any server with `http` types.

use std::{
    convert::Infallible,
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use http::{Method, Request, Response};
use http_body::Body;
use tokio::runtime::Handle;
use tower_service::Service;

use super::{
    handler::{Handler, Outcome, WebhookOutcome},
    options::WebhookOptions,
    pending::{QueueFull, WebhookQueue},
    queue::{Queue, Subject},
    request::{Format, read},
    response::{Reply, WebhookBody},
};
use crate::events::Notification;

/// The time of the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// After the handler, within the limit.
    AfterHandler,
    /// As soon as the queue has accepted the delivery.
    Immediately,
}

/// The webhooks of a server: how to read a delivery and how to order its notifications.
pub(crate) struct WebhookKind<N> {
    pub(super) format: Format<N>,
    pub(super) subject: Subject<N>,
}

/// A [`tower`](tower_service) service that receives webhooks.
///
/// `WebhookReceiver::into_service` creates it, for Fishjam and for Jellyfish. It accepts an `http::Request` with any body,
/// so that it works in hyper, axum, tonic and other servers. In axum, `Router::route_service` accepts it. In hyper, wrap it
/// into `hyper_util::service::TowerToHyperService`. The service does not look at the path.
///
/// The module's documentation lists the [responses](super#responses). The service must run on a Tokio runtime with timers.
/// It is always ready and never returns an error. Cloning is cheap; clones share one queue and one handler. After the last
/// clone is dropped, the accepted deliveries are still handled.
///
/// # Cost
///
/// The CPU time of a delivery grows with its size, and not with the number of connections, rooms or waiting deliveries. A
/// batch needs more time if consecutive notifications belong to different rooms. Memory grows with the accepted
/// deliveries, up to [`queue_capacity`](WebhookOptions::queue_capacity) and [`queue_bytes`](WebhookOptions::queue_bytes).
/// Handlers that wait need one task per room, up to [`concurrency`](WebhookOptions::concurrency).
///
/// # Cancel safety
///
/// If you drop the future before the body is complete, the delivery is dropped. Later, the handler runs to its end. Servers
/// drop the future when the client disconnects.
///
/// ```
/// use fishjam_sdk::{
///     events::Notification,
///     webhook::{SIGNATURE_HEADER, WebhookReceiver, sign_webhook},
/// };
/// use tower_service::Service;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let receiver = WebhookReceiver::new(["a-secret"])?;
/// let mut service = receiver.into_service(|n: Notification| async move { println!("{n}") });
///
/// // A server does this with each request.
/// let body = String::from("\x52\x03\x0a\x01r");
/// let signature = sign_webhook(body.as_bytes(), "a-secret");
/// let request = http::Request::post("/fishjam").header(SIGNATURE_HEADER, signature).body(body)?;
/// assert_eq!(service.call(request).await?.status(), 200);
/// # Ok(())
/// # }
/// ```
pub struct WebhookService<N = Notification> {
    endpoint: Arc<Endpoint<N>>,
}

struct Endpoint<N> {
    kind: WebhookKind<N>,
    options: WebhookOptions,
    mode: Mode,
    queue: Queue<N>,
}

impl<N: Send + 'static> WebhookService<N> {
    /// Creates a service. `options` must be valid.
    pub(crate) fn new<H, F>(kind: WebhookKind<N>, options: WebhookOptions, mode: Mode, handler: H) -> Self
    where
        H: Fn(N) -> F + Send + Sync + 'static,
        F: Future + Send + 'static,
        F::Output: WebhookOutcome,
    {
        let queue = Queue::new(Handler::new(handler), kind.subject, &options);
        Self { endpoint: Arc::new(Endpoint { kind, options, mode, queue }) }
    }

    /// Returns a handle for the deliveries whose handler has not finished.
    ///
    /// If the response waits for the handler, these are also the deliveries whose client has disconnected, and those that
    /// exceeded the [response timeout](WebhookOptions::response_timeout).
    #[must_use]
    pub fn queue(&self) -> WebhookQueue {
        WebhookQueue::new(self.endpoint.queue.pending())
    }
}

impl<N: Send + 'static> Endpoint<N> {
    async fn receive<B: Body>(&self, request: Request<B>) -> Reply {
        if request.method() != Method::POST {
            return Reply::MethodNotAllowed;
        }
        // Timers and tasks need the runtime.
        let Ok(runtime) = Handle::try_current() else { return Reply::NoRuntime };
        let (delivery, bytes) = match read(&self.kind.format, &self.options, request).await {
            Ok(delivery) => delivery,
            Err(rejection) => return Reply::Rejected(rejection),
        };
        let completion = match self.queue.push(delivery, bytes, &runtime) {
            Ok(completion) => completion,
            Err(QueueFull) => return Reply::QueueFull,
        };
        if self.mode == Mode::Immediately {
            return Reply::Accepted;
        }
        match tokio::time::timeout(self.options.max_response_time(), completion.worst()).await {
            Ok(Outcome::Handled) => Reply::Accepted,
            Ok(outcome) => Reply::Unhandled(outcome),
            Err(_) => Reply::TimedOut,
        }
    }
}

impl<N, B> Service<Request<B>> for WebhookService<N>
where
    N: Send + 'static,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Send,
{
    type Response = Response<WebhookBody>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<WebhookBody>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let endpoint = Arc::clone(&self.endpoint);
        Box::pin(async move {
            let reply = endpoint.receive(request).await;
            reply.log();
            Ok(reply.into_response())
        })
    }
}

impl<N> Clone for WebhookService<N> {
    fn clone(&self) -> Self {
        Self { endpoint: Arc::clone(&self.endpoint) }
    }
}

impl<N> fmt::Debug for WebhookService<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Endpoint { options, mode, .. } = &*self.endpoint;
        f.debug_struct("WebhookService").field("options", options).field("mode", mode).finish_non_exhaustive()
    }
}
