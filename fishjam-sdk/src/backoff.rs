//! How long to wait before trying again: longer each time, never the same for two clients.

use std::time::Duration;

/// The longest duration of a setting. It is longer than any process runs, and short enough to be added to an [`Instant`].
///
/// [`Instant`]: std::time::Instant
pub(crate) const MAX_DURATION: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);
/// The shortest wait between two attempts, whatever the settings are.
pub(crate) const MIN_DELAY: Duration = Duration::from_millis(1);

/// A schedule of waits that doubles from `first` up to `longest`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Backoff {
    /// The longest possible wait before the second attempt.
    pub(crate) first: Duration,
    /// No wait is longer than this.
    pub(crate) longest: Duration,
}

impl Backoff {
    /// Creates a schedule with these waits, between [`MIN_DELAY`] and [`MAX_DURATION`].
    pub(crate) fn between(first: Duration, longest: Duration) -> Self {
        Self { first: first.clamp(MIN_DELAY, MAX_DURATION), longest: longest.clamp(MIN_DELAY, MAX_DURATION) }
    }

    /// The wait after `failures` failed attempts (at least one) in a row.
    ///
    /// `random`, from 0 to 1, spreads the wait over the upper half of its range: clients that failed together do
    /// not come back together.
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
    fn waits_double_up_to_the_longest_and_spread_over_half_of_it() {
        for (failures, least, most) in
            [(1, 100, 200), (2, 200, 400), (3, 400, 800), (5, 1600, 3200), (6, 2500, 5000), (u32::MAX, 2500, 5000)]
        {
            assert_eq!(BACKOFF.wait(failures, 0.0), Duration::from_millis(least), "{failures}");
            assert_eq!(BACKOFF.wait(failures, 1.0), Duration::from_millis(most), "{failures}");
        }
        assert_eq!(BACKOFF.wait(0, 1.0), Duration::from_millis(200));
    }

    #[test]
    fn a_random_number_out_of_range_does_no_harm() {
        assert_eq!(BACKOFF.wait(1, 7.0), Duration::from_millis(200));
        assert_eq!(BACKOFF.wait(1, -7.0), Duration::from_millis(100));
    }
}
