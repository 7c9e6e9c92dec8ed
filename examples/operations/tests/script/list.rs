//! `operations list`

use anyhow::{Result, ensure};
use fishjam_emulator::Emulator;
use fishjam_sdk::{CompositionRecordingOptions, FishjamClient, LivestreamOptions, RoomOptions};
use serde_json::{Value, json};

use super::{lines, run};

#[tokio::test]
async fn list_prints_rooms_livestreams_and_recordings() -> Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    let stream = fishjam.create_stream(LivestreamOptions::new()).await?;
    let streamer = fishjam.create_streamer(&stream.id).await?;
    let source = CompositionRecordingOptions::new("https://rtc.fishjam.io/api/composition/c", "main");
    let recording = fishjam.create_composition_recording(source).await?;

    let output = run(&emulator, &["list"]).await?;
    ensure!(output.status.success(), "{output:?}");
    let lines = lines(&output.stdout)?;
    let ids = |name: &str| -> Vec<Value> {
        lines.iter().filter_map(|line| line.get(name)).map(|item| item["id"].clone()).collect()
    };
    // A livestream is also in the list of rooms.
    let rooms = ids("room");
    ensure!(rooms.contains(&json!(room.id)) && rooms.contains(&json!(stream.id)) && rooms.len() == 2, "{rooms:?}");
    assert_eq!((ids("livestream"), ids("recording")), (vec![json!(stream.id)], vec![json!(recording.id)]));
    ensure!(!output.stdout.contains(streamer.token.expose()) && output.stdout.contains("[redacted]"));
    Ok(())
}

#[tokio::test]
async fn list_prints_unreadable_items() -> Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    emulator.faults().on("get_all_rooms").patch_json(|list| list["data"][0]["peers"] = json!("in a new form"));
    let output = run(&emulator, &["list"]).await?;
    ensure!(output.status.success(), "{output:?}");
    let lines = lines(&output.stdout)?;
    assert_eq!(lines[0]["unreadable"]["room"]["id"], json!(room.id));
    Ok(())
}

#[tokio::test]
async fn list_of_an_empty_account_prints_nothing() -> Result<()> {
    let emulator = Emulator::start().await?;
    let output = run(&emulator, &["list"]).await?;
    ensure!(output.status.success() && output.stdout.is_empty(), "{output:?}");
    Ok(())
}
