//! Consumers of one notifier: their cost, their memory, and slow consumers.

use std::{hint::black_box, sync::Arc, time::Duration};

use anyhow::{Context, bail};
use fishjam_proto::fishjam::server_message::Content;
use fishjam_sdk::{EventStream, FishjamNotifier, Overflow, events::Event};
use futures_util::StreamExt;
use tokio::{
    runtime::{self, Runtime},
    sync::{broadcast, broadcast::error::RecvError, mpsc},
    task::{JoinSet, yield_now},
};

use super::{
    child,
    curve::{Curve, Point},
    setup::{
        bare_events::{self, Socket},
        burst::Burst,
        rounds::{Candidate, Turn, take_turns, turn},
    },
};

const ROUNDS: usize = 9;
/// The number of events that the bare task reads before the consumers run, as in the SDK.
const READ_BURST: usize = 256;
/// The capacity of the bare channel: the default of the SDK.
const RING: usize = 1024;
const CONSUMERS: [u32; 4] = [1, 10, 100, 1000];
const QUEUES: [u32; 3] = [10, 1_000, 100_000];
/// The number of consumers that come and go.
const REPLACED: u32 = 2_000;
/// The number of events that a consumer in a child process receives.
const EVENTS_FOR_MEMORY: u32 = 2_000;

pub(crate) fn measure() -> anyhow::Result<Vec<Curve>> {
    Ok(vec![
        delivered()?,
        replaced()?,
        memory("Memory of an idle consumer", "idle")?,
        memory("Memory of a consumer that keeps up", "busy")?,
        slow("Queue of a slow consumer that waits", Overflow::Wait)?,
        slow("Queue of a slow consumer that drops the oldest", Overflow::DropOldest)?,
    ])
}

fn delivered() -> anyhow::Result<Curve> {
    let mut points = Vec::new();
    for consumers in CONSUMERS {
        let events = (300_000 / consumers).clamp(1_000, 100_000);
        let burst = Burst::prepared(events)?;
        points.push(point(
            consumers,
            &mut [
                Candidate::new("bare", || bare_delivered(&burst, events, consumers)),
                Candidate::new("sdk", || sdk_delivered(&burst, events, consumers)),
            ],
        )?);
    }
    Ok(Curve {
        title: "Consumers of one notifier",
        size: "consumers",
        cost: "ns of CPU per delivered event",
        bare: "tokio-tungstenite, prost and tokio::sync::broadcast of Arc",
        goal: "at most 100 ns from 10 consumers on",
        points,
    })
}

/// Measures the candidates `bare` and `sdk`, in this order.
fn point(size: u32, candidates: &mut [Candidate<'_>]) -> anyhow::Result<Point> {
    let measured = take_turns(ROUNDS, candidates)?;
    let [bare, sdk] = measured.as_slice() else { bail!("two candidates are compared") };
    let nanoseconds = |cpu: Option<f64>| cpu.map(|seconds| seconds * 1e9);
    let sdk = nanoseconds(sdk.cpu).context("CPU time needs Linux")?;
    Ok(Point { size: size.into(), sdk, bare: nanoseconds(bare.cpu) })
}

pub(super) fn runtime() -> anyhow::Result<Runtime> {
    Ok(runtime::Builder::new_current_thread().enable_all().build()?)
}

fn sdk_delivered(burst: &Burst, events: u32, consumers: u32) -> anyhow::Result<Turn> {
    let runtime = runtime()?;
    let measured = runtime.block_on(async {
        let notifier = FishjamNotifier::new(burst.url(), burst.token())?;
        let mut tasks = JoinSet::new();
        for _ in 0..consumers {
            let mut stream = notifier.subscribe()?;
            tasks.spawn(async move { read(&mut stream, events).await });
        }
        notifier.wait_ready().await?;
        yield_now().await;
        anyhow::Ok((notifier, tasks))
    });
    let (notifier, tasks) = measured?;
    let turn = turn(events * consumers, || {
        burst.start(events);
        runtime.block_on(all(tasks))
    });
    drop(notifier);
    left(&runtime, burst);
    turn
}

/// Reads this number of events.
pub(super) async fn read(stream: &mut EventStream, events: u32) -> anyhow::Result<()> {
    for _ in 0..events {
        match stream.next().await {
            Some(Ok(Event::Notification(notification))) => drop(black_box(notification)),
            other => bail!("instead of a notification came {other:?}"),
        }
    }
    Ok(())
}

fn bare_delivered(burst: &Burst, events: u32, consumers: u32) -> anyhow::Result<Turn> {
    let runtime = runtime()?;
    let socket = runtime.block_on(bare_events::subscribe(burst.url(), burst.token()))?;
    let (sender, _) = broadcast::channel(RING);
    let mut tasks = JoinSet::new();
    for _ in 0..consumers {
        let mut receiver = sender.subscribe();
        let _runtime = runtime.enter();
        tasks.spawn(async move {
            for _ in 0..events {
                let content: Arc<Content> = receiver.recv().await?;
                black_box(content);
            }
            Ok(())
        });
    }
    let turn = turn(events * consumers, || {
        burst.start(events);
        runtime.block_on(async {
            let reading = tokio::spawn(broadcast_all(socket, sender, events, Overflow::Wait));
            all(tasks).await?;
            drop(reading.await??);
            Ok(())
        })
    });
    left(&runtime, burst);
    turn
}

/// Sends the events to all receivers. Returns the socket.
async fn broadcast_all(
    mut socket: Socket,
    sender: broadcast::Sender<Arc<Content>>,
    events: u32,
    overflow: Overflow,
) -> anyhow::Result<Socket> {
    for number in 1..=events as usize {
        sender.send(Arc::new(bare_events::content(&mut socket).await?))?;
        if number % READ_BURST == 0 {
            yield_now().await;
            while overflow == Overflow::Wait && sender.len() + READ_BURST > RING {
                yield_now().await;
            }
        }
    }
    Ok(socket)
}

async fn all(mut tasks: JoinSet<anyhow::Result<()>>) -> anyhow::Result<()> {
    while let Some(finished) = tasks.join_next().await {
        finished??;
    }
    Ok(())
}

/// Waits until no client is connected.
pub(super) fn left(runtime: &Runtime, burst: &Burst) {
    runtime.block_on(async {
        while burst.listeners() > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
}

/// Measures consumers that come and go beside others.
fn replaced() -> anyhow::Result<Curve> {
    let mut points = Vec::new();
    for consumers in CONSUMERS {
        let burst = Burst::prepared(1)?;
        let runtime = runtime()?;
        let _entered = runtime.enter();
        let notifier = FishjamNotifier::new(burst.url(), burst.token())?;
        let streams = (0..consumers).map(|_| notifier.subscribe()).collect::<Result<Vec<_>, _>>()?;
        let (sender, _) = broadcast::channel::<Arc<Content>>(RING);
        let receivers: Vec<_> = (0..consumers).map(|_| sender.subscribe()).collect();
        let measured = take_turns(
            ROUNDS,
            &mut [
                Candidate::new("bare", || {
                    turn(REPLACED, || {
                        (0..REPLACED).for_each(|_| drop(black_box(sender.subscribe())));
                        Ok(())
                    })
                }),
                Candidate::new("sdk", || {
                    turn(REPLACED, || {
                        (0..REPLACED).try_for_each(|_| notifier.subscribe().map(|stream| drop(black_box(stream))))?;
                        Ok(())
                    })
                }),
            ],
        )?;
        // The time of the clock: nothing waits, and the processor time is too coarse for turns this short.
        let [bare, sdk] = measured.as_slice() else { bail!("two candidates are compared") };
        points.push(Point { size: consumers.into(), sdk: sdk.wall * 1e9, bare: Some(bare.wall * 1e9) });
        drop((streams, receivers));
    }
    Ok(Curve {
        title: "Consumers that come and go",
        size: "other consumers",
        cost: "ns per consumer",
        bare: "tokio::sync::broadcast",
        goal: "at most 5 µs",
        points,
    })
}

/// Measures consumers in child processes.
fn memory(title: &'static str, work: &str) -> anyhow::Result<Curve> {
    let mut points = Vec::new();
    for consumers in CONSUMERS.into_iter().skip(1) {
        let memory = |candidate| child::run::<1>("consumers", &[candidate, work, &consumers.to_string()]);
        let ([sdk], [bare]) = (memory("sdk")?, memory("bare")?);
        points.push(Point { size: consumers.into(), sdk, bare: Some(bare) });
    }
    Ok(Curve {
        title,
        size: "consumers",
        cost: "KiB per consumer, at the peak",
        bare: "a receiver of tokio::sync::broadcast",
        goal: "at most 32 KiB",
        points,
    })
}

/// The task of a child process: returns the memory of one consumer, in KiB.
pub(crate) fn run_task(arguments: &[&str]) -> anyhow::Result<Vec<f64>> {
    let [candidate, work, consumers] = *arguments else { bail!("wrong arguments: {arguments:?}") };
    let (consumers, events) = (consumers.parse()?, if work == "idle" { 1 } else { EVENTS_FOR_MEMORY });
    let burst = Burst::prepared(events)?;
    // The first connection of a process initializes TLS and other parts.
    drop(FishjamNotifier::new(burst.url(), burst.token())?);
    let before = child::memory()?;
    match candidate {
        "bare" => bare_delivered(&burst, events, consumers)?,
        _ => sdk_delivered(&burst, events, consumers)?,
    };
    Ok(vec![(child::peak_memory()? - before) / 1024.0 / f64::from(consumers)])
}

fn slow(title: &'static str, overflow: Overflow) -> anyhow::Result<Curve> {
    let mut points = Vec::new();
    for queue in QUEUES {
        let events = 4 * queue.max(25_000);
        let burst = Burst::prepared(events)?;
        points.push(point(
            queue,
            &mut [
                Candidate::new("bare", || bare_slow(&burst, events, queue, overflow)),
                Candidate::new("sdk", || sdk_slow(&burst, events, queue, overflow)),
            ],
        )?);
    }
    Ok(Curve {
        title,
        size: "events in the queue",
        cost: "ns of CPU per event of the server",
        bare: match overflow {
            Overflow::DropOldest => "tokio-tungstenite, prost and tokio::sync::broadcast",
            _ => "tokio-tungstenite, prost and tokio::sync::mpsc",
        },
        goal: "no growth",
        points,
    })
}

/// One consumer that other tasks interrupt after each event, so that its queue is full.
fn sdk_slow(burst: &Burst, events: u32, queue: u32, overflow: Overflow) -> anyhow::Result<Turn> {
    let runtime = runtime()?;
    let notifier = FishjamNotifier::new(burst.url(), burst.token())?;
    let mut stream = runtime.block_on(async {
        let stream = notifier.subscribe_with(queue as usize, overflow)?;
        notifier.wait_ready().await?;
        anyhow::Ok(stream)
    })?;
    let turn = turn(events, || {
        burst.start(events);
        runtime.block_on(async {
            let mut received = 0;
            while received < u64::from(events) {
                received += match stream.next().await {
                    Some(Ok(Event::Notification(notification))) => {
                        black_box(notification);
                        1
                    }
                    Some(Ok(Event::Dropped(events))) => events,
                    other => bail!("instead of an event came {other:?}"),
                };
                yield_now().await;
            }
            Ok(())
        })
    });
    drop((stream, notifier));
    left(&runtime, burst);
    turn
}

fn bare_slow(burst: &Burst, events: u32, queue: u32, overflow: Overflow) -> anyhow::Result<Turn> {
    let runtime = runtime()?;
    let mut socket = runtime.block_on(bare_events::subscribe(burst.url(), burst.token()))?;
    let turn = turn(events, || {
        burst.start(events);
        runtime.block_on(async {
            if overflow == Overflow::DropOldest {
                let (sender, mut receiver) = broadcast::channel(queue as usize);
                let reading = tokio::spawn(broadcast_all(socket, sender, events, overflow));
                let mut received = 0;
                while received < u64::from(events) {
                    received += match receiver.recv().await {
                        Ok(content) => {
                            black_box(content);
                            1
                        }
                        Err(RecvError::Lagged(events)) => events,
                        Err(RecvError::Closed) => bail!("the events have ended"),
                    };
                    yield_now().await;
                }
                drop(reading.await??);
            } else {
                let (sender, mut receiver) = mpsc::channel(queue as usize);
                let reading = tokio::spawn(async move {
                    for _ in 0..events {
                        sender.send(bare_events::content(&mut socket).await?).await?;
                    }
                    anyhow::Ok(socket)
                });
                for _ in 0..events {
                    black_box(receiver.recv().await.context("the events have ended")?);
                    yield_now().await;
                }
                drop(reading.await??);
            }
            Ok(())
        })
    });
    left(&runtime, burst);
    turn
}
