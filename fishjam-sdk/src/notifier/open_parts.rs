//! The parts of a notifier that must end before it is closed.

use tokio::sync::watch;

/// The number of open parts: streams, and tasks with a socket.
#[derive(Clone, Debug)]
pub(super) struct OpenParts(watch::Sender<usize>);

impl Default for OpenParts {
    fn default() -> Self {
        Self(watch::Sender::new(0))
    }
}

impl OpenParts {
    /// Adds a part. It is open until it is dropped.
    pub(super) fn add(&self) -> OpenPart {
        self.0.send_modify(|parts| *parts += 1);
        OpenPart(self.clone())
    }

    /// Waits until there is no open part. Cancel safe.
    pub(super) async fn wait_until_none(&self) {
        // `self` keeps the sender, so the wait does not fail.
        let _ = self.0.subscribe().wait_for(|parts| *parts == 0).await;
    }
}

/// A part that is open.
#[derive(Debug)]
pub(super) struct OpenPart(OpenParts);

impl Drop for OpenPart {
    fn drop(&mut self) {
        self.0.0.send_modify(|parts| *parts = parts.saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn wait_ends_when_the_last_part_is_dropped() {
        let parts = OpenParts::default();
        assert!(parts.wait_until_none().now_or_never().is_some());
        let (first, second) = (parts.add(), parts.add());
        let mut waiting = Box::pin(parts.wait_until_none());
        assert!(waiting.as_mut().now_or_never().is_none());
        drop(first);
        assert!(waiting.as_mut().now_or_never().is_none());
        drop(second);
        assert!(waiting.now_or_never().is_some());
    }
}
