//! Errors as responses of an axum application.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::Error;

/// The response of a handler that fails with an SDK error (feature `axum`).
///
/// The response has the status [`suggested_status`](Error::suggested_status), and the header `Retry-After` if
/// [`retry_after`](Error::retry_after) returns a wait. Its body is JSON that contains only the meaning of the status, such
/// as `{"error":"not found"}`. It contains no message of the server, no id and no URL, because these can be internal.
///
/// The conversion logs the error: at level WARN for a status of 500 or above, and at level DEBUG for other statuses. The
/// response also has the error as an extension, so that a middleware can read it. To choose another status or body, convert
/// the error to your own type.
///
/// Do not return errors of [`WebhookReceiver::receive`](crate::webhook::WebhookReceiver::receive) in this way. Webhooks have
/// other statuses.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> anyhow::Result<()> {
/// # let emulator = fishjam_emulator::Emulator::start().await?;
/// use axum::{Router, extract::{Path, State}, routing::post};
/// use fishjam_sdk::{FishjamClient, PeerOptions, Result};
///
/// /// Responds with 404 if there is no such room, and with 409 if it is full.
/// async fn join(State(fishjam): State<FishjamClient>, Path(room): Path<String>) -> Result<String> {
///     let (_, token) = fishjam.create_peer(room, PeerOptions::new()).await?;
///     Ok(token.expose().to_owned())
/// }
///
/// let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
/// let app: Router = Router::new().route("/rooms/{room}/join", post(join)).with_state(fishjam);
/// # let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
/// # drop(axum::serve(listener, app));
/// # Ok(())
/// # }
/// ```
impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.suggested_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let error = format_args!("{self:#}");
        if status.is_server_error() {
            tracing::warn!(status = status.as_u16(), error, "handler failed");
        } else {
            tracing::debug!(status = status.as_u16(), error, "handler failed");
        }
        let meaning = status.canonical_reason().unwrap_or_default().to_lowercase();
        let mut response = (status, format!(r#"{{"error":"{meaning}"}}"#)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(seconds) = self.retry_after_seconds() {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn response_has_status_wait_and_error_as_extension() {
        for (kind, wait, status, retry_after) in [
            (ErrorKind::NotFound, None, 404, None),
            (ErrorKind::RateLimited, Some(1500), 503, Some("2")),
            (ErrorKind::Unauthorized, None, 502, None),
        ] {
            let error = Error::new(kind).retry_in(wait.map(Duration::from_millis));
            let response = error.into_response();
            assert_eq!(response.status(), status);
            let header = response.headers().get(header::RETRY_AFTER);
            assert_eq!(header.map(|value| value.to_str().unwrap()), retry_after, "{kind:?}");
            assert_eq!(response.headers()[header::CONTENT_TYPE], "application/json");
            assert_eq!(response.extensions().get::<Error>().unwrap().kind(), kind);
        }
    }
}
