//! How an answer goes over the wire: whole, in part, slowly, as something else, or not at all.

use std::{io, time::Duration};

use axum::{
    body::Body,
    http::{HeaderValue, Response, header::CONTENT_LENGTH},
};
use bytes::Bytes;
use futures_util::stream;

use crate::http::connection::ConnectionHandle;

/// How an answer goes over the wire.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Delivery {
    #[default]
    Whole,
    /// The headers, and then the end of the connection.
    Headers,
    /// The headers and half of the body, and then the end of the connection.
    HalfBody,
    Drip {
        bytes: usize,
        pause: Duration,
    },
    /// The end of the connection.
    Nothing,
    /// These bytes, and then the end of the connection.
    Garbage(Bytes),
    /// Nothing, on a connection that stays open.
    Never,
}

impl Delivery {
    /// Whether there is an HTTP answer at all.
    pub(crate) fn answers(&self) -> bool {
        !matches!(self, Delivery::Nothing | Delivery::Garbage(_) | Delivery::Never)
    }

    /// Gives a response its body. The announced length is that of the whole body.
    pub(crate) fn fill(
        &self,
        mut response: Response<Body>,
        body: Bytes,
        connection: Option<ConnectionHandle>,
    ) -> Response<Body> {
        let (length, content) = match self {
            Delivery::Headers => (body.len().max(1), broken(Bytes::new(), connection)),
            Delivery::HalfBody => (body.len().max(1), broken(body.slice(..body.len() / 2), connection)),
            Delivery::Drip { bytes, pause } => (body.len(), dripping(body, *bytes, *pause)),
            _ => {
                *response.body_mut() = Body::from(body);
                return response;
            }
        };
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
        *response.body_mut() = content;
        response
    }
}

/// A body that ends, with its connection, before its time.
fn broken(sent: Bytes, connection: Option<ConnectionHandle>) -> Body {
    enum Next {
        Send(Bytes),
        Break,
    }
    let steps = stream::unfold(Next::Send(sent), move |next| {
        let connection = connection.clone();
        async move {
            match next {
                Next::Send(bytes) if !bytes.is_empty() => Some((Ok(bytes), Next::Break)),
                Next::Send(_) | Next::Break => {
                    // While this body waits, the server writes what it has.
                    tokio::task::yield_now().await;
                    if let Some(connection) = connection {
                        connection.cut();
                    }
                    Some((Err(io::Error::from(io::ErrorKind::ConnectionAborted)), Next::Break))
                }
            }
        }
    });
    Body::from_stream(steps)
}

fn dripping(body: Bytes, bytes: usize, pause: Duration) -> Body {
    let drops = stream::unfold((body, Duration::ZERO), move |(mut rest, wait)| async move {
        if rest.is_empty() {
            return None;
        }
        tokio::time::sleep(wait).await;
        let one = rest.split_to(bytes.min(rest.len()));
        Some((Ok::<_, io::Error>(one), (rest, pause)))
    });
    Body::from_stream(drops)
}
