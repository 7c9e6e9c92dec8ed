//! What all requests and sockets of one emulator share: the state behind its lock, and the carrying out of effects.

use std::sync::Mutex;

use fishjam_proto::fishjam::ServerMessage;
use prost::Message as _;
use tokio::sync::{mpsc, watch};

use crate::{
    agents::Agents,
    contract::Contract,
    faults::Faults,
    journal::Journal,
    lock::lock,
    sockets::{Heartbeat, NORMAL, PeerRelay, Sessions, Sockets},
    state::{Effect, Outcome, State},
    webhook::Webhooks,
};

pub(crate) struct Service {
    pub(crate) id: String,
    pub(crate) token: String,
    /// `127.0.0.1:PORT`
    pub(crate) authority: String,
    /// `http://127.0.0.1:PORT`
    pub(crate) origin: String,
    pub(crate) contract: Contract,
    pub(crate) heartbeat: Heartbeat,
    pub(crate) journal: Journal,
    pub(crate) faults: Faults,
    pub(crate) sessions: Sessions,
    pub(crate) server_sockets: Sockets,
    pub(crate) peer_sockets: Sockets,
    pub(crate) agent_sockets: Sockets,
    /// The media events between the WebRTC peers of a room.
    pub(crate) peer_relay: PeerRelay,
    pub(crate) agents: Agents,
    pub(crate) webhooks: Webhooks,
    /// Takes the ids of stopped recordings; nobody listens when they are concluded by hand.
    pub(crate) recorder: mpsc::UnboundedSender<String>,
    /// Turns true when the emulator stops.
    pub(crate) closing: watch::Receiver<bool>,
    pub(crate) state: Mutex<State>,
}

impl Service {
    /// Looks at the state.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&lock(&self.state))
    }

    /// Changes what nobody is told of.
    pub(crate) fn write<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut lock(&self.state))
    }

    /// Changes the state and carries out what follows before anybody else can change it: this makes the order of
    /// notifications the order of changes, and puts them before the answer.
    pub(crate) fn change<T, E>(&self, change: impl FnOnce(&mut State) -> Result<Outcome<T>, E>) -> Result<T, E> {
        let mut state = lock(&self.state);
        let outcome = change(&mut state)?;
        self.carry_out(&state, outcome.effects);
        Ok(outcome.value)
    }

    fn carry_out(&self, state: &State, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Notify(message) => self.tell(state, &message),
                Effect::CloseSession(session, reason) => self.sessions.close(session, (NORMAL, reason)),
                Effect::ConcludeRecording(recording) => {
                    // An error is a recorder that leaves it to the emulator's owner.
                    let _ = self.recorder.send(recording);
                }
            }
        }
    }

    /// Tells everybody something that did not follow from a change.
    pub(crate) fn publish(&self, message: &ServerMessage) {
        self.tell(&lock(&self.state), message);
    }

    fn tell(&self, state: &State, message: &ServerMessage) {
        self.server_sockets.registry().publish(message.encode_to_vec().into());
        self.webhooks.notify(state, message);
    }

    /// Returns the address of the peer socket, with the connect prefix.
    ///
    /// The service returns it without a scheme, and clients then use TLS. The emulator does so where it serves TLS;
    /// otherwise the address begins with `ws://`, so that clients reach it.
    pub(crate) fn peer_websocket_url(&self) -> String {
        let scheme = if self.origin.starts_with("http://") { "ws://" } else { "" };
        format!("{scheme}{}/api/v1/connect/{}/socket/peer/websocket", self.authority, self.id)
    }
}
