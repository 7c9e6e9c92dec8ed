//! Every operation of the contract, and whether the client repeats it after an ambiguous failure.

use std::{collections::BTreeSet, time::Duration};

use anyhow::Context as _;
use fishjam_emulator::{Emulator, Fault};
use fishjam_sdk::{FishjamClient, RecordingStatus};
use fishjam_tests::{
    operations::{BLOCKING, Entities, FISHJAM, Operation, async_methods, operation_ids},
    support::{each, is_one_twice, within},
};

type Row = &'static Operation<FishjamClient, Entities>;

#[test]
fn table_has_every_operation_of_the_contract() {
    let contract = operation_ids(include_str!("../../../openapi.yaml"));
    assert!(contract.len() >= 27, "{contract:?}");
    assert_eq!(FISHJAM.iter().map(|operation| operation.id).collect::<BTreeSet<_>>(), contract);
}

// The rows also expand to calls of the blocking client. So it has every method, too.
#[test]
fn table_has_every_method_of_the_client() -> anyhow::Result<()> {
    let mut table: BTreeSet<_> = FISHJAM.iter().map(|operation| operation.method.to_owned()).collect();
    assert_eq!((table.len(), BLOCKING.len()), (FISHJAM.len(), FISHJAM.len()));
    // It is a function. The tests of the credentials call it.
    table.insert("create_and_verify".to_owned());
    // They are not operations: they use several, or another host. They have tests of their own.
    table.extend(
        [
            "download_recording",
            "download_recording_file",
            "wait_for_connected_peer",
            "wait_for_empty_room",
            "wait_for_recording",
        ]
        .map(str::to_owned),
    );
    assert_eq!(table, async_methods("FishjamClient")?);
    Ok(())
}

#[tokio::test]
async fn every_operation_is_retried_as_its_class_says() -> anyhow::Result<()> {
    each(FISHJAM, |row| async move {
        let refused = refused_once(row, |fault| fault.status(504));
        let (emulator, outcome) = within(row.method, refused).await.context(row.method)??;
        row.check_retried(emulator.journal().count(row.id), outcome)
    })
    .await
}

#[tokio::test]
async fn retry_sends_the_same_request() -> anyhow::Result<()> {
    let not_taken = |fault: Fault| fault.status(503).retry_after(Duration::ZERO);
    each(FISHJAM, |row| async move {
        let method = row.method;
        let (emulator, outcome) = within(method, refused_once(row, not_taken)).await.context(method)??;
        outcome.context(method)?;
        let sent = emulator.journal().requests_for(row.id);
        assert!(is_one_twice(&sent), "{method}: {sent:?}");
        Ok(())
    })
    .await
}

/// Calls a method whose first request the server refuses and does not carry out.
async fn refused_once(
    row: Row,
    refuse: impl FnOnce(Fault) -> Fault,
) -> anyhow::Result<(Emulator, fishjam_sdk::Result<()>)> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::builder(emulator.url(), emulator.token())
        .retry_backoff(Duration::ZERO, Duration::ZERO)
        .build()?;
    let entities = Entities::create(&emulator, &fishjam).await?;
    if row.method == "delete_recording" {
        fishjam.stop_recording(&entities.recording).await?;
        // The server refuses to delete a recording that has not ended yet.
        while fishjam.get_recording(&entities.recording).await?.status == RecordingStatus::Active {}
    }
    emulator.journal().clear();
    refuse(emulator.faults().on(row.id));
    let outcome = (row.call)(&fishjam, &entities).await;
    Ok((emulator, outcome))
}
