//! Every operation of the contract, and whether the client repeats it after an ambiguous failure.

use std::{collections::BTreeSet, time::Duration};

use anyhow::Context as _;
use fishjam_emulator::{Fault, JellyfishEmulator};
use fishjam_sdk::jellyfish::JellyfishClient;
use fishjam_tests::{
    operations::{JELLYFISH, JellyfishEntities, Operation, RetryClass, async_methods, operation_ids},
    support::{each, is_one_twice, within},
};

use crate::fixture::start;

type Row = &'static Operation<JellyfishClient, JellyfishEntities>;

/// Methods whose call names an entity that does not exist. The second response reports that.
const ABSENT: [&str; 3] = ["delete_recording", "get_hls_content", "get_recording_content"];

#[test]
fn table_has_every_operation_of_the_contract() {
    let contract = operation_ids(include_str!("../../../openapi-jellyfish.yaml"));
    assert!(contract.len() >= 16, "{contract:?}");
    assert_eq!(JELLYFISH.iter().map(|operation| operation.id).collect::<BTreeSet<_>>(), contract);
}

#[test]
fn table_has_every_method_of_the_client() -> anyhow::Result<()> {
    let mut table: BTreeSet<_> = JELLYFISH.iter().map(|operation| operation.method.to_owned()).collect();
    assert_eq!(table.len(), JELLYFISH.len());
    // It creates a client and makes the call of `check_credentials`.
    table.insert("create_and_verify".to_owned());
    assert_eq!(table, async_methods("JellyfishClient")?);
    Ok(())
}

#[tokio::test]
async fn every_operation_is_retried_as_its_class_says() -> anyhow::Result<()> {
    each(JELLYFISH, |row| async move {
        let Operation { method, id, class, .. } = *row;
        let (emulator, outcome) =
            within(method, refused_once(row, |fault| fault.status(504))).await.context(method)??;
        let requests = emulator.journal().count(id);
        if !ABSENT.contains(&method) {
            return row.check_retried(requests, outcome);
        }
        assert_eq!((class, requests), (RetryClass::Repeated, 2), "{method}: {outcome:?}");
        match outcome {
            // A deletion that finds nothing the second time has succeeded.
            Ok(()) => assert!(method.starts_with("delete"), "{method}"),
            Err(error) => assert_eq!((error.status(), error.attempts()), (Some(404), 2), "{method}: {error}"),
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn retry_sends_the_same_request() -> anyhow::Result<()> {
    let not_taken = |fault: Fault| fault.status(503).retry_after(Duration::ZERO);
    each(JELLYFISH, |row| async move {
        let method = row.method;
        let (emulator, outcome) = within(method, refused_once(row, not_taken)).await.context(method)??;
        assert!(outcome.is_ok() || ABSENT.contains(&method), "{method}: {outcome:?}");
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
) -> anyhow::Result<(JellyfishEmulator, fishjam_sdk::Result<()>)> {
    let (emulator, jellyfish) = start().await?;
    let entities = JellyfishEntities::create(&jellyfish).await?;
    emulator.journal().clear();
    refuse(emulator.faults().on(row.id));
    let outcome = (row.call)(&jellyfish, &entities).await;
    Ok((emulator, outcome))
}
