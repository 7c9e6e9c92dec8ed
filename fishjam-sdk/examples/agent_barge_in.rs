//! An agent that stops speaking when a peer speaks, and then replies.
//!
//! ```sh
//! cargo run --example agent_barge_in
//! ```
//!
//! The speech is a tone. In your program, replace it with a speech synthesizer. The agent detects speech by its volume.
//! The example starts an emulator on this machine, and takes about two seconds.

use std::{collections::HashMap, time::Duration};

use anyhow::{Context, ensure};
use bytes::Bytes;
use fishjam_emulator::{Emulator, Sound, TrackKind};
use fishjam_sdk::{
    AgentOptions, AgentOutputOptions, FishjamClient, PeerId, PeerOptions, RoomOptions,
    agent::{
        AgentMessage, AgentSession, Chunker, Delivery, OutgoingAudioTrackOptions, PacedTrack, PacingOptions, PcmFormat,
        SampleRate, Utterance, pcm,
    },
};
use serde_json::json;
use tokio::time::{sleep, timeout};

/// The sample rate of all audio in this example.
const RATE: SampleRate = SampleRate::Hz24000;

/// Detects speech on one track by its volume. This is simple, and noise can fool it.
///
/// Each track needs a separate detector, so that a silent track does not hide the speech on another.
struct SpeechDetector {
    chunker: Chunker,
    loud: u32,
}

impl SpeechDetector {
    /// The minimum volume of speech, of 32,767.
    const MIN_VOLUME: f64 = 500.0;
    /// The number of consecutive loud frames of 20 milliseconds that count as speech, and not as a click.
    const MIN_FRAMES: u32 = 3;

    fn new() -> anyhow::Result<Self> {
        Ok(Self { chunker: Chunker::new(PcmFormat::mono(RATE), Duration::from_millis(20))?, loud: 0 })
    }

    /// Returns `true` if speech starts in this audio.
    fn detects_start(&mut self, audio: Bytes) -> anyhow::Result<bool> {
        let mut started = false;
        for frame in self.chunker.push(audio) {
            let energy: f64 = pcm::samples(&frame)?.map(|sample| f64::from(sample).powi(2)).sum();
            let loud = (energy / (frame.len() / 2) as f64).sqrt() >= Self::MIN_VOLUME;
            self.loud = if loud { self.loud.saturating_add(1) } else { 0 };
            started |= self.loud == Self::MIN_FRAMES;
        }
        Ok(started)
    }
}

/// Sends the speech until its end or an interrupt. A real source returns it in parts, faster than it is played.
async fn send(mut utterance: Utterance, speech: Bytes) -> anyhow::Result<Delivery> {
    for chunk in speech.chunks(9_600) {
        if utterance.send_chunk(speech.slice_ref(chunk)).await? == Delivery::Interrupted {
            return Ok(Delivery::Interrupted);
        }
    }
    Ok(Delivery::Accepted)
}

/// Speaks until a peer speaks, then replies. Returns the duration of the speech that was played.
async fn converse(mut session: AgentSession, speech: Bytes, reply: Bytes) -> anyhow::Result<Duration> {
    let track = session.add_track(OutgoingAudioTrackOptions::pcm16(RATE)).await?;
    let paced = PacedTrack::new(track, PacingOptions::new())?;
    let speaking = tokio::spawn(send(paced.utterance(), speech));

    let mut detectors = HashMap::new();
    while let Some(message) = session.receive().await {
        let AgentMessage::TrackData(audio) = message? else { continue };
        let track = (audio.peer_id.clone(), audio.track.id.clone());
        if !detectors.contains_key(&track) {
            detectors.insert(track.clone(), SpeechDetector::new()?);
        }
        let detector = detectors.get_mut(&track).context("the detector was just inserted")?;
        if detector.detects_start(audio.data)? {
            let interruption = paced.interrupt().await?;
            println!("{} speaks: interrupted after {:?}", audio.peer_id, interruption.played);
            ensure!(speaking.await?? == Delivery::Interrupted, "the interrupt did not end the utterance");
            ensure!(send(paced.utterance(), reply).await? == Delivery::Accepted, "the reply was interrupted");
            paced.drained().await?;
            session.disconnect().await?;
            return Ok(interruption.played);
        }
    }
    anyhow::bail!("no peer spoke")
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    // Fishjam plays audio in real time. The emulator does so with this option.
    let emulator = Emulator::builder().real_time_playout(true).start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    let output = AgentOutputOptions::new().audio_sample_rate(RATE);

    // Another agent records the audio that the room receives.
    let listener = fishjam.create_agent(&room.id, AgentOptions::new().output(output.clone())).await?;
    let mut listener = listener.connect().await?;

    let agent = fishjam.create_agent(&room.id, AgentOptions::new().output(output)).await?;
    let speech = Sound::tone(330.0, RATE.hertz(), Duration::from_secs(20)).to_bytes();
    let reply = Sound::tone(660.0, RATE.hertz(), Duration::from_millis(300)).to_bytes();
    let conversation = tokio::spawn(converse(agent.connect().await?, speech.clone(), reply.clone()));

    // Bob's microphone sends silence.
    let (bob, _token) = fishjam.create_peer(&room.id, PeerOptions::new().metadata(json!({ "name": "Bob" }))).await?;
    let silent = emulator
        .add_track(room.id.as_str(), bob.id.as_str(), TrackKind::Audio, json!({ "type": "microphone" }))
        .context("Bob is not in the room")?;
    let quiet = Sound::silence(RATE.hertz(), Duration::from_millis(1_500));

    // Ada speaks after 800 milliseconds.
    let (ada, _token) = fishjam.create_peer(&room.id, PeerOptions::new().metadata(json!({ "name": "Ada" }))).await?;
    let microphone = emulator
        .add_track(room.id.as_str(), ada.id.as_str(), TrackKind::Audio, json!({ "type": "microphone" }))
        .context("Ada is not in the room")?;
    let voice = Sound::tone(220.0, RATE.hertz(), Duration::from_millis(300));
    let interruption = async {
        sleep(Duration::from_millis(800)).await;
        emulator.play_audio(room.id.as_str(), ada.id.as_str(), &microphone, &voice).await
    };
    let silence = emulator.play_audio(room.id.as_str(), bob.id.as_str(), &silent, &quiet);
    let (received, ..) = tokio::join!(receive_until(&mut listener, agent.id(), &reply), interruption, silence);
    let (received, played) = (received?, conversation.await??);

    let format = PcmFormat::mono(RATE);
    let spoken = received.strip_suffix(reply.as_ref()).context("the reply is incomplete")?;
    ensure!(speech.starts_with(spoken), "the room received other audio than the start of the speech");
    let received = format.duration_of(spoken.len());
    println!("The room received {received:?} of {:?}, and then the reply.", format.duration_of(speech.len()));
    ensure!(received.abs_diff(played) < Duration::from_millis(500), "the agent reported {played:?} of playback");
    ensure!(received < Duration::from_secs(3), "the interrupt came too late");
    fishjam.delete_room(&room.id).await?;
    Ok(())
}

/// Records the audio of this peer until it ends with the reply.
async fn receive_until(session: &mut AgentSession, peer: &PeerId, reply: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut all = Vec::new();
    while !all.ends_with(reply) {
        let message = timeout(Duration::from_secs(5), session.receive()).await.context("the agent did not reply")?;
        if let AgentMessage::TrackData(audio) = message.context("the session ended")??
            && audio.peer_id == *peer
        {
            all.extend_from_slice(&audio.data);
        }
    }
    Ok(all)
}
