//! Access to the Media over QUIC relay, which is independent of rooms.

use std::time::Duration;

use fishjam_api::fishjam::types;
use serde::Serialize;

use crate::{
    client::FishjamClient,
    error::Result,
    extra::{Extra, read_model},
    secret::{MoqConnectionUrl, MoqToken},
    transport::operations,
};

/// Options for access to the Media over QUIC relay. Set at least one path.
///
/// Paths are relative to the account's part of the relay. A path includes all paths below it: `stream` includes
/// `stream/camera`.
///
/// ```
/// use std::time::Duration;
/// use fishjam_sdk::MoqAccessOptions;
///
/// let options = MoqAccessOptions::new().publish_path("lesson-7").ttl(Duration::from_secs(600));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MoqAccessOptions {
    publish_path: Option<String>,
    subscribe_path: Option<String>,
    ttl: Option<Duration>,
}

impl MoqAccessOptions {
    /// Creates options without any permission.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Permits publishing at this path and below it. Server default: no permission to publish.
    #[must_use]
    pub fn publish_path(mut self, path: impl Into<String>) -> Self {
        self.publish_path = Some(path.into());
        self
    }

    /// Permits receiving from this path and below it. Server default: no permission to receive.
    #[must_use]
    pub fn subscribe_path(mut self, path: impl Into<String>) -> Self {
        self.subscribe_path = Some(path.into());
        self
    }

    /// Sets the validity of the access. Server default: 1 hour. The server accepts at most 7 days.
    ///
    /// The SDK rounds up to whole seconds.
    #[must_use]
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.ttl = Some(ttl);
        self
    }

    fn into_wire(self) -> types::MoqAccessConfig {
        types::MoqAccessConfig {
            publish_path: self.publish_path,
            subscribe_path: self.subscribe_path,
            ttl: self.ttl.map(whole_seconds),
        }
    }
}

/// Rounds up to whole seconds.
fn whole_seconds(time: Duration) -> i64 {
    let seconds = time.as_secs().saturating_add(u64::from(time.subsec_nanos() > 0));
    // The server rejects both values, because they are too large.
    i64::try_from(seconds).unwrap_or(i64::MAX)
}

/// Access to the Media over QUIC relay. It ends after the [validity](MoqAccessOptions::ttl) of the options.
///
/// Both fields serialize as `[redacted]`; see [`Exposed`](crate::Exposed). `Default` creates empty access for a test.
///
/// [`FishjamClient::create_moq_access`] returns it, and has an example.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct MoqAccess {
    /// URL of the relay, including the token.
    pub connection_url: MoqConnectionUrl,
    /// The token without the URL.
    pub token: MoqToken,
    #[serde(flatten)]
    extra: Extra,
}

read_model!(MoqAccess, types::MoqAccess, |access| {
    access.token.is_redacted() || access.connection_url.is_redacted()
});

impl Default for MoqAccess {
    fn default() -> Self {
        Self { connection_url: MoqConnectionUrl::from(""), token: MoqToken::from(""), extra: Extra::default() }
    }
}

impl MoqAccess {
    fn from_wire(access: types::MoqAccess) -> Self {
        Self {
            connection_url: access.connection_url.into(),
            token: access.token.into(),
            extra: Extra::new(access.extra),
        }
    }
}

impl FishjamClient {
    /// Creates access to the Media over QUIC relay, for publishing, receiving or both.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the options have no path, or the server rejects an option: [`BadRequest`](crate::ErrorKind::BadRequest)
    /// - one of the [common errors](crate::Error#common-errors) occurs
    ///
    /// # Cancel safety
    ///
    /// If you drop the future, the SDK sends nothing more. A request that was already sent can still take effect.
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
        let config = options.into_wire();
        let access = self.transport.call(operations::CREATE_MOQ_ACCESS, |api| api.create_moq_access(&config)).await?;
        Ok(MoqAccess::from_wire(access))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ttl_is_rounded_up_to_seconds() {
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
    fn unset_option_is_not_sent() {
        let json = |options: MoqAccessOptions| serde_json::to_value(options.into_wire()).unwrap();
        assert_eq!(json(MoqAccessOptions::new()), serde_json::json!({}));
        assert_eq!(json(MoqAccessOptions::new().subscribe_path("a")), serde_json::json!({ "subscribePath": "a" }));
    }
}
