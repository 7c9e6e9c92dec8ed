//! Times in JSON: RFC 3339 in UTC.

use std::time::{Duration, SystemTime};

use humantime::{format_rfc3339, parse_rfc3339};
use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

/// The last second that has a four-digit year.
const LAST_SECOND: Duration = Duration::from_secs(253_402_300_799);

/// Serializes a time. A time that RFC 3339 or `humantime` cannot express becomes the nearest time.
pub(super) fn serialize<S: Serializer>(time: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
    // The formatter panics outside of this range, which a clock that was never set can leave.
    let since_epoch = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().min(LAST_SECOND);
    serializer.collect_str(&format_rfc3339(SystemTime::UNIX_EPOCH + since_epoch))
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SystemTime, D::Error> {
    let time = String::deserialize(deserializer)?;
    parse_rfc3339(&time).map_err(|_| D::Error::custom("invalid value: expected a time such as `2026-01-31T12:00:00Z`"))
}
