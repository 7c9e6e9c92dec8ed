//! Transcribes all rooms with Gemini Live. Each speaker has a separate session with the model.
//!
//! An agent joins each room with the first peer, and leaves with the last peer. The standard output has one JSON line
//! for each utterance: `{"room":"...","peer":"...","text":"..."}`. The program reads `FISHJAM_ID`,
//! `FISHJAM_MANAGEMENT_TOKEN` and `GEMINI_API_KEY`. Ctrl+C ends it.

use std::{
    collections::HashSet,
    io::{self, Write},
    time::Duration,
};

use anyhow::Context;
use bytes::Bytes;
use fishjam_sdk::{
    AgentOptions, FishjamClient, FishjamNotifier, PeerId, Room, RoomId, TrackId,
    agent::{AgentConnectOptions, AgentReceiver, Speaker, SpeakerEvent, pcm},
    integrations::gemini as audio,
};
use model_bridge::{
    ModelEvent, Transcript, gemini,
    rooms::{self, OccupiedRoom},
};
use serde_json::json;
use tokio::{task::JoinSet, time::timeout};
use tracing::{info, warn};
use tracing_subscriber::EnvFilter;

/// The minimum volume of speech, of 32,767. Quieter audio starts no session, because a session costs money.
const MIN_VOLUME: u16 = 500;
/// The silence that ends the session of a speaker. The next speech starts another one.
const MAX_SILENCE: Duration = Duration::from_secs(10);
/// The silence between two speeches.
const PAUSE: Duration = Duration::from_millis(500);
/// The maximum time for the model to send the last words.
const LAST_WORDS: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let log = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(log).with_writer(io::stderr).init();

    let (fishjam, notifier) = (FishjamClient::from_env()?, FishjamNotifier::from_env()?);
    let model = gemini::Options::from_env()?.transcription_only();
    let shutdown = async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            warn!(%error, "Ctrl+C does not work");
            std::future::pending().await
        }
    };
    let client = fishjam.clone();
    rooms::serve(&fishjam, &notifier, shutdown, move |room| attend(client.clone(), model.clone(), room)).await
}

/// Joins the room, transcribes its speakers, and leaves.
async fn attend(fishjam: FishjamClient, model: gemini::Options, room: OccupiedRoom) -> anyhow::Result<()> {
    let options = AgentOptions::new().output(audio::input_audio_settings());
    let agent = fishjam.create_agent(room.id(), options).await?;
    let options = AgentConnectOptions::new().reconnect(true).delete_on_end(true);
    let (sender, receiver) = agent.connect_or_delete(options).await?.split();

    let mut sessions = JoinSet::new();
    let listened = listen(receiver, model, room, &mut sessions).await;
    let left = rooms::leave(sender, listened).await;
    // The streams of the speakers have ended, so only the last words are missing.
    let finished = timeout(2 * LAST_WORDS, async { while sessions.join_next().await.is_some() {} }).await;
    left.and(finished.context("the last words of some speakers are missing"))
}

/// Starts a task for each speaker until the last peer leaves or the room ends.
async fn listen(
    receiver: AgentReceiver,
    model: gemini::Options,
    mut room: OccupiedRoom,
    sessions: &mut JoinSet<()>,
) -> anyhow::Result<()> {
    let mut speakers = receiver.speakers();
    let mut state = room.state();
    loop {
        tokio::select! {
            changed = room.changed() => {
                let Some(new) = changed else { return Ok(()) };
                // The session does not report tracks that ended, for example because their peer left.
                for (peer, track) in tracks(&state).difference(&tracks(&new)) {
                    speakers.end_track(*peer, *track);
                }
                state = new;
            }
            event = speakers.receive() => match event {
                Some(Ok(SpeakerEvent::Speaker(speaker))) if !rooms::is_agent(&state, speaker.peer_id()) => {
                    let listener = Listener { room: room.id().clone(), speaker, silence: PAUSE };
                    sessions.spawn(listener.follow(model.clone()));
                }
                Some(event) => drop(event?),
                None => return Ok(()),
            },
            // Frees the memory of tasks that ended.
            Some(_) = sessions.join_next() => {}
        }
    }
}

/// Returns all tracks of the room with their peers.
fn tracks(room: &Room) -> HashSet<(&PeerId, &TrackId)> {
    room.peers
        .iter()
        .flat_map(|peer| peer.tracks.iter().filter_map(|track| Some((&peer.id, track.id.as_ref()?))))
        .collect()
}

/// Listens to one speaker.
struct Listener {
    room: RoomId,
    speaker: Speaker,
    /// The duration of the silence so far.
    silence: Duration,
}

impl Listener {
    /// Transcribes each speech until the track ends.
    async fn follow(mut self, model: gemini::Options) {
        let peer = self.speaker.peer_id().clone();
        loop {
            // A session that failed is not started again within the same speech.
            let after_pause = self.silence >= PAUSE;
            let Some(chunk) = self.next().await else { break };
            if !after_pause || !self.silence.is_zero() {
                continue;
            }
            info!(room = %self.room, %peer, "the transcription starts");
            match self.transcribe(&model, chunk).await {
                Ok(()) => self.silence = PAUSE,
                Err(error) => {
                    warn!(room = %self.room, %peer, error = format_args!("{error:#}"), "the transcription failed");
                }
            }
        }
        info!(room = %self.room, %peer, "the track ended");
        if self.speaker.dropped() > 0 {
            warn!(room = %self.room, %peer, chunks = self.speaker.dropped(), "the model was too slow: audio is missing");
        }
    }

    /// Returns the next audio, or no bytes if the microphone sends none. Returns `None` at the end of the track.
    async fn next(&mut self) -> Option<Bytes> {
        let chunk = timeout(PAUSE, self.speaker.receive()).await.unwrap_or(Some(Bytes::new()))?;
        let is_loud =
            pcm::samples(&chunk).is_ok_and(|mut audio| audio.any(|sample| sample.unsigned_abs() >= MIN_VOLUME));
        self.silence += if chunk.is_empty() { PAUSE } else { self.speaker.format().duration_of(chunk.len()) };
        if is_loud {
            self.silence = Duration::ZERO;
        }
        Some(chunk)
    }

    /// Transcribes in one session with the model, until a long silence or the end of the track.
    async fn transcribe(&mut self, options: &gemini::Options, speech: Bytes) -> anyhow::Result<()> {
        let mut model = options.connect().await?;
        model.send_audio(&speech).await?;
        let mut words_missing = true;
        while self.silence < MAX_SILENCE {
            tokio::select! {
                chunk = self.next() => {
                    let Some(chunk) = chunk else { break };
                    words_missing |= self.silence.is_zero();
                    model.send_audio(&chunk).await?;
                    if chunk.is_empty() && words_missing {
                        model.end_audio().await?;
                    }
                }
                event = model.receive() => match event.context("the model ended the session")?? {
                    // The server ends long sessions. The next speech starts another one.
                    ModelEvent::GoingAway(_) => break,
                    event => words_missing &= !self.print(event)?,
                },
            }
        }
        if words_missing {
            model.end_audio().await?;
        }
        let last_words = async {
            while words_missing && let Some(event) = model.receive().await {
                words_missing = !self.print(event?)?;
            }
            anyhow::Ok(())
        };
        // Without words in this time, the audio was noise.
        timeout(LAST_WORDS, last_words).await.unwrap_or(Ok(()))?;
        model.close().await;
        Ok(())
    }

    /// Prints a complete utterance as one line of JSON. Returns `false` for any other event.
    fn print(&self, event: ModelEvent) -> anyhow::Result<bool> {
        let ModelEvent::Transcript(Transcript { text, is_final: true, .. }) = event else { return Ok(false) };
        let line = json!({ "room": self.room, "peer": self.speaker.peer_id(), "text": text });
        writeln!(io::stdout(), "{line}")?;
        Ok(true)
    }
}
