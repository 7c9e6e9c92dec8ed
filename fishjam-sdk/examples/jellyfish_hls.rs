//! Publishes a camera as an HLS stream of a self-hosted Jellyfish: creates a room, adds the camera and the stream, and
//! subscribes the stream to the camera.
//!
//! ```sh
//! cargo run --example jellyfish_hls --features jellyfish -- rtsp://camera/stream
//! ```
//!
//! With `JELLYFISH_SERVER_ADDRESS` and `JELLYFISH_SERVER_API_TOKEN`, it uses your Jellyfish. Otherwise, it starts an
//! emulator on this machine. The cameras of the emulator always work.

use std::{env, time::Duration};

use anyhow::{Context, bail};
use fishjam_emulator::Emulator;
use fishjam_sdk::{
    VideoCodec,
    jellyfish::{
        ConnectionOptions, EventStream, Hls, HlsRequest, JellyfishClient, JellyfishNotifier, RoomOptions, Rtsp,
        SubscribeMode,
        events::{Event, Notification},
    },
};

/// Time limit for the first picture of the stream.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let camera = env::args().nth(1).unwrap_or_else(|| "rtsp://camera/stream".to_owned());

    // The emulator lives as long as this variable.
    let _emulator;
    let options = if env::var_os("JELLYFISH_SERVER_ADDRESS").is_some() {
        ConnectionOptions::from_env()?
    } else {
        let emulator = Emulator::jellyfish().start().await?;
        println!("JELLYFISH_SERVER_ADDRESS is not set, so this runs on an emulator at {}.", emulator.address());
        let options = ConnectionOptions::new(emulator.address(), emulator.token());
        _emulator = emulator;
        options
    };

    // The notifier connects before the room exists, so that it misses no event.
    let mut events = JellyfishNotifier::new(options.clone())?.events().await?;
    let jellyfish = JellyfishClient::new(options)?;

    // HLS and RTSP need a room whose codec is H.264. In a cluster, the handle uses the server of its room.
    let room = jellyfish.create_room_handle(RoomOptions::new().video_codec(VideoCodec::H264)).await?;
    println!("Created the room {} on {}.", room.id(), room.client().server_address());

    let outcome = async {
        let camera = room.add_component(Rtsp::new(camera)).await?;
        // In manual mode, the stream contains only the subscribed tracks.
        let hls = room.add_component(Hls::new().subscribe_mode(SubscribeMode::Manual)).await?;
        room.subscribe(&hls.id, [&camera.id]).await?;
        println!("Waiting for the camera's first pictures.");
        let playable = playable(&mut events, room.id().as_str());
        tokio::time::timeout(PATIENCE, playable).await.context("there is nothing to play yet")??;

        println!("Play it: {}", room.hls_url("index.m3u8")?);
        let playlist = room.get_hls_content("index.m3u8", HlsRequest::new()).await?.bytes().await?;
        println!("The playlist has {} bytes.", playlist.len());
        anyhow::Ok(())
    }
    .await;

    // The first failure is reported.
    let deleted = room.delete().await;
    outcome?;
    deleted?;
    println!("Deleted the room.");
    Ok(())
}

/// Waits until the room's stream can be played.
async fn playable(events: &mut EventStream, room: &str) -> anyhow::Result<()> {
    while let Some(event) = events.receive().await {
        match event? {
            Event::Notification(Notification::HlsPlayable(hls)) if hls.room_id == room => return Ok(()),
            Event::Notification(Notification::ComponentCrashed(crash)) if crash.room_id == room => {
                bail!("the component {} crashed", crash.component_id)
            }
            Event::Notification(other) => println!("  {other}"),
            _ => {}
        }
    }
    bail!("the notifications ended")
}
