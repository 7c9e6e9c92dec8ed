//! Options for creating recordings.

use fishjam_api::{UnknownMembers, fishjam::types};
use serde::Serialize;

use super::template::Template;
use crate::{
    error::{Error, Result},
    metadata::NewMetadata,
};

/// Options for recording an output of a composition. Unset options use the server's defaults.
///
/// ```
/// use fishjam_sdk::CompositionRecordingOptions;
/// use serde_json::json;
///
/// let options = CompositionRecordingOptions::new("https://rtc.fishjam.io/api/composition/c", "main")
///     .scale_ratio(0.5)
///     .metadata(json!({ "lesson": "7" }));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CompositionRecordingOptions {
    composition_url: String,
    output_id: String,
    scale_ratio: Option<f64>,
    metadata: NewMetadata,
}

impl CompositionRecordingOptions {
    /// Creates options for an output of the composition with this URL.
    ///
    /// The server accepts at most 255 characters for each argument. The URL must have a slash after the host.
    #[must_use]
    pub fn new(composition_url: impl Into<String>, output_id: impl Into<String>) -> Self {
        Self {
            composition_url: composition_url.into(),
            output_id: output_id.into(),
            scale_ratio: None,
            metadata: NewMetadata::default(),
        }
    }

    /// Sets the scale ratio of the video, which must be greater than 0. Server default: 1.
    #[must_use]
    pub fn scale_ratio(mut self, ratio: f64) -> Self {
        self.scale_ratio = Some(ratio);
        self
    }

    /// Sets the metadata of the recording. Defaults to no metadata.
    ///
    /// A [`RecordingFilter`](crate::RecordingFilter) can find the recording by its metadata.
    ///
    /// The value must serialize to a JSON object. If it does not, creating the recording fails. Use strings as
    /// values, because the filter of [`get_all_recordings`](crate::FishjamClient::get_all_recordings) matches only
    /// strings.
    #[must_use]
    pub fn metadata(mut self, metadata: impl Serialize) -> Self {
        self.metadata = NewMetadata::new(&metadata);
        self
    }

    pub(super) fn into_wire(self) -> Result<types::RecordingConfig> {
        // JSON cannot represent these numbers, and `null` would mean the default.
        if self.scale_ratio.is_some_and(|ratio| !ratio.is_finite()) {
            return Err(Error::invalid_input("invalid scale_ratio: must be finite"));
        }
        let source = types::CompositionSource {
            composition_url: self.composition_url,
            output_id: self.output_id,
            scale_ratio: self.scale_ratio,
            extra: UnknownMembers::default(),
        };
        config(source.into(), self.metadata)
    }
}

/// Options for recording a composition with a template. Unset options use the server's defaults.
///
/// ```
/// use fishjam_sdk::{Template, TemplateRecordingOptions};
///
/// let template = Template::from_path("template.js");
/// let options = TemplateRecordingOptions::new("https://rtc.fishjam.io/api/composition/c", template)
///     .audio(false)
///     .resolution(1920, 1080);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TemplateRecordingOptions {
    composition_url: String,
    template: Template,
    audio: Option<bool>,
    resolution: Option<(u32, u32)>,
    metadata: NewMetadata,
}

impl TemplateRecordingOptions {
    /// Creates options for a recording of the composition with this URL. The template renders it.
    #[must_use]
    pub fn new(composition_url: impl Into<String>, template: Template) -> Self {
        Self {
            composition_url: composition_url.into(),
            template,
            audio: None,
            resolution: None,
            metadata: NewMetadata::default(),
        }
    }

    /// Sets whether the recording has audio. Server default: `true`.
    #[must_use]
    pub fn audio(mut self, audio: bool) -> Self {
        self.audio = Some(audio);
        self
    }

    /// Sets the resolution of the video in pixels. Server default: 1280 by 720.
    #[must_use]
    pub fn resolution(mut self, width: u32, height: u32) -> Self {
        self.resolution = Some((width, height));
        self
    }

    /// Sets the metadata of the recording. Defaults to no metadata.
    ///
    /// A [`RecordingFilter`](crate::RecordingFilter) can find the recording by its metadata.
    ///
    /// The value must serialize to a JSON object. If it does not, creating the recording fails. Use strings as
    /// values, because the filter of [`get_all_recordings`](crate::FishjamClient::get_all_recordings) matches only
    /// strings.
    #[must_use]
    pub fn metadata(mut self, metadata: impl Serialize) -> Self {
        self.metadata = NewMetadata::new(&metadata);
        self
    }

    /// Returns the JSON part of the request, and the template.
    pub(super) fn into_parts(self) -> Result<(types::RecordingConfig, Template)> {
        let source = types::TemplateSource {
            composition_url: self.composition_url,
            audio: self.audio,
            resolution: self.resolution.map(|(width, height)| types::TemplateSourceResolution {
                width: width.into(),
                height: height.into(),
                extra: UnknownMembers::default(),
            }),
            extra: UnknownMembers::default(),
        };
        Ok((config(source.into(), self.metadata)?, self.template))
    }
}

fn config(source: types::RecordingSource, metadata: NewMetadata) -> Result<types::RecordingConfig> {
    let metadata = metadata.into_object()?.map(|object| types::RecordingConfigMetadata(Some(object)));
    Ok(types::RecordingConfig { source, metadata })
}
