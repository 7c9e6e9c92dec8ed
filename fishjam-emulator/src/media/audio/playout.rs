//! The queue of a track that is played in real time.

use std::{collections::VecDeque, time::Duration};

use bytes::{Bytes, BytesMut};
use tokio::time::Instant;

use super::Encoding;

/// The capacity of one track in bytes: more than twenty minutes in the largest encoding.
const CAPACITY: usize = 256 * 1024 * 1024;

/// The queue of one track.
#[derive(Debug)]
pub(crate) struct Playout {
    encoding: Encoding,
    queue: VecDeque<Bytes>,
    bytes: usize,
    /// The time of the next chunk, if there is one.
    next: Option<Instant>,
}

impl Playout {
    pub(crate) fn new(encoding: Encoding) -> Self {
        Playout { encoding, queue: VecDeque::new(), bytes: 0, next: None }
    }

    /// Queues a chunk. Returns `false` and drops the chunk if the queue is full.
    pub(crate) fn push(&mut self, chunk: Bytes, now: Instant) -> bool {
        if self.bytes + chunk.len() > CAPACITY {
            return false;
        }
        if chunk.is_empty() {
            return true;
        }
        // After a silence the chunk starts immediately. Otherwise it starts at the end of the chunk before it.
        self.next = Some(self.next.map_or(now, |next| if self.queue.is_empty() { next.max(now) } else { next }));
        self.bytes += chunk.len();
        self.queue.push_back(chunk);
        true
    }

    /// Discards the queued audio.
    pub(crate) fn interrupt(&mut self) {
        self.queue.clear();
        self.bytes = 0;
    }

    /// Returns the time of the next chunk.
    pub(crate) fn due(&self) -> Option<Instant> {
        if self.queue.is_empty() { None } else { self.next }
    }

    /// Takes the next chunk, if it is due: at most 20 milliseconds, or one packet of Opus.
    pub(crate) fn release(&mut self, now: Instant) -> Option<Bytes> {
        let due = self.due().filter(|due| *due <= now)?;
        let chunk = self.take(self.encoding.chunk_bytes())?;
        self.bytes -= chunk.len();
        let played: Duration = self.encoding.duration(chunk.len());
        self.next = Some(due + played);
        Some(chunk)
    }

    /// Takes up to `limit` bytes from the queue, or its first entry without a limit.
    fn take(&mut self, limit: Option<usize>) -> Option<Bytes> {
        let first = self.queue.front_mut()?;
        let Some(limit) = limit else {
            return self.queue.pop_front();
        };
        if first.len() > limit {
            return Some(first.split_to(limit));
        }
        if first.len() == limit || self.queue.len() == 1 {
            return self.queue.pop_front();
        }
        let mut chunk = BytesMut::with_capacity(limit);
        while chunk.len() < limit {
            let Some(first) = self.queue.front_mut() else {
                break;
            };
            let part = first.split_to(first.len().min(limit - chunk.len()));
            chunk.extend_from_slice(&part);
            if first.is_empty() {
                self.queue.pop_front();
            }
        }
        Some(chunk.freeze())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MONO: Encoding = Encoding::Pcm { rate: 16_000, channels: 1 };

    fn released(playout: &mut Playout, now: Instant) -> Vec<usize> {
        std::iter::from_fn(|| playout.release(now)).map(|chunk| chunk.len()).collect()
    }

    #[test]
    fn playout_follows_real_time() {
        let start = Instant::now();
        let at = |milliseconds| start + Duration::from_millis(milliseconds);
        let mut playout = Playout::new(MONO);
        assert_eq!((playout.due(), released(&mut playout, start)), (None, vec![]));
        // 50 milliseconds, in odd pieces.
        for piece in [1, 1000, 599] {
            assert!(playout.push(Bytes::from(vec![0; piece]), start));
        }
        assert_eq!(released(&mut playout, start), [640]);
        assert_eq!((playout.due(), released(&mut playout, at(19))), (Some(at(20)), vec![]));
        assert_eq!(released(&mut playout, at(25)), [640]);
        // A late release catches up with the schedule.
        assert_eq!(released(&mut playout, at(100)), [320]);
        assert_eq!(playout.due(), None);
        // A chunk waits until the previous chunk has ended. A later chunk is released immediately.
        assert!(playout.push(Bytes::from(vec![0; 640]), at(45)));
        assert_eq!(playout.due(), Some(at(50)));
        assert_eq!(released(&mut playout, at(50)), [640]);
        assert!(playout.push(Bytes::from(vec![0; 640]), at(500)));
        assert_eq!(playout.due(), Some(at(500)));
    }

    #[test]
    fn playout_releases_every_byte_in_order() {
        let start = Instant::now();
        let mut playout = Playout::new(MONO);
        let all: Vec<u8> = (0..5000_u32).map(|number| number as u8).collect();
        for piece in all.chunks(77) {
            assert!(playout.push(Bytes::copy_from_slice(piece), start));
        }
        let late = start + Duration::from_secs(60);
        let released: Vec<u8> = std::iter::from_fn(|| playout.release(late)).flatten().collect();
        assert_eq!((released, playout.bytes), (all, 0));
    }

    #[test]
    fn interruption_discards_only_queued_audio() {
        let start = Instant::now();
        let mut playout = Playout::new(Encoding::Opus);
        for _ in 0..3 {
            assert!(playout.push(Bytes::from_static(b"old"), start));
        }
        assert_eq!(playout.release(start), Some(Bytes::from_static(b"old")));
        playout.interrupt();
        assert_eq!((playout.due(), playout.bytes), (None, 0));
        assert!(playout.push(Bytes::from_static(b"new"), start));
        assert_eq!(playout.due(), Some(start + Duration::from_millis(20)));
        assert_eq!(playout.release(start + Duration::from_millis(20)), Some(Bytes::from_static(b"new")));
    }

    #[test]
    fn full_queue_rejects_chunks() {
        let now = Instant::now();
        let mut playout = Playout::new(MONO);
        let large = Bytes::from(vec![0; CAPACITY / 4]);
        for _ in 0..4 {
            assert!(playout.push(large.clone(), now));
        }
        assert!(!playout.push(Bytes::from_static(b"a"), now));
    }
}
