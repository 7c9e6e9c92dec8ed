//! An agent that stops talking when somebody else does, and then answers.
//!
//! ```sh
//! cargo run --example agent_barge_in
//! ```
//!
//! What it says is a tone here, as long as a speech; a speech synthesizer goes in its place. Whether somebody speaks it
//! tells by loudness. It runs on an emulator that it starts on this machine, and takes about two seconds.

use std::{collections::HashMap, time::Duration};

use anyhow::{Context, ensure};
use bytes::Bytes;
use fishjam_emulator::{Emulator, Sound, TrackKind};
use fishjam_sdk::{
    AgentOptions, AgentOutputOptions, AudioSampleRate, FishjamClient, PeerId, PeerOptions, RoomOptions,
    agent::{
        AgentMessage, AgentSession, Chunker, Delivery, OutgoingAudioTrackOptions, PacedTrack, PacingOptions, PcmFormat,
        Utterance, pcm,
    },
};
use futures_util::StreamExt;
use serde_json::json;
use tokio::time::{sleep, timeout};

/// What the agent hears and says, and what the room hears.
const RATE: AudioSampleRate = AudioSampleRate::Hz24000;

/// Tells speech from silence on one track, by loudness: simple, and easily fooled by noise. Everybody needs one of their
/// own: the silence of one must not interrupt the words of another.
struct SpeechDetector {
    chunker: Chunker,
    loud: u32,
}

impl SpeechDetector {
    /// The least average loudness of speech, of 32,767.
    const LOUD: f64 = 500.0;
    /// Loud frames of 20 milliseconds in a row that are no mere click.
    const ENOUGH: u32 = 3;

    fn new() -> anyhow::Result<Self> {
        Ok(Self { chunker: Chunker::new(PcmFormat::mono(RATE), Duration::from_millis(20))?, loud: 0 })
    }

    /// Whether somebody has just begun to speak.
    fn hears_a_beginning(&mut self, audio: Bytes) -> anyhow::Result<bool> {
        let mut beginning = false;
        for frame in self.chunker.push(audio) {
            let energy: f64 = pcm::samples(&frame)?.map(|sample| f64::from(sample).powi(2)).sum();
            let loud = (energy / (frame.len() / 2) as f64).sqrt() >= Self::LOUD;
            self.loud = if loud { self.loud.saturating_add(1) } else { 0 };
            beginning |= self.loud == Self::ENOUGH;
        }
        Ok(beginning)
    }
}

/// Says all of it, unless it is interrupted. A real source would deliver it in parts, faster than it is played.
async fn say(mut utterance: Utterance, speech: Bytes) -> anyhow::Result<Delivery> {
    for chunk in speech.chunks(9_600) {
        if utterance.send_chunk(speech.slice_ref(chunk)).await? == Delivery::Interrupted {
            return Ok(Delivery::Interrupted);
        }
    }
    Ok(Delivery::Accepted)
}

/// Talks until somebody else does, and answers then: how much of its speech was heard.
async fn converse(mut session: AgentSession, speech: Bytes, answer: Bytes) -> anyhow::Result<Duration> {
    let track = session.add_track(OutgoingAudioTrackOptions::pcm16(RATE.hertz())).await?;
    let voice = PacedTrack::new(track, PacingOptions::new())?;
    let speaking = tokio::spawn(say(voice.utterance(), speech));

    let mut detectors = HashMap::new();
    while let Some(message) = session.next().await {
        let AgentMessage::TrackData(heard) = message? else { continue };
        let track = (heard.peer_id.clone(), heard.track.id.clone());
        if !detectors.contains_key(&track) {
            detectors.insert(track.clone(), SpeechDetector::new()?);
        }
        let detector = detectors.get_mut(&track).context("it was just made")?;
        if detector.hears_a_beginning(heard.data)? {
            let interruption = voice.interrupt().await?;
            println!("{} speaks: interrupted after {:?}", heard.peer_id, interruption.played);
            ensure!(speaking.await?? == Delivery::Interrupted, "whoever speaks is told to stop");
            ensure!(say(voice.utterance(), answer).await? == Delivery::Accepted, "the answer is not interrupted");
            voice.drained().await?;
            session.disconnect().await?;
            return Ok(interruption.played);
        }
    }
    anyhow::bail!("nobody spoke")
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    // The service plays in real time what it gets, and so does an emulator that is told to.
    let emulator = Emulator::builder().real_time_playout(true).start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    let output = AgentOutputOptions::new().audio_sample_rate(RATE);

    // Somebody who writes down what the room hears of the agent.
    let witness = fishjam.create_agent(&room.id, AgentOptions::new().output(output.clone())).await?;
    let mut witness = witness.connect().await?;

    let agent = fishjam.create_agent(&room.id, AgentOptions::new().output(output)).await?;
    let speech = Sound::tone(330.0, RATE.hertz(), Duration::from_secs(20)).to_bytes();
    let answer = Sound::tone(660.0, RATE.hertz(), Duration::from_millis(300)).to_bytes();
    let conversation = tokio::spawn(converse(agent.connect().await?, speech.clone(), answer.clone()));

    // Bob's microphone is on all the time, and he says nothing.
    let (bob, _token) = fishjam.create_peer(&room.id, PeerOptions::new().metadata(json!({ "name": "Bob" }))).await?;
    let silent = emulator
        .add_track(room.id.as_str(), bob.id.as_str(), TrackKind::Audio, json!({ "type": "microphone" }))
        .context("Bob is there")?;
    let nothing = Sound::silence(RATE.hertz(), Duration::from_millis(1_500));

    // Ada listens for a while, and then speaks.
    let (ada, _token) = fishjam.create_peer(&room.id, PeerOptions::new().metadata(json!({ "name": "Ada" }))).await?;
    let microphone = emulator
        .add_track(room.id.as_str(), ada.id.as_str(), TrackKind::Audio, json!({ "type": "microphone" }))
        .context("Ada is there")?;
    let words = Sound::tone(220.0, RATE.hertz(), Duration::from_millis(300));
    let interjection = async {
        sleep(Duration::from_millis(800)).await;
        emulator.play_audio(room.id.as_str(), ada.id.as_str(), &microphone, &words).await
    };
    let silence = emulator.play_audio(room.id.as_str(), bob.id.as_str(), &silent, &nothing);
    let (heard, ..) = tokio::join!(hear(&mut witness, agent.id(), &answer), interjection, silence);
    let (heard, played) = (heard?, conversation.await??);

    let format = PcmFormat::mono(RATE);
    let spoken = heard.strip_suffix(answer.as_ref()).context("the answer comes last, and whole")?;
    ensure!(speech.starts_with(spoken), "what was heard before is the beginning of the speech");
    let heard = format.duration_of(spoken.len());
    println!("The room heard {heard:?} of {:?}, and then the answer.", format.duration_of(speech.len()));
    ensure!(heard.abs_diff(played) < Duration::from_millis(500), "the agent knows what was heard: {played:?}");
    ensure!(heard < Duration::from_secs(3), "it stopped soon");
    fishjam.delete_room(&room.id).await?;
    Ok(())
}

/// What this peer says, until it ends with the answer.
async fn hear(session: &mut AgentSession, peer: &PeerId, answer: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut all = Vec::new();
    while !all.ends_with(answer) {
        let message = timeout(Duration::from_secs(5), session.next()).await.context("the agent does not answer")?;
        if let AgentMessage::TrackData(heard) = message.context("the session ended")??
            && heard.peer_id == *peer
        {
            all.extend_from_slice(&heard.data);
        }
    }
    Ok(all)
}
