//! A connection of a program, as the test sees and controls it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::sync::{mpsc, watch};

use crate::reply::Reply;

/// A message or an action that the test requests.
#[derive(Debug)]
pub(crate) enum Command {
    Reply(Reply),
    GoingAway(u64),
    Error(String),
    Send(Value),
    Garbage(String),
    Close(u16, String),
    /// Ends the TCP connection without a close frame.
    Lose,
}

/// The messages of a program.
#[derive(Debug, Default)]
pub(crate) struct Log {
    /// The configuration of the session.
    pub(crate) setup: Value,
    pub(crate) audio: Vec<u8>,
    pub(crate) images: Vec<Vec<u8>>,
    /// All valid messages except audio and images.
    pub(crate) messages: Vec<Value>,
    pub(crate) ended: bool,
}

/// A log, whose changes wake the waiting test.
#[derive(Clone, Debug)]
pub(crate) struct SharedLog {
    log: Arc<Mutex<Log>>,
    changes: Arc<watch::Sender<()>>,
}

impl SharedLog {
    pub(crate) fn new() -> Self {
        Self { log: Arc::default(), changes: Arc::new(watch::Sender::new(())) }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut Log) -> T) -> T {
        let result = change(&mut self.lock());
        self.changes.send_replace(());
        result
    }
}

/// A session of a program with the model.
#[derive(Clone, Debug)]
pub struct Session {
    pub(crate) log: SharedLog,
    pub(crate) commands: mpsc::UnboundedSender<Command>,
}

impl Session {
    /// Returns the accepted configuration: the setup of Gemini, or the session of OpenAI.
    #[must_use]
    pub fn setup(&self) -> Value {
        self.log.lock().setup.clone()
    }

    /// Returns all audio so far.
    #[must_use]
    pub fn audio(&self) -> Vec<u8> {
        self.log.lock().audio.clone()
    }

    /// Returns all images so far.
    #[must_use]
    pub fn images(&self) -> Vec<Vec<u8>> {
        self.log.lock().images.clone()
    }

    /// Returns all messages so far, except the configuration, audio and images.
    #[must_use]
    pub fn messages(&self) -> Vec<Value> {
        self.log.lock().messages.clone()
    }

    /// Waits until the program has sent this number of bytes of audio.
    pub async fn wait_for_audio(&self, bytes: usize) {
        self.wait(|log| (log.audio.len() >= bytes).then_some(())).await;
    }

    /// Waits until the program has sent this number of images.
    pub async fn wait_for_images(&self, count: usize) {
        self.wait(|log| (log.images.len() >= count).then_some(())).await;
    }

    /// Waits for a message that satisfies the condition, also among the earlier messages.
    pub async fn wait_for(&self, condition: impl Fn(&Value) -> bool) -> Value {
        self.wait(|log| log.messages.iter().find(|message| condition(message)).cloned()).await
    }

    /// Waits until the connection has ended.
    pub async fn ended(&self) {
        self.wait(|log| log.ended.then_some(())).await;
    }

    /// The test limits the time.
    async fn wait<T>(&self, condition: impl Fn(&Log) -> Option<T>) -> T {
        let mut changes = self.log.changes.subscribe();
        loop {
            changes.mark_unchanged();
            if let Some(value) = condition(&self.log.lock()) {
                return value;
            }
            // The sender is alive: it is part of this session.
            let _ = changes.changed().await;
        }
    }

    /// Sends a response.
    pub fn reply(&self, reply: Reply) {
        self.command(Command::Reply(reply));
    }

    /// Announces the end of the connection. OpenAI Realtime has no such message; nothing is sent.
    pub fn going_away(&self, seconds: u64) {
        self.command(Command::GoingAway(seconds));
    }

    /// Reports an error. OpenAI Realtime sends an event; Gemini Live closes the connection with the code 1011.
    pub fn error(&self, message: &str) {
        self.command(Command::Error(message.to_owned()));
    }

    /// Sends any JSON, for example an event that does not exist.
    pub fn send(&self, message: Value) {
        self.command(Command::Send(message));
    }

    /// Sends a message that is not JSON.
    pub fn garbage(&self, message: &str) {
        self.command(Command::Garbage(message.to_owned()));
    }

    /// Closes the connection with this code and reason.
    pub fn close(&self, code: u16, reason: &str) {
        self.command(Command::Close(code, reason.to_owned()));
    }

    /// Ends the connection without a close frame.
    pub fn lose(&self) {
        self.command(Command::Lose);
    }

    fn command(&self, command: Command) {
        // A session that ended ignores it.
        let _ = self.commands.send(command);
    }
}
