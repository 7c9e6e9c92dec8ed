//! The service: the state behind its lock, and the execution of effects.

use fishjam_proto::fishjam::ServerMessage;
use prost::Message as _;
use tokio::{sync::mpsc, time::Instant};

use crate::{
    agents::Agents,
    clock::Clock,
    composition_event,
    contract::Contract,
    notification,
    sockets::{NORMAL, Sockets},
    state::{Effect, Outcome, State, StateCell},
};

mod core;
pub(crate) mod timeline;

pub(crate) use self::core::ServiceCore;

/// The data that all requests and sockets of one emulator share.
pub(crate) struct Service {
    pub(crate) core: ServiceCore,
    pub(crate) id: String,
    pub(crate) contract: Contract,
    pub(crate) agent_sockets: Sockets,
    /// The event sockets of all compositions. The topic of a socket is the id of its composition.
    pub(crate) composition_sockets: Sockets,
    pub(crate) agents: Agents,
    /// Receives the ids of stopped recordings. It is closed if tests advance recordings themselves.
    pub(crate) recorder: mpsc::UnboundedSender<String>,
    /// The clock of compositions.
    pub(crate) clock: Clock,
    pub(crate) state: StateCell<State>,
}

impl Service {
    /// Changes the state and executes the effects; see [`StateCell::change`].
    pub(crate) fn change<T, E>(&self, change: impl FnOnce(&mut State) -> Result<Outcome<T>, E>) -> Result<T, E> {
        let now = self.pass_time();
        let change = |state: &mut State| {
            let mut outcome = change(state)?;
            state.settle_compositions(now, &mut outcome.effects);
            Ok(outcome)
        };
        self.state.change(change, |state, effects| self.execute(state, effects))
    }

    /// Executes the events of the clock that are due, each at its own time, and returns the current time.
    pub(crate) fn pass_time(&self) -> Instant {
        let now = self.clock.now();
        let pass = |state: &mut State| Ok::<_, ()>(Outcome { value: (), effects: state.pass_time(now) });
        let _ = self.state.change(pass, |state, effects| self.execute(state, effects));
        now
    }

    /// Changes the state without a result, and executes the effects.
    pub(crate) fn apply(&self, change: impl FnOnce(&mut State) -> Vec<Effect>) {
        let _ = self.change(|state| Ok::<_, ()>(Outcome { value: (), effects: change(state) }));
    }

    fn execute(&self, state: &State, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Notify(event) => self.notify(state, &notification::encode(&event)),
                Effect::CloseSession(session, code, reason) => self.core.sessions.close(session, (code, reason)),
                Effect::ConcludeRecording(recording) => {
                    // The recorder is gone if tests advance recordings themselves.
                    let _ = self.recorder.send(recording);
                }
                Effect::Composition { composition, event } => {
                    let sockets = self.composition_sockets.registry();
                    match composition_event::encode(&event) {
                        Some(event) => sockets.publish_to(&composition, &event),
                        // The composition was deleted. The code is an assumption.
                        None => sockets.end_topic(&composition, NORMAL),
                    }
                }
                Effect::Reschedule => self.clock.reschedule(),
            }
        }
    }

    /// Publishes a notification that no change of the state caused.
    pub(crate) fn publish(&self, message: &ServerMessage) {
        self.state.read(|state| self.notify(state, message));
    }

    fn notify(&self, state: &State, message: &ServerMessage) {
        self.core.server_sockets.registry().publish(message.encode_to_vec().into());
        self.core.webhooks.notify(state, message);
    }

    /// Returns the URL of the peer socket, with the connect prefix.
    ///
    /// The service returns it without a scheme, and clients then use TLS. The emulator does the same if it serves TLS.
    /// Otherwise the URL starts with `ws://`, so that clients can connect.
    pub(crate) fn peer_websocket_url(&self) -> String {
        let ServiceCore { authority, origin, .. } = &self.core;
        let scheme = if origin.starts_with("http://") { "ws://" } else { "" };
        format!("{scheme}{authority}/api/v1/connect/{}/socket/peer/websocket", self.id)
    }
}
