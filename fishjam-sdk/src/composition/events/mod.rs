//! The events of a composition: the socket, the stream, and the methods that wait for an event.

mod codec;
mod event;
mod json;
mod options;
pub(super) mod socket;
mod states;
mod wait;

pub use event::{CompositionEvent, ErrorSeverity, InputEvent, MediaKind, OutputDone, OutputError, UnknownEvent};
pub use options::EventOptions;
pub use socket::CompositionEvents;
pub use wait::CompositionWait;

use super::handle::Composition;
use crate::error::Result;

/// The event socket. All clones of a handle share one connection.
impl Composition {
    /// Connects if necessary, and returns a stream of the events from now on.
    ///
    /// The server does not replay events, and the API has no operation that returns a state. Connect before you register
    /// what you want to observe. The stream reconnects after a loss, and reports the loss as an
    /// [`Event::Gap`](crate::events::Event::Gap). It also reports a gap for a message that it cannot read.
    ///
    /// All streams of a handle and its clones share one connection. It works like the connection of a
    /// [`FishjamNotifier`](crate::FishjamNotifier) with its default settings:
    ///
    /// - The [first connection](crate::FishjamNotifier#first-connection) is repeated while the server is down.
    /// - The delays between attempts grow from 500 milliseconds to 30 seconds.
    /// - The connection closes when you drop the last stream, unless a [waiter](Self::watch) uses it.
    ///
    /// Unlike a notifier, the connection sends a ping after 25 seconds of silence, because a composition can be silent.
    ///
    /// When the composition is deleted, the last item is an error of the kind [`NotFound`](crate::ErrorKind::NotFound).
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the server refuses the token: [`Unauthorized`](crate::ErrorKind::Unauthorized)
    /// - the composition does not exist: [`NotFound`](crate::ErrorKind::NotFound)
    /// - the token contains a comma: [`InvalidInput`](crate::ErrorKind::InvalidInput)
    /// - the server breaks the handshake: [`WebSocket`](crate::ErrorKind::WebSocket)
    /// - there is no Tokio runtime: [`Setup`](crate::ErrorKind::Setup)
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. If you drop the future, the connection closes, unless it has other users.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// use fishjam_sdk::{composition::{CompositionEvent, CompositionOptions, WhipInputOptions}, events::Event};
    ///
    /// let composition = fishjam.compositions().create(CompositionOptions::new()).await?;
    /// let mut events = composition.events().await?;
    /// composition.register_whip_input("camera", WhipInputOptions::new()).await?;
    /// # emulator.composition(composition.id()).input("camera").play();
    /// while let Some(event) = events.receive().await {
    ///     match event? {
    ///         Event::Notification(CompositionEvent::InputPlaying(input)) => {
    ///             println!("{} plays", input.input_id);
    ///             break;
    ///         }
    ///         Event::Notification(other) => println!("{other}"),
    ///         Event::Gap(gap) => println!("may have missed events for {:?}", gap.duration()),
    ///         _ => {}
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn events(&self) -> Result<CompositionEvents> {
        self.events_with(EventOptions::new()).await
    }

    /// Connects if necessary, and returns a stream with a queue of other limits.
    ///
    /// It differs from [`events`](Self::events) only in its queue. While a stream with
    /// [`Overflow::Wait`](crate::Overflow::Wait) has a full queue, all streams and waiters of the handle receive nothing.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`events`](Self::events). Returns [`InvalidInput`](crate::ErrorKind::InvalidInput) if the
    /// capacity of the queue is 0.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. If you drop the future, the connection closes, unless it has other users.
    pub async fn events_with(&self, options: EventOptions) -> Result<CompositionEvents> {
        self.event_socket().events(&options).await
    }

    /// Connects the event socket, and records the states of inputs and outputs from now on.
    ///
    /// The waiters [`CompositionInput::playing`](super::CompositionInput::playing),
    /// [`CompositionInput::ended`](super::CompositionInput::ended) and
    /// [`CompositionOutput::done`](super::CompositionOutput::done) use the recorded states. The API cannot return a state,
    /// so a waiter misses an event from before the recording. **Call this method before you register anything that you
    /// want to wait for.** Otherwise the first waiter starts the recording.
    ///
    /// A waiter also misses an event during an interruption of the connection before the wait. It then reaches its time
    /// limit. Streams report each interruption as a gap.
    ///
    /// If you use an id again, an event of the earlier object can arrive after the new registration. Use new ids if you
    /// wait for their events.
    ///
    /// The recording lasts until you drop all clones of the handle, or until the event socket ends. It keeps the states of
    /// the latest 1,024 inputs and 1,024 outputs, with ids of at most 1,024 bytes.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`events`](Self::events).
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. If you drop the future, the connection is still opened in the background.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// use std::time::Duration;
    /// use fishjam_sdk::composition::{AudioMix, AudioOutput, CompositionOptions, EndCondition, Output};
    ///
    /// let composition = fishjam.compositions().create(CompositionOptions::new()).await?;
    /// composition.watch().await?; // before the first registration
    /// composition.register_mp4_input("clip", "https://example.com/clip.mp4").await?;
    /// let audio = AudioOutput::new(AudioMix::all(["clip"])).ends(EndCondition::AllInputs);
    /// let output = Output::whip("https://whip.example.com/live", "token").audio(audio);
    /// let output = composition.register_output("main", output).await?;
    ///
    /// # emulator.advance(Duration::from_secs(11));
    /// output.done().timeout(Duration::from_secs(600)).await?;
    /// composition.delete().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn watch(&self) -> Result<()> {
        self.event_socket().watch().await
    }
}
