//! The work for each event, counted.

use std::{
    cell::Cell,
    task::{Context, Poll, Waker},
};

use super::{codec::NotificationCodec, encoded_events::EncodedEvents, hub::Hub, target::NotifierTarget};
use crate::{
    config::Network,
    connection::{
        policy::ConnectionPolicy,
        queue::{Limits, Overflow, QueueItem, QueueStorage, Reader},
        socket::Credentials,
    },
    endpoint::Endpoint,
    error::Result,
    events::{Event, UnknownNotification, contents::Message, wire::Field},
    transport::http::http_client,
};

thread_local! {
    static DECODED: Cell<usize> = const { Cell::new(0) };
    static CLONED: Cell<usize> = const { Cell::new(0) };
}

/// A notification whose type counts decoded notifications and clones.
#[derive(Debug, PartialEq)]
struct Counted(u8);

impl Clone for Counted {
    fn clone(&self) -> Self {
        CLONED.set(CLONED.get() + 1);
        Self(self.0)
    }
}

impl NotificationCodec for Counted {
    fn credentials(_: &str) -> Result<Credentials> {
        Ok(Credentials::Message(Vec::new()))
    }

    fn subscribe(_: i32) -> Vec<u8> {
        Vec::new()
    }

    fn unknown(_: UnknownNotification) -> Self {
        Self(u8::MAX)
    }

    fn single_field(_: &[u8]) -> Option<Field<'_>> {
        None
    }

    fn decode_payload(_: u32, payload: &[u8]) -> Result<Self> {
        DECODED.set(DECODED.get() + 1);
        Ok(Self(payload.first().copied().unwrap_or_default()))
    }

    fn decode(_: &[u8]) -> Result<Message<Self>> {
        Ok(Message::Notifications(Vec::new()))
    }
}

/// Returns the number of decoded notifications and of clones since the last call.
fn counted() -> (usize, usize) {
    (DECODED.take(), CLONED.take())
}

fn hub() -> anyhow::Result<std::sync::Arc<Hub<Counted>>> {
    let endpoint = Endpoint::of_settings("http://127.0.0.1:1", None)?;
    let http = http_client(&endpoint, &Network::default(), None)?;
    let target = NotifierTarget { http, url: endpoint.socket("/socket")?, token: "token".into(), wanted: &[] };
    Ok(Hub::new(target, ConnectionPolicy::default()))
}

const LIMITS: Limits = Limits { items: 100, bytes: usize::MAX, overflow: Overflow::Wait };

fn encoded(numbers: std::ops::Range<u8>) -> EncodedEvents<Counted> {
    let mut events = EncodedEvents::default();
    for number in numbers {
        let field = Field { number: 1, delimited: true, value: &[number], end: 1 };
        events.push_encoded(&field, None);
    }
    events
}

/// Reads everything that waits.
fn read(reader: &mut Reader<EncodedEvents<Counted>>) -> Vec<u8> {
    let mut numbers = Vec::new();
    while let Poll::Ready(Some(QueueItem::Item(Event::Notification(Counted(number))))) =
        reader.poll_next(&mut Context::from_waker(Waker::noop()))
    {
        numbers.push(number);
    }
    numbers
}

#[test]
fn notifications_are_decoded_once_for_all_consumers() -> anyhow::Result<()> {
    for consumers in [1, 2, 50] {
        let hub = hub()?;
        let (mut readers, _guards): (Vec<_>, Vec<_>) = (0..consumers).map(|_| hub.listen(LIMITS)).unzip();
        let (mut events, mut blocked) = (encoded(0..10), Vec::new());
        counted();
        hub.offer(&mut events, &mut blocked);
        assert!(events.is_empty() && blocked.is_empty());
        for reader in &mut readers {
            assert_eq!(read(reader), (0..10).collect::<Vec<_>>());
        }
        // The last consumer takes the notifications without a clone.
        assert_eq!(counted(), (10, 10 * (consumers - 1)), "{consumers} consumers");
    }
    Ok(())
}

#[test]
fn single_consumer_decodes_no_notification_that_it_drops() -> anyhow::Result<()> {
    let hub = hub()?;
    let (mut reader, _guard) = hub.listen(Limits { items: 3, overflow: Overflow::DropOldest, ..LIMITS });
    counted();
    hub.offer(&mut encoded(0..10), &mut Vec::new());
    assert!(matches!(
        reader.poll_next(&mut Context::from_waker(Waker::noop())),
        Poll::Ready(Some(QueueItem::Dropped(7)))
    ));
    assert_eq!(read(&mut reader), [7, 8, 9]);
    assert_eq!(counted(), (3, 0));
    Ok(())
}

#[test]
fn consumer_that_is_slow_keeps_its_undelivered_events() -> anyhow::Result<()> {
    let hub = hub()?;
    let (mut fast, _guard) = hub.listen(LIMITS);
    let (mut slow, _) = hub.listen(Limits { items: 4, ..LIMITS });
    let mut blocked = Vec::new();
    hub.offer(&mut encoded(0..10), &mut blocked);
    assert_eq!((read(&mut fast).len(), read(&mut slow)), (10, vec![0, 1, 2, 3]));
    let [queue] = blocked.as_mut_slice() else { panic!("one consumer is slow") };
    for expected in [vec![4, 5, 6, 7], vec![8, 9]] {
        let pushed = queue.poll_push(&mut Context::from_waker(Waker::noop()));
        assert_eq!(pushed.is_ready(), expected.len() < 4);
        assert_eq!(read(&mut slow), expected);
    }
    Ok(())
}

#[test]
fn dropped_consumer_leaves_the_other_consumers() -> anyhow::Result<()> {
    let hub = hub()?;
    let (first, _guard) = hub.listen(LIMITS);
    let (mut second, _) = hub.listen(LIMITS);
    let unused = |hub: &Hub<Counted>| hub.poll_unused(&mut Context::from_waker(Waker::noop())).is_ready();
    hub.remove(&first);
    // A second removal changes nothing.
    hub.remove(&first);
    assert!(!unused(&hub));
    hub.offer(&mut encoded(0..3), &mut Vec::new());
    assert_eq!(read(&mut second), [0, 1, 2]);
    hub.remove(&second);
    assert!(unused(&hub));
    Ok(())
}
