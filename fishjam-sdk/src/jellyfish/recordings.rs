//! Recordings: stored HLS streams.

use super::client::JellyfishClient;
use crate::{
    error::Result,
    id::RecordingId,
    listing::Listing,
    transport::{Operation, RequestPatch, operations::jellyfish as operations},
};

impl JellyfishClient {
    /// Lists the recordings on this server, without the recordings of existing rooms.
    ///
    /// A [persistent HLS component](super::Hls::persistent) creates a recording with the id of its room.
    ///
    /// The SDK skips a recording that it cannot read, and logs a warning. See
    /// [`get_recordings_with_unreadable`](Self::get_recordings_with_unreadable).
    ///
    /// For the time, the memory and the limit, see "Long lists" at [`get_all_rooms`](crate::FishjamClient::get_all_rooms).
    ///
    /// # Errors
    ///
    /// Returns one of the [common errors](crate::Error#common-errors), or
    /// [`NotFound`](crate::ErrorKind::NotFound) if the server cannot read its directory of recordings.
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
    /// for recording in jellyfish.get_recordings().await? {
    ///     println!("{recording}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get_recordings(&self) -> Result<Vec<RecordingId>> {
        Ok(self.list_recordings(operations::GET_RECORDINGS).await?.readable())
    }

    /// Lists the recordings like [`get_recordings`](Self::get_recordings), and also the unreadable ones.
    ///
    /// Use this method if a missing recording matters, for example before you treat missing recordings as deleted.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`get_recordings`](Self::get_recordings).
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. It changes nothing on the server.
    pub async fn get_recordings_with_unreadable(&self) -> Result<Listing<RecordingId>> {
        self.list_recordings(operations::GET_RECORDINGS_WITH_UNREADABLE).await
    }

    async fn list_recordings(&self, operation: Operation) -> Result<Listing<RecordingId>> {
        let convert = |id: String| id.into();
        self.transport.list(operation, RequestPatch::default(), |api| api.get_recordings(), convert).await
    }

    /// Deletes a recording and its files.
    ///
    /// # Errors
    ///
    /// Returns one of the [common errors](crate::Error#common-errors), or
    /// [`NotFound`](crate::ErrorKind::NotFound) if the recording does not exist.
    ///
    /// # Cancel safety
    ///
    /// If you drop the future, the SDK sends nothing more. A request that was already sent can still take effect.
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
