//! Broadcasts a room: composes its peers into one picture, streams and records it, and saves the file.
//!
//! The page "Broadcast" of the guide explains this program. Everything that it creates is gone when it ends.

use std::{collections::BTreeMap, env, path::PathBuf, pin::pin, time::Duration};

use anyhow::{Context, Result, bail, ensure};
use fishjam_sdk::{
    Error, ErrorKind, EventStream, FishjamClient, FishjamClientBuilder, FishjamNotifier, LivestreamOptions, PeerStatus,
    PeerType, RecordingId, RoomId, StreamId, WaitOptions,
    composition::{
        AudioMix, Composition, CompositionOptions, CompositionOutput, InputId, InputStream, Output, OutputUpdate,
        Scene, Tiles, VideoOutput,
    },
    events::{Event, Notification},
};
use serde_json::json;
use tokio::signal;
use tracing::{error, info};

/// The limit for an interruption of the service, and for the preparation of the recorded file.
const PATIENCE: Duration = Duration::from_secs(600);

#[tokio::main]
async fn main() -> Result<()> {
    let level = env::var("RUST_LOG").unwrap_or("info".to_owned());
    tracing_subscriber::fmt().with_env_filter(level).with_writer(std::io::stderr).init();
    // Calls survive an interruption of the service, so that a long broadcast does not end with it.
    let fishjam =
        FishjamClientBuilder::from_env()?.max_attempts(1000).overall_timeout(PATIENCE).no_retry_budget().build()?;
    let room = RoomId::from(env::var("BROADCAST_ROOM").context("set BROADCAST_ROOM to the id of a room")?);
    let file = PathBuf::from(env::var("BROADCAST_FILE").unwrap_or("broadcast.mp4".to_owned()));
    let notifier = FishjamNotifier::from_env()?;
    // The notifier receives events before the room is forwarded, so that no input is missed.
    let mut interrupt = pin!(signal::ctrl_c());
    let events = tokio::select! {
        events = notifier.events() => events?, // waits while Fishjam is not available
        _ = &mut interrupt => return Ok(()),
    };
    let mut show = Broadcast { fishjam, events, room, composition: None, stream: None, recording: None };
    let results = tokio::select! {
        biased; // so that it registers the second interrupt before it handles the first one
        _ = async { (signal::ctrl_c().await, signal::ctrl_c().await) } => bail!("interrupted twice: objects may be left"),
        results = async { [show.run(interrupt).await, show.save(&notifier, file).await, show.remove().await] } => results,
    };
    results.iter().filter_map(|result| result.as_ref().err()).for_each(|error| error!("{error:#}"));
    ensure!(results.iter().all(Result::is_ok), "the broadcast failed");
    Ok(())
}

struct Broadcast {
    fishjam: FishjamClient,
    events: EventStream,
    room: RoomId,
    // The objects that the program created and must delete.
    composition: Option<Composition>,
    stream: Option<StreamId>,
    recording: Option<RecordingId>,
}

/// The inputs of the composition, and whether they have a picture.
type Inputs = BTreeMap<InputId, bool>;

impl Broadcast {
    /// Broadcasts until the room is empty, the output ends, or the program is interrupted.
    async fn run(&mut self, interrupt: impl Future + Unpin) -> Result<()> {
        // An interruption does not drop these calls, because a dropped call could leave something behind.
        let (output, inputs) = self.start().await?;
        let reason = tokio::select! {
            followed = self.follow(&output, inputs) => followed?,
            ended = output_end(&output) => ended.map(|()| "its output ended").context("the output ended")?,
            _ = interrupt => "interrupted",
        };
        info!(reason, "the broadcast ends");
        Ok(())
    }

    /// Creates the composition, the livestream and the recording.
    async fn start(&mut self) -> Result<(CompositionOutput, Inputs)> {
        let composition = self.fishjam.compositions().create(CompositionOptions::new()).await?;
        // If this process crashes, Fishjam deletes the composition after 5 minutes without media.
        let composition = self.composition.insert(composition);
        info!(composition = composition.id().as_str(), "composition created");
        composition.watch().await?;
        self.fishjam.forward_room_tracks(&self.room, composition.address()).await?;

        let stream = self.fishjam.create_stream(LivestreamOptions::new()).await?;
        let stream = self.stream.insert(stream.id);
        let streamer = self.fishjam.create_streamer(&*stream).await?;
        let inputs = current_inputs(&self.fishjam, &self.room).await?;
        let output = Output::whip(self.fishjam.livestream_whip_url(), streamer.token)
            .video(VideoOutput::new(1280, 720, scene(&inputs))?)
            .audio(AudioMix::all(inputs.keys()));
        let output = composition.register_output("main", output).await?;
        let options = output.recording().metadata(json!({ "room": self.room }));
        let recording = self.fishjam.create_composition_recording(options).await?;
        self.recording = Some(recording.id);
        if env::var("BROADCAST_SHOW_TOKEN").is_ok_and(|show| show == "1") {
            // Anyone who reads the token can watch, so it must not reach a log.
            println!("viewer token {}", self.fishjam.create_viewer(&*stream).await?.token.expose());
        }
        println!("watch {}", self.fishjam.livestream_whep_url());
        Ok((output, inputs))
    }

    /// Shows the peers that are in the room, until the last one leaves.
    async fn follow(&mut self, output: &CompositionOutput, mut inputs: Inputs) -> Result<&'static str> {
        while let Some(event) = self.events.receive().await {
            let before = inputs.clone();
            // Before the first peer arrives, the room is empty, too.
            let mut may_be_empty = false;
            match event? {
                Event::Notification(event) if event.room_id() != Some(&self.room) => {}
                Event::Notification(Notification::TrackForwarding(added)) => {
                    inputs.insert(added.input_id.into(), added.video_track.is_some());
                }
                Event::Notification(Notification::TrackForwardingRemoved(removed)) => {
                    inputs.remove(&InputId::from(removed.input_id));
                }
                Event::Notification(
                    Notification::PeerDisconnected(_) | Notification::PeerDeleted(_) | Notification::PeerCrashed(_),
                ) => may_be_empty = true,
                Event::Notification(Notification::RoomDeleted(_)) => return Ok("the room was deleted"),
                Event::Gap(_) => {
                    inputs = current_inputs(&self.fishjam, &self.room).await?;
                    may_be_empty = !before.is_empty();
                }
                _ => {}
            }
            if may_be_empty && self.is_empty().await? {
                return Ok("the room is empty");
            }
            if inputs != before {
                let update = OutputUpdate::new().video(scene(&inputs)).audio(AudioMix::all(inputs.keys()));
                output.update(update).await?;
                info!(inputs = inputs.len(), "picture changed");
            }
        }
        bail!("the notifier ended")
    }

    /// Returns `true` if no person is in the room. Agents do not count.
    async fn is_empty(&self) -> Result<bool> {
        let room = self.fishjam.get_room(&self.room).await?;
        let mut persons = room.peers.iter().filter(|peer| peer.peer_type == PeerType::Webrtc);
        Ok(persons.all(|peer| peer.status != PeerStatus::Connected))
    }

    /// Ends the recording, saves its file, and deletes it.
    async fn save(&mut self, notifier: &FishjamNotifier, file: PathBuf) -> Result<()> {
        let Some(recording) = &self.recording else { return Ok(()) };
        let saved = async {
            self.fishjam.stop_recording(recording).await?;
            self.fishjam.wait_for_recording(recording, WaitOptions::new(PATIENCE).notifier(notifier)).await?;
            let paths = self.fishjam.download_recording(recording, file).await?;
            self.fishjam.delete_recording(recording).await?;
            Ok::<_, Error>(paths)
        };
        let paths = saved.await.with_context(|| format!("recording {recording} is not saved, and not deleted"))?;
        paths.iter().for_each(|path| println!("saved {}", path.display()));
        Ok(())
    }

    /// Deletes the livestream and the composition. A failure of one does not skip the other.
    async fn remove(self) -> Result<()> {
        let (mut stream, mut composition) = (Ok(()), Ok(()));
        if let Some(created) = &self.stream {
            stream = self.fishjam.delete_stream(created).await;
        }
        if let Some(created) = &self.composition {
            composition = created.delete().await;
        }
        // Fishjam deletes an idle composition, too.
        let gone = |error: Error| if error.is_not_found() { Ok(()) } else { Err(error) };
        Ok(stream.or_else(gone).and(composition.or_else(gone))?)
    }
}

/// Returns the inputs that receive the peers of a room now.
async fn current_inputs(fishjam: &FishjamClient, room: &RoomId) -> Result<Inputs> {
    let forwardings = fishjam.get_room(room).await?.composition_info()?.map(|info| info.forwardings);
    let inputs = forwardings.into_iter().flatten();
    Ok(inputs.map(|input| (input.input_id.into(), input.video_track_id.is_some())).collect())
}

/// The picture: a tile for each input with video.
fn scene(inputs: &Inputs) -> Scene {
    let with_video = inputs.iter().filter(|(_, has_video)| **has_video).map(|(id, _)| InputStream::new(id));
    Scene::new(Tiles::new().children(with_video).margin(16.0))
}

/// Waits until the output ends, even if the connection is interrupted meanwhile.
async fn output_end(output: &CompositionOutput) -> fishjam_sdk::Result<()> {
    loop {
        match output.done().await {
            Err(error) if matches!(error.kind(), ErrorKind::Closed | ErrorKind::Timeout) => {}
            ended => return ended,
        }
    }
}
