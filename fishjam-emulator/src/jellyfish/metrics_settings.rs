//! Settings of metrics reports.

use std::{sync::Mutex, time::Duration};

use serde_json::Value;

use crate::lock::lock;

/// The interval and the contents of metrics reports.
pub(crate) struct MetricsSettings {
    pub(crate) interval: Duration,
    /// Metrics that replace the generated ones.
    fixed: Mutex<Option<Value>>,
}

impl MetricsSettings {
    pub(crate) fn new(interval: Duration) -> Self {
        MetricsSettings { interval, fixed: Mutex::default() }
    }

    /// Sets the metrics that replace the generated ones.
    pub(crate) fn set(&self, metrics: Option<Value>) {
        *lock(&self.fixed) = metrics;
    }

    /// Returns the metrics that replace the generated ones, if any.
    pub(crate) fn fixed(&self) -> Option<Value> {
        lock(&self.fixed).clone()
    }
}
