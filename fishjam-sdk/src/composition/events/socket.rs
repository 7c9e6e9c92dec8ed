//! The event socket of a handle, and the task that records states.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use fishjam_api::composition::Client;
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use tokio::{sync::watch, task::AbortHandle};

use super::{
    event::CompositionEvent,
    options::EventOptions,
    states::{Kept, States},
};
use crate::{
    connection::policy::{ConnectionPolicy, NotifierSettings},
    error::{Error, ErrorKind, Result},
    id::composition::{InputId, OutputId},
    notifier::{EventStream, core::NotifierCore, target::NotifierTarget},
    secret::{ManagementToken, redact},
    transport::Transport,
};

/// Stream of the events of a composition: a [`crate::EventStream`].
///
/// [`Composition::events`](crate::composition::Composition::events) returns it, and has an example.
pub type CompositionEvents = EventStream<CompositionEvent>;

/// The silence after which the client sends a ping. The composition can be silent, and the server may send no pings.
const PING_AFTER: Duration = Duration::from_secs(25);

/// The connection of a composition's events, and the states that they report.
pub(in crate::composition) struct EventSocket {
    core: NotifierCore<CompositionEvent>,
    token: ManagementToken,
    recording: Mutex<Option<Recording>>,
    /// The secrets in the requests of the latest outputs. The server's messages can repeat them.
    secrets: Mutex<Kept<OutputId, Vec<SecretString>>>,
}

/// The task that records states. It ends when this value is dropped.
struct Recording {
    states: Arc<watch::Sender<States>>,
    task: AbortHandle,
}

impl Drop for Recording {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The part of the recording that its task owns. If the runtime drops the task, no waiter waits for it.
struct Recorder(Arc<watch::Sender<States>>);

impl Drop for Recorder {
    fn drop(&mut self) {
        let closed = Error::new(ErrorKind::Closed).message_text("the event socket was closed");
        self.0.send_modify(|states| states.end(closed));
    }
}

impl EventSocket {
    /// Creates the socket of the composition at this address. Sends nothing.
    pub(in crate::composition) fn new(transport: &Transport<Client>, address: &str) -> Result<Self> {
        let url = Url::parse(&format!("{address}/ws"))
            .map_err(|e| Error::invalid_input("invalid address of the composition").caused_by(e))?;
        let target =
            NotifierTarget { http: transport.http().clone(), url, token: transport.token().clone(), wanted: &[] };
        let policy = ConnectionPolicy {
            ping_after: Some(PING_AFTER),
            handshake_goal: "the event socket was not open",
            ..ConnectionPolicy::default()
        };
        let settings = NotifierSettings { policy, ..NotifierSettings::default() };
        let token = transport.token().clone();
        Ok(Self {
            core: NotifierCore::new(target, settings),
            token,
            recording: Mutex::default(),
            secrets: Mutex::default(),
        })
    }

    pub(super) async fn events(&self, options: &EventOptions) -> Result<CompositionEvents> {
        let events = self.core.subscribe_within(options.limits()?)?;
        self.core.wait_ready().await?;
        Ok(events)
    }

    /// Records states from now on, and waits until the socket is connected.
    pub(super) async fn watch(&self) -> Result<()> {
        let _ = self.states()?;
        self.core.wait_ready().await
    }

    /// Returns the states. Starts to record them if necessary.
    pub(super) fn states(&self) -> Result<watch::Receiver<States>> {
        let mut recording = self.recording();
        if let Some(Recording { states, task }) = &*recording
            && !task.is_finished()
            && states.borrow().ended().is_none()
        {
            return Ok(states.subscribe());
        }
        let mut events = self.core.subscribe()?;
        let states = Arc::new(watch::Sender::new(States::new(self.token.clone())));
        let recorder = Recorder(Arc::clone(&states));
        let task = tokio::spawn(async move {
            while let Some(event) = events.receive().await {
                recorder.0.send_modify(|states| match event {
                    Ok(event) => states.apply(event),
                    Err(error) => states.end(error),
                });
            }
        });
        let receiver = states.subscribe();
        *recording = Some(Recording { states, task: task.abort_handle() });
        Ok(receiver)
    }

    /// Forgets an input before its id is registered again.
    pub(in crate::composition) fn forget_input(&self, id: &InputId) {
        self.change(|states| states.forget_input(id));
    }

    /// Forgets an output before its id is registered again.
    pub(in crate::composition) fn forget_output(&self, id: &OutputId) {
        self.secrets().remove(id);
        self.change(|states| states.forget_output(id));
    }

    /// Keeps these secrets out of the errors of waiters. A secret that contains another one must come first.
    pub(in crate::composition) fn redact_output(&self, id: &OutputId, secrets: &[&str]) {
        if let Some(kept) = self.secrets().entry(id, Vec::new) {
            kept.extend(secrets.iter().map(|secret| SecretString::from(*secret)));
        }
    }

    /// Removes the secrets of an output from a message of the server.
    pub(super) fn redacted(&self, id: &OutputId, message: &str) -> String {
        let kept = self.secrets();
        let secrets: Vec<_> = kept.get(id).into_iter().flatten().map(ExposeSecret::expose_secret).collect();
        redact(&secrets, message)
    }

    /// Records that this handle unregistered an input.
    pub(in crate::composition) fn remove_input(&self, id: &InputId) {
        self.change(|states| states.remove_input(id));
    }

    /// Records that this handle unregistered an output.
    pub(in crate::composition) fn remove_output(&self, id: &OutputId) {
        self.change(|states| states.remove_output(id));
    }

    /// Records that this handle reset the composition.
    pub(in crate::composition) fn remove_all(&self) {
        self.change(States::remove_all);
    }

    /// Records that this handle deleted the composition.
    pub(in crate::composition) fn delete(&self) {
        let deleted = Error::new(ErrorKind::NotFound).message_text("the composition was deleted");
        self.change(|states| states.end(deleted));
    }

    fn change(&self, change: impl FnOnce(&mut States)) {
        if let Some(recording) = &*self.recording() {
            recording.states.send_modify(change);
        }
    }

    fn secrets(&self) -> MutexGuard<'_, Kept<OutputId, Vec<SecretString>>> {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn recording(&self) -> MutexGuard<'_, Option<Recording>> {
        self.recording.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
