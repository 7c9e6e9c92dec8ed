//! Compositions, from a consumer's view: requests, responses, retries, handles, events.

mod blocking;
mod client;
mod event_fixture;
mod events;
mod handle;
mod limits;
mod official;
mod official_js;
mod responses;
mod retries;
mod secrets;
mod uploads;
mod waiters;
mod wire;

use fishjam_emulator::{Emulator, RecordedRequest};
use fishjam_sdk::{
    FishjamClient,
    composition::{Composition, CompositionOptions},
};

/// Starts an emulator and creates a composition. The journal is empty.
async fn start() -> anyhow::Result<(Emulator, Composition)> {
    let emulator = Emulator::start().await?;
    let compositions = FishjamClient::new(emulator.url(), emulator.token())?.compositions();
    let composition = compositions.create(CompositionOptions::new()).await?;
    emulator.journal().clear();
    Ok((emulator, composition))
}

/// Returns the only request to an operation, and clears the journal.
fn only(emulator: &Emulator, operation: &str) -> anyhow::Result<RecordedRequest> {
    let mut requests = emulator.journal().requests_for(operation);
    emulator.journal().clear();
    anyhow::ensure!(requests.len() == 1, "{operation}: {requests:?}");
    requests.pop().ok_or_else(|| anyhow::anyhow!("no request"))
}
