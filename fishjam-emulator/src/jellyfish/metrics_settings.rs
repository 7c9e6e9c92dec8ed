//! Settings of the metrics.

use std::{sync::Mutex, time::Duration};

use serde_json::Value;

use crate::lock::lock;

/// How often metrics are reported, and which.
pub(crate) struct Gauges {
    pub(crate) interval: Duration,
    /// In place of what is made up.
    pub(crate) told: Mutex<Option<Value>>,
}

impl Gauges {
    pub(crate) fn new(interval: Duration) -> Self {
        Gauges { interval, told: Mutex::default() }
    }

    pub(crate) fn set(&self, metrics: Option<Value>) {
        *lock(&self.told) = metrics;
    }
}
