//! Durations in the API of Jellyfish, which are integers.

use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::error::{Error, Result};

/// Converts a duration to whole seconds. `setter` names the option in errors.
pub(super) fn seconds(setter: &str, time: Option<Duration>) -> Result<Option<i64>> {
    time.map(|time| match time.subsec_nanos() {
        0 => i64::try_from(time.as_secs()).map_err(|_| too_long(setter, time)),
        _ => Err(Error::invalid_input(format!("invalid {setter}: {time:?}; use whole seconds"))),
    })
    .transpose()
}

/// Converts a duration to whole milliseconds. `setter` names the option in errors.
pub(super) fn milliseconds(setter: &str, time: Option<Duration>) -> Result<Option<u64>> {
    time.map(|time| match time.subsec_nanos() % 1_000_000 {
        0 => u64::try_from(time.as_millis()).map_err(|_| too_long(setter, time)),
        _ => Err(Error::invalid_input(format!("invalid {setter}: {time:?}; use whole milliseconds"))),
    })
    .transpose()
}

fn too_long(setter: &str, time: Duration) -> Error {
    Error::invalid_input(format!("invalid {setter}: {time:?} is too long"))
}

/// Converts seconds from the server. A negative value becomes `None`.
pub(super) fn of_seconds(seconds: Option<i64>) -> Option<Duration> {
    seconds.and_then(|seconds| u64::try_from(seconds).ok()).map(Duration::from_secs)
}

/// Converts milliseconds from the server. A negative value becomes zero.
pub(super) fn of_milliseconds(milliseconds: i64) -> Duration {
    Duration::from_millis(u64::try_from(milliseconds).unwrap_or(0))
}

/// Serializes a duration as whole seconds.
pub(super) fn whole_seconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(time.as_secs())
}

/// Serializes a duration as whole seconds, or as `null`.
pub(super) fn optional_seconds<S: Serializer>(time: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    time.map(|time| time.as_secs()).serialize(serializer)
}

/// Serializes a duration as whole milliseconds.
pub(super) fn whole_milliseconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX).serialize(serializer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversion_rejects_imprecise_and_long_durations() {
        let just = |millis| Some(Duration::from_millis(millis));
        assert_eq!(seconds("timeout", just(2000)).unwrap(), Some(2));
        assert_eq!(seconds("timeout", just(0)).unwrap(), Some(0));
        assert_eq!(seconds("timeout", None).unwrap(), None);
        let too_long = Duration::from_secs(u64::MAX);
        for error in [seconds("time", Some(too_long)).unwrap_err(), milliseconds("time", Some(too_long)).unwrap_err()] {
            assert!(error.to_string().contains("invalid time: 18446744073709551615s is too long"), "{error}");
        }
        assert_eq!(milliseconds("delay", just(1500)).unwrap(), Some(1500));
        let error = seconds("timeout", just(1500)).unwrap_err();
        assert!(error.to_string().contains("invalid timeout: 1.5s"), "{error}");
        let error = milliseconds("delay", Some(Duration::from_nanos(1))).unwrap_err();
        assert!(error.to_string().contains("invalid delay: 1ns"), "{error}");
    }

    #[test]
    fn negative_durations_become_none_or_zero() {
        assert_eq!(of_seconds(Some(60)), Some(Duration::from_secs(60)));
        assert_eq!((of_seconds(Some(-1)), of_seconds(None)), (None, None));
        assert_eq!((of_milliseconds(15_000), of_milliseconds(-1)), (Duration::from_secs(15), Duration::ZERO));
    }
}
