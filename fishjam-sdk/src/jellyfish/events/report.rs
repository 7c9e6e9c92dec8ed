//! Reports of what WebRTC measures.

use std::fmt;

use fishjam_proto::jellyfish::server_message as wire;
use serde::Serialize;

use super::metrics::Metrics;
use crate::{
    error::{Error, ErrorKind, Result},
    events::{payload::FromWire, subject::About},
    json_error::JsonError,
};

/// What WebRTC measured on a Jellyfish, of all its rooms; about once a second, empty while nobody is connected.
///
/// It may hold what peers attached to themselves and session descriptions with their addresses, so that `Debug` prints
/// only its length.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MetricsReport {
    metrics: String,
}

impl MetricsReport {
    /// The report as it was sent: a JSON object as text; nothing has checked that.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.metrics
    }

    /// Reads the report.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Decode`] if it is not a JSON object. The error says where, and neither it nor its source repeats a
    /// part of the text.
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

impl About for MetricsReport {}
