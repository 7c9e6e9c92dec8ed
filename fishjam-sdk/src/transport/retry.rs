//! Whether to try again, and when: decided from what happened, without a clock, a socket or a die of its own.

use std::time::Duration;

use crate::backoff::Backoff;

/// Useful time for any attempt: enough for a TLS connection and a response across an ocean.
const ENOUGH_TIME: Duration = Duration::from_secs(1);
/// Tokens of a new retry budget.
pub(super) const DEFAULT_BUDGET: u32 = 500;

/// What repeating an operation would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// Changes nothing.
    Read,
    /// Repeated, it leaves what it left the first time.
    Update,
    /// Repeated, it finds nothing to delete.
    Delete,
    /// Repeated, it makes a second thing.
    Create,
}

/// How an attempt failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The request cannot be built: nothing was sent.
    Unsent,
    /// The host or the network rejected the connection, as happens while a server restarts.
    Refused,
    /// The other side accepted the connection and ended it before the request, as a load balancer does during a restart.
    Reset,
    /// No connection for another reason: the server never saw the request.
    Unreached,
    /// The connection broke after the request was sent.
    Broken,
    /// No answer in time.
    TimedOut,
    /// An answer that is no success, or one that is too large to be read, and how long it asks to wait.
    Status(u16, Option<Duration>),
}

impl Failure {
    /// Whether the request may have taken effect all the same.
    ///
    /// Nobody knows who wrote a 503: one that asks to wait is the service's own refusal, any other may be of a proxy
    /// that lost sight of the service in the middle of its work. A success is a failure if it is too large to be read.
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

/// What to do after a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Try again after this long.
    Again(Duration),
    /// Give up.
    Stop,
    /// What was to be done is done.
    Success,
}

/// What has happened so far in one call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Progress {
    /// How many attempts were made.
    pub(crate) attempts: u32,
    /// How many of them ended with a rejected connection: [`Failure::is_rejection`].
    pub(crate) refused: u32,
    /// Whether one before the last may have taken effect.
    pub(crate) ambiguous: bool,
    /// How much time the call has left.
    pub(crate) left: Duration,
    /// How much time another attempt needs to be of use: see [`useful_time`].
    pub(crate) needed: Duration,
}

/// How often and how soon attempts are repeated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policy {
    /// How many attempts a call may make; 1 switches repeating off.
    pub(crate) max_attempts: u32,
    /// How many of them may end with any failure except a rejected connection. No request arrives over such a
    /// connection, and a restart takes seconds.
    pub(crate) max_connected: u32,
    /// The waits between them.
    pub(crate) backoff: Backoff,
    /// Tokens of the retry budget, if there is one.
    pub(crate) budget: Option<u32>,
}

impl Default for Policy {
    fn default() -> Self {
        let backoff = Backoff { first: Duration::from_millis(250), longest: Duration::from_secs(5) };
        Self { max_attempts: 8, max_connected: 4, backoff, budget: Some(DEFAULT_BUDGET) }
    }
}

impl Policy {
    /// What to do after `failure`, the latest one.
    pub(crate) fn decide(&self, class: Class, failure: Failure, progress: Progress, random: f64) -> Decision {
        if class == Class::Delete && progress.ambiguous && matches!(failure, Failure::Status(404, _)) {
            return Decision::Success;
        }
        let connected = progress.attempts.saturating_sub(progress.refused);
        if progress.attempts >= self.max_attempts || connected >= self.max_connected || !may_repeat(class, failure) {
            return Decision::Stop;
        }
        let backoff = self.backoff.wait(progress.attempts, random);
        let wait = match failure {
            Failure::Status(_, Some(asked)) => asked.max(backoff),
            _ => backoff,
        };
        // An attempt without useful time ends in a timeout, which says less than this failure and may take effect.
        if wait >= progress.left || progress.left - wait < progress.needed {
            return Decision::Stop;
        }
        Decision::Again(wait)
    }

    /// Returns `true` if there is another attempt after the next one in case the connection breaks under its request.
    pub(crate) fn repeats_broken(&self, class: Class, before: Progress) -> bool {
        let after = Progress { attempts: before.attempts.saturating_add(1), ..before };
        matches!(self.decide(class, Failure::Broken, after, 1.0), Decision::Again(_))
    }
}

/// Returns how much time another attempt needs to be of use. This is one second, or less if the request limit or a
/// quarter of the overall limit is shorter.
pub(crate) fn useful_time(request: Duration, overall: Duration) -> Duration {
    ENOUGH_TIME.min(request).min(overall / 4)
}

fn may_repeat(class: Class, failure: Failure) -> bool {
    match (class, failure) {
        (_, Failure::Refused | Failure::Reset | Failure::Unreached) => true,
        (_, Failure::Status(429, _) | Failure::Status(503, Some(_))) => true,
        (_, Failure::Unsent) | (Class::Create, _) => false,
        (_, Failure::Broken | Failure::TimedOut | Failure::Status(502..=504, _)) => true,
        (_, Failure::Status(..)) => false,
    }
}

/// Whether a call that failed may have changed something, by whether one of its attempts may have arrived.
pub(crate) fn may_have_taken_effect(class: Class, ambiguous: bool) -> bool {
    ambiguous && class != Class::Read
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const FIRST: Progress =
        Progress { attempts: 1, refused: 0, ambiguous: false, left: Duration::from_secs(60), needed: SECOND };

    /// The failures that a row of the documentation's table speaks of.
    fn failures(row: &str) -> Vec<(Failure, bool)> {
        let statuses = |statuses: &[u16]| statuses.iter().map(|s| (Failure::Status(*s, None), false)).collect();
        match row {
            "connection refused or reset, network unreachable" => {
                vec![(Failure::Refused, false), (Failure::Reset, false)]
            }
            "host unknown, TLS failed, not connected in time" => vec![(Failure::Unreached, false)],
            "request cannot be built" => vec![(Failure::Unsent, false)],
            "connection broken after the request was sent" => vec![(Failure::Broken, false)],
            "no answer within the request's time limit" => vec![(Failure::TimedOut, false)],
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
    fn the_documentations_table_holds_row_by_row() {
        let policy = Policy::default();
        let rows: Vec<Vec<&str>> = include_str!("retry.md")
            .lines()
            .skip(2)
            .map(|row| row.trim_matches('|').split('|').map(str::trim).collect())
            .collect();
        assert_eq!(rows.len(), 12);
        for row in rows {
            let columns =
                [(Class::Read, row[1]), (Class::Update, row[1]), (Class::Delete, row[2]), (Class::Create, row[3])];
            for ((class, outcome), (failure, ambiguous)) in
                columns.into_iter().flat_map(|column| failures(row[0]).into_iter().map(move |f| (column, f)))
            {
                let decision = policy.decide(class, failure, Progress { ambiguous, ..FIRST }, 0.5);
                let said = match decision {
                    Decision::Again(_) => "again",
                    Decision::Stop => "stop",
                    Decision::Success => "success",
                };
                assert_eq!(said, outcome, "{class:?} after {failure:?}, as \"{}\" says", row[0]);
            }
        }
    }

    #[test]
    fn attempts_are_bounded() {
        let policy = Policy::default();
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
            let decision = policy.decide(Class::Read, failure, Progress { attempts, refused, ..FIRST }, 1.0);
            let expected = again.map_or(Decision::Stop, |wait| Decision::Again(Duration::from_millis(wait)));
            assert_eq!(decision, expected, "{failure:?}, {refused} of {attempts}");
        }
        let off = Policy { max_attempts: 1, max_connected: 1, ..policy };
        for failure in [Failure::Refused, Failure::Unreached] {
            assert_eq!(off.decide(Class::Read, failure, Progress { refused: 1, ..FIRST }, 1.0), Decision::Stop);
        }
    }

    #[test]
    fn documented_sums_of_waits_hold() {
        let Policy { max_attempts, max_connected, backoff, .. } = Policy::default();
        let sum = |attempts, random| (1..attempts).map(|failures| backoff.wait(failures, random)).sum::<Duration>();
        for (attempts, least, most) in [(max_connected, 875, 1750), (max_attempts, 8875, 17_750)] {
            assert_eq!(sum(attempts, 0.0), Duration::from_millis(least));
            assert_eq!(sum(attempts, 1.0), Duration::from_millis(most));
        }
    }

    #[test]
    fn last_attempt_has_useful_time() {
        let policy = Policy::default();
        for (asked, left, needed, again) in [
            // 1,050 ms overall, and a server that asks for a second.
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
            let failure = Failure::Status(429, Some(Duration::from_millis(asked)));
            for class in [Class::Read, Class::Update, Class::Delete, Class::Create] {
                let decision = policy.decide(class, failure, Progress { left, needed, ..FIRST }, 1.0);
                assert_eq!(matches!(decision, Decision::Again(_)), again, "{class:?}, {asked}, {left:?}, {needed:?}");
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
    fn only_calls_without_repetition_need_a_good_connection() {
        let policy = Policy::default();
        let off = Policy { max_attempts: 1, ..policy };
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
            for class in [Class::Read, Class::Update, Class::Delete] {
                assert_eq!(policy.repeats_broken(class, before), repeats, "{class:?}, {before:?}");
                assert!(!off.repeats_broken(class, before), "{class:?}");
            }
            assert!(!policy.repeats_broken(Class::Create, before) && !off.repeats_broken(Class::Create, before));
        }
    }

    #[test]
    fn the_server_is_waited_for_as_long_as_it_asks_and_never_hammered() {
        let policy = Policy::default();
        let asked = |wait| policy.decide(Class::Read, Failure::Status(503, Some(wait)), FIRST, 1.0);
        assert_eq!(asked(7 * SECOND), Decision::Again(7 * SECOND));
        assert_eq!(asked(Duration::ZERO), Decision::Again(Duration::from_millis(250)));
        assert_eq!(asked(61 * SECOND), Decision::Stop);
    }

    #[test]
    fn ambiguous_is_what_may_have_taken_effect() {
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
            assert!(!may_have_taken_effect(Class::Read, ambiguous));
            for class in [Class::Update, Class::Delete, Class::Create] {
                assert_eq!(may_have_taken_effect(class, ambiguous), ambiguous, "{class:?}");
            }
        }
    }
}
