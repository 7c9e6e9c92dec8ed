//! A list of events. Its notifications are encoded if there is one consumer, and decoded if several consumers share them.
//!
//! A single consumer decodes each notification when it reads the notification. The task of the connection thus has
//! little work per message, and dropped notifications are never decoded. The consumer allocates a decoded notification
//! and frees it soon, in its own thread.
//!
//! For several consumers, the task decodes each notification once. Their lists share it, and each consumer clones it.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use tokio::time::Instant;

use super::codec::NotificationCodec;
use crate::{
    connection::queue::{Item, Items, QueueStorage},
    error::Error,
    events::{Event, Gap, Notification, UnknownNotification, wire::Field},
};

/// The memory that an empty list keeps for later payloads, in bytes.
const KEPT: usize = 64 * 1024;

/// The divisor for the fraction of read payloads at which the list removes them: a quarter.
///
/// All payloads thus have at most 4/3 of the size of the unread payloads, and a `Vec` reserves at most twice that. The
/// removal of one byte moves three bytes.
const READ_SHARE: usize = 4;

/// Events and encoded notifications. One buffer contains all payloads, in the order of the entries.
#[derive(Clone, Debug)]
pub(super) struct EncodedEvents<N> {
    entries: Items<Entry<N>>,
    payloads: Vec<u8>,
    /// The start of the first unread payload.
    start: usize,
}

#[derive(Clone, Debug)]
enum Entry<N> {
    /// An event, and the part of a message that it was decoded from, in bytes. Other lists can have the same event.
    Event(Arc<Event<N>>, usize),
    /// A notification with this field number and length.
    Encoded {
        number: u32,
        length: usize,
        /// The time at which the connection last worked, before this message. A gap would start here. `None` for a
        /// member of a batch.
        heard: Option<Instant>,
    },
}

impl<N> EncodedEvents<N> {
    /// Adds an encoded notification. If it cannot be decoded, it becomes a gap since `heard`.
    ///
    /// Without `heard`, it is a member of a batch, and becomes an unknown notification.
    #[inline]
    pub(super) fn push_encoded(&mut self, field: &Field<'_>, heard: Option<Instant>) {
        self.push_payloads(field.value);
        self.entries.push(Entry::Encoded { number: field.number, length: field.value.len(), heard });
    }

    /// Adds an event that was decoded from this many bytes of a message.
    pub(super) fn push_decoded(&mut self, event: Event<N>, bytes: usize) {
        self.entries.push(Entry::Event(Arc::new(event), bytes));
    }

    #[inline]
    fn push_payloads(&mut self, payloads: &[u8]) {
        if self.start > KEPT && self.start > self.payloads.len() / READ_SHARE {
            self.payloads.drain(..std::mem::take(&mut self.start));
            self.payloads.shrink_to(KEPT.max(2 * self.payloads.len()));
        }
        self.payloads.extend_from_slice(payloads);
    }

    #[inline]
    fn payload(&self, length: usize) -> &[u8] {
        let payload = self.payloads.get(self.start..).and_then(|unread| unread.get(..length));
        debug_assert!(payload.is_some(), "a payload exists until it is read");
        payload.unwrap_or_default()
    }

    /// Removes the first payload, after its entry was removed.
    #[inline]
    fn advance(&mut self, length: usize) {
        self.start += length;
        if self.entries.is_empty() {
            self.start = 0;
            self.payloads.clear();
            self.payloads.shrink_to(KEPT);
        }
    }

    /// Returns the length of the first payloads, in bytes: those of this number of entries.
    fn payloads_of(&self, count: usize) -> usize {
        self.entries.iter().take(count).map(Entry::length).sum()
    }
}

impl<N: NotificationCodec> EncodedEvents<N> {
    /// Decodes all notifications. Clones of the list then share them.
    pub(super) fn decode_all(&mut self) {
        let mut encoded = std::mem::take(&mut self.entries);
        while let Some(entry) = encoded.pop() {
            self.entries.push(match entry {
                Entry::Encoded { number, length, heard } => {
                    let event = self.decode(number, length, heard);
                    self.start += length;
                    Entry::Event(Arc::new(event), length)
                }
                decoded => decoded,
            });
        }
        self.start = 0;
        self.payloads.clear();
        self.payloads.shrink_to(KEPT);
    }

    /// Decodes the first payload.
    #[inline]
    fn decode(&self, number: u32, length: usize, heard: Option<Instant>) -> Event<N> {
        let payload = self.payload(length);
        match N::decode_payload(number, payload) {
            Ok(notification) => Event::Notification(notification),
            Err(reason) => undecodable(number, payload, heard, reason),
        }
    }
}

/// Returns the event that replaces a notification that cannot be decoded.
#[cold]
fn undecodable<N: NotificationCodec>(
    field_number: u32,
    payload: &[u8],
    heard: Option<Instant>,
    reason: Error,
) -> Event<N> {
    match heard {
        // The notification is lost, so the consumer must learn of a gap.
        Some(heard) => Event::Gap(Gap::since(heard, reason)),
        None => {
            let unknown = UnknownNotification { field_number, bytes: payload.to_vec(), malformed: true };
            Event::Notification(N::unknown(unknown))
        }
    }
}

impl<N: NotificationCodec> QueueStorage for EncodedEvents<N> {
    type Item = Event<N>;

    const READ_BATCH: usize = Entry::<N>::READ_BATCH;

    fn size(_: &Event<N>) -> usize {
        size_of::<Entry<N>>() + size_of::<Event<N>>()
    }

    fn len(&self) -> usize {
        self.entries.len()
    }

    fn bytes(&self) -> usize {
        self.entries.bytes()
    }

    fn first_size(&self) -> usize {
        self.entries.first_size()
    }

    fn fitting(&self, count: usize, bytes: usize) -> usize {
        self.entries.fitting(count, bytes)
    }

    fn push(&mut self, event: Event<N>) {
        self.push_decoded(event, 0);
    }

    fn pop(&mut self) -> Option<Event<N>> {
        match self.entries.pop()? {
            Entry::Event(event, _) => {
                self.advance(0);
                Some(match Arc::strong_count(&event) {
                    // The last consumer takes the event.
                    1 => Arc::unwrap_or_clone(event),
                    // Calling `unwrap_or_clone` here as well would cost another atomic operation.
                    _ => Event::clone(&event),
                })
            }
            Entry::Encoded { number, length, heard } => {
                let event = self.decode(number, length, heard);
                self.advance(length);
                Some(event)
            }
        }
    }

    fn move_to(&mut self, other: &mut Self, count: usize) {
        let length = self.payloads_of(count);
        other.push_payloads(self.payload(length));
        self.entries.move_to(&mut other.entries, count);
        self.advance(length);
    }

    fn skip(&mut self, count: usize) {
        let length = self.payloads_of(count);
        self.entries.skip(count);
        self.advance(length);
    }

    fn drop_oldest(&mut self) {
        // An entry that is dropped last has no payload: the first payload belongs to the dropped entry.
        if let Some(entry) = self.entries.pop_oldest() {
            self.advance(entry.length());
        }
    }
}

impl EncodedEvents<Notification> {
    /// Returns the number of losses among the first events; see [`Event::is_loss`].
    ///
    /// A notification that cannot be decoded is a loss.
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
}

impl<N> Item for Entry<N> {
    const READ_BATCH: usize = 256;

    /// Returns the size of the entry with its payload or event, in bytes. Each list counts a shared event.
    fn size(&self) -> usize {
        let more = match self {
            Self::Event(_, bytes) => size_of::<Event<N>>() + bytes,
            Self::Encoded { length, .. } => *length,
        };
        size_of::<Self>() + more
    }

    /// Returns `true` for the gaps of a connection. A notification that cannot be decoded is dropped like any other one:
    /// its gap has the size of its payload.
    fn keep_on_overflow(&self) -> bool {
        matches!(self, Self::Event(event, 0) if matches!(**event, Event::Gap(_)))
    }
}

impl<N> Default for EncodedEvents<N> {
    fn default() -> Self {
        Self { entries: Items::default(), payloads: Vec::new(), start: 0 }
    }
}
