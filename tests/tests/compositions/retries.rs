//! Every operation of the contract, and whether the client repeats it after an ambiguous failure.

use std::{collections::BTreeSet, time::Duration};

use anyhow::Context;
use fishjam_emulator::{Emulator, Fault};
use fishjam_sdk::{
    FishjamClient,
    composition::{AudioMix, Composition, CompositionClient, CompositionOptions, OutputUpdate},
};
use fishjam_tests::{
    operations::{
        BLOCKING_COMPOSITION, BLOCKING_COMPOSITIONS, COMPOSITION_HANDLE, COMPOSITIONS, CompositionEntities, Operation,
        async_methods, operation_ids,
    },
    support::{each, is_one_twice, within},
};

type Row = &'static Operation<Composition, CompositionEntities>;

#[test]
fn tables_have_every_operation_of_the_contract() {
    let contract = operation_ids(include_str!("../../../openapi-composition.yaml"));
    assert_eq!(contract.len(), 15, "{contract:?}");
    let ids = COMPOSITIONS.iter().map(|row| row.id).chain(COMPOSITION_HANDLE.iter().map(|row| row.id));
    assert_eq!(ids.collect::<BTreeSet<_>>(), contract);
}

// The rows also expand to calls of the blocking types. So they have every method, too.
#[test]
fn tables_have_every_method_of_client_and_handle() -> anyhow::Result<()> {
    let methods = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    let table: Vec<_> = COMPOSITIONS.iter().map(|row| row.method).collect();
    assert_eq!((methods(&table), BLOCKING_COMPOSITIONS.len()), (async_methods("CompositionClient")?, 1));

    let mut table: Vec<_> = COMPOSITION_HANDLE.iter().map(|row| row.method).collect();
    assert_eq!(methods(&table).len(), BLOCKING_COMPOSITION.len());
    // They open the event socket, and have tests of their own.
    table.extend(["events", "events_with", "watch"]);
    assert_eq!(methods(&table), async_methods("Composition")?);
    Ok(())
}

#[tokio::test]
async fn each_operation_is_retried_as_its_class_says() -> anyhow::Result<()> {
    each(COMPOSITION_HANDLE, |row| async move {
        let refused = refused_once(row, |fault| fault.status(504));
        let (emulator, outcome) = within(row.method, refused).await.context(row.method)??;
        row.check_retried(emulator.journal().count(row.id), outcome)
    })
    .await
}

#[tokio::test]
async fn error_names_the_called_method() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let (compositions, of) = (quick(&emulator)?, CompositionEntities::absent());
    let composition = compositions.adopt("c")?;
    emulator.faults().on("*").always().status(418);
    let calls = COMPOSITION_HANDLE.iter().map(|row| (row.method, row.id, (row.call)(&composition, &of)));
    for (method, id, call) in
        calls.chain(COMPOSITIONS.iter().map(|row| (row.method, row.id, (row.call)(&compositions, &of))))
    {
        let error = call.await.err().context(method)?;
        assert!(error.to_string().starts_with(&format!("{method}: unexpected status (418)")), "{method}: {error}");
        assert_eq!(error.operation(), Some(id), "{method}");
    }
    Ok(())
}

#[tokio::test]
async fn retry_sends_the_same_request() -> anyhow::Result<()> {
    let not_taken = |fault: Fault| fault.status(503).retry_after(Duration::ZERO);
    each(COMPOSITION_HANDLE, |row| async move {
        let method = row.method;
        let (emulator, outcome) = within(method, refused_once(row, not_taken)).await.context(method)??;
        outcome.context(method)?;
        let sent = emulator.journal().requests_for(row.id);
        assert!(is_one_twice(&sent), "{method}: {sent:?}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn removal_that_took_effect_is_a_success() -> anyhow::Result<()> {
    let rows = ["delete", "unregister_input", "unregister_output", "unregister_image"];
    let rows: Vec<_> = COMPOSITION_HANDLE.iter().filter(|row| rows.contains(&row.method)).collect();
    assert_eq!(rows.len(), 4);
    each(rows, |row| async move {
        let lost = |fault: Fault| fault.status(502).after_handling();
        let (emulator, outcome) = within(row.method, refused_once(row, lost)).await.context(row.method)??;
        outcome.context(row.method)?;
        assert_eq!(emulator.journal().count(row.id), 2, "{}", row.method);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn create_is_sent_once() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let compositions = quick(&emulator)?;
    emulator.faults().on("create_composition").status(504).after_handling();
    let error = compositions.create(CompositionOptions::new()).await.err().context("created")?;
    assert_eq!((error.attempts(), error.possible_object()), (1, Some("a composition")));
    assert_eq!(emulator.composition_ids().len(), 1);
    Ok(())
}

#[tokio::test]
async fn scheduled_update_is_sent_once() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let composition = quick(&emulator)?.create(CompositionOptions::new()).await?;
    let of = CompositionEntities::create(&composition).await?;
    emulator.journal().clear();
    emulator.faults().on("update_output").status(504);
    let update = OutputUpdate::from(AudioMix::new()).schedule_time(Duration::from_secs(3600));
    let error = composition.update_output(&of.output, update).await.err().context("sent again")?;
    assert_eq!((error.attempts(), error.may_have_taken_effect()), (1, true));
    Ok(())
}

fn quick(emulator: &Emulator) -> fishjam_sdk::Result<CompositionClient> {
    let fishjam = FishjamClient::builder(emulator.url(), emulator.token())
        .retry_backoff(Duration::ZERO, Duration::ZERO)
        .build()?;
    Ok(fishjam.compositions())
}

/// Calls a method whose first request the server refuses.
async fn refused_once(
    row: Row,
    refuse: impl FnOnce(Fault) -> Fault,
) -> anyhow::Result<(Emulator, fishjam_sdk::Result<()>)> {
    let emulator = Emulator::start().await?;
    let composition = quick(&emulator)?.create(CompositionOptions::new()).await?;
    let of = CompositionEntities::create(&composition).await?;
    emulator.journal().clear();
    refuse(emulator.faults().on(row.id));
    let outcome = (row.call)(&composition, &of).await;
    Ok((emulator, outcome))
}
