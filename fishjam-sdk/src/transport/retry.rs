//! Decides whether and when the client sends a request again. Has no clock, no socket and no random numbers.

use std::time::Duration;

use crate::backoff::Backoff;

/// Useful time for an attempt, long enough for a TLS connection and a response from another continent.
const USEFUL_TIME: Duration = Duration::from_secs(1);
/// Tokens of a new retry budget.
pub(super) const DEFAULT_BUDGET: u32 = 500;

/// The effect of a second request for the same operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RetryClass {
    /// No request changes anything.
    Read,
    /// The second request leaves the same state as the first.
    Update,
    /// The second request finds nothing to delete.
    Delete,
    /// The second request creates a second object.
    Create,
}

/// The failure of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The request cannot be built, so it was not sent.
    Unsent,
    /// The host or the network rejected the connection, for example while the server restarts.
    Refused,
    /// The server closed the connection before the request, as a load balancer does during a restart.
    Reset,
    /// The connection failed for another reason. The server did not receive the request.
    Unreached,
    /// The connection broke after the request was sent.
    Broken,
    /// No response arrived in time.
    TimedOut,
    /// The status of an unsuccessful or too large response, and its `Retry-After`.
    Status(u16, Option<Duration>),
}

impl Failure {
    /// Returns `true` if the request may have taken effect.
    ///
    /// A 503 with `Retry-After` is a rejection by the server. Another 503 can come from a proxy that lost its connection
    /// while the server processed the request. A success is a failure if the response is too large.
    pub(crate) fn is_ambiguous(self) -> bool {
        match self {
            Self::Unsent | Self::Refused | Self::Reset | Self::Unreached | Self::Status(503, Some(_)) => false,
            Self::Broken | Self::TimedOut => true,
            Self::Status(status, _) => matches!(status, 200..=299 | 500..),
        }
    }

    /// Returns `true` if the host, the network or a load balancer rejected the connection.
    pub(crate) fn is_rejection(self) -> bool {
        matches!(self, Self::Refused | Self::Reset)
    }
}

/// The next step after a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Send the request again after this wait.
    Again(Duration),
    /// Return the error.
    Stop,
    /// Return success, because the request had its effect before.
    Success,
}

/// The history of one call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Progress {
    /// Number of attempts.
    pub(crate) attempts: u32,
    /// Number of attempts that ended with a [rejection](Failure::is_rejection).
    pub(crate) refused: u32,
    /// Whether an attempt before the last may have taken effect.
    pub(crate) ambiguous: bool,
    /// Remaining time of the call.
    pub(crate) left: Duration,
    /// Minimum time for another attempt. See [`useful_time`].
    pub(crate) needed: Duration,
}

/// Number of attempts, and the waits between them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RetryPolicy {
    /// Maximum number of attempts of a call. 1 disables retries.
    pub(crate) max_attempts: u32,
    /// Maximum number of attempts that end with a failure different from a rejected connection.
    ///
    /// Rejected connections allow more attempts, because no request arrives and a restart takes seconds.
    pub(crate) max_connected: u32,
    /// Waits between attempts.
    pub(crate) backoff: Backoff,
    /// Tokens of the retry budget. `None` disables the budget.
    pub(crate) budget: Option<u32>,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        let backoff = Backoff { first: Duration::from_millis(250), longest: Duration::from_secs(5) };
        Self { max_attempts: 8, max_connected: 4, backoff, budget: Some(DEFAULT_BUDGET) }
    }
}

impl RetryPolicy {
    /// Returns the next step after `failure`, the latest failure. `random` is between 0 and 1.
    pub(crate) fn decide(&self, class: RetryClass, failure: Failure, progress: Progress, random: f64) -> Decision {
        if class == RetryClass::Delete && progress.ambiguous && matches!(failure, Failure::Status(404, _)) {
            return Decision::Success;
        }
        let connected = progress.attempts.saturating_sub(progress.refused);
        if progress.attempts >= self.max_attempts || connected >= self.max_connected || !may_repeat(class, failure) {
            return Decision::Stop;
        }
        let backoff = self.backoff.wait(progress.attempts, random);
        let wait = match failure {
            Failure::Status(_, Some(retry_after)) => retry_after.max(backoff),
            _ => backoff,
        };
        // An attempt without useful time would end in a timeout. This failure is more precise, and the attempt could take
        // effect.
        if wait >= progress.left || progress.left - wait < progress.needed {
            return Decision::Stop;
        }
        Decision::Again(wait)
    }

    /// Returns `true` if a connection that breaks during the next attempt leads to another attempt.
    pub(crate) fn repeats_broken(&self, class: RetryClass, before: Progress) -> bool {
        let after = Progress { attempts: before.attempts.saturating_add(1), ..before };
        matches!(self.decide(class, Failure::Broken, after, 1.0), Decision::Again(_))
    }
}

/// Returns the minimum time for another attempt.
///
/// This is one second, or less if the request limit or a quarter of the overall limit is shorter.
pub(crate) fn useful_time(request: Duration, overall: Duration) -> Duration {
    USEFUL_TIME.min(request).min(overall / 4)
}

fn may_repeat(class: RetryClass, failure: Failure) -> bool {
    match (class, failure) {
        (_, Failure::Refused | Failure::Reset | Failure::Unreached) => true,
        (_, Failure::Status(429, _) | Failure::Status(503, Some(_))) => true,
        (_, Failure::Unsent) | (RetryClass::Create, _) => false,
        (_, Failure::Broken | Failure::TimedOut | Failure::Status(502..=504, _)) => true,
        (_, Failure::Status(..)) => false,
    }
}

/// Returns `true` if a failed call may have changed something. `ambiguous` is `true` if an attempt may have arrived.
pub(crate) fn may_have_taken_effect(class: RetryClass, ambiguous: bool) -> bool {
    ambiguous && class != RetryClass::Read
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const FIRST: Progress =
        Progress { attempts: 1, refused: 0, ambiguous: false, left: Duration::from_secs(60), needed: SECOND };

    /// Returns the failures in a row of the documentation's table.
    fn failures(row: &str) -> Vec<(Failure, bool)> {
        let statuses = |statuses: &[u16]| statuses.iter().map(|s| (Failure::Status(*s, None), false)).collect();
        match row {
            "connection refused or reset while it is opened, network unreachable" => {
                vec![(Failure::Refused, false), (Failure::Reset, false)]
            }
            "host unknown, TLS failed, not connected in time" => vec![(Failure::Unreached, false)],
            "request cannot be built" => vec![(Failure::Unsent, false)],
            "connection broken or reset after the request was sent" => vec![(Failure::Broken, false)],
            "no response within the request timeout" => vec![(Failure::TimedOut, false)],
            "503 with `Retry-After`" => vec![(Failure::Status(503, Some(SECOND)), false)],
            "404, and an attempt before it may have taken effect" => vec![(Failure::Status(404, None), true)],
            "any other status" => {
                let named = [429, 502, 503, 504];
                statuses(&(300..=599).filter(|s| !named.contains(s)).collect::<Vec<_>>())
            }
            status => statuses(&[status.parse().unwrap()]),
        }
    }

    #[test]
    fn decisions_follow_the_documented_table() {
        let policy = RetryPolicy::default();
        let rows: Vec<Vec<&str>> = include_str!("retry.md")
            .lines()
            .skip(2)
            .map(|row| row.trim_matches('|').split('|').map(str::trim).collect())
            .collect();
        assert_eq!(rows.len(), 12);
        for row in rows {
            let columns = [
                (RetryClass::Read, row[1]),
                (RetryClass::Update, row[1]),
                (RetryClass::Delete, row[2]),
                (RetryClass::Create, row[3]),
            ];
            for ((class, outcome), (failure, ambiguous)) in
                columns.into_iter().flat_map(|column| failures(row[0]).into_iter().map(move |f| (column, f)))
            {
                let decision = policy.decide(class, failure, Progress { ambiguous, ..FIRST }, 0.5);
                let found = match decision {
                    Decision::Again(_) => "again",
                    Decision::Stop => "stop",
                    Decision::Success => "success",
                };
                assert_eq!(found, outcome, "{class:?} after {failure:?}, row \"{}\"", row[0]);
            }
        }
    }

    #[test]
    fn attempts_are_bounded() {
        let policy = RetryPolicy::default();
        for (failure, attempts, refused, again) in [
            (Failure::TimedOut, 1, 0, Some(250)),
            (Failure::TimedOut, 3, 0, Some(1000)),
            (Failure::TimedOut, 4, 0, None),
            (Failure::Unreached, 3, 0, Some(1000)),
            (Failure::Unreached, 4, 0, None),
            (Failure::Refused, 4, 4, Some(2000)),
            (Failure::Refused, 7, 7, Some(5000)),
            (Failure::Refused, 8, 8, None),
            // A server that has just restarted.
            (Failure::Status(503, None), 5, 4, Some(4000)),
            (Failure::Status(503, None), 7, 4, Some(5000)),
            (Failure::Status(503, None), 7, 3, None),
            (Failure::Status(503, None), 8, 5, None),
            (Failure::Refused, 5, 1, None),
            (Failure::Reset, 7, 7, Some(5000)),
            (Failure::Reset, 8, 8, None),
        ] {
            let decision = policy.decide(RetryClass::Read, failure, Progress { attempts, refused, ..FIRST }, 1.0);
            let expected = again.map_or(Decision::Stop, |wait| Decision::Again(Duration::from_millis(wait)));
            assert_eq!(decision, expected, "{failure:?}, {refused} of {attempts}");
        }
        let off = RetryPolicy { max_attempts: 1, max_connected: 1, ..policy };
        for failure in [Failure::Refused, Failure::Unreached] {
            assert_eq!(off.decide(RetryClass::Read, failure, Progress { refused: 1, ..FIRST }, 1.0), Decision::Stop);
        }
    }

    #[test]
    fn documented_sums_of_waits_hold() {
        let RetryPolicy { max_attempts, max_connected, backoff, .. } = RetryPolicy::default();
        let sum = |attempts, random| (1..attempts).map(|failures| backoff.wait(failures, random)).sum::<Duration>();
        for (attempts, least, most) in [(max_connected, 875, 1750), (max_attempts, 8875, 17_750)] {
            assert_eq!(sum(attempts, 0.0), Duration::from_millis(least));
            assert_eq!(sum(attempts, 1.0), Duration::from_millis(most));
        }
    }

    #[test]
    fn last_attempt_has_useful_time() {
        let policy = RetryPolicy::default();
        for (retry_after, left, needed, again) in [
            // 1,050 ms overall, and a server that requires a wait of one second.
            (1000, 1050, 262, false),
            (1000, 1261, 262, false),
            (1000, 1262, 262, true),
            (0, 250, 0, false),
            (0, 251, 0, true),
            (0, 1249, 1000, false),
            (0, 1250, 1000, true),
            (0, 0, 0, false),
        ] {
            let (left, needed) = (Duration::from_millis(left), Duration::from_millis(needed));
            let failure = Failure::Status(429, Some(Duration::from_millis(retry_after)));
            for class in [RetryClass::Read, RetryClass::Update, RetryClass::Delete, RetryClass::Create] {
                let decision = policy.decide(class, failure, Progress { left, needed, ..FIRST }, 1.0);
                assert_eq!(
                    matches!(decision, Decision::Again(_)),
                    again,
                    "{class:?}, {retry_after}, {left:?}, {needed:?}"
                );
            }
        }
    }

    #[test]
    fn useful_time_depends_on_limits() {
        for (request, overall, useful) in [
            (30_000, 90_000, 1000),
            (300, 90_000, 300),
            (30_000, 4000, 1000),
            (30_000, 2000, 500),
            (30_000, 1050, 262),
            (30_000, 0, 0),
            (0, 90_000, 0),
        ] {
            let time = useful_time(Duration::from_millis(request), Duration::from_millis(overall));
            assert_eq!(time.as_millis(), useful, "{request}, {overall}");
        }
    }

    #[test]
    fn broken_connection_is_retried_if_attempts_and_time_are_left() {
        let policy = RetryPolicy::default();
        let off = RetryPolicy { max_attempts: 1, ..policy };
        let unlimited = Duration::from_secs(60);
        for (attempts, refused, left, repeats) in [
            (0, 0, unlimited, true),
            (2, 0, unlimited, true),
            // The last attempt: the fourth, or the eighth after refused connections.
            (3, 0, unlimited, false),
            (6, 6, unlimited, true),
            (7, 7, unlimited, false),
            (6, 3, unlimited, false),
            // After the wait, another attempt has no useful time.
            (0, 0, 2 * SECOND, true),
            (0, 0, SECOND, false),
        ] {
            let before = Progress { attempts, refused, left, ..FIRST };
            for class in [RetryClass::Read, RetryClass::Update, RetryClass::Delete] {
                assert_eq!(policy.repeats_broken(class, before), repeats, "{class:?}, {before:?}");
                assert!(!off.repeats_broken(class, before), "{class:?}");
            }
            assert!(
                !policy.repeats_broken(RetryClass::Create, before) && !off.repeats_broken(RetryClass::Create, before)
            );
        }
    }

    #[test]
    fn wait_is_at_least_retry_after_and_backoff() {
        let policy = RetryPolicy::default();
        let decide = |wait| policy.decide(RetryClass::Read, Failure::Status(503, Some(wait)), FIRST, 1.0);
        assert_eq!(decide(7 * SECOND), Decision::Again(7 * SECOND));
        assert_eq!(decide(Duration::ZERO), Decision::Again(Duration::from_millis(250)));
        assert_eq!(decide(61 * SECOND), Decision::Stop);
    }

    #[test]
    fn failure_is_ambiguous_if_request_may_take_effect() {
        for (failure, ambiguous) in [
            (Failure::Unsent, false),
            (Failure::Refused, false),
            (Failure::Reset, false),
            (Failure::Unreached, false),
            (Failure::Broken, true),
            (Failure::TimedOut, true),
            (Failure::Status(200, None), true),
            (Failure::Status(307, None), false),
            (Failure::Status(404, None), false),
            (Failure::Status(429, None), false),
            (Failure::Status(500, None), true),
            (Failure::Status(502, None), true),
            (Failure::Status(503, None), true),
            (Failure::Status(503, Some(SECOND)), false),
            (Failure::Status(504, None), true),
            (Failure::Status(520, None), true),
            (Failure::Status(999, None), true),
        ] {
            assert_eq!(failure.is_ambiguous(), ambiguous, "{failure:?}");
            assert!(!may_have_taken_effect(RetryClass::Read, ambiguous));
            for class in [RetryClass::Update, RetryClass::Delete, RetryClass::Create] {
                assert_eq!(may_have_taken_effect(class, ambiguous), ambiguous, "{class:?}");
            }
        }
    }
}
