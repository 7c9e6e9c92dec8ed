//! Long lists: time and memory.
//!
//! Both candidates keep metadata as text. A child process measures the memory, so that the other candidate, the server
//! and earlier lists do not count.

use std::{fs, hint::black_box, process::Command};

use anyhow::Context;
use fishjam_sdk::FishjamClient;
use serde_json::value::RawValue;
use tokio::runtime::{self, Runtime};

use super::{
    curve::{Curve, Point},
    setup::{
        bare, fixed_response,
        rounds::{Candidate, take_turns, turn},
    },
};

const SIZES: [usize; 5] = [100, 1_000, 10_000, 50_000, 100_000];
const PEERS: usize = 5;
const ROUNDS: usize = 3;
/// The memory of short lists is measured with many of them, because the allocator works with whole pages.
const MEASURED_ROOMS: usize = 10_000;
/// Environment variable with the candidate whose memory the process measures.
const CHILD: &str = "FISHJAM_BENCH_LIST";
/// Environment variables with the servers of a short list and of the measured list, and the number of lists.
const WARM_UP_URL: &str = "FISHJAM_BENCH_LIST_WARM_UP_URL";
const URL: &str = "FISHJAM_BENCH_LIST_URL";
const LISTS: &str = "FISHJAM_BENCH_LIST_COUNT";

type BareRooms = Vec<bare::Room<Box<RawValue>>>;

pub(crate) fn measure() -> anyhow::Result<Vec<Curve>> {
    if let Ok(candidate) = std::env::var(CHILD) {
        measure_memory(&candidate)?;
        std::process::exit(0);
    }
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

/// Measures the memory of a candidate in a child process.
fn memory(candidate: &str, warm_up_url: &str, url: &str, size: usize) -> anyhow::Result<Memory> {
    let lists = (MEASURED_ROOMS / size).max(1);
    let mut turns = Vec::new();
    for _ in 0..ROUNDS {
        let output = Command::new(std::env::current_exe()?)
            .args(["--bench", "lists"])
            .envs([(CHILD, candidate), (WARM_UP_URL, warm_up_url), (URL, url)])
            .env(LISTS, lists.to_string())
            .output()?;
        let printed = String::from_utf8_lossy(&output.stdout);
        let figures = printed.lines().last().and_then(|line| line.split_once(' '));
        let (peak, kept) = figures.with_context(|| format!("{printed}{}", String::from_utf8_lossy(&output.stderr)))?;
        turns.push((peak.parse::<u64>()?, kept.parse::<u64>()?));
    }
    let median = |mut figures: Vec<u64>| {
        figures.sort_unstable();
        figures[figures.len() / 2] as f64
    };
    let (peaks, kept) = turns.into_iter().unzip();
    Ok(Memory { peak: median(peaks), kept: median(kept) })
}

/// The work of a child process: prints the peak and the remaining memory of a list in bytes.
fn measure_memory(candidate: &str) -> anyhow::Result<()> {
    let runtime = runtime()?;
    let lists: u64 = std::env::var(LISTS)?.parse()?;
    match candidate {
        "bare" => print_memory(lists, |url| runtime.block_on(Candidates::new(url)?.bare())),
        _ => print_memory(lists, |url| runtime.block_on(Candidates::new(url)?.sdk())),
    }
}

fn print_memory<T>(lists: u64, read: impl Fn(&str) -> anyhow::Result<T>) -> anyhow::Result<()> {
    let url = std::env::var(URL)?;
    drop(read(&std::env::var(WARM_UP_URL)?)?);
    let before = status("VmRSS:")?;
    // The peak of the start does not count.
    fs::write("/proc/self/clear_refs", "5")?;
    let mut kept = vec![read(&url)?];
    let peak = status("VmHWM:")?.saturating_sub(before);
    for _ in 1..lists {
        kept.push(read(&url)?);
    }
    println!("{peak} {}", status("VmRSS:")?.saturating_sub(before) / lists);
    drop(black_box(kept));
    Ok(())
}

/// Returns a figure of this process's memory in bytes.
fn status(name: &str) -> anyhow::Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).with_context(|| format!("no {name}"))?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
}
