//! What is said in a room, written down: one transcriber for each speaker, and a place for yours.
//!
//! ```sh
//! cargo run --example agent_transcription
//! ```
//!
//! The transcriber here is a toy: it understands no words, it names the tones that it hears. It stands where a speech
//! recognizer goes, and is fed in the same way. It runs on an emulator that it starts on this machine.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context, ensure};
use fishjam_emulator::{Emulator, Sound, TrackKind};
use fishjam_sdk::{
    AgentOptions, AgentOutputOptions, AudioSampleRate, FishjamClient, PeerId, PeerOptions, Room, RoomId, RoomOptions,
    agent::{AgentMessage, AgentSession, Chunker, PcmFormat, pcm},
};
use futures_util::StreamExt;
use serde_json::json;
use tokio::time::timeout;

/// What most speech recognizers like best.
const RATE: AudioSampleRate = AudioSampleRate::Hz16000;

/// Turns one speaker's audio into text.
trait Transcriber: Send {
    /// Listens to the next 20 milliseconds; gives a sentence when one is over.
    fn listen(&mut self, samples: &[i16]) -> Option<String>;

    /// Gives the sentence that the end of the audio cut short, if there is one.
    fn finish(&mut self) -> Option<String>;
}

/// One speaker: audio in, sentences out.
struct Speaker {
    chunker: Chunker,
    transcriber: Box<dyn Transcriber>,
}

impl Speaker {
    fn new(transcriber: Box<dyn Transcriber>) -> anyhow::Result<Self> {
        Ok(Self { chunker: Chunker::new(PcmFormat::mono(RATE), Duration::from_millis(20))?, transcriber })
    }

    fn hear(&mut self, audio: bytes::Bytes) -> anyhow::Result<Vec<String>> {
        let mut sentences = Vec::new();
        for frame in self.chunker.push(audio) {
            let samples: Vec<i16> = pcm::samples(&frame)?.collect();
            sentences.extend(self.transcriber.listen(&samples));
        }
        Ok(sentences)
    }
}

/// Writes down what is said until so many sentences are complete; `transcriber` makes one for each new speaker.
async fn transcribe(
    session: &mut AgentSession,
    sentences: usize,
    transcriber: impl Fn() -> Box<dyn Transcriber>,
) -> anyhow::Result<Vec<(PeerId, String)>> {
    let mut speakers = BTreeMap::new();
    let mut transcript = Vec::new();
    while transcript.len() < sentences {
        let message = timeout(Duration::from_secs(10), session.next()).await.context("nothing to hear")?;
        let AgentMessage::TrackData(heard) = message.context("the session ended")?? else { continue };
        // Somebody may share their screen's sound, too: that is another track.
        let track = (heard.peer_id.to_string(), heard.track.id.to_string());
        if !speakers.contains_key(&track) {
            speakers.insert(track.clone(), Speaker::new(transcriber())?);
        }
        let Some(speaker) = speakers.get_mut(&track) else { continue };
        for sentence in speaker.hear(heard.data)? {
            println!("{}: {sentence}", heard.peer_id);
            transcript.push((heard.peer_id.clone(), sentence));
        }
    }
    for ((peer, _), speaker) in &mut speakers {
        if let Some(rest) = speaker.transcriber.finish() {
            println!("{peer}: {rest} (cut short)");
        }
    }
    Ok(transcript)
}

/// A toy: it counts how often the sound goes up and down, and calls that a sentence.
#[derive(Default)]
struct ToneNamer {
    /// Frames of sound, how often it rose above zero in them, and where it was last.
    frames: u32,
    crossings: u32,
    last: i16,
}

impl Transcriber for ToneNamer {
    fn listen(&mut self, samples: &[i16]) -> Option<String> {
        if samples.iter().all(|sample| sample.unsigned_abs() < 300) {
            return self.finish();
        }
        self.frames += 1;
        for &sample in samples {
            self.crossings += u32::from(self.last < 0 && sample >= 0);
            self.last = sample;
        }
        None
    }

    fn finish(&mut self) -> Option<String> {
        let Self { frames, crossings, .. } = std::mem::take(self);
        // A frame is a fiftieth of a second.
        (frames > 0).then(|| {
            let hertz = (f64::from(crossings) * 50.0 / f64::from(frames) / 10.0).round() * 10.0;
            format!("a tone of about {hertz} Hz for {} milliseconds", frames * 20)
        })
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let room = fishjam.create_room(RoomOptions::new()).await?;

    let output = AgentOutputOptions::new().audio_sample_rate(RATE);
    let agent = fishjam.create_agent(&room.id, AgentOptions::new().output(output)).await?;
    let mut session = agent.connect().await?;

    // Two peers that talk at once.
    let ada = Peer::join(&fishjam, &emulator, &room, "Ada").await?;
    let bob = Peer::join(&fishjam, &emulator, &room, "Bob").await?;
    let (transcript, ..) = tokio::join!(
        transcribe(&mut session, 4, || Box::new(ToneNamer::default())),
        ada.say(&emulator, [440.0, 880.0]),
        bob.say(&emulator, [250.0, 500.0]),
    );
    let transcript = transcript?;
    for (peer, hertz) in [(&ada.id, 440), (&ada.id, 880), (&bob.id, 250), (&bob.id, 500)] {
        let expected = (peer.clone(), format!("a tone of about {hertz} Hz for 400 milliseconds"));
        ensure!(transcript.contains(&expected), "{expected:?} is not in the transcript");
    }
    session.disconnect().await?;
    fishjam.delete_room(&room.id).await?;
    println!("All that was said was written down, and who said it.");
    Ok(())
}

/// A peer with a microphone, whom the emulator plays.
struct Peer {
    room: RoomId,
    id: PeerId,
    microphone: String,
}

impl Peer {
    async fn join(fishjam: &FishjamClient, emulator: &Emulator, room: &Room, name: &str) -> anyhow::Result<Self> {
        let options = PeerOptions::new().metadata(json!({ "name": name }));
        let (peer, _token) = fishjam.create_peer(&room.id, options).await?;
        let microphone = emulator
            .add_track(room.id.as_str(), peer.id.as_str(), TrackKind::Audio, json!({ "type": "microphone" }))
            .context("the peer is there")?;
        println!("{name} is peer {}", peer.id);
        Ok(Self { room: room.id.clone(), id: peer.id, microphone })
    }

    /// Makes two tones in real time, with a pause after each.
    async fn say(&self, emulator: &Emulator, tones: [f64; 2]) -> bool {
        let mut samples = Vec::new();
        for hertz in tones {
            samples.extend_from_slice(Sound::tone(hertz, RATE.hertz(), Duration::from_millis(400)).samples());
            samples.extend_from_slice(Sound::silence(RATE.hertz(), Duration::from_millis(100)).samples());
        }
        let sound = Sound::pcm(RATE.hertz(), 1, samples);
        emulator.play_audio(self.room.as_str(), self.id.as_str(), &self.microphone, &sound).await
    }
}
