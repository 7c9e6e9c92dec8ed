//! A synchronous program: a room, peers and a recording without `async` and without a runtime.
//!
//! ```sh
//! cargo run --example blocking --features blocking
//! ```
//!
//! Without settings, the example starts an emulator. With `FISHJAM_ID` and `FISHJAM_MANAGEMENT_TOKEN`, it uses your
//! Fishjam, waits for a peer with the printed token, and makes no recording.

use std::{env, fs, thread, time::Duration};

use anyhow::{bail, ensure};
use fishjam_emulator::{Emulator, ScriptedPeerOptions};
use fishjam_sdk::{CompositionRecordingOptions, ErrorKind, PeerOptions, RoomOptions, blocking::FishjamClient};
use serde_json::json;

fn main() -> anyhow::Result<()> {
    // The emulator lives as long as this variable.
    let emulator = if env::var_os("FISHJAM_ID").is_none() { Some(Emulator::start_blocking()?) } else { None };
    let fishjam = match &emulator {
        Some(emulator) => FishjamClient::new(emulator.url(), emulator.token())?,
        None => FishjamClient::from_env()?,
    };
    fishjam.check_credentials()?;

    let room = fishjam.create_room(RoomOptions::new().max_peers(10))?;
    println!("created room {}", room.id);
    let outcome = use_room(&fishjam, &room.id, emulator.as_ref());
    fishjam.delete_room(&room.id)?;
    outcome?;
    let Err(error) = fishjam.get_room(&room.id) else { bail!("the room still exists") };
    ensure!(error.kind() == ErrorKind::NotFound, "{error:#}");
    println!("deleted the room");

    if let Some(emulator) = &emulator {
        record(&fishjam, emulator)?;
    }
    Ok(())
}

/// Adds three peers from three threads, and waits until one of them is connected.
fn use_room(fishjam: &FishjamClient, room: &fishjam_sdk::RoomId, emulator: Option<&Emulator>) -> anyhow::Result<()> {
    let add = |name: &str| anyhow::Ok(fishjam.create_peer(room, PeerOptions::new().metadata(json!({ "name": name })))?);
    let added = thread::scope(|scope| {
        let threads = ["Grace", "Edsger", "Ada"].map(|name| scope.spawn(move || add(name)));
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| bail!("a thread panicked")))
            .collect::<Result<Vec<_>, _>>()
    })?;
    let [.., (ada, token)] = &added[..] else { bail!("no peers") };
    match emulator {
        Some(emulator) => drop(emulator.connect_peer(room, token.expose(), ScriptedPeerOptions::new())?),
        // A real backend sends the token only to the peer's client.
        None => println!("connect a client with {}", token.expose()),
    }
    let ada = fishjam.wait_for_connected_peer(room, &ada.id, Duration::from_secs(60))?;
    let peers = fishjam.get_room(room)?.peers.len();
    ensure!(peers == 3, "the room has {peers} peers");
    println!("{} of {peers} peers is {}", ada.id, ada.status);
    Ok(())
}

/// Makes a recording, waits for its file and downloads it.
fn record(fishjam: &FishjamClient, emulator: &Emulator) -> anyhow::Result<()> {
    // A recording needs a composition with an output. The emulator accepts any.
    let options = CompositionRecordingOptions::new("https://rtc.fishjam.io/api/composition/c", "main");
    let recording = fishjam.create_composition_recording(options)?;
    fishjam.stop_recording(&recording.id)?;
    let recording = fishjam.wait_for_recording(&recording.id, Duration::from_secs(60))?;
    let folder = tempfile::tempdir()?;
    for path in fishjam.download_recording(&recording.id, folder.path().join("lesson.mp4"))? {
        println!("downloaded {} bytes to {}", fs::metadata(&path)?.len(), path.display());
    }
    ensure!(emulator.journal().count("recording_file") == recording.files.len(), "not all files were downloaded");
    Ok(())
}
