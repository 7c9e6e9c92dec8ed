use std::collections::VecDeque;

use fishjam_proto::fishjam::{
    ServerMessage,
    server_message::{Content, PeerCrashed},
};
use proptest::prelude::*;
use prost::Message as _;

use super::*;
use crate::{
    error::ErrorKind,
    events::{Notification, contents::Message, decode},
};

/// An event of the plain list.
#[derive(Clone, Debug, PartialEq)]
enum PlainEvent {
    Crashed(String),
    Gap,
}

fn message(reason: &str) -> Vec<u8> {
    let crashed = PeerCrashed { reason: reason.to_owned(), ..Default::default() };
    ServerMessage { content: Some(Content::PeerCrashed(crashed)) }.encode_to_vec()
}

fn push_encoded(events: &mut EncodedEvents<Notification>, message: &[u8]) {
    events.push_encoded(&Notification::single_field(message).unwrap(), Some(Instant::now()));
}

fn plain(event: Event) -> PlainEvent {
    match event {
        Event::Notification(Notification::PeerCrashed(crashed)) => PlainEvent::Crashed(crashed.reason),
        Event::Gap(_) => PlainEvent::Gap,
        other => panic!("{other:?}"),
    }
}

fn everything(mut events: EncodedEvents<Notification>) -> Vec<PlainEvent> {
    std::iter::from_fn(|| events.pop()).map(plain).collect()
}

#[derive(Clone, Debug)]
enum TestStep {
    /// An encoded or a decoded notification of this length.
    Push {
        encoded: bool,
        length: usize,
    },
    Gap,
    Pop,
    Skip(usize),
    DropOldest,
    MoveAway(usize),
    MoveBack,
    Swap,
    /// Decodes all notifications, and replaces the list by a clone.
    Share,
}

fn steps() -> impl Strategy<Value = Vec<TestStep>> {
    let length = prop_oneof![9 => 0..200_usize, 1 => 40_000..90_000_usize];
    let step = prop_oneof![
        8 => (any::<bool>(), length).prop_map(|(encoded, length)| TestStep::Push { encoded, length }),
        1 => Just(TestStep::Gap),
        4 => Just(TestStep::Pop),
        1 => (0..4_usize).prop_map(TestStep::Skip),
        2 => Just(TestStep::DropOldest),
        1 => (0..9_usize).prop_map(TestStep::MoveAway),
        1 => Just(TestStep::MoveBack),
        1 => Just(TestStep::Swap),
        1 => Just(TestStep::Share),
    ];
    proptest::collection::vec(step, 0..120)
}

proptest! {
    #[test]
    fn encoded_events_behave_like_a_plain_list(steps in steps()) {
        let (mut here, mut there) = (EncodedEvents::default(), EncodedEvents::default());
        let (mut plain_here, mut plain_there) = (VecDeque::new(), VecDeque::new());
        for (number, step) in steps.into_iter().enumerate() {
            match step {
                TestStep::Push { encoded, length } => {
                    let reason = format!("{number}{}", "x".repeat(length));
                    if encoded {
                        push_encoded(&mut here, &message(&reason));
                    } else {
                        let Message::Notifications(read) = decode::decode(&message(&reason)).unwrap() else {
                            panic!("no notification")
                        };
                        read.into_iter().for_each(|notification| here.push(Event::Notification(notification)));
                    }
                    plain_here.push_back(PlainEvent::Crashed(reason));
                }
                TestStep::Gap => {
                    here.push(Event::Gap(Gap::since(Instant::now(), Error::new(ErrorKind::Closed))));
                    plain_here.push_back(PlainEvent::Gap);
                }
                TestStep::Pop => prop_assert_eq!(here.pop().map(plain), plain_here.pop_front()),
                TestStep::Skip(count) => {
                    here.skip(count);
                    plain_here.drain(..count.min(plain_here.len()));
                }
                TestStep::DropOldest => {
                    here.drop_oldest();
                    let oldest = plain_here.iter().position(|plain| *plain != PlainEvent::Gap);
                    plain_here.remove(oldest.unwrap_or(0));
                }
                TestStep::MoveAway(count) => {
                    here.move_to(&mut there, count);
                    plain_there.extend(plain_here.drain(..count.min(plain_here.len())));
                }
                TestStep::MoveBack => {
                    there.move_to(&mut here, usize::MAX);
                    plain_here.append(&mut plain_there);
                }
                TestStep::Share => {
                    here.decode_all();
                    prop_assert!(here.payloads.is_empty());
                    here = here.clone();
                }
                TestStep::Swap => {
                    std::mem::swap(&mut here, &mut there);
                    std::mem::swap(&mut plain_here, &mut plain_there);
                }
            }
            prop_assert_eq!((here.len(), there.len()), (plain_here.len(), plain_there.len()));
            for list in [&here, &there] {
                prop_assert_eq!(list.bytes(), list.entries.iter().map(Item::size).sum::<usize>());
                prop_assert_eq!(list.first_size(), list.entries.iter().next().map_or(0, Item::size));
                prop_assert_eq!(list.fitting(usize::MAX, list.bytes()), list.len());
                prop_assert!(list.is_empty() || list.fitting(usize::MAX, list.first_size()) >= 1);
                prop_assert!(!list.is_empty() || (list.payloads.is_empty() && list.start == 0));
            }
        }
        prop_assert_eq!(everything(here.clone()), Vec::from(plain_here));
        prop_assert_eq!(everything(there), Vec::from(plain_there));
    }
}

#[test]
fn unreadable_notification_is_a_gap_and_the_next_is_read() {
    let mut events = EncodedEvents::default();
    push_encoded(&mut events, &message("before"));
    // One room id is not UTF-8, and the other is incomplete.
    push_encoded(&mut events, &[0x52, 3, 0x0a, 1, 0xff]);
    push_encoded(&mut events, &[0x52, 2, 0x0a, 9]);
    push_encoded(&mut events, &message("after"));
    assert_eq!([1, 2, 3, 4].map(|count| events.losses(count)), [0, 1, 2, 2]);
    assert_eq!(events.pop().map(|event| event.is_loss()), Some(false));
    assert_eq!([1, 2, 3].map(|count| events.losses(count)), [1, 2, 2]);
    let crashed = |reason: &str| PlainEvent::Crashed(reason.to_owned());
    assert_eq!(everything(events), [PlainEvent::Gap, PlainEvent::Gap, crashed("after")]);
}

#[test]
fn event_counts_with_the_size_of_its_message() {
    let mut events = EncodedEvents::<Notification>::default();
    let small = EncodedEvents::<Notification>::size(&Event::Dropped(1));
    push_encoded(&mut events, &message(&"x".repeat(10_000)));
    assert!((10_000..10_000 + small).contains(&events.bytes()), "{}", events.bytes());
    events.push_decoded(Event::Dropped(1), 5_000);
    assert!(events.bytes() >= 15_000);
    assert_eq!((events.fitting(9, 10_000 + small), events.fitting(9, 9_999)), (1, 0));
}

#[test]
fn memory_is_a_small_multiple_of_the_waiting_events() {
    let message = message(&"x".repeat(1_000));
    let mut events = EncodedEvents::default();
    let (mut most, mut taken) = (0, 0);
    for _ in 0..5_000 {
        push_encoded(&mut events, &message);
        most = most.max(events.bytes());
    }
    // The list stays nearly full: some events are read before others are pushed.
    for round in 0..20_000 {
        for _ in 0..round % 7 {
            assert!(events.pop().is_some());
        }
        while events.bytes() + message.len() < most {
            push_encoded(&mut events, &message);
        }
        taken = taken.max(events.payloads.capacity());
    }
    assert!(taken <= most / 3 * 8 + 4 * KEPT, "{taken} bytes for {most}");
}

#[test]
fn memory_is_reused_and_freed_when_all_events_are_read() {
    let mut events = EncodedEvents::default();
    let large = message(&"x".repeat(100_000));
    for _ in 0..100 {
        // Each round adds two events and reads one.
        push_encoded(&mut events, &large);
        push_encoded(&mut events, &large);
        assert!(events.pop().is_some() && events.len() <= 101);
    }
    while events.len() > 1 {
        assert!(events.pop().is_some());
        push_encoded(&mut events, &message("small"));
        events.skip(1);
    }
    for _ in 0..1_000 {
        push_encoded(&mut events, &large);
        assert!(events.pop().is_some());
    }
    assert!(events.payloads.capacity() < 1_000_000, "{}", events.payloads.capacity());
    while events.pop().is_some() {}
    assert!(events.payloads.capacity() <= KEPT, "{}", events.payloads.capacity());
}

#[test]
fn decoded_events_are_shared_by_the_clones_of_a_list() {
    let mut events = EncodedEvents::default();
    push_encoded(&mut events, &message("first"));
    push_encoded(&mut events, &[0x52, 2, 0x0a, 9]);
    let bytes = events.bytes();
    events.decode_all();
    let mut other = events.clone();
    for (entry, shared) in events.entries.iter().zip(other.entries.iter()) {
        let (Entry::Event(event, _), Entry::Event(same, _)) = (entry, shared) else { panic!("all are decoded") };
        assert!(Arc::ptr_eq(event, same));
    }
    assert_eq!(events.bytes(), bytes + 2 * size_of::<Event>(), "the payloads and the decoded events count");
    // The documentation of `queue_bytes` states this limit.
    assert!(EncodedEvents::<Notification>::size(&Event::Dropped(0)) < 200);
    assert_eq!((events.losses(2), other.losses(1)), (1, 0));
    // A notification that cannot be decoded is dropped like any other one.
    other.push(Event::Gap(Gap::since(Instant::now(), Error::new(ErrorKind::Closed))));
    other.drop_oldest();
    other.drop_oldest();
    assert_eq!(everything(other), [PlainEvent::Gap]);
    assert_eq!(everything(events), [PlainEvent::Crashed("first".to_owned()), PlainEvent::Gap]);
}

#[test]
fn member_of_a_batch_equals_its_decoded_form() {
    // A room id that is not UTF-8, and one that is incomplete.
    let members: [&[u8]; 3] = [&message("before"), &[0x52, 3, 0x0a, 1, 0xff], &[0x52, 2, 0x0a, 9]];
    let batch: Vec<u8> =
        members.into_iter().flat_map(|member| [&[0x0a, member.len() as u8], member].concat()).collect();
    let frame = [&[0x8a, 0x02, batch.len() as u8], &*batch].concat();
    let Message::Notifications(expected) = decode::decode(&frame).unwrap() else { panic!("no notifications") };
    let mut events = EncodedEvents::<Notification>::default();
    decode::plain_batch(&frame).unwrap().for_each(|field| events.push_encoded(&field, None));
    assert_eq!(events.losses(3), 2);
    for expected in expected {
        assert!(matches!(events.pop(), Some(Event::Notification(notification)) if notification == expected));
    }
}
