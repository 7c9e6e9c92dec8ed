//! Livestreams: who publishes, who watches, and where.

mod stream;
mod streamer;
mod viewer;

pub use stream::{Stream, StreamOptions};
pub use streamer::Streamer;
pub use viewer::Viewer;

use crate::{FishjamClient, StreamId, error::Result};

impl FishjamClient {
    /// The address that livestreams are published to over WHIP, with a streamer's token as bearer token.
    ///
    /// The token says which livestream it is. Nothing is sent.
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

    /// The address that livestreams are watched at over WHEP, with a viewer's token as bearer token.
    ///
    /// The token says which livestream it is; without one see
    /// [`public_livestream_whep_url`](Self::public_livestream_whep_url). Nothing is sent.
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

    /// The address that a public livestream is watched at over WHEP, without a token. Nothing is sent.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the id is not valid.
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
        stream_id.check()?;
        Ok(self.transport.endpoint().public_whep(stream_id.as_str()))
    }
}
