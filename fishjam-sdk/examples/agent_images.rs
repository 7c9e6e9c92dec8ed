//! An agent that takes a picture of each camera in its room, for example for a vision model.
//!
//! ```sh
//! cargo run --example agent_images
//! cargo run --example agent_images -- pictures   # saves the pictures in the directory `pictures`
//! ```
//!
//! Notifications report the cameras, because an agent's socket receives no video. Fishjam sends one image per second and
//! track. The example starts an emulator on this machine, and the emulator sends the same small image for each camera.

use std::{env, fs, path::Path, time::Duration};

use anyhow::{Context, bail, ensure};
use fishjam_emulator::{Emulator, ScriptedPeerOptions, TrackKind};
use fishjam_sdk::{
    AgentOptions, ErrorKind, EventStream, FishjamClient, FishjamNotifier, PeerOptions, RoomId, RoomOptions, TrackId,
    TrackType,
    agent::AgentSession,
    events::{Event, Notification},
};
use serde_json::json;
use tokio::time::timeout;

/// The maximum time to wait for an image. The session repeats the request once per second.
const PATIENCE: Duration = Duration::from_secs(5);

/// Saves one picture of each camera until this number is complete. Returns the ids of the tracks.
async fn photograph(
    session: &AgentSession,
    events: &mut EventStream,
    room: &RoomId,
    directory: &Path,
    pictures: usize,
) -> anyhow::Result<Vec<TrackId>> {
    let mut done = Vec::new();
    while done.len() < pictures {
        let track = next_camera(events, room).await?;
        // Audio still arrives meanwhile. To take pictures of many cameras at the same time, use `session.sender()`.
        match session.capture_image_and_wait(&track, PATIENCE).await {
            Ok(image) => {
                // No part of the path comes from the server.
                let extension = if image.content_type == "image/jpeg" { "jpg" } else { "image" };
                let file = directory.join(format!("camera-{}.{extension}", done.len() + 1));
                fs::write(&file, &image.data)?;
                println!("{}: {} bytes of {}", file.display(), image.data.len(), image.content_type);
                done.push(track);
            }
            // The camera was switched off meanwhile.
            Err(error) if error.kind() == ErrorKind::Timeout => println!("no image of {track}"),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(done)
}

/// Waits until a peer of the room publishes a video track.
async fn next_camera(events: &mut EventStream, room: &RoomId) -> anyhow::Result<TrackId> {
    while let Some(event) = events.receive().await {
        if let Event::Notification(Notification::TrackAdded(added)) = event?
            && added.room_id == *room
            && added.track.track_type == Some(TrackType::Video)
        {
            return Ok(added.track.id);
        }
    }
    bail!("the notifier was closed")
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let scratch = tempfile::tempdir()?;
    let directory = env::args_os().nth(1).map_or_else(|| scratch.path().to_owned(), Into::into);
    fs::create_dir_all(&directory)?;

    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let notifier = FishjamNotifier::new(emulator.url(), emulator.token())?;
    // Subscribe before the peers arrive: Fishjam does not repeat notifications.
    let mut events = notifier.events().await?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    let agent = fishjam.create_agent(&room.id, AgentOptions::new()).await?;
    let session = agent.connect().await?;

    // Two peers join with a microphone and a camera.
    let mut cameras = Vec::new();
    for name in ["Ada", "Bob"] {
        let (peer, _token) = fishjam.create_peer(&room.id, PeerOptions::new()).await?;
        let options = ScriptedPeerOptions::new()
            .metadata(json!({ "name": name }))
            .track(TrackKind::Audio, json!({ "type": "microphone" }));
        let peer = emulator.connect_peer(&room.id, &peer.id, options)?;
        cameras.push(TrackId::from(peer.add_track(TrackKind::Video, json!({ "type": "camera" }))?));
    }

    let photographing = photograph(&session, &mut events, &room.id, &directory, cameras.len());
    let pictures = timeout(Duration::from_secs(30), photographing).await.context("no picture in 30 seconds")??;
    ensure!(pictures == cameras, "the pictures show other tracks");
    for number in 1..=cameras.len() {
        let image = fs::read(directory.join(format!("camera-{number}.jpg")))?;
        ensure!(image.starts_with(&[0xff, 0xd8]), "picture {number} is not a JPEG image");
    }
    session.disconnect().await?;
    fishjam.delete_room(&room.id).await?;
    Ok(())
}
