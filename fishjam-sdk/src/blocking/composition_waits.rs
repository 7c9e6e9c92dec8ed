//! Waiting for the inputs and outputs of a composition.

use std::{sync::Arc, time::Duration};

use super::{
    compositions::{Composition, CompositionInput, CompositionOutput},
    forward::forward,
};
use crate::error::Result;

forward! {
    Composition => crate::composition::Composition;
    /// Records the states of inputs and outputs, so that a later wait does not miss an event.
    async fn watch() -> Result<()>;
}

impl CompositionInput {
    /// Returns the handle of the composition.
    #[must_use]
    pub fn composition(&self) -> Composition {
        Composition { client: self.client.composition().clone(), background: Arc::clone(&self.background) }
    }

    /// Waits until the input plays, up to a time limit.
    ///
    /// Blocks until [`crate::composition::CompositionInput::playing`] returns. That method documents the details and the
    /// errors.
    pub fn playing(&self, limit: Duration) -> Result<()> {
        self.background.wait(self.client.playing().timeout(limit))
    }

    /// Waits until all media of the input has ended, up to a time limit.
    ///
    /// Blocks until [`crate::composition::CompositionInput::ended`] returns. That method documents the details and the
    /// errors.
    pub fn ended(&self, limit: Duration) -> Result<()> {
        self.background.wait(self.client.ended().timeout(limit))
    }
}

impl CompositionOutput {
    /// Returns the handle of the composition.
    #[must_use]
    pub fn composition(&self) -> Composition {
        Composition { client: self.client.composition().clone(), background: Arc::clone(&self.background) }
    }

    /// Waits until the output is done, up to a time limit.
    ///
    /// Blocks until [`crate::composition::CompositionOutput::done`] returns. That method documents the details and the errors.
    ///
    /// ```
    /// # use std::{error::Error, time::Duration};
    /// # fn main() -> Result<(), Box<dyn Error>> {
    /// # let runtime = tokio::runtime::Runtime::new()?;
    /// # let emulator = runtime.block_on(fishjam_emulator::Emulator::start())?;
    /// use fishjam_sdk::{
    ///     blocking::FishjamClient,
    ///     composition::{AudioMix, CompositionOptions, Output},
    /// };
    ///
    /// let compositions = FishjamClient::new(emulator.url(), emulator.token())?.compositions();
    /// let composition = compositions.create(CompositionOptions::new())?;
    /// composition.watch()?;
    /// let output = Output::whip("https://whip.example.com/live", "token").audio(AudioMix::new());
    /// let output = composition.register_output("main", output)?;
    /// # emulator.composition(composition.id()).output("main").end();
    /// output.done(Duration::from_secs(10))?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn done(&self, limit: Duration) -> Result<()> {
        self.background.wait(self.client.done().timeout(limit))
    }
}
