//! A resync: its time, its memory, and the wait of a reader meanwhile.

use std::{
    cell::RefCell,
    hint::black_box,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::{anyhow, bail};
use tokio::{runtime::Runtime, time::sleep};

use super::{
    super::{
        child,
        curve::{Curve, Point},
        setup::{
            bare, room_data,
            rooms_service::RoomsService,
            rounds::{Candidate, Turn, median, take_turns},
            view::{self, Kind, View},
        },
    },
    PEERS, ROUNDS, runtime,
};

const SIZES: [usize; 3] = [1_000, 10_000, 50_000];
/// The part of the rooms that differ after a gap.
const CHANGED: usize = 10;
/// The time between two reads of the reader.
const EVERY: Duration = Duration::from_micros(100);

pub(super) fn measure() -> anyhow::Result<Vec<Curve>> {
    let [mut listed, mut resynced, mut waits, mut peaks, mut bare_peaks] = [const { Vec::new() }; 5];
    for rooms in SIZES {
        let service = RoomsService::start(rooms, PEERS, Duration::ZERO)?;
        let size = rooms as u64;
        let [all, bare, sdk] = times(&service, rooms)?;
        listed.push(Point { size, sdk: sdk.seconds * 1e3, bare: Some(all.seconds * 1e3) });
        resynced.push(Point { size, sdk: sdk.seconds * 1e3, bare: Some(bare.seconds * 1e3) });
        waits.push(Point { size, sdk: sdk.longest_get * 1e3, bare: Some(bare.longest_get * 1e3) });
        let peak = |candidate| child::run::<1>("resync", &[candidate, service.url()]);
        let ([all], [bare], [sdk]) = (peak("get_all_rooms")?, peak("bare")?, peak("sdk")?);
        peaks.push(Point { size, sdk, bare: Some(all) });
        bare_peaks.push(Point { size, sdk, bare: Some(bare) });
    }
    let curve = |title, cost, bare, goal, points| Curve { title, size: "rooms", cost, bare, goal, points };
    let (call, crates) = ("`get_all_rooms` of the SDK", "reqwest, serde_json and a map behind a lock");
    let bytes = "MB of peak memory, in a process of its own";
    Ok(vec![
        curve("Resync of a view, next to `get_all_rooms`", "ms", call, "at most 1.3 times", listed),
        curve("Resync of a view", "ms", crates, "as the crates", resynced),
        curve("Longest wait of `get` during a resync", "ms", crates, "at most 5 ms at 10,000 rooms", waits),
        curve("Memory of a resync, next to `get_all_rooms`", bytes, call, "at most 2.5 times", peaks),
        curve("Memory of a resync", bytes, crates, "as the crates", bare_peaks),
    ])
}

/// Figures of a candidate: medians, in seconds.
struct Figures {
    seconds: f64,
    longest_get: f64,
}

/// Measures `get_all_rooms`, a resync of the bare view, and a resync of the SDK's view.
fn times(service: &RoomsService, rooms: usize) -> anyhow::Result<[Figures; 3]> {
    let runtime = runtime()?;
    let fishjam = view::client(service.url())?;
    let views: Vec<View> = Kind::ALL
        .into_iter()
        .map(|kind| runtime.block_on(View::start(kind, service.url())))
        .collect::<anyhow::Result<_>>()?;
    let [bare, sdk] = &views[..] else { anyhow::bail!("there are two views") };
    let waits: [RefCell<Vec<f64>>; 2] = Default::default();
    let resynced = |view: &View, waits: &RefCell<Vec<f64>>| {
        service.join(rooms / CHANGED);
        let id = room_data::room_id(rooms / 2);
        let (turn, longest) =
            while_reading(|| drop(black_box(view.get(&id))), || timed(service, || resync(&runtime, service, view)))?;
        waits.borrow_mut().push(longest.as_secs_f64());
        Ok(turn)
    };
    let mut candidates = [
        Candidate::new("get_all_rooms", || timed(service, || Ok(runtime.block_on(fishjam.get_all_rooms())?))),
        Candidate::new("bare", || resynced(bare, &waits[0])),
        Candidate::new("fishjam-sdk", || resynced(sdk, &waits[1])),
    ];
    let measured = take_turns(ROUNDS, &mut candidates)?;
    let [all, bare, sdk] = &measured[..] else { anyhow::bail!("there are three candidates") };
    let longest = |at: usize| median(waits[at].borrow().iter().copied());
    Ok([(all, f64::NAN), (bare, longest(0)), (sdk, longest(1))]
        .map(|(measured, longest_get)| Figures { seconds: measured.wall, longest_get }))
}

/// Returns the time from the arrival of the request for all rooms to the end of `work`, without the drop of its result.
fn timed<T>(service: &RoomsService, work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<Turn> {
    let _result = work()?;
    Ok(Turn { wall: service.list_requested().elapsed().as_secs_f64(), cpu: None })
}

fn resync(runtime: &Runtime, service: &RoomsService, view: &View) -> anyhow::Result<()> {
    match view {
        View::Bare(view) => runtime.block_on(view.resync()),
        View::Sdk(view) => {
            let before = service.list_requested();
            service.close_sockets();
            runtime.block_on(async {
                while service.list_requested() == before {
                    sleep(Duration::from_millis(1)).await;
                }
                Ok(view.wait_live().await?)
            })
        }
    }
}

/// Runs `work` while another thread calls `read`. Returns the longest call.
fn while_reading<T>(read: impl Fn() + Sync, work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<(T, Duration)> {
    let stopped = AtomicBool::new(false);
    thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut longest = Duration::ZERO;
            while !stopped.load(Ordering::Relaxed) {
                let began = Instant::now();
                read();
                longest = longest.max(began.elapsed());
                thread::sleep(EVERY);
            }
            longest
        });
        let done = work();
        stopped.store(true, Ordering::Relaxed);
        let longest = reader.join().map_err(|_| anyhow!("the reader broke"))?;
        Ok((done?, longest))
    })
}

/// The task of a child process: returns the peak memory of a list or of a resync, in megabytes.
pub(crate) fn run_task(arguments: &[&str]) -> anyhow::Result<Vec<f64>> {
    let [candidate, url] = *arguments else { bail!("wrong arguments: {arguments:?}") };
    let runtime = runtime()?;
    let before = child::memory()?;
    runtime.block_on(async {
        match candidate {
            "get_all_rooms" => drop(black_box(view::client(url)?.get_all_rooms().await?)),
            "bare" => {
                if let View::Bare(view) = View::start(Kind::Bare, url).await? {
                    change_rooms(url).await?;
                    view.resync().await?;
                }
            }
            "sdk" => {
                if let View::Sdk(view) = View::start(Kind::Sdk, url).await? {
                    change_rooms(url).await?;
                    while view.is_live() {
                        sleep(EVERY).await;
                    }
                    view.wait_live().await?;
                }
            }
            _ => bail!("unknown candidate {candidate}"),
        }
        Ok(vec![(child::peak_memory()? - before) / 1e6])
    })
}

/// Changes a part of the rooms and closes all sockets.
async fn change_rooms(url: &str) -> anyhow::Result<()> {
    let _changed: u64 = bare::get(&bare::client()?, &format!("{url}/control/gap/{CHANGED}")).await?;
    Ok(())
}
