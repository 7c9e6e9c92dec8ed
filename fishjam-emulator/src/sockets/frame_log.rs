//! What was written to the sockets of one kind, or received from them: which frames, on which connection, in which
//! order.

use std::{collections::VecDeque, fmt};

use bytes::Bytes;
use fishjam_proto::fishjam::{AgentRequest, AgentResponse, ServerMessage};
use prost::Message;

use crate::log::Log;

/// How many connections are remembered.
const CONNECTIONS: usize = 65_536;

/// How many bytes of frames are kept.
const BYTES: usize = 64 * 1024 * 1024;

/// One connection and the frames that were written to it: notifications and what a test injected, but neither the
/// answers of the handshake nor text frames and oversized ones.
#[derive(Clone)]
pub struct SocketRecord {
    number: u64,
    open: bool,
    written: u64,
    flushed: u64,
    frames: Vec<Bytes>,
}

impl SocketRecord {
    /// The connection's number: the first one is 1.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Whether it was still open when this was recorded.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// How many frames were handed to the connection.
    ///
    /// A client that reads to the end has received between [`flushed`](Self::flushed) and this many of them; after a
    /// connection that was closed or dropped (not reset, not stalled) the two are equal.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// How many frames, of the first ones, were given to the operating system whole.
    pub fn flushed(&self) -> u64 {
        self.flushed
    }

    /// The frames, in order. Of very many the first ones are forgotten, see
    /// [`EmulatorBuilder::socket_journal`](crate::EmulatorBuilder::socket_journal): then these are fewer than
    /// [`written`](Self::written).
    pub fn frames(&self) -> impl Iterator<Item = &[u8]> {
        self.frames.iter().map(|frame| &frame[..])
    }

    /// The frames as messages of the server socket; frames that are none are left out.
    pub fn messages(&self) -> Vec<ServerMessage> {
        self.decode()
    }

    /// The frames as messages to an agent; frames that are none are left out.
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

/// What was received from one agent's connection after its token was accepted, in order.
///
/// Frames with a token are not kept, nor are text frames.
#[derive(Clone)]
pub struct ReceivedRecord {
    number: u64,
    open: bool,
    count: u64,
    frames: Vec<Bytes>,
}

impl ReceivedRecord {
    /// The connection's number: the first one is 1.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Whether it was still open when this was recorded.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// How many frames arrived.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The frames, in order. Of very many the first ones are forgotten, see
    /// [`EmulatorBuilder::socket_journal`](crate::EmulatorBuilder::socket_journal): then these are fewer than
    /// [`count`](Self::count).
    pub fn frames(&self) -> impl Iterator<Item = &[u8]> {
        self.frames.iter().map(|frame| &frame[..])
    }

    /// The frames as messages of an agent; frames that are none are left out.
    pub fn agent_requests(&self) -> Vec<AgentRequest> {
        decode(&self.frames)
    }
}

/// Prints no frame.
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

/// Prints no frame.
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

/// The newest frames of all connections, and the counts of each.
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

    /// Notes a new connection. The connections' numbers are the log's, plus one.
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

    /// Forgets the frames; counts go on.
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
    fn the_newest_frames_and_all_counts() {
        let mut written = FrameLog::new(3);
        written.open(1);
        written.open(2);
        for (number, frame) in [(1, "a"), (2, "b"), (1, "c"), (2, "d")] {
            written.wrote(number, &Bytes::from(frame));
        }
        written.flushed(1);
        written.close(2);
        let first = written.record(1).unwrap();
        assert_eq!((first.is_open(), first.written(), first.flushed()), (true, 2, 2));
        assert_eq!(first.frames().collect::<Vec<_>>(), [b"c"]);
        let second = written.record(2).unwrap();
        assert_eq!((second.is_open(), second.written(), second.flushed()), (false, 2, 0));
        assert_eq!(second.frames().collect::<Vec<_>>(), [b"b", b"d"]);
        assert!(written.record(0).is_none() && written.record(3).is_none());
        written.forget(1);
        assert_eq!(written.record(1).unwrap().frames().count(), 0);
        assert_eq!(written.record(2).unwrap().frames().count(), 2);
        written.clear();
        let first = written.record(1).unwrap();
        assert_eq!((first.written(), first.frames().count()), (2, 0));
    }

    #[test]
    fn only_so_many_bytes_are_kept() {
        let mut written = FrameLog::new(1000);
        written.open(1);
        let large = Bytes::from(vec![0; BYTES / 2]);
        for _ in 0..5 {
            written.wrote(1, &large);
            written.wrote(1, &Bytes::from_static(b"a"));
        }
        let record = written.record(1).unwrap();
        assert_eq!(
            (record.written(), record.frames().map(<[u8]>::len).collect::<Vec<_>>()),
            (10, vec![1, BYTES / 2, 1])
        );
    }

    #[test]
    fn forgotten_frames_make_room_for_others() {
        let mut written = FrameLog::new(1000);
        written.open(1);
        written.open(2);
        for _ in 0..10 {
            written.wrote(1, &Bytes::from(vec![0; BYTES / 2]));
            written.forget(1);
            written.wrote(2, &Bytes::from_static(b"a"));
        }
        assert_eq!(written.record(2).unwrap().frames().count(), 10);
    }

    #[test]
    fn nothing_is_kept_when_nothing_may_be() {
        let mut written = FrameLog::new(0);
        written.open(1);
        written.wrote(1, &Bytes::from_static(b"a"));
        let record = written.record(1).unwrap();
        assert_eq!((record.written(), record.frames().count()), (1, 0));
    }
}
