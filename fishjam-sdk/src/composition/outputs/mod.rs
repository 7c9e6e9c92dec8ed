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
pub(super) use options::MediaKinds;
pub use options::Output;
pub use update::OutputUpdate;
pub(super) use video::Resolution;
pub use video::VideoOutput;

use super::handle::{Composition, schedule};
use crate::{
    error::{Error, Result},
    id::composition::OutputId,
    recordings::{CompositionRecordingOptions, Template},
    transport::{Form, Operation, Part, RequestPatch, operations::composition as operations},
};

/// Maximum size of a template in bytes. The official command line tool for templates has this limit.
const MAX_TEMPLATE: u64 = 1_000_000;

impl Composition {
    /// Registers an output. The server connects to its destination. Returns the handle of the output.
    pub async fn register_output(&self, output_id: impl Into<OutputId>, output: Output) -> Result<CompositionOutput> {
        let (id, operation) = (output_id.into(), operations::REGISTER_OUTPUT);
        let (kinds, secrets) = (output.kinds(), output.clone());
        let config = output.into_wire().map_err(|e| operation.failed(e))?;
        let patch = RequestPatch::redacting(secrets.secrets());
        self.registering_output(&id, Some(kinds), async {
            let register =
                |api: &fishjam_api::composition::Client| api.register_output(self.segment()?, id.segment()?, &config);
            self.transport.command(operation, patch, register).await
        })
        .await?;
        Ok(self.output(id))
    }

    /// Registers an output that a template renders. Returns the handle of the output.
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
        self.registering_output(&id, None, async {
            let register =
                |api: &fishjam_api::composition::Client| api.register_template_output(self.segment()?, id.segment()?);
            self.transport.command(operation, patch, register).await
        })
        .await?;
        Ok(self.output(id))
    }

    /// Unregisters an output.
    pub async fn unregister_output(&self, output_id: impl Into<OutputId>) -> Result<()> {
        let id = output_id.into();
        let outcome = self.send_unregister_output(operations::UNREGISTER_OUTPUT, &id, None).await;
        self.forget_if_gone(&outcome, |registered| registered.outputs.remove(&id));
        outcome
    }

    /// Unregisters an output at a time after the start of the composition. The server responds at once.
    pub async fn unregister_output_at(&self, output_id: impl Into<OutputId>, time: Duration) -> Result<()> {
        self.send_unregister_output(operations::UNREGISTER_OUTPUT_AT, &output_id.into(), Some(time)).await
    }

    async fn send_unregister_output(&self, operation: Operation, id: &OutputId, time: Option<Duration>) -> Result<()> {
        let options = types::UnregisterOutput { schedule_time_ms: time.map(schedule) };
        self.command(operation, |api| api.unregister_output(self.segment()?, id.segment()?, &options)).await
    }

    /// Changes the scene and the mix of an output.
    pub async fn update_output(&self, output_id: impl Into<OutputId>, update: impl Into<OutputUpdate>) -> Result<()> {
        let (id, update) = (output_id.into(), update.into());
        let operation = if update.is_scheduled() { operations::UPDATE_OUTPUT_AT } else { operations::UPDATE_OUTPUT };
        let kinds = self.registered().outputs.get(&id).copied().flatten();
        let update = update.into_wire(kinds).map_err(|e| operation.failed(e))?;
        self.command(operation, |api| api.update_output(self.segment()?, id.segment()?, &update)).await
    }

    /// Requests a keyframe of an output's video.
    pub async fn request_keyframe(&self, output_id: impl Into<OutputId>) -> Result<()> {
        let id = output_id.into();
        self.command(operations::REQUEST_KEYFRAME, |api| api.request_keyframe(self.segment()?, id.segment()?)).await
    }

    /// Returns options for recording an output of this composition. Sends no request.
    #[must_use]
    pub fn recording_of(&self, output_id: impl Into<OutputId>) -> CompositionRecordingOptions {
        CompositionRecordingOptions::new(self.address(), output_id.into())
    }

    /// Registers an output, and keeps its id if it exists or may exist.
    async fn registering_output(
        &self,
        id: &OutputId,
        kinds: Option<MediaKinds>,
        call: impl Future<Output = Result<()>>,
    ) -> Result<()> {
        if self.registered().outputs.get(id).is_none() {
            self.event_socket().forget_output(id);
        }
        let ticket = self.registered().outputs.begin(id, kinds);
        let outcome = call.await;
        match &outcome {
            Ok(()) => self.registered().outputs.succeed(id.clone(), ticket, kinds),
            Err(error) if error.may_have_taken_effect() => {}
            Err(_) => self.registered().outputs.fail(id, ticket),
        }
        outcome.map_err(|error| error.may_have_created(|| format!("output {:?}", id.as_str())))
    }
}

/// An output of a composition: its id and the handle of its composition.
///
/// Dropping it does not change the composition.
#[derive(Clone, Debug)]
pub struct CompositionOutput {
    pub(super) composition: Composition,
    pub(super) id: OutputId,
}

/// Each method calls the method of the composition that it names, and returns its errors.
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
    pub async fn update(&self, update: impl Into<OutputUpdate>) -> Result<()> {
        self.composition.update_output(&self.id, update).await
    }

    /// Requests a keyframe of the video; see [`Composition::request_keyframe`].
    pub async fn request_keyframe(&self) -> Result<()> {
        self.composition.request_keyframe(&self.id).await
    }

    /// Unregisters the output; see [`Composition::unregister_output`].
    pub async fn unregister(&self) -> Result<()> {
        self.composition.unregister_output(&self.id).await
    }

    /// Returns options for recording the output; see [`Composition::recording_of`].
    #[must_use]
    pub fn recording(&self) -> CompositionRecordingOptions {
        self.composition.recording_of(&self.id)
    }
}
