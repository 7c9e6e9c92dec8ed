//! The waits between attempts. Each wait is longer and random, so that clients do not retry at the same time.

use std::time::Duration;

/// Maximum duration of a setting.
///
/// No process runs this long, and adding it to an [`Instant`] does not overflow.
///
/// [`Instant`]: std::time::Instant
pub(crate) const MAX_DURATION: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);
/// Minimum wait between two attempts. Settings cannot reduce it.
pub(crate) const MIN_DELAY: Duration = Duration::from_millis(1);

/// A schedule of waits that double from `first` up to `longest`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Backoff {
    /// Maximum wait before the second attempt.
    pub(crate) first: Duration,
    /// Maximum of all waits.
    pub(crate) longest: Duration,
}

impl Backoff {
    /// Creates a schedule with these waits, between [`MIN_DELAY`] and [`MAX_DURATION`].
    pub(crate) fn between(first: Duration, longest: Duration) -> Self {
        Self { first: first.clamp(MIN_DELAY, MAX_DURATION), longest: longest.clamp(MIN_DELAY, MAX_DURATION) }
    }

    /// Returns the wait after `failures` consecutive failures, at least one.
    ///
    /// `random` is between 0 and 1. It spreads the wait over the upper half of its range, so that clients that failed at
    /// the same time do not retry at the same time.
    pub(crate) fn wait(&self, failures: u32, random: f64) -> Duration {
        let doublings = failures.saturating_sub(1).min(31);
        let most = self.first.saturating_mul(1 << doublings).min(self.longest);
        most.mul_f64(0.5 + random.clamp(0.0, 1.0) / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKOFF: Backoff = Backoff { first: Duration::from_millis(200), longest: Duration::from_secs(5) };

    #[test]
    fn waits_double_up_to_the_maximum_and_spread_over_half() {
        for (failures, least, most) in
            [(1, 100, 200), (2, 200, 400), (3, 400, 800), (5, 1600, 3200), (6, 2500, 5000), (u32::MAX, 2500, 5000)]
        {
            assert_eq!(BACKOFF.wait(failures, 0.0), Duration::from_millis(least), "{failures}");
            assert_eq!(BACKOFF.wait(failures, 1.0), Duration::from_millis(most), "{failures}");
        }
        assert_eq!(BACKOFF.wait(0, 1.0), Duration::from_millis(200));
    }

    #[test]
    fn random_number_is_clamped() {
        assert_eq!(BACKOFF.wait(1, 7.0), Duration::from_millis(200));
        assert_eq!(BACKOFF.wait(1, -7.0), Duration::from_millis(100));
    }
}
