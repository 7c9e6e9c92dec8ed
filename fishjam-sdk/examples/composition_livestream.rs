//! Broadcasts a room: mixes two peers into one picture and one sound, publishes them as a livestream, and records them.
//!
//! ```sh
//! cargo run --example composition_livestream --features composition
//! ```
//!
//! The example starts an emulator, on which two scripted peers visit a room. It checks each step, draws the layout into the
//! file `composition_livestream.svg` in the folder for temporary files, and ends automatically.

use std::{env, fs, path::Path, time::Duration};

use anyhow::{Context, ensure};
use fishjam_emulator::{Emulator, ScriptedPeerOptions, TrackKind};
use fishjam_sdk::{
    EventStream, FishjamClient, FishjamNotifier, LivestreamOptions, Peer, PeerId, PeerOptions, RecordingId,
    RecordingStatus, Room, RoomOptions, StreamId, StreamerStatus,
    composition::{
        AudioMix, AudioOutput, Color, Composition, CompositionOptions, CompositionOutput, EndCondition, Image,
        ImageSource, InputId, InputSizes, InputStream, Output, OutputUpdate, Position, Scene, Text, Tiles, VideoOutput,
        View,
    },
    events::{Event, Notification},
};
use serde_json::json;

/// The size of the picture.
const RESOLUTION: (u32, u32) = (1280, 720);
/// The limit of each step.
const LIMIT: Duration = Duration::from_secs(30);
const LOGO: &str = "logo";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let notifier = FishjamNotifier::new(emulator.url(), emulator.token())?;
    let mut events = notifier.events().await?;
    let folder = tempfile::tempdir()?;

    let room = fishjam.create_room(RoomOptions::new()).await?;
    let (ada, bob) = (add_peer(&emulator, &fishjam, &room).await?, add_peer(&emulator, &fishjam, &room).await?);
    println!("Two peers are in the room.");

    // The composition is deleted at the end, also after an error.
    let composition = fishjam.compositions().create(CompositionOptions::new()).await?.delete_on_drop();
    // The API cannot return the states of inputs and outputs, so the handle records their events from now on.
    composition.watch().await?;
    composition.register_image(LOGO, ImageSource::png("https://example.com/logo.png")).await?;
    fishjam.forward_room_tracks(&room.id, composition.address()).await?;
    let inputs = [forwarded(&mut events, &ada.id).await?, forwarded(&mut events, &bob.id).await?];
    for input in &inputs {
        composition.input(input).playing().timeout(LIMIT).await?;
    }
    println!("The composition plays both peers.");

    let picture = scene("Live: Ada and Bob", &inputs);
    draw(&picture, &env::temp_dir().join("composition_livestream.svg"))?;

    let (stream, output) = broadcast(&fishjam, &composition, picture, &inputs).await?;
    ensure!(streamer_status(&fishjam, &stream).await? == Some(StreamerStatus::Connected), "no livestream");
    println!("The composition sends to the livestream.");
    let recording = fishjam.create_composition_recording(output.recording()).await?;

    emulator.disconnect_peer(&room.id, &bob.id);
    composition.input(&inputs[1]).ended().timeout(LIMIT).await?;
    let update = OutputUpdate::new().video(scene("Live: Ada", &inputs[..1])).audio(AudioMix::all(ids(&inputs[..1])));
    output.update(update).await?;
    println!("Bob left, and the picture shows only Ada.");

    emulator.disconnect_peer(&room.id, &ada.id);
    output.done().timeout(LIMIT).await?;
    ensure!(streamer_status(&fishjam, &stream).await? != Some(StreamerStatus::Connected), "the livestream continues");
    println!("Ada left, and the broadcast is over.");

    save(&fishjam, &recording.id, &folder.path().join("broadcast.mp4")).await?;
    composition.delete().await?;
    ensure!(emulator.composition_ids().is_empty(), "the composition still exists");
    println!("The composition is deleted.");
    Ok(())
}

/// Adds a peer that publishes its camera and its microphone.
async fn add_peer(emulator: &Emulator, fishjam: &FishjamClient, room: &Room) -> anyhow::Result<Peer> {
    let (peer, _token) = fishjam.create_peer(&room.id, PeerOptions::new()).await?;
    let options = ScriptedPeerOptions::new()
        .track(TrackKind::Video, json!({ "type": "camera" }))
        .track(TrackKind::Audio, json!({ "type": "microphone" }));
    emulator.connect_peer(&room.id, &peer.id, options)?;
    Ok(peer)
}

/// Waits until the tracks of a peer are forwarded. Returns the input that receives them.
async fn forwarded(events: &mut EventStream, peer: &PeerId) -> anyhow::Result<InputId> {
    let forwarded = async {
        while let Some(event) = events.receive().await {
            match event? {
                Event::Notification(Notification::TrackForwarding(forwarding)) if forwarding.peer_id == *peer => {
                    return Ok(forwarding.input_id.into());
                }
                _ => {}
            }
        }
        anyhow::bail!("the notifier ended")
    };
    tokio::time::timeout(LIMIT, forwarded).await.context("the tracks are not forwarded")?
}

fn ids(inputs: &[InputId]) -> impl Iterator<Item = &str> {
    inputs.iter().map(InputId::as_str)
}

/// The picture: a tile for each input, a caption at the bottom, and a logo in a corner.
fn scene(caption: &str, inputs: &[InputId]) -> Scene {
    let tiles = Tiles::new().id("tiles").children(inputs.iter().map(InputStream::new)).margin(16.0);
    let caption = View::new()
        .id("caption")
        .position(Position::bottom_left(0.0, 0.0))
        .height(64.0)
        .padding_left(24.0)
        .background_color(Color::rgba(0, 0, 0, 160))
        .child(Text::new(caption, 40.0).color(Color::WHITE));
    let logo = View::new()
        .position(Position::top_right(24.0, 24.0))
        .width(160.0)
        .height(80.0)
        .child(Image::new(LOGO).width(160.0).height(80.0));
    Scene::new(View::new().child(tiles).child(caption).child(logo))
}

/// Draws the layout into a file, without a server.
fn draw(picture: &Scene, path: &Path) -> anyhow::Result<()> {
    let layout = picture.layout(RESOLUTION, InputSizes::new().other_inputs(640.0, 480.0))?;
    let tiles = layout.component("tiles").context("no tiles")?.rect();
    let caption = layout.component("caption").context("no caption")?.rect();
    ensure!((tiles.width, caption.y) == (1280.0, 656.0), "unexpected layout: {tiles:?}, {caption:?}");
    fs::write(path, layout.to_svg())?;
    ensure!(fs::read_to_string(path)?.starts_with("<svg"), "the layout is not an SVG");
    println!("The layout is drawn: {}", path.display());
    Ok(())
}

/// Sends the composition to a new livestream, until all inputs have ended.
async fn broadcast(
    fishjam: &FishjamClient,
    composition: &Composition,
    picture: Scene,
    inputs: &[InputId],
) -> anyhow::Result<(StreamId, CompositionOutput)> {
    let stream = fishjam.create_stream(LivestreamOptions::new()).await?;
    let streamer = fishjam.create_streamer(&stream.id).await?;
    let (width, height) = RESOLUTION;
    let video = VideoOutput::new(width, height, picture)?.ends(EndCondition::AllInputs);
    let audio = AudioOutput::new(AudioMix::all(ids(inputs))).ends(EndCondition::AllInputs);
    let output = Output::whip(fishjam.livestream_whip_url(), streamer.token).video(video).audio(audio);
    Ok((stream.id, composition.register_output("main", output).await?))
}

/// Returns the status of the livestream's streamer.
async fn streamer_status(fishjam: &FishjamClient, stream: &StreamId) -> anyhow::Result<Option<StreamerStatus>> {
    let stream = fishjam.get_stream(stream).await?;
    Ok(stream.streamers.into_iter().next().map(|streamer| streamer.status))
}

/// Waits until a recording is available, and downloads its files. It ended with its output.
async fn save(fishjam: &FishjamClient, recording: &RecordingId, path: &Path) -> anyhow::Result<()> {
    let recording = fishjam.wait_for_recording(recording, LIMIT).await?;
    ensure!(recording.status == RecordingStatus::Available);
    for path in fishjam.download_recording(&recording.id, path).await? {
        println!("The recording is saved: {} with {} bytes", path.display(), path.metadata()?.len());
    }
    Ok(())
}
