//! The delivery of a response: complete, in part, slowly, replaced or never.

use std::{io, time::Duration};

use axum::{
    body::Body,
    http::{HeaderValue, Response, header::CONTENT_LENGTH},
};
use bytes::Bytes;
use futures_util::stream;

use crate::http::connection::ConnectionHandle;

/// The delivery of a response.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Delivery {
    #[default]
    Whole,
    /// Sends the headers, and then ends the connection.
    Headers,
    /// Sends the headers and half of the body, and then ends the connection.
    HalfBody,
    /// Sends this number of bytes of the body at a time, with a pause after each.
    Drip { bytes: usize, pause: Duration },
    /// Ends the connection.
    Nothing,
    /// Sends these bytes, and then ends the connection.
    Garbage(Bytes),
    /// Sends nothing and keeps the connection open.
    Never,
}

impl Delivery {
    /// Returns `true` if the client receives at least the beginning of an HTTP response.
    pub(crate) fn has_response(&self) -> bool {
        !matches!(self, Delivery::Nothing | Delivery::Garbage(_) | Delivery::Never)
    }

    /// Adds the body to a response. The `content-length` is the length of the complete body.
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

/// Creates a body that ends too early, together with its connection.
fn broken(sent: Bytes, connection: Option<ConnectionHandle>) -> Body {
    enum DeliveryStep {
        Send(Bytes),
        Break,
    }
    let steps = stream::unfold(DeliveryStep::Send(sent), move |next| {
        let connection = connection.clone();
        async move {
            match next {
                DeliveryStep::Send(bytes) if !bytes.is_empty() => Some((Ok(bytes), DeliveryStep::Break)),
                DeliveryStep::Send(_) | DeliveryStep::Break => {
                    // While this body waits, the server writes the first bytes.
                    tokio::task::yield_now().await;
                    if let Some(connection) = connection {
                        connection.cut();
                    }
                    Some((Err(io::Error::from(io::ErrorKind::ConnectionAborted)), DeliveryStep::Break))
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
