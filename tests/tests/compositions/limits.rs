//! Time limits: each call has one, and the caller can change it.

use std::time::Duration;

use anyhow::Context;
use fishjam_sdk::ErrorKind;
use fishjam_tests::{operations::COMPOSITION_HANDLE, operations::CompositionEntities, support::within};

use crate::start;

// Defects P3 and J7 of the official clients.
#[tokio::test]
async fn server_that_never_answers_ends_each_call() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    emulator.faults().on("*").always().stall();
    let composition = composition.with_timeout(Duration::from_millis(5)).with_max_attempts(1);
    for row in COMPOSITION_HANDLE {
        let of = CompositionEntities::absent();
        let error = within(row.method, (row.call)(&composition, &of)).await?.err().context(row.method)?;
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, 1), "{}: {error}", row.method);
    }
    Ok(())
}

#[tokio::test]
async fn overall_limit_ends_a_registration() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    emulator.faults().on("register_input").always().stall();
    let composition = composition.with_overall_timeout(Duration::from_millis(5));
    let error = within("the call", composition.register_mp4_input("m", "https://e.com")).await?.err();
    let error = error.context("registered")?;
    assert_eq!((error.kind(), error.possible_object()), (ErrorKind::Timeout, Some(r#"input "m""#)));
    Ok(())
}
