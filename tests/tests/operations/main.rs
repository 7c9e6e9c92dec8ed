//! Every operation beyond rooms and peers against the emulator: requests, responses, refusals and secrets.

mod agents;
mod directory;
mod downloads;
mod file_host;
mod forwardings;
mod moq;
mod recordings;
mod streams;
mod subscriptions;
mod waiters;

use std::fmt::Debug;

use fishjam_emulator::{Emulator, EmulatorBuilder, RecordedRequest};
use fishjam_sdk::FishjamClient;

/// An emulator and a client of it.
async fn start(builder: EmulatorBuilder) -> anyhow::Result<(Emulator, FishjamClient)> {
    let emulator = builder.start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    Ok((emulator, fishjam))
}

/// The newest request for an operation; there must be one.
fn last(emulator: &Emulator, operation: &str) -> RecordedRequest {
    let mut requests = emulator.journal().requests_for(operation);
    assert!(!requests.is_empty(), "no request for {operation}");
    requests.swap_remove(requests.len() - 1)
}

/// Returns the `Debug` output of a value.
fn debugged(value: &impl Debug) -> String {
    format!("{value:?} {value:#?}")
}
