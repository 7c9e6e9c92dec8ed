//! Reports of WebRTC metrics.

use std::fmt;

use fishjam_proto::jellyfish::server_message as wire;
use serde::{Deserialize, Deserializer, Serialize};

use super::metrics::Metrics;
use crate::{
    error::Result,
    events::{from_wire::FromWire, ids::CollectIds},
    json_error::read_unquoted,
    metadata::Metadata,
};

/// A report of the WebRTC metrics of all rooms of a Jellyfish server.
///
/// The server sends a report about once per second. The report is empty while no peer is connected. `Debug` prints only
/// the length, because a report may contain metadata and addresses of peers.
///
/// The default report has no metrics. In JSON, the metrics are nested: `{"metrics":{…}}`.
///
/// For an example, see [`Metrics`](super::Metrics).
///
/// The content of [`Notification::MetricsReport`](super::Notification::MetricsReport).
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MetricsReport {
    metrics: Metadata,
}

impl MetricsReport {
    /// Returns the report as the server sent it: a JSON object. The SDK does not check it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.metrics.as_str()
    }

    /// Parses the report.
    ///
    /// For an example, see [`Metrics`](super::Metrics).
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Decode`](crate::ErrorKind::Decode) if the report is not a JSON object. The error contains the position. Neither the error
    /// nor its source quotes the report.
    pub fn metrics(&self) -> Result<Metrics> {
        self.metrics.read("a metrics report cannot be read").map(Metrics::of)
    }
}

impl fmt::Debug for MetricsReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MetricsReport({} bytes)", self.as_str().len())
    }
}

impl FromWire<wire::MetricsReport> for MetricsReport {
    fn from_wire(message: wire::MetricsReport) -> Self {
        let wire::MetricsReport { metrics } = message;
        Self { metrics: FromWire::from_wire(metrics) }
    }
}

impl Default for MetricsReport {
    fn default() -> Self {
        Self { metrics: Metadata::new("{}") }
    }
}

impl<'de> Deserialize<'de> for MetricsReport {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Members {
            metrics: Metadata,
        }
        let Members { metrics } = read_unquoted(deserializer)?;
        Ok(Self { metrics })
    }
}

impl CollectIds for MetricsReport {}
