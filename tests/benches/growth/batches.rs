//! Batches of notifications: many in one message.

use std::hint::black_box;

use anyhow::{Context, bail};
use fishjam_proto::fishjam::server_message::Content;
use fishjam_sdk::FishjamNotifier;

use super::{
    curve::{Curve, Point},
    notifier::{left, read, runtime},
    setup::{
        bare_events,
        burst::Burst,
        rounds::{Candidate, Turn, take_turns, turn},
    },
};

const ROUNDS: usize = 5;
/// The number of notifications in a turn, at least.
const NOTIFICATIONS: u32 = 65_536;
const SIZES: [u32; 5] = [1, 16, 256, 4_096, 65_536];

pub(crate) fn measure() -> anyhow::Result<Vec<Curve>> {
    let mut points = Vec::new();
    for size in SIZES {
        let messages = (NOTIFICATIONS / size).max(4);
        let burst = Burst::batches(messages, size)?;
        let mut candidates = [
            Candidate::new("bare", || bare(&burst, messages, size)),
            Candidate::new("sdk", || sdk(&burst, messages, size)),
        ];
        let measured = take_turns(ROUNDS, &mut candidates)?;
        let [bare, sdk] = measured.as_slice() else { bail!("two candidates are compared") };
        let sdk = sdk.cpu.context("CPU time needs Linux")? * 1e9;
        points.push(Point { size: size.into(), sdk, bare: bare.cpu.map(|seconds| seconds * 1e9) });
    }
    Ok(vec![Curve {
        title: "Notifications in one message",
        size: "notifications",
        cost: "ns of CPU per notification",
        bare: "tokio-tungstenite and prost",
        goal: "at most 1.5 times bare",
        points,
    }])
}

fn sdk(burst: &Burst, messages: u32, size: u32) -> anyhow::Result<Turn> {
    let runtime = runtime()?;
    let notifier = FishjamNotifier::new(burst.url(), burst.token())?;
    let mut events = runtime.block_on(notifier.events())?;
    let turn = turn(messages * size, || {
        burst.start(messages);
        runtime.block_on(read(&mut events, messages * size))
    });
    drop(events);
    left(&runtime, burst);
    turn
}

fn bare(burst: &Burst, messages: u32, size: u32) -> anyhow::Result<Turn> {
    let runtime = runtime()?;
    let mut socket = runtime.block_on(bare_events::subscribe(burst.url(), burst.token()))?;
    let turn = turn(messages * size, || {
        burst.start(messages);
        runtime.block_on(async {
            for _ in 0..messages {
                let Content::NotificationBatch(batch) = bare_events::content(&mut socket).await? else {
                    bail!("not a batch")
                };
                for notification in batch.notifications {
                    drop(black_box(notification));
                }
            }
            Ok(())
        })
    });
    drop(socket);
    left(&runtime, burst);
    turn
}
