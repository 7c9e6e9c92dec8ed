//! Reading answers: all of a success, the beginning of anything else, and never more than a limit.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::time::{Instant, timeout_at};

use crate::error::{Error, ErrorKind};

/// How long the body of an error is waited for.
const PATIENCE: Duration = Duration::from_secs(2);

/// Why a body was not read to its end.
pub(super) enum Broken {
    /// The connection broke or was too slow.
    Connection(reqwest::Error),
    /// There is more than the limit allows.
    TooLarge(Error),
}

impl From<reqwest::Error> for Broken {
    fn from(error: reqwest::Error) -> Self {
        Self::Connection(error)
    }
}

/// The whole body.
pub(super) async fn whole(response: &mut reqwest::Response, limit: usize) -> Result<Bytes, Broken> {
    let status = response.status().as_u16();
    let too_large = || {
        let message = format!("the answer is larger than the limit of {limit} bytes");
        Broken::TooLarge(Error::new(ErrorKind::Decode).status_code(status).message_text(message))
    };
    if response.content_length().is_some_and(|length| length > limit as u64) {
        return Err(too_large());
    }
    let Some(first) = response.chunk().await? else { return Ok(Bytes::new()) };
    let Some(second) = response.chunk().await? else {
        // Most answers come in one piece, which need not be copied.
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

/// The beginning of a body, as far as it can be read: an error's status counts, whatever happens to its body. One that
/// does not come must not cost the time in which the request could be sent again.
pub(super) async fn start(response: &mut reqwest::Response, limit: usize) -> Bytes {
    let deadline = Instant::now() + PATIENCE;
    let mut body = BytesMut::new();
    while body.len() < limit {
        match timeout_at(deadline, response.chunk()).await {
            Ok(Ok(Some(chunk))) => body.extend_from_slice(&chunk[..chunk.len().min(limit - body.len())]),
            Ok(Ok(None) | Err(_)) | Err(_) => break,
        }
    }
    body.freeze()
}
