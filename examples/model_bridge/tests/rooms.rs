//! Checks when the agent of a room joins and leaves.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, Result, bail};
use fishjam_emulator::{Emulator, ScriptedPeer, ScriptedPeerOptions};
use fishjam_sdk::{AgentOptions, FishjamClient, FishjamNotifier, PeerOptions, RoomId, RoomOptions};
use model_bridge::rooms::{self, OccupiedRoom};
use tokio::{
    sync::{Notify, mpsc, oneshot},
    task::JoinHandle,
};

/// A step of an agent.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    Joined(RoomId),
    Left(RoomId),
}

struct Stage {
    emulator: Emulator,
    fishjam: FishjamClient,
    steps: mpsc::UnboundedReceiver<Step>,
    shutdown: oneshot::Sender<()>,
    serving: JoinHandle<Result<()>>,
}

impl Stage {
    /// Serves all rooms. Each visit reports its steps. `work` is the agent's work between them.
    async fn new<F>(work: impl Fn(OccupiedRoom) -> F + Clone + Send + Sync + 'static) -> Result<Self>
    where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        let emulator = Emulator::start().await?;
        let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
        let notifier = FishjamNotifier::new(emulator.url(), emulator.token())?;
        let (reports, steps) = mpsc::unbounded_channel();
        let (shutdown, stopped) = oneshot::channel();
        let client = fishjam.clone();
        let serving = tokio::spawn(async move {
            let agent = move |room: OccupiedRoom| {
                let (reports, id) = (reports.clone(), room.id().clone());
                let work = work(room);
                async move {
                    let _ = reports.send(Step::Joined(id.clone()));
                    let end = work.await;
                    let _ = reports.send(Step::Left(id));
                    end
                }
            };
            rooms::serve(&client, &notifier, async { drop(stopped.await) }, agent).await
        });
        Ok(Self { emulator, fishjam, steps, shutdown, serving })
    }

    async fn room(&self) -> Result<RoomId> {
        Ok(self.fishjam.create_room(RoomOptions::new()).await?.id)
    }

    /// Connects another peer to a room.
    async fn peer(&self, room: &RoomId) -> Result<ScriptedPeer> {
        let (peer, _token) = self.fishjam.create_peer(room, PeerOptions::new()).await?;
        Ok(self.emulator.connect_peer(room, &peer.id, ScriptedPeerOptions::new())?)
    }

    /// Waits for the next step.
    async fn step(&mut self) -> Result<Step> {
        within(self.steps.recv()).await?.context("the agents have ended")
    }

    /// Ends all agents. Returns their last steps.
    async fn finish(mut self) -> Result<Vec<Step>> {
        let _ = self.shutdown.send(());
        within(self.serving).await???;
        let mut last = Vec::new();
        while let Some(step) = self.steps.recv().await {
            last.push(step);
        }
        Ok(last)
    }
}

/// Limits a wait. No test depends on the duration.
async fn within<T>(wait: impl Future<Output = T>) -> Result<T> {
    tokio::time::timeout(Duration::from_secs(120), wait).await.context("timed out")
}

/// Stays until the agent must leave.
async fn stay(mut room: OccupiedRoom) -> Result<()> {
    room.left().await;
    Ok(())
}

#[tokio::test]
async fn agent_joins_with_the_first_and_leaves_with_the_last_peer() -> Result<()> {
    let mut stage = Stage::new(stay).await?;
    let room = stage.room().await?;
    for _ in 0..2 {
        let first = stage.peer(&room).await?;
        assert_eq!(stage.step().await?, Step::Joined(room.clone()));
        let last = stage.peer(&room).await?;
        first.disconnect();
        last.disconnect();
        assert_eq!(stage.step().await?, Step::Left(room.clone()));
    }
    assert_eq!(stage.finish().await?, []);
    Ok(())
}

#[tokio::test]
async fn agent_stays_while_the_view_lacks_a_new_peer() -> Result<()> {
    let mut stage = Stage::new(stay).await?;
    let (room, other) = (stage.room().await?, stage.room().await?);
    let first = stage.peer(&room).await?;
    assert_eq!(stage.step().await?, Step::Joined(room.clone()));
    // Delays the read with which the view gets the second peer.
    stage.emulator.faults().on("get_room").times(1).status(503);
    let last = stage.peer(&room).await?;
    first.disconnect();
    let _visitor = stage.peer(&other).await?;
    assert_eq!(stage.step().await?, Step::Joined(other.clone()));
    last.disconnect();
    assert_eq!(stage.step().await?, Step::Left(room));
    assert_eq!(stage.finish().await?, [Step::Left(other)]);
    Ok(())
}

#[tokio::test]
async fn agents_do_not_occupy_a_room() -> Result<()> {
    let mut stage = Stage::new(stay).await?;
    let (room, other) = (stage.room().await?, stage.room().await?);
    let agent = stage.fishjam.create_agent(&room, AgentOptions::new()).await?.connect().await?;
    // The notifications arrive in this order.
    let peer = stage.peer(&other).await?;
    assert_eq!(stage.step().await?, Step::Joined(other.clone()));
    peer.disconnect();
    assert_eq!(stage.step().await?, Step::Left(other));
    agent.disconnect().await?;
    assert_eq!(stage.finish().await?, []);
    Ok(())
}

#[tokio::test]
async fn room_that_is_occupied_at_the_start_gets_an_agent() -> Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let room = fishjam.create_room(RoomOptions::new()).await?.id;
    let (peer, _token) = fishjam.create_peer(&room, PeerOptions::new()).await?;
    emulator.connect_peer(&room, &peer.id, ScriptedPeerOptions::new())?;
    let notifier = FishjamNotifier::new(emulator.url(), emulator.token())?;
    let (joined, mut joins) = mpsc::unbounded_channel();
    let agent = move |mut room: OccupiedRoom| {
        let joined = joined.clone();
        async move {
            let _ = joined.send(room.id().clone());
            room.left().await;
            Ok(())
        }
    };
    let shutdown = async { assert_eq!(joins.recv().await, Some(room)) };
    within(rooms::serve(&fishjam, &notifier, shutdown, agent)).await?
}

#[tokio::test]
async fn deleted_room_and_shutdown_end_the_agents() -> Result<()> {
    let mut stage = Stage::new(stay).await?;
    let (deleted, kept) = (stage.room().await?, stage.room().await?);
    for room in [&deleted, &kept] {
        stage.peer(room).await?;
        assert_eq!(stage.step().await?, Step::Joined(room.clone()));
    }
    stage.fishjam.delete_room(&deleted).await?;
    assert_eq!(stage.step().await?, Step::Left(deleted));
    assert_eq!(stage.finish().await?, [Step::Left(kept)]);
    Ok(())
}

#[tokio::test]
async fn states_of_the_room_reach_the_agent() -> Result<()> {
    let (counts, mut received) = mpsc::unbounded_channel();
    let mut stage = Stage::new(move |mut room: OccupiedRoom| {
        let counts = counts.clone();
        async move {
            let mut state = Some(room.state());
            while let Some(room_state) = state {
                let _ = counts.send(room_state.peers.len());
                state = room.changed().await;
            }
            Ok(())
        }
    })
    .await?;
    let room = stage.room().await?;
    let peer = stage.peer(&room).await?;
    assert_eq!(stage.step().await?, Step::Joined(room.clone()));
    let another = stage.peer(&room).await?;
    while within(received.recv()).await?.context("the agent ended")? != 2 {}
    stage.fishjam.delete_peer(&room, peer.peer_id()).await?;
    while within(received.recv()).await?.context("the agent ended")? != 1 {}
    another.disconnect();
    assert_eq!(stage.step().await?, Step::Left(room));
    stage.finish().await?;
    Ok(())
}

#[tokio::test]
async fn agent_leaves_if_the_last_peer_left_while_it_joined() -> Result<()> {
    let joined = Arc::new(Notify::new());
    let mut stage = Stage::new({
        let joined = Arc::clone(&joined);
        move |mut room: OccupiedRoom| {
            let joined = Arc::clone(&joined);
            async move {
                joined.notified().await;
                room.state();
                room.left().await;
                Ok(())
            }
        }
    })
    .await?;
    let (room, other) = (stage.room().await?, stage.room().await?);
    let peer = stage.peer(&room).await?;
    assert_eq!(stage.step().await?, Step::Joined(room.clone()));
    peer.disconnect();
    // The notifications arrive in this order.
    stage.peer(&other).await?;
    assert_eq!(stage.step().await?, Step::Joined(other.clone()));
    joined.notify_one();
    assert_eq!(stage.step().await?, Step::Left(room));
    joined.notify_one();
    assert_eq!(stage.finish().await?, [Step::Left(other)]);
    Ok(())
}

#[tokio::test]
async fn agent_that_fails_or_ends_early_joins_again() -> Result<()> {
    let visits = Arc::new(AtomicUsize::new(0));
    let mut stage = Stage::new({
        let visits = Arc::clone(&visits);
        move |room| {
            let visit = visits.fetch_add(1, Ordering::Relaxed);
            async move {
                match visit {
                    0 => bail!("sentinel"),
                    1 => Ok(()),
                    _ => stay(room).await,
                }
            }
        }
    })
    .await?;
    let room = stage.room().await?;
    let peer = stage.peer(&room).await?;
    for _ in 0..2 {
        assert_eq!(stage.step().await?, Step::Joined(room.clone()));
        assert_eq!(stage.step().await?, Step::Left(room.clone()));
    }
    assert_eq!(stage.step().await?, Step::Joined(room.clone()));
    peer.disconnect();
    assert_eq!(stage.step().await?, Step::Left(room));
    assert_eq!(stage.finish().await?, []);
    Ok(())
}

#[tokio::test]
async fn changes_during_an_outage_are_not_missed() -> Result<()> {
    let mut stage = Stage::new(stay).await?;
    let (left, deleted, joined) = (stage.room().await?, stage.room().await?, stage.room().await?);
    let peer = stage.peer(&left).await?;
    assert_eq!(stage.step().await?, Step::Joined(left.clone()));
    stage.peer(&deleted).await?;
    assert_eq!(stage.step().await?, Step::Joined(deleted.clone()));
    let (late, _token) = stage.fishjam.create_peer(&joined, PeerOptions::new()).await?;
    // The view does not receive the deletion.
    stage.emulator.server_sockets().drop_all();
    stage.fishjam.delete_room(&deleted).await?;
    let outage = stage.emulator.outage(Duration::MAX);
    peer.disconnect();
    stage.emulator.connect_peer(&joined, &late.id, ScriptedPeerOptions::new())?;
    outage.end();
    let mut steps = vec![stage.step().await?, stage.step().await?, stage.step().await?];
    steps.sort_by_key(|step| format!("{step:?}"));
    let mut expected = vec![Step::Left(left), Step::Left(deleted), Step::Joined(joined.clone())];
    expected.sort_by_key(|step| format!("{step:?}"));
    assert_eq!(steps, expected);
    assert_eq!(stage.finish().await?, [Step::Left(joined)]);
    Ok(())
}

#[tokio::test]
async fn shutdown_does_not_wait_for_a_server_that_is_down() -> Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let notifier = FishjamNotifier::new(emulator.url(), emulator.token())?;
    let _outage = emulator.outage(Duration::MAX);
    within(rooms::serve(&fishjam, &notifier, async {}, stay)).await?
}

#[tokio::test]
async fn refused_token_ends_the_service_with_an_error() -> Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), "wrong")?;
    let notifier = FishjamNotifier::new(emulator.url(), "wrong")?;
    let end = within(rooms::serve(&fishjam, &notifier, std::future::pending(), stay)).await?;
    let error = end.expect_err("the token is wrong");
    assert!(error.downcast_ref::<fishjam_sdk::Error>().is_some(), "{error:#}");
    Ok(())
}

#[tokio::test]
async fn end_of_the_room_is_a_success() -> Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    for end_of_room in [true, false] {
        let room = fishjam.create_room(RoomOptions::new()).await?.id;
        let mut session = fishjam.create_agent(&room, AgentOptions::new()).await?.connect().await?;
        if end_of_room {
            fishjam.delete_room(&room).await?;
        } else {
            emulator.agent_sockets().drop_all();
        }
        let end = within(session.receive()).await?.context("the last item is an error")?.map(drop);
        let outcome = rooms::leave(session.sender(), end.map_err(Into::into)).await;
        assert_eq!(outcome.is_ok(), end_of_room, "{outcome:?}");
    }
    Ok(())
}
