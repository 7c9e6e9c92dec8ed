//! When a delivery is tried again, and for how long notifications are collected.

use std::time::Duration;

/// How webhooks are delivered.
///
/// Nothing about this is in the service's documentation. The retries are what its vendor's own guide for AI tools
/// states: server errors and failed connections up to 8 times within about 30 seconds, client errors never. The
/// service's open-source predecessor did not retry at all; `retries: 0` is that.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policy {
    pub(crate) retries: u32,
    /// Before the first retry; each further wait is twice as long.
    pub(crate) first_wait: Duration,
    /// For each attempt.
    pub(crate) timeout: Duration,
    /// How long a batch collects.
    pub(crate) window: Duration,
    /// How the sender names itself, if it does.
    pub(crate) user_agent: Option<&'static str>,
}

impl Policy {
    /// As a Jellyfish does: once, and what is refused or not answered is dropped.
    pub(crate) const JELLYFISH: Self = Policy {
        retries: 0,
        first_wait: Duration::ZERO,
        timeout: Duration::from_secs(5),
        window: Duration::ZERO,
        user_agent: Some("hackney/1.20.1"),
    };
}

impl Default for Policy {
    fn default() -> Self {
        Policy {
            retries: 8,
            // 8 waits that double: 255 times the first, 30.6 seconds.
            first_wait: Duration::from_millis(120),
            timeout: Duration::from_secs(5),
            window: Duration::from_millis(50),
            user_agent: None,
        }
    }
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Attempt {
    Answered(u16),
    /// No answer, or none in time.
    Failed(String),
    /// It cannot be sent at all.
    Impossible(String),
}

impl Policy {
    /// How long to wait before the next attempt, after so many; `None` when there is none.
    pub(super) fn wait(&self, attempts: u32, last: &Attempt) -> Option<Duration> {
        let again = match last {
            Attempt::Answered(status) => (500..600).contains(status),
            Attempt::Failed(_) => true,
            Attempt::Impossible(_) => false,
        };
        let retry = attempts.checked_sub(1).filter(|retry| again && *retry < self.retries)?;
        Some(self.first_wait.saturating_mul(2_u32.saturating_pow(retry)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_tried_again() {
        let policy = Policy::default();
        for (attempt, again) in [
            (Attempt::Answered(200), false),
            (Attempt::Answered(204), false),
            (Attempt::Answered(302), false),
            (Attempt::Answered(400), false),
            (Attempt::Answered(429), false),
            (Attempt::Answered(499), false),
            (Attempt::Answered(500), true),
            (Attempt::Answered(503), true),
            (Attempt::Answered(599), true),
            (Attempt::Answered(600), false),
            (Attempt::Failed(String::new()), true),
            (Attempt::Impossible(String::new()), false),
        ] {
            assert_eq!(policy.wait(1, &attempt).is_some(), again, "{attempt:?}");
            assert_eq!(Policy { retries: 0, ..policy }.wait(1, &attempt), None);
        }
    }

    #[test]
    fn eight_times_in_half_a_minute() {
        let policy = Policy::default();
        let waits: Vec<_> = (1..).map_while(|attempts| policy.wait(attempts, &Attempt::Answered(500))).collect();
        assert_eq!(waits.len(), 8);
        assert_eq!(waits.iter().sum::<Duration>(), Duration::from_millis(30_600));
    }
}
