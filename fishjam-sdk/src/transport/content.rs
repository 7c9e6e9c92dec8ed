//! Streams the files in responses.

use std::{
    fmt,
    future::{Future, ready},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use fishjam_api::{ApiClient, RequestResult};
use futures_core::Stream;
use futures_util::{StreamExt, stream};
use http::header;
use tokio::time::Sleep;

use super::{
    Operation, Transport,
    context::{ClientContext, Limits},
    http::{HttpClient, timed_out},
    proxy::ProxyServer,
    response::{ApiResponse, unexpected_coding},
};
use crate::error::{Error, ErrorKind, Result};

type Body = Pin<Box<dyn Stream<Item = Result<Bytes>> + Send + Sync>>;

/// A file that the server is sending.
///
/// This type is a [`Stream`] of the file's bytes, in pieces of any size. [`bytes`](Self::bytes) collects them. The time
/// limit for each piece is the `request_timeout`. After an error, the stream ends. Dropping the value ends the transfer.
///
/// For an example, see `JellyfishClient::get_hls_content`.
pub struct Content {
    status: u16,
    content_type: Option<String>,
    length: Option<u64>,
    body: Option<Body>,
    /// Whether the timer for the next piece runs.
    waiting: bool,
    timer: Pin<Box<Sleep>>,
    timeout: Duration,
    limit: usize,
    operation: Operation,
    /// The proxy of the connection.
    proxy: Option<ProxyServer>,
}

impl Content {
    fn new(response: ApiResponse, operation: Operation, context: &ClientContext, limits: &Limits) -> Self {
        let text = |name| response.headers.get(name)?.to_str().ok();
        let timeout = limits.timeout;
        let proxy = response.file.as_ref().and_then(|response| context.http.proxy(response.url()).ok().flatten());
        Self {
            status: response.status.as_u16(),
            content_type: text(header::CONTENT_TYPE).map(str::to_owned),
            length: text(header::CONTENT_LENGTH).and_then(|length| length.parse().ok()),
            body: response.file.map(|response| pieces(response, context.http.clone())),
            waiting: false,
            timer: Box::pin(tokio::time::sleep(timeout)),
            timeout,
            limit: limits.max_response,
            operation,
            proxy: proxy.cloned(),
        }
    }

    /// Returns the content type of the file, if the server sent one.
    ///
    /// A Jellyfish server sends it only for playlists. The content type of a playlist is
    /// `application/vnd.apple.mpegurl`.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    /// Returns the length of the content in bytes, if the server sent it.
    #[must_use]
    pub fn content_length(&self) -> Option<u64> {
        self.length
    }

    /// Returns `true` if the content is only the requested range of the file.
    ///
    /// A Jellyfish server always sends the whole file. A proxy or a cache in front of it can send the range.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.status == 206
    }

    /// Collects the rest of the file.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the rest is larger than `max_response_bytes`: [`TooLarge`](ErrorKind::TooLarge)
    /// - the connection breaks: [`Connection`](ErrorKind::Connection)
    /// - a piece does not arrive within the `request_timeout`: [`Timeout`](ErrorKind::Timeout)
    ///
    /// # Cancel safety
    ///
    /// This method is not cancel safe. If you drop the future, the transfer ends and the received bytes are lost.
    pub async fn bytes(mut self) -> Result<Bytes> {
        let mut whole = BytesMut::new();
        while let Some(piece) = self.next().await {
            let piece = piece?;
            if piece.len() > self.limit.saturating_sub(whole.len()) {
                let message =
                    format!("the file is larger than the limit of {} bytes; see `max_response_bytes`", self.limit);
                return Err(self.failed(Error::new(ErrorKind::TooLarge).message_text(message)));
            }
            whole.extend_from_slice(&piece);
        }
        Ok(whole.freeze())
    }

    fn failed(&self, error: Error) -> Error {
        self.operation.failed(error.status_code(self.status))
    }
}

/// Returns the body of a response in pieces.
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
                // The timer starts when the reader polls, so a slow reader does not run into the limit.
                if !std::mem::replace(&mut this.waiting, true) {
                    this.timer.as_mut().reset(tokio::time::Instant::now() + this.timeout);
                }
                if this.timer.as_mut().poll(cx).is_pending() {
                    return Poll::Pending;
                }
                timed_out(this.proxy.as_ref()).message_text("the next piece of the file did not arrive in time")
            }
        };
        this.body = None;
        Poll::Ready(Some(Err(this.failed(error))))
    }
}

/// Prints no content of the file.
impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Content")
            .field("content_type", &self.content_type)
            .field("content_length", &self.length)
            .finish_non_exhaustive()
    }
}

impl<C: ApiClient> Transport<C> {
    /// Calls an operation that returns a file. Returns when the file starts to arrive.
    pub(crate) async fn open(
        &self,
        operation: Operation,
        request: impl Fn(&C) -> RequestResult<Bytes> + Sync,
    ) -> Result<Content> {
        let content = |response: ApiResponse| match unexpected_coding(&response.headers, &[self.context.token.expose()])
        {
            Some(message) => {
                Err(Error::new(ErrorKind::Decode).status_code(response.status.as_u16()).message_text(message))
            }
            None => Ok(Content::new(response, operation, &self.context, &self.settings.limits)),
        };
        self.attempts(operation, &[], &|| self.build(&request)).run_decoded(|response| ready(content(response))).await
    }
}
