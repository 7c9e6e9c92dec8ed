//! The same handler behind each kind of endpoint: for Fishjam and for Jellyfish, as an axum route and as a tower service.

use std::{pin::Pin, sync::Arc};

use axum::{Router, body::Body, routing::MethodRouter};
use fishjam_sdk::{
    jellyfish,
    webhook::{
        SIGNATURE_HEADER, WebhookBody, WebhookOptions, WebhookQueue, WebhookReceiver, WebhookService, sign_webhook,
    },
};
use http::{Request, Response};
use tower_service::Service;

use crate::{SECRET, server::Server};

type Call = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;

/// A handler that receives the line of each notification.
#[derive(Clone)]
pub(crate) struct Handler(Arc<dyn Fn(String) -> Call + Send + Sync>);

impl Handler {
    pub(crate) fn new<F>(handle: impl Fn(String) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), String>> + Send + 'static,
    {
        Self(Arc::new(move |line| Box::pin(handle(line))))
    }

    fn of<N: ToString>(&self) -> impl Fn(N) -> Call + Send + Sync + 'static {
        let handle = Arc::clone(&self.0);
        move |notification: N| handle(notification.to_string())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sender {
    Fishjam,
    Jellyfish,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Route,
    Service,
}

/// Every combination of the conformance suite.
pub(crate) const KINDS: [(Sender, Form); 4] = [
    (Sender::Fishjam, Form::Route),
    (Sender::Fishjam, Form::Service),
    (Sender::Jellyfish, Form::Route),
    (Sender::Jellyfish, Form::Service),
];

/// An endpoint that a test calls without a socket.
#[derive(Clone)]
pub(crate) enum Target {
    Route(Router),
    Fishjam(WebhookService),
    Jellyfish(WebhookService<jellyfish::events::Notification>),
}

fn app(route: MethodRouter) -> Router {
    Router::new().route("/fishjam", route)
}

impl Target {
    /// Creates an endpoint that responds after the handler.
    pub(crate) fn new(kind: (Sender, Form), options: WebhookOptions, handler: &Handler) -> anyhow::Result<Self> {
        Ok(match kind {
            (Sender::Fishjam, form) => {
                let receiver = WebhookReceiver::with_options([SECRET], options)?;
                match form {
                    Form::Route => Self::Route(app(receiver.into_axum_route(handler.of()))),
                    Form::Service => Self::Fishjam(receiver.into_service(handler.of())),
                }
            }
            (Sender::Jellyfish, form) => {
                let receiver = jellyfish::webhook::WebhookReceiver::with_options(options)?;
                match form {
                    Form::Route => Self::Route(app(receiver.into_axum_route(handler.of()))),
                    Form::Service => Self::Jellyfish(receiver.into_service(handler.of())),
                }
            }
        })
    }

    /// Creates an endpoint that responds immediately.
    pub(crate) fn queued(
        kind: (Sender, Form),
        options: WebhookOptions,
        handler: &Handler,
    ) -> anyhow::Result<(Self, WebhookQueue)> {
        Ok(match kind {
            (Sender::Fishjam, form) => {
                let receiver = WebhookReceiver::with_options([SECRET], options)?;
                let (service, queue) = receiver.into_queued_service(handler.of());
                match form {
                    Form::Route => (Self::Route(app(service.into_axum_route())), queue),
                    Form::Service => (Self::Fishjam(service), queue),
                }
            }
            (Sender::Jellyfish, form) => {
                let receiver = jellyfish::webhook::WebhookReceiver::with_options(options)?;
                let (service, queue) = receiver.into_queued_service(handler.of());
                match form {
                    Form::Route => (Self::Route(app(service.into_axum_route())), queue),
                    Form::Service => (Self::Jellyfish(service), queue),
                }
            }
        })
    }

    /// Serves the endpoint on a port: a route with axum, a service with hyper.
    pub(crate) async fn serve(self) -> anyhow::Result<Server> {
        match self {
            Self::Route(app) => Server::start(app).await,
            Self::Fishjam(service) => Server::hyper(service).await,
            Self::Jellyfish(service) => Server::hyper(service).await,
        }
    }

    /// Sends a request to the endpoint. Returns the status and the text of the response.
    pub(crate) async fn call(&self, request: Request<Body>) -> anyhow::Result<(u16, String)> {
        let response = match self.clone() {
            Self::Route(mut app) => app.call(request).await?,
            Self::Fishjam(mut service) => service.call(request).await?.map(Body::new),
            Self::Jellyfish(mut service) => service.call(request).await?.map(Body::new),
        };
        let status = response.status().as_u16();
        let text = axum::body::to_bytes(response.into_body(), usize::MAX).await?;
        Ok((status, String::from_utf8(text.to_vec())?))
    }

    /// Delivers a body with its signature. Returns the status.
    pub(crate) async fn deliver(&self, body: Vec<u8>) -> anyhow::Result<u16> {
        let request = Request::post("/fishjam").header(SIGNATURE_HEADER, sign_webhook(&body, SECRET));
        Ok(self.call(request.body(Body::from(body))?).await?.0)
    }
}

/// The service's response has a body that servers accept.
const _: fn(Response<WebhookBody>) -> Response<Body> = |response| response.map(Body::new);
