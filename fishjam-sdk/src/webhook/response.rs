//! The responses to deliveries, as `http` types.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{
    HeaderValue, Response, StatusCode,
    header::{ALLOW, CONTENT_TYPE},
};
use http_body::{Body, Frame, SizeHint};

use super::{handler::Outcome, rejection::WebhookRejection};

/// The body of a [`WebhookService`](super::WebhookService)'s response: empty, or one line of text.
#[derive(Debug, Default)]
pub struct WebhookBody(Bytes);

impl Body for WebhookBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let whole = std::mem::take(&mut self.0);
        Poll::Ready(if whole.is_empty() { None } else { Some(Ok(Frame::data(whole))) })
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(u64::try_from(self.0.len()).unwrap_or(u64::MAX))
    }
}

/// The result of a request.
#[derive(Debug)]
pub(super) enum Reply {
    /// The handler has finished, or the queue has accepted the delivery.
    Accepted,
    Rejected(WebhookRejection),
    MethodNotAllowed,
    QueueFull,
    /// The handler has not finished in time.
    TimedOut,
    /// The handler has ended without success.
    Unhandled(Outcome),
    /// The service was called outside of a Tokio runtime.
    NoRuntime,
}

impl Reply {
    /// Logs a failure that is not logged yet.
    pub(super) fn log(&self) {
        match self {
            // The failures of the handler are logged where they happen.
            Self::Accepted | Self::MethodNotAllowed | Self::Unhandled(_) => {}
            Self::Rejected(rejection) => {
                let reason = format_args!("{rejection:#}");
                tracing::warn!(status = rejection.status(), reason, "webhook rejected");
            }
            Self::QueueFull => tracing::warn!(status = 503, "webhook rejected: handler queue is full"),
            Self::TimedOut => {
                tracing::warn!(status = 503, "webhook handler exceeds the response timeout; it continues")
            }
            Self::NoRuntime => tracing::error!("webhook rejected: the service requires a Tokio runtime"),
        }
    }

    pub(super) fn into_response(self) -> Response<WebhookBody> {
        let (status, text) = match self {
            Self::Accepted | Self::Unhandled(Outcome::Handled) => (StatusCode::OK, String::new()),
            Self::Rejected(rejection) => {
                let status = StatusCode::from_u16(rejection.status()).unwrap_or(StatusCode::BAD_REQUEST);
                (status, rejection.to_string())
            }
            Self::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, String::new()),
            Self::QueueFull => (StatusCode::SERVICE_UNAVAILABLE, "the handler queue is full".to_owned()),
            Self::TimedOut => (StatusCode::SERVICE_UNAVAILABLE, "the handler has not finished in time".to_owned()),
            Self::Unhandled(Outcome::Failed) => (StatusCode::SERVICE_UNAVAILABLE, "the handler failed".to_owned()),
            Self::Unhandled(Outcome::Aborted) => {
                (StatusCode::SERVICE_UNAVAILABLE, "the handler was stopped".to_owned())
            }
            Self::Unhandled(Outcome::Panicked) => {
                (StatusCode::INTERNAL_SERVER_ERROR, "the handler panicked".to_owned())
            }
            Self::NoRuntime => (StatusCode::INTERNAL_SERVER_ERROR, "no Tokio runtime".to_owned()),
        };
        let is_empty = text.is_empty();
        let mut response = Response::new(WebhookBody(text.into()));
        *response.status_mut() = status;
        if !is_empty {
            let text = HeaderValue::from_static("text/plain; charset=utf-8");
            response.headers_mut().insert(CONTENT_TYPE, text);
        }
        if status == StatusCode::METHOD_NOT_ALLOWED {
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
        }
        response
    }
}
