//! Waiting for an event of an input or an output.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::{Instant, timeout_at};

use super::{
    socket::EventSocket,
    states::{Mark, OutputState, States},
};
use crate::{
    backoff::MAX_DURATION,
    composition::{inputs::CompositionInput, outputs::CompositionOutput},
    error::{Error, ErrorKind, Result},
    id::composition::{InputId, OutputId},
    transport::check_runtime,
};

/// The default limit for an input that starts playing.
const START: Duration = Duration::from_secs(60);
/// The default limit for the end of an input or an output.
const END: Duration = Duration::from_secs(24 * 60 * 60);

/// A future that waits for an event of an input or an output.
///
/// The methods that return it document the event, the default limit and the errors. The future starts when you first poll
/// it.
///
/// # Cancel safety
///
/// The future is cancel safe. If you drop it, only the waiting ends.
#[must_use = "futures do nothing unless you await them"]
pub struct CompositionWait {
    goal: Goal,
    socket: Arc<EventSocket>,
    limit: Duration,
    /// The future after the first poll.
    waiting: Option<Pin<Box<dyn Future<Output = Result<()>> + Send + Sync>>>,
}

impl CompositionWait {
    fn new(goal: Goal, socket: &Arc<EventSocket>, limit: Duration) -> Self {
        Self { goal, socket: Arc::clone(socket), limit, waiting: None }
    }

    /// Sets the time limit. The maximum is ten years.
    ///
    /// The method that created the future documents the default.
    ///
    /// The limit starts with the first poll of the future, and includes the time for connecting.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.limit = limit.min(MAX_DURATION);
        self
    }
}

impl Future for CompositionWait {
    type Output = Result<()>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let Self { goal, socket, limit, waiting } = &mut *self;
        let waiting = waiting.get_or_insert_with(|| Box::pin(wait(Arc::clone(socket), goal.clone(), *limit)));
        waiting.as_mut().poll(cx)
    }
}

impl fmt::Debug for CompositionWait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CompositionWait").field("goal", &self.goal).field("limit", &self.limit).finish_non_exhaustive()
    }
}

impl CompositionInput {
    /// Waits until audio or video of the input plays.
    ///
    /// Returns immediately if the handle knows that the input plays: see [`Composition::watch`]. The default limit is 60
    /// seconds; see [`CompositionWait::timeout`].
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the input ended instead, or has ended before: [`Conflict`](ErrorKind::Conflict)
    /// - this handle or a clone unregisters the input, or resets the composition: [`Conflict`](ErrorKind::Conflict)
    /// - the time limit is reached: [`Timeout`](ErrorKind::Timeout)
    /// - the connection was interrupted while this method waited, or a message was not readable:
    ///   [`Closed`](ErrorKind::Closed). The event may be missing, because the server does not replay events. You can wait
    ///   again.
    /// - the composition does not exist, or is deleted meanwhile: [`NotFound`](ErrorKind::NotFound)
    /// - the event socket cannot be opened: the errors of [`Composition::events`]
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// use std::time::Duration;
    /// use fishjam_sdk::{ErrorKind, composition::{CompositionOptions, WhipInputOptions}};
    ///
    /// let composition = fishjam.compositions().create(CompositionOptions::new()).await?;
    /// composition.watch().await?;
    /// let camera = composition.register_whip_input("camera", WhipInputOptions::new()).await?;
    /// // Send `camera.url` and `camera.bearer_token` to the broadcaster.
    /// # emulator.composition(composition.id()).input("camera").play();
    /// match composition.input("camera").playing().timeout(Duration::from_secs(30)).await {
    ///     Ok(()) => println!("the camera plays"),
    ///     Err(error) if error.kind() == ErrorKind::Timeout => println!("the camera did not connect"),
    ///     Err(error) => return Err(error.into()),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// [`Composition::watch`]: super::Composition::watch
    /// [`Composition::events`]: super::Composition::events
    pub fn playing(&self) -> CompositionWait {
        CompositionWait::new(Goal::Playing(self.id.clone()), self.composition.event_socket(), START)
    }

    /// Waits until all media of the input has ended.
    ///
    /// An input ends if its connection is lost, if its file is over, or if it is unregistered. Audio and video end
    /// separately. This method waits for both, if the events reported both. It also returns if this handle or a clone
    /// unregisters the input, or resets the composition.
    ///
    /// Returns immediately if the handle knows that the input has ended: see [`Composition::watch`]. The default limit is
    /// 24 hours; see [`CompositionWait::timeout`].
    ///
    /// # Errors
    ///
    /// Returns the errors of [`playing`](Self::playing), except `Conflict`.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    ///
    /// [`Composition::watch`]: super::Composition::watch
    pub fn ended(&self) -> CompositionWait {
        CompositionWait::new(Goal::Ended(self.id.clone()), self.composition.event_socket(), END)
    }
}

impl CompositionOutput {
    /// Waits until the output is done.
    ///
    /// An output is done in these cases:
    ///
    /// - The server reports its end, for example because its end condition is met.
    /// - This handle or a clone unregisters it, or resets the composition.
    ///
    /// The server may report no end of an output that another handle unregisters, or that is unregistered at a
    /// [scheduled](super::Composition#scheduled-changes) time. This method then reaches its time limit.
    ///
    /// Returns immediately if the handle knows the end: see [`Composition::watch`]. The default limit is 24 hours; see
    /// [`CompositionWait::timeout`].
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the output failed, because the server reported a critical problem: [`Conflict`](ErrorKind::Conflict), with the
    ///   server's message. Other problems do not end the waiting.
    /// - the time limit is reached: [`Timeout`](ErrorKind::Timeout)
    /// - the connection was interrupted while this method waited, or a message was not readable:
    ///   [`Closed`](ErrorKind::Closed). The event may be missing, because the server does not replay events. You can wait
    ///   again.
    /// - the composition does not exist, or is deleted meanwhile: [`NotFound`](ErrorKind::NotFound)
    /// - the event socket cannot be opened: the errors of [`Composition::events`]
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    ///
    /// [`Composition::watch`]: super::Composition::watch
    /// [`Composition::events`]: super::Composition::events
    pub fn done(&self) -> CompositionWait {
        CompositionWait::new(Goal::Done(self.id.clone()), self.composition.event_socket(), END)
    }
}

/// The event that a future waits for.
#[derive(Clone, Debug)]
enum Goal {
    Playing(InputId),
    Ended(InputId),
    Done(OutputId),
}

impl Goal {
    /// Returns the name of the method.
    fn method(&self) -> &'static str {
        match self {
            Self::Playing(_) => "playing",
            Self::Ended(_) => "ended",
            Self::Done(_) => "done",
        }
    }

    /// Returns the end of the message of the timeout.
    fn unmet(&self) -> &'static str {
        match self {
            Self::Playing(_) => "no event reported that the input plays",
            Self::Ended(_) => "no event reported the end of the input",
            Self::Done(_) => "no event reported the end of the output",
        }
    }

    /// Returns the outcome, if it is decided.
    fn outcome(&self, socket: &EventSocket, states: &States, start: Mark) -> Option<Result<()>> {
        let conflict = |message: String| Some(Err(Error::new(ErrorKind::Conflict).message_text(message)));
        // A known state is valid even if the connection is lost.
        match self {
            Self::Playing(id) if states.input(id).is_playing() => return Some(Ok(())),
            Self::Playing(id) if states.input(id).is_ended() => return conflict("the input has ended".to_owned()),
            Self::Ended(id) if states.input(id).is_ended() => return Some(Ok(())),
            Self::Playing(id) if states.is_input_removed(id, start) => {
                return conflict("the input was unregistered".to_owned());
            }
            Self::Ended(id) if states.is_input_removed(id, start) => return Some(Ok(())),
            Self::Playing(_) | Self::Ended(_) => {}
            Self::Done(id) => match states.output(id) {
                Some(OutputState::Done) => return Some(Ok(())),
                Some(OutputState::Failed(message)) if message.is_empty() => {
                    return conflict("the output failed".to_owned());
                }
                Some(OutputState::Failed(message)) => {
                    return conflict(format!("the output failed: {}", socket.redacted(id, message)));
                }
                None if states.is_output_removed(id, start) => return Some(Ok(())),
                None => {}
            },
        }
        if let Some(error) = states.ended() {
            return Some(Err(ended(error)));
        }
        if states.is_interrupted(start) {
            let missing = Error::new(ErrorKind::Closed).message_text("the event may be missing");
            return Some(Err(match states.reason() {
                Some(reason) => missing.caused_by(reason.clone()),
                None => missing,
            }));
        }
        None
    }
}

/// Creates the error for an event socket that has ended. Clones share the original, which cannot be changed.
fn ended(error: &Error) -> Error {
    let message = match error.kind() {
        ErrorKind::NotFound => "the composition does not exist",
        _ => "the event socket ended",
    };
    let ended = Error::new(error.kind()).message_text(message).caused_by(error.clone());
    match error.status() {
        Some(status) => ended.status_code(status),
        None => ended,
    }
}

/// Waits until the outcome is decided, within the time limit.
async fn wait(socket: Arc<EventSocket>, goal: Goal, limit: Duration) -> Result<()> {
    let decided = async {
        let mut states = socket.states()?;
        let start = states.borrow().mark();
        loop {
            if let Some(outcome) = goal.outcome(&socket, &states.borrow_and_update(), start) {
                return outcome;
            }
            if states.changed().await.is_err() {
                return Err(Error::new(ErrorKind::Closed).message_text("the event socket was closed"));
            }
        }
    };
    check_runtime().map_err(|error| error.on_method(goal.method()))?;
    let outcome = match timeout_at(Instant::now() + limit, decided).await {
        Ok(outcome) => outcome,
        Err(_) => Err(Error::new(ErrorKind::Timeout).message_text(format!("after {limit:?}, {}", goal.unmet()))),
    };
    outcome.map_err(|error| error.on_method(goal.method()))
}
