//! Recordings: the HLS streams that a server has kept.

use super::client::JellyfishClient;
use crate::{
    RecordingId,
    error::Result,
    listing::Listing,
    transport::{RequestPatch, operations::jellyfish as operations},
};

impl JellyfishClient {
    /// Lists the recordings that this server has kept, those of running rooms left out.
    ///
    /// A recording is what a [persistent HLS component](super::Hls::persistent) leaves behind; it has the id of its room.
    ///
    /// A recording that the SDK cannot read is left out, and the SDK logs a warning. See
    /// [`get_recordings_with_unreadable`](Self::get_recordings_with_unreadable).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if the server cannot read its directory of recordings, and whatever can
    /// happen to any request.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::jellyfish().start().await?;
    /// # let options = fishjam_sdk::jellyfish::ConnectionOptions::new(emulator.address(), emulator.token());
    /// # let jellyfish = fishjam_sdk::jellyfish::JellyfishClient::new(options)?;
    /// for recording in jellyfish.get_recordings().await? {
    ///     println!("{recording}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get_recordings(&self) -> Result<Vec<RecordingId>> {
        Ok(self.get_recordings_with_unreadable().await?.readable())
    }

    /// Like [`get_recordings`](Self::get_recordings), and also returns the recordings that the SDK could not read.
    ///
    /// Use this method where a missing recording matters, for example before you treat recordings that are not in the list as
    /// deleted.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`get_recordings`](Self::get_recordings).
    pub async fn get_recordings_with_unreadable(&self) -> Result<Listing<RecordingId>> {
        let operation = operations::GET_RECORDINGS;
        let recordings = self
            .transport
            .list(operation, RequestPatch::default(), |api| api.get_recordings(), |list| list.data)
            .await?;
        Ok(recordings.map(Into::into))
    }

    /// Deletes a recording with all its files.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is none with this id, and whatever can happen to any request.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::jellyfish().start().await?;
    /// # let options = fishjam_sdk::jellyfish::ConnectionOptions::new(emulator.address(), emulator.token());
    /// # let jellyfish = fishjam_sdk::jellyfish::JellyfishClient::new(options)?;
    /// let error = jellyfish.delete_recording("gone").await.unwrap_err();
    /// assert!(error.is_not_found());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn delete_recording(&self, recording_id: impl Into<RecordingId>) -> Result<()> {
        let recording_id = recording_id.into();
        self.call(operations::DELETE_RECORDING, |api| api.delete_recording(recording_id.segment()?)).await
    }
}
