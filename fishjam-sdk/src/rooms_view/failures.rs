//! Failed reads of the API: when to read again, and what to log.

use std::time::Duration;

use tokio::time::Instant;

use crate::{backoff::Backoff, error::Error};

/// The waits between attempts to read the API.
const RETRY: Backoff = Backoff { first: Duration::from_millis(500), longest: Duration::from_secs(15) };
/// The maximum wait that a server can request. A longer one would leave the view wrong for too long.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(5 * 60);

/// The failed reads since the last time at which no read failed.
#[derive(Debug, Default)]
pub(super) struct ReadFailures(Option<Outage>);

#[derive(Debug)]
struct Outage {
    since: Instant,
    attempts: u32,
    /// The time of the next attempt.
    not_before: Instant,
}

impl ReadFailures {
    /// Records a failed read. Logs the first one as a warning. Returns the time of the next attempt.
    ///
    /// Reads of several rooms can fail at the same time. Those during a wait belong to the same attempt.
    pub(super) fn record(&mut self, error: &Error, now: Instant, random: f64) -> Instant {
        let message = format_args!("{error:#}");
        let is_first = self.0.is_none();
        let outage = self.0.get_or_insert(Outage { since: now, attempts: 0, not_before: now });
        let mut wait = error.retry_after().unwrap_or_default().min(MAX_RETRY_AFTER);
        if outage.not_before <= now {
            outage.attempts = outage.attempts.saturating_add(1);
            wait = wait.max(RETRY.wait(outage.attempts, random));
        }
        outage.not_before = outage.not_before.max(now + wait);
        if is_first {
            tracing::warn!(error = message, "failed to read rooms; retrying");
        } else {
            tracing::debug!(error = message, attempts = outage.attempts, "failed to read rooms again");
        }
        outage.not_before
    }

    /// Returns the time of the next attempt, if it is later than `now`.
    pub(super) fn pause(&self, now: Instant) -> Option<Instant> {
        self.0.as_ref().map(|outage| outage.not_before).filter(|not_before| *not_before > now)
    }

    pub(super) fn is_any(&self) -> bool {
        self.0.is_some()
    }

    /// Ends the outage, if there is one, and logs the recovery.
    pub(super) fn end(&mut self, now: Instant) {
        if let Some(Outage { since, attempts, .. }) = self.0.take() {
            let (duration, attempts) = (now - since, attempts.saturating_add(1));
            tracing::info!(?duration, attempts, "read rooms after failed attempts");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn wait_is_the_backoff_or_the_time_that_the_server_requests() {
        let (start, mut failures) = (Instant::now(), ReadFailures::default());
        let error =
            |seconds: Option<u64>| Error::new(ErrorKind::ServiceUnavailable).retry_in(seconds.map(Duration::from_secs));
        assert_eq!(failures.pause(start), None);
        let mut now = start;
        for (retry_after, wait) in [(None, 500), (Some(0), 1000), (Some(60), 60_000), (Some(86_400), 300_000)] {
            let next = failures.record(&error(retry_after), now, 1.0);
            assert_eq!(next - now, Duration::from_millis(wait), "{retry_after:?}");
            assert_eq!((failures.pause(now), failures.pause(next)), (Some(next), None));
            now = next;
        }
        failures.end(now);
        assert_eq!(failures.record(&error(None), now, 1.0) - now, Duration::from_millis(500));
    }

    #[test]
    fn reads_that_fail_during_a_wait_are_one_attempt() {
        let (now, mut failures) = (Instant::now(), ReadFailures::default());
        let error = Error::new(ErrorKind::Server);
        let first = failures.record(&error, now, 1.0);
        for _ in 0..31 {
            assert_eq!(failures.record(&error, now, 1.0), first);
        }
        let later = error.retry_in(Some(Duration::from_secs(9)));
        assert_eq!(failures.record(&later, now, 1.0), now + Duration::from_secs(9));
    }
}
