use std::collections::VecDeque;

use fishjam_proto::fishjam::{
    ServerMessage,
    server_message::{Content, PeerCrashed},
};
use proptest::prelude::*;
use prost::Message as _;

use super::*;
use crate::{
    error::{Error, ErrorKind},
    events::{Notification, contents::Message, decode},
};

/// What a list does, as a plain one does it.
#[derive(Clone, Debug, PartialEq)]
enum Told {
    Crashed(String),
    Gap,
}

fn message(reason: &str) -> Vec<u8> {
    let crashed = PeerCrashed { reason: reason.to_owned(), ..Default::default() };
    ServerMessage { content: Some(Content::PeerCrashed(crashed)) }.encode_to_vec()
}

fn push_encoded(backlog: &mut EncodedEvents<Notification>, message: &[u8]) {
    backlog.push_encoded(&Notification::single_field(message).unwrap(), Instant::now());
}

fn told(event: Event) -> Told {
    match event {
        Event::Notification(Notification::PeerCrashed(crashed)) => Told::Crashed(crashed.reason),
        Event::Gap(_) => Told::Gap,
        other => panic!("{other:?}"),
    }
}

fn everything(mut backlog: EncodedEvents<Notification>) -> Vec<Told> {
    std::iter::from_fn(|| backlog.pop()).map(told).collect()
}

#[derive(Clone, Debug)]
enum Action {
    /// As it came, or read already, so many bytes long.
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
}

fn steps() -> impl Strategy<Value = Vec<Action>> {
    let length = prop_oneof![9 => 0..200_usize, 1 => 40_000..90_000_usize];
    let step = prop_oneof![
        8 => (any::<bool>(), length).prop_map(|(encoded, length)| Action::Push { encoded, length }),
        1 => Just(Action::Gap),
        4 => Just(Action::Pop),
        1 => (0..4_usize).prop_map(Action::Skip),
        2 => Just(Action::DropOldest),
        1 => (0..9_usize).prop_map(Action::MoveAway),
        1 => Just(Action::MoveBack),
        1 => Just(Action::Swap),
    ];
    proptest::collection::vec(step, 0..120)
}

proptest! {
    #[test]
    fn it_does_what_a_list_of_what_was_read_would_do(steps in steps()) {
        let (mut here, mut there) = (EncodedEvents::default(), EncodedEvents::default());
        let (mut plain_here, mut plain_there) = (VecDeque::new(), VecDeque::new());
        for (number, step) in steps.into_iter().enumerate() {
            match step {
                Action::Push { encoded, length } => {
                    let reason = format!("{number}{}", "x".repeat(length));
                    if encoded {
                        push_encoded(&mut here, &message(&reason));
                    } else {
                        let Message::Notifications(read) = decode::decode(&message(&reason)).unwrap() else {
                            panic!("no notification")
                        };
                        read.into_iter().for_each(|notification| here.push(Event::Notification(notification)));
                    }
                    plain_here.push_back(Told::Crashed(reason));
                }
                Action::Gap => {
                    here.push(Event::Gap(Gap::since(Instant::now(), Error::new(ErrorKind::Closed))));
                    plain_here.push_back(Told::Gap);
                }
                Action::Pop => prop_assert_eq!(here.pop().map(told), plain_here.pop_front()),
                Action::Skip(count) => {
                    here.skip(count);
                    plain_here.drain(..count.min(plain_here.len()));
                }
                Action::DropOldest => {
                    here.drop_oldest();
                    let oldest = plain_here.iter().position(|told| *told != Told::Gap);
                    plain_here.remove(oldest.unwrap_or(0));
                }
                Action::MoveAway(count) => {
                    here.move_to(&mut there, count);
                    plain_there.extend(plain_here.drain(..count.min(plain_here.len())));
                }
                Action::MoveBack => {
                    there.move_to(&mut here, usize::MAX);
                    plain_here.append(&mut plain_there);
                }
                Action::Swap => {
                    std::mem::swap(&mut here, &mut there);
                    std::mem::swap(&mut plain_here, &mut plain_there);
                }
            }
            prop_assert_eq!((here.len(), there.len()), (plain_here.len(), plain_there.len()));
            for list in [&here, &there] {
                prop_assert_eq!(list.bytes(), list.entries.iter().map(Entry::size).sum::<usize>());
                prop_assert_eq!(list.first_size(), list.entries.front().map_or(0, Entry::size));
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
fn what_cannot_be_read_is_a_gap_and_what_follows_it_is_read() {
    let mut backlog = EncodedEvents::default();
    push_encoded(&mut backlog, &message("before"));
    // A room id that is no UTF-8, and one that ends too early.
    push_encoded(&mut backlog, &[0x52, 3, 0x0a, 1, 0xff]);
    push_encoded(&mut backlog, &[0x52, 2, 0x0a, 9]);
    push_encoded(&mut backlog, &message("after"));
    assert_eq!([1, 2, 3, 4].map(|count| backlog.losses(count)), [0, 1, 2, 2]);
    assert_eq!(backlog.pop().map(|event| event.is_loss()), Some(false));
    assert_eq!([1, 2, 3].map(|count| backlog.losses(count)), [1, 2, 2]);
    let crashed = |reason: &str| Told::Crashed(reason.to_owned());
    assert_eq!(everything(backlog), [Told::Gap, Told::Gap, crashed("after")]);
}

#[test]
fn event_counts_with_the_size_of_its_message() {
    let mut backlog = EncodedEvents::<Notification>::default();
    let small = EncodedEvents::<Notification>::size(&Event::Dropped(1));
    push_encoded(&mut backlog, &message(&"x".repeat(10_000)));
    assert!((10_000..10_000 + small).contains(&backlog.bytes()), "{}", backlog.bytes());
    backlog.push_decoded(Event::Dropped(1), 5_000);
    assert!(backlog.bytes() >= 15_000);
    assert_eq!((backlog.fitting(9, 10_000 + small), backlog.fitting(9, 9_999)), (1, 0));
}

#[test]
fn memory_is_a_small_multiple_of_the_events_that_wait() {
    let message = message(&"x".repeat(1_000));
    let mut backlog = EncodedEvents::default();
    let (mut most, mut taken) = (0, 0);
    for _ in 0..5_000 {
        push_encoded(&mut backlog, &message);
        most = most.max(backlog.bytes());
    }
    // The list stays nearly full: some events are read before others are pushed.
    for round in 0..20_000 {
        for _ in 0..round % 7 {
            assert!(backlog.pop().is_some());
        }
        while backlog.bytes() + message.len() < most {
            push_encoded(&mut backlog, &message);
        }
        taken = taken.max(backlog.payloads.capacity());
    }
    assert!(taken <= most / 3 * 8 + 4 * KEPT, "{taken} bytes for {most}");
}

#[test]
fn memory_is_given_back_once_everything_is_read_and_used_again_before() {
    let mut backlog = EncodedEvents::default();
    let large = message(&"x".repeat(100_000));
    for _ in 0..100 {
        // There is always one more than is read.
        push_encoded(&mut backlog, &large);
        push_encoded(&mut backlog, &large);
        assert!(backlog.pop().is_some() && backlog.len() <= 101);
    }
    while backlog.len() > 1 {
        assert!(backlog.pop().is_some());
        push_encoded(&mut backlog, &message("small"));
        backlog.skip(1);
    }
    for _ in 0..1_000 {
        push_encoded(&mut backlog, &large);
        assert!(backlog.pop().is_some());
    }
    assert!(backlog.payloads.capacity() < 1_000_000, "{}", backlog.payloads.capacity());
    while backlog.pop().is_some() {}
    assert!(backlog.payloads.capacity() <= KEPT, "{}", backlog.payloads.capacity());

    for _ in 0..50_000 {
        push_encoded(&mut backlog, &message(""));
    }
    backlog.skip(50_000);
    assert!(backlog.entries.capacity() < 10_000, "{}", backlog.entries.capacity());
}
