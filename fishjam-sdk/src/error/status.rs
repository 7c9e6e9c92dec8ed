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
    /// The table at [`ErrorKind`] lists the statuses. These are the reasons for the less obvious ones:
    ///
    /// - **400**: in a handler, arguments usually come from its client. If your code chose the value, respond with 500.
    /// - **404**: handlers usually pass an id from their client. A call without an id, such as `create_room`, is a 502,
    ///   because your Fishjam id or URL is wrong.
    /// - **502 for a wrong token**: the client cannot fix the token of your backend.
    /// - **503 for a used-up quota**: the plan is yours, and the client owes nothing.
    /// - **503 for a rate limit**: the limit counts the requests of all your clients. The client of this
    ///   request may have sent only one.
    /// - **503 for a closed socket**: your backend shuts down, or it lost its connection to Fishjam.
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

    /// Each kind, in the order of their definition.
    const STATUSES: [(ErrorKind, u16); 18] = [
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
    ];

    #[test]
    fn documented_table_has_each_kind_with_its_status() {
        let row = |line: &str| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            let (name, target) = cells[0].trim_matches(['[', ')']).split_once("](Self::").unwrap();
            assert_eq!(name, format!("`{target}`"));
            (target.to_owned(), cells[2][..3].parse::<u16>().unwrap())
        };
        let documented: Vec<_> = include_str!("kinds.md").lines().skip(2).map(row).collect();
        let actual = |(kind, _): &(ErrorKind, u16)| (format!("{kind:?}"), Error::new(*kind).suggested_status());
        assert_eq!(documented, STATUSES.iter().map(actual).collect::<Vec<_>>());
    }

    #[test]
    fn suggested_status_never_blames_the_client_for_our_token() {
        for (index, (kind, status)) in STATUSES.into_iter().enumerate() {
            assert_eq!(kind as usize, index, "STATUSES lacks a kind before {kind:?}");
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
