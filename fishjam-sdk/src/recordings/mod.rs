//! Recordings: what is kept of a composition's picture and sound.

mod filter;
mod options;
mod template;

use std::fmt;

use fishjam_api::fishjam::types;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

pub use filter::RecordingFilter;
pub use options::{CompositionRecordingOptions, TemplateRecordingOptions};
pub use template::Template;

use crate::{
    FishjamClient, Metadata, RecordingId, RecordingStatus,
    error::{Error, Result},
    listing::Listing,
    secret::Address,
    transport::{Form, Part, RequestPatch, deep_object, operations},
};

/// A recording as the service describes it at one moment.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Recording {
    /// The recording's id.
    pub id: RecordingId,
    /// The stage that it has reached.
    pub status: RecordingStatus,
    /// What is recorded.
    pub source: RecordingSource,
    /// The metadata that was set when the recording was created.
    pub metadata: Option<Metadata>,
    /// The recorded media in the order of playback; none before the status is [`RecordingStatus::Available`].
    pub files: Vec<RecordingFile>,
}

impl Recording {
    /// Parses the metadata into `T`. Absent metadata is parsed as `null`.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Decode`](crate::ErrorKind::Decode) if the metadata cannot be read; see [`Metadata::parse`].
    pub fn metadata<T: DeserializeOwned>(&self) -> Result<T> {
        self.metadata.clone().unwrap_or_default().parse_from("recording")
    }
}

/// What is recorded.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum RecordingSource {
    /// An output that a composition already had.
    Composition(CompositionSource),
    /// A composition's picture as a template draws it.
    Template(TemplateSource),
    /// A source that this version does not know, as the service sent it. `Debug` does not print it.
    Unknown(Map<String, Value>),
}

impl fmt::Debug for RecordingSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Composition(source) => f.debug_tuple("Composition").field(source).finish(),
            Self::Template(source) => f.debug_tuple("Template").field(source).finish(),
            Self::Unknown(_) => f.write_str("Unknown(..)"),
        }
    }
}

/// An output of a composition, as a recording's source.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CompositionSource {
    /// The composition's address.
    pub composition_url: String,
    /// The output's id in the composition.
    pub output_id: String,
    /// By how much the picture is scaled; `None` where the service does not say.
    pub scale_ratio: Option<f64>,
}

/// A composition that a template draws, as a recording's source.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TemplateSource {
    /// The composition's address.
    pub composition_url: String,
    /// Whether there is sound; `None` where the service does not say.
    pub audio: Option<bool>,
    /// The picture's size; `None` where the service does not say.
    pub resolution: Option<TemplateSourceResolution>,
}

/// The size of a picture that a template draws, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TemplateSourceResolution {
    /// From left to right.
    pub width: u32,
    /// From top to bottom.
    pub height: u32,
}

/// One file of a recording.
///
/// `Debug` prints only the scheme and host of the address, because the address is enough to download the file.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordingFile {
    /// The address of the file. Anyone who has it can download the file.
    pub url: String,
}

impl fmt::Debug for RecordingFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordingFile").field("url", &Address(&self.url)).finish()
    }
}

impl From<types::Recording> for Recording {
    fn from(recording: types::Recording) -> Self {
        Self {
            id: recording.id.into(),
            status: recording.status,
            source: recording.source.into(),
            metadata: Metadata::from_member(recording.metadata),
            files: recording.files.into_iter().map(|file| RecordingFile { url: file.url }).collect(),
        }
    }
}

impl From<types::RecordingSource> for RecordingSource {
    fn from(source: types::RecordingSource) -> Self {
        match source {
            types::RecordingSource::CompositionSource(source) => Self::Composition(CompositionSource {
                composition_url: source.composition_url,
                output_id: source.output_id,
                scale_ratio: source.scale_ratio,
            }),
            types::RecordingSource::TemplateSource(source) => Self::Template(TemplateSource {
                composition_url: source.composition_url,
                audio: source.audio,
                resolution: source.resolution.and_then(|size| {
                    Some(TemplateSourceResolution {
                        width: size.width.try_into().ok()?,
                        height: size.height.try_into().ok()?,
                    })
                }),
            }),
            types::RecordingSource::Object(source) => Self::Unknown(source),
        }
    }
}

impl FishjamClient {
    /// Starts to record an output of a composition.
    ///
    /// # Errors
    ///
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if the service refuses an option,
    /// [`Conflict`](crate::ErrorKind::Conflict) if it cannot be recorded at the moment,
    /// [`QuotaExceeded`](crate::ErrorKind::QuotaExceeded) if the plan allows no more,
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the metadata is no JSON object, and whatever can happen
    /// to any request. It may be recorded all the same:
    /// [`may_have_taken_effect`](crate::Error::may_have_taken_effect) says so.
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
        let config = options.try_into()?;
        let created = self.transport.call(operations::CREATE_RECORDING, |api| api.create_recording(&config)).await?;
        Ok(created.data.into())
    }

    /// Starts to record a composition as a template of yours draws it.
    ///
    /// # Errors
    ///
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if the service refuses an option or the template, which must be
    /// a valid bundle of at most 1 MiB, [`Conflict`](crate::ErrorKind::Conflict) if it cannot be recorded at the
    /// moment, [`QuotaExceeded`](crate::ErrorKind::QuotaExceeded) if the plan allows no more,
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the template cannot be read or the metadata is no JSON
    /// object, and whatever can happen to any request. It may be recorded all the same:
    /// [`may_have_taken_effect`](crate::Error::may_have_taken_effect) says so.
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
        let (config, template) = options.into_parts()?;
        let bundle = template.read().await?;
        let unwritable = |e| Error::invalid_input("the recording's options cannot be written as JSON").caused_by(e);
        let content = serde_json::to_vec(&config).map_err(unwritable)?;
        let form = Form::new(&[
            Part { name: "config", file_name: None, content_type: "application/json", content: &content },
            Part {
                name: "template",
                file_name: Some(&bundle.file_name),
                content_type: "application/octet-stream",
                content: &bundle.content,
            },
        ])?;
        let created = self
            .transport
            .call_patched(operations::CREATE_RECORDING, RequestPatch::form(form), |api| api.create_recording(&config))
            .await?;
        Ok(created.data.into())
    }

    /// Lists the recordings that pass a filter; the filter that is empty lets all of them pass.
    ///
    /// A recording that the SDK cannot read is left out, and the SDK logs a warning. See
    /// [`get_all_recordings_with_unreadable`](Self::get_all_recordings_with_unreadable).
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if no query can hold the filter, see
    /// [`RecordingFilter::metadata`], and whatever can happen to any request.
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
        Ok(self.get_all_recordings_with_unreadable(filter).await?.readable())
    }

    /// Like [`get_all_recordings`](Self::get_all_recordings), and also returns the recordings that the SDK could not read.
    ///
    /// Use this method where a missing recording matters, for example before you treat recordings that are not in the list as
    /// deleted.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`get_all_recordings`](Self::get_all_recordings).
    pub async fn get_all_recordings_with_unreadable(&self, filter: RecordingFilter) -> Result<Listing<Recording>> {
        let (metadata, status) = filter.into_parts()?;
        let query = deep_object("metadata", &metadata)?;
        let recordings = self
            .transport
            .list(
                operations::LIST_RECORDINGS,
                RequestPatch::query(query),
                |api| api.list_recordings(status.as_ref()),
                |list| list.data,
            )
            .await?;
        Ok(recordings.map(Into::into))
    }

    /// Looks a recording up.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is none with this id, and whatever can happen to any
    /// request.
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
        Ok(recording.data.into())
    }

    /// Asks a recording to end. One that has ended already is left as it is.
    ///
    /// It ends a little later: the answer may still say [`RecordingStatus::Active`]. Then it is
    /// [`Finished`](RecordingStatus::Finished), and with its files [`Available`](RecordingStatus::Available), which
    /// [`RecordingStatusChanged`](crate::events::RecordingStatusChanged) tells.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is none with this id, and whatever can happen to any
    /// request.
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
        Ok(stopped.data.into())
    }

    /// Deletes a recording that has ended. It cannot be found any more at once; its files go later.
    ///
    /// # Errors
    ///
    /// [`Conflict`](crate::ErrorKind::Conflict) if it is still [`RecordingStatus::Active`],
    /// [`NotFound`](crate::ErrorKind::NotFound) where the service says that there is none with this id, which it
    /// need not, and whatever can happen to any request.
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
