//! Errors of livestreams, recordings and compositions.

use std::time::Duration;

use fishjam_emulator::Emulator;
use fishjam_sdk::{
    CompositionRecordingOptions, FishjamClient, RoomOptions, WaitOptions,
    composition::{AudioMix, Output, Scene, Tiles, VideoOutput, View, WhipInputOptions},
};

use super::line;

pub(super) async fn errors() -> anyhow::Result<Vec<String>> {
    let emulator = Emulator::builder().manual_recordings().start().await?;
    let fishjam = FishjamClient::builder(emulator.url(), emulator.token()).max_attempts(1).build()?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    let mut errors = vec![line(fishjam.create_livestream_viewer_token(&room.id).await)?];

    let composition = fishjam.compositions().create(Default::default()).await?;
    composition.register_whip_input("camera", WhipInputOptions::new()).await?;
    errors.push(line(composition.register_whip_input("camera", WhipInputOptions::new()).await)?);
    let wrong = Scene::new(View::new().child(View::new().padding(-1.0)));
    let output = Output::whip(fishjam.livestream_whip_url(), "a-token").video(VideoOutput::new(1280, 720, wrong)?);
    errors.push(line(composition.register_output("main", output).await)?);
    errors.push(line(VideoOutput::new(1281, 720, Scene::new(Tiles::new())))?);

    let output = |token| Output::whip(fishjam.livestream_whip_url(), token).audio(AudioMix::all(["camera"]));
    errors.push(line(composition.register_output("main", output("wrong".into())).await)?);
    let stream = fishjam.create_stream(Default::default()).await?;
    let token = fishjam.create_streamer(&stream.id).await?.token;
    emulator.faults().on("register_output").status(504);
    errors.push(line(composition.register_output("main", output(token.clone())).await)?);
    let output = composition.register_output("main", output(token.clone())).await?;

    fishjam.forward_room_tracks(&room.id, composition.address()).await?;
    let second = fishjam.create_room(RoomOptions::new()).await?;
    errors.push(line(fishjam.forward_room_tracks(&second.id, composition.address()).await)?);

    let unknown = CompositionRecordingOptions::new(composition.address(), "no-output");
    errors.push(line(fishjam.create_composition_recording(unknown).await)?);
    let recording = fishjam.create_composition_recording(output.recording()).await?;
    let folder = tempfile::tempdir()?;
    errors.push(line(fishjam.download_recording(&recording.id, folder.path().join("recording")).await)?);
    errors.push(line(fishjam.delete_recording(&recording.id).await)?);
    let wait = WaitOptions::new(Duration::from_millis(50));
    errors.push(line(fishjam.wait_for_recording(&recording.id, wait).await)?);
    emulator.fail_recording(&recording.id);
    let wait = WaitOptions::new(Duration::from_secs(60));
    errors.push(line(fishjam.wait_for_recording(&recording.id, wait).await)?);

    composition.delete().await?;
    errors.push(line(composition.register_whip_input("late", WhipInputOptions::new()).await)?);
    Ok(errors)
}
