//! Agents that talk, connect and pace their audio.
//!
//! `-- agents paced` measures one part. The others are `talking` and `connecting`.

use std::{
    env,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use fishjam_sdk::agent::{
    Agent, AgentMessage, AgentSession, Delivery, OutgoingAudioTrackOptions, PacedTrack, PacingOptions, SampleRate,
};
use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::{
    runtime,
    task::{JoinSet, LocalSet},
    time::sleep,
};
use tokio_tungstenite::tungstenite::Bytes;

use super::{
    curve::{Curve, Point},
    setup::{
        agent_service::{AgentService, CHUNK, EVERY, Pace},
        bare_agent::{BareAgent, ticks},
        rounds::{cpu_seconds, median},
    },
};

const ROUNDS: usize = 3;
const BARE: &str = "tokio-tungstenite and prost";
/// The number of connections that a turn opens at the same time, if connecting is not measured.
const AT_ONCE: usize = 50;

/// Implementation of the agents.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Bare,
    Sdk,
}

/// A part of this group.
type Part = fn() -> anyhow::Result<Vec<Curve>>;

pub(crate) fn measure() -> anyhow::Result<Vec<Curve>> {
    let parts: [(&str, Part); 3] = [("talking", talking), ("paced", paced), ("connecting", connecting)];
    let chosen: Vec<String> = env::args().filter(|arg| parts.iter().any(|(name, _)| name == arg)).collect();
    let mut curves = Vec::new();
    for (name, part) in parts {
        if chosen.is_empty() || chosen.iter().any(|chosen| chosen == name) {
            curves.extend(part()?);
        }
    }
    Ok(curves)
}

/// Measures the costs of both kinds in turns, each in a runtime of its own. Returns the medians of each cost.
fn turns<const COSTS: usize>(
    mut turn: impl FnMut(&runtime::Runtime, Kind) -> anyhow::Result<[f64; COSTS]>,
) -> anyhow::Result<[[f64; COSTS]; 2]> {
    let mut rounds = [Vec::new(), Vec::new()];
    for round in 0..ROUNDS {
        let mut order = [Kind::Bare, Kind::Sdk];
        order.rotate_left(round % 2);
        for kind in order {
            let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
            rounds[usize::from(kind == Kind::Sdk)].push(turn(&runtime, kind)?);
        }
    }
    Ok(rounds.map(|rounds| std::array::from_fn(|cost| median(rounds.iter().map(|costs| costs[cost])))))
}

fn point(size: usize, bare: f64, sdk: f64) -> Point {
    Point { size: size as u64, sdk, bare: Some(bare) }
}

/// Runs the work and returns the processor time of this thread.
async fn cpu_of(work: impl Future<Output = ()>) -> f64 {
    let before = cpu_seconds();
    work.await;
    cpu_seconds().zip(before).map_or(f64::NAN, |(after, before)| after - before)
}

/// Agents that send and receive in real time.
fn talking() -> anyhow::Result<Vec<Curve>> {
    let service = AgentService::start(Pace::RealTime)?;
    let all = service.create_agents(2_000)?;
    let mut points = Vec::new();
    for size in [1, 10, 100, 500, 1_000, 2_000] {
        let agents = &all[..size];
        let [bare, sdk] = turns(|runtime, kind| runtime.block_on(talk(&service, kind, agents)))?;
        points.push(point(size, bare[0], sdk[0]));
    }
    Ok(vec![Curve {
        title: "Agents that talk",
        size: "agents",
        cost: "µs of CPU per chunk, sent or received",
        bare: BARE,
        goal: "a ratio of at most 1.5",
        points,
    }])
}

async fn talk(service: &AgentService, kind: Kind, agents: &[Agent]) -> anyhow::Result<[f64; 1]> {
    let heard = Arc::new(AtomicU64::new(0));
    let mut tasks = JoinSet::new();
    let mut connected = stream::iter(agents).map(|agent| connect(kind, agent)).buffer_unordered(AT_ONCE);
    while let Some(agent) = connected.try_next().await? {
        tasks.spawn(agent.talk(Arc::clone(&heard)));
    }
    drop(connected);
    sleep(Duration::from_millis(100)).await;
    let chunks = || heard.load(Ordering::Relaxed) + service.heard();
    let before = chunks();
    let cpu = cpu_of(sleep(Duration::from_millis(400))).await;
    ensure!(tasks.try_join_next().is_none(), "an agent ended early");
    Ok([cpu * 1e6 / (chunks() - before) as f64])
}

/// A connected agent.
enum Connected {
    Bare(Box<BareAgent>),
    Sdk(AgentSession),
}

async fn connect(kind: Kind, agent: &Agent) -> anyhow::Result<Connected> {
    Ok(match kind {
        Kind::Bare => Connected::Bare(Box::new(BareAgent::connect(agent).await?)),
        Kind::Sdk => Connected::Sdk(agent.connect().await?),
    })
}

impl Connected {
    /// Sends and receives a chunk every 20 milliseconds, until it fails.
    async fn talk(self, heard: Arc<AtomicU64>) -> anyhow::Result<()> {
        let count = move |_: &[u8]| {
            heard.fetch_add(1, Ordering::Relaxed);
        };
        let chunk = Bytes::from(vec![0; CHUNK]);
        let mut session = match self {
            Self::Bare(bare) => return bare.talk(EVERY, chunk, count).await,
            Self::Sdk(session) => session,
        };
        let voice = session.add_track(OutgoingAudioTrackOptions::pcm16(SampleRate::Hz24000)).await?;
        let mut ticks = ticks(EVERY);
        loop {
            tokio::select! {
                _ = ticks.tick() => voice.send_chunk(chunk.clone()).await?,
                message = session.next() => match message.context("the session ended")?? {
                    AgentMessage::TrackData(data) => count(&data.data),
                    other => bail!("{other:?}"),
                },
            }
        }
    }

    /// Sends this many chunks in real time.
    async fn pace(self, chunks: usize) -> anyhow::Result<()> {
        let audio = Bytes::from(vec![0; CHUNK * chunks]);
        match self {
            Self::Bare(mut bare) => {
                bare.add_track().await?;
                let mut ticks = ticks(EVERY);
                for number in 0..chunks {
                    ticks.tick().await;
                    bare.speak(audio.slice(number * CHUNK..(number + 1) * CHUNK)).await?;
                }
            }
            Self::Sdk(session) => {
                let track = session.add_track(OutgoingAudioTrackOptions::pcm16(SampleRate::Hz24000)).await?;
                let track = PacedTrack::new(track, PacingOptions::new().lead(LEAD))?;
                ensure!(track.send_chunk(audio).await? == Delivery::Accepted, "interrupted");
                track.drained().await?;
            }
        }
        Ok(())
    }
}

/// The default lead of a paced track.
const LEAD: Duration = Duration::from_millis(200);
/// The time in which the tracks start, one after another.
const START: Duration = Duration::from_millis(400);
/// The time of a measurement.
const PACED: Duration = Duration::from_millis(500);

/// Paced tracks, one for each agent.
fn paced() -> anyhow::Result<Vec<Curve>> {
    let service = AgentService::start(Pace::Silent)?;
    let all = service.create_agents(1_000)?;
    let mut costs: [Vec<Point>; 3] = Default::default();
    for size in [1, 10, 100, 1_000] {
        let agents = &all[..size];
        let [bare, sdk] = turns(|runtime, kind| runtime.block_on(pace(&service, kind, agents)))?;
        for (at, points) in costs.iter_mut().enumerate() {
            points.push(point(size, bare[at], sdk[at]));
        }
    }
    let [cpu, missing, late] = costs;
    let bare = "one task per track, with an interval and a socket of tokio-tungstenite and prost";
    let size = "tracks";
    Ok(vec![
        Curve {
            title: "Paced tracks: processor time",
            size,
            cost: "µs of CPU per chunk",
            bare,
            goal: "a ratio of at most 1.5 at 1,000 tracks, and no more per chunk than at 100",
            points: cpu,
        },
        Curve {
            title: "Paced tracks: missing chunks",
            size,
            cost: "percent of the due chunks that were not sent",
            bare,
            goal: "no more than bare",
            points: missing,
        },
        Curve {
            title: "Paced tracks: delay",
            size,
            cost: "ms by which a chunk is late, 99th percentile",
            bare,
            goal: "at most 20 ms where bare is",
            points: late,
        },
    ])
}

async fn pace(service: &AgentService, kind: Kind, agents: &[Agent]) -> anyhow::Result<[f64; 3]> {
    service.expect_lead(if kind == Kind::Sdk { LEAD } else { Duration::ZERO });
    let connected: Vec<_> =
        stream::iter(agents).map(|agent| connect(kind, agent)).buffer_unordered(AT_ONCE).try_collect().await?;
    let mut tasks = JoinSet::new();
    let start = START / u32::try_from(agents.len())?;
    for (number, agent) in connected.into_iter().enumerate() {
        tasks.spawn(async move {
            sleep(start * u32::try_from(number)?).await;
            agent.pace(500).await
        });
    }
    // The lead of the last track is also sent.
    sleep(START + LEAD * 2).await;
    service.delays();
    let (before, began) = (service.heard(), Instant::now());
    let cpu = cpu_of(sleep(PACED)).await;
    let (sent, due) = (service.heard() - before, began.elapsed().as_secs_f64() / EVERY.as_secs_f64());
    let mut delays = service.delays();
    ensure!(tasks.try_join_next().is_none(), "a track ended early");
    delays.sort_unstable();
    let late = delays.get(delays.len() * 99 / 100).map_or(f64::NAN, Duration::as_secs_f64);
    let missing = 1.0 - sent as f64 / (due * agents.len() as f64);
    Ok([cpu * 1e6 / sent as f64, missing.max(0.0) * 100.0, late * 1e3])
}

/// The numbers of connected agents at which the time is taken.
const CONNECTED: [usize; 4] = [100, 500, 700, 1_000];

/// Agents that connect one after another, while those before them talk.
fn connecting() -> anyhow::Result<Vec<Curve>> {
    let service = AgentService::start(Pace::RealTime)?;
    let agents = service.create_agents(1_000)?;
    // A `LocalSet` as in the bench `agents`: the agents of the program and its own work take turns with the tasks of the
    // sessions.
    let [bare, sdk] = turns(|runtime, kind| LocalSet::new().block_on(runtime, connect_all(kind, &agents)))?;
    let points = CONNECTED.into_iter().enumerate().map(|(at, size)| point(size, bare[at], sdk[at])).collect();
    Ok(vec![Curve {
        title: "Agents that connect one after another",
        size: "agents",
        cost: "seconds, while the agents before them talk",
        bare: BARE,
        goal: "a ratio of at most 1.5",
        points,
    }])
}

async fn connect_all(kind: Kind, agents: &[Agent]) -> anyhow::Result<[f64; CONNECTED.len()]> {
    let (heard, began) = (Arc::new(AtomicU64::new(0)), Instant::now());
    let (mut tasks, mut times) = (JoinSet::new(), [f64::NAN; CONNECTED.len()]);
    for (number, agent) in agents.iter().enumerate() {
        tasks.spawn_local(connect(kind, agent).await?.talk(Arc::clone(&heard)));
        if let Some(at) = CONNECTED.iter().position(|&size| size == number + 1) {
            times[at] = began.elapsed().as_secs_f64();
        }
    }
    ensure!(tasks.try_join_next().is_none(), "an agent ended early");
    Ok(times)
}
