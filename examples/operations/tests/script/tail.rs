//! `operations tail`

use std::{process::Stdio, time::Duration};

use anyhow::{Result, ensure};
use example_testing::eventually;
use fishjam_emulator::Emulator;
use fishjam_sdk::{FishjamClient, RoomOptions};
use serde_json::{Value, json};
use tokio::process::Command;

use super::{SCRIPT, lines, start};

#[tokio::test]
async fn tail_prints_notifications_until_the_interrupt() -> Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let mut program = start(&emulator, &["tail"])?;
    emulator.server_sockets().wait_for_subscribers(1).await;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    fishjam.delete_room(&room.id).await?;
    program.line_with("roomDeleted").await?;
    program.interrupt()?;
    let output = program.end().await?;
    ensure!(output.status.success(), "{output:?}");
    let expected =
        ["roomCreated", "roomDeleted"].map(|name| json!({ "notification": { name: { "roomId": room.id } } }));
    assert_eq!(lines(&output.stdout)?, expected);
    assert_eq!(emulator.subscribers(), 0);
    Ok(())
}

#[tokio::test]
async fn tail_prints_a_gap_for_an_outage() -> Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let mut program = start(&emulator, &["tail"])?;
    emulator.server_sockets().wait_for_subscribers(1).await;
    let outage = emulator.outage(Duration::MAX);
    program.log_with("WARN").await?;
    outage.end();
    let gap: Value = serde_json::from_str(&program.line_with("gap").await?)?;
    ensure!(gap["gap"]["from"].is_string() && gap["gap"]["reason"]["kind"].is_string(), "{gap}");
    // The notifier is connected again.
    fishjam.create_room(RoomOptions::new()).await?;
    program.line_with("roomCreated").await?;
    program.interrupt()?;
    ensure!(program.end().await?.status.success());
    Ok(())
}

#[tokio::test]
async fn interrupt_ends_tail_while_it_waits_for_fishjam() -> Result<()> {
    let emulator = Emulator::start().await?;
    let _outage = emulator.outage(Duration::MAX);
    let mut program = start(&emulator, &["tail"])?;
    program.log_with("WARN").await?;
    program.interrupt()?;
    let output = program.end().await?;
    ensure!(output.status.success() && output.stdout.is_empty(), "{output:?}");
    Ok(())
}

#[tokio::test]
async fn tail_fails_if_the_token_is_revoked() -> Result<()> {
    let emulator = Emulator::start().await?;
    let program = start(&emulator, &["tail"])?;
    emulator.server_sockets().wait_for_subscribers(1).await;
    emulator.faults().on("server_socket").always().refuse_token();
    emulator.server_sockets().drop_all();
    let output = program.end().await?;
    assert_eq!(output.status.code(), Some(1));
    ensure!(output.stderr.contains("operations: unauthorized"), "{}", output.stderr);
    Ok(())
}

#[tokio::test]
async fn tail_ends_when_its_reader_has_enough() -> Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let mut child = Command::new(SCRIPT)
        .arg("tail")
        .env("FISHJAM_ID", emulator.url())
        .env("FISHJAM_MANAGEMENT_TOKEN", emulator.token())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    // As `head` does after its last line.
    drop(child.stdout.take());
    emulator.server_sockets().wait_for_subscribers(1).await;
    fishjam.create_room(RoomOptions::new()).await?;
    let status = eventually("the end of the script", async || child.try_wait().transpose()).await?;
    ensure!(status?.success());
    Ok(())
}
