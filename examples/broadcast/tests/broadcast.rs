//! Runs the program against an emulator, as its user would.

use std::{fs, time::Duration};

use anyhow::{Context, Result, ensure};
use example_testing::{Program, eventually};
use fishjam_emulator::{Emulator, InputKind, ScriptedPeer, ScriptedPeerOptions, TrackKind};
use fishjam_sdk::{FishjamClient, PeerOptions, RecordingFilter, RoomId, RoomOptions, StreamerStatus};
use serde_json::{Value, json};
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_broadcast");
const FILE: &str = "show.mp4";
const FILE_BYTES: u64 = 65_536;

/// A room on an emulator, and a folder for the file.
struct Show {
    emulator: Emulator,
    fishjam: FishjamClient,
    room: RoomId,
    folder: TempDir,
}

impl Show {
    async fn open() -> Result<Self> {
        let emulator = Emulator::start().await?;
        let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
        let room = fishjam.create_room(RoomOptions::new()).await?.id;
        Ok(Self { emulator, fishjam, room, folder: tempfile::tempdir()? })
    }

    /// Adds a peer with a camera and a microphone.
    async fn join(&self) -> Result<ScriptedPeer> {
        let (peer, _token) = self.fishjam.create_peer(&self.room, PeerOptions::new()).await?;
        let options = ScriptedPeerOptions::new()
            .track(TrackKind::Video, json!({ "type": "camera" }))
            .track(TrackKind::Audio, json!({ "type": "microphone" }));
        Ok(self.emulator.connect_peer(&self.room, &peer.id, options)?)
    }

    fn start(&self, settings: &[(&str, &str)]) -> Result<Program> {
        let mut program = Program::builder(PROGRAM)
            .emulator(&self.emulator)
            .env("BROADCAST_ROOM", self.room.as_str())
            .env("BROADCAST_FILE", self.folder.path().join(FILE));
        for (name, value) in settings {
            program = program.env(name, value);
        }
        program.start()
    }

    /// Starts the program, and returns when it broadcasts.
    async fn broadcast(&self) -> Result<Program> {
        let mut program = self.start(&[])?;
        program.line_with("watch ").await?;
        Ok(program)
    }

    /// Waits until the picture has this number of tiles, and the mix this number of inputs.
    async fn shows(&self, tiles: usize, sounds: usize) -> Result<()> {
        eventually(&format!("{tiles} tiles and {sounds} sounds"), async || {
            let id = self.emulator.composition_ids().pop()?;
            let output = self.emulator.composition(id).state()?.outputs.pop()?;
            let count = |list: &Value| list.as_array().map_or(0, Vec::len);
            let shown = (count(&output.scene?["root"]["children"]), count(&output.audio?["inputs"]));
            (shown == (tiles, sounds)).then_some(())
        })
        .await
    }

    /// Checks that the program left nothing on the server.
    async fn expect_nothing_left(&self) -> Result<()> {
        ensure!(self.emulator.composition_ids().is_empty(), "a composition is left");
        ensure!(self.fishjam.get_all_streams().await?.is_empty(), "a livestream is left");
        ensure!(self.fishjam.get_all_recordings(RecordingFilter::new()).await?.is_empty(), "a recording is left");
        Ok(())
    }

    fn saved_bytes(&self) -> Result<u64> {
        Ok(fs::metadata(self.folder.path().join(FILE)).context("no file")?.len())
    }
}

#[tokio::test]
async fn broadcast_follows_the_room_and_saves_the_file() -> Result<()> {
    let show = Show::open().await?;
    let ada = show.join().await?;
    let mut program = show.broadcast().await?;
    show.shows(1, 1).await?;
    let stream = show.fishjam.get_all_streams().await?.pop().context("no livestream")?;
    assert_eq!(stream.streamers[0].status, StreamerStatus::Connected);
    let id = show.emulator.composition_ids().pop().context("no composition")?;
    let inputs = show.emulator.composition(id).state().context("no composition")?.inputs;
    assert_eq!(inputs[0].kind, InputKind::Forwarded);

    let bob = show.join().await?;
    show.shows(2, 2).await?;
    bob.remove_track(&bob.track_ids()[0]);
    show.shows(1, 2).await?;
    ada.disconnect();
    show.shows(0, 1).await?;
    assert_eq!(show.emulator.journal().count("stop_recording"), 0);

    bob.crash("battery");
    program.line_with("saved ").await?;
    let output = program.end().await?;
    assert!(output.status.success(), "{output:?}");
    assert_eq!(show.saved_bytes()?, FILE_BYTES);
    show.expect_nothing_left().await
}

#[tokio::test]
async fn broadcast_waits_for_the_first_peer() -> Result<()> {
    let show = Show::open().await?;
    let program = show.broadcast().await?;
    show.shows(0, 0).await?;
    let ada = show.join().await?;
    show.shows(1, 1).await?;
    ada.disconnect();
    assert!(program.end().await?.status.success());
    show.expect_nothing_left().await
}

#[tokio::test]
async fn interrupted_broadcast_saves_the_file() -> Result<()> {
    let show = Show::open().await?;
    let _ada = show.join().await?;
    let program = show.broadcast().await?;
    program.interrupt()?;
    let output = program.end().await?;
    assert!(output.status.success(), "{output:?}");
    assert_eq!(show.saved_bytes()?, FILE_BYTES);
    show.expect_nothing_left().await
}

#[tokio::test]
async fn interruption_during_the_start_leaves_nothing() -> Result<()> {
    let show = Show::open().await?;
    let program = show.start(&[])?;
    let created = async || (show.emulator.journal().count("create_composition") > 0).then_some(());
    eventually("a composition", created).await?;
    program.interrupt()?;
    let output = program.end().await?;
    assert!(output.status.success(), "{output:?}");
    show.expect_nothing_left().await
}

#[tokio::test]
async fn interrupt_ends_the_program_while_it_waits_for_fishjam() -> Result<()> {
    let show = Show::open().await?;
    let _outage = show.emulator.outage(Duration::MAX);
    let mut program = show.start(&[])?;
    program.log_with("WARN").await?;
    program.interrupt()?;
    let output = program.end().await?;
    assert!(output.status.success(), "{output:?}");
    Ok(())
}

#[tokio::test]
async fn second_interrupt_ends_the_program_during_an_outage() -> Result<()> {
    let show = Show::open().await?;
    let mut program = show.broadcast().await?;
    let outage = show.emulator.outage(Duration::MAX);
    program.interrupt()?;
    // The program still tries to save the recording.
    program.log_with("the broadcast ends").await?;
    program.interrupt()?;
    let output = program.end().await?;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(output.stderr.contains("interrupted twice"), "{output:?}");
    outage.end();
    Ok(())
}

#[tokio::test]
async fn failure_of_any_step_leaves_nothing() -> Result<()> {
    let steps = [
        "create_composition",
        "create_track_forwarding",
        "create_stream",
        "create_streamer",
        "get_room",
        "register_output",
        "create_recording",
    ];
    for step in steps {
        let show = Show::open().await?;
        let fault = show.emulator.faults().on(step).status(400);
        let output = show.start(&[])?.end().await?;
        assert_eq!((fault.hits(), output.status.code()), (1, Some(1)), "{step}: {output:?}");
        show.expect_nothing_left().await.context(step)?;
    }
    Ok(())
}

#[tokio::test]
async fn failure_during_the_broadcast_saves_the_file() -> Result<()> {
    let show = Show::open().await?;
    let program = show.broadcast().await?;
    show.emulator.faults().on("update_output").status(400);
    let _ada = show.join().await?;
    let output = program.end().await?;
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stderr.contains("update_output"), "{output:?}");
    assert_eq!(show.saved_bytes()?, FILE_BYTES);
    show.expect_nothing_left().await
}

#[tokio::test]
async fn end_of_the_livestream_ends_the_program() -> Result<()> {
    let show = Show::open().await?;
    let _ada = show.join().await?;
    let program = show.broadcast().await?;
    let stream = show.fishjam.get_all_streams().await?.pop().context("no livestream")?;
    show.fishjam.delete_stream(&stream.id).await?;
    let output = program.end().await?;
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stderr.contains("the output ended"), "{output:?}");
    assert_eq!(show.saved_bytes()?, FILE_BYTES);
    show.expect_nothing_left().await
}

#[tokio::test]
async fn broadcast_continues_after_an_outage() -> Result<()> {
    let show = Show::open().await?;
    let ada = show.join().await?;
    let program = show.broadcast().await?;
    let (bob, _token) = show.fishjam.create_peer(&show.room, PeerOptions::new()).await?;

    let outage = show.emulator.outage(Duration::MAX);
    show.emulator.server_sockets().wait_for_count(0).await;
    // No socket receives the notifications about this peer.
    let camera = ScriptedPeerOptions::new().track(TrackKind::Video, json!({ "type": "camera" }));
    let bob = show.emulator.connect_peer(&show.room, &bob.id, camera)?;
    outage.end();

    show.shows(2, 2).await?;
    ada.disconnect();
    bob.disconnect();
    assert!(program.end().await?.status.success());
    show.expect_nothing_left().await
}

#[tokio::test]
async fn download_continues_after_a_lost_connection() -> Result<()> {
    let show = Show::open().await?;
    let ada = show.join().await?;
    let program = show.broadcast().await?;
    show.emulator.faults().on("recording_file").disconnect_mid_body();
    ada.disconnect();
    assert!(program.end().await?.status.success());
    assert_eq!(show.saved_bytes()?, FILE_BYTES);
    let requests = show.emulator.journal().requests_for("recording_file");
    assert_eq!(requests.iter().map(|one| one.header("range").is_some()).collect::<Vec<_>>(), [false, true]);
    Ok(())
}

#[tokio::test]
async fn recording_that_cannot_be_saved_is_not_deleted() -> Result<()> {
    let show = Show::open().await?;
    let program = show.broadcast().await?;
    show.emulator.faults().on("recording_file").always().status(410);
    program.interrupt()?;
    let output = program.end().await?;
    assert_eq!(output.status.code(), Some(1));
    let recording = show.fishjam.get_all_recordings(RecordingFilter::new()).await?.pop().context("no recording")?;
    assert!(output.stderr.contains(recording.id.as_str()), "{output:?}");
    assert!(show.emulator.composition_ids().is_empty());
    assert!(fs::read_dir(show.folder.path())?.next().is_none(), "half a file is left");
    Ok(())
}

#[tokio::test]
async fn viewer_token_is_printed_only_on_request() -> Result<()> {
    let show = Show::open().await?;
    let mut program = show.start(&[("BROADCAST_SHOW_TOKEN", "1")])?;
    let line = program.line_with("viewer token ").await?;
    let url = program.line_with("watch ").await?;
    assert!(url.ends_with("/api/v1/live/api/whep"), "{url}");
    program.interrupt()?;
    let output = program.end().await?;
    let token = line.rsplit(' ').next().context("no token")?;
    assert!(!token.is_empty() && !output.stderr.contains(token));

    let program = show.broadcast().await?;
    program.interrupt()?;
    let output = program.end().await?;
    assert!(!output.stdout.contains("token"), "{output:?}");
    Ok(())
}

#[tokio::test]
async fn missing_room_is_reported() -> Result<()> {
    let show = Show::open().await?;
    let output = Program::start(PROGRAM, &show.emulator)?.end().await?;
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stderr.contains("BROADCAST_ROOM"), "{output:?}");
    show.fishjam.delete_room(&show.room).await?;
    let output = show.start(&[])?.end().await?;
    assert!(output.stderr.contains("not found"), "{output:?}");
    show.expect_nothing_left().await
}
