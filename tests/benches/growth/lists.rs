//! Long lists: time and memory.
//!
//! Both candidates keep metadata as text. A child process measures the memory, so that the other candidate, the server
//! and earlier lists do not count.

use std::{fs, hint::black_box};

use anyhow::{Context, bail};
use fishjam_sdk::FishjamClient;
use serde_json::value::RawValue;
use tokio::runtime::{self, Runtime};

use super::{
    child,
    curve::{Curve, Point},
    setup::{
        bare, fixed_response,
        rounds::{Candidate, median, take_turns, turn},
    },
};

const SIZES: [usize; 5] = [100, 1_000, 10_000, 50_000, 100_000];
const PEERS: usize = 5;
const ROUNDS: usize = 3;
/// The memory of short lists is measured with many of them, because the allocator works with whole pages.
const MEASURED_ROOMS: usize = 10_000;

type BareRooms = Vec<bare::Room<Box<RawValue>>>;

pub(crate) fn measure() -> anyhow::Result<Vec<Curve>> {
    let curve = |title, cost, goal| Curve {
        title,
        size: "rooms",
        cost,
        bare: "reqwest and serde_json, with metadata as raw text",
        goal,
        points: Vec::new(),
    };
    let mut time = curve("Rooms of a list: time", "ms per list", "1.5 of bare");
    let mut peak = curve("Rooms of a list: peak memory", "MB while the list is read", "1.5 of bare");
    let mut kept = curve("Rooms of a list: memory of the rooms", "bytes per byte of JSON", "3 bytes");
    let mut compared = Curve {
        bare: "none",
        ..curve("Rooms of a list: comparison", "µs per room, with an equal list of another response", "no growth")
    };
    let warm_up_url = fixed_response::serve(&list(1)?)?;
    for size in SIZES {
        let body = list(size)?;
        let url = fixed_response::serve(&body)?;
        let [bare_time, sdk_time] = times(&url, size)?;
        compared.points.push(Point { size: size as u64, sdk: comparison(&url, size)?, bare: None });
        let point = |sdk: f64, bare: f64| Point { size: size as u64, sdk, bare: Some(bare) };
        time.points.push(point(sdk_time, bare_time));
        let [bare, sdk] = ["bare", "sdk"].map(|candidate| memory(candidate, &warm_up_url, &url, size));
        let (bare, sdk) = (bare?, sdk?);
        peak.points.push(point(sdk.peak / 1e6, bare.peak / 1e6));
        kept.points.push(point(sdk.kept / body.len() as f64, bare.kept / body.len() as f64));
    }
    Ok(vec![time, peak, kept, compared])
}

/// Returns the response with a list of rooms.
fn list(rooms: usize) -> anyhow::Result<Vec<u8>> {
    let mut body = b"{\"data\":[".to_vec();
    for number in 0..rooms {
        if number > 0 {
            body.push(b',');
        }
        serde_json::to_writer(&mut body, &fixed_response::room(number, PEERS))?;
    }
    body.extend_from_slice(b"]}");
    Ok(body)
}

/// Lists the rooms with both candidates. Returns the milliseconds of each: bare, then the SDK.
fn times(url: &str, size: usize) -> anyhow::Result<[f64; 2]> {
    let (runtime, candidates) = (runtime()?, Candidates::new(url)?);
    // A turn of a short list has several requests, because the time of one request varies.
    let requests = (MEASURED_ROOMS / size).clamp(1, 20) as u32;
    let repeat = |once: &dyn Fn() -> anyhow::Result<usize>| {
        turn(requests, || {
            for _ in 0..requests {
                anyhow::ensure!(once()? == size);
            }
            Ok(())
        })
    };
    let measured = take_turns(
        ROUNDS,
        &mut [
            Candidate::new("bare", || repeat(&|| Ok(black_box(runtime.block_on(candidates.bare())?).len()))),
            Candidate::new("fishjam-sdk", || repeat(&|| Ok(black_box(runtime.block_on(candidates.sdk())?).len()))),
        ],
    )?;
    let [bare, sdk] = measured.as_slice() else { anyhow::bail!("two candidates are measured") };
    Ok([bare.wall * 1e3, sdk.wall * 1e3])
}

/// Compares two equal lists. Returns the microseconds per room.
fn comparison(url: &str, size: usize) -> anyhow::Result<f64> {
    let (runtime, candidates) = (runtime()?, Candidates::new(url)?);
    let lists = [runtime.block_on(candidates.sdk())?, runtime.block_on(candidates.sdk())?];
    let repeats = (MEASURED_ROOMS / size).max(1);
    let compare = || {
        turn((repeats * size) as u32, || {
            for _ in 0..repeats {
                anyhow::ensure!(black_box(&lists[0]) == black_box(&lists[1]));
            }
            Ok(())
        })
    };
    let measured = take_turns(ROUNDS, &mut [Candidate::new("fishjam-sdk", compare)])?;
    Ok(measured.first().context("a candidate is measured")?.wall * 1e6)
}

struct Candidates {
    fishjam: FishjamClient,
    http: reqwest::Client,
    rooms_url: String,
}

impl Candidates {
    fn new(url: &str) -> anyhow::Result<Self> {
        let fishjam = FishjamClient::new(url, bare::TOKEN)?;
        Ok(Self { fishjam, http: bare::client()?, rooms_url: format!("{url}/room") })
    }

    async fn sdk(&self) -> anyhow::Result<Vec<fishjam_sdk::Room>> {
        Ok(self.fishjam.get_all_rooms().await?)
    }

    async fn bare(&self) -> anyhow::Result<BareRooms> {
        bare::get(&self.http, &self.rooms_url).await
    }
}

fn runtime() -> anyhow::Result<Runtime> {
    Ok(runtime::Builder::new_current_thread().enable_all().build()?)
}

/// Memory of a list in bytes.
struct Memory {
    /// The largest amount while the list was read.
    peak: f64,
    /// The amount of the rooms afterwards.
    kept: f64,
}

/// Measures the memory of a candidate in child processes.
fn memory(candidate: &str, warm_up_url: &str, url: &str, size: usize) -> anyhow::Result<Memory> {
    let lists = (MEASURED_ROOMS / size).max(1).to_string();
    let turns: Vec<[f64; 2]> = (0..ROUNDS)
        .map(|_| child::run("list", &[candidate, warm_up_url, url, &lists]))
        .collect::<anyhow::Result<_>>()?;
    let [peak, kept] = [0, 1].map(|figure| median(turns.iter().map(|turn| turn[figure])));
    Ok(Memory { peak, kept })
}

/// The task of a child process: returns the peak and the remaining memory of a list, in bytes.
pub(crate) fn run_task(arguments: &[&str]) -> anyhow::Result<Vec<f64>> {
    let [candidate, warm_up_url, url, lists] = *arguments else { bail!("wrong arguments: {arguments:?}") };
    let (runtime, lists) = (runtime()?, lists.parse()?);
    match candidate {
        "bare" => measure_memory(warm_up_url, url, lists, |url| runtime.block_on(Candidates::new(url)?.bare())),
        _ => measure_memory(warm_up_url, url, lists, |url| runtime.block_on(Candidates::new(url)?.sdk())),
    }
}

fn measure_memory<T>(
    warm_up_url: &str,
    url: &str,
    lists: u32,
    read: impl Fn(&str) -> anyhow::Result<T>,
) -> anyhow::Result<Vec<f64>> {
    drop(read(warm_up_url)?);
    let before = child::memory()?;
    // The peak of the start does not count.
    fs::write("/proc/self/clear_refs", "5")?;
    let mut kept = vec![read(url)?];
    let peak = child::peak_memory()? - before;
    for _ in 1..lists {
        kept.push(read(url)?);
    }
    let memory = (child::memory()? - before) / f64::from(lists);
    drop(black_box(kept));
    Ok(vec![peak, memory])
}
