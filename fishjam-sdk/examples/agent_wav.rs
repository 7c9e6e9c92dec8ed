//! Plays a WAV file into a room, and writes what it hears there: one WAV file per track of a peer.
//!
//! ```sh
//! cargo run --example agent_wav                          # plays a short melody that it makes itself
//! cargo run --example agent_wav -- speech.wav heard      # plays a file, and writes to the directory `heard`
//! ```
//!
//! The file may have any sample rate and one channel or two: the crate `rubato` makes of it what agents play. It runs on
//! an emulator that it starts on this machine.

use std::{
    collections::HashMap,
    env, fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, ensure};
use fishjam_emulator::{Emulator, Sound, TrackKind};
use fishjam_sdk::{
    AgentOptions, AgentOutputOptions, AudioSampleRate, FishjamClient, PeerId, PeerOptions, RoomOptions, TrackId,
    agent::{AgentMessage, AgentSession, OutgoingAudioTrackOptions, PacedTrack, PacingOptions, PcmFormat, pcm},
};
use futures_util::StreamExt;
use hound::{SampleFormat, WavReader, WavSpec, WavWriter};
use rubato::{Fft, FixedSync, Resampler, audioadapter::Adapter, audioadapter_buffers::direct::InterleavedSlice};
use serde_json::json;
use tokio::time::timeout;

/// What is played and what is recorded.
const RATE: AudioSampleRate = AudioSampleRate::Hz24000;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = env::args_os().skip(1).map(PathBuf::from);
    // What was asked for stays, what is made up goes.
    let scratch = tempfile::tempdir()?;
    let file = match arguments.next() {
        Some(file) => file,
        None => melody(scratch.path())?,
    };
    let directory = arguments.next().unwrap_or_else(|| scratch.path().join("heard"));

    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    let output = AgentOutputOptions::new().audio_sample_rate(RATE);
    let recorder = fishjam.create_agent(&room.id, AgentOptions::new().output(output)).await?;
    let player = fishjam.create_agent(&room.id, AgentOptions::new()).await?;
    let mut recording = Recording::new(&directory)?;
    let mut session = recorder.connect().await?;

    // Besides the player there is Ada, who hums.
    let (ada, _token) = fishjam.create_peer(&room.id, PeerOptions::new().metadata(json!({ "name": "Ada" }))).await?;
    let microphone = emulator
        .add_track(room.id.as_str(), ada.id.as_str(), TrackKind::Audio, json!({ "type": "microphone" }))
        .context("Ada is there")?;
    let humming = Sound::tone(150.0, RATE.hertz(), Duration::from_millis(700));

    let samples = read(&file)?;
    println!("{} is {:?} long", file.display(), duration(&samples));
    let expected = [(player.id(), samples.len()), (&ada.id, humming.samples().len())];
    let (played, hummed, recorded) = tokio::join!(
        play(player.connect().await?, &samples),
        emulator.play_audio(room.id.as_str(), ada.id.as_str(), &microphone, &humming),
        recording.record(&mut session, &expected),
    );
    played?;
    recorded?;
    ensure!(hummed, "Ada's microphone is there");
    session.disconnect().await?;
    fishjam.delete_room(&room.id).await?;

    let files = recording.finish()?;
    for (peer, said) in [(player.id(), samples.as_slice()), (&ada.id, humming.samples())] {
        let (_, file) = files.iter().find(|((of, _), _)| of == peer).context("everybody has a file")?;
        let heard: Vec<i16> = WavReader::open(file)?.into_samples().collect::<Result<_, _>>()?;
        ensure!(heard == said, "{} is not what the peer said", file.display());
        println!("{} is {:?} of peer {peer}, sample by sample", file.display(), duration(&heard));
    }
    Ok(())
}

/// Says these samples on a track of its own, in real time.
async fn play(session: AgentSession, samples: &[i16]) -> anyhow::Result<()> {
    let track = session.add_track(OutgoingAudioTrackOptions::pcm16(RATE.hertz())).await?;
    let voice = PacedTrack::new(track, PacingOptions::new())?;
    for second in samples.chunks(RATE.hertz() as usize) {
        // It does not matter here, but somebody could interrupt.
        let _ = voice.send_chunk(pcm::bytes(second.iter().copied())).await?;
    }
    voice.drained().await?;
    session.disconnect().await?;
    Ok(())
}

/// A track, and whose it is.
type Source = (PeerId, TrackId);
type Writer = WavWriter<std::io::BufWriter<fs::File>>;

/// One file for each track that is heard: a peer may have several.
struct Recording {
    directory: PathBuf,
    files: HashMap<Source, (PathBuf, Writer)>,
}

impl Recording {
    fn new(directory: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(directory)?;
        Ok(Self { directory: directory.to_owned(), files: HashMap::new() })
    }

    /// Writes what is heard, until so many samples were heard of each of these peers.
    async fn record(&mut self, session: &mut AgentSession, expected: &[(&PeerId, usize)]) -> anyhow::Result<()> {
        let complete = |files: &HashMap<Source, (PathBuf, Writer)>| {
            expected.iter().all(|&(peer, samples)| {
                files.iter().any(|((of, _), (_, writer))| of == peer && writer.len() as usize >= samples)
            })
        };
        while !complete(&self.files) {
            let message = timeout(Duration::from_secs(10), session.next()).await.context("nothing to hear")?;
            if let AgentMessage::TrackData(heard) = message.context("the session ended")?? {
                let writer = self.writer((heard.peer_id, heard.track.id))?;
                for sample in pcm::samples(&heard.data)? {
                    writer.write_sample(sample)?;
                }
            }
        }
        Ok(())
    }

    fn writer(&mut self, source: Source) -> anyhow::Result<&mut Writer> {
        if !self.files.contains_key(&source) {
            let spec = WavSpec {
                channels: 1,
                sample_rate: RATE.hertz(),
                bits_per_sample: 16,
                sample_format: SampleFormat::Int,
            };
            let path = self.directory.join(format!("{}-{}.wav", source.0, source.1));
            let writer = WavWriter::create(&path, spec)?;
            self.files.insert(source.clone(), (path, writer));
        }
        Ok(&mut self.files.get_mut(&source).context("it was just made")?.1)
    }

    /// Completes the files: which one is whose.
    fn finish(self) -> anyhow::Result<HashMap<Source, PathBuf>> {
        let complete =
            |(source, (path, writer)): (Source, (PathBuf, Writer))| Ok((source, (path, writer.finalize()?).0));
        self.files.into_iter().map(complete).collect()
    }
}

/// A WAV file's samples, in one channel and at the rate that is played.
fn read(file: &Path) -> anyhow::Result<Vec<i16>> {
    let reader = WavReader::open(file).with_context(|| format!("cannot read {}", file.display()))?;
    let WavSpec { channels, sample_rate, bits_per_sample, sample_format } = reader.spec();
    ensure!(sample_format == SampleFormat::Int && bits_per_sample == 16, "only samples of 16 bits");
    ensure!(channels == 1 || channels == 2, "only one channel or two");
    let samples: Vec<i16> = reader.into_samples().collect::<Result<_, _>>()?;
    let mono: Vec<f32> = samples
        .chunks_exact(channels.into())
        .map(|frame| frame.iter().map(|&sample| f32::from(sample) / 32_768.0).sum::<f32>() / f32::from(channels))
        .collect();
    resample(&mono, sample_rate, RATE.hertz())
}

/// The same sound with another number of samples a second.
fn resample(samples: &[f32], from: u32, to: u32) -> anyhow::Result<Vec<i16>> {
    let to_16_bits = |sample: f32| (sample * 32_768.0).round() as i16;
    if from == to {
        return Ok(samples.iter().copied().map(to_16_bits).collect());
    }
    let mut resampler = Fft::<f32>::new(from as usize, to as usize, 1_024, 1, FixedSync::Both)?;
    let input = InterleavedSlice::new(samples, 1, samples.len())?;
    let output = resampler.process_all(&input, samples.len(), None)?;
    Ok((0..output.frames()).filter_map(|frame| output.read_sample(0, frame)).map(to_16_bits).collect())
}

/// Writes four notes, in stereo and at the rate of a compact disc.
fn melody(directory: &Path) -> anyhow::Result<PathBuf> {
    let path = directory.join("melody.wav");
    let spec = WavSpec { channels: 2, sample_rate: 44_100, bits_per_sample: 16, sample_format: SampleFormat::Int };
    let mut writer = WavWriter::create(&path, spec)?;
    for hertz in [261.6, 329.6, 392.0, 523.3] {
        for &sample in Sound::tone(hertz, spec.sample_rate, Duration::from_millis(250)).samples() {
            writer.write_sample(sample / 2)?;
            writer.write_sample(sample / 4)?;
        }
    }
    writer.finalize()?;
    Ok(path)
}

fn duration(samples: &[i16]) -> Duration {
    PcmFormat::mono(RATE).duration_of(samples.len() * 2)
}
