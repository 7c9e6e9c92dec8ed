//! The rules of retries and batches.

use std::time::Duration;

/// The rules for delivering webhooks.
///
/// The service's documentation does not describe them. The vendor's guide for AI tools states the retries: up to 8
/// within about 30 seconds after server errors and failed connections, and none after client errors. The service's
/// open-source predecessor never retried.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policy {
    pub(crate) retries: u32,
    /// The delay before the first retry. It doubles with each retry.
    pub(crate) first_wait: Duration,
    /// The timeout of each attempt.
    pub(crate) timeout: Duration,
    /// The time in which a batch collects notifications.
    pub(crate) window: Duration,
    /// The `user-agent`, if the server sends one.
    pub(crate) user_agent: Option<&'static str>,
}

impl Policy {
    /// The rules of Jellyfish: one attempt, and failed deliveries are dropped.
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
            // Eight doubling delays are 255 times the first one: 30.6 seconds.
            first_wait: Duration::from_millis(120),
            timeout: Duration::from_secs(5),
            window: Duration::from_millis(50),
            user_agent: None,
        }
    }
}

/// The result of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Attempt {
    Response(u16),
    /// The receiver did not respond, or not in time.
    Failed(String),
    /// The request cannot be sent.
    Impossible(String),
}

impl Policy {
    /// Returns the delay before the next attempt, or `None` if no attempt follows.
    pub(super) fn wait(&self, attempts: u32, last: &Attempt) -> Option<Duration> {
        let again = match last {
            Attempt::Response(status) => (500..600).contains(status),
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
    fn server_errors_and_failures_are_retried() {
        let policy = Policy::default();
        for (attempt, again) in [
            (Attempt::Response(200), false),
            (Attempt::Response(204), false),
            (Attempt::Response(302), false),
            (Attempt::Response(400), false),
            (Attempt::Response(429), false),
            (Attempt::Response(499), false),
            (Attempt::Response(500), true),
            (Attempt::Response(503), true),
            (Attempt::Response(599), true),
            (Attempt::Response(600), false),
            (Attempt::Failed(String::new()), true),
            (Attempt::Impossible(String::new()), false),
        ] {
            assert_eq!(policy.wait(1, &attempt).is_some(), again, "{attempt:?}");
            assert_eq!(Policy { retries: 0, ..policy }.wait(1, &attempt), None);
        }
    }

    #[test]
    fn eight_retries_take_half_a_minute() {
        let policy = Policy::default();
        let waits: Vec<_> = (1..).map_while(|attempts| policy.wait(attempts, &Attempt::Response(500))).collect();
        assert_eq!(waits.len(), 8);
        assert_eq!(waits.iter().sum::<Duration>(), Duration::from_millis(30_600));
    }
}
