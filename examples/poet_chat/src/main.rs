//! A poet in each room: an agent that talks about poetry with OpenAI Realtime, and stops when a peer interrupts.
//!
//! ```sh
//! export FISHJAM_ID=... FISHJAM_MANAGEMENT_TOKEN=... OPENAI_API_KEY=...
//! cargo run
//! ```

use std::{io, time::Duration};

use anyhow::Context;
use fishjam_sdk::{
    AgentOptions, AgentOutputOptions, FishjamClient, FishjamNotifier, PeerId, Room,
    agent::{
        AgentConnectOptions, AgentMessage, AgentSession, Mixer, OutgoingAudioTrackOptions, PacedTrack, PacingOptions,
    },
};
use model_bridge::{
    Model, ModelEvent, openai,
    rooms::{self, OccupiedRoom},
};
use serde_json::json;
use tokio::time::interval;
use tracing::{info, level_filters::LevelFilter, warn};
use tracing_subscriber::EnvFilter;

const INSTRUCTIONS: &str = "You are a poet in a video call, and you love poems of all times. \
    Talk with the peers about poetry, recite short poems on request, and invent new ones. \
    Speak in the language of the peers. Keep each response shorter than a minute.";
const GREETING: &str = "A peer has joined the call. Greet the peer in one sentence, and ask for the topic of a poem.";

/// The duration of the audio in one message to the model.
const FRAME: Duration = Duration::from_millis(20);
/// The maximum duration of the model's audio that waits. The model speaks much faster than the track plays.
const LONGEST_SPEECH: Duration = Duration::from_secs(300);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let filter = EnvFilter::builder().with_default_directive(LevelFilter::INFO.into()).from_env_lossy();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).init();
    let (fishjam, notifier) = (FishjamClient::from_env()?, FishjamNotifier::from_env()?);
    let poet = openai::Options::from_env()?.instructions(INSTRUCTIONS);

    let shutdown = async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            warn!(%error, "Ctrl+C does not work");
            std::future::pending::<()>().await;
        }
        info!("all agents leave");
    };
    let agent = {
        let fishjam = fishjam.clone();
        move |room| visit(fishjam.clone(), poet.clone(), room)
    };
    rooms::serve(&fishjam, &notifier, shutdown, agent).await
}

/// Joins a room, talks with its peers until the last peer leaves, and leaves the room.
async fn visit(fishjam: FishjamClient, poet: openai::Options, mut room: OccupiedRoom) -> anyhow::Result<()> {
    // Fishjam bills the agent, so it joins only if the model is available.
    let mut model = tokio::select! {
        () = room.left() => return Ok(()),
        model = poet.connect() => model?,
    };
    // With the rates of the model, no audio must be resampled.
    let hears = AgentOutputOptions::new().audio_sample_rate(model.input_rate());
    let agent = fishjam.create_agent(room.id(), AgentOptions::new().output(hears)).await?;
    let options = AgentConnectOptions::new().reconnect(true).delete_on_end(true);
    let mut session = agent.connect_or_delete(options).await?;

    let end = converse(&mut session, &mut model, &mut room).await;
    let left = rooms::leave(session.sender(), end).await;
    model.close().await;
    left
}

/// Forwards the audio of the peers to the model, and the audio of the model to the peers.
async fn converse(session: &mut AgentSession, model: &mut Model, room: &mut OccupiedRoom) -> anyhow::Result<()> {
    // The client SDKs play a track with this metadata like the microphone of a peer.
    let options = OutgoingAudioTrackOptions::pcm16(model.output_rate()).metadata(json!({ "type": "microphone" }));
    let track = session.add_track(options).await?;
    let voice = PacedTrack::new(track, PacingOptions::new().queue(LONGEST_SPEECH))?;
    // The model hears one stream, so the audio of simultaneous speakers is added.
    let format = session.input_format();
    let mut peers = Mixer::new(format, FRAME)?;
    let mut frames = interval(FRAME);
    let mut state = room.state();

    model.send_text(GREETING).await?;
    loop {
        tokio::select! {
            changed = room.changed() => match changed {
                Some(new) => state = new,
                None => return Ok(()),
            },
            // Silence is also sent: the model needs it to detect that a peer stopped speaking.
            _ = frames.tick() => model.send_audio(&peers.mix()).await?,
            message = session.receive() => match message.transpose()? {
                // Two poets in one room would never stop, so the audio of other agents is ignored.
                Some(AgentMessage::TrackData(audio)) if is_peer(&state, &audio.peer_id) => {
                    peers.push(audio.track.id, format, &audio.data)?;
                }
                Some(_) => {}
                None => return Ok(()),
            },
            event = model.receive() => match event.context("the model ended the session")?? {
                ModelEvent::Audio(audio) => drop(voice.send_chunk(audio).await?),
                // A peer speaks. The model must know which of its words the peers heard.
                ModelEvent::Interrupted => {
                    let played = voice.interrupt().await?.played;
                    model.truncate(played).await?;
                }
                ModelEvent::ServerError(error) => warn!(room = %room.id(), error, "the model reported an error"),
                _ => {}
            },
        }
    }
}

/// Returns `true` if this is a peer of the room, and not an agent.
fn is_peer(room: &Room, id: &PeerId) -> bool {
    room.peers.iter().any(|peer| peer.id == *id && rooms::is_present(peer))
}
