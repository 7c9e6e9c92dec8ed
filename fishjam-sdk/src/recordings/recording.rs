//! Recordings, as the server describes them.

use std::fmt;

use fishjam_api::fishjam::{enums::RecordingStatus, types};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeOwned, Error},
};
use serde_json::{Map, Value};

use crate::{
    error::Result,
    extra::{Extra, read_model},
    id::RecordingId,
    json_error::read_unquoted,
    listing::convert_all,
    metadata::Metadata,
    secret::Address,
};

/// The state of a recording at the time of the response.
///
/// It serializes with the member names of the REST API, and metadata is nested JSON. `Default` creates an active recording
/// of a composition for a test, with an empty id.
///
/// ```
/// # fn main() -> anyhow::Result<()> {
/// use fishjam_sdk::{Recording, RecordingStatus};
///
/// let mut recording = Recording::default();
/// recording.status = RecordingStatus::Available;
/// assert_eq!(serde_json::to_value(&recording)?["status"], "available");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Recording {
    /// Id of the recording.
    pub id: RecordingId,
    /// Status of the recording.
    pub status: RecordingStatus,
    /// Source of the recording.
    pub source: RecordingSource,
    /// Metadata from the options of the recording.
    pub metadata: Option<Metadata>,
    /// Recorded files in playback order. Empty until the status is [`RecordingStatus::Available`].
    pub files: Vec<RecordingFile>,
    #[serde(flatten)]
    extra: Extra,
}

read_model!(Recording, types::Recording);

impl Default for Recording {
    fn default() -> Self {
        Self {
            id: RecordingId::default(),
            status: RecordingStatus::Active,
            source: RecordingSource::default(),
            metadata: None,
            files: Vec::new(),
            extra: Extra::default(),
        }
    }
}

impl Recording {
    /// Parses the metadata of the recording into `T`. Parses absent metadata as `null`.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Decode`](crate::ErrorKind::Decode) if parsing fails. See [`Metadata::parse`].
    pub fn metadata<T: DeserializeOwned>(&self) -> Result<T> {
        self.metadata.clone().unwrap_or_default().parse_from("recording")
    }

    pub(super) fn from_wire(recording: types::Recording) -> Self {
        Self {
            id: recording.id.into(),
            status: recording.status,
            source: RecordingSource::from_wire(recording.source),
            metadata: Metadata::from_member(recording.metadata),
            files: convert_all(recording.files, RecordingFile::from_wire),
            extra: Extra::new(recording.extra),
        }
    }
}

/// Source of a recording. `Default` is a composition without a URL.
#[derive(Clone, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum RecordingSource {
    /// An existing output of a composition.
    Composition(CompositionSource),
    /// A composition that a template renders.
    Template(TemplateSource),
    /// A source that this version does not know, as the server sent it. `Debug` does not print it.
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

impl Default for RecordingSource {
    fn default() -> Self {
        Self::Composition(CompositionSource::default())
    }
}

impl RecordingSource {
    fn from_wire(source: types::RecordingSource) -> Self {
        match source {
            types::RecordingSource::CompositionSource(source) => {
                Self::Composition(CompositionSource::from_wire(source))
            }
            types::RecordingSource::TemplateSource(source) => Self::Template(TemplateSource::from_wire(source)),
            types::RecordingSource::Object(source) => Self::Unknown(source),
        }
    }
}

impl<'de> Deserialize<'de> for RecordingSource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read_unquoted(deserializer).map(Self::from_wire)
    }
}

/// An output of a composition, as the source of a recording.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CompositionSource {
    /// URL of the composition. Serializes as `compositionURL`.
    #[serde(rename = "compositionURL")]
    pub composition_url: String,
    /// Id of the output in the composition.
    #[serde(rename = "outputId")]
    pub output_id: String,
    /// Scale ratio of the video. `None` if the server sends none.
    #[serde(rename = "scaleRatio", skip_serializing_if = "Option::is_none")]
    pub scale_ratio: Option<f64>,
    #[serde(flatten)]
    extra: Extra,
}

read_model!(CompositionSource, types::CompositionSource);

impl CompositionSource {
    fn from_wire(source: types::CompositionSource) -> Self {
        Self {
            composition_url: source.composition_url,
            output_id: source.output_id,
            scale_ratio: source.scale_ratio,
            extra: Extra::new(source.extra),
        }
    }
}

/// A composition that a template renders, as the source of a recording.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TemplateSource {
    /// URL of the composition. Serializes as `compositionURL`.
    #[serde(rename = "compositionURL")]
    pub composition_url: String,
    /// Whether the recording has audio. `None` if the server sends no value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audio: Option<bool>,
    /// Resolution of the video. `None` if the server sends none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolution: Option<TemplateSourceResolution>,
    #[serde(flatten)]
    extra: Extra,
}

read_model!(TemplateSource, types::TemplateSource);

impl TemplateSource {
    fn from_wire(source: types::TemplateSource) -> Self {
        Self {
            composition_url: source.composition_url,
            audio: source.audio,
            resolution: source.resolution.and_then(TemplateSourceResolution::from_wire),
            extra: Extra::new(source.extra),
        }
    }
}

/// Resolution of a video that a template renders, in pixels. `Default` is the server's default, 1280 by 720.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TemplateSourceResolution {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    #[serde(flatten)]
    extra: Extra,
}

impl Default for TemplateSourceResolution {
    fn default() -> Self {
        Self { width: 1280, height: 720, extra: Extra::default() }
    }
}

impl TemplateSourceResolution {
    /// Returns the members of the response that this version of the SDK does not know.
    #[must_use]
    pub fn extra(&self) -> &Extra {
        &self.extra
    }

    /// Returns `None` for a size that is not possible.
    fn from_wire(size: types::TemplateSourceResolution) -> Option<Self> {
        let (width, height) = (size.width.try_into().ok()?, size.height.try_into().ok()?);
        Some(Self { width, height, extra: Extra::new(size.extra) })
    }
}

impl<'de> Deserialize<'de> for TemplateSourceResolution {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_wire(read_unquoted(deserializer)?)
            .ok_or_else(|| D::Error::custom("invalid resolution: must fit into 32 bits"))
    }
}

/// A file of a recording.
///
/// `Debug` prints only the scheme and the host of the URL, because anyone with the URL can download the file. The type
/// serializes with the complete URL, like the response of the server.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RecordingFile {
    /// URL of the file. Anyone with the URL can download the file.
    pub url: String,
    #[serde(flatten)]
    extra: Extra,
}

read_model!(RecordingFile, types::RecordingFile);

impl RecordingFile {
    fn from_wire(file: types::RecordingFile) -> Self {
        Self { url: file.url, extra: Extra::new(file.extra) }
    }
}

impl fmt::Debug for RecordingFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordingFile").field("url", &Address(&self.url)).field("extra", &self.extra).finish()
    }
}
