//! Plays a WAV file into a room, and records the room: one WAV file per track.
//!
//! ```sh
//! cargo run --example agent_wav                          # plays a generated melody
//! cargo run --example agent_wav -- speech.wav heard      # plays a file and records to the directory `heard`
//! ```
//!
//! The file can have any sample rate, and one channel or two. The crate `rubato` resamples it to the rate of the
//! agents. The example starts an emulator on this machine.

use std::{
    collections::HashMap,
    env, fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, ensure};
use fishjam_emulator::{Emulator, Sound, TrackKind};
use fishjam_sdk::{
    AgentOptions, AgentOutputOptions, FishjamClient, PeerId, PeerOptions, RoomOptions, TrackId,
    agent::{
        AgentMessage, AgentSession, Channels, OutgoingAudioTrackOptions, PacedTrack, PacingOptions, PcmFormat,
        SampleRate, pcm,
    },
};
use hound::{SampleFormat, WavReader, WavSpec, WavWriter};
use rubato::{Fft, FixedSync, Resampler, audioadapter::Adapter, audioadapter_buffers::direct::InterleavedSlice};
use serde_json::json;
use tokio::time::timeout;

/// The sample rate of the playback and the recording.
const RATE: SampleRate = SampleRate::Hz24000;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = env::args_os().skip(1).map(PathBuf::from);
    // Generated files are deleted at the end.
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

    // Ada hums at the same time.
    let (ada, _token) = fishjam.create_peer(&room.id, PeerOptions::new().metadata(json!({ "name": "Ada" }))).await?;
    let microphone = emulator
        .add_track(room.id.as_str(), ada.id.as_str(), TrackKind::Audio, json!({ "type": "microphone" }))
        .context("Ada is not in the room")?;
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
    ensure!(hummed, "Ada has no microphone");
    session.disconnect().await?;
    fishjam.delete_room(&room.id).await?;

    let files = recording.finish()?;
    for (peer, sent) in [(player.id(), samples.as_slice()), (&ada.id, humming.samples())] {
        let (_, file) = files.iter().find(|((of, _), _)| of == peer).context("a peer has no file")?;
        let recorded: Vec<i16> = WavReader::open(file)?.into_samples().collect::<Result<_, _>>()?;
        ensure!(recorded == sent, "{} differs from the sent audio", file.display());
        println!("{} contains {:?} of peer {peer}", file.display(), duration(&recorded));
    }
    Ok(())
}

/// Sends these samples on a track, in real time.
async fn play(session: AgentSession, samples: &[i16]) -> anyhow::Result<()> {
    let track = session.add_track(OutgoingAudioTrackOptions::pcm16(RATE)).await?;
    let paced = PacedTrack::new(track, PacingOptions::new())?;
    for second in samples.chunks(RATE.hertz() as usize) {
        // No other task interrupts the track, so the result is always `Accepted`.
        let _ = paced.send_chunk(pcm::bytes(second.iter().copied())).await?;
    }
    paced.drained().await?;
    session.disconnect().await?;
    Ok(())
}

/// A track and its peer.
type Source = (PeerId, TrackId);
type Writer = WavWriter<std::io::BufWriter<fs::File>>;

/// The recorded files: one for each track, because a peer can have several.
struct Recording {
    directory: PathBuf,
    files: HashMap<Source, (PathBuf, Writer)>,
}

impl Recording {
    fn new(directory: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(directory)?;
        Ok(Self { directory: directory.to_owned(), files: HashMap::new() })
    }

    /// Records audio until each of these peers has sent its expected number of samples.
    async fn record(&mut self, session: &mut AgentSession, expected: &[(&PeerId, usize)]) -> anyhow::Result<()> {
        let complete = |files: &HashMap<Source, (PathBuf, Writer)>| {
            expected.iter().all(|&(peer, samples)| {
                files.iter().any(|((of, _), (_, writer))| of == peer && writer.len() as usize >= samples)
            })
        };
        while !complete(&self.files) {
            let message = timeout(Duration::from_secs(10), session.receive()).await.context("no audio arrived")?;
            if let AgentMessage::TrackData(audio) = message.context("the session ended")?? {
                let writer = self.writer((audio.peer_id, audio.track.id))?;
                for sample in pcm::samples(&audio.data)? {
                    writer.write_sample(sample)?;
                }
            }
        }
        Ok(())
    }

    fn writer(&mut self, source: Source) -> anyhow::Result<&mut Writer> {
        if !self.files.contains_key(&source) {
            let spec = WavSpec {
                channels: Channels::Mono.count(),
                sample_rate: RATE.hertz(),
                bits_per_sample: 16,
                sample_format: SampleFormat::Int,
            };
            let path = self.directory.join(format!("{}-{}.wav", source.0, source.1));
            let writer = WavWriter::create(&path, spec)?;
            self.files.insert(source.clone(), (path, writer));
        }
        Ok(&mut self.files.get_mut(&source).context("the file was just inserted")?.1)
    }

    /// Completes the files. Returns the path of each track.
    fn finish(self) -> anyhow::Result<HashMap<Source, PathBuf>> {
        let complete =
            |(source, (path, writer)): (Source, (PathBuf, Writer))| Ok((source, (path, writer.finalize()?).0));
        self.files.into_iter().map(complete).collect()
    }
}

/// Reads the samples of a WAV file, as one channel and at the rate of the playback.
fn read(file: &Path) -> anyhow::Result<Vec<i16>> {
    let reader = WavReader::open(file).with_context(|| format!("cannot read {}", file.display()))?;
    let WavSpec { channels, sample_rate, bits_per_sample, sample_format } = reader.spec();
    ensure!(
        sample_format == SampleFormat::Int && bits_per_sample == 16,
        "unsupported sample format: only 16-bit samples"
    );
    let channels = Channels::try_from(channels)?.count();
    let samples: Vec<i16> = reader.into_samples().collect::<Result<_, _>>()?;
    let mono: Vec<f32> = samples
        .chunks_exact(channels.into())
        .map(|frame| frame.iter().map(|&sample| f32::from(sample) / 32_768.0).sum::<f32>() / f32::from(channels))
        .collect();
    resample(&mono, sample_rate, RATE.hertz())
}

/// Converts audio to another sample rate.
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

/// Writes a melody of four notes, in stereo and with 44,100 Hz.
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
