//! Agents next to bare loops of tokio-tungstenite and prost, and next to the official Python SDK.
//!
//! The parts measure:
//!
//! - `real_time`: chunks per second, processor time and latency of 1, 50 and 500 agents in one thread. Each agent sends
//!   and receives a chunk every 20 milliseconds.
//! - `flat_out`: one agent that receives as fast as it can.
//! - `memory`: the memory of idle sessions.
//!
//! `cargo bench -p fishjam-tests --bench agents -- memory` runs one part. Both ends of all sockets are open files of
//! this process: `ulimit -n 4096`.

use std::{
    cell::RefCell,
    fs,
    process::Command,
    rc::Rc,
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use fishjam_sdk::{
    AgentOptions, FishjamClient, RoomOptions,
    agent::{Agent, AgentMessage, AgentSession, OutgoingAudioTrackOptions, SampleRate},
};
use futures_util::StreamExt;
use tokio::{
    runtime::{self, Runtime},
    task::LocalSet,
    time::sleep,
};
use tokio_tungstenite::tungstenite::Bytes;

use self::setup::{
    agent_service::{AgentService, CHUNK, EVERY, Pace},
    bare_agent::{BareAgent, ticks},
    python::Python,
};

mod setup {
    pub(crate) mod agent_service;
    pub(crate) mod bare_agent;
    pub(crate) mod python;
}

const SIZES: [usize; 3] = [1, 50, 500];
const ROUNDS: usize = 3;
const MEASURED: Duration = Duration::from_secs(5);
const WARM_UP: Duration = Duration::from_secs(1);
/// The number of idle sessions in the process whose memory is measured.
const IDLE: usize = 500;
/// The required limit of open files, with a reserve.
const OPEN_FILES: usize = 2_048;
/// Environment variable with the kind of idle sessions that a child process opens.
const IDLE_KIND: &str = "FISHJAM_BENCH_IDLE";

/// A part of this bench.
type Part = fn() -> anyhow::Result<()>;

fn main() -> anyhow::Result<()> {
    if let Ok(kind) = std::env::var(IDLE_KIND) {
        return idle(&kind);
    }
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    ensure!(open_files()? >= OPEN_FILES, "this needs {OPEN_FILES} open files: ulimit -n {OPEN_FILES}");
    let parts: [(&str, Part); 3] = [("real_time", real_time), ("flat_out", flat_out), ("memory", memory)];
    let chosen: Vec<String> =
        std::env::args().filter(|argument| parts.iter().any(|(name, _)| name == argument)).collect();
    for (name, part) in parts {
        if chosen.is_empty() || chosen.iter().any(|chosen| chosen == name) {
            part()?;
        }
    }
    Ok(())
}

/// Returns the number of files that this process may open.
fn open_files() -> anyhow::Result<usize> {
    let limits = fs::read_to_string("/proc/self/limits")?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files")).context("no limit of open files")?;
    let soft = line.split_whitespace().next().context("no limit of open files")?;
    Ok(soft.parse().unwrap_or(usize::MAX))
}

/// Implementation of the agents.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Bare,
    Sdk,
}

impl Kind {
    const ALL: [Self; 2] = [Self::Bare, Self::Sdk];

    fn name(self) -> &'static str {
        match self {
            Self::Bare => "bare tungstenite + prost",
            Self::Sdk => "fishjam-sdk",
        }
    }
}

/// Figures of a turn.
struct Figures {
    /// Chunks per second that the agents and the service receive.
    heard: f64,
    said: f64,
    /// Processor time of this thread, per agent and second.
    cpu: f64,
    /// Latency of a chunk from the service to an agent, in seconds: the median and the 99th percentile.
    latency: [f64; 2],
}

impl Figures {
    fn medians(rounds: &[Self]) -> Self {
        let of = |figure: fn(&Self) -> f64| median(rounds.iter().map(figure));
        Self {
            heard: of(|f| f.heard),
            said: of(|f| f.said),
            cpu: of(|f| f.cpu),
            latency: [of(|f| f.latency[0]), of(|f| f.latency[1])],
        }
    }

    /// Prints one line: the figures, their ratio to the bare loop, and the difference.
    fn print(&self, name: &str, bare: &Self) {
        let [p50, p99] = self.latency.map(micros);
        let [added_p50, added_p99] = [0, 1].map(|at| micros(self.latency[at] - bare.latency[at]));
        println!(
            "{name:<24} {:>8.0} {:>8.0} {:>6.2} {:>15.3} {:>6.2} {p50:>8} {added_p50:>8} {p99:>8} {added_p99:>8}",
            self.heard,
            self.said,
            (self.heard + self.said) / (bare.heard + bare.said),
            self.cpu * 1e3,
            self.cpu / bare.cpu,
        );
    }
}

fn real_time() -> anyhow::Result<()> {
    let service = AgentService::start(Pace::RealTime)?;
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    let mut python = Python::start("bench_agents.py", service.url(), service.token())?;
    for size in SIZES {
        println!("\n{size} agents, {CHUNK} bytes every {EVERY:?} each way; medians of {ROUNDS} rounds of {MEASURED:?}");
        println!(
            "{:<24} {:>8} {:>8} {:>6} {:>15} {:>6} {:>8} {:>8} {:>8} {:>8}",
            "", "heard/s", "said/s", "ratio", "CPU ms/agent/s", "ratio", "p50 us", "added", "p99 us", "added"
        );
        let agents = service.create_agents(size)?;
        let mut rounds: [Vec<Figures>; 2] = [Vec::new(), Vec::new()];
        for round in 0..ROUNDS {
            let mut order = Kind::ALL;
            order.rotate_left(round % 2);
            for kind in order {
                let figures = talk(&runtime, &service, kind, &agents)?;
                rounds[usize::from(kind == Kind::Sdk)].push(figures);
            }
        }
        let medians = rounds.each_ref().map(|rounds| Figures::medians(rounds));
        for (kind, figures) in Kind::ALL.iter().zip(&medians) {
            figures.print(kind.name(), &medians[0]);
        }
        if let Some(python) = &mut python {
            python.send(&format!("{size} {}", MEASURED.as_secs()))?;
            ensure!(python.hear()? == "ready", "Python does not get ready");
            let response = python.hear()?;
            let figures: Vec<f64> = response.split(' ').map(str::parse).collect::<Result<_, _>>()?;
            let [heard, said, cpu] = figures[..] else { bail!("Python says {response}") };
            let seconds = MEASURED.as_secs_f64();
            let cpu = cpu / seconds / size as f64;
            let python = Figures { heard: heard / seconds, said: said / seconds, cpu, latency: [f64::NAN; 2] };
            python.print("Python SDK", &medians[0]);
        }
    }
    Ok(())
}

/// Lets these agents send and receive for a while.
fn talk(runtime: &Runtime, service: &AgentService, kind: Kind, agents: &[Agent]) -> anyhow::Result<Figures> {
    let latencies = Rc::new(RefCell::new(Vec::new()));
    let local = LocalSet::new();
    local.block_on(runtime, async {
        let clock = service.clock();
        let mut tasks = Vec::new();
        for agent in agents {
            let latencies = Rc::clone(&latencies);
            let heard = move |data: &[u8]| latencies.borrow_mut().push(clock.latency(data));
            tasks.push(match kind {
                Kind::Bare => {
                    let bare = BareAgent::connect(agent).await?;
                    tokio::task::spawn_local(bare.talk(EVERY, vec![0; CHUNK].into(), heard))
                }
                Kind::Sdk => {
                    let session = agent.connect().await?;
                    tokio::task::spawn_local(talk_sdk(session, heard))
                }
            });
        }
        sleep(WARM_UP).await;
        latencies.borrow_mut().clear();
        let (said, cpu, began) = (service.heard(), cpu_seconds(), Instant::now());
        sleep(MEASURED).await;
        let (said, seconds) = (service.heard() - said, began.elapsed().as_secs_f64());
        let cpu = cpu_seconds().zip(cpu).map_or(f64::NAN, |(after, before)| after - before);
        for task in tasks {
            if task.is_finished() {
                task.await??;
                bail!("an agent ended early");
            }
            task.abort();
        }
        let mut latencies = std::mem::take(&mut *latencies.borrow_mut());
        latencies.sort_unstable();
        let at = |share: usize| latencies.get(latencies.len() * share / 100).map_or(f64::NAN, Duration::as_secs_f64);
        Ok(Figures {
            heard: latencies.len() as f64 / seconds,
            said: said as f64 / seconds,
            cpu: cpu / seconds / agents.len() as f64,
            latency: [at(50), at(99)],
        })
    })
}

async fn talk_sdk(mut session: AgentSession, heard: impl Fn(&[u8])) -> anyhow::Result<()> {
    let voice = session.add_track(OutgoingAudioTrackOptions::pcm16(SampleRate::Hz24000)).await?;
    let data = Bytes::from(vec![0; CHUNK]);
    let mut ticks = ticks(EVERY);
    loop {
        tokio::select! {
            _ = ticks.tick() => voice.send_chunk(data.clone()).await?,
            message = session.next() => match message.context("the session ended")?? {
                AgentMessage::TrackData(data) => heard(&data.data),
                other => bail!("{other:?}"),
            },
        }
    }
}

/// Measures one agent that receives as fast as it can.
fn flat_out() -> anyhow::Result<()> {
    let service = AgentService::start(Pace::FlatOut)?;
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    let mut figures = [Vec::new(), Vec::new()];
    for round in 0..=ROUNDS {
        let mut order = Kind::ALL;
        order.rotate_left(round % 2);
        for kind in order {
            let agent = service.create_agents(1)?.pop().context("no agent")?;
            let per_second = runtime.block_on(async {
                let (mut count, began) = (0_u32, Instant::now());
                match kind {
                    Kind::Bare => {
                        let mut bare = BareAgent::connect(&agent).await?;
                        while began.elapsed() < WARM_UP * 2 {
                            bare.hear().await?;
                            count += 1;
                        }
                    }
                    Kind::Sdk => {
                        let options = fishjam_sdk::agent::AgentConnectOptions::new();
                        let options = options.incoming(512, fishjam_sdk::Overflow::Wait);
                        let mut session = agent.connect_with(options).await?;
                        while began.elapsed() < WARM_UP * 2 {
                            session.next().await.context("the session ended")??;
                            count += 1;
                        }
                    }
                }
                anyhow::Ok(f64::from(count) / began.elapsed().as_secs_f64())
            })?;
            if round > 0 {
                figures[usize::from(kind == Kind::Sdk)].push(per_second);
            }
        }
    }
    println!("\none agent that receives {CHUNK} bytes at a time as fast as it can");
    let medians = figures.map(median);
    for (kind, figure) in Kind::ALL.iter().zip(medians) {
        println!("{:<24} {figure:>12.0} chunks/s {:>6.2}", kind.name(), figure / medians[0]);
    }
    Ok(())
}

/// Measures the memory of an idle session, in a process without other sessions.
fn memory() -> anyhow::Result<()> {
    let service = AgentService::start(Pace::Silent)?;
    println!("\nmemory of a session that does nothing, of {IDLE}");
    for (kind, name) in [("bare", Kind::Bare.name()), ("sdk", Kind::Sdk.name())] {
        let output = Command::new(std::env::current_exe()?)
            .env(IDLE_KIND, kind)
            .env("FISHJAM_ID", service.url())
            .env("FISHJAM_MANAGEMENT_TOKEN", service.token())
            .output()?;
        let said = String::from_utf8_lossy(&output.stdout);
        let bytes: f64 = said.trim().parse().with_context(|| format!("{said} {:?}", output.stderr))?;
        println!("{name:<24} {:>12.1} KiB", bytes / 1024.0);
    }
    Ok(())
}

/// The measured process, which prints the bytes per session.
fn idle(kind: &str) -> anyhow::Result<()> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let fishjam = FishjamClient::from_env()?;
        let room = fishjam.create_room(RoomOptions::new()).await?;
        let (mut agents, mut sockets, mut sessions) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..IDLE {
            agents.push(fishjam.create_agent(&room.id, AgentOptions::new()).await?);
        }
        let mut before = 0;
        for (number, agent) in agents.iter().enumerate() {
            match kind {
                "bare" => sockets.push(BareAgent::connect(agent).await?),
                _ => sessions.push(agent.connect().await?),
            }
            // The first sessions initialize shared data.
            if number == IDLE / 10 {
                before = resident()?;
            }
        }
        sleep(Duration::from_millis(500)).await;
        println!("{}", resident()?.saturating_sub(before) / (IDLE - IDLE / 10 - 1));
        Ok(())
    })
}

/// The memory of this process, in bytes.
fn resident() -> anyhow::Result<usize> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<usize>()? * 1024)
}

/// Formats seconds as microseconds, or returns `-` without a measurement.
fn micros(seconds: f64) -> String {
    if seconds.is_nan() { "-".to_owned() } else { format!("{:.0}", seconds * 1e6) }
}

/// The processor time of this thread so far.
fn cpu_seconds() -> Option<f64> {
    let nanoseconds: f64 = fs::read_to_string("/proc/thread-self/schedstat").ok()?.split(' ').next()?.parse().ok()?;
    Some(nanoseconds / 1e9)
}

fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
