//! Two servers that know each other. A room that one is asked for lives on the other.

use std::sync::{Arc, OnceLock, Weak};

use super::{builder::JellyfishBuilder, emulator::JellyfishEmulator, service::Service};
use crate::error::Result;

/// The other server of a cluster, if there is one.
#[derive(Default)]
pub(crate) struct Cluster(OnceLock<Weak<Service>>);

impl Cluster {
    pub(crate) fn other(&self) -> Option<Arc<Service>> {
        self.0.get().and_then(Weak::upgrade)
    }

    /// How many servers there are; 0 where there is no cluster.
    pub(crate) fn nodes(&self) -> usize {
        match self.0.get() {
            Some(other) => 1 + other.strong_count().min(1),
            None => 0,
        }
    }
}

impl JellyfishBuilder {
    /// Starts two servers that are a cluster: the room that one of them is asked to create lives on the other, whose
    /// address is in the answer; only that one knows the room, and every server socket is told of all rooms.
    ///
    /// A real cluster picks the server that has the least to do. The settings hold for both, but that the second takes
    /// a free port and calls itself by it.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> fishjam_emulator::Result<()> {
    /// let (first, second) = fishjam_emulator::Emulator::jellyfish().start_cluster().await?;
    /// assert_ne!(first.address(), second.address());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`start`](Self::start).
    pub async fn start_cluster(self) -> Result<(JellyfishEmulator, JellyfishEmulator)> {
        let second = self.clone().beside().start().await?;
        let first = self.start().await?;
        for (one, other) in [(&first, &second), (&second, &first)] {
            // Nobody has set it before.
            let _ = one.service.cluster.0.set(Arc::downgrade(&other.service));
        }
        Ok((first, second))
    }
}
