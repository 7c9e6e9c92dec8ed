//! Events per second, end to end.
//!
//! Compares the notifier's stream with a bare loop of tokio-tungstenite and prost, and with the notifier of the
//! official Python SDK. Each candidate receives a burst alone. The measured time starts with the first event of the
//! burst and ends with the last.
//!
//! There are two servers: the emulator, and a server that prepares all frames before it sends them. With the second
//! server, the listener limits the rate.

use std::{hint::black_box, time::Duration};

use anyhow::{bail, ensure};
use fishjam_sdk::{
    EventStream, FishjamNotifier,
    events::{Event, Notification},
};
use futures_util::StreamExt;
use tokio::{runtime, runtime::Runtime};

use self::setup::{
    bare_events::{content, subscribe},
    burst::Burst,
    python::Python,
    rounds::{Candidate, Figure, Turn, print, take_turns, turn},
};

mod setup {
    pub(crate) mod bare_events;
    pub(crate) mod burst;
    pub(crate) mod python;
    pub(crate) mod rounds;
}

/// There are many rounds, because the load of the machine changes within seconds.
const ROUNDS: usize = 151;
const EVENTS: u32 = 100_000;
/// Python has shorter and fewer turns.
const PYTHON_EVENTS: u32 = 2_000;
const PYTHON_EVERY: usize = 15;

fn main() -> anyhow::Result<()> {
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    println!("bursts of {EVENTS} events; medians of {ROUNDS} rounds in turns");
    for burst in [Burst::emulator()?, Burst::prepared(EVENTS)?] {
        let mut python = Python::start("bench_notifier.py", burst.url(), burst.token())?;
        let mut candidates = vec![
            Candidate::new("bare tungstenite + prost", || bare(&runtime, &burst)),
            Candidate::new("fishjam-sdk", || sdk(&runtime, &burst)),
        ];
        if let Some(python) = &mut python {
            let python = Candidate::new("Python SDK", || {
                python.send(&PYTHON_EVENTS.to_string())?;
                ensure!(python.hear()? == "ready", "Python does not get ready");
                burst.start(PYTHON_EVENTS);
                let seconds: f64 = python.hear()?.parse()?;
                left(&runtime, &burst);
                Ok(Turn { wall: seconds / f64::from(PYTHON_EVENTS - 1), cpu: None })
            });
            candidates.push(python.every(PYTHON_EVERY));
        }
        print(burst.name(), "events", Figure::PerSecond, &take_turns(ROUNDS, &mut candidates)?);
    }
    Ok(())
}

/// The SDK: the stream of a notifier.
fn sdk(runtime: &Runtime, burst: &Burst) -> anyhow::Result<Turn> {
    let notifier = FishjamNotifier::new(burst.url(), burst.token())?;
    let mut events = runtime.block_on(notifier.events())?;
    runtime.block_on(notifier.wait_ready())?;
    burst.start(EVENTS);
    runtime.block_on(notification(&mut events))?;
    let turn = turn(EVENTS - 1, || {
        runtime.block_on(async {
            for _ in 1..EVENTS {
                black_box(notification(&mut events).await?);
            }
            Ok(())
        })
    })?;
    drop(events);
    left(runtime, burst);
    Ok(turn)
}

async fn notification(events: &mut EventStream) -> anyhow::Result<Notification> {
    match events.next().await {
        Some(Ok(Event::Notification(notification))) => Ok(notification),
        other => bail!("instead of a notification came {other:?}"),
    }
}

/// The loop of a program without the SDK.
fn bare(runtime: &Runtime, burst: &Burst) -> anyhow::Result<Turn> {
    let mut socket = runtime.block_on(subscribe(burst.url(), burst.token()))?;
    burst.start(EVENTS);
    runtime.block_on(content(&mut socket))?;
    let turn = turn(EVENTS - 1, || {
        runtime.block_on(async {
            for _ in 1..EVENTS {
                black_box(content(&mut socket).await?);
            }
            Ok(())
        })
    })?;
    runtime.block_on(socket.close(None))?;
    drop(socket);
    left(runtime, burst);
    Ok(turn)
}

/// Waits until no client is connected.
fn left(runtime: &Runtime, burst: &Burst) {
    runtime.block_on(async {
        while burst.listeners() > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
}
