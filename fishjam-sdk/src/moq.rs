//! Media over QUIC: access to the relay, which is apart from rooms.

use std::time::Duration;

use fishjam_api::fishjam::types;

use crate::{
    FishjamClient,
    error::Result,
    secret::{MoqConnectionUrl, MoqToken},
    transport::operations,
};

/// What the holder of an access to the relay may do; at least one path is needed.
///
/// Paths are relative to the account's part of the relay and cover what is below them: `stream` covers
/// `stream/camera` too. The service checks them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MoqAccessOptions {
    /// The path below which the holder may publish. Default: none.
    pub publish_path: Option<String>,
    /// The path below which the holder may receive. Default: none.
    pub subscribe_path: Option<String>,
    /// How long the access is valid. Service's default: an hour; it allows seven days at the most.
    pub ttl: Option<Duration>,
}

impl MoqAccessOptions {
    /// Options that allow nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets the holder publish below this path.
    #[must_use]
    pub fn publish_path(mut self, path: impl Into<String>) -> Self {
        self.publish_path = Some(path.into());
        self
    }

    /// Lets the holder receive what is published below this path.
    #[must_use]
    pub fn subscribe_path(mut self, path: impl Into<String>) -> Self {
        self.subscribe_path = Some(path.into());
        self
    }

    /// Limits how long the access is valid. The service counts in seconds; a fraction of one is rounded up.
    #[must_use]
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.ttl = Some(ttl);
        self
    }
}

/// The shortest time in whole seconds that is not shorter than this.
fn whole_seconds(time: Duration) -> i64 {
    let seconds = time.as_secs().saturating_add(u64::from(time.subsec_nanos() > 0));
    // More than the service allows either way.
    i64::try_from(seconds).unwrap_or(i64::MAX)
}

impl From<MoqAccessOptions> for types::MoqAccessConfig {
    fn from(options: MoqAccessOptions) -> Self {
        Self {
            publish_path: options.publish_path,
            subscribe_path: options.subscribe_path,
            ttl: options.ttl.map(whole_seconds),
        }
    }
}

/// Access to the Media over QUIC relay.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct MoqAccess {
    /// The relay's address with the token in it, ready to connect to.
    pub connection_url: MoqConnectionUrl,
    /// The token alone.
    pub token: MoqToken,
}

impl From<types::MoqAccess> for MoqAccess {
    fn from(access: types::MoqAccess) -> Self {
        Self { connection_url: access.connection_url.into(), token: access.token.into() }
    }
}

impl FishjamClient {
    /// Makes an access to the Media over QUIC relay: to publish, to receive, or both.
    ///
    /// # Errors
    ///
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if there is no path or the service refuses an option, and
    /// whatever can happen to any request.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// use std::time::Duration;
    /// use fishjam_sdk::MoqAccessOptions;
    ///
    /// let options = MoqAccessOptions::new().publish_path("stream/camera").ttl(Duration::from_secs(600));
    /// let access = fishjam.create_moq_access(options).await?;
    /// println!("publish at {}", access.connection_url.expose());
    /// # assert!(access.connection_url.expose().contains(access.token.expose()));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn create_moq_access(&self, options: MoqAccessOptions) -> Result<MoqAccess> {
        let config = options.into();
        let access = self.transport.call(operations::CREATE_MOQ_ACCESS, |api| api.create_moq_access(&config)).await?;
        Ok(access.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_sent_in_whole_seconds_and_never_shortened() {
        for (time, seconds) in [
            (Duration::ZERO, 0),
            (Duration::from_nanos(1), 1),
            (Duration::from_secs(600), 600),
            (Duration::from_millis(600_001), 601),
            (Duration::MAX, i64::MAX),
        ] {
            assert_eq!(whole_seconds(time), seconds, "{time:?}");
        }
    }

    #[test]
    fn an_option_that_is_not_set_is_not_sent() {
        let json = |options: MoqAccessOptions| serde_json::to_value(types::MoqAccessConfig::from(options)).unwrap();
        assert_eq!(json(MoqAccessOptions::new()), serde_json::json!({}));
        assert_eq!(json(MoqAccessOptions::new().subscribe_path("a")), serde_json::json!({ "subscribePath": "a" }));
    }
}
