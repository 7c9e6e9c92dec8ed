//! Inputs of a composition.

mod options;
mod registered_input;

use std::time::Duration;

use fishjam_api::composition::types;

pub use options::{Mp4InputOptions, WhepInputOptions, WhipInputOptions};
use registered_input::{Answer, Mp4Members, RtmpMembers, WhipMembers};
pub use registered_input::{Mp4Input, RtmpInput, WhipInput};

use super::{
    address,
    handle::{Composition, schedule},
    registration::INPUT,
};
use crate::{
    error::{Error, ErrorKind, Result},
    id::composition::InputId,
    secret::{EndpointToken, RtmpUrl, StreamKey},
    transport::{Operation, RequestPatch, operations::composition as operations},
};

impl Composition {
    /// Returns a handle of an input. Sends no request.
    ///
    /// The input does not have to be registered by this handle. For example, it can be an input of a forwarded room.
    #[must_use]
    pub fn input(&self, input_id: impl Into<InputId>) -> CompositionInput {
        CompositionInput { composition: self.clone(), id: input_id.into() }
    }

    /// Registers an input to which a broadcaster sends with WHIP. Returns the address and the token for the broadcaster.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the id is registered: [`Conflict`](crate::ErrorKind::Conflict), or
    ///   [`BadRequest`](crate::ErrorKind::BadRequest) from older servers
    /// - the composition does not exist: [`NotFound`](crate::ErrorKind::NotFound)
    /// - the server has no capacity: [`ServiceUnavailable`](crate::ErrorKind::ServiceUnavailable)
    /// - the response does not contain the data for the broadcaster: [`Decode`](crate::ErrorKind::Decode)
    /// - one of the [common errors](crate::Error#common-errors) occurs
    ///
    /// After an error, the input may still exist: see [`possible_object`](crate::Error::possible_object). The SDK sends the
    /// request once, because the server could not return its response again.
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
    /// use fishjam_sdk::composition::WhipInputOptions;
    ///
    /// let input = composition.register_whip_input("camera", WhipInputOptions::new()).await?;
    /// println!("send to {} with a token of {} characters", input.url, input.bearer_token.expose().len());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn register_whip_input(
        &self,
        input_id: impl Into<InputId>,
        options: WhipInputOptions,
    ) -> Result<WhipInput> {
        let (id, operation) = (input_id.into(), operations::REGISTER_WHIP_INPUT);
        let config = options.to_wire().map_err(|e| operation.failed(e))?.into();
        let patch = RequestPatch::redacting(options.bearer_token.as_ref().map(EndpointToken::expose));
        self.registering(&INPUT, &id, (), async {
            let Answer { members, extra }: Answer<WhipMembers> = self
                .transport
                .call_as(operation, patch, |api| api.register_input(self.segment()?, id.segment()?, &config))
                .await?;
            let token = members.bearer_token.map(EndpointToken::from).or_else(|| options.bearer_token.clone());
            let bearer_token = token.ok_or_else(|| incomplete(operation, "the response has no `bearer_token`"))?;
            let url = address::of_whip_input(self.address(), &id, members.endpoint_route.as_deref())
                .map_err(|problem| incomplete(operation, problem))?;
            Ok(WhipInput { url, bearer_token, extra })
        })
        .await
    }

    /// Registers an input that the server pulls from a WHEP endpoint. Returns its handle.
    ///
    /// Pass the URL of the endpoint, or [`WhepInputOptions`]. The server connects before it responds: see the
    /// [time limits](super::CompositionClient#time-limits).
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the id is registered: [`Conflict`](crate::ErrorKind::Conflict), or
    ///   [`BadRequest`](crate::ErrorKind::BadRequest) from older servers
    /// - the composition does not exist: [`NotFound`](crate::ErrorKind::NotFound)
    /// - the server has no capacity: [`ServiceUnavailable`](crate::ErrorKind::ServiceUnavailable)
    /// - the server cannot use the URL: [`BadRequest`](crate::ErrorKind::BadRequest) or
    ///   [`Server`](crate::ErrorKind::Server)
    /// - one of the [common errors](crate::Error#common-errors) occurs
    ///
    /// After an error, the input may still exist: see [`possible_object`](crate::Error::possible_object). The SDK sends the
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
    /// use fishjam_sdk::composition::WhepInputOptions;
    ///
    /// let options = WhepInputOptions::new("https://example.com/whep").bearer_token("a-token").video(false);
    /// let input = composition.register_whep_input("radio", options).await?;
    /// input.unregister().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn register_whep_input(
        &self,
        input_id: impl Into<InputId>,
        options: impl Into<WhepInputOptions>,
    ) -> Result<CompositionInput> {
        let (id, options, operation) = (input_id.into(), options.into(), operations::REGISTER_WHEP_INPUT);
        let config = options.to_wire().map_err(|e| operation.failed(e))?.into();
        let patch = RequestPatch::redacting(options.secrets());
        self.registering(&INPUT, &id, (), async {
            let register =
                |api: &fishjam_api::composition::Client| api.register_input(self.segment()?, id.segment()?, &config);
            self.transport.command(operation, patch, register).await
        })
        .await?;
        Ok(self.input(id))
    }

    /// Registers an input from an MP4 file, which the server downloads. Returns the durations of its tracks.
    ///
    /// Pass the URL of the file, or [`Mp4InputOptions`]. The server downloads the file before it responds: see the
    /// [time limits](super::CompositionClient#time-limits).
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the id is registered: [`Conflict`](crate::ErrorKind::Conflict), or
    ///   [`BadRequest`](crate::ErrorKind::BadRequest) from older servers
    /// - the composition does not exist: [`NotFound`](crate::ErrorKind::NotFound)
    /// - the server has no capacity: [`ServiceUnavailable`](crate::ErrorKind::ServiceUnavailable)
    /// - the server cannot use the file: [`BadRequest`](crate::ErrorKind::BadRequest) or
    ///   [`Server`](crate::ErrorKind::Server)
    /// - one of the [common errors](crate::Error#common-errors) occurs
    ///
    /// After an error, the input may still exist: see [`possible_object`](crate::Error::possible_object). The SDK sends the
    /// request once, because the server could not return its response again.
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
    /// use fishjam_sdk::composition::Mp4InputOptions;
    ///
    /// let options = Mp4InputOptions::new("https://example.com/intro.mp4").repeat(true);
    /// let input = composition.register_mp4_input("intro", options).await?;
    /// println!("video of {:?}", input.video_duration);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn register_mp4_input(
        &self,
        input_id: impl Into<InputId>,
        options: impl Into<Mp4InputOptions>,
    ) -> Result<Mp4Input> {
        let (id, options) = (input_id.into(), options.into());
        let config = options.to_wire().into();
        let patch = RequestPatch::redacting(options.secrets());
        self.registering(&INPUT, &id, (), async {
            let answer: Answer<Mp4Members> = self
                .transport
                .call_as(operations::REGISTER_MP4_INPUT, patch, |api| {
                    api.register_input(self.segment()?, id.segment()?, &config)
                })
                .await?;
            Ok(Mp4Input {
                video_duration: answer.members.video_duration_ms.map(Duration::from_millis),
                audio_duration: answer.members.audio_duration_ms.map(Duration::from_millis),
                extra: answer.extra,
            })
        })
        .await
    }

    /// Registers an input to which a broadcaster sends with RTMP. Returns the address for the broadcaster.
    ///
    /// You choose the stream key, which is a secret.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the id is registered: [`Conflict`](crate::ErrorKind::Conflict), or
    ///   [`BadRequest`](crate::ErrorKind::BadRequest) from older servers
    /// - the composition does not exist: [`NotFound`](crate::ErrorKind::NotFound)
    /// - the server has no capacity: [`ServiceUnavailable`](crate::ErrorKind::ServiceUnavailable)
    /// - the response does not contain the data for the broadcaster: [`Decode`](crate::ErrorKind::Decode)
    /// - one of the [common errors](crate::Error#common-errors) occurs
    ///
    /// After an error, the input may still exist: see [`possible_object`](crate::Error::possible_object). The SDK sends the
    /// request once, because the server could not return its response again.
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
    /// let input = composition.register_rtmp_input("obs", "a-secret-key").await?;
    /// println!("an address of {} characters", input.publish_url.expose().len());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn register_rtmp_input(
        &self,
        input_id: impl Into<InputId>,
        stream_key: impl Into<StreamKey>,
    ) -> Result<RtmpInput> {
        let (id, key, operation) = (input_id.into(), stream_key.into(), operations::REGISTER_RTMP_INPUT);
        Error::check_not_empty("stream_key", key.expose()).map_err(|e| operation.failed(e))?;
        let config = types::RegisterInput::RtmpInput(types::RtmpInput {
            stream_key: key.expose().to_owned(),
            type_: types::RtmpInputType::RtmpServer,
        });
        let patch = RequestPatch::redacting([key.expose()]);
        self.registering(&INPUT, &id, (), async {
            let Answer { members, extra }: Answer<RtmpMembers> = self
                .transport
                .call_as(operation, patch, |api| api.register_input(self.segment()?, id.segment()?, &config))
                .await?;
            let url = members.publish_url.ok_or_else(|| incomplete(operation, "the response has no `publish_url`"))?;
            Ok(RtmpInput { publish_url: RtmpUrl::from(url), extra })
        })
        .await
    }

    /// Unregisters an input. Scenes that show it show nothing in its place.
    ///
    /// The SDK repeats the request after an ambiguous failure.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the input or the composition does not exist: [`NotFound`](crate::ErrorKind::NotFound)
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
    /// composition.register_rtmp_input("obs", "a-secret-key").await?;
    /// composition.unregister_input("obs").await?;
    /// assert!(composition.inputs().is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn unregister_input(&self, input_id: impl Into<InputId>) -> Result<()> {
        let id = input_id.into();
        self.unregistering(&INPUT, &id, self.send_unregister_input(operations::UNREGISTER_INPUT, &id, None)).await
    }

    /// Unregisters an input at a time after the start of the composition. The server responds immediately.
    ///
    /// See [scheduled changes](Self#scheduled-changes). [`inputs`](Self::inputs) keeps the id.
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
    ///
    /// composition.register_mp4_input("intro", "https://example.com/intro.mp4").await?;
    /// composition.unregister_input_at("intro", Duration::from_secs(30)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn unregister_input_at(&self, input_id: impl Into<InputId>, time: Duration) -> Result<()> {
        self.send_unregister_input(operations::UNREGISTER_INPUT_AT, &input_id.into(), Some(time)).await
    }

    async fn send_unregister_input(&self, operation: Operation, id: &InputId, time: Option<Duration>) -> Result<()> {
        let schedule_time_ms = time.map(schedule).transpose().map_err(|e| operation.failed(e))?;
        let options = types::UnregisterInput { schedule_time_ms };
        self.command(operation, |api| api.unregister_input(self.segment()?, id.segment()?, &options)).await
    }
}

/// Returns the error for a response that lacks what the caller needs, although the server registered the input.
fn incomplete(operation: Operation, problem: &'static str) -> Error {
    operation.failed(Error::new(ErrorKind::Decode)).with_possible_effect(true).message_text(problem)
}

/// An input of a composition: its id and the handle of its composition.
///
/// Dropping it does not change the composition.
///
/// For an example, see [`CompositionInput::playing`].
#[derive(Clone, Debug)]
pub struct CompositionInput {
    pub(super) composition: Composition,
    pub(super) id: InputId,
}

impl CompositionInput {
    /// Returns the id of the input.
    #[must_use]
    pub fn id(&self) -> &InputId {
        &self.id
    }

    /// Returns the handle of the composition.
    #[must_use]
    pub fn composition(&self) -> &Composition {
        &self.composition
    }

    /// Unregisters the input; see [`Composition::unregister_input`].
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Composition::unregister_input`].
    ///
    /// # Cancel safety
    ///
    /// The same as for [`Composition::unregister_input`].
    pub async fn unregister(&self) -> Result<()> {
        self.composition.unregister_input(&self.id).await
    }
}
