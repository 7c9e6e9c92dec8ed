//! The health of a server.

use std::time::Duration;

use fishjam_api::jellyfish::{enums::HealthReportStatus as HealthStatus, types};
use serde::Serialize;

use super::{client::JellyfishClient, timeout::whole_seconds};
use crate::{
    error::Result,
    extra::{Extra, read_model},
    transport::operations::jellyfish as operations,
};

/// The health of a server.
///
/// It serializes with the member names of the REST API. `Default` creates the health of a running server for a test: no
/// version and no cluster.
///
/// For an example, see [`JellyfishClient::health`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Health {
    /// Whether the server is running.
    pub status: HealthStatus,
    /// The time since the start of the server, in whole seconds.
    #[serde(serialize_with = "whole_seconds")]
    pub uptime: Duration,
    /// The version of the server, such as `0.5.0`.
    pub version: String,
    /// The git commit of the build, or `dev`.
    pub git_commit: String,
    /// The server's health as a member of a cluster.
    pub distribution: Distribution,
    #[serde(flatten)]
    extra: Extra,
}

read_model!(Health, types::HealthReport);

impl Health {
    fn from_wire(report: types::HealthReport) -> Self {
        Self {
            status: report.status,
            uptime: Duration::from_secs(u64::try_from(report.uptime).unwrap_or(0)),
            version: report.version,
            git_commit: report.git_commit,
            distribution: Distribution::from_wire(report.distribution),
            extra: Extra::new(report.extra),
        }
    }
}

impl Default for Health {
    fn default() -> Self {
        Self {
            status: HealthStatus::Up,
            uptime: Duration::ZERO,
            version: String::new(),
            git_commit: String::new(),
            distribution: Distribution::default(),
            extra: Extra::default(),
        }
    }
}

/// A server's health as a member of a cluster.
///
/// It serializes with the member names of the REST API. `Default` describes a server without a cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Distribution {
    /// Whether the server is configured as a member of a cluster.
    pub enabled: bool,
    /// Whether the server is connected to the cluster. [`HealthStatus::Down`] without a cluster.
    pub node_status: HealthStatus,
    /// Number of servers in the cluster, including this one. 0 without a cluster.
    pub nodes_in_cluster: u64,
    #[serde(flatten)]
    extra: Extra,
}

read_model!(Distribution, types::HealthReportDistribution);

impl Distribution {
    fn from_wire(distribution: types::HealthReportDistribution) -> Self {
        Self {
            enabled: distribution.enabled.unwrap_or(false),
            node_status: distribution.node_status,
            nodes_in_cluster: u64::try_from(distribution.nodes_in_cluster).unwrap_or(0),
            extra: Extra::new(distribution.extra),
        }
    }
}

impl Default for Distribution {
    fn default() -> Self {
        Self { enabled: false, node_status: HealthStatus::Down, nodes_in_cluster: 0, extra: Extra::default() }
    }
}

impl JellyfishClient {
    /// Returns the health of the server. A server that responds is running.
    ///
    /// # Errors
    ///
    /// Returns one of the [common errors](crate::Error#common-errors).
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. It changes nothing on the server.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::jellyfish().start().await?;
    /// # let options = fishjam_sdk::jellyfish::ConnectionOptions::new(emulator.address(), emulator.token());
    /// # let jellyfish = fishjam_sdk::jellyfish::JellyfishClient::new(options)?;
    /// use fishjam_sdk::jellyfish::HealthStatus;
    ///
    /// let health = jellyfish.health().await?;
    /// assert_eq!(health.status, HealthStatus::Up);
    /// println!("{} for {:?}", health.version, health.uptime);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn health(&self) -> Result<Health> {
        let report = self.call(operations::HEALTHCHECK, |api| api.healthcheck()).await?;
        Ok(Health::from_wire(report.data))
    }
}
