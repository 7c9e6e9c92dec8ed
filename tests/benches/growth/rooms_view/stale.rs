//! Stale rooms: the time until the view has read them, and the wait of other events meanwhile.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use tokio::{
    runtime::Runtime,
    time::{sleep, timeout},
};

use super::{
    super::{
        curve::{Curve, Point},
        setup::{
            room_data,
            rooms_service::RoomsService,
            rounds::median,
            view::{Change, Kind, Room},
        },
    },
    Followed, PEERS, ROUNDS, runtime,
};

/// The number of rooms of the account.
const ROOMS: usize = 5_000;
/// The room of the events that have nothing to do with the joins.
const UNRELATED: usize = ROOMS - 1;
/// A turn ends after this time. Its result then follows from the joins that have appeared.
const LIMIT: Duration = Duration::from_millis(2_500);
/// The pause after the start of a view. The SDK's view waits this long between a read of all rooms and its next read.
const SETTLED: Duration = Duration::from_millis(220);
/// The time between two unrelated events.
const EVERY: Duration = Duration::from_millis(10);

pub(super) fn measure() -> anyhow::Result<Vec<Curve>> {
    let fast = curves(
        Duration::ZERO,
        "Stale rooms, responses without a delay",
        "Wait of an unrelated event, responses without a delay",
    )?;
    let slow = curves(
        Duration::from_millis(20),
        "Stale rooms, responses of 20 ms",
        "Wait of an unrelated event, responses of 20 ms",
    )?;
    Ok(fast.into_iter().chain(slow).collect())
}

fn curves(delay: Duration, joins: &'static str, event: &'static str) -> anyhow::Result<[Curve; 2]> {
    let runtime = runtime()?;
    let service = Arc::new(RoomsService::start(ROOMS, PEERS, delay)?);
    let (mut join_points, mut event_points) = (Vec::new(), Vec::new());
    for stale in [100, 1_000, 4_000] {
        let mut rounds: [Vec<Waits>; 2] = Default::default();
        for round in 0..ROUNDS {
            let mut order = Kind::ALL;
            order.rotate_left(round % 2);
            for kind in order {
                rounds[usize::from(kind == Kind::Sdk)].push(join(&runtime, &service, kind, stale)?);
            }
        }
        let point = |wait: fn(&Waits) -> Duration| {
            let [bare, sdk] = rounds.each_ref().map(|waits| median(waits.iter().map(|waits| millis(wait(waits)))));
            Point { size: stale as u64, sdk, bare: Some(bare) }
        };
        join_points.push(point(|waits| waits.joins));
        event_points.push(point(|waits| waits.event));
    }
    let curve = |title, cost, goal, points| Curve {
        title,
        size: "joins",
        cost,
        bare: "64 requests in flight beside the events",
        goal,
        points,
    };
    Ok([
        curve(joins, "ms until all joins appear", "1,000 joins within 1,000 ms", join_points),
        curve(event, "ms, the longest", "at most 100 ms", event_points),
    ])
}

/// The longest waits of a turn.
struct Waits {
    joins: Duration,
    event: Duration,
}

/// Sends joins in different rooms to a new view, and reads its changes until all joins have appeared.
fn join(runtime: &Runtime, service: &Arc<RoomsService>, kind: Kind, stale: usize) -> anyhow::Result<Waits> {
    let followed = runtime.block_on(Followed::start(kind, service))?;
    runtime.block_on(async { sleep(SETTLED).await });
    let mut changes = followed.view.changes();
    let (frames, turn) = service.join(stale);
    let missing = (0..stale).map(|room| (room_data::room_id(room), room_data::joined_id(room, turn))).collect();
    let unrelated = UnrelatedEvents::start(Arc::clone(service), followed.socket);
    let sent = Arc::clone(&unrelated.sent);
    let mut observer = Observer { missing, unrelated: room_data::room_id(UNRELATED), sent, longest: Duration::ZERO };
    let began = Instant::now();
    service.send(followed.socket, frames)?;
    let mut read_until = async |end: fn(&Observer) -> bool, limit: Duration| {
        let read = async {
            while !end(&observer) {
                match changes.next().await? {
                    Change::Room(room) => observer.see(&room),
                    // The consumer lists the rooms again, as documented.
                    Change::Lost(_) => followed.view.list().iter().for_each(|room| observer.see(room)),
                }
            }
            anyhow::Ok(())
        };
        // After the limit, some joins have not appeared.
        timeout(limit, read).await.unwrap_or(Ok(()))
    };
    runtime.block_on(read_until(|observer| observer.missing.is_empty(), LIMIT))?;
    let joins = began.elapsed();
    drop(unrelated);
    // The view that reached the limit has no time for them.
    let rest = LIMIT.saturating_sub(joins);
    runtime.block_on(read_until(|observer| observer.sent().is_empty(), rest))?;
    let first_unseen = observer.sent().front().map(|(_, sent)| sent.elapsed());
    let event = observer.longest.max(first_unseen.unwrap_or_default());
    let appeared = stale - observer.missing.len();
    Ok(Waits { joins: joins.mul_f64(stale as f64 / appeared.max(1) as f64), event })
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

type Sent = Arc<Mutex<VecDeque<(u64, Instant)>>>;

/// Sends an event of a room that is not stale, again and again, until it is dropped.
///
/// The events have a thread of their own, so that a view that occupies its thread does not delay them.
struct UnrelatedEvents {
    /// The numbers and times of the events that the observer has not seen.
    sent: Sent,
    stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl UnrelatedEvents {
    fn start(service: Arc<RoomsService>, socket: usize) -> Self {
        let (sent, stopped) = (Sent::default(), Arc::new(AtomicBool::new(false)));
        let (recorded, stop) = (Arc::clone(&sent), Arc::clone(&stopped));
        let thread = thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                let (frame, number) = service.update(UNRELATED);
                recorded.lock().unwrap_or_else(PoisonError::into_inner).push_back((number, Instant::now()));
                if service.send(socket, frame).is_err() {
                    return;
                }
                thread::sleep(EVERY);
            }
        });
        Self { sent, stopped, thread: Some(thread) }
    }
}

impl Drop for UnrelatedEvents {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// Sees the changes of a view.
struct Observer {
    /// The rooms whose new peer has not appeared, with the peer.
    missing: HashMap<String, String>,
    unrelated: String,
    sent: Sent,
    /// The longest wait of an unrelated event.
    longest: Duration,
}

impl Observer {
    fn see(&mut self, room: &Room) {
        if room.id() == self.unrelated {
            let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
            // A change can stand for several events.
            while let Some((_, at)) = sent.front().filter(|(number, _)| room.update() >= Some(*number)) {
                self.longest = self.longest.max(at.elapsed());
                sent.pop_front();
            }
        } else if self.missing.get(room.id()).is_some_and(|peer| room.last_peer() == Some(peer)) {
            self.missing.remove(room.id());
        }
    }

    fn sent(&self) -> MutexGuard<'_, VecDeque<(u64, Instant)>> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
