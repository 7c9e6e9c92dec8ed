//! An assistant in each room that hears the peers, sees their cameras and speaks, with Gemini Live.
//!
//! An agent joins each room with the first peer, and leaves with the last peer. The program reads `FISHJAM_ID`,
//! `FISHJAM_MANAGEMENT_TOKEN` and `GEMINI_API_KEY`. Ctrl+C ends it.

use std::{io, time::Duration};

use anyhow::Context;
use fishjam_sdk::{
    AgentOptions, FishjamClient, FishjamNotifier, Room, TrackId, TrackType,
    agent::{
        AgentConnectOptions, AgentMessage, AgentReceiver, AgentSender, IncomingTrackData, Mixer, PacedTrack,
        PacingOptions,
    },
    integrations::gemini as audio,
};
use model_bridge::{
    Model, ModelEvent, gemini,
    rooms::{self, OccupiedRoom},
};
use serde_json::json;
use tokio::time::{MissedTickBehavior, interval};
use tracing::{info, warn};
use tracing_subscriber::EnvFilter;

/// The system instruction of the model.
const INSTRUCTIONS: &str = "You take part in a video call. You hear all participants, and you see pictures of their \
    cameras. Answer briefly, in the language of the speaker.";
/// The duration of the audio in one message to the model.
const FRAME: Duration = Duration::from_millis(40);
/// The silence that follows speech, so that the model detects its end.
const SILENCE: Duration = Duration::from_secs(1);
/// The interval of images. Fishjam sends one image per second and track, and Gemini processes one image per second.
const IMAGE_INTERVAL: Duration = Duration::from_secs(1);
/// The maximum duration of the model's speech that waits to be played. It bounds the memory.
const MAX_SPEECH: Duration = Duration::from_secs(5 * 60);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let log = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(log).with_writer(io::stderr).init();

    let (fishjam, notifier) = (FishjamClient::from_env()?, FishjamNotifier::from_env()?);
    let options = gemini::Options::from_env()?.instructions(INSTRUCTIONS).long_session();
    let shutdown = async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            warn!(%error, "Ctrl+C does not work");
            std::future::pending().await
        }
    };
    let client = fishjam.clone();
    rooms::serve(&fishjam, &notifier, shutdown, move |room| attend(client.clone(), options.clone(), room)).await
}

/// Connects to the model, joins the room, talks, and leaves.
async fn attend(fishjam: FishjamClient, options: gemini::Options, mut room: OccupiedRoom) -> anyhow::Result<()> {
    let model = tokio::select! {
        model = options.connect() => model?,
        () = room.left() => return Ok(()),
    };
    let agent = fishjam.create_agent(room.id(), AgentOptions::new().output(audio::input_audio_settings())).await?;
    let connect = AgentConnectOptions::new().reconnect(true).delete_on_end(true);
    let (sender, receiver) = agent.connect_or_delete(connect).await?.split();
    let talked = converse(options, model, &sender, receiver, room).await;
    rooms::leave(sender, talked).await
}

/// Talks until the last peer leaves or the room ends.
async fn converse(
    options: gemini::Options,
    mut model: Model,
    sender: &AgentSender,
    mut receiver: AgentReceiver,
    mut room: OccupiedRoom,
) -> anyhow::Result<()> {
    // The client SDKs play a track with this metadata like a peer's microphone.
    let track = audio::output_audio_settings().metadata(json!({ "type": "microphone" }));
    let voice = PacedTrack::new(sender.add_track(track).await?, PacingOptions::new().queue(MAX_SPEECH))?;
    let mut ears = Ears { mixer: Mixer::new(receiver.input_format(), FRAME)?, silence: SILENCE };
    let mut frames = interval(FRAME);
    let (mut state, mut turn) = (room.state(), 0_usize);
    let mut pictures = interval(IMAGE_INTERVAL);
    pictures.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            changed = room.changed() => match changed {
                Some(new) => state = new,
                None => return Ok(()),
            },
            message = receiver.receive() => match message.transpose()? {
                Some(AgentMessage::TrackData(heard)) if !rooms::is_agent(&state, &heard.peer_id) => {
                    ears.hear(heard);
                }
                Some(AgentMessage::TrackImage(image)) => model.send_image(&image.data, &image.content_type).await?,
                Some(_) => {}
                None => return Ok(()),
            },
            _ = frames.tick() => ears.send_frame(&mut model).await?,
            // One camera after another. The session does not wait for the image: a camera can be off.
            _ = pictures.tick() => if let Some(camera) = camera(&state, turn) {
                sender.capture_image(camera).await?;
                turn = turn.wrapping_add(1);
            },
            event = model.receive() => match event.context("the model ended the session")?? {
                // The model is faster than the playback, so the audio waits in the queue of the track.
                ModelEvent::Audio(speech) => drop(voice.send_chunk(speech).await?),
                ModelEvent::Interrupted => {
                    let played = voice.interrupt().await?.played;
                    info!(room = %room.id(), ?played, "a peer interrupted the answer");
                    model.truncate(played).await?;
                }
                // The server limits the time of a connection. Another one continues the conversation.
                ModelEvent::GoingAway(_) => {
                    let resumed = options.clone().resume(model.resumption());
                    let next = tokio::select! {
                        next = resumed.connect() => next?,
                        () = room.left() => return Ok(()),
                    };
                    std::mem::replace(&mut model, next).close().await;
                    state = room.state();
                    info!(room = %room.id(), "connected to the model again");
                }
                ModelEvent::ServerError(error) => warn!(room = %room.id(), error, "the model reported an error"),
                _ => {}
            },
        }
    }
}

/// Merges the audio of all peers into one stream for the model.
struct Ears {
    mixer: Mixer<TrackId>,
    silence: Duration,
}

impl Ears {
    fn hear(&mut self, heard: IncomingTrackData) {
        if let Err(error) = self.mixer.push(heard.track.id, self.mixer.format(), &heard.data) {
            warn!(%error, "audio dropped");
        }
    }

    /// Sends the next frame of audio, while there is any, and then a short silence.
    async fn send_frame(&mut self, model: &mut Model) -> anyhow::Result<()> {
        let heard = self.mixer.speakers() > 0;
        if heard || self.silence < SILENCE {
            self.silence = if heard { Duration::ZERO } else { self.silence + FRAME };
            model.send_audio(&self.mixer.mix()).await?;
            if self.silence >= SILENCE {
                model.end_audio().await?;
            }
        }
        Ok(())
    }
}

/// Returns the camera whose turn it is.
fn camera(room: &Room, turn: usize) -> Option<&TrackId> {
    let people = room.peers.iter().filter(|peer| rooms::is_present(peer));
    let videos = people.flat_map(|peer| &peer.tracks).filter(|track| track.track_type == Some(TrackType::Video));
    let cameras: Vec<_> = videos.filter_map(|track| track.id.as_ref()).collect();
    cameras.get(turn.checked_rem(cameras.len())?).copied()
}
