//! The description of a fault, and the list of active faults.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;

use super::{Delivery, Handshake, Patch};
use crate::lock::lock;

/// The description of a fault and its progress.
pub(super) struct Script {
    pub(super) operation: String,
    /// `None` means "always".
    pub(super) times: Option<u64>,
    pub(super) skip: u64,
    /// The fault hits every request whose number is a multiple of this.
    pub(super) every: u64,
    pub(super) hits: u64,
    pub(super) status: Option<u16>,
    pub(super) body: Option<Bytes>,
    pub(super) content_type: Option<String>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) delay: Duration,
    pub(super) truncate: Option<usize>,
    pub(super) delivery: Delivery,
    pub(super) after_handling: bool,
    pub(super) patch: Option<Patch>,
    pub(super) handshake: Handshake,
    /// Whether the description has an effect.
    pub(super) is_complete: bool,
    /// The requests and hits since the description was last changed.
    progress: Progress,
}

#[derive(Default)]
struct Progress {
    skipped: u64,
    passed: u64,
    hits: u64,
}

impl Script {
    pub(super) fn new(operation: &str) -> Self {
        Script {
            operation: operation.to_owned(),
            times: Some(1),
            skip: 0,
            every: 1,
            hits: 0,
            status: None,
            body: None,
            content_type: None,
            headers: Vec::new(),
            delay: Duration::ZERO,
            truncate: None,
            delivery: Delivery::Whole,
            after_handling: false,
            patch: None,
            handshake: Handshake::default(),
            is_complete: false,
            progress: Progress::default(),
        }
    }

    /// Returns the number of requests that the fault will still hit, or `None` for all requests.
    pub(super) fn left(&self) -> Option<u64> {
        self.times.map(|times| times.saturating_sub(self.progress.hits))
    }

    fn is_active(&self) -> bool {
        self.is_complete && self.left() != Some(0)
    }

    /// Counts a request, and returns whether the fault hits it.
    fn fires(&mut self, operation: &str) -> bool {
        if self.operation != "*" && self.operation != operation {
            return false;
        }
        let progress = &mut self.progress;
        if progress.skipped < self.skip {
            progress.skipped += 1;
            return false;
        }
        progress.passed += 1;
        if !progress.passed.is_multiple_of(self.every) {
            return false;
        }
        progress.hits += 1;
        self.hits += 1;
        true
    }
}

/// The active faults, in the order in which their descriptions started.
#[derive(Default)]
pub(super) struct Scripts {
    active: Vec<(u64, Arc<Mutex<Script>>)>,
    started: u64,
}

impl Scripts {
    /// Returns the number of a new description.
    pub(super) fn start(&mut self) -> u64 {
        self.started += 1;
        self.started
    }

    /// Changes a description, and restarts the progress of the fault.
    pub(super) fn change(&mut self, number: u64, script: &Arc<Mutex<Script>>, change: impl FnOnce(&mut Script)) {
        let mut described = lock(script);
        change(&mut described);
        described.progress = Progress::default();
        let place = self.active.binary_search_by_key(&number, |(number, _)| *number);
        match (place, described.is_active()) {
            (Err(place), true) => self.active.insert(place, (number, Arc::clone(script))),
            (Ok(place), false) => drop(self.active.remove(place)),
            _ => {}
        }
    }

    pub(super) fn clear(&mut self) {
        self.active.clear();
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<Mutex<Script>>> {
        self.active.iter().map(|(_, script)| script)
    }

    /// Passes the faults that hit a request to `hit`, until that returns `true`. Used-up faults are dropped.
    pub(super) fn apply(&mut self, operation: &str, mut hit: impl FnMut(&Script) -> bool) {
        let mut is_last = false;
        self.active.retain(|(_, script)| {
            let mut script = lock(script);
            if !is_last && script.fires(operation) {
                is_last = hit(&script);
            }
            script.is_active()
        });
    }
}
