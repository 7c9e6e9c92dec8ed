//! Options for creating a composition.

use fishjam_api::composition::types;

/// Options for creating a composition.
///
/// ```
/// use fishjam_sdk::composition::CompositionOptions;
///
/// let options = CompositionOptions::new().autostart(false);
/// # drop(options);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CompositionOptions {
    autostart: bool,
    cleanup_without_inputs: bool,
}

impl Default for CompositionOptions {
    fn default() -> Self {
        Self { autostart: true, cleanup_without_inputs: true }
    }
}

impl CompositionOptions {
    /// Creates options with the default values.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets whether outputs produce media as soon as they are registered. Default: `true`.
    ///
    /// With `false`, you can register everything first. Nothing is produced until
    /// [`Composition::start`](super::Composition::start).
    #[must_use]
    pub fn autostart(mut self, autostart: bool) -> Self {
        self.autostart = autostart;
        self
    }

    /// Sets whether the server deletes the composition after 5 minutes without media of any input. Default: `true`.
    ///
    /// With `false`, the server deletes it after 5 minutes in which both the inputs and the outputs are silent. Use
    /// `true` if the composition receives a room that shows its output: there, the output would never become silent.
    ///
    /// The time also counts before the first input.
    #[must_use]
    pub fn cleanup_without_inputs(mut self, cleanup: bool) -> Self {
        self.cleanup_without_inputs = cleanup;
        self
    }

    /// Converts the options for the request.
    pub(super) fn into_wire(self) -> types::CreateCompositionRequest {
        // The official Python SDK sends both members, too.
        types::CreateCompositionRequest {
            autostart: Some(self.autostart),
            cleanup_without_inputs: Some(self.cleanup_without_inputs),
        }
    }
}
