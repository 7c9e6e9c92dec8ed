//! The open sockets of one kind: each has a number, a queue of frames and a line for orders.

use std::{
    collections::BTreeMap,
    future::pending,
    sync::{Arc, Mutex},
};

use axum::extract::ws::Message;
use bytes::Bytes;
use tokio::sync::{mpsc, watch};

use super::frame_log::FrameLog;
use crate::{http::connection::ConnectionHandle, lock::lock};

/// What a socket is told to do at once, before what is queued for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SocketCommand {
    /// Close with this code and reason.
    Close(u16, String),
    /// End the TCP connection after what has been written, without a close frame.
    Drop,
    /// End at once.
    Reset,
    /// Write these bytes, the beginning of a frame, and end the TCP connection.
    CutInside(Bytes),
    /// Neither send nor read any more.
    Stall,
}

/// A frame in a queue.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) message: Message,
    /// Whether it is noted among what was written.
    pub(super) noted: bool,
}

impl Frame {
    pub(super) fn binary(bytes: Bytes) -> Self {
        Frame { message: Message::Binary(bytes), noted: true }
    }
}

/// How many sockets there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct SocketCounts {
    pub(super) open: usize,
    pub(super) subscribed: usize,
    /// Since the start.
    pub(super) total: u64,
}

/// All open sockets of one kind.
pub(crate) struct SocketRegistry {
    entries: Mutex<Entries>,
    counts: watch::Sender<SocketCounts>,
    /// How many frames wait for one socket.
    capacity: usize,
    written: Mutex<FrameLog>,
    received: Mutex<FrameLog>,
}

#[derive(Default)]
struct Entries {
    open: BTreeMap<u64, SocketEntry>,
    total: u64,
}

/// A socket, as others see it.
struct SocketEntry {
    commands: mpsc::UnboundedSender<SocketCommand>,
    /// `None` once it overflowed, or when the socket has stalled: nothing is sent to it any more.
    frames: Option<mpsc::Sender<Frame>>,
    last: Option<Frame>,
    subscribed: bool,
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

    /// Takes a seat for a socket that has just been opened.
    pub(crate) fn take(self: &Arc<Self>, connection: ConnectionHandle) -> SocketSlot {
        let (commands, received_commands) = mpsc::unbounded_channel();
        let (frames, received_frames) = mpsc::channel(self.capacity);
        let entry = SocketEntry { commands, frames: Some(frames), last: None, subscribed: false, connection };
        let number = {
            let mut entries = lock(&self.entries);
            entries.total += 1;
            let number = entries.total;
            // Before others can count it, so that who counts it finds it among the written.
            lock(&self.written).open(number);
            lock(&self.received).open(number);
            entries.open.insert(number, entry);
            self.count(&entries);
            number
        };
        SocketSlot { registry: Arc::clone(self), number, commands: received_commands, frames: received_frames }
    }

    /// Puts a frame into the queue of every subscribed socket, while nobody else can: all queues hold all frames in
    /// the same order.
    ///
    /// A queue that is full takes no more: its socket delivers what is queued, without a hole, and then closes.
    pub(crate) fn publish(&self, frame: Bytes) {
        let frame = Frame::binary(frame);
        self.change(|entry| {
            if entry.subscribed {
                entry.push(&frame);
            }
        });
    }

    /// Puts a frame into the queue of one socket, if it is open.
    pub(crate) fn send(&self, number: u64, frame: Bytes) {
        let mut entries = lock(&self.entries);
        if let Some(entry) = entries.open.get_mut(&number) {
            entry.push(&Frame::binary(frame));
            // Counting takes its time, and there are many of these frames.
            if !entry.subscribed {
                self.count(&entries);
            }
        }
    }

    /// Puts a frame into the queue of every open socket.
    pub(super) fn push(&self, frame: &Frame) {
        self.change(|entry| entry.push(frame));
    }

    /// Puts a frame into the queue of one socket, if it is open.
    pub(crate) fn push_one(&self, number: u64, frame: Bytes) {
        self.change_one(number, |entry| entry.push(&Frame::binary(frame)));
    }

    /// Puts the last frame of every queue into it once more.
    pub(super) fn repeat(&self) {
        self.change(|entry| {
            if let Some(last) = entry.last.clone() {
                entry.push(&last);
            }
        });
    }

    /// Gives an order to one socket or to all; returns how many there were.
    pub(super) fn command(&self, number: Option<u64>, command: &SocketCommand) -> usize {
        let mut sent = 0;
        for (_, entry) in lock(&self.entries).open.iter().filter(|(one, _)| number.is_none_or(|number| number == **one))
        {
            if *command == SocketCommand::Reset {
                entry.connection.reset();
            }
            // A socket that is ending by itself needs no order.
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

    /// Waits until the counts are as wanted.
    pub(super) async fn wait_until(&self, wanted: impl FnMut(&SocketCounts) -> bool) {
        // The sender is ours, so it does not end while this waits.
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

/// A socket's own side of its seat; the seat is free when it is dropped.
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

    /// Notes a frame that has arrived.
    pub(super) fn received(&self, bytes: &Bytes) {
        self.registry.received(|received| received.wrote(self.number, bytes));
    }

    /// From now on the socket gets what is published.
    pub(super) fn subscribe(&self) {
        self.registry.change_one(self.number, |entry| entry.subscribed = entry.frames.is_some());
    }

    /// From now on the socket gets nothing.
    pub(super) fn mute(&mut self) {
        self.registry.change_one(self.number, SocketEntry::mute);
        self.frames.close();
        while self.frames.try_recv().is_ok() {}
    }

    /// Waits for an order.
    pub(super) async fn next_command(&mut self) -> SocketCommand {
        match self.commands.recv().await {
            Some(command) => command,
            None => pending().await,
        }
    }

    /// Waits for an order, or for frames, of which it appends up to `limit`; 0 when the queue overflowed and is used up.
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

    /// What notes the frames of this socket.
    pub(super) fn recorder(&self) -> FrameRecorder {
        FrameRecorder { registry: Arc::clone(&self.registry), number: self.number }
    }
}

/// Notes what is written to one socket.
pub(super) struct FrameRecorder {
    registry: Arc<SocketRegistry>,
    number: u64,
}

impl FrameRecorder {
    /// Notes a frame that is being written.
    pub(super) fn wrote(&self, bytes: &Bytes) {
        self.registry.written(|written| written.wrote(self.number, bytes));
    }

    /// Notes that all that was written has left.
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

/// What a socket gets from its place.
pub(super) enum SlotEvent {
    Command(SocketCommand),
    Frames(usize),
}
