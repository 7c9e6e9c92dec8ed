//! A composition of the emulator with an input and an output, for tests of its events.

use anyhow::{Context, bail};
use fishjam_emulator::{EmulatedComposition, Emulator};
use fishjam_sdk::{
    Error,
    composition::{
        AudioMix, Composition, CompositionClient, CompositionEvent, CompositionEvents, CompositionOptions, Output,
        WhipInputOptions,
    },
    events::{Event, Gap},
};
use fishjam_tests::support::within;

/// The input, whose media the emulator controls.
pub(crate) const INPUT: &str = "camera";
/// The output.
pub(crate) const OUTPUT: &str = "main";

/// A composition, with the handles of both sides.
pub(crate) struct Fixture {
    pub(crate) emulator: Emulator,
    pub(crate) composition: Composition,
    /// The same composition in the emulator.
    pub(crate) emulated: EmulatedComposition,
}

impl Fixture {
    /// Creates a composition with one input and one output.
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let fixture = Self::empty().await?;
        fixture.register().await?;
        Ok(fixture)
    }

    /// Creates a composition without inputs and outputs.
    pub(crate) async fn empty() -> anyhow::Result<Self> {
        let emulator = Emulator::start().await?;
        let composition = client(&emulator, emulator.token())?.create(CompositionOptions::new()).await?;
        let emulated = emulator.composition(composition.id());
        Ok(Self { emulator, composition, emulated })
    }

    /// Registers the input and the output.
    pub(crate) async fn register(&self) -> anyhow::Result<()> {
        self.composition.register_whip_input(INPUT, WhipInputOptions::new().video(false)).await?;
        self.register_output().await
    }

    /// Registers the output.
    pub(crate) async fn register_output(&self) -> anyhow::Result<()> {
        let output = Output::whip("https://whip.example.com/live", "token").audio(AudioMix::all([INPUT]));
        self.composition.register_output(OUTPUT, output).await?;
        Ok(())
    }
}

/// A client of the emulator with this token.
pub(crate) fn client(emulator: &Emulator, token: &str) -> anyhow::Result<CompositionClient> {
    Ok(CompositionClient::builder(token).base_url(emulator.origin()).max_attempts(1).build()?)
}

/// The next item of a stream.
pub(crate) async fn item(events: &mut CompositionEvents) -> anyhow::Result<Event<CompositionEvent>> {
    Ok(within("an event", events.receive()).await?.context("the stream ended")??)
}

/// The next event.
pub(crate) async fn next(events: &mut CompositionEvents) -> anyhow::Result<CompositionEvent> {
    match item(events).await? {
        Event::Notification(event) => Ok(event),
        other => bail!("this is no event: {other:?}"),
    }
}

/// The next item, which is a gap.
pub(crate) async fn gap(events: &mut CompositionEvents) -> anyhow::Result<Gap> {
    match item(events).await? {
        Event::Gap(gap) => Ok(gap),
        other => bail!("this is no gap: {other:?}"),
    }
}

/// The error with which a stream ends.
pub(crate) async fn end(events: &mut CompositionEvents) -> anyhow::Result<Error> {
    match within("the end", events.receive()).await? {
        Some(Err(error)) => {
            let after = within("the end of the stream", events.receive()).await?;
            anyhow::ensure!(after.is_none(), "after its error the stream goes on: {after:?}");
            Ok(error)
        }
        other => bail!("this is no error: {other:?}"),
    }
}
