//! The retry budget of a client. It keeps an outage from multiplying the client's requests.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use super::retry::Failure;

/// Tokens for retries, shared by all calls of a client.
///
/// The budget has no clock. Successful calls fill it, so retries stop while no call succeeds.
#[derive(Debug)]
pub(crate) struct Budget {
    /// Without a capacity, all retries are allowed.
    capacity: Option<u32>,
    left: AtomicU32,
}

impl Budget {
    pub(crate) fn new(capacity: Option<u32>) -> Self {
        Self { capacity, left: AtomicU32::new(capacity.unwrap_or_default()) }
    }

    /// Returns `true` if the tokens of a retry are left.
    pub(crate) fn has(&self, tokens: u32) -> bool {
        self.capacity.is_none() || self.left.load(Relaxed) >= tokens
    }

    /// Takes the tokens of a retry, or returns `false` if there are too few.
    pub(crate) fn take(&self, tokens: u32) -> bool {
        self.capacity.is_none() || self.left.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(tokens)).is_ok()
    }

    /// Adds the tokens of a successful call.
    pub(crate) fn refund(&self, tokens: u32) {
        if let Some(capacity) = self.capacity {
            // The closure always returns a value.
            let _ = self.left.fetch_update(Relaxed, Relaxed, |left| Some(left.saturating_add(tokens).min(capacity)));
        }
    }
}

/// Tokens of a retry after this failure.
pub(crate) fn cost(failure: Failure) -> u32 {
    match failure {
        // The system or the network rejected the connection without work for the server. If these retries had a price, a
        // short restart would empty the budget of a busy client.
        Failure::Refused | Failure::Unsent => 0,
        Failure::Status(..) => 5,
        // Before a reset, the server or a load balancer may have worked, for example on a TLS handshake.
        Failure::Reset | Failure::Unreached | Failure::Broken | Failure::TimedOut => 10,
    }
}

/// Tokens for the success of a call, given the cost of its last retry.
pub(crate) fn refund(last_retry: Option<u32>) -> u32 {
    last_retry.unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::{super::retry::DEFAULT_BUDGET, *};

    #[test]
    fn retry_cost_depends_on_failure() {
        for (failure, tokens) in [
            (Failure::Refused, 0),
            (Failure::Status(429, None), 5),
            (Failure::Status(503, None), 5),
            (Failure::Reset, 10),
            (Failure::Unreached, 10),
            (Failure::Broken, 10),
            (Failure::TimedOut, 10),
        ] {
            assert_eq!(cost(failure), tokens, "{failure:?}");
        }
        for (last_retry, tokens) in [(None, 1), (Some(0), 0), (Some(5), 5), (Some(10), 10)] {
            assert_eq!(refund(last_retry), tokens, "{last_retry:?}");
        }
    }

    #[test]
    fn budget_allows_retries_up_to_its_tokens() {
        enum TestStep {
            Take(u32, bool),
            Refund(u32),
        }
        use TestStep::{Refund, Take};
        let tables: [(Option<u32>, &[TestStep]); 6] = [
            (Some(10), &[Take(5, true), Take(5, true), Take(5, false), Take(0, true)]),
            (Some(10), &[Take(10, true), Refund(1), Take(5, false), Refund(4), Take(5, true), Take(1, false)]),
            // A refund never exceeds the capacity.
            (Some(10), &[Refund(u32::MAX), Take(10, true), Take(1, false)]),
            (Some(7), &[Take(10, false), Take(5, true), Take(5, false), Take(2, true)]),
            (Some(0), &[Take(5, false), Refund(5), Take(5, false), Take(0, true)]),
            (None, &[Take(u32::MAX, true), Take(u32::MAX, true), Refund(1), Take(u32::MAX, true)]),
        ];
        for (capacity, steps) in tables {
            let budget = Budget::new(capacity);
            for (at, step) in steps.iter().enumerate() {
                match step {
                    Take(tokens, allowed) => {
                        assert_eq!(budget.has(*tokens), *allowed, "{capacity:?}, step {at}");
                        assert_eq!(budget.take(*tokens), *allowed, "{capacity:?}, step {at}");
                    }
                    Refund(tokens) => budget.refund(*tokens),
                }
            }
        }
    }

    #[test]
    fn default_budget_pays_for_100_retries() {
        let budget = Budget::new(Some(DEFAULT_BUDGET));
        let retries = (0..1000).filter(|_| budget.take(cost(Failure::Status(503, None)))).count();
        assert_eq!(retries, 100);
    }
}
