//! Answers that are files: handed out piece by piece while they arrive, and never held whole.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use fishjam_api::{Built, Generated};
use futures_core::Stream;
use futures_util::{StreamExt, stream};
use http::header;
use tokio::time::Sleep;

use super::{
    Operation, Transport,
    context::Carrier,
    http::{HttpClient, timed_out},
    proxy::ProxyServer,
    response::{Answer, unexpected_coding},
};
use crate::error::{Error, ErrorKind, Result};

type Body = Pin<Box<dyn Stream<Item = Result<Bytes>> + Send + Sync>>;

/// A file that the server is sending.
///
/// It is a [`Stream`] of the file's bytes, in pieces of whatever size they arrive in; [`bytes`](Self::bytes) collects
/// them. An error is the stream's last item. The next piece is waited for as long as one request may take
/// (`request_timeout`). Dropping it ends the transfer.
pub struct Content {
    status: u16,
    content_type: Option<String>,
    length: Option<u64>,
    body: Option<Body>,
    /// Whether somebody is waiting for the next piece.
    waiting: bool,
    /// Rings when it is late.
    late: Pin<Box<Sleep>>,
    patience: Duration,
    limit: usize,
    operation: &'static str,
    /// The proxy that the file comes through.
    proxy: Option<ProxyServer>,
}

impl Content {
    fn new(answer: Answer, operation: Operation, carrier: &Carrier) -> Self {
        let text = |name| answer.headers.get(name)?.to_str().ok();
        let patience = carrier.limits.timeout;
        let proxy = answer.file.as_ref().and_then(|response| carrier.http.proxy(response.url()).ok().flatten());
        Self {
            status: answer.status.as_u16(),
            content_type: text(header::CONTENT_TYPE).map(str::to_owned),
            length: text(header::CONTENT_LENGTH).and_then(|length| length.parse().ok()),
            body: answer.file.map(|response| pieces(response, carrier.http.clone())),
            waiting: false,
            late: Box::pin(tokio::time::sleep(patience)),
            patience,
            limit: carrier.limits.max_response,
            operation: operation.id,
            proxy: proxy.cloned(),
        }
    }

    /// What the server says the file is, such as `application/vnd.apple.mpegurl` for a playlist; it says nothing of
    /// anything else.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    /// How many bytes are coming, if the server says so.
    #[must_use]
    pub fn content_length(&self) -> Option<u64> {
        self.length
    }

    /// Whether only the range that was asked for is coming, not the whole file.
    ///
    /// Jellyfish itself always sends the whole file; a proxy or cache in front of it may do as it was asked.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.status == 206
    }

    /// Collects what is left of the file.
    ///
    /// # Errors
    ///
    /// [`Decode`](ErrorKind::Decode) if it is larger than `max_response_bytes` allows; and whatever can break while
    /// a file is being received.
    ///
    /// Cancel safe in that dropping the future leaves nothing running; what was received is lost.
    pub async fn bytes(mut self) -> Result<Bytes> {
        let mut whole = BytesMut::new();
        while let Some(piece) = self.next().await {
            let piece = piece?;
            if piece.len() > self.limit.saturating_sub(whole.len()) {
                let message = format!("the file is larger than the limit of {} bytes", self.limit);
                return Err(self.failed(Error::new(ErrorKind::Decode).message_text(message)));
            }
            whole.extend_from_slice(&piece);
        }
        Ok(whole.freeze())
    }

    fn failed(&self, error: Error) -> Error {
        error.status_code(self.status).on_operation(self.operation)
    }
}

/// The body of a response, piece by piece.
fn pieces(response: Box<reqwest::Response>, http: HttpClient) -> Body {
    Box::pin(stream::try_unfold((response, http), async |(mut response, http)| match response.chunk().await {
        Ok(piece) => Ok(piece.map(|piece| (piece, (response, http)))),
        Err(error) => Err(http.connection_error(error.with_url(response.url().clone()))),
    }))
}

impl Stream for Content {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let Some(body) = &mut this.body else { return Poll::Ready(None) };
        let error = match body.as_mut().poll_next(cx) {
            Poll::Ready(Some(Ok(piece))) => {
                this.waiting = false;
                return Poll::Ready(Some(Ok(piece)));
            }
            Poll::Ready(Some(Err(error))) => error,
            Poll::Ready(None) => {
                this.body = None;
                return Poll::Ready(None);
            }
            Poll::Pending => {
                // A reader that took its time has not been waiting.
                if !std::mem::replace(&mut this.waiting, true) {
                    this.late.as_mut().reset(tokio::time::Instant::now() + this.patience);
                }
                if this.late.as_mut().poll(cx).is_pending() {
                    return Poll::Pending;
                }
                timed_out(this.proxy.as_ref()).message_text("the rest of the file did not come in time")
            }
        };
        this.body = None;
        Poll::Ready(Some(Err(this.failed(error))))
    }
}

/// Without a byte of the file.
impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Content")
            .field("content_type", &self.content_type)
            .field("content_length", &self.length)
            .finish_non_exhaustive()
    }
}

impl<C: Generated> Transport<C> {
    /// Makes one call whose answer is a file, and returns once the file begins to arrive.
    pub(crate) async fn open(&self, operation: Operation, call: impl Fn(&C) -> Built<Bytes> + Sync) -> Result<Content> {
        let (answer, attempts) = self.journey(operation, &[], &|| self.build(&call)).travel().await;
        let answer = answer.map_err(|error| error.on_operation(operation.id).after_attempts(attempts))?;
        if let Some(message) = unexpected_coding(&answer.headers, &[self.carrier.token.expose()]) {
            let error = Error::new(ErrorKind::Decode).status_code(answer.status.as_u16()).message_text(message);
            return Err(error.on_operation(operation.id).after_attempts(attempts));
        }
        Ok(Content::new(answer, operation, &self.carrier))
    }
}
