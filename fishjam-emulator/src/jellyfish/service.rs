//! The service: the state behind its lock, and the execution of effects.

use std::sync::{Arc, OnceLock, Weak};

use bytes::Bytes;
use fishjam_proto::jellyfish::ServerMessage;
use prost::Message as _;
use tokio::{
    sync::{mpsc, watch},
    time::Instant,
};

use super::{
    metrics_settings::MetricsSettings,
    notification,
    state::{Effect, MediaStep, Outcome, State},
    token::Signer,
    webhook,
};
use crate::{clock::Clock, service::ServiceCore, state::StateCell};

/// The data that all requests and sockets of one emulator share.
pub(crate) struct Service {
    pub(crate) core: ServiceCore,
    /// The address in responses: `127.0.0.1:PORT`, unless the builder set a host.
    pub(crate) address: String,
    pub(crate) metrics: MetricsSettings,
    /// Whether sockets reject web pages of other hosts.
    pub(crate) check_origin: bool,
    pub(crate) cluster: Cluster,
    pub(crate) signer: Signer,
    pub(crate) clock: Clock,
    /// Receives the media steps to execute. It is closed if tests execute them.
    pub(crate) media: mpsc::UnboundedSender<MediaStep>,
    /// Counts the changes of HLS streams.
    pub(crate) stream_changes: watch::Sender<u64>,
    pub(crate) state: StateCell<State>,
}

impl Service {
    /// Changes the state and executes the effects; see [`StateCell::change`].
    pub(crate) fn change<T, E>(&self, change: impl FnOnce(&mut State) -> Result<Outcome<T>, E>) -> Result<T, E> {
        self.state.change(change, |state, effects| self.execute(state, effects))
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

    fn execute(&self, state: &State, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Notify(event) => self.notify(state, &notification::encode(&event)),
                Effect::CloseSession(session, code, reason) => self.core.sessions.close(session, (code, reason)),
                Effect::Media(step) => {
                    // The receiver is closed if tests execute the media steps.
                    let _ = self.media.send(step);
                }
                Effect::StreamChanged => self.stream_changes.send_modify(|changes| *changes += 1),
                Effect::Reschedule => self.clock.reschedule(),
            }
        }
    }

    /// Publishes a notification that no change of the state caused.
    pub(crate) fn publish(&self, message: &ServerMessage) {
        self.state.read(|state| self.notify(state, message));
    }

    fn notify(&self, state: &State, message: &ServerMessage) {
        let frame = Bytes::from(message.encode_to_vec());
        self.core.server_sockets.registry().publish(frame.clone());
        // All servers of a cluster send the notifications of each of them.
        if let Some(other) = self.cluster.other() {
            other.core.server_sockets.registry().publish(frame.clone());
        }
        webhook::notify(&self.core.webhooks, state, message, frame);
    }

    /// Returns the address of the peer socket, without a scheme.
    pub(crate) fn peer_websocket_url(&self) -> String {
        format!("{}/socket/peer/websocket", self.address)
    }
}

/// The other server of a cluster, if the server belongs to one.
#[derive(Default)]
pub(crate) struct Cluster(OnceLock<Weak<Service>>);

impl Cluster {
    /// Sets the other server. Later calls have no effect.
    pub(crate) fn join(&self, other: &Arc<Service>) {
        let _ = self.0.set(Arc::downgrade(other));
    }

    /// Returns the other server, if it is running.
    pub(crate) fn other(&self) -> Option<Arc<Service>> {
        self.0.get().and_then(Weak::upgrade)
    }

    /// Returns the number of running servers, or 0 without a cluster.
    pub(crate) fn nodes(&self) -> usize {
        match self.0.get() {
            Some(other) => 1 + other.strong_count().min(1),
            None => 0,
        }
    }
}
