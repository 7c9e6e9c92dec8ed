//! Livestreams, with their streamers and viewers.

mod livestream;
mod streamer;
mod viewer;

pub use livestream::{Livestream, LivestreamOptions};
pub use streamer::Streamer;
pub use viewer::Viewer;

use crate::{client::FishjamClient, error::Result, id::StreamId};

impl FishjamClient {
    /// Returns the URL for publishing livestreams over WHIP.
    ///
    /// Publish with the token of a streamer as the bearer token. The token determines the livestream. This method
    /// sends no request.
    ///
    /// ```
    /// # fn main() -> anyhow::Result<()> {
    /// # use fishjam_sdk::FishjamClient;
    /// let fishjam = FishjamClient::new("my-fishjam-id", "my-management-token")?;
    /// assert_eq!(fishjam.livestream_whip_url(), "https://fishjam.io/api/v1/live/api/whip");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn livestream_whip_url(&self) -> String {
        self.transport.endpoint().whip()
    }

    /// Returns the URL for watching livestreams over WHEP with a token.
    ///
    /// Watch with the token of a viewer as the bearer token. The token determines the livestream. To watch without a
    /// token, use [`public_livestream_whep_url`](Self::public_livestream_whep_url). This method sends no request.
    ///
    /// ```
    /// # fn main() -> anyhow::Result<()> {
    /// # use fishjam_sdk::FishjamClient;
    /// let fishjam = FishjamClient::new("my-fishjam-id", "my-management-token")?;
    /// assert_eq!(fishjam.livestream_whep_url(), "https://fishjam.io/api/v1/live/api/whep");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn livestream_whep_url(&self) -> String {
        self.transport.endpoint().whep()
    }

    /// Returns the URL for watching a public livestream over WHEP without a token. Sends no request.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidInput`](crate::ErrorKind::InvalidInput) if the id is not valid.
    ///
    /// ```
    /// # fn main() -> anyhow::Result<()> {
    /// # use fishjam_sdk::FishjamClient;
    /// let fishjam = FishjamClient::new("my-fishjam-id", "my-management-token")?;
    /// let url = fishjam.public_livestream_whep_url("a-stream-id")?;
    /// assert_eq!(url, "https://fishjam.io/api/v1/live/api/whep/a-stream-id");
    /// # Ok(())
    /// # }
    /// ```
    pub fn public_livestream_whep_url(&self, stream_id: impl Into<StreamId>) -> Result<String> {
        let stream_id = stream_id.into();
        stream_id.check().map_err(|e| e.on_method("public_livestream_whep_url"))?;
        Ok(self.transport.endpoint().public_whep(stream_id.as_str()))
    }
}
