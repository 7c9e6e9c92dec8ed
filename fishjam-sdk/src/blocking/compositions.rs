//! Compositions for synchronous programs.

use std::{sync::Arc, time::Duration};

use super::{FishjamClient, background::Background, forward::forward};
use crate::{
    composition::{
        self, CompositionClientBuilder, CompositionId, CompositionOptions, Font, ImageId, ImageSource, InputId,
        Mp4Input, Mp4InputOptions, Output, OutputId, OutputUpdate, RtmpInput, StreamKey, TemplateEvent,
        WhepInputOptions, WhipInput, WhipInputOptions,
    },
    config::call_limits,
    error::Result,
    extra::Extra,
    recordings::{CompositionRecordingOptions, Template},
    secret::ManagementToken,
    transport::CallSettings,
};

/// A client for the composition API whose methods block.
///
/// It is the counterpart of [`crate::composition::CompositionClient`] for synchronous programs. See the
/// [module](crate::blocking) for the threads that can use it. Clones share one connection pool and one background thread.
///
/// ```
/// # use std::error::Error;
/// # fn main() -> Result<(), Box<dyn Error>> {
/// # let runtime = tokio::runtime::Runtime::new()?;
/// # let emulator = runtime.block_on(fishjam_emulator::Emulator::start())?;
/// use fishjam_sdk::{blocking::FishjamClient, composition::CompositionOptions};
///
/// let compositions = FishjamClient::new(emulator.url(), emulator.token())?.compositions();
/// let composition = compositions.create(CompositionOptions::new())?;
/// composition.register_whip_input("camera", Default::default())?;
/// composition.delete()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct CompositionClient {
    client: composition::CompositionClient,
    background: Arc<Background>,
}

impl FishjamClient {
    /// Returns a client for compositions, with the settings and the background thread of this client.
    ///
    /// See [`crate::FishjamClient::compositions`] for its server.
    #[must_use]
    pub fn compositions(&self) -> CompositionClient {
        CompositionClient { client: self.client.compositions(), background: Arc::clone(&self.background) }
    }
}

impl CompositionClientBuilder {
    /// Builds a client for synchronous programs. Sends no request.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`build`](Self::build), and [`Setup`](crate::ErrorKind::Setup) if the background thread cannot
    /// be started.
    pub fn build_blocking(self) -> Result<CompositionClient> {
        Ok(CompositionClient { client: self.build()?, background: Arc::new(Background::start()?) })
    }
}

impl CompositionClient {
    /// Creates a client for the production server, with the default settings. Sends no request.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`crate::composition::CompositionClient::new`], and [`Setup`](crate::ErrorKind::Setup) if the
    /// background thread cannot be started.
    pub fn new(management_token: impl Into<ManagementToken>) -> Result<Self> {
        Self::builder(management_token).build_blocking()
    }

    /// Creates a builder for a client with other settings.
    ///
    /// Finish with [`build_blocking`](CompositionClientBuilder::build_blocking).
    pub fn builder(management_token: impl Into<ManagementToken>) -> CompositionClientBuilder {
        composition::CompositionClient::builder(management_token)
    }

    /// Creates a client with the token and the URL from the environment.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`crate::composition::CompositionClient::from_env`], and [`Setup`](crate::ErrorKind::Setup) if
    /// the background thread cannot be started.
    pub fn from_env() -> Result<Self> {
        CompositionClientBuilder::from_env()?.build_blocking()
    }

    /// Creates a composition. Returns its handle.
    ///
    /// Blocks until [`crate::composition::CompositionClient::create`] returns. That method documents the details.
    ///
    /// For an example, see [`CompositionClient`].
    ///
    /// # Errors
    ///
    /// Returns the errors of [`crate::composition::CompositionClient::create`]. Inside an asynchronous runtime, returns
    /// [`Setup`](crate::ErrorKind::Setup) and sends nothing.
    pub fn create(&self, options: CompositionOptions) -> Result<Composition> {
        Ok(self.handle(self.background.wait(self.client.create(options))?))
    }

    /// Creates a handle for a composition that exists. Sends no request.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`crate::composition::CompositionClient::adopt`].
    pub fn adopt(&self, composition_id: impl Into<CompositionId>) -> Result<Composition> {
        Ok(self.handle(self.client.adopt(composition_id)?))
    }

    call_limits!();

    fn with_settings(&self, change: impl FnOnce(CallSettings) -> CallSettings) -> Self {
        Self { client: self.client.with_settings(change), background: Arc::clone(&self.background) }
    }

    fn handle(&self, composition: composition::Composition) -> Composition {
        Composition { client: composition, background: Arc::clone(&self.background) }
    }
}

/// The handle of a composition, whose methods block.
///
/// It is the counterpart of [`crate::composition::Composition`]. Clones share the ids that they registered.
///
/// For an example, see [`CompositionClient`].
#[derive(Clone, Debug)]
pub struct Composition {
    client: composition::Composition,
    background: Arc<Background>,
}

forward! {
    Composition => crate::composition::Composition;
    /// Starts the composition, if it was created with `autostart(false)` or was reset.
    async fn start() -> Result<()>;
    /// Removes all inputs, outputs, images and fonts. The id and the address stay.
    async fn reset() -> Result<()>;
    /// Deletes the composition. Its inputs and outputs end.
    async fn delete() -> Result<()>;

    /// Registers an input to which a broadcaster sends with WHIP. Returns the address and the token for the broadcaster.
    async fn register_whip_input(input_id: impl Into<InputId>, options: WhipInputOptions) -> Result<WhipInput>;
    /// Registers an input from an MP4 file, which the server downloads. Returns the durations of its tracks.
    async fn register_mp4_input(
        input_id: impl Into<InputId>, options: impl Into<Mp4InputOptions>
    ) -> Result<Mp4Input>;
    /// Registers an input to which a broadcaster sends with RTMP. Returns the address for the broadcaster.
    async fn register_rtmp_input(
        input_id: impl Into<InputId>, stream_key: impl Into<StreamKey>
    ) -> Result<RtmpInput>;
    /// Unregisters an input.
    async fn unregister_input(input_id: impl Into<InputId>) -> Result<()>;
    /// Unregisters an input at a time after the start of the composition.
    async fn unregister_input_at(input_id: impl Into<InputId>, time: Duration) -> Result<()>;

    /// Unregisters an output.
    async fn unregister_output(output_id: impl Into<OutputId>) -> Result<()>;
    /// Unregisters an output at a time after the start of the composition.
    async fn unregister_output_at(output_id: impl Into<OutputId>, time: Duration) -> Result<()>;
    /// Changes the scene and the mix of an output.
    async fn update_output(output_id: impl Into<OutputId>, update: impl Into<OutputUpdate>) -> Result<()>;
    /// Requests a keyframe of an output's video.
    async fn request_keyframe(output_id: impl Into<OutputId>) -> Result<()>;

    /// Registers an image, which the server downloads. Scenes can then show it.
    async fn register_image(image_id: impl Into<ImageId>, source: ImageSource) -> Result<()>;
    /// Unregisters an image. Scenes that show it keep it until their next update.
    async fn unregister_image(image_id: impl Into<ImageId>) -> Result<()>;
    /// Unregisters an image at a time after the start of the composition.
    async fn unregister_image_at(image_id: impl Into<ImageId>, time: Duration) -> Result<()>;
    /// Registers a font. The component `Text` can then use its family name.
    async fn register_font(font: Font) -> Result<()>;
    /// Sends an event to all templates of the composition.
    async fn send_event(event: impl Into<TemplateEvent>) -> Result<()>;

    /// Connects the event socket, and records the states of inputs and outputs for the methods that wait.
    async fn watch() -> Result<()>;
}

forward! {
    Composition => crate::composition::Composition;
    /// Returns the id of the composition.
    #[must_use]
    fn id() -> &CompositionId;
    /// Returns the address of the composition, to which a room can forward its tracks.
    #[must_use]
    fn address() -> &str;
    /// Returns the ids of the inputs that this handle and its clones registered.
    #[must_use]
    fn inputs() -> Vec<InputId>;
    /// Returns the ids of the outputs that this handle and its clones registered.
    #[must_use]
    fn outputs() -> Vec<OutputId>;
    /// Returns the ids of the images that this handle and its clones registered.
    #[must_use]
    fn images() -> Vec<ImageId>;
    /// Returns the members of the server's response that this version of the SDK does not know.
    #[must_use]
    fn extra() -> &Extra;
    /// Returns options for recording an output of this composition.
    #[must_use]
    fn recording_of(output_id: impl Into<OutputId>) -> CompositionRecordingOptions;
}

impl Composition {
    /// Registers an input that the server pulls from a WHEP endpoint. Returns its handle.
    ///
    /// Blocks until [`crate::composition::Composition::register_whep_input`] returns. That method documents the
    /// details.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`crate::composition::Composition::register_whep_input`]. Inside an asynchronous runtime,
    /// returns [`Setup`](crate::ErrorKind::Setup) and sends nothing.
    pub fn register_whep_input(
        &self,
        input_id: impl Into<InputId>,
        options: impl Into<WhepInputOptions>,
    ) -> Result<CompositionInput> {
        let client = self.background.wait(self.client.register_whep_input(input_id, options))?;
        Ok(CompositionInput { client, background: Arc::clone(&self.background) })
    }

    /// Registers an output. The server connects to its destination. Returns the handle of the output.
    ///
    /// Blocks until [`crate::composition::Composition::register_output`] returns. That method documents the details.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`crate::composition::Composition::register_output`]. Inside an asynchronous runtime,
    /// returns [`Setup`](crate::ErrorKind::Setup) and sends nothing.
    pub fn register_output(&self, output_id: impl Into<OutputId>, output: Output) -> Result<CompositionOutput> {
        let client = self.background.wait(self.client.register_output(output_id, output))?;
        Ok(CompositionOutput { client, background: Arc::clone(&self.background) })
    }

    /// Registers an output that a template renders. Returns the handle of the output.
    ///
    /// Blocks until [`crate::composition::Composition::register_template_output`] returns. That method documents the
    /// details.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`crate::composition::Composition::register_template_output`]. Inside an asynchronous
    /// runtime, returns [`Setup`](crate::ErrorKind::Setup) and sends nothing.
    pub fn register_template_output(
        &self,
        output_id: impl Into<OutputId>,
        output: Output,
        template: Template,
    ) -> Result<CompositionOutput> {
        let client = self.background.wait(self.client.register_template_output(output_id, output, template))?;
        Ok(CompositionOutput { client, background: Arc::clone(&self.background) })
    }

    /// Returns a handle of an input. Sends no request.
    #[must_use]
    pub fn input(&self, input_id: impl Into<InputId>) -> CompositionInput {
        CompositionInput { client: self.client.input(input_id), background: Arc::clone(&self.background) }
    }

    /// Returns a handle of an output. Sends no request.
    #[must_use]
    pub fn output(&self, output_id: impl Into<OutputId>) -> CompositionOutput {
        CompositionOutput { client: self.client.output(output_id), background: Arc::clone(&self.background) }
    }

    call_limits!();

    fn with_settings(&self, change: impl FnOnce(CallSettings) -> CallSettings) -> Self {
        Self { client: self.client.with_settings(change), background: Arc::clone(&self.background) }
    }
}

/// An input of a composition, whose methods block.
///
/// It is the counterpart of [`crate::composition::CompositionInput`].
///
/// [`Composition::register_whep_input`] and [`Composition::input`] return it.
#[derive(Clone, Debug)]
pub struct CompositionInput {
    client: composition::CompositionInput,
    background: Arc<Background>,
}

forward! {
    CompositionInput => crate::composition::CompositionInput;
    /// Unregisters the input.
    async fn unregister() -> Result<()>;
}

forward! {
    CompositionInput => crate::composition::CompositionInput;
    /// Returns the id of the input.
    #[must_use]
    fn id() -> &InputId;
}

impl CompositionInput {
    /// Returns the handle of the composition.
    #[must_use]
    pub fn composition(&self) -> Composition {
        Composition { client: self.client.composition().clone(), background: Arc::clone(&self.background) }
    }

    /// Waits until audio or video of the input plays, for at most the given duration.
    ///
    /// [`crate::composition::CompositionInput::playing`] documents the details.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`crate::composition::CompositionInput::playing`]. Inside an asynchronous runtime, returns
    /// [`Setup`](crate::ErrorKind::Setup).
    pub fn playing(&self, limit: Duration) -> Result<()> {
        self.background.wait(self.client.playing().timeout(limit))
    }

    /// Waits until all media of the input has ended, for at most the given duration.
    ///
    /// [`crate::composition::CompositionInput::ended`] documents the details.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`crate::composition::CompositionInput::ended`]. Inside an asynchronous runtime, returns
    /// [`Setup`](crate::ErrorKind::Setup).
    pub fn ended(&self, limit: Duration) -> Result<()> {
        self.background.wait(self.client.ended().timeout(limit))
    }
}

/// An output of a composition, whose methods block.
///
/// It is the counterpart of [`crate::composition::CompositionOutput`].
///
/// [`Composition::register_output`] and [`Composition::output`] return it.
#[derive(Clone, Debug)]
pub struct CompositionOutput {
    client: composition::CompositionOutput,
    background: Arc<Background>,
}

forward! {
    CompositionOutput => crate::composition::CompositionOutput;
    /// Changes the scene and the mix.
    async fn update(update: impl Into<OutputUpdate>) -> Result<()>;
    /// Requests a keyframe of the video.
    async fn request_keyframe() -> Result<()>;
    /// Unregisters the output.
    async fn unregister() -> Result<()>;
}

forward! {
    CompositionOutput => crate::composition::CompositionOutput;
    /// Returns the id of the output.
    #[must_use]
    fn id() -> &OutputId;
    /// Returns options for recording the output.
    #[must_use]
    fn recording() -> CompositionRecordingOptions;
}

impl CompositionOutput {
    /// Returns the handle of the composition.
    #[must_use]
    pub fn composition(&self) -> Composition {
        Composition { client: self.client.composition().clone(), background: Arc::clone(&self.background) }
    }

    /// Waits until the output is done, for at most the given duration.
    ///
    /// Call [`Composition::watch`] before you register the output. Otherwise this method misses an earlier end.
    ///
    /// [`crate::composition::CompositionOutput::done`] documents the details.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`crate::composition::CompositionOutput::done`]. Inside an asynchronous runtime, returns
    /// [`Setup`](crate::ErrorKind::Setup).
    pub fn done(&self, limit: Duration) -> Result<()> {
        self.background.wait(self.client.done().timeout(limit))
    }
}
