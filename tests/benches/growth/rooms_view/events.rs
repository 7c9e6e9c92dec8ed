//! The cost of events: by the number of rooms, of peers and of consumers.

use std::{
    cell::Cell,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, ensure};
use tokio::{
    runtime::Runtime,
    sync::Notify,
    task::AbortHandle,
    time::{sleep, timeout},
};

use super::{
    super::{
        curve::{Curve, Point},
        setup::{
            room_data,
            rooms_service::RoomsService,
            rounds::{Candidate, Turn, take_turns, turn},
            view::{Change, Changes, Kind},
        },
    },
    Followed, PEERS, ROUNDS, runtime,
};

/// The number of events of the first turn, which does not count.
const FIRST_EVENTS: u32 = 100;
/// The maximum number of events of a turn. The queue of the SDK's view has room for more.
const MAX_EVENTS: u32 = 10_000;
/// The intended processor time of a turn, in seconds.
const TURN: f64 = 0.04;
const LIMIT: Duration = Duration::from_secs(20);
/// Distributes the events over the rooms. Coprime to each number of rooms.
const STRIDE: usize = 7_919;
/// The number of rooms with many peers.
const LARGE_ROOMS: usize = 10;

pub(super) fn measure() -> anyhow::Result<Vec<Curve>> {
    let mut curves = vec![rooms()?, peers()?];
    curves.extend(consumers(
        PEERS,
        "Consumers of changes, rooms of 5 peers",
        "A further consumer of changes, rooms of 5 peers",
    )?);
    curves.extend(consumers(
        500,
        "Consumers of changes, rooms of 500 peers",
        "A further consumer of changes, rooms of 500 peers",
    )?);
    Ok(curves)
}

/// A server and both views of its rooms.
struct Pair {
    service: RoomsService,
    /// In the order of [`Kind::ALL`].
    views: Vec<Followed>,
    rooms: usize,
    /// The number of updates so far. The next updates are of other rooms.
    updated: Cell<usize>,
    runtime: Runtime,
}

impl Pair {
    /// Starts a server with one room more, for the last event of a turn.
    fn start(rooms: usize, peers: usize) -> anyhow::Result<Self> {
        let runtime = runtime()?;
        let service = RoomsService::start(rooms + 1, peers, Duration::ZERO)?;
        let start = |kind| runtime.block_on(Followed::start(kind, &service));
        let views = Kind::ALL.into_iter().map(start).collect::<anyhow::Result<_>>()?;
        Ok(Self { service, views, rooms, updated: Cell::new(0), runtime })
    }

    /// Returns the processor time of one event in both views. `turn` applies a number of events.
    fn compare(&self, size: usize, turn: impl Fn(&Followed, u32) -> anyhow::Result<Turn>) -> anyhow::Result<Point> {
        let candidate = |followed| {
            let (turn, mut events) = (&turn, FIRST_EVENTS);
            Candidate::new("", move || {
                let turn = turn(followed, events)?;
                let cpu = turn.cpu.context("no processor time of a thread; this needs Linux")?;
                events = ((TURN / cpu) as u32).clamp(FIRST_EVENTS, MAX_EVENTS);
                Ok(turn)
            })
        };
        let mut candidates: Vec<_> = self.views.iter().map(candidate).collect();
        let measured = take_turns(ROUNDS, &mut candidates)?;
        let [bare, sdk] = &measured[..] else { anyhow::bail!("there are two views") };
        let micros = |cpu: Option<f64>| cpu.unwrap_or(f64::NAN) * 1e6;
        Ok(Point { size: size as u64, sdk: micros(sdk.cpu), bare: Some(micros(bare.cpu)) })
    }

    /// Returns updates of distinct rooms, as long as there are enough.
    fn updates(&self, events: usize) -> Vec<u8> {
        let first = self.updated.replace(self.updated.get() + events);
        self.service.updates((first..first + events).map(|number| number * STRIDE % self.rooms))
    }

    /// Sends events as fast as possible and waits until the last event is `seen`.
    fn flood<S: Future<Output = anyhow::Result<()>>>(
        &self,
        followed: &Followed,
        events: u32,
        seen: impl FnOnce(String, u64) -> S,
    ) -> anyhow::Result<Turn> {
        let mut frames = self.updates(events as usize - 1);
        let (last, number) = self.service.update(self.rooms);
        frames.extend(last);
        let seen = seen(room_data::room_id(self.rooms), number);
        turn(events, || {
            self.service.send(followed.socket, frames)?;
            self.runtime.block_on(async { timeout(LIMIT, seen).await.context("events are missing")? })
        })
    }
}

/// No consumer of changes, so that no room is copied.
fn rooms() -> anyhow::Result<Curve> {
    let mut points = Vec::new();
    for rooms in [100, 1_000, 10_000, 50_000, 100_000] {
        let pair = Pair::start(rooms, PEERS)?;
        points.push(pair.compare(rooms, |followed, events| {
            pair.flood(followed, events, async |room, number| {
                while followed.view.get(&room).context("no room")?.update() != Some(number) {
                    sleep(Duration::from_millis(1)).await;
                }
                Ok(())
            })
        })?);
    }
    Ok(Curve {
        title: "Rooms of a view",
        size: "rooms",
        cost: "µs of CPU per event",
        bare: "tokio-tungstenite, prost and a map behind a lock",
        goal: "50,000 rooms at most 2 times 100 rooms",
        points,
    })
}

/// Several events of the same room wait together, and the consumer is behind.
fn peers() -> anyhow::Result<Curve> {
    let mut points = Vec::new();
    for peers in [5, 50, 500, 1_000] {
        let pair = Pair::start(LARGE_ROOMS, peers)?;
        points.push(pair.compare(peers, |followed, events| {
            let mut changes = followed.view.changes();
            pair.flood(followed, events, async move |room, number| {
                loop {
                    if let Change::Room(changed) = changes.next().await?
                        && changed.id() == room
                        && changed.update() == Some(number)
                    {
                        return Ok(());
                    }
                }
            })
        })?);
    }
    Ok(Curve {
        title: "Peers of a room",
        size: "peers",
        cost: "µs of CPU per event, with one consumer of all changes of 10 rooms",
        bare: "tokio-tungstenite, prost, a map behind a lock and a broadcast of `Arc`",
        goal: "500 peers at most 3 times 5 peers",
        points,
    })
}

/// Each room changes once, then the consumers read the changes. So each consumer receives each event.
fn consumers(peers: usize, title: &'static str, further: &'static str) -> anyhow::Result<[Curve; 2]> {
    let pair = Pair::start(LARGE_ROOMS, peers)?;
    let mut points = Vec::new();
    for consumers in [1, 10, 100] {
        points.push(pair.compare(consumers, |followed, events| read_together(&pair, followed, consumers, events))?);
    }
    let one = points.first().map(|one| (one.sdk, one.bare)).context("no consumer")?;
    let per_consumer = |point: &Point| {
        let further = (point.size - 1) as f64;
        // If further consumers cost less than the noise, the difference can be negative.
        let cost = |many: f64, one: f64| ((many - one) / further).max(0.0);
        let bare = point.bare.zip(one.1).map(|(many, one)| cost(many, one));
        Point { size: point.size, sdk: cost(point.sdk, one.0), bare }
    };
    let further_points = points.iter().skip(1).map(per_consumer).collect();
    let curve = |title, cost, goal, points| {
        let bare = "tokio-tungstenite, prost, a map behind a lock and a broadcast of `Arc`";
        Curve { title, size: "consumers", cost, bare, goal, points }
    };
    Ok([
        curve(title, "µs of CPU per event", "the next table", points),
        curve(further, "µs of CPU per event and further consumer", "at most 1 µs", further_points),
    ])
}

/// Applies this number of events in small groups. A group follows when each consumer has read the group before.
fn read_together(pair: &Pair, followed: &Followed, consumers: usize, events: u32) -> anyhow::Result<Turn> {
    let read = Arc::new(Read::default());
    let tasks: Vec<Task> = pair
        .runtime
        .block_on(async { (0..consumers).map(|_| Task::spawn(followed.view.changes(), Arc::clone(&read))).collect() });
    let groups = events.div_ceil(LARGE_ROOMS as u32);
    let frames: Vec<_> = (0..groups).map(|_| pair.updates(LARGE_ROOMS)).collect();
    let measured = turn(groups * LARGE_ROOMS as u32, || {
        pair.runtime.block_on(async {
            for frames in frames {
                read.goal.fetch_add((LARGE_ROOMS * consumers) as u64, Ordering::Relaxed);
                pair.service.send(followed.socket, frames)?;
                timeout(LIMIT, read.wait()).await.context("changes are missing")?;
            }
            Ok(())
        })
    });
    ensure!(tasks.iter().all(|task| !task.0.is_finished()), "a consumer ended");
    measured
}

/// The changes that all consumers have read.
#[derive(Default)]
struct Read {
    changes: AtomicU64,
    goal: AtomicU64,
    reached: Notify,
}

impl Read {
    fn add(&self, changes: u64) {
        if self.changes.fetch_add(changes, Ordering::Relaxed) + changes >= self.goal.load(Ordering::Relaxed) {
            self.reached.notify_one();
        }
    }

    async fn wait(&self) {
        while self.changes.load(Ordering::Relaxed) < self.goal.load(Ordering::Relaxed) {
            self.reached.notified().await;
        }
    }
}

/// A consumer. It ends when it is dropped.
struct Task(AbortHandle);

impl Task {
    fn spawn(mut changes: Changes, read: Arc<Read>) -> Self {
        let consume = async move {
            while let Ok(change) = changes.next().await {
                read.add(match change {
                    Change::Room(_) => 1,
                    Change::Lost(changes) => changes,
                });
            }
        };
        Self(tokio::spawn(consume).abort_handle())
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}
