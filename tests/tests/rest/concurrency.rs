//! One client for all tasks of a backend.

use std::collections::HashSet;

use fishjam_emulator::Emulator;
use fishjam_sdk::{
    FishjamClient, FishjamNotifier, PeerOptions, RoomOptions,
    jellyfish::{ConnectionOptions, JellyfishNotifier},
};
use fishjam_tests::support::within;
use tokio::task::JoinSet;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_concurrent_calls_succeed_with_one_client() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let mut calls = JoinSet::new();
    for _ in 0..200 {
        let fishjam = fishjam.clone();
        calls.spawn(async move { fishjam.create_room(RoomOptions::new()).await });
    }
    let rooms: Vec<_> = within("200 rooms", calls.join_all()).await?.into_iter().collect::<Result<_, _>>()?;
    let ids: HashSet<_> = rooms.iter().map(|room| room.id.clone()).collect();
    assert_eq!(ids.len(), 200);

    let mut calls = JoinSet::new();
    for (i, id) in ids.iter().cloned().enumerate() {
        let fishjam = fishjam.clone();
        calls.spawn(async move {
            match i % 3 {
                0 => fishjam.get_room(&id).await.map(|room| assert_eq!(room.id, id)),
                1 => fishjam.create_peer(&id, PeerOptions::new()).await.map(|(_, token)| drop(token)),
                _ => fishjam.delete_room(&id).await,
            }
        });
    }
    for outcome in within("200 calls", calls.join_all()).await? {
        outcome?;
    }
    let left = fishjam.get_all_rooms().await?;
    assert_eq!((left.len(), left.iter().map(|room| room.peers.len()).sum::<usize>()), (134, 67));
    assert_eq!(emulator.journal().count("*"), 401);
    Ok(())
}

// The table of operations covers the calls of the clients.
#[tokio::test]
async fn futures_of_notifiers_can_move_to_other_threads() -> anyhow::Result<()> {
    fn check<T: Send>(future: T) -> T {
        future
    }
    let emulator = Emulator::start().await?;
    let notifier = FishjamNotifier::new(emulator.url(), emulator.token())?;
    check(check(notifier.events()).await?);
    drop((check(notifier.connect()), check(notifier.wait_ready())));
    let jellyfish = JellyfishNotifier::new(ConnectionOptions::new("localhost", "token"))?;
    drop((check(jellyfish.events()), check(jellyfish.connect()), check(jellyfish.wait_ready())));
    Ok(())
}
