//! What all requests and sockets of one Jellyfish share: the state behind its lock, and the carrying out of effects.

use std::sync::{Arc, OnceLock, Weak};

use bytes::Bytes;
use fishjam_proto::jellyfish::ServerMessage;
use prost::Message as _;
use tokio::{
    sync::{mpsc, watch},
    time::Instant,
};

use super::{
    clock::Clock,
    metrics_settings::MetricsSettings,
    notification,
    state::{Effect, MediaStep, Outcome, State},
    token::Signer,
    webhook,
};
use crate::{service::ServiceCore, state::StateCell};

pub(crate) struct Service {
    pub(crate) core: ServiceCore,
    /// The address in responses: `127.0.0.1:PORT`, unless the builder set a host.
    pub(crate) address: String,
    pub(crate) metrics: MetricsSettings,
    /// Whether sockets are refused to pages of other hosts.
    pub(crate) check_origin: bool,
    pub(crate) cluster: Cluster,
    pub(crate) signer: Signer,
    pub(crate) clock: Clock,
    /// Takes what media is asked for; nobody listens when things are done by hand.
    pub(crate) media: mpsc::UnboundedSender<MediaStep>,
    /// Counts the changes of HLS streams.
    pub(crate) stream_changes: watch::Sender<u64>,
    pub(crate) state: StateCell<State>,
}

impl Service {
    /// Changes the state and executes the effects; see [`StateCell::change`].
    pub(crate) fn change<T, E>(&self, change: impl FnOnce(&mut State) -> Result<Outcome<T>, E>) -> Result<T, E> {
        self.state.change(change, |state, effects| self.carry_out(state, effects))
    }

    /// Changes the state without a result, and executes the effects.
    pub(crate) fn apply(&self, change: impl FnOnce(&mut State) -> Vec<Effect>) {
        let _ = self.change(|state| Ok::<_, ()>(Outcome { value: (), effects: change(state) }));
    }

    /// Executes the purges that are due, and returns the time of the next one.
    pub(crate) fn purge(&self) -> Option<Instant> {
        self.apply(|state| state.purge(self.clock.now()));
        self.state.read(State::next_purge)
    }

    fn carry_out(&self, state: &State, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Notify(event) => self.tell(state, &notification::encode(&event)),
                Effect::CloseSession(session, code, reason) => self.core.sessions.close(session, (code, reason)),
                Effect::Media(step) => {
                    // An error is media that leaves it to the emulator's owner.
                    let _ = self.media.send(step);
                }
                Effect::StreamChanged => self.stream_changes.send_modify(|changes| *changes += 1),
                Effect::Reschedule => self.clock.reschedule(),
            }
        }
    }

    /// Tells everybody something that did not follow from a change.
    pub(crate) fn publish(&self, message: &ServerMessage) {
        self.state.read(|state| self.tell(state, message));
    }

    fn tell(&self, state: &State, message: &ServerMessage) {
        let frame = Bytes::from(message.encode_to_vec());
        self.core.server_sockets.registry().publish(frame.clone());
        // In a cluster, what happens on one server is told by all of them.
        if let Some(other) = self.cluster.other() {
            other.core.server_sockets.registry().publish(frame.clone());
        }
        webhook::tell(&self.core.webhooks, state, message, frame);
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
