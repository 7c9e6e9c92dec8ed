use std::{collections::BTreeSet, iter};

use futures_util::FutureExt;
use tokio::time::Instant;

use super::*;
use crate::{
    connection::queue::Limits,
    error::{Error, ErrorKind},
    events::Notification,
    listing::UnreadableItem,
    notifier::Overflow,
    rooms_view::{
        changes::{RoomChange, RoomChanges},
        open_reads::{Meanwhile, ReadTarget},
        rooms_state::tests::{peer_connected, peer_disconnected, room, room_created, room_deleted},
        view_shared::ChangeQueue,
    },
};

fn listing(items: Vec<Room>, unreadable: &[Option<&str>]) -> Listing<Room> {
    let unreadable = unreadable.iter().enumerate().map(|(index, id)| UnreadableItem {
        index,
        id: id.map(str::to_owned),
        error: Error::new(ErrorKind::Decode),
    });
    Listing { items, unreadable: unreadable.collect() }
}

/// A view with these rooms.
fn view(rooms: &[Room]) -> Arc<ViewShared> {
    let shared = Arc::new(ViewShared::new(None));
    replace(&shared, listing(rooms.to_vec(), &[]));
    shared
}

/// Replaces all rooms. Returns the ids of the changed rooms.
fn replace(shared: &Arc<ViewShared>, listing: Listing<Room>) -> BTreeSet<RoomId> {
    replace_after(shared, &[], listing)
}

/// The same, with events that arrive during the read.
fn replace_after(shared: &Arc<ViewShared>, events: &[Notification], listing: Listing<Room>) -> BTreeSet<RoomId> {
    let read = start(shared);
    events.iter().for_each(|event| shared.state().apply(event.clone()));
    let mut resync = Resync::new(Arc::clone(shared), read, listing);
    while resync.replace_slice() {}
    drop(resync);
    let mut state = shared.state();
    state.stale.finish_list(0);
    std::mem::take(&mut state.unsent)
}

fn start(shared: &Arc<ViewShared>) -> OpenReadGuard {
    shared.state().stale.start_list();
    shared.start_read(ReadTarget::All)
}

fn get(shared: &ViewShared, id: &str) -> Option<Arc<Room>> {
    shared.state().rooms.get(&id.into()).map(|known| Arc::clone(&known.room))
}

fn ids(ids: &[&str]) -> BTreeSet<RoomId> {
    ids.iter().map(|id| RoomId::from(*id)).collect()
}

/// Returns the ids of the rooms that wait for a single read.
fn stale(shared: &ViewShared) -> BTreeSet<RoomId> {
    let mut state = shared.state();
    let stale: BTreeSet<_> = iter::from_fn(|| state.stale.start_read()).collect();
    stale.iter().for_each(|id| state.stale.finish_read(id));
    stale
}

fn many(count: usize) -> Vec<Room> {
    (0..count).map(|number| room(&format!("{number:06}"), &["p"])).collect()
}

fn consumer(shared: &ViewShared) -> RoomChanges {
    let limits = Limits { items: 1024, bytes: usize::MAX, overflow: Overflow::DropOldest };
    let queue = Arc::new(ChangeQueue::new(limits));
    shared.add_consumer(&queue);
    RoomChanges(queue.reader())
}

fn waiting(changes: &mut RoomChanges) -> Vec<RoomChange> {
    iter::from_fn(|| changes.receive().now_or_never()?).map(Result::unwrap).collect()
}

#[test]
fn resync_keeps_a_known_room_that_is_unreadable() {
    let shared = view(&[room("r", &["p"])]);
    let new = || vec![room("new", &[])];
    assert_eq!(replace(&shared, listing(new(), &[Some("r"), Some("unknown")])), ids(&["new"]));
    assert_eq!(get(&shared, "r").as_deref(), Some(&room("r", &["p"])));
    assert_eq!(replace(&shared, listing(vec![], &[None])), ids(&[]));
    // An event that the view cannot apply completely still causes a read.
    let stranger = [peer_connected("r", "stranger")];
    assert_eq!(replace_after(&shared, &stranger, listing(new(), &[Some("r")])), ids(&[]));
    assert_eq!(stale(&shared), ids(&["r"]));
    assert_eq!(replace(&shared, listing(new(), &[Some("unknown")])), ids(&["r"]));
}

#[test]
fn resync_marks_new_removed_and_changed_rooms_as_unsent() {
    let shared = view(&[room("same", &["p"]), room("gone", &[]), room("changed", &[])]);
    let listed = vec![room("same", &["p"]), room("changed", &["p"]), room("new", &[])];
    assert_eq!(replace(&shared, listing(listed, &[])), ids(&["changed", "gone", "new"]));
    assert!(get(&shared, "gone").is_none());
    // The server can list a room twice.
    assert_eq!(replace(&shared, listing(vec![room("new", &[]), room("new", &[])], &[])), ids(&["same", "changed"]));
}

#[test]
fn resync_keeps_the_value_of_unchanged_rooms() {
    let rooms = many(600);
    let shared = view(&rooms);
    let pointers = |shared: &ViewShared| shared.state().rooms.iter().map(Arc::as_ptr).collect::<Vec<_>>();
    let before = pointers(&shared);
    assert_eq!(replace(&shared, listing(rooms.clone(), &[])), ids(&[]));
    assert_eq!(pointers(&shared), before);
    // A consumer has the room, so the events change a copy. The list equals the old room, so the copy is dropped.
    let kept = get(&shared, "000000");
    let events = [peer_connected("000000", "p"), peer_disconnected("000000", "p")];
    assert_eq!(replace_after(&shared, &events, listing(rooms, &[])), ids(&["000000"]));
    assert_eq!(get(&shared, "000000"), kept);
}

#[test]
fn resync_applies_the_events_that_arrived_meanwhile() {
    let shared = view(&[room("r", &["p"]), room("deleted", &[])]);
    let events = [
        peer_connected("r", "p"),
        room_deleted("deleted"),
        room_created("born"),
        peer_connected("listed", "p"),
        peer_connected("other", "p"),
    ];
    let listed = vec![room("r", &["p"]), room("deleted", &[]), room("listed", &["p"])];
    assert_eq!(replace_after(&shared, &events, listing(listed, &[])), ids(&["r", "deleted", "listed"]));
    let is_connected = |id: &str| get(&shared, id).map(|room| room.peers[0].status.as_str() == "connected");
    assert_eq!((is_connected("r"), is_connected("listed"), is_connected("deleted")), (Some(true), Some(true), None));
    assert_eq!(stale(&shared), ids(&["born", "other"]), "the list may be older than these rooms");
}

#[test]
fn resync_keeps_a_room_that_another_read_replaced() {
    let shared = view(&[room("old", &[])]);
    let read = start(&shared);
    for id in ["old", "new"] {
        let refreshed = Some(SizedRoom::new(room(id, &["p"])));
        shared.state().replace_room(&id.into(), refreshed, Meanwhile::default(), false);
    }
    let mut resync = Resync::new(Arc::clone(&shared), read, listing(vec![room("old", &[])], &[]));
    while resync.replace_slice() {}
    shared.state().stale.finish_list(0);
    assert_eq!(get(&shared, "old").map(|room| room.peers.len()), Some(1));
    assert_eq!(get(&shared, "new").map(|room| room.peers.len()), Some(1));
    assert_eq!(stale(&shared), ids(&["old", "new"]), "the order of the reads is unknown");
}

#[test]
fn refreshed_room_is_read_after_a_list_without_it() {
    let shared = view(&[]);
    let read = start(&shared);
    // The room is created after the server has read the list. The response to the refresh is older than the peer.
    let refreshed = Some(SizedRoom::new(room("new", &[])));
    shared.state().replace_room(&"new".into(), refreshed, Meanwhile::default(), false);
    shared.state().apply(peer_connected("new", "p"));
    let mut resync = Resync::new(Arc::clone(&shared), read, listing(vec![], &[]));
    while resync.replace_slice() {}
    shared.state().stale.finish_list(0);
    assert_eq!(stale(&shared), ids(&["new"]));
}

#[test]
fn refresh_from_before_a_list_is_outdated() {
    let (shared, id) = (view(&[]), RoomId::from("gone"));
    let refresh = shared.start_read(ReadTarget::Refresh(id.clone()));
    replace(&shared, listing(vec![], &[]));
    assert_eq!(refresh.finish(&mut shared.state(), &id), Meanwhile::Outdated);
}

#[test]
fn postponed_room_counts_once_after_a_loss() {
    let shared = view(&[room("r", &[]), room("s", &[])]);
    let mut state = shared.state();
    state.unreadable.record_failure("r".into(), Instant::now(), 0.0);
    state.apply(peer_connected("r", "stranger"));
    assert_eq!(state.stale_rooms(), 1);
    state.stale.record_loss();
    assert_eq!(state.stale_rooms(), 2);
}

#[test]
fn rooms_can_be_read_and_changed_between_two_slices() {
    let (rooms, last) = (many(4 * SLICE), format!("{:06}", 4 * SLICE - 1));
    let shared = view(&rooms);
    let (read, mut changes) = (start(&shared), consumer(&shared));
    let listed = rooms.into_iter().map(|known| room(known.id.as_str(), &["p", "q"])).collect();
    let mut resync = Resync::new(Arc::clone(&shared), read, listing(listed, &[]));
    let peers = |id: &str| get(&shared, id).map_or(0, |room| room.peers.len());
    for slice in 1..=4 {
        assert!(resync.replace_slice());
        let replaced = shared.state().rooms.iter().filter(|room| room.peers.len() == 2).count();
        assert_eq!(replaced, slice * SLICE);
        shared.send_changes();
        // An event of a replaced room is one more change.
        assert_eq!(waiting(&mut changes).len(), SLICE + usize::from(slice == 3));
        assert_eq!(peers(&last), if slice < 4 { 1 } else { 2 });
        if slice == 2 {
            // One of these rooms is replaced already, and the other is not.
            for id in ["000000", &last] {
                shared.state().apply(peer_connected(id, "q"));
            }
        }
    }
    while resync.replace_slice() {}
    for id in ["000000", &last] {
        assert!(get(&shared, id).is_some_and(|room| room.peers[1].status.as_str() == "connected"), "{id}");
    }
    shared.state().stale.finish_list(0);
    assert_eq!(stale(&shared), ids(&[]));
}

#[test]
fn events_that_arrive_together_cause_one_change_and_one_copy() {
    let peers: Vec<_> = (0..500).map(|peer| peer.to_string()).collect();
    let shared = view(&[room("r", &peers.iter().map(String::as_str).collect::<Vec<_>>())]);
    let mut consumers = [consumer(&shared), consumer(&shared)];
    let connect_all = || {
        let copies: BTreeSet<_> = peers
            .iter()
            .map(|peer| {
                shared.state().apply(peer_connected("r", peer));
                get(&shared, "r").map(|room| Arc::as_ptr(&room))
            })
            .collect();
        shared.send_changes();
        copies
    };
    let address = || get(&shared, "r").map(|room| Arc::as_ptr(&room));
    // No consumer has the room, so it changes in place.
    let before = address();
    assert_eq!(connect_all(), BTreeSet::from([before]));
    let received = consumers.each_mut().map(waiting);
    for changes in &received {
        let [RoomChange::Room(changed)] = &changes[..] else { panic!("{} changes", changes.len()) };
        assert_eq!(Some(Arc::as_ptr(changed)), before, "the consumers share the value");
        assert!(changed.peers.iter().all(|peer| peer.status.as_str() == "connected"));
    }
    for peer in &peers {
        shared.state().apply(peer_disconnected("r", peer));
    }
    assert_ne!(address(), before, "the consumers have the room");
    drop(received);
    let copies = connect_all();
    assert_eq!(copies.len(), 1);
    assert!(copies.contains(&address()));
}

#[test]
fn consumer_receives_no_change_from_before_its_start() {
    let shared = view(&[room("r", &["p"])]);
    let mut early = consumer(&shared);
    shared.state().apply(peer_connected("r", "p"));
    let mut late = consumer(&shared);
    shared.send_changes();
    assert_eq!((waiting(&mut early).len(), waiting(&mut late).len()), (1, 0));
    shared.state().apply(peer_disconnected("r", "p"));
    shared.end(Ok(()));
    for consumer in [&mut early, &mut late] {
        assert_eq!(waiting(consumer).len(), 1, "the end comes after the last change");
        assert!(matches!(consumer.receive().now_or_never(), Some(None)));
    }
}
