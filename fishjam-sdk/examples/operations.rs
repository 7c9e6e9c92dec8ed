//! A script for operators: lists rooms, deletes empty rooms, downloads recordings.
//!
//! ```sh
//! cargo run --example operations -- rooms
//! cargo run --example operations -- delete-empty-rooms
//! cargo run --example operations -- download my-recording lesson.mp4
//! ```
//!
//! The commands use the Fishjam of `FISHJAM_ID` and `FISHJAM_MANAGEMENT_TOKEN`. Without a command, the example runs all
//! commands on an emulator and checks the results.

use std::{env, path::PathBuf, time::Duration};

use anyhow::{bail, ensure};
use fishjam_emulator::{Emulator, ScriptedPeerOptions};
use fishjam_sdk::{CompositionRecordingOptions, FishjamClient, PeerOptions, PeerStatus, RoomOptions};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => return try_on_emulator().await,
        ["rooms"] => print!("{}", table(&FishjamClient::from_env()?).await?),
        ["delete-empty-rooms"] => {
            println!("deleted {} rooms", delete_empty_rooms(&FishjamClient::from_env()?).await?);
        }
        ["download", recording, path] => {
            for path in download(&FishjamClient::from_env()?, recording, path.into()).await? {
                println!("saved {}", path.display());
            }
        }
        _ => bail!("usage: operations [rooms | delete-empty-rooms | download RECORDING PATH]"),
    }
    Ok(())
}

/// Returns a table of all rooms.
async fn table(fishjam: &FishjamClient) -> anyhow::Result<String> {
    let mut table = format!("{:<36}  {:<12}  {:<6}  PEERS  CONNECTED\n", "ROOM", "TYPE", "CODEC");
    for room in fishjam.get_all_rooms().await? {
        let connected = room.peers.iter().filter(|peer| peer.status == PeerStatus::Connected).count();
        let (kind, codec) = (&room.config.room_type, &room.config.video_codec);
        table += &format!("{:<36}  {kind:<12}  {codec:<6}  {:>5}  {connected:>9}\n", room.id, room.peers.len());
    }
    Ok(table)
}

/// Deletes all rooms without peers. Returns their number.
async fn delete_empty_rooms(fishjam: &FishjamClient) -> anyhow::Result<usize> {
    let mut deleted = 0;
    for room in fishjam.get_all_rooms().await?.iter().filter(|room| room.peers.is_empty()) {
        match fishjam.delete_room(&room.id).await {
            Ok(()) => deleted += 1,
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(deleted)
}

/// Waits until the recording is available, and downloads its files. Returns their paths.
async fn download(fishjam: &FishjamClient, recording: &str, path: PathBuf) -> anyhow::Result<Vec<PathBuf>> {
    fishjam.wait_for_recording(recording, Duration::from_secs(600)).await?;
    Ok(fishjam.download_recording(recording, path).await?)
}

async fn try_on_emulator() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    fishjam.create_room(RoomOptions::new()).await?;
    let used = fishjam.create_room(RoomOptions::new().video_codec("vp8".parse()?)).await?;
    let (peer, _token) = fishjam.create_peer(&used.id, PeerOptions::new()).await?;
    emulator.connect_peer(&used.id, &peer.id, ScriptedPeerOptions::new())?;

    let before = table(&fishjam).await?;
    print!("{before}");
    ensure!(before.contains(&format!("{}  conference    vp8         1          1\n", used.id)), "unexpected table");
    ensure!(delete_empty_rooms(&fishjam).await? == 1);
    let rooms = fishjam.get_all_rooms().await?;
    ensure!(rooms.len() == 1 && rooms[0].id == used.id, "the wrong room was deleted");
    println!("deleted the empty room");

    let options = CompositionRecordingOptions::new("https://rtc.fishjam.io/api/composition/c", "main");
    let recording = fishjam.create_composition_recording(options).await?;
    fishjam.stop_recording(&recording.id).await?;
    let folder = tempfile::tempdir()?;
    let paths = download(&fishjam, recording.id.as_str(), folder.path().join("lesson.mp4")).await?;
    ensure!(paths == [folder.path().join("lesson.mp4")]);
    println!("downloaded a recording of {} bytes", paths[0].metadata()?.len());
    Ok(())
}
