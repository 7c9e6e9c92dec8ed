//! The soak test: rooms change, connections break in every way, and one consumer is slow. Every event that the server
//! sends on a live connection arrives at every consumer once and in order.
//!
//! Runs for 15 seconds, or for the number of seconds in `FISHJAM_SOAK_SECONDS`.

use std::{
    collections::hash_map::DefaultHasher,
    env, fs,
    hash::{Hash, Hasher},
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use fishjam_emulator::Emulator;
use fishjam_sdk::{
    EventStream,
    events::{Event, Notification, decode_server_notifications},
};
use fishjam_tests::support::{until, within};
use futures_util::StreamExt;
use tokio::task::JoinHandle;

use crate::{
    created,
    fixture::{Fixture, Rng},
    quick,
};

/// The number of lost connections.
const LOSSES: u32 = 200;
/// The last room, after all other events.
const END: &str = "the end";
/// The maximum growth of the process's memory during the run, in bytes.
const GROWTH: usize = 32 * 1024 * 1024;

/// A chain of hashes of notifications, so that the test compares millions without storing them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct EventHash {
    length: usize,
    hash: u64,
}

impl EventHash {
    fn push(&mut self, notification: &Notification) {
        let mut hasher = DefaultHasher::new();
        (self.hash, notification.to_string()).hash(&mut hasher);
        *self = Self { length: self.length + 1, hash: hasher.finish() };
    }
}

/// Reads until the room `END` is created. Returns the chain of each sequence of events between two gaps.
fn consume(mut events: EventStream, pause: Option<Duration>) -> JoinHandle<anyhow::Result<Vec<EventHash>>> {
    tokio::spawn(async move {
        let mut stretches = vec![EventHash::default()];
        while let Some(event) = events.next().await {
            match event? {
                Event::Notification(Notification::RoomCreated(room)) if room.room_id == END => break,
                Event::Notification(notification) => {
                    let stretch = stretches.last_mut().context("there is always one")?;
                    stretch.push(&notification);
                    if let Some(pause) = pause
                        && stretch.length % 100 == 0
                    {
                        tokio::time::sleep(pause).await;
                    }
                }
                Event::Gap(_) => stretches.push(EventHash::default()),
                other => anyhow::bail!("{other:?}"),
            }
        }
        Ok(stretches)
    })
}

/// Hash of the events that the server sent on one connection. There are more than a million per minute.
enum SentEvents {
    /// The chain of the events that must all arrive.
    Whole(EventHash),
    /// The chain after each frame. A reset may lose the last frames.
    Torn(Vec<EventHash>),
}

impl SentEvents {
    fn events(&self) -> usize {
        match self {
            Self::Whole(hash) => hash.length,
            Self::Torn(hashes) => hashes.last().map_or(0, |hash| hash.length),
        }
    }

    fn allows(&self, heard: &EventHash) -> bool {
        match self {
            Self::Whole(hash) => heard == hash,
            Self::Torn(hashes) => hashes.contains(heard),
        }
    }
}

fn written(emulator: &Emulator, connection: u64, whole: bool) -> anyhow::Result<SentEvents> {
    let record = emulator.server_sockets().written(connection).context("the connection is remembered")?;
    ensure!(record.frames().count() as u64 == record.written(), "the emulator forgot frames");
    let mut hashes = vec![EventHash::default()];
    let mut hash = EventHash::default();
    for frame in record.frames() {
        decode_server_notifications(frame)?.iter().for_each(|notification| hash.push(notification));
        if !whole {
            hashes.push(hash);
        }
    }
    emulator.server_sockets().forget_written(connection);
    emulator.journal().clear();
    Ok(if whole { SentEvents::Whole(hash) } else { SentEvents::Torn(hashes) })
}

/// Returns the memory of this process in bytes, or 0 if the system does not report it.
fn memory() -> usize {
    let statm = fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm.split_whitespace().nth(1).and_then(|pages| pages.parse::<usize>().ok()).map_or(0, |pages| pages * 4096)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn soak_has_each_event_once_and_one_gap_per_interruption() -> anyhow::Result<()> {
    let seconds = env::var("FISHJAM_SOAK_SECONDS").ok().and_then(|s| s.parse().ok()).unwrap_or(15);
    let stretch = Duration::from_secs(seconds) / LOSSES;
    let emulator = Emulator::start().await?;
    let notifier = quick(&emulator).build()?;
    let consumers = [
        consume(notifier.events().await?, None),
        consume(notifier.subscribe_with(64, fishjam_sdk::Overflow::Wait)?, None),
        consume(notifier.subscribe_with(64, fishjam_sdk::Overflow::Wait)?, Some(Duration::from_millis(1))),
    ];
    let (mut fixture, mut rng) = (Fixture::new(&emulator)?, Rng::new(2026));
    let sockets = emulator.server_sockets();
    let (mut put, mut events, mut early) = (Vec::new(), 0, 0);
    let began = Instant::now();
    for loss in 1..=LOSSES {
        // The subscription must be complete. Otherwise the next loss belongs to the same gap.
        within("the notifier is ready", notifier.wait_ready()).await??;
        let connection = u64::from(loss);
        // The server may still be ending the connection before.
        until("there is only the next connection", || sockets.numbers() == [connection]).await?;
        while began.elapsed() < stretch * loss {
            fixture.random_change(&mut rng).await?;
            let burst = rng.below(200) as u64;
            sockets.burst(burst, |n| created(format!("{loss}-{n}")));
        }
        let whole = rng.below(4) > 0;
        match (whole, rng.below(3)) {
            (false, _) => sockets.reset_all(),
            (true, 0) => sockets.close_all(1000, ""),
            (true, 1) => sockets.close_all(1011, "crashed"),
            (true, _) => sockets.drop_all(),
        };
        within("another connection", sockets.wait_for_connections(connection + 1)).await?;
        let written = written(&emulator, connection, whole)?;
        events += written.events();
        put.push(written);
        if loss == LOSSES / 10 {
            early = memory();
        }
    }
    within("the notifier is ready", notifier.wait_ready()).await??;
    let late = memory();
    emulator.publish(created(END));

    for (consumer, task) in consumers.into_iter().enumerate() {
        let stretches = within("a consumer's end", task).await???;
        ensure!(stretches.len() == put.len() + 1, "{} gaps for {} losses", stretches.len() - 1, put.len());
        for (number, (heard, put)) in stretches.iter().zip(&put).enumerate() {
            let all = put.events();
            ensure!(put.allows(heard), "consumer {consumer}, {number}: not in order, {} of {all}", heard.length);
        }
    }
    println!(
        "soak: {seconds} s, {LOSSES} losses, {events} events put on live connections, 3 consumers, {} KiB at the \
         beginning, {} KiB at the end",
        early / 1024,
        late / 1024
    );
    ensure!(late <= early + GROWTH, "memory grew from {early} to {late} bytes");
    Ok(())
}
