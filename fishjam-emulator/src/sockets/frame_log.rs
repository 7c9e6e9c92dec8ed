//! The log of frames that were written to the sockets of one kind, or received from them.

use std::{collections::VecDeque, fmt};

use bytes::Bytes;
use fishjam_proto::fishjam::{AgentRequest, AgentResponse, ServerMessage};
use prost::Message;

use crate::log::Log;

/// The number of connections that the log keeps.
const CONNECTIONS: usize = 65_536;

/// The number of bytes that the log keeps.
const BYTES: usize = 64 * 1024 * 1024;

/// A connection and the frames that were written to it.
///
/// The frames are notifications, events of compositions and frames from a test. Handshake responses, text frames from a
/// test and oversized frames are missing.
#[derive(Clone)]
pub struct SocketRecord {
    number: u64,
    open: bool,
    written: u64,
    flushed: u64,
    frames: Vec<Bytes>,
}

impl SocketRecord {
    /// Returns the number of the connection. The first connection is 1.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Returns `true` if the connection was still open when the record was created.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Returns the number of written frames.
    ///
    /// A client that reads to the end receives at least [`flushed`](Self::flushed) frames and at most this number.
    /// Both numbers are equal after a connection was closed or dropped, but not after a reset or a stall.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Returns the number of frames that the operating system has received completely.
    pub fn flushed(&self) -> u64 {
        self.flushed
    }

    /// Returns the kept frames, oldest first.
    ///
    /// They can be fewer than [`written`](Self::written), because
    /// [`EmulatorBuilder::socket_journal`](crate::EmulatorBuilder::socket_journal) limits them.
    pub fn frames(&self) -> impl Iterator<Item = &[u8]> {
        self.frames.iter().map(|frame| &frame[..])
    }

    /// Returns the frames as messages of a server socket. Frames that cannot be decoded are left out.
    pub fn messages(&self) -> Vec<ServerMessage> {
        self.decode()
    }

    /// Returns the frames as messages to an agent. Frames that cannot be decoded are left out.
    pub fn agent_responses(&self) -> Vec<AgentResponse> {
        self.decode()
    }

    fn decode<T: Message + Default>(&self) -> Vec<T> {
        decode(&self.frames)
    }
}

fn decode<T: Message + Default>(frames: &[Bytes]) -> Vec<T> {
    frames.iter().filter_map(|frame| T::decode(frame.clone()).ok()).collect()
}

/// The frames that were received from an agent after its token was accepted.
///
/// Frames with a token and text frames are missing.
#[derive(Clone)]
pub struct ReceivedRecord {
    number: u64,
    open: bool,
    count: u64,
    frames: Vec<Bytes>,
}

impl ReceivedRecord {
    /// Returns the number of the connection. The first connection is 1.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Returns `true` if the connection was still open when the record was created.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Returns the number of received frames.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Returns the kept frames, oldest first.
    ///
    /// They can be fewer than [`count`](Self::count), because
    /// [`EmulatorBuilder::socket_journal`](crate::EmulatorBuilder::socket_journal) limits them.
    pub fn frames(&self) -> impl Iterator<Item = &[u8]> {
        self.frames.iter().map(|frame| &frame[..])
    }

    /// Returns the frames as messages of an agent. Frames that cannot be decoded are left out.
    pub fn agent_requests(&self) -> Vec<AgentRequest> {
        decode(&self.frames)
    }
}

/// Shows no frame.
impl fmt::Debug for ReceivedRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReceivedRecord")
            .field("number", &self.number)
            .field("open", &self.open)
            .field("count", &self.count)
            .finish_non_exhaustive()
    }
}

impl From<SocketRecord> for ReceivedRecord {
    fn from(record: SocketRecord) -> Self {
        let SocketRecord { number, open, written, frames, .. } = record;
        ReceivedRecord { number, open, count: written, frames }
    }
}

/// Shows no frame.
impl fmt::Debug for SocketRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SocketRecord")
            .field("number", &self.number)
            .field("open", &self.open)
            .field("written", &self.written)
            .field("flushed", &self.flushed)
            .finish_non_exhaustive()
    }
}

struct FrameCounts {
    open: bool,
    written: u64,
    flushed: u64,
}

/// The newest frames of all connections, and the counts of each connection.
pub(super) struct FrameLog {
    frames: VecDeque<(u64, Bytes)>,
    bytes: usize,
    capacity: usize,
    connections: Log<FrameCounts>,
}

impl FrameLog {
    pub(super) fn new(capacity: usize) -> Self {
        FrameLog { frames: VecDeque::new(), bytes: 0, capacity, connections: Log::new(CONNECTIONS, usize::MAX) }
    }

    /// Adds a connection. Connections have numbers from 1, and the entries of the log have numbers from 0.
    pub(super) fn open(&mut self, number: u64) {
        let pushed = self.connections.push(FrameCounts { open: true, written: 0, flushed: 0 }, 0);
        debug_assert_eq!(pushed + 1, number);
    }

    pub(super) fn close(&mut self, number: u64) {
        if let Some(counts) = self.counts(number) {
            counts.open = false;
        }
    }

    pub(super) fn wrote(&mut self, number: u64, bytes: &Bytes) {
        if let Some(counts) = self.counts(number) {
            counts.written += 1;
        }
        if self.capacity == 0 {
            return;
        }
        self.bytes += bytes.len();
        self.frames.push_back((number, bytes.clone()));
        while self.frames.len() > self.capacity || self.bytes > BYTES {
            let Some((_, oldest)) = self.frames.pop_front() else {
                return;
            };
            self.bytes -= oldest.len();
        }
    }

    pub(super) fn flushed(&mut self, number: u64) {
        if let Some(counts) = self.counts(number) {
            counts.flushed = counts.written;
        }
    }

    pub(super) fn record(&mut self, number: u64) -> Option<SocketRecord> {
        let frames = self.frames.iter().filter(|(one, _)| *one == number).map(|(_, bytes)| bytes.clone()).collect();
        let &mut FrameCounts { open, written, flushed } = self.counts(number)?;
        Some(SocketRecord { number, open, written, flushed, frames })
    }

    /// Drops the frames of one connection; counts continue.
    pub(super) fn forget(&mut self, number: u64) {
        self.frames.retain(|(one, _)| *one != number);
        self.bytes = self.frames.iter().map(|(_, bytes)| bytes.len()).sum();
    }

    /// Drops all frames; counts continue.
    pub(super) fn clear(&mut self) {
        self.frames.clear();
        self.bytes = 0;
    }

    fn counts(&mut self, number: u64) -> Option<&mut FrameCounts> {
        self.connections.get_mut(number.checked_sub(1)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_keeps_newest_frames_and_all_counts() {
        let mut log = FrameLog::new(3);
        log.open(1);
        log.open(2);
        for (number, frame) in [(1, "a"), (2, "b"), (1, "c"), (2, "d")] {
            log.wrote(number, &Bytes::from(frame));
        }
        log.flushed(1);
        log.close(2);
        let first = log.record(1).unwrap();
        assert_eq!((first.is_open(), first.written(), first.flushed()), (true, 2, 2));
        assert_eq!(first.frames().collect::<Vec<_>>(), [b"c"]);
        let second = log.record(2).unwrap();
        assert_eq!((second.is_open(), second.written(), second.flushed()), (false, 2, 0));
        assert_eq!(second.frames().collect::<Vec<_>>(), [b"b", b"d"]);
        assert!(log.record(0).is_none() && log.record(3).is_none());
        log.forget(1);
        assert_eq!(log.record(1).unwrap().frames().count(), 0);
        assert_eq!(log.record(2).unwrap().frames().count(), 2);
        log.clear();
        let first = log.record(1).unwrap();
        assert_eq!((first.written(), first.frames().count()), (2, 0));
    }

    #[test]
    fn log_is_limited_in_bytes() {
        let mut log = FrameLog::new(1000);
        log.open(1);
        let large = Bytes::from(vec![0; BYTES / 2]);
        for _ in 0..5 {
            log.wrote(1, &large);
            log.wrote(1, &Bytes::from_static(b"a"));
        }
        let record = log.record(1).unwrap();
        assert_eq!(
            (record.written(), record.frames().map(<[u8]>::len).collect::<Vec<_>>()),
            (10, vec![1, BYTES / 2, 1])
        );
    }

    #[test]
    fn forgotten_frames_free_their_bytes() {
        let mut log = FrameLog::new(1000);
        log.open(1);
        log.open(2);
        for _ in 0..10 {
            log.wrote(1, &Bytes::from(vec![0; BYTES / 2]));
            log.forget(1);
            log.wrote(2, &Bytes::from_static(b"a"));
        }
        assert_eq!(log.record(2).unwrap().frames().count(), 10);
    }

    #[test]
    fn log_without_capacity_still_counts() {
        let mut log = FrameLog::new(0);
        log.open(1);
        log.wrote(1, &Bytes::from_static(b"a"));
        let record = log.record(1).unwrap();
        assert_eq!((record.written(), record.frames().count()), (1, 0));
    }
}
