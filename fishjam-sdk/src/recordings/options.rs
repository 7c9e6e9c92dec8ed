//! What a new recording is to be like.

use fishjam_api::fishjam::types;
use serde::Serialize;

use super::template::Template;
use crate::{
    error::{Error, Result},
    metadata::NewMetadata,
};

/// How an output of a composition is recorded; whatever is not set is left to the service.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CompositionRecordingOptions {
    composition_url: String,
    output_id: String,
    scale_ratio: Option<f64>,
    metadata: NewMetadata,
}

impl CompositionRecordingOptions {
    /// Records this output of the composition with this address.
    ///
    /// The service takes at most 255 characters of each, and wants a slash after the address's host.
    #[must_use]
    pub fn new(composition_url: impl Into<String>, output_id: impl Into<String>) -> Self {
        Self {
            composition_url: composition_url.into(),
            output_id: output_id.into(),
            scale_ratio: None,
            metadata: NewMetadata::default(),
        }
    }

    /// Scales the picture, by more than 0. Service's default: 1, its own size.
    #[must_use]
    pub fn scale_ratio(mut self, ratio: f64) -> Self {
        self.scale_ratio = Some(ratio);
        self
    }

    /// Attaches what the recording is to be found by later: anything that serializes to a JSON object. Something
    /// else than an object is refused when the recording is created.
    ///
    /// Use text for values: the filter of [`get_all_recordings`](crate::FishjamClient::get_all_recordings) finds no
    /// other.
    #[must_use]
    pub fn metadata(mut self, metadata: impl Serialize) -> Self {
        self.metadata = NewMetadata::new("recording metadata", &metadata);
        self
    }
}

impl TryFrom<CompositionRecordingOptions> for types::RecordingConfig {
    type Error = Error;

    fn try_from(options: CompositionRecordingOptions) -> Result<Self> {
        // JSON has no word for them, and `null` would mean the default.
        if options.scale_ratio.is_some_and(|ratio| !ratio.is_finite()) {
            return Err(Error::invalid_input("invalid scale ratio: must be finite"));
        }
        let source = types::CompositionSource {
            composition_url: options.composition_url,
            output_id: options.output_id,
            scale_ratio: options.scale_ratio,
        };
        config(source.into(), options.metadata)
    }
}

/// How a composition is recorded that a template draws; whatever is not set is left to the service.
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
    /// Records the composition with this address as this template draws it.
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

    /// Records the sound, or leaves it out. Service's default: it is recorded.
    #[must_use]
    pub fn audio(mut self, audio: bool) -> Self {
        self.audio = Some(audio);
        self
    }

    /// Chooses the picture's size in pixels. Service's default: 1280 by 720.
    #[must_use]
    pub fn resolution(mut self, width: u32, height: u32) -> Self {
        self.resolution = Some((width, height));
        self
    }

    /// Attaches what the recording is to be found by later: anything that serializes to a JSON object. Something
    /// else than an object is refused when the recording is created.
    ///
    /// Use text for values: the filter of [`get_all_recordings`](crate::FishjamClient::get_all_recordings) finds no
    /// other.
    #[must_use]
    pub fn metadata(mut self, metadata: impl Serialize) -> Self {
        self.metadata = NewMetadata::new("recording metadata", &metadata);
        self
    }

    /// What is sent beside the template, and the template.
    pub(super) fn into_parts(self) -> Result<(types::RecordingConfig, Template)> {
        let source = types::TemplateSource {
            composition_url: self.composition_url,
            audio: self.audio,
            resolution: self
                .resolution
                .map(|(width, height)| types::TemplateSourceResolution { width: width.into(), height: height.into() }),
        };
        Ok((config(source.into(), self.metadata)?, self.template))
    }
}

fn config(source: types::RecordingSource, metadata: NewMetadata) -> Result<types::RecordingConfig> {
    let metadata = metadata.into_object()?.map(|object| types::RecordingConfigMetadata(Some(object)));
    Ok(types::RecordingConfig { source, metadata })
}
