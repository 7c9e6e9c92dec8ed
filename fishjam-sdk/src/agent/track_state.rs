//! The state of an outgoing track that its handles share with the session's task.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use crate::{error::Result, id::TrackId};

/// The state of an outgoing track.
#[derive(Debug)]
pub(super) struct TrackState {
    pub(super) id: TrackId,
    utterance: Mutex<UtteranceState>,
    removed: AtomicBool,
}

/// The state of the audio that is sent on a track.
#[derive(Debug, Default)]
struct UtteranceState {
    /// The number of interrupts. The task does not send chunks of earlier utterances.
    number: u64,
    /// Whether an interrupt waits to be sent.
    interrupting: bool,
}

impl TrackState {
    pub(super) fn new(id: TrackId) -> Arc<Self> {
        Arc::new(Self { id, utterance: Mutex::default(), removed: AtomicBool::new(false) })
    }

    fn lock(&self) -> MutexGuard<'_, UtteranceState> {
        self.utterance.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the number of the current utterance.
    pub(super) fn utterance(&self) -> u64 {
        self.lock().number
    }

    /// Starts the next utterance. Calls `send` to send an interrupt, unless one waits already.
    pub(super) fn interrupt(&self, send: impl FnOnce() -> Result<()>) -> Result<()> {
        // The lock is held while the command is sent. Otherwise, another handle could join the new utterance and send
        // its first chunk before the interrupt, which would discard that chunk.
        let mut utterance = self.lock();
        utterance.number += 1;
        if !utterance.interrupting {
            send()?;
            utterance.interrupting = true;
        }
        Ok(())
    }

    /// Records that the task sends the waiting interrupt: a later interrupt needs another message.
    pub(super) fn interrupt_sent(&self) {
        self.lock().interrupting = false;
    }

    /// Marks the track as removed.
    pub(super) fn mark_removed(&self) {
        self.removed.store(true, Ordering::SeqCst);
    }

    pub(super) fn is_removed(&self) -> bool {
        self.removed.load(Ordering::SeqCst)
    }
}
