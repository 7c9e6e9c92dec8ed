//! One delivery: its signature and its attempts.

use std::error::Error as _;

use axum::{
    body::Body,
    http::{Request, Uri},
};
use bytes::Bytes;
use hmac::{Hmac, Mac};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use sha2::Sha256;
use tokio::time::{sleep, timeout};

use super::{
    Shared, WebhookDelivery,
    policy::{Attempt, Policy},
};
use crate::lock::lock;

const SIGNATURE: &str = "x-fishjam-signature-256";
const CONTENT_TYPE: &str = "application/x-protobuf";

/// The part of a response that is read, so that its connection can be reused.
const RESPONSE_LIMIT: usize = 65_536;

/// The lifetime of an idle connection. It is shorter than that of known receivers.
const IDLE: std::time::Duration = std::time::Duration::from_secs(1);

/// An HTTP client without TLS.
pub(super) struct Sender(Client<HttpConnector, Body>);

impl Sender {
    pub(super) fn new() -> Self {
        let mut builder = Client::builder(TokioExecutor::new());
        Sender(builder.pool_timer(TokioTimer::new()).pool_idle_timeout(IDLE).build_http())
    }

    async fn post(&self, url: &str, body: Bytes, signature: Option<&str>, policy: &Policy) -> Attempt {
        let url = match Uri::try_from(url) {
            Ok(url) if url.scheme_str() == Some("http") => url,
            Ok(_) => return Attempt::Impossible("the emulator delivers to http only".to_owned()),
            Err(error) => return Attempt::Impossible(error.to_string()),
        };
        let mut request = Request::post(url).header("content-type", CONTENT_TYPE);
        if let Some(signature) = signature {
            request = request.header(SIGNATURE, signature);
        }
        if let Some(user_agent) = policy.user_agent {
            request = request.header("user-agent", user_agent);
        }
        let request = match request.body(Body::from(body)) {
            Ok(request) => request,
            Err(error) => return Attempt::Impossible(error.to_string()),
        };
        match self.0.request(request).await {
            Ok(response) => {
                let status = response.status().as_u16();
                // Only the status matters.
                let _ = axum::body::to_bytes(Body::new(response.into_body()), RESPONSE_LIMIT).await;
                Attempt::Response(status)
            }
            Err(error) => {
                let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
                Attempt::Failed(format!("{error}{cause}"))
            }
        }
    }
}

/// Returns the value of the signature header, over the raw body.
fn sign(secret: &str, body: &[u8]) -> Option<String> {
    // HMAC accepts a key of any length.
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(body);
    let digits: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    Some(format!("sha256={digits}"))
}

impl Shared {
    /// Delivers one body, with all its attempts.
    pub(super) async fn deliver(&self, url: String, room: Option<String>, body: Bytes) {
        let signature = lock(&self.secret).as_deref().and_then(|secret| sign(secret, &body));
        let number = {
            let delivery = WebhookDelivery {
                url: url.clone(),
                room,
                body: body.clone(),
                signature: signature.clone(),
                attempts: 0,
                status: None,
                error: None,
                settled: false,
            };
            let size = size_of::<WebhookDelivery>() + url.len() + body.len();
            let mut deliveries = lock(&self.deliveries);
            deliveries.count += 1;
            deliveries.log.push(delivery, size)
        };
        let mut attempts = 0;
        loop {
            let post = self.sender.post(&url, body.clone(), signature.as_deref(), &self.policy);
            let attempt = timeout(self.policy.timeout, post);
            let attempt =
                attempt.await.unwrap_or_else(|_| Attempt::Failed("no response within the timeout".to_owned()));
            attempts += 1;
            let wait = self.policy.wait(attempts, &attempt);
            self.record_attempt(number, attempts, attempt, wait.is_none());
            match wait {
                Some(wait) => sleep(wait).await,
                None => return,
            }
        }
    }

    fn record_attempt(&self, number: u64, attempts: u32, attempt: Attempt, settled: bool) {
        if let Some(delivery) = lock(&self.deliveries).log.get_mut(number) {
            delivery.attempts = attempts;
            delivery.settled = settled;
            (delivery.status, delivery.error) = match attempt {
                Attempt::Response(status) => (Some(status), None),
                Attempt::Failed(error) | Attempt::Impossible(error) => (None, Some(error)),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures() {
        // RFC 4231, test case 2; then a key that is longer than a block.
        let expected = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(sign("Jefe", b"what do ya want for nothing?").as_deref(), Some(expected));
        // Python: hmac.new(b"\xc5\xbc" * 80, b"", "sha256").hexdigest()
        let long = "\u{17c}".repeat(80);
        let expected = "sha256=5ec84141bd5db0c4f0958391166d4dc88a802a5bcb1e348029e2645ef1751467";
        assert_eq!(sign(&long, b"").as_deref(), Some(expected));
    }
}
