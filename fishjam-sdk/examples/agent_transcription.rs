//! A transcript of a room, with one transcriber for each speaker.
//!
//! ```sh
//! cargo run --example agent_transcription
//! ```
//!
//! The transcriber is a toy, which names tones instead of words. Replace it with a speech recognizer that receives the
//! same audio. The example starts an emulator on this machine.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context, ensure};
use fishjam_emulator::{Emulator, Sound, TrackKind};
use fishjam_sdk::{
    AgentOptions, AgentOutputOptions, FishjamClient, PeerId, PeerOptions, Room, RoomId, RoomOptions,
    agent::{AgentMessage, AgentSession, Chunker, PcmFormat, SampleRate, pcm},
};
use serde_json::json;
use tokio::time::timeout;

/// The sample rate that most speech recognizers expect.
const RATE: SampleRate = SampleRate::Hz16000;

/// Converts the audio of one speaker into text.
trait Transcriber: Send {
    /// Processes the next 20 milliseconds. Returns a sentence if one is complete.
    fn listen(&mut self, samples: &[i16]) -> Option<String>;

    /// Returns the sentence that the end of the audio cut short, if any.
    fn finish(&mut self) -> Option<String>;
}

/// The transcription of one speaker.
struct Speaker {
    chunker: Chunker,
    transcriber: Box<dyn Transcriber>,
}

impl Speaker {
    fn new(transcriber: Box<dyn Transcriber>) -> anyhow::Result<Self> {
        Ok(Self { chunker: Chunker::new(PcmFormat::mono(RATE), Duration::from_millis(20))?, transcriber })
    }

    fn process(&mut self, audio: bytes::Bytes) -> anyhow::Result<Vec<String>> {
        let mut sentences = Vec::new();
        for frame in self.chunker.push(audio) {
            let samples: Vec<i16> = pcm::samples(&frame)?.collect();
            sentences.extend(self.transcriber.listen(&samples));
        }
        Ok(sentences)
    }
}

/// Transcribes the room until this number of sentences is complete. `transcriber` creates one for each speaker.
async fn transcribe(
    session: &mut AgentSession,
    sentences: usize,
    transcriber: impl Fn() -> Box<dyn Transcriber>,
) -> anyhow::Result<Vec<(PeerId, String)>> {
    let mut speakers = BTreeMap::new();
    let mut transcript = Vec::new();
    while transcript.len() < sentences {
        let message = timeout(Duration::from_secs(10), session.receive()).await.context("no audio arrived")?;
        let AgentMessage::TrackData(audio) = message.context("the session ended")?? else { continue };
        // A peer can have several tracks, such as the audio of a shared screen.
        let track = (audio.peer_id.to_string(), audio.track.id.to_string());
        if !speakers.contains_key(&track) {
            speakers.insert(track.clone(), Speaker::new(transcriber())?);
        }
        let Some(speaker) = speakers.get_mut(&track) else { continue };
        for sentence in speaker.process(audio.data)? {
            println!("{}: {sentence}", audio.peer_id);
            transcript.push((audio.peer_id.clone(), sentence));
        }
    }
    for ((peer, _), speaker) in &mut speakers {
        if let Some(rest) = speaker.transcriber.finish() {
            println!("{peer}: {rest} (cut short)");
        }
    }
    Ok(transcript)
}

/// A toy: it counts the oscillations of the audio, and calls the result a sentence.
#[derive(Default)]
struct ToneNamer {
    /// The number of frames with sound, the number of rising zero crossings, and the last sample.
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

    // Two peers speak at the same time.
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
    println!("The transcript contains all sentences with their speakers.");
    Ok(())
}

/// A peer with a microphone, simulated by the emulator.
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
            .context("the peer is not in the room")?;
        println!("{name} is peer {}", peer.id);
        Ok(Self { room: room.id.clone(), id: peer.id, microphone })
    }

    /// Plays two tones in real time, with a pause after each.
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
