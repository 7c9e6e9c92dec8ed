//! Reports of WebRTC metrics.

use std::fmt;

use fishjam_proto::jellyfish::server_message as wire;
use serde::Serialize;

use super::metrics::Metrics;
use crate::{
    error::{Error, ErrorKind, Result},
    events::{from_wire::FromWire, ids::CollectIds},
    json_error::JsonError,
};

/// A report of the WebRTC metrics of all rooms of a Jellyfish server.
///
/// The server sends a report about once per second. The report is empty while no peer is connected. `Debug` prints only
/// the length, because a report may contain metadata and addresses of peers.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MetricsReport {
    metrics: String,
}

impl MetricsReport {
    /// Returns the report as the server sent it: a JSON object. The SDK does not check it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.metrics
    }

    /// Parses the report.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Decode`] if the report is not a JSON object. The error contains the position. Neither the error
    /// nor its source quotes the report.
    pub fn metrics(&self) -> Result<Metrics> {
        serde_json::from_str(&self.metrics).map(Metrics::of).map_err(|error| {
            Error::new(ErrorKind::Decode)
                .message_text("a metrics report cannot be read")
                .caused_by(JsonError::from(&error))
        })
    }
}

impl fmt::Debug for MetricsReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MetricsReport({} bytes)", self.metrics.len())
    }
}

impl FromWire<wire::MetricsReport> for MetricsReport {
    fn from_wire(message: wire::MetricsReport) -> Self {
        let wire::MetricsReport { metrics } = message;
        Self { metrics }
    }
}

impl CollectIds for MetricsReport {}
