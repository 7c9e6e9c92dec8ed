//! Reads the bodies of responses, up to a limit.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::time::{Instant, timeout_at};

use crate::error::{Error, ErrorKind};

/// Time limit for the body of an error.
const ERROR_BODY_TIMEOUT: Duration = Duration::from_secs(2);

/// The reason why a body could not be read.
pub(super) enum BodyError {
    /// The connection broke or was too slow.
    Connection(reqwest::Error),
    /// The body is larger than the limit.
    TooLarge(Error),
}

impl From<reqwest::Error> for BodyError {
    fn from(error: reqwest::Error) -> Self {
        Self::Connection(error)
    }
}

/// Reads the whole body.
pub(super) async fn read_all(response: &mut reqwest::Response, limit: usize) -> Result<Bytes, BodyError> {
    let status = response.status().as_u16();
    let too_large = || {
        let message = format!("the response is larger than the limit of {limit} bytes; see `max_response_bytes`");
        BodyError::TooLarge(Error::new(ErrorKind::TooLarge).status_code(status).message_text(message))
    };
    if response.content_length().is_some_and(|length| length > limit as u64) {
        return Err(too_large());
    }
    let Some(first) = response.chunk().await? else { return Ok(Bytes::new()) };
    let Some(second) = response.chunk().await? else {
        // Most responses arrive in one chunk, which needs no copy.
        return if first.len() <= limit { Ok(first) } else { Err(too_large()) };
    };
    let mut body = BytesMut::with_capacity(first.len() + second.len());
    body.extend_from_slice(&first);
    body.extend_from_slice(&second);
    while body.len() <= limit {
        match response.chunk().await? {
            Some(chunk) => body.extend_from_slice(&chunk),
            None => return Ok(body.freeze()),
        }
    }
    Err(too_large())
}

/// Reads the start of the body of an error, as far as possible.
///
/// The time limit is short, because a slow body must not delay the next attempt.
pub(super) async fn read_start(response: &mut reqwest::Response, limit: usize) -> Bytes {
    let deadline = Instant::now() + ERROR_BODY_TIMEOUT;
    let mut body = BytesMut::new();
    while body.len() < limit {
        match timeout_at(deadline, response.chunk()).await {
            Ok(Ok(Some(chunk))) => body.extend_from_slice(&chunk[..chunk.len().min(limit - body.len())]),
            Ok(Ok(None) | Err(_)) | Err(_) => break,
        }
    }
    body.freeze()
}
