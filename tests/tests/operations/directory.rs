//! Rooms by name: one room for all callers, in one process and in several replicas.

use std::{
    collections::{HashMap, HashSet},
    convert::Infallible,
    io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use anyhow::Context;
use fishjam_emulator::Emulator;
use fishjam_sdk::{ErrorKind, FishjamClient, PeerOptions, Result, Room, RoomDirectory, RoomId, RoomOptions, RoomStore};
use fishjam_tests::{
    clock::{StoppedClock, settle},
    support::{until, within},
};
use futures_util::{
    FutureExt,
    future::{join_all, try_join_all},
};
use tokio::sync::Barrier;

use super::start;

/// A name that must not be printed.
const NAME: &str = "sentinel";

async fn directory() -> anyhow::Result<(Emulator, FishjamClient, RoomDirectory)> {
    let (emulator, fishjam) = start(Emulator::builder()).await?;
    let directory = RoomDirectory::new(&fishjam);
    Ok((emulator, fishjam, directory))
}

async fn join_100(directory: &RoomDirectory) -> anyhow::Result<RoomId> {
    // A spawned future must be `Send`.
    let joining = (0..100).map(|_| {
        let directory = directory.clone();
        tokio::spawn(async move { directory.join(NAME, PeerOptions::new()).await })
    });
    let mut rooms = HashSet::new();
    for joined in join_all(joining).await {
        let (room, ..) = joined??;
        rooms.insert(room);
    }
    assert_eq!(rooms.len(), 1, "{rooms:?}");
    rooms.into_iter().next().context("no room")
}

#[tokio::test]
async fn concurrent_joins_of_a_new_name_create_one_room() -> anyhow::Result<()> {
    let (emulator, fishjam, directory) = directory().await?;
    let room = within("100 joins", join_100(&directory)).await??;
    let journal = emulator.journal();
    assert_eq!((journal.count("create_room"), journal.count("add_peer"), journal.count("*")), (1, 100, 101));
    assert_eq!(fishjam.get_room(&room).await?.peers.len(), 100);

    // A deleted room is replaced once.
    fishjam.delete_room(&room).await?;
    let replacement = within("100 joins", join_100(&directory)).await??;
    assert_ne!(replacement, room);
    assert_eq!(journal.count("create_room"), 2);
    assert_eq!(fishjam.get_room(&replacement).await?.peers.len(), 100);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_joins_on_several_threads_create_one_room() -> anyhow::Result<()> {
    let (emulator, _, directory) = directory().await?;
    within("100 joins", join_100(&directory)).await??;
    assert_eq!(emulator.journal().count("create_room"), 1);
    Ok(())
}

#[tokio::test]
async fn concurrent_lookups_share_one_read() -> anyhow::Result<()> {
    let (emulator, fishjam, directory) = directory().await?;
    let room = directory.get_or_create(NAME).await?;
    let rooms = try_join_all((0..100).map(|_| directory.get_or_create(NAME))).await?;
    assert!(rooms.iter().all(|found| *found == room));
    assert_eq!((emulator.journal().count("create_room"), emulator.journal().count("get_room")), (1, 1));
    // Later lookups read again.
    fishjam.create_peer(&room.id, PeerOptions::new()).await?;
    assert_eq!(directory.get_or_create(NAME).await?.peers.len(), 1);
    assert_ne!(directory.get_or_create("another").await?.id, room.id);

    fishjam.delete_room(&room.id).await?;
    let rooms = try_join_all((0..100).map(|_| directory.get_or_create(NAME))).await?;
    assert!(rooms[0].id != room.id && rooms.iter().all(|found| *found == rooms[0]));
    assert_eq!(emulator.journal().count("create_room"), 3);
    Ok(())
}

#[tokio::test]
async fn options_of_a_room_depend_on_its_name() -> anyhow::Result<()> {
    let (_emulator, fishjam) = start(Emulator::builder()).await?;
    let options = |name: &str| RoomOptions::new().max_peers(name.len() as u64);
    let directory = RoomDirectory::new(&fishjam).room_options(options);
    assert_eq!(directory.get_or_create("abc").await?.config.max_peers, Some(3));
    assert_eq!(directory.get_or_create("abcde").await?.config.max_peers, Some(5));
    Ok(())
}

#[tokio::test]
async fn cancelled_callers_neither_stop_nor_lose_a_room() -> anyhow::Result<()> {
    let (emulator, fishjam, directory) = directory().await?;
    emulator.faults().on("create_room").after_handling().delay(Duration::from_millis(50));
    let mut first = Box::pin(directory.get_or_create(NAME));
    assert!(first.as_mut().now_or_never().is_none());
    let mut second = Box::pin(directory.get_or_create(NAME));
    assert!(second.as_mut().now_or_never().is_none());
    drop(first);
    let room = within("the lookup of the second caller", second).await??;
    assert_eq!(emulator.journal().count("create_room"), 1);

    // All callers go away.
    fishjam.delete_room(&room.id).await?;
    emulator.faults().on("create_room").after_handling().delay(Duration::from_millis(50));
    let mut only = Box::pin(directory.get_or_create(NAME));
    assert!(only.as_mut().now_or_never().is_none());
    drop(only);
    until("the request arrives", || emulator.journal().count("create_room") == 2).await?;
    within("the next lookup", directory.get_or_create(NAME)).await??;
    assert_eq!((emulator.journal().count("create_room"), fishjam.get_all_rooms().await?.len()), (2, 1));
    Ok(())
}

#[tokio::test]
async fn failed_creation_is_shared_and_not_kept() -> anyhow::Result<()> {
    let (emulator, fishjam, directory) = directory().await?;
    emulator.faults().on("create_room").status(402);
    let failed = join_all((0..10).map(|_| directory.get_or_create(NAME))).await;
    assert!(failed.iter().all(|found| found.as_ref().is_err_and(|e| e.kind() == ErrorKind::QuotaExceeded)));
    assert_eq!(emulator.journal().count("create_room"), 1);

    // The room may exist, so nothing creates a second one silently.
    emulator.faults().on("create_room").after_handling().status(504);
    let error = directory.join(NAME, PeerOptions::new()).await.unwrap_err();
    assert_eq!((error.operation(), error.may_have_taken_effect()), (Some("create_room"), true));
    assert_eq!((emulator.journal().count("create_room"), fishjam.get_all_rooms().await?.len()), (2, 1));

    let (room, ..) = directory.join(NAME, PeerOptions::new()).await?;
    assert_eq!((directory.get(NAME).await?, emulator.journal().count("create_room")), (Some(room), 3));
    Ok(())
}

#[tokio::test]
async fn join_of_a_vanishing_room_is_repeated_once() -> anyhow::Result<()> {
    let (emulator, _, directory) = directory().await?;
    directory.get_or_create(NAME).await?;
    emulator.faults().on("add_peer").always().status(404);
    let error = directory.join(NAME, PeerOptions::new()).await.unwrap_err();
    assert!(error.is_not_found() && error.operation() == Some("add_peer"), "{error}");
    assert_eq!((emulator.journal().count("add_peer"), emulator.journal().count("create_room")), (2, 1));
    emulator.faults().clear();

    emulator.faults().on("add_peer").status(404);
    directory.join(NAME, PeerOptions::new()).await?;
    emulator.faults().on("add_peer").status(409);
    let error = directory.join(NAME, PeerOptions::new()).await.unwrap_err();
    assert_eq!((error.kind(), emulator.journal().count("add_peer")), (ErrorKind::Conflict, 5));
    Ok(())
}

#[tokio::test]
async fn join_ignores_a_read_from_before_the_deletion() -> anyhow::Result<()> {
    let (emulator, fishjam, directory) = directory().await?;
    let room = directory.get_or_create(NAME).await?;
    let clock = StoppedClock::stop();
    // This lookup reads the room, and gets the response after the deletion.
    emulator.faults().on("get_room").after_handling().delay(Duration::from_secs(1));
    let lookup = tokio::spawn({
        let directory = directory.clone();
        async move { directory.get_or_create(NAME).await }
    });
    settle().await;
    fishjam.delete_room(&room.id).await?;
    let join = tokio::spawn(async move { directory.join(NAME, PeerOptions::new()).await });
    settle().await;
    assert!(!lookup.is_finished() && !join.is_finished());
    clock.advance(Duration::from_secs(1)).await;
    let (replacement, ..) = within("the join", join).await???;
    assert_eq!(lookup.await??.id, room.id);
    assert_ne!(replacement, room.id);
    drop(clock);
    Ok(())
}

#[tokio::test]
async fn deleted_name_gets_a_new_room() -> anyhow::Result<()> {
    let (emulator, fishjam, directory) = directory().await?;
    let room = directory.get_or_create(NAME).await?;
    directory.delete(NAME).await?;
    assert!(fishjam.get_room(&room.id).await.unwrap_err().is_not_found());
    assert_eq!(directory.get(NAME).await?, None);
    directory.delete(NAME).await?;
    assert_eq!(emulator.journal().count("delete_room"), 1);

    let room = directory.get_or_create(NAME).await?;
    emulator.faults().on("delete_room").status(400);
    assert_eq!(directory.delete(NAME).await.unwrap_err().kind(), ErrorKind::BadRequest);
    assert_eq!(directory.get(NAME).await?, Some(room.id.clone()));
    fishjam.delete_room(&room.id).await?;
    directory.delete(NAME).await?;
    assert_eq!(directory.get(NAME).await?, None);
    Ok(())
}

/// A store that several replicas share. The first two calls of `replace` wait for each other.
#[derive(Clone, Default)]
struct SharedStore(Arc<SharedRooms>);

struct SharedRooms {
    rooms: Mutex<HashMap<String, RoomId>>,
    both_created: Barrier,
    met: AtomicBool,
}

impl Default for SharedRooms {
    fn default() -> Self {
        Self { rooms: Mutex::default(), both_created: Barrier::new(2), met: AtomicBool::new(false) }
    }
}

impl RoomStore for SharedStore {
    type Error = Infallible;

    async fn get(&self, name: &str) -> Result<Option<RoomId>, Infallible> {
        Ok(self.0.rooms.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned())
    }

    async fn replace(&self, name: &str, old: Option<&RoomId>, new: &RoomId) -> Result<bool, Infallible> {
        if !self.0.met.load(Relaxed) {
            self.0.both_created.wait().await;
            self.0.met.store(true, Relaxed);
        }
        let mut rooms = self.0.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        let is_current = rooms.get(name) == old;
        if is_current {
            rooms.insert(name.to_owned(), new.clone());
        }
        Ok(is_current)
    }

    async fn remove(&self, name: &str, _: &RoomId) -> Result<(), Infallible> {
        self.0.rooms.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
        Ok(())
    }
}

#[tokio::test]
async fn replicas_agree_on_a_room_and_delete_the_other() -> anyhow::Result<()> {
    let (emulator, fishjam) = start(Emulator::builder()).await?;
    let store = SharedStore::default();
    let replicas = [(); 2].map(|()| RoomDirectory::with_store(&fishjam, store.clone()));
    let both = try_join_all(replicas.iter().map(|replica| replica.get_or_create(NAME)));
    let rooms: Vec<Room> = within("both replicas", both).await??;
    assert_eq!(rooms[0].id, rooms[1].id);
    assert_eq!((emulator.journal().count("create_room"), emulator.journal().count("delete_room")), (2, 1));
    assert_eq!(fishjam.get_all_rooms().await?, rooms[..1]);
    // A third replica uses the room, and detects its deletion.
    let third = RoomDirectory::with_store(&fishjam, store);
    assert_eq!(third.join(NAME, PeerOptions::new()).await?.0, rooms[0].id);
    fishjam.delete_room(&rooms[0].id).await?;
    let (replacement, ..) = third.join(NAME, PeerOptions::new()).await?;
    assert_eq!(replicas[0].get_or_create(NAME).await?.id, replacement);
    Ok(())
}

/// A store that fails, or that never accepts a room.
struct BrokenStore {
    fails_at: &'static str,
}

impl BrokenStore {
    fn outcome<T>(&self, call: &str, value: T) -> io::Result<T> {
        if call == self.fails_at { Err(io::Error::other("no database")) } else { Ok(value) }
    }
}

impl RoomStore for BrokenStore {
    type Error = io::Error;

    async fn get(&self, _: &str) -> io::Result<Option<RoomId>> {
        self.outcome("get", None)
    }

    async fn replace(&self, _: &str, _: Option<&RoomId>, _: &RoomId) -> io::Result<bool> {
        self.outcome("replace", false)
    }

    async fn remove(&self, _: &str, _: &RoomId) -> io::Result<()> {
        self.outcome("remove", ())
    }
}

#[tokio::test]
async fn room_of_a_failed_store_is_deleted() -> anyhow::Result<()> {
    for (fails_at, kind, created) in
        [("get", ErrorKind::Connection, 0), ("replace", ErrorKind::Connection, 1), ("", ErrorKind::Conflict, 5)]
    {
        let (emulator, fishjam) = start(Emulator::builder()).await?;
        let directory = RoomDirectory::with_store(&fishjam, BrokenStore { fails_at });
        let error = directory.join(NAME, PeerOptions::new()).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{fails_at}: {error}");
        assert_eq!(format!("{error:#}").ends_with(": no database"), !fails_at.is_empty(), "{error:#}");
        assert_eq!((emulator.journal().count("create_room"), fishjam.get_all_rooms().await?.len()), (created, 0));
        assert!(!format!("{directory:?} {directory:#?} {error:#} {error:?}").contains(NAME), "{error:?}");
    }
    Ok(())
}

#[test]
fn lookup_without_a_runtime_is_an_error() -> anyhow::Result<()> {
    let directory = RoomDirectory::new(&FishjamClient::new("http://127.0.0.1:1", "token")?);
    let error = directory.join(NAME, PeerOptions::new()).now_or_never().expect("an error").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Setup);
    Ok(())
}
