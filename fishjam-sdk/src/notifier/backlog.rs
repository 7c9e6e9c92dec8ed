//! What waits for a consumer of events: notifications as they came, to be read by whoever takes them.
//!
//! So the task that serves the connection has little to do with each message, what is dropped unread costs next to
//! nothing, and what a notification takes in memory is taken where it is soon given back.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use tokio::time::Instant;

use super::{protocol::Protocol, queue::List};
use crate::events::{Event, Gap, wire::Field};

/// How much memory an empty list keeps for what comes next, in bytes: for entries, and as much for payloads.
const KEPT: usize = 64 * 1024;

/// Events, and encoded notifications whose payloads are one behind another in one piece of memory.
#[derive(Clone, Debug)]
pub(super) struct Backlog<N> {
    entries: VecDeque<Entry<N>>,
    payloads: Vec<u8>,
    /// Where the first payload begins; what is before it is read.
    start: usize,
}

#[derive(Clone, Debug)]
enum Entry<N> {
    Event(Box<Event<N>>),
    /// A notification with this number, so many bytes long.
    Encoded {
        number: u32,
        length: usize,
        /// Until when the connection is known to have worked before.
        heard: Instant,
    },
}

impl<N> Backlog<N> {
    /// Adds a notification that is not read yet; if it cannot be, there will be a gap.
    pub(super) fn push_encoded(&mut self, field: &Field<'_>, heard: Instant) {
        self.push_payloads(field.value);
        self.entries.push_back(Entry::Encoded { number: field.number, length: field.value.len(), heard });
    }

    fn push_payloads(&mut self, payloads: &[u8]) {
        if self.start > KEPT && self.start > self.payloads.len() / 2 {
            self.payloads.drain(..std::mem::take(&mut self.start));
            self.payloads.shrink_to(KEPT.max(2 * self.payloads.len()));
        }
        self.payloads.extend_from_slice(payloads);
    }

    fn payload(&self, length: usize) -> &[u8] {
        let payload = self.payloads.get(self.start..).and_then(|unread| unread.get(..length));
        debug_assert!(payload.is_some(), "every payload is there until it is read");
        payload.unwrap_or_default()
    }

    /// Lets go of so much of the payloads, after the entry that it belongs to.
    fn advance(&mut self, length: usize) {
        self.start += length;
        if self.entries.is_empty() {
            self.start = 0;
            self.payloads.clear();
            self.payloads.shrink_to(KEPT);
            self.entries.shrink_to(KEPT / size_of::<Entry<N>>());
        }
    }
}

impl<N: Protocol> List for Backlog<N> {
    type Item = Event<N>;

    const HANDFUL: usize = 256;

    fn len(&self) -> usize {
        self.entries.len()
    }

    fn push(&mut self, event: Event<N>) {
        self.entries.push_back(Entry::Event(Box::new(event)));
    }

    fn pop(&mut self) -> Option<Event<N>> {
        match self.entries.pop_front()? {
            Entry::Event(event) => {
                self.advance(0);
                Some(*event)
            }
            Entry::Encoded { number, length, heard } => {
                let read = N::read(number, self.payload(length));
                self.advance(length);
                Some(match read {
                    Ok(notification) => Event::Notification(notification),
                    // Something happened that nobody can know.
                    Err(reason) => Event::Gap(Gap::since(heard, reason)),
                })
            }
        }
    }

    fn move_to(&mut self, other: &mut Self, count: usize) {
        let count = count.min(self.entries.len());
        let length = self.entries.iter().take(count).map(Entry::length).sum();
        other.push_payloads(self.payload(length));
        other.entries.extend(self.entries.drain(..count));
        self.advance(length);
    }

    fn skip(&mut self, count: usize) {
        let length = self.entries.drain(..count.min(self.entries.len())).map(|entry| entry.length()).sum();
        self.advance(length);
    }

    fn drop_oldest(&mut self) {
        // A gap has no payload: the payload of what is dropped is the first.
        let oldest = self.entries.iter().position(|entry| !entry.is_gap()).unwrap_or(0);
        if let Some(entry) = self.entries.remove(oldest) {
            self.advance(entry.length());
        }
    }
}

impl<N> Entry<N> {
    fn length(&self) -> usize {
        match self {
            Self::Event(_) => 0,
            Self::Encoded { length, .. } => *length,
        }
    }

    fn is_gap(&self) -> bool {
        matches!(self, Self::Event(event) if matches!(**event, Event::Gap(_)))
    }
}

impl<N> Default for Backlog<N> {
    fn default() -> Self {
        Self { entries: VecDeque::new(), payloads: Vec::new(), start: 0 }
    }
}
