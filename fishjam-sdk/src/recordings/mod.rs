//! Recordings of compositions.

mod download;
mod filter;
mod options;
mod recording;
mod template;

pub use filter::RecordingFilter;
pub use options::{CompositionRecordingOptions, TemplateRecordingOptions};
pub use recording::{
    CompositionSource, Recording, RecordingFile, RecordingSource, TemplateSource, TemplateSourceResolution,
};
pub use template::Template;

use crate::{
    client::FishjamClient,
    error::{Error, Result},
    id::RecordingId,
    listing::Listing,
    transport::{Form, Operation, Part, RequestPatch, deep_object, operations},
};

impl FishjamClient {
    /// Starts a recording of a composition's output.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the server rejects an option: [`BadRequest`](crate::ErrorKind::BadRequest)
    /// - the source cannot currently be recorded: [`Conflict`](crate::ErrorKind::Conflict)
    /// - the quota of the plan is used up: [`QuotaExceeded`](crate::ErrorKind::QuotaExceeded)
    /// - the metadata is not a JSON object, or the scale ratio is not finite:
    ///   [`InvalidInput`](crate::ErrorKind::InvalidInput)
    /// - one of the [common errors](crate::Error#common-errors) occurs
    ///
    /// After an error, the recording may still exist: see
    /// [`may_have_taken_effect`](crate::Error::may_have_taken_effect).
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
    /// use fishjam_sdk::{CompositionRecordingOptions, RecordingStatus};
    /// use serde_json::json;
    ///
    /// let composition = "https://rtc.fishjam.io/api/composition/my-composition";
    /// let options = CompositionRecordingOptions::new(composition, "my-output").metadata(json!({ "lesson": "7" }));
    /// let recording = fishjam.create_composition_recording(options).await?;
    /// assert_eq!(recording.status, RecordingStatus::Active);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn create_composition_recording(&self, options: CompositionRecordingOptions) -> Result<Recording> {
        let config = options.into_wire().map_err(|e| operations::CREATE_COMPOSITION_RECORDING.failed(e))?;
        let created =
            self.transport.call(operations::CREATE_COMPOSITION_RECORDING, |api| api.create_recording(&config)).await?;
        Ok(Recording::from_wire(created.data))
    }

    /// Starts a recording of a composition that your template renders.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the server rejects an option, or the template is not a valid bundle of at most 1 MiB:
    ///   [`BadRequest`](crate::ErrorKind::BadRequest)
    /// - the source cannot currently be recorded: [`Conflict`](crate::ErrorKind::Conflict)
    /// - the quota of the plan is used up: [`QuotaExceeded`](crate::ErrorKind::QuotaExceeded)
    /// - the template has no name or is larger than 16 MiB, or the metadata is not a JSON object:
    ///   [`InvalidInput`](crate::ErrorKind::InvalidInput)
    /// - the template cannot be read: [`Setup`](crate::ErrorKind::Setup)
    /// - one of the [common errors](crate::Error#common-errors) occurs
    ///
    /// After an error, the recording may still exist: see
    /// [`may_have_taken_effect`](crate::Error::may_have_taken_effect).
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
    /// use fishjam_sdk::{RecordingSource, Template, TemplateRecordingOptions};
    ///
    /// let composition = "https://rtc.fishjam.io/api/composition/my-composition";
    /// let template = Template::from_bytes("grid.js", "export default () => null;");
    /// let options = TemplateRecordingOptions::new(composition, template).resolution(1920, 1080);
    /// let recording = fishjam.create_template_recording(options).await?;
    /// assert!(matches!(recording.source, RecordingSource::Template(_)));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn create_template_recording(&self, options: TemplateRecordingOptions) -> Result<Recording> {
        let operation = operations::CREATE_TEMPLATE_RECORDING;
        let (config, template) = options.into_parts().map_err(|e| operation.failed(e))?;
        let bundle = template.read().await.map_err(|e| operation.failed(e))?;
        let unserializable = |e| Error::invalid_input("failed to serialize the options of the recording").caused_by(e);
        let content = serde_json::to_vec(&config).map_err(|e| operation.failed(unserializable(e)))?;
        let form = Form::new(&[
            Part { name: "config", file_name: None, content_type: "application/json", content: &content },
            Part {
                name: "template",
                file_name: Some(&bundle.file_name),
                content_type: "application/octet-stream",
                content: &bundle.content,
            },
        ])
        .map_err(|e| operation.failed(e))?;
        let created = self
            .transport
            .call_patched(operation, RequestPatch::form(form), |api| api.create_recording(&config))
            .await?;
        Ok(Recording::from_wire(created.data))
    }

    /// Returns the recordings that match a filter. An empty filter matches all recordings.
    ///
    /// The list omits recordings that the SDK cannot read, and the SDK logs a warning. To detect them, use
    /// [`get_all_recordings_with_unreadable`](Self::get_all_recordings_with_unreadable).
    ///
    /// For the time, the memory and the limit, see "Long lists" at [`get_all_rooms`](crate::FishjamClient::get_all_rooms).
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - a query cannot contain the [filter](RecordingFilter::metadata):
    ///   [`InvalidInput`](crate::ErrorKind::InvalidInput)
    /// - one of the [common errors](crate::Error#common-errors) occurs
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. It changes nothing on the server.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// use fishjam_sdk::{RecordingFilter, RecordingStatus};
    /// use serde_json::json;
    ///
    /// let filter = RecordingFilter::new().metadata(json!({ "lesson": "7" })).status(RecordingStatus::Available);
    /// for recording in fishjam.get_all_recordings(filter).await? {
    ///     println!("{} {} files", recording.id, recording.files.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get_all_recordings(&self, filter: RecordingFilter) -> Result<Vec<Recording>> {
        Ok(self.list_recordings(operations::LIST_RECORDINGS, filter).await?.readable())
    }

    /// Like [`get_all_recordings`](Self::get_all_recordings), and also returns the recordings that the SDK could not
    /// read.
    ///
    /// Use this method if a missing recording matters. For example, use it before you treat missing recordings as
    /// deleted.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`get_all_recordings`](Self::get_all_recordings).
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. It changes nothing on the server.
    pub async fn get_all_recordings_with_unreadable(&self, filter: RecordingFilter) -> Result<Listing<Recording>> {
        self.list_recordings(operations::LIST_RECORDINGS_WITH_UNREADABLE, filter).await
    }

    async fn list_recordings(&self, operation: Operation, filter: RecordingFilter) -> Result<Listing<Recording>> {
        let (metadata, status) = filter.into_parts().map_err(|e| operation.failed(e))?;
        let query = deep_object("metadata", &metadata).map_err(|e| operation.failed(e))?;
        self.transport
            .list(
                operation,
                RequestPatch::query(query),
                |api| api.list_recordings(status.as_ref()),
                Recording::from_wire,
            )
            .await
    }

    /// Returns a recording.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the recording does not exist: [`NotFound`](crate::ErrorKind::NotFound)
    /// - one of the [common errors](crate::Error#common-errors) occurs
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. It changes nothing on the server.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # use fishjam_sdk::CompositionRecordingOptions;
    /// # let options = CompositionRecordingOptions::new("https://rtc.fishjam.io/api/composition/c", "o");
    /// # let recording = fishjam.create_composition_recording(options).await?;
    /// let recording = fishjam.get_recording(&recording.id).await?;
    /// println!("{}", recording.status);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get_recording(&self, recording_id: impl Into<RecordingId>) -> Result<Recording> {
        let recording_id = recording_id.into();
        let recording =
            self.transport.call(operations::GET_RECORDING, |api| api.get_recording(recording_id.segment()?)).await?;
        Ok(Recording::from_wire(recording.data))
    }

    /// Stops a recording. Does nothing if the recording has ended.
    ///
    /// Stopping takes some time, so the returned status can still be [`Active`](crate::RecordingStatus::Active). It then becomes
    /// [`Finished`](crate::RecordingStatus::Finished), and [`Available`](crate::RecordingStatus::Available) when the files
    /// exist.
    /// The event [`RecordingStatusChanged`](crate::events::RecordingStatusChanged) reports each change.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the recording does not exist: [`NotFound`](crate::ErrorKind::NotFound)
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
    /// # use fishjam_sdk::CompositionRecordingOptions;
    /// # let options = CompositionRecordingOptions::new("https://rtc.fishjam.io/api/composition/c", "o");
    /// # let recording = fishjam.create_composition_recording(options).await?;
    /// let recording = fishjam.stop_recording(&recording.id).await?;
    /// println!("{}", recording.status);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn stop_recording(&self, recording_id: impl Into<RecordingId>) -> Result<Recording> {
        let recording_id = recording_id.into();
        let stopped =
            self.transport.call(operations::STOP_RECORDING, |api| api.stop_recording(recording_id.segment()?)).await?;
        Ok(Recording::from_wire(stopped.data))
    }

    /// Deletes a recording that has ended.
    ///
    /// The recording disappears immediately. Fishjam deletes its files later.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the recording is still [`Active`](crate::RecordingStatus::Active): [`Conflict`](crate::ErrorKind::Conflict)
    /// - the recording does not exist: [`NotFound`](crate::ErrorKind::NotFound). Some servers
    ///   return success instead.
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
    /// # use fishjam_sdk::CompositionRecordingOptions;
    /// # let options = CompositionRecordingOptions::new("https://rtc.fishjam.io/api/composition/c", "o");
    /// # let recording = fishjam.create_composition_recording(options).await?;
    /// use fishjam_sdk::ErrorKind;
    ///
    /// match fishjam.delete_recording(&recording.id).await {
    ///     Err(e) if e.kind() == ErrorKind::Conflict => println!("stop it first"),
    ///     deleted => deleted?,
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn delete_recording(&self, recording_id: impl Into<RecordingId>) -> Result<()> {
        let recording_id = recording_id.into();
        self.transport.call(operations::DELETE_RECORDING, |api| api.delete_recording(recording_id.segment()?)).await
    }
}

#[cfg(test)]
mod tests;
