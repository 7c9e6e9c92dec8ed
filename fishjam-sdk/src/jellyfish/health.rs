//! How a server is doing.

use std::time::Duration;

use fishjam_api::jellyfish::types;

use super::{HealthStatus, client::JellyfishClient};
use crate::{error::Result, transport::operations::jellyfish as operations};

/// How a server is doing at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Health {
    /// Whether it is running.
    pub status: HealthStatus,
    /// How long it has been running, to the second.
    pub uptime: Duration,
    /// Its version, such as `0.5.0`.
    pub version: String,
    /// The source that it was built from, or `dev`.
    pub git_commit: String,
    /// How it is doing as a member of a cluster.
    pub distribution: Distribution,
}

/// How a server is doing as a member of a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Distribution {
    /// Whether it is set up to be a member of a cluster.
    pub enabled: bool,
    /// Whether it is one; [`HealthStatus::Down`] without a cluster.
    pub node_status: HealthStatus,
    /// How many servers the cluster has, this one included; 0 without a cluster.
    pub nodes_in_cluster: u64,
}

impl From<types::HealthReport> for Health {
    fn from(report: types::HealthReport) -> Self {
        Self {
            status: report.status,
            uptime: Duration::from_secs(u64::try_from(report.uptime).unwrap_or(0)),
            version: report.version,
            git_commit: report.git_commit,
            distribution: Distribution {
                enabled: report.distribution.enabled.unwrap_or(false),
                node_status: report.distribution.node_status,
                nodes_in_cluster: u64::try_from(report.distribution.nodes_in_cluster).unwrap_or(0),
            },
        }
    }
}

impl JellyfishClient {
    /// Asks the server how it is doing.
    ///
    /// # Errors
    ///
    /// Whatever can happen to any request: a server that answers at all is running.
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
        Ok(report.data.into())
    }
}
