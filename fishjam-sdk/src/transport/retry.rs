//! Whether to try again, and when: decided from what happened, without a clock, a socket or a die of its own.

use std::time::{Duration, SystemTime};

use crate::backoff::Backoff;

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
    /// No connection: the server never saw the request.
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
            Self::Unreached | Self::Status(503, Some(_)) => false,
            Self::Broken | Self::TimedOut => true,
            Self::Status(status, _) => matches!(status, 200..=299 | 500..),
        }
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
    /// Whether one before the last may have taken effect.
    pub(crate) ambiguous: bool,
    /// How much time the call has left.
    pub(crate) left: Duration,
}

/// How often and how soon attempts are repeated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policy {
    /// How many attempts a call may make; 1 switches repeating off.
    pub(crate) max_attempts: u32,
    /// The waits between them.
    pub(crate) backoff: Backoff,
}

impl Default for Policy {
    fn default() -> Self {
        let backoff = Backoff { first: Duration::from_millis(250), longest: Duration::from_secs(5) };
        Self { max_attempts: 4, backoff }
    }
}

impl Policy {
    /// What to do after `failure`, the latest one.
    pub(crate) fn decide(&self, class: Class, failure: Failure, progress: Progress, random: f64) -> Decision {
        if class == Class::Delete && progress.ambiguous && matches!(failure, Failure::Status(404, _)) {
            return Decision::Success;
        }
        if progress.attempts >= self.max_attempts || !may_repeat(class, failure) {
            return Decision::Stop;
        }
        let backoff = self.backoff.wait(progress.attempts, random);
        let wait = match failure {
            Failure::Status(_, Some(asked)) => asked.max(backoff),
            _ => backoff,
        };
        // There would be no time left to hear the answer.
        if wait >= progress.left { Decision::Stop } else { Decision::Again(wait) }
    }
}

fn may_repeat(class: Class, failure: Failure) -> bool {
    match (class, failure) {
        (_, Failure::Unreached | Failure::Status(429, _) | Failure::Status(503, Some(_))) => true,
        (Class::Create, _) => false,
        (_, Failure::Broken | Failure::TimedOut | Failure::Status(502..=504, _)) => true,
        (_, Failure::Status(..)) => false,
    }
}

/// Whether a call that failed may have changed something, by whether one of its attempts may have arrived.
pub(crate) fn may_have_taken_effect(class: Class, ambiguous: bool) -> bool {
    ambiguous && class != Class::Read
}

/// The `Retry-After` header in either of its forms: seconds, or the date to wait for.
pub(crate) fn retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // What is too large for a number is as good as forever.
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    // A date that is past asks for no wait.
    Some(httpdate::parse_http_date(value).ok()?.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const FIRST: Progress = Progress { attempts: 1, ambiguous: false, left: Duration::from_secs(60) };

    /// The failures that a row of the documentation's table speaks of.
    fn failures(row: &str) -> Vec<(Failure, bool)> {
        let statuses = |statuses: &[u16]| statuses.iter().map(|s| (Failure::Status(*s, None), false)).collect();
        match row {
            "connection refused, host unknown, TLS failed" => vec![(Failure::Unreached, false)],
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
        assert_eq!(rows.len(), 10);
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
    fn attempts_and_time_are_bounded() {
        let policy = Policy::default();
        let decide = |progress| policy.decide(Class::Read, Failure::TimedOut, progress, 1.0);
        assert_eq!(decide(FIRST), Decision::Again(Duration::from_millis(250)));
        assert_eq!(decide(Progress { attempts: 3, ..FIRST }), Decision::Again(SECOND));
        assert_eq!(decide(Progress { attempts: 4, ..FIRST }), Decision::Stop);
        assert_eq!(decide(Progress { left: Duration::from_millis(250), ..FIRST }), Decision::Stop);
        let off = Policy { max_attempts: 1, ..policy };
        assert_eq!(off.decide(Class::Read, Failure::Unreached, FIRST, 1.0), Decision::Stop);
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

    #[test]
    fn retry_after_is_read_in_both_forms() {
        let now = httpdate::parse_http_date("Fri, 21 Nov 2025 12:00:00 GMT").unwrap();
        for (header, wait) in [
            ("0", Some(0)),
            (" 120 ", Some(120)),
            ("18446744073709551615", Some(u64::MAX)),
            ("18446744073709551616", Some(u64::MAX)),
            ("99999999999999999999999999", Some(u64::MAX)),
            ("Fri, 21 Nov 2025 12:00:30 GMT", Some(30)),
            ("Fri, 21 Nov 2025 11:00:00 GMT", Some(0)),
            ("-1", None),
            ("+1", None),
            ("1.5", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(retry_after(header, now), wait.map(Duration::from_secs), "{header:?}");
        }
    }
}
