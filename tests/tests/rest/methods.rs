//! The name in an error: that of the called method, in each method of both clients.

use std::fmt::Debug;

use anyhow::Context;
use fishjam_emulator::Emulator;
use fishjam_sdk::{
    Error, FishjamClient,
    jellyfish::{ConnectionOptions, JellyfishClient},
};
use fishjam_tests::{
    operations::{Entities, FISHJAM, JELLYFISH, JellyfishEntities, Operation},
    support::within,
};

/// Calls each method of a table, and checks the names in its error.
async fn check<C: Debug, E: Debug>(table: &[Operation<C, E>], client: &C, entities: &E) -> anyhow::Result<()> {
    for Operation { method, id, call, .. } in table {
        let error = within(method, call(client, entities)).await?.err().context(*method)?;
        assert_named(&error, method, id);
    }
    Ok(())
}

fn assert_named(error: &Error, method: &str, id: &str) {
    let line = error.to_string();
    assert!(line.starts_with(&format!("{method}: unexpected status (418)")), "{method}: {line}");
    assert_eq!(error.operation(), Some(id), "{method}");
}

#[tokio::test]
async fn error_names_the_called_method() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    emulator.faults().on("*").always().status(418);
    check(FISHJAM, &fishjam, &Entities::absent()).await?;
    let error = FishjamClient::create_and_verify(emulator.url(), emulator.token()).await.unwrap_err();
    assert_named(&error, "create_and_verify", "validate_credentials");
    Ok(())
}

#[tokio::test]
async fn error_of_jellyfish_names_the_called_method() -> anyhow::Result<()> {
    let emulator = Emulator::jellyfish().start().await?;
    let jellyfish = JellyfishClient::new(ConnectionOptions::new(emulator.address(), emulator.token()))?;
    let entities = JellyfishEntities::create(&jellyfish).await?;
    emulator.faults().on("*").always().status(418);
    check(JELLYFISH, &jellyfish, &entities).await
}
