//! Periods without a working connection.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Deserializer, Serialize};
use tokio::time::Instant;

use super::timestamp;
use crate::{
    error::{Error, serde_form},
    json_error::read_unquoted,
};

/// A period whose events may be missing.
///
/// The server does not replay events. Read the current state again, for example with
/// [`FishjamClient::get_all_rooms`](crate::FishjamClient::get_all_rooms).
///
/// In JSON, times are RFC 3339 strings in UTC, and the reason is an object:
///
/// ```
/// use fishjam_sdk::{ErrorKind, events::Gap};
/// use serde_json::json;
///
/// let gap: Gap = serde_json::from_value(json!({
///     "from": "2026-01-31T12:00:00Z",
///     "to": "2026-01-31T12:00:01.5Z",
///     "reason": { "kind": "closed", "closeCode": 1001 },
/// }))?;
/// assert_eq!(gap.duration().as_millis(), 1500);
/// assert_eq!((gap.reason.kind(), gap.reason.close_code()), (ErrorKind::Closed, Some(1001)));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Gap {
    /// The last time at which the connection was known to work, by this machine's clock.
    #[serde(serialize_with = "timestamp::serialize")]
    pub from: SystemTime,
    /// The time at which notifications, or the audio of an agent, resumed. If a message was not readable, the time at
    /// which the SDK tried to read it.
    #[serde(serialize_with = "timestamp::serialize")]
    pub to: SystemTime,
    /// The cause of the gap.
    ///
    /// The JSON object has the values that the error's methods return, such as `kind`, `message`, `closeCode` and
    /// `closeReason`. Only `kind` is always present. `causes` are the messages of the causes.
    #[serde(serialize_with = "serde_form::serialize")]
    pub reason: Error,
}

impl Gap {
    /// Creates a gap that ends now.
    pub(crate) fn since(since: Instant, reason: Error) -> Self {
        let to = SystemTime::now();
        Self { from: to.checked_sub(since.elapsed()).unwrap_or(to), to, reason }
    }

    /// Returns the length of the gap, or zero if the clock was set back meanwhile.
    #[must_use]
    pub fn duration(&self) -> Duration {
        self.to.duration_since(self.from).unwrap_or_default()
    }
}

impl<'de> Deserialize<'de> for Gap {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Members {
            #[serde(deserialize_with = "timestamp::deserialize")]
            from: SystemTime,
            #[serde(deserialize_with = "timestamp::deserialize")]
            to: SystemTime,
            #[serde(deserialize_with = "serde_form::deserialize")]
            reason: Error,
        }
        let Members { from, to, reason } = read_unquoted(deserializer)?;
        Ok(Self { from, to, reason })
    }
}
