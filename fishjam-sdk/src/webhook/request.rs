//! Reads a delivery from a request of any server: signature, body, notifications.

use std::{future::poll_fn, pin::pin};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use futures_util::FutureExt;
use http::Request;
use http_body::Body;
use tokio::time::timeout;

use super::{
    options::WebhookOptions,
    rejection::WebhookRejection,
    signature::{SIGNATURE_HEADER, Secrets, Signature},
};
use crate::error::Result;

/// The way to read the deliveries of a server.
pub(super) struct Format<N> {
    /// The secrets of the signatures, or `None` if the server does not sign.
    pub(super) secrets: Option<Secrets>,
    pub(super) decode: fn(&[u8]) -> Result<Vec<N>>,
}

/// Reads, verifies and decodes a delivery. Also returns the size of its body.
pub(super) async fn read<N, B: Body>(
    format: &Format<N>,
    options: &WebhookOptions,
    request: Request<B>,
) -> Result<(Vec<N>, usize), WebhookRejection> {
    let (head, body) = request.into_parts();
    // A request without a signature must not use memory for its body.
    let signed = match &format.secrets {
        Some(secrets) => {
            let values = head.headers.get_all(SIGNATURE_HEADER).iter().map(AsRef::as_ref);
            Some((secrets, Signature::claimed(values).map_err(WebhookRejection::Unauthorized)?))
        }
        None => None,
    };
    let mut body = pin!(read_body(body, options.max_body()));
    // Most bodies have arrived with the headers. They need no timer.
    let body = match body.as_mut().now_or_never() {
        Some(body) => body,
        None => timeout(options.max_body_time(), body).await.unwrap_or(Err(WebhookRejection::TooSlow)),
    }?;
    if let Some((secrets, signature)) = signed {
        secrets.verify(&signature, &body).map_err(WebhookRejection::Unauthorized)?;
    }
    let notifications = (format.decode)(&body).map_err(WebhookRejection::Undecodable)?;
    Ok((notifications, body.len()))
}

/// Returns the body, or an error if it exceeds the limit.
async fn read_body<B: Body>(body: B, limit: usize) -> Result<Bytes, WebhookRejection> {
    // A body whose announced length is too large is not read at all.
    if usize::try_from(body.size_hint().lower()).ok().is_none_or(|length| length > limit) {
        return Err(WebhookRejection::TooLarge);
    }
    let mut body = pin!(body);
    // Most bodies have one part, which is not copied.
    let (mut first, mut whole) = (Bytes::new(), BytesMut::new());
    while let Some(frame) = poll_fn(|context| body.as_mut().poll_frame(context)).await {
        // Trailers do not belong to the message.
        let Ok(mut part) = frame.map_err(|_| WebhookRejection::BrokenOff)?.into_data() else { continue };
        if part.remaining() > limit.saturating_sub(first.len().max(whole.len())) {
            return Err(WebhookRejection::TooLarge);
        }
        if first.is_empty() {
            first = part.copy_to_bytes(part.remaining());
            continue;
        }
        if whole.is_empty() {
            whole.put_slice(&first);
        }
        whole.put(part);
    }
    Ok(if whole.is_empty() { first } else { whole.freeze() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn body_with_one_part_is_not_copied() {
        let body = "a body".to_owned();
        let start = body.as_ptr();
        assert_eq!(read_body(body, 6).await.unwrap().as_ptr(), start);
    }
}
