//! What all requests and sockets of one Jellyfish share: the state behind its lock, and the carrying out of effects.

use std::sync::{Arc, Mutex, OnceLock, Weak};

use bytes::Bytes;
use fishjam_proto::jellyfish::ServerMessage;
use prost::Message as _;
use tokio::{
    sync::{mpsc, watch},
    time::Instant,
};

use super::{
    clock::Clock,
    metrics_settings::Gauges,
    notification,
    state::{Effect, Happening, Outcome, State},
    token::Signer,
    webhook,
};
use crate::{
    faults::Faults,
    journal::Journal,
    lock::lock,
    sockets::{Heartbeat, PeerRelay, Sessions, Sockets},
    webhook::Webhooks,
};

pub(crate) struct Service {
    pub(crate) token: String,
    /// The address that answers name: `127.0.0.1:PORT`, unless the server was told another one.
    pub(crate) address: String,
    pub(crate) heartbeat: Heartbeat,
    pub(crate) journal: Journal,
    pub(crate) faults: Faults,
    pub(crate) sessions: Sessions,
    pub(crate) server_sockets: Sockets,
    pub(crate) peer_sockets: Sockets,
    pub(crate) peer_relay: PeerRelay,
    pub(crate) gauges: Gauges,
    /// Whether sockets are refused to pages of other hosts.
    pub(crate) check_origin: bool,
    pub(crate) webhooks: Webhooks,
    pub(crate) cluster: Cluster,
    pub(crate) signer: Signer,
    pub(crate) clock: Clock,
    /// Takes what media is asked for; nobody listens when things are done by hand.
    pub(crate) media: mpsc::UnboundedSender<Happening>,
    /// Counts the changes of HLS streams.
    pub(crate) growth: watch::Sender<u64>,
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

    /// Carries out the purges that are due, and returns when the next one is.
    pub(crate) fn purge(&self) -> Option<Instant> {
        let mut state = lock(&self.state);
        let effects = state.purge(self.clock.now());
        self.carry_out(&state, effects);
        state.next_purge()
    }

    fn carry_out(&self, state: &State, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Notify(event) => self.tell(state, &notification::encode(&event)),
                Effect::CloseSession(session, code, reason) => self.sessions.close(session, (code, reason)),
                Effect::Media(happening) => {
                    // An error is media that leaves it to the emulator's owner.
                    let _ = self.media.send(happening);
                }
                Effect::StreamGrew => self.growth.send_modify(|changes| *changes += 1),
                Effect::Reschedule => self.clock.reschedule(),
            }
        }
    }

    /// Tells everybody something that did not follow from a change.
    pub(crate) fn publish(&self, message: &ServerMessage) {
        self.tell(&lock(&self.state), message);
    }

    fn tell(&self, state: &State, message: &ServerMessage) {
        let frame = Bytes::from(message.encode_to_vec());
        self.server_sockets.registry().publish(frame.clone());
        // In a cluster, what happens on one server is told by all of them.
        if let Some(other) = self.cluster.other() {
            other.server_sockets.registry().publish(frame.clone());
        }
        webhook::tell(&self.webhooks, state, message, frame);
    }

    /// The address of the peer socket, without a scheme.
    pub(crate) fn peer_websocket_url(&self) -> String {
        format!("{}/socket/peer/websocket", self.address)
    }
}

/// The other server of a cluster, if there is one.
#[derive(Default)]
pub(crate) struct Cluster(OnceLock<Weak<Service>>);

impl Cluster {
    /// Sets the other server, once.
    pub(crate) fn join(&self, other: &Arc<Service>) {
        // A second server is never set again.
        let _ = self.0.set(Arc::downgrade(other));
    }

    pub(crate) fn other(&self) -> Option<Arc<Service>> {
        self.0.get().and_then(Weak::upgrade)
    }

    /// How many servers there are; 0 where there is no cluster.
    pub(crate) fn nodes(&self) -> usize {
        match self.0.get() {
            Some(other) => 1 + other.strong_count().min(1),
            None => 0,
        }
    }
}
