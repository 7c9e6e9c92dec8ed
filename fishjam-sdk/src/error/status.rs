//! The status with which a backend responds to its own client after an error.

use std::time::Duration;

use super::{Error, ErrorKind};

/// Operations whose requests name no object. Their 404 comes from another server, or from a wrong Fishjam id.
const WITHOUT_OBJECT: [&str; 8] = [
    "create_moq_access",
    "create_room",
    "create_stream",
    "get_all_rooms",
    "get_all_streams",
    "get_recordings",
    "healthcheck",
    "list_recordings",
];

impl Error {
    /// Returns the HTTP status with which your backend can respond to its own client.
    ///
    /// Do not forward [`status`](Self::status), which is the server's response to your backend. For example, a 401 from
    /// Fishjam means that your management token is wrong. In a browser, it would look as if the user had to log in.
    ///
    /// | kind | status | reason |
    /// |---|---|---|
    /// | [`InvalidInput`](ErrorKind::InvalidInput), [`BadRequest`](ErrorKind::BadRequest) | 400 | The SDK or Fishjam rejected an argument. In a handler, arguments usually come from its client. If a value is your own constant, respond with 500 instead. |
    /// | [`NotFound`](ErrorKind::NotFound) | 404 | Handlers usually pass an id from their client. A call without an id, such as `create_room`, is a 502: your Fishjam id or URL is wrong. |
    /// | [`Conflict`](ErrorKind::Conflict) | 409 | For example, the room is full. |
    /// | [`Setup`](ErrorKind::Setup) | 500 | The environment of your backend is not usable. |
    /// | [`Unauthorized`](ErrorKind::Unauthorized), [`InvalidCredentials`](ErrorKind::InvalidCredentials) | 502 | Your token is wrong. The client cannot fix it. |
    /// | [`Server`](ErrorKind::Server), [`UnexpectedStatus`](ErrorKind::UnexpectedStatus), [`Decode`](ErrorKind::Decode), [`TooLarge`](ErrorKind::TooLarge), [`WebSocket`](ErrorKind::WebSocket), [`Connection`](ErrorKind::Connection) | 502 | Fishjam sent no usable response. |
    /// | [`QuotaExceeded`](ErrorKind::QuotaExceeded) | 503 | Your plan is used up, and the client owes nothing. |
    /// | [`RateLimited`](ErrorKind::RateLimited) | 503 | The limit counts the requests of all your clients. A 429 would blame this one. |
    /// | [`ServiceUnavailable`](ErrorKind::ServiceUnavailable), [`Closed`](ErrorKind::Closed) | 503 | Fishjam is unavailable, or your backend shuts down. |
    /// | [`Timeout`](ErrorKind::Timeout) | 504 | Fishjam did not respond in time. |
    ///
    /// Also send the header `Retry-After` if [`retry_after`](Self::retry_after) returns a wait.
    ///
    /// This method is not for webhooks, where the server is the client. The [`webhook`](crate::webhook) module documents
    /// their statuses: a wrong signature is a 401, although its kind is also `Unauthorized`.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), "a-wrong-token")?;
    /// let error = fishjam.get_all_rooms().await.unwrap_err();
    /// assert_eq!((error.status(), error.suggested_status()), (Some(401), 502));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn suggested_status(&self) -> u16 {
        match self.kind() {
            ErrorKind::InvalidInput | ErrorKind::BadRequest => 400,
            ErrorKind::NotFound if self.operation().is_some_and(|id| WITHOUT_OBJECT.contains(&id)) => 502,
            ErrorKind::NotFound => 404,
            ErrorKind::Conflict => 409,
            ErrorKind::Setup => 500,
            ErrorKind::Unauthorized
            | ErrorKind::InvalidCredentials
            | ErrorKind::Server
            | ErrorKind::UnexpectedStatus
            | ErrorKind::Decode
            | ErrorKind::TooLarge
            | ErrorKind::WebSocket
            | ErrorKind::Connection => 502,
            ErrorKind::QuotaExceeded | ErrorKind::RateLimited | ErrorKind::ServiceUnavailable | ErrorKind::Closed => {
                503
            }
            ErrorKind::Timeout => 504,
        }
    }

    /// Returns the value of the header `Retry-After` for the backend's own response, in whole seconds.
    #[cfg_attr(not(feature = "axum"), allow(dead_code, reason = "only the response of axum needs it"))]
    pub(super) fn retry_after_seconds(&self) -> Option<u64> {
        // A shorter wait than the server's would lead to another rejection.
        let up = |wait: Duration| wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        self.retry_after().map(up)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggested_status_never_blames_the_client_for_our_token() {
        for (kind, status) in [
            (ErrorKind::BadRequest, 400),
            (ErrorKind::Unauthorized, 502),
            (ErrorKind::QuotaExceeded, 503),
            (ErrorKind::NotFound, 404),
            (ErrorKind::Conflict, 409),
            (ErrorKind::RateLimited, 503),
            (ErrorKind::ServiceUnavailable, 503),
            (ErrorKind::Server, 502),
            (ErrorKind::UnexpectedStatus, 502),
            (ErrorKind::InvalidCredentials, 502),
            (ErrorKind::InvalidInput, 400),
            (ErrorKind::Setup, 500),
            (ErrorKind::Timeout, 504),
            (ErrorKind::Connection, 502),
            (ErrorKind::Decode, 502),
            (ErrorKind::TooLarge, 502),
            (ErrorKind::WebSocket, 502),
            (ErrorKind::Closed, 503),
        ] {
            assert_eq!(Error::new(kind).suggested_status(), status, "{kind:?}");
        }
        for status in (100..=999).filter(|status| ![400, 404, 409, 422].contains(status)) {
            let error = Error::new(ErrorKind::of_status(status)).status_code(status);
            assert!((500..=504).contains(&error.suggested_status()), "{status}");
        }
    }

    #[test]
    fn not_found_without_an_object_is_not_the_fault_of_the_client() {
        for (id, status) in [("create_room", 502), ("list_recordings", 502), ("add_peer", 404), ("get_room", 404)] {
            assert_eq!(Error::new(ErrorKind::NotFound).on_call(id, id).suggested_status(), status, "{id}");
        }
    }

    #[test]
    fn retry_after_is_rounded_up() {
        for (wait, seconds) in [(0, 0), (1, 1), (999, 1), (1000, 1), (1001, 2), (86_400_000, 86_400)] {
            let error = Error::new(ErrorKind::RateLimited).retry_in(Some(Duration::from_millis(wait)));
            assert_eq!(error.retry_after_seconds(), Some(seconds), "{wait}");
        }
        assert_eq!(Error::new(ErrorKind::RateLimited).retry_after_seconds(), None);
    }
}
