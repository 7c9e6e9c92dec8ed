//! The end of the program.

use std::time::Duration;

use anyhow::{Result, ensure};
use example_testing::{Program, eventually};
use fishjam_emulator::Emulator;

use super::{DASHBOARD, Fixture, events::Events, failures::fill_the_queue};

#[tokio::test]
async fn interrupt_ends_open_streams() -> Result<()> {
    let Fixture { emulator, program, url, .. } = Fixture::start().await?;
    let mut events = Events::open(&url).await?;
    events.rooms().await?;
    program.interrupt()?;
    while events.next().await?.is_some() {}
    let output = program.end().await?;
    ensure!(output.status.success(), "{output:?}");
    assert_eq!(emulator.subscribers(), 0);
    Ok(())
}

#[tokio::test]
async fn interrupt_ends_the_program_despite_a_stuck_reader() -> Result<()> {
    let fixture = Fixture::start().await?;
    let mut stuck = Events::open(&fixture.url).await?;
    stuck.rooms().await?;
    fill_the_queue(&fixture).await?;
    fixture.program.interrupt()?;
    let output = fixture.program.end().await?;
    ensure!(output.status.success(), "{}", output.stderr);
    ensure!(output.stderr.contains("stopped before a client had read its response"), "{}", output.stderr);
    Ok(())
}

#[tokio::test]
async fn interrupt_ends_the_program_while_it_waits_for_fishjam() -> Result<()> {
    let emulator = Emulator::start().await?;
    let _outage = emulator.outage(Duration::MAX);
    let mut program = Program::start(DASHBOARD, &emulator)?;
    program.log_with("WARN").await?;
    program.interrupt()?;
    let output = program.end().await?;
    ensure!(output.status.success() && output.stdout.is_empty(), "{output:?}");
    Ok(())
}

#[tokio::test]
async fn revoked_token_ends_the_program_with_an_error() -> Result<()> {
    let Fixture { emulator, program, url, .. } = Fixture::start().await?;
    let mut events = Events::open(&url).await?;
    events.rooms().await?;
    emulator.faults().on("server_socket").always().refuse_token();
    emulator.server_sockets().drop_all();
    let output = program.end().await?;
    assert_eq!(output.status.code(), Some(1));
    ensure!(output.stderr.contains("cannot follow the rooms anymore"), "{}", output.stderr);
    Ok(())
}

#[tokio::test]
async fn wrong_token_is_reported_at_the_start() -> Result<()> {
    let emulator = Emulator::start().await?;
    let program = Program::builder(DASHBOARD).emulator(&emulator).env("FISHJAM_MANAGEMENT_TOKEN", "wrong").start()?;
    let output = program.end().await?;
    assert_eq!((output.status.code(), output.stdout.as_str()), (Some(1), ""));
    ensure!(output.stderr.contains("unauthorized"), "{}", output.stderr);
    eventually("the end of the connection", async || (emulator.subscribers() == 0).then_some(())).await
}
