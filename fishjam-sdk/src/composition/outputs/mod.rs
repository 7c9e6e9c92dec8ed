//! Outputs of a composition.

mod audio;
mod end_condition;
mod options;
mod update;
mod video;

use std::time::Duration;

use fishjam_api::composition::types;

pub use audio::{AudioChannels, AudioEncoder, AudioOutput, MixingStrategy, OpusEncoder, OpusPreset, OpusSampleRate};
pub use end_condition::EndCondition;
pub use options::Output;
pub use update::OutputUpdate;
pub(super) use video::Resolution;
pub use video::VideoOutput;

use super::{
    handle::{Composition, schedule},
    registration::OUTPUT,
};
use crate::{
    error::{Error, Result},
    id::composition::OutputId,
    recordings::{CompositionRecordingOptions, Template},
    transport::{Form, Operation, Part, RequestPatch, operations::composition as operations},
};

/// Maximum size of a template in bytes. The official command line tool for templates has this limit.
const MAX_TEMPLATE: u64 = 1_000_000;

impl Composition {
    /// Returns a handle of an output. Sends no request.
    ///
    /// The output does not have to be registered by this handle.
    #[must_use]
    pub fn output(&self, output_id: impl Into<OutputId>) -> CompositionOutput {
        CompositionOutput { composition: self.clone(), id: output_id.into() }
    }

    /// Registers an output. The server connects to its destination. Returns the handle of the output.
    ///
    /// The SDK checks the scene and the mix before it sends them. See also the
    /// [time limits](super::CompositionClient#time-limits).
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the output has neither video nor audio, or its scene or its mix is not valid:
    ///   [`InvalidInput`](crate::ErrorKind::InvalidInput)
    /// - the id is registered: [`Conflict`](crate::ErrorKind::Conflict), or
    ///   [`BadRequest`](crate::ErrorKind::BadRequest) from older servers
    /// - the server cannot use the destination, or the scene shows an image that is not registered:
    ///   [`BadRequest`](crate::ErrorKind::BadRequest) or [`Server`](crate::ErrorKind::Server)
    /// - the composition does not exist: [`NotFound`](crate::ErrorKind::NotFound)
    /// - one of the [common errors](crate::Error#common-errors) occurs
    ///
    /// After an error, the output may still exist: see [`possible_object`](crate::Error::possible_object). The SDK
    /// sends the
    /// request once, because the server rejects a second request if the first one took effect.
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
    /// # let composition = fishjam.compositions().create(Default::default()).await?;
    /// use fishjam_sdk::composition::{AudioMix, InputStream, Output, Scene, VideoOutput};
    ///
    /// let streamer = fishjam.create_stream(Default::default()).await?;
    /// let token = fishjam.create_streamer(&streamer.id).await?.token;
    /// let video = VideoOutput::new(1280, 720, Scene::new(InputStream::new("camera")))?;
    /// let output = Output::whip(fishjam.livestream_whip_url(), token).video(video).audio(AudioMix::all(["camera"]));
    /// let output = composition.register_output("main", output).await?;
    /// output.unregister().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn register_output(&self, output_id: impl Into<OutputId>, output: Output) -> Result<CompositionOutput> {
        let (id, operation) = (output_id.into(), operations::REGISTER_OUTPUT);
        let (kinds, secrets) = (output.kinds(), output.clone());
        let config = output.into_wire().map_err(|e| operation.failed(e))?;
        let patch = RequestPatch::redacting(secrets.secrets());
        self.registering(&OUTPUT, &id, Some(kinds), async {
            self.event_socket().redact_output(&id, &secrets.secrets());
            let register =
                |api: &fishjam_api::composition::Client| api.register_output(self.segment()?, id.segment()?, &config);
            self.transport.command(operation, patch, register).await
        })
        .await?;
        Ok(self.output(id))
    }

    /// Registers an output that a template renders. Returns the handle of the output.
    ///
    /// The template replaces the scene and the mix of the output. An output without audio stays without audio. The template has at most 1,000,000 bytes, the limit of the official command line tool.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the output has neither video nor audio, or its scene or its mix is not valid:
    ///   [`InvalidInput`](crate::ErrorKind::InvalidInput)
    /// - the id is registered: [`Conflict`](crate::ErrorKind::Conflict), or
    ///   [`BadRequest`](crate::ErrorKind::BadRequest) from older servers
    /// - the server cannot use the destination, or the scene shows an image that is not registered:
    ///   [`BadRequest`](crate::ErrorKind::BadRequest) or [`Server`](crate::ErrorKind::Server)
    /// - the composition does not exist: [`NotFound`](crate::ErrorKind::NotFound)
    /// - the template is too large or has no file name: [`InvalidInput`](crate::ErrorKind::InvalidInput)
    /// - the file of the template cannot be read: [`Setup`](crate::ErrorKind::Setup)
    /// - the server has no capacity: [`ServiceUnavailable`](crate::ErrorKind::ServiceUnavailable)
    /// - one of the [common errors](crate::Error#common-errors) occurs
    ///
    /// After an error, the output may still exist: see [`possible_object`](crate::Error::possible_object). The SDK
    /// sends the
    /// request once, because the server rejects a second request if the first one took effect.
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
    /// # let composition = fishjam.compositions().create(Default::default()).await?;
    /// use fishjam_sdk::{Template, composition::{AudioMix, Output, VideoOutput}};
    ///
    /// let output = Output::rtmp("rtmp://live.example.com/app/stream-key")
    ///     .video(VideoOutput::of_template(1280, 720)?)
    ///     .audio(AudioMix::new());
    /// let template = Template::from_bytes("template.js", "export default () => null;");
    /// composition.register_template_output("page", output, template).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn register_template_output(
        &self,
        output_id: impl Into<OutputId>,
        output: Output,
        template: Template,
    ) -> Result<CompositionOutput> {
        let (id, operation) = (output_id.into(), operations::REGISTER_TEMPLATE_OUTPUT);
        let secrets = output.clone();
        let config = output.into_wire().map_err(|e| operation.failed(e))?;
        let template = template.read_up_to(MAX_TEMPLATE).await.map_err(|e| operation.failed(e))?;
        let unserializable = |e| Error::invalid_input("failed to serialize the output").caused_by(e);
        let content = serde_json::to_vec(&config).map_err(|e| operation.failed(unserializable(e)))?;
        let form = Form::new(&[
            Part { name: "config", file_name: None, content_type: "application/json", content: &content },
            Part {
                name: "template",
                file_name: Some(&template.file_name),
                content_type: template.content_type(),
                content: &template.content,
            },
        ])
        .map_err(|e| operation.failed(e))?;
        let patch = RequestPatch::redacting(secrets.secrets()).with_form(form);
        // Which updates the output of a template accepts is not documented, so the server decides.
        self.registering(&OUTPUT, &id, None, async {
            self.event_socket().redact_output(&id, &secrets.secrets());
            let register =
                |api: &fishjam_api::composition::Client| api.register_template_output(self.segment()?, id.segment()?);
            self.transport.command(operation, patch, register).await
        })
        .await?;
        Ok(self.output(id))
    }

    /// Unregisters an output. Its connection ends.
    ///
    /// The SDK repeats the request after an ambiguous failure.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the output or the composition does not exist: [`NotFound`](crate::ErrorKind::NotFound)
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
    /// # let composition = fishjam.compositions().create(Default::default()).await?;
    /// use fishjam_sdk::composition::{AudioMix, Output};
    ///
    /// let output = Output::whip_without_token("https://example.com/whip").audio(AudioMix::all(["camera"]));
    /// composition.register_output("main", output).await?;
    /// composition.unregister_output("main").await?;
    /// assert!(composition.outputs().is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn unregister_output(&self, output_id: impl Into<OutputId>) -> Result<()> {
        let id = output_id.into();
        self.unregistering(&OUTPUT, &id, self.send_unregister_output(operations::UNREGISTER_OUTPUT, &id, None)).await
    }

    /// Unregisters an output at a time after the start of the composition. The server responds immediately.
    ///
    /// See [scheduled changes](Self#scheduled-changes). [`outputs`](Self::outputs) keeps the id.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the composition does not exist: [`NotFound`](crate::ErrorKind::NotFound)
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
    /// # let composition = fishjam.compositions().create(Default::default()).await?;
    /// use std::time::Duration;
    /// use fishjam_sdk::composition::{AudioMix, Output};
    ///
    /// let output = Output::whip_without_token("https://example.com/whip").audio(AudioMix::all(["camera"]));
    /// composition.register_output("main", output).await?;
    /// composition.unregister_output_at("main", Duration::from_secs(3600)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn unregister_output_at(&self, output_id: impl Into<OutputId>, time: Duration) -> Result<()> {
        self.send_unregister_output(operations::UNREGISTER_OUTPUT_AT, &output_id.into(), Some(time)).await
    }

    async fn send_unregister_output(&self, operation: Operation, id: &OutputId, time: Option<Duration>) -> Result<()> {
        let schedule_time_ms = time.map(schedule).transpose().map_err(|e| operation.failed(e))?;
        let options = types::UnregisterOutput { schedule_time_ms };
        self.command(operation, |api| api.unregister_output(self.segment()?, id.segment()?, &options)).await
    }

    /// Changes the scene and the mix of an output.
    ///
    /// Pass a [`Scene`](super::Scene), an [`AudioMix`](super::AudioMix), or an [`OutputUpdate`]. The update must have
    /// exactly the
    /// kinds of the output: an output with video and audio needs both. The SDK checks this if this handle or a clone
    /// registered the output. The server accepts and ignores updates of an output that has ended.
    ///
    /// The SDK repeats the request after an ambiguous failure. It sends a [scheduled](OutputUpdate::schedule_time) update
    /// once, because a late repetition would replace a scene that was scheduled for a later time.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the update has no or other kinds, or its scene or its mix is not valid:
    ///   [`InvalidInput`](crate::ErrorKind::InvalidInput)
    /// - the output does not exist, or the server rejects the update: [`BadRequest`](crate::ErrorKind::BadRequest)
    /// - the composition does not exist: [`NotFound`](crate::ErrorKind::NotFound)
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
    /// # let composition = fishjam.compositions().create(Default::default()).await?;
    /// use fishjam_sdk::composition::{InputStream, Output, Scene, VideoOutput};
    ///
    /// let scene = |input| Scene::new(InputStream::new(input));
    /// let output = Output::whip_without_token("https://example.com/whip").video(VideoOutput::new(640, 360, scene("ada"))?);
    /// composition.register_output("main", output).await?;
    /// composition.update_output("main", scene("bob")).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn update_output(&self, output_id: impl Into<OutputId>, update: impl Into<OutputUpdate>) -> Result<()> {
        let (id, update) = (output_id.into(), update.into());
        let operation = if update.is_scheduled() { operations::UPDATE_OUTPUT_AT } else { operations::UPDATE_OUTPUT };
        let kinds = self.registered().outputs.get(&id).copied().flatten();
        let update = update.into_wire(kinds).map_err(|e| operation.failed(e))?;
        self.command(operation, |api| api.update_output(self.segment()?, id.segment()?, &update)).await
    }

    /// Requests a keyframe of an output's video.
    ///
    /// The SDK repeats the request after an ambiguous failure.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the output does not exist or has no video: [`BadRequest`](crate::ErrorKind::BadRequest)
    /// - the composition does not exist: [`NotFound`](crate::ErrorKind::NotFound)
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
    /// # let composition = fishjam.compositions().create(Default::default()).await?;
    /// use fishjam_sdk::composition::{InputStream, Output, Scene, VideoOutput};
    ///
    /// let video = VideoOutput::new(640, 360, Scene::new(InputStream::new("camera")))?;
    /// let output = Output::whip_without_token("https://example.com/whip").video(video);
    /// composition.register_output("main", output).await?;
    /// composition.request_keyframe("main").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn request_keyframe(&self, output_id: impl Into<OutputId>) -> Result<()> {
        let id = output_id.into();
        self.command(operations::REQUEST_KEYFRAME, |api| api.request_keyframe(self.segment()?, id.segment()?)).await
    }

    /// Returns options for recording an output of this composition. Sends no request.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let composition = fishjam.compositions().create(Default::default()).await?;
    /// # use fishjam_sdk::composition::{AudioMix, Output};
    /// # let output = Output::whip_without_token("https://example.com/whip").audio(AudioMix::new());
    /// # composition.register_output("main", output).await?;
    /// let recording = fishjam.create_composition_recording(composition.recording_of("main")).await?;
    /// println!("{} is {}", recording.id, recording.status);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn recording_of(&self, output_id: impl Into<OutputId>) -> CompositionRecordingOptions {
        CompositionRecordingOptions::new(self.address(), output_id.into())
    }
}

/// An output of a composition: its id and the handle of its composition.
///
/// Dropping it does not change the composition.
///
/// For an example, see [`Composition::register_output`].
#[derive(Clone, Debug)]
pub struct CompositionOutput {
    pub(super) composition: Composition,
    pub(super) id: OutputId,
}

impl CompositionOutput {
    /// Returns the id of the output.
    #[must_use]
    pub fn id(&self) -> &OutputId {
        &self.id
    }

    /// Returns the handle of the composition.
    #[must_use]
    pub fn composition(&self) -> &Composition {
        &self.composition
    }

    /// Changes the scene and the mix; see [`Composition::update_output`].
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Composition::update_output`].
    ///
    /// # Cancel safety
    ///
    /// The same as for [`Composition::update_output`].
    pub async fn update(&self, update: impl Into<OutputUpdate>) -> Result<()> {
        self.composition.update_output(&self.id, update).await
    }

    /// Requests a keyframe of the video; see [`Composition::request_keyframe`].
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Composition::request_keyframe`].
    ///
    /// # Cancel safety
    ///
    /// The same as for [`Composition::request_keyframe`].
    pub async fn request_keyframe(&self) -> Result<()> {
        self.composition.request_keyframe(&self.id).await
    }

    /// Unregisters the output; see [`Composition::unregister_output`].
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Composition::unregister_output`].
    ///
    /// # Cancel safety
    ///
    /// The same as for [`Composition::unregister_output`].
    pub async fn unregister(&self) -> Result<()> {
        self.composition.unregister_output(&self.id).await
    }

    /// Returns options for recording the output; see [`Composition::recording_of`].
    #[must_use]
    pub fn recording(&self) -> CompositionRecordingOptions {
        self.composition.recording_of(&self.id)
    }
}
