//! Events that a backend sends to the templates of a composition.

use std::{fmt, sync::Arc};

use fishjam_api::composition::types;
use serde::Serialize;
use serde_json::Value;

use super::handle::Composition;
use crate::{
    error::{Error, Result},
    json_error::JsonError,
    transport::operations::composition as operations,
};

/// Maximum length of the name of an event, in characters.
const MAX_NAME: usize = 128;

/// An event for the templates of a composition: a name and optional data.
///
/// The names and the data are yours: a template subscribes to a name and reads the data. A string converts to an event
/// without
/// data. `Debug` prints only the length of the data.
///
/// ```
/// use fishjam_sdk::composition::TemplateEvent;
/// use serde_json::json;
///
/// let without_data = TemplateEvent::new("refresh");
/// let with_null = TemplateEvent::new("winner").data(());
/// let with_value = TemplateEvent::new("goal").data(json!({ "team": "home" }));
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct TemplateEvent {
    name: String,
    /// `None` if there are no data. `Some(Value::Null)` is the data `null`.
    data: Option<Result<Value, Arc<JsonError>>>,
}

impl TemplateEvent {
    /// Creates an event without data. The name has 1 to 128 characters.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), data: None }
    }

    /// Sets the data. Defaults to an event without data.
    ///
    /// `()` and `None` become the JSON value `null`. For a template, `null` differs from an event without data.
    #[must_use]
    pub fn data(mut self, data: impl Serialize) -> Self {
        self.data = Some(serde_json::to_value(data).map_err(|e| Arc::new(JsonError::from(&e))));
        self
    }

    fn into_wire(self) -> Result<types::SendCompositionEventBody> {
        let length = self.name.chars().count();
        if !(1..=MAX_NAME).contains(&length) {
            let message = format!("invalid name of the event: {length} characters; use 1 to {MAX_NAME}");
            return Err(Error::invalid_input(message));
        }
        let unserializable = |e| Error::invalid_input("the data of the event cannot be serialized").caused_by(e);
        let data = self.data.transpose().map_err(unserializable)?;
        Ok(types::SendCompositionEventBody { data, event_name: self.name })
    }
}

impl<T: Into<String>> From<T> for TemplateEvent {
    fn from(name: T) -> Self {
        Self::new(name)
    }
}

impl fmt::Debug for TemplateEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.data.as_ref().map(|data| data.as_ref().map_or(0, |data| data.to_string().len()));
        f.debug_struct("TemplateEvent").field("name", &self.name).field("data_bytes", &size).finish()
    }
}

impl Composition {
    /// Sends an event to all templates of the composition. Does nothing if no template runs.
    ///
    /// Pass a name, or a [`TemplateEvent`] with data. The SDK sends the request once, because templates would receive a
    /// repeated event twice. After an ambiguous failure,
    /// [`may_have_taken_effect`](Error::may_have_taken_effect) returns `true`.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the name does not have 1 to 128 characters, or the data cannot be serialized:
    ///   [`InvalidInput`](crate::ErrorKind::InvalidInput)
    /// - the composition does not exist: [`NotFound`](crate::ErrorKind::NotFound)
    /// - the server has no capacity: [`ServiceUnavailable`](crate::ErrorKind::ServiceUnavailable)
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
    /// use fishjam_sdk::composition::TemplateEvent;
    /// use serde_json::json;
    ///
    /// composition.send_event("refresh").await?;
    /// composition.send_event(TemplateEvent::new("goal").data(json!({ "team": "home" }))).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn send_event(&self, event: impl Into<TemplateEvent>) -> Result<()> {
        let event = event.into().into_wire().map_err(|e| operations::SEND_EVENT.failed(e))?;
        self.command(operations::SEND_EVENT, |api| api.send_composition_event(self.segment()?, &event)).await
    }
}
