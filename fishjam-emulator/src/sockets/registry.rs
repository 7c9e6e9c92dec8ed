//! The open sockets of one kind: each has a number, a queue of frames and a channel for commands.

use std::{
    collections::BTreeMap,
    future::pending,
    sync::{Arc, Mutex},
};

use axum::extract::ws::{CloseFrame, Message};
use bytes::Bytes;
use tokio::sync::{mpsc, watch};

use super::frame_log::FrameLog;
use crate::{http::connection::ConnectionHandle, lock::lock};

/// A command to a socket, which takes precedence over queued frames.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SocketCommand {
    /// Close the socket with this code and reason.
    Close(u16, String),
    /// End the TCP connection after the written frames, without a close frame.
    Drop,
    /// Reset the TCP connection immediately.
    Reset,
    /// Write the beginning of a frame, and end the TCP connection.
    CutInside(Bytes),
    /// Stop sending and reading.
    Stall,
}

/// A frame in a queue.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) message: Message,
    /// Whether the log of written frames keeps it.
    pub(super) recorded: bool,
}

impl Frame {
    pub(super) fn binary(bytes: Bytes) -> Self {
        Frame { message: Message::Binary(bytes), recorded: true }
    }

    fn text(text: &str) -> Self {
        Frame { message: Message::Text(text.into()), recorded: true }
    }

    /// Creates a close frame that follows the queued frames.
    fn close(code: u16) -> Self {
        Frame { message: Message::Close(Some(CloseFrame { code, reason: "".into() })), recorded: false }
    }
}

/// The numbers of sockets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct SocketCounts {
    pub(super) open: usize,
    pub(super) subscribed: usize,
    /// The sockets since the start.
    pub(super) total: u64,
}

/// All open sockets of one kind.
///
/// Lock order: `entries`, then `written` or `received`. Without this order, a socket that opens or closes could
/// deadlock with a test that reads the logs.
pub(crate) struct SocketRegistry {
    entries: Mutex<Entries>,
    counts: watch::Sender<SocketCounts>,
    /// The number of frames that wait for one socket.
    capacity: usize,
    written: Mutex<FrameLog>,
    received: Mutex<FrameLog>,
}

#[derive(Default)]
struct Entries {
    open: BTreeMap<u64, SocketEntry>,
    total: u64,
}

/// The registry's side of an open socket.
struct SocketEntry {
    commands: mpsc::UnboundedSender<SocketCommand>,
    /// `None` if the queue overflowed or the socket is stalled: it receives no more frames.
    frames: Option<mpsc::Sender<Frame>>,
    last: Option<Frame>,
    subscribed: bool,
    /// The subject whose events the socket receives, if its kind of socket has subjects.
    topic: Option<String>,
    connection: ConnectionHandle,
}

impl SocketEntry {
    fn push(&mut self, frame: &Frame) {
        if self.frames.as_ref().is_some_and(|frames| frames.try_send(frame.clone()).is_ok()) {
            self.last = Some(frame.clone());
        } else {
            self.mute();
        }
    }

    fn is_subscribed_to(&self, topic: &str) -> bool {
        self.subscribed && self.topic.as_deref() == Some(topic)
    }

    fn mute(&mut self) {
        self.frames = None;
        self.last = None;
        self.subscribed = false;
    }
}

impl SocketRegistry {
    pub(crate) fn new(capacity: usize, written: usize) -> Self {
        SocketRegistry {
            entries: Mutex::default(),
            counts: watch::Sender::default(),
            capacity: capacity.max(1),
            written: Mutex::new(FrameLog::new(written)),
            received: Mutex::new(FrameLog::new(written)),
        }
    }

    /// Registers a new socket.
    pub(crate) fn register(self: &Arc<Self>, connection: ConnectionHandle) -> SocketSlot {
        let (commands, received_commands) = mpsc::unbounded_channel();
        let (frames, received_frames) = mpsc::channel(self.capacity);
        let entry =
            SocketEntry { commands, frames: Some(frames), last: None, subscribed: false, topic: None, connection };
        let number = {
            let mut entries = lock(&self.entries);
            entries.total += 1;
            let number = entries.total;
            // The logs come first: a test that counts the socket must also find its log.
            lock(&self.written).open(number);
            lock(&self.received).open(number);
            entries.open.insert(number, entry);
            self.count(&entries);
            number
        };
        SocketSlot { registry: Arc::clone(self), number, commands: received_commands, frames: received_frames }
    }

    /// Queues a frame for every subscribed socket.
    ///
    /// The lock gives all queues the same order. A full queue accepts no more frames. Its socket sends the queued
    /// frames without a gap, and then closes.
    pub(crate) fn publish(&self, frame: Bytes) {
        let frame = Frame::binary(frame);
        self.change(|entry| {
            if entry.subscribed {
                entry.push(&frame);
            }
        });
    }

    /// Queues an event, as text, for every socket that is subscribed to a topic.
    pub(crate) fn publish_to(&self, topic: &str, event: &str) {
        let frame = Frame::text(event);
        self.change(|entry| {
            if entry.is_subscribed_to(topic) {
                entry.push(&frame);
            }
        });
    }

    /// Closes every socket that is subscribed to a topic, after its queued frames.
    pub(crate) fn end_topic(&self, topic: &str, code: u16) {
        let frame = Frame::close(code);
        self.change(|entry| {
            if entry.is_subscribed_to(topic) {
                entry.push(&frame);
                entry.mute();
            }
        });
    }

    /// Queues a frame of media for one socket, if it is open.
    pub(crate) fn send(&self, number: u64, frame: Bytes) {
        let mut entries = lock(&self.entries);
        if let Some(entry) = entries.open.get_mut(&number) {
            entry.push(&Frame::binary(frame));
            // Counting all sockets for each of these many frames would be slow. Only an overflow changes the counts.
            if !entry.subscribed {
                self.count(&entries);
            }
        }
    }

    /// Queues a frame for every open socket.
    pub(super) fn push(&self, frame: &Frame) {
        self.change(|entry| entry.push(frame));
    }

    /// Queues a frame for one socket, if it is open.
    pub(crate) fn push_one(&self, number: u64, frame: Bytes) {
        self.change_one(number, |entry| entry.push(&Frame::binary(frame)));
    }

    /// Queues the last frame of every queue again.
    pub(super) fn repeat(&self) {
        self.change(|entry| {
            if let Some(last) = entry.last.clone() {
                entry.push(&last);
            }
        });
    }

    /// Sends a command to one socket or to all, and returns the number of these sockets.
    pub(super) fn command(&self, number: Option<u64>, command: &SocketCommand) -> usize {
        let mut sent = 0;
        for (_, entry) in lock(&self.entries).open.iter().filter(|(one, _)| number.is_none_or(|number| number == **one))
        {
            if *command == SocketCommand::Reset {
                entry.connection.reset();
            }
            // A socket that already ends needs no command.
            let _ = entry.commands.send(command.clone());
            sent += 1;
        }
        sent
    }

    pub(super) fn numbers(&self) -> Vec<u64> {
        lock(&self.entries).open.keys().copied().collect()
    }

    pub(super) fn counts(&self) -> SocketCounts {
        *self.counts.borrow()
    }

    pub(crate) fn subscribed(&self) -> usize {
        self.counts().subscribed
    }

    /// Waits until the counts meet a condition.
    pub(super) async fn wait_until(&self, wanted: impl FnMut(&SocketCounts) -> bool) {
        // The registry owns the sender, so the sender does not end while this waits.
        let _ = self.counts.subscribe().wait_for(wanted).await;
    }

    pub(super) fn written<T>(&self, look: impl FnOnce(&mut FrameLog) -> T) -> T {
        look(&mut lock(&self.written))
    }

    pub(super) fn received<T>(&self, look: impl FnOnce(&mut FrameLog) -> T) -> T {
        look(&mut lock(&self.received))
    }

    fn change(&self, mut change: impl FnMut(&mut SocketEntry)) {
        let mut entries = lock(&self.entries);
        entries.open.values_mut().for_each(&mut change);
        self.count(&entries);
    }

    fn change_one(&self, number: u64, change: impl FnOnce(&mut SocketEntry)) {
        let mut entries = lock(&self.entries);
        if let Some(entry) = entries.open.get_mut(&number) {
            change(entry);
        }
        self.count(&entries);
    }

    fn count(&self, entries: &Entries) {
        let subscribed = entries.open.values().filter(|entry| entry.subscribed).count();
        let counted = SocketCounts { open: entries.open.len(), subscribed, total: entries.total };
        self.counts.send_if_modified(|counts| {
            let changed = *counts != counted;
            *counts = counted;
            changed
        });
    }
}

/// The socket's side of its entry. Dropping it removes the entry.
pub(crate) struct SocketSlot {
    registry: Arc<SocketRegistry>,
    number: u64,
    commands: mpsc::UnboundedReceiver<SocketCommand>,
    frames: mpsc::Receiver<Frame>,
}

impl SocketSlot {
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Records a received frame.
    pub(super) fn received(&self, bytes: &Bytes) {
        self.registry.received(|received| received.wrote(self.number, bytes));
    }

    /// Subscribes the socket to published frames.
    pub(super) fn subscribe(&self) {
        self.registry.change_one(self.number, |entry| entry.subscribed = entry.frames.is_some());
    }

    /// Subscribes the socket to the events of a topic.
    pub(crate) fn subscribe_to(&self, topic: &str) {
        self.registry.change_one(self.number, |entry| {
            entry.topic = Some(topic.to_owned());
            entry.subscribed = entry.frames.is_some();
        });
    }

    /// Stops all frames to the socket, including the queued ones.
    pub(super) fn mute(&mut self) {
        self.registry.change_one(self.number, SocketEntry::mute);
        self.frames.close();
        while self.frames.try_recv().is_ok() {}
    }

    /// Waits for a command.
    pub(super) async fn next_command(&mut self) -> SocketCommand {
        match self.commands.recv().await {
            Some(command) => command,
            None => pending().await,
        }
    }

    /// Waits for a command or for frames, and appends up to `limit` frames.
    ///
    /// The number of frames is 0 if the queue overflowed and is empty.
    pub(super) async fn next(&mut self, into: &mut Vec<Frame>, limit: usize) -> SlotEvent {
        tokio::select! {
            biased;
            command = self.commands.recv() => match command {
                Some(command) => SlotEvent::Command(command),
                None => pending().await,
            },
            count = self.frames.recv_many(into, limit) => SlotEvent::Frames(count),
        }
    }

    /// Returns the recorder of this socket's frames.
    pub(super) fn recorder(&self) -> FrameRecorder {
        FrameRecorder { registry: Arc::clone(&self.registry), number: self.number }
    }
}

/// Records the frames that are written to one socket.
pub(super) struct FrameRecorder {
    registry: Arc<SocketRegistry>,
    number: u64,
}

impl FrameRecorder {
    /// Records a frame that is being written.
    pub(super) fn wrote(&self, bytes: &Bytes) {
        self.registry.written(|written| written.wrote(self.number, bytes));
    }

    /// Records that all written frames were flushed.
    pub(super) fn flushed(&self) {
        self.registry.written(|written| written.flushed(self.number));
    }
}

impl Drop for SocketSlot {
    fn drop(&mut self) {
        let mut entries = lock(&self.registry.entries);
        entries.open.remove(&self.number);
        lock(&self.registry.written).close(self.number);
        lock(&self.registry.received).close(self.number);
        self.registry.count(&entries);
    }
}

/// A command or frames for a socket.
pub(super) enum SlotEvent {
    Command(SocketCommand),
    Frames(usize),
}
