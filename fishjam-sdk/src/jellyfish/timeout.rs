//! Lengths of time as a Jellyfish writes them: whole numbers.

use std::time::Duration;

use crate::error::{Error, Result};

/// Whole seconds; `noun` names what they are in a refusal of anything finer or longer.
pub(super) fn seconds(noun: &str, time: Option<Duration>) -> Result<Option<i64>> {
    time.map(|time| match time.subsec_nanos() {
        0 => i64::try_from(time.as_secs()).map_err(|_| too_long(noun, time)),
        _ => Err(Error::invalid_input(format!("{noun} is {time:?}, and the server counts in whole seconds"))),
    })
    .transpose()
}

/// Whole milliseconds; `noun` names what they are in a refusal of anything finer or longer.
pub(super) fn milliseconds(noun: &str, time: Option<Duration>) -> Result<Option<u64>> {
    time.map(|time| match time.subsec_nanos() % 1_000_000 {
        0 => u64::try_from(time.as_millis()).map_err(|_| too_long(noun, time)),
        _ => Err(Error::invalid_input(format!("{noun} is {time:?}, and the server counts in whole milliseconds"))),
    })
    .transpose()
}

fn too_long(noun: &str, time: Duration) -> Error {
    Error::invalid_input(format!("{noun} is {time:?}, which is longer than can be sent"))
}

/// A length of time that the server sent; one below zero is as good as none.
pub(super) fn of_seconds(seconds: Option<i64>) -> Option<Duration> {
    seconds.and_then(|seconds| u64::try_from(seconds).ok()).map(Duration::from_secs)
}

/// A length of time that the server sent; one below zero is as good as nothing.
pub(super) fn of_milliseconds(milliseconds: i64) -> Duration {
    Duration::from_millis(u64::try_from(milliseconds).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_cannot_count_is_refused_by_name() {
        let just = |millis| Some(Duration::from_millis(millis));
        assert_eq!(seconds("the timeout", just(2000)).unwrap(), Some(2));
        assert_eq!(seconds("the timeout", just(0)).unwrap(), Some(0));
        assert_eq!(seconds("the timeout", None).unwrap(), None);
        let longest = Duration::from_secs(u64::MAX);
        for error in
            [seconds("the time", Some(longest)).unwrap_err(), milliseconds("the time", Some(longest)).unwrap_err()]
        {
            assert!(error.to_string().contains("the time is 18446744073709551615s, which is longer"), "{error}");
        }
        assert_eq!(milliseconds("the delay", just(1500)).unwrap(), Some(1500));
        let error = seconds("the timeout", just(1500)).unwrap_err();
        assert!(error.to_string().contains("the timeout is 1.5s"), "{error}");
        let error = milliseconds("the delay", Some(Duration::from_nanos(1))).unwrap_err();
        assert!(error.to_string().contains("the delay is 1ns"), "{error}");
    }

    #[test]
    fn what_the_server_sends_is_a_length_of_time_or_none() {
        assert_eq!(of_seconds(Some(60)), Some(Duration::from_secs(60)));
        assert_eq!((of_seconds(Some(-1)), of_seconds(None)), (None, None));
        assert_eq!((of_milliseconds(15_000), of_milliseconds(-1)), (Duration::from_secs(15), Duration::ZERO));
    }
}
