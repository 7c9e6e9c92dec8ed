//! A list of events with encoded notifications. The consumer decodes them.
//!
//! The task of the connection thus has little work per message, and dropped notifications are never decoded. The
//! consumer allocates a decoded notification and frees it soon, in its own thread.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use tokio::time::Instant;

use super::codec::NotificationCodec;
use crate::{
    connection::queue::{QueueStorage, prefix},
    events::{Event, Gap, Notification, wire::Field},
};

/// The memory that an empty list keeps for later entries, in bytes. It keeps as much for payloads.
const KEPT: usize = 64 * 1024;

/// The divisor for the fraction of read payloads at which the list removes them: a quarter.
///
/// All payloads thus have at most 4/3 of the size of the unread payloads, and a `Vec` reserves at most twice that. The
/// removal of one byte moves three bytes.
const READ_SHARE: usize = 4;

/// Events and encoded notifications. One buffer contains all payloads, in the order of the entries.
#[derive(Clone, Debug)]
pub(super) struct EncodedEvents<N> {
    entries: VecDeque<Entry<N>>,
    payloads: Vec<u8>,
    /// The start of the first unread payload.
    start: usize,
    /// The size of all entries with their payloads and events.
    bytes: usize,
}

#[derive(Clone, Debug)]
enum Entry<N> {
    /// An event, and the part of a message that it was decoded from, in bytes.
    Event(Box<Event<N>>, usize),
    /// A notification with this field number and length.
    Encoded {
        number: u32,
        length: usize,
        /// The time at which the connection last worked, before this message. A gap would start here.
        heard: Instant,
    },
}

impl<N> EncodedEvents<N> {
    /// Adds an encoded notification. If it cannot be decoded, it becomes a gap.
    pub(super) fn push_encoded(&mut self, field: &Field<'_>, heard: Instant) {
        self.push_payloads(field.value);
        self.push_entry(Entry::Encoded { number: field.number, length: field.value.len(), heard });
    }

    /// Adds an event that was decoded from this many bytes of a message.
    pub(super) fn push_decoded(&mut self, event: Event<N>, bytes: usize) {
        self.push_entry(Entry::Event(Box::new(event), bytes));
    }

    fn push_entry(&mut self, entry: Entry<N>) {
        self.bytes += entry.size();
        self.entries.push_back(entry);
    }

    fn push_payloads(&mut self, payloads: &[u8]) {
        if self.start > KEPT && self.start > self.payloads.len() / READ_SHARE {
            self.payloads.drain(..std::mem::take(&mut self.start));
            self.payloads.shrink_to(KEPT.max(2 * self.payloads.len()));
        }
        self.payloads.extend_from_slice(payloads);
    }

    fn payload(&self, length: usize) -> &[u8] {
        let payload = self.payloads.get(self.start..).and_then(|unread| unread.get(..length));
        debug_assert!(payload.is_some(), "a payload exists until it is read");
        payload.unwrap_or_default()
    }

    /// Removes the first payload, after its entry was removed.
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

impl<N: NotificationCodec> QueueStorage for EncodedEvents<N> {
    type Item = Event<N>;

    const READ_BATCH: usize = 256;

    fn size(_: &Event<N>) -> usize {
        size_of::<Entry<N>>() + size_of::<Event<N>>()
    }

    fn len(&self) -> usize {
        self.entries.len()
    }

    fn bytes(&self) -> usize {
        self.bytes
    }

    fn first_size(&self) -> usize {
        self.entries.front().map_or(0, Entry::size)
    }

    fn fitting(&self, count: usize, bytes: usize) -> usize {
        if self.bytes <= bytes {
            count.min(self.len())
        } else {
            prefix(self.entries.iter().map(Entry::size), count, bytes)
        }
    }

    fn push(&mut self, event: Event<N>) {
        self.push_decoded(event, 0);
    }

    fn pop(&mut self) -> Option<Event<N>> {
        let entry = self.entries.pop_front()?;
        self.bytes -= entry.size();
        match entry {
            Entry::Event(event, _) => {
                self.advance(0);
                Some(*event)
            }
            Entry::Encoded { number, length, heard } => {
                let read = N::decode_payload(number, self.payload(length));
                self.advance(length);
                Some(match read {
                    Ok(notification) => Event::Notification(notification),
                    // The notification is lost, so the consumer must learn of a gap.
                    Err(reason) => Event::Gap(Gap::since(heard, reason)),
                })
            }
        }
    }

    fn move_to(&mut self, other: &mut Self, count: usize) {
        let count = count.min(self.entries.len());
        let (length, size) = totals(self.entries.iter().take(count));
        other.push_payloads(self.payload(length));
        other.entries.extend(self.entries.drain(..count));
        self.bytes -= size;
        other.bytes += size;
        self.advance(length);
    }

    fn skip(&mut self, count: usize) {
        let count = count.min(self.entries.len());
        let (length, size) = totals(self.entries.iter().take(count));
        self.entries.drain(..count);
        self.bytes -= size;
        self.advance(length);
    }

    fn drop_oldest(&mut self) {
        // Only gaps are skipped, and a gap has no payload: the first payload belongs to the dropped entry.
        let oldest = self.entries.iter().position(|entry| !entry.is_gap()).unwrap_or(0);
        if let Some(entry) = self.entries.remove(oldest) {
            self.bytes -= entry.size();
            self.advance(entry.length());
        }
    }
}

impl EncodedEvents<Notification> {
    /// Returns the number of losses among the first events; see [`Event::is_loss`].
    ///
    /// A notification that cannot be decoded becomes a gap, so it is a loss.
    pub(super) fn losses(&self, count: usize) -> usize {
        let mut payloads = self.payloads.get(self.start..).unwrap_or_default();
        let is_loss = |entry: &&Entry<Notification>| match entry {
            Entry::Event(event, _) => event.is_loss(),
            Entry::Encoded { number, length, .. } => {
                let (payload, rest) = payloads.split_at_checked(*length).unwrap_or_default();
                payloads = rest;
                Notification::decode_payload(*number, payload).is_err()
            }
        };
        self.entries.iter().take(count).filter(is_loss).count()
    }
}

impl<N> Entry<N> {
    /// Returns the length of the payload, in bytes.
    fn length(&self) -> usize {
        match self {
            Self::Event(..) => 0,
            Self::Encoded { length, .. } => *length,
        }
    }

    /// Returns the size of the entry with its payload or event, in bytes.
    fn size(&self) -> usize {
        let more = match self {
            Self::Event(_, bytes) => size_of::<Event<N>>() + bytes,
            Self::Encoded { length, .. } => *length,
        };
        size_of::<Self>() + more
    }

    fn is_gap(&self) -> bool {
        matches!(self, Self::Event(event, _) if matches!(**event, Event::Gap(_)))
    }
}

/// Returns the total length of the payloads of these entries, and the total size of the entries.
fn totals<'a, N: 'a>(entries: impl Iterator<Item = &'a Entry<N>>) -> (usize, usize) {
    entries.fold((0, 0), |(length, size), entry| (length + entry.length(), size + entry.size()))
}

impl<N> Default for EncodedEvents<N> {
    fn default() -> Self {
        Self { entries: VecDeque::new(), payloads: Vec::new(), start: 0, bytes: 0 }
    }
}
