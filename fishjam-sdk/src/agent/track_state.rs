//! State of an outgoing track.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use crate::{TrackId, error::Result};

/// An outgoing track, as its handles and the task know it.
#[derive(Debug)]
pub(super) struct Voice {
    pub(super) id: TrackId,
    speech: Mutex<Speech>,
    removed: AtomicBool,
}

/// Where the speech on a track stands.
#[derive(Debug, Default)]
struct Speech {
    /// Counts interruptions: what belongs to an earlier utterance is not sent any more.
    utterance: u64,
    /// An interruption waits to be sent.
    interrupting: bool,
}

impl Voice {
    pub(super) fn new(id: TrackId) -> Arc<Self> {
        Arc::new(Self { id, speech: Mutex::default(), removed: AtomicBool::new(false) })
    }

    fn speech(&self) -> MutexGuard<'_, Speech> {
        self.speech.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn utterance(&self) -> u64 {
        self.speech().utterance
    }

    /// Begins another utterance, and `order`s an interruption if none waits to be sent. Nobody takes part in the new
    /// utterance before the order is taken, lest it comes behind the first words of it.
    pub(super) fn interrupt(&self, order: impl FnOnce() -> Result<()>) -> Result<()> {
        let mut speech = self.speech();
        speech.utterance += 1;
        if !speech.interrupting {
            order()?;
            speech.interrupting = true;
        }
        Ok(())
    }

    /// The service is being told of all interruptions so far.
    pub(super) fn tell_interruption(&self) {
        self.speech().interrupting = false;
    }

    /// Marks it as removed; whether it was not yet.
    pub(super) fn remove(&self) -> bool {
        !self.removed.swap(true, Ordering::SeqCst)
    }

    pub(super) fn is_removed(&self) -> bool {
        self.removed.load(Ordering::SeqCst)
    }
}
