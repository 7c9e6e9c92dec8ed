//! Audio of agents: pacing with a test clock, and pacing and mixing in a room.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use bytes::Bytes;
use fishjam_emulator::{Emulator, Sound, TrackKind};
use fishjam_sdk::{
    AgentOptions, AgentOutputOptions, FishjamClient, PeerOptions, Room, RoomOptions,
    agent::{
        AgentMessage, AgentSession, Delivery, Mixer, OutgoingAudioTrackOptions, PacedTrack, Pacer, PacerStep,
        PacingOptions, PcmFormat, SampleRate, pcm,
    },
};
use fishjam_tests::{clock::SteppedClock, support::within};
use futures_util::StreamExt;
use proptest::{collection::vec, prelude::*};
use serde_json::json;

const RATE: SampleRate = SampleRate::Hz24000;

/// The number of samples per millisecond. In the tests of the pacer, all samples of a millisecond are equal.
const MILLISECOND: usize = 16;

/// An action on a pacer.
#[derive(Clone, Debug)]
enum PacerAction {
    Push(usize),
    Pass(u64),
    /// The connection takes this long for the next frame.
    Stall(u64),
    Interrupt,
}

fn pacer_action() -> impl Strategy<Value = PacerAction> {
    prop_oneof![
        5 => (0..800_usize).prop_map(PacerAction::Push),
        8 => (0..120_u64).prop_map(PacerAction::Pass),
        2 => (1..700_u64).prop_map(PacerAction::Stall),
        1 => Just(PacerAction::Interrupt),
    ]
}

/// A listener that plays the audio it receives.
#[derive(Default)]
struct Listener {
    /// When each frame begins to play, and its milliseconds.
    playing: Vec<(Instant, u64)>,
    /// The value of each millisecond.
    heard: Vec<i16>,
}

impl Listener {
    fn hear(&mut self, audio: &[u8], now: Instant) -> Duration {
        let samples: Vec<i16> = pcm::samples(audio).into_iter().flatten().step_by(MILLISECOND).collect();
        let end = self.playing.last().map_or(now, |&(start, samples)| start + Duration::from_millis(samples));
        let start = end.max(now);
        self.playing.push((start, samples.len() as u64));
        self.heard.extend(&samples);
        start + Duration::from_millis(samples.len() as u64) - now
    }

    fn position(&self, now: Instant) -> Duration {
        let played = |&(start, samples): &(Instant, u64)| {
            now.saturating_duration_since(start).min(Duration::from_millis(samples))
        };
        self.playing.iter().map(played).sum()
    }
}

proptest! {
    #[test]
    fn pacer_bounds_the_lead_and_reports_the_right_position(
        actions in vec(pacer_action(), 0..60),
        frame in 1..40_u64,
        more in 0..200_u64,
    ) {
        let format = PcmFormat::mono(SampleRate::Hz16000);
        let lead = Duration::from_millis(frame + more);
        let options = PacingOptions::new().frame(Duration::from_millis(frame)).lead(lead).queue(Duration::from_secs(2));
        let mut pacer = Pacer::new(format, options).unwrap();
        let (mut now, mut stall, mut next) = (Instant::now(), 0, 0_i16);
        let (mut pushed, mut listener) = (Vec::new(), Listener::default());
        // At the end, the test plays all remaining audio.
        for action in actions.into_iter().chain([PacerAction::Pass(0), PacerAction::Pass(50_000)]) {
            let mut until = now;
            match action {
                PacerAction::Push(milliseconds) => {
                    let audio: Vec<i16> = (0..milliseconds).map(|n| next.wrapping_add(n as i16)).collect();
                    let samples = audio.iter().flat_map(|&sample| [sample; MILLISECOND]);
                    if pacer.push(&pcm::bytes(samples)).unwrap() {
                        next = next.wrapping_add(milliseconds as i16);
                        pushed.extend(audio);
                    }
                }
                PacerAction::Pass(milliseconds) => until += Duration::from_millis(milliseconds),
                PacerAction::Stall(milliseconds) => stall = milliseconds,
                PacerAction::Interrupt => {
                    let interruption = pacer.interrupt(now);
                    prop_assert_eq!(interruption.played, listener.position(now));
                    let all = Duration::from_millis(pushed.len() as u64);
                    prop_assert_eq!(interruption.played + interruption.discarded, all);
                    prop_assert_eq!(&listener.heard[..], &pushed[..listener.heard.len()]);
                    prop_assert_eq!(pacer.next(now), PacerStep::Interrupt);
                    pacer.interrupted();
                    (pushed, listener) = (Vec::new(), Listener::default());
                }
            }
            prop_assert!(pacer.queued() <= Duration::from_secs(2));
            loop {
                match pacer.next(now) {
                    PacerStep::Send(audio) => {
                        prop_assert!(format.duration_of(audio.len()) <= Duration::from_millis(frame));
                        now += Duration::from_millis(std::mem::take(&mut stall));
                        pacer.sent(now);
                        let ahead = listener.hear(&audio, now);
                        prop_assert!(ahead <= lead, "{ahead:?} ahead");
                        prop_assert_eq!(pacer.lead(now), ahead);
                    }
                    PacerStep::Wait(later) if later <= until => {
                        prop_assert!(later > now);
                        now = later;
                    }
                    _ => break,
                }
                prop_assert_eq!(pacer.position(now), listener.position(now));
            }
            now = now.max(until);
            prop_assert_eq!(pacer.position(now), listener.position(now));
        }
        prop_assert_eq!(listener.heard, pushed);
        prop_assert_eq!(pacer.next(now), PacerStep::Idle);
    }
}

/// A room on an emulator.
struct Fixture {
    emulator: Emulator,
    fishjam: FishjamClient,
    room: Room,
}

impl Fixture {
    async fn start(emulator: Emulator) -> anyhow::Result<Self> {
        let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
        let room = fishjam.create_room(RoomOptions::new()).await?;
        Ok(Self { emulator, fishjam, room })
    }

    async fn agent(&self) -> anyhow::Result<AgentSession> {
        let options = AgentOptions::new().output(AgentOutputOptions::new().audio_sample_rate(RATE));
        Ok(self.fishjam.create_agent(&self.room.id, options).await?.connect().await?)
    }
}

/// A track that is paced.
async fn voice(session: &AgentSession) -> anyhow::Result<PacedTrack> {
    let track = session.add_track(OutgoingAudioTrackOptions::pcm16(RATE)).await?;
    Ok(PacedTrack::new(track, PacingOptions::new())?)
}

/// Returns all audio until a chunk ends with these bytes.
async fn heard(session: &mut AgentSession, end: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut all = Vec::new();
    while !all.ends_with(end) {
        let message = within("something to hear", session.next()).await?.context("the session ended")??;
        if let AgentMessage::TrackData(audio) = message {
            all.extend_from_slice(&audio.data);
        }
    }
    Ok(all)
}

/// Sound whose parts all differ.
fn noise(samples: usize, seed: u32) -> Bytes {
    let mut state = seed;
    pcm::bytes((0..samples).map(|_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) as i16
    }))
}

#[tokio::test]
async fn fast_audio_arrives_unchanged_in_real_time() -> anyhow::Result<()> {
    let fixture = Fixture::start(Emulator::start().await?).await?;
    let (mut listener, speaker) = (fixture.agent().await?, fixture.agent().await?);
    let voice = voice(&speaker).await?;
    // Sends 600 milliseconds at the same time.
    let speech = noise(14_400, 1);
    let _clock = SteppedClock::start(Duration::from_millis(5));
    let began = tokio::time::Instant::now();
    ensure!(voice.send_chunk(speech.clone()).await? == Delivery::Accepted);
    let arrived = heard(&mut listener, &speech).await?;
    let took = began.elapsed();
    ensure!(arrived == speech);
    // All audio except the lead is sent in real time.
    ensure!(took >= Duration::from_millis(390), "it took {took:?}");
    voice.drained().await?;
    ensure!(began.elapsed() >= Duration::from_millis(600));
    ensure!(voice.position() == Duration::from_millis(600));
    Ok(())
}

#[tokio::test]
async fn next_utterance_arrives_whole_after_an_interrupt() -> anyhow::Result<()> {
    let fixture = Fixture::start(Emulator::builder().real_time_playout(true).start().await?).await?;
    let (mut listener, speaker) = (fixture.agent().await?, fixture.agent().await?);
    let voice = voice(&speaker).await?;
    let (old, new) = (noise(24_000 * 5, 1), noise(4_800, 2));
    let _clock = SteppedClock::start(Duration::from_millis(5));
    let mut utterance = voice.utterance();
    ensure!(utterance.send_chunk(old.clone()).await? == Delivery::Accepted);
    let beginning = heard(&mut listener, &old[4_800..9_600]).await?;
    let interruption = voice.interrupt().await?;
    ensure!(utterance.send_chunk(old.clone()).await? == Delivery::Interrupted);
    ensure!(voice.send_chunk(new.clone()).await? == Delivery::Accepted);

    let rest = heard(&mut listener, &new).await?;
    let rest = rest.strip_suffix(&new[..]).context("the new utterance comes last")?;
    let all = [&beginning[..], rest].concat();
    ensure!(old.starts_with(&all), "what comes before is the beginning of the old one");
    let format = PcmFormat::mono(RATE);
    let (heard, played) = (format.duration_of(all.len()), interruption.played);
    ensure!(heard.abs_diff(played) < Duration::from_millis(400), "{heard:?} was heard, {played:?} said to be");
    ensure!(utterance.position() == played);
    // Both durations are rounded down to nanoseconds, so that the sum can lack one nanosecond.
    let all = played + interruption.discarded;
    ensure!(all.abs_diff(Duration::from_secs(5)) <= Duration::from_nanos(1), "{all:?}");
    Ok(())
}

#[tokio::test]
async fn lost_session_ends_paced_audio_with_its_error() -> anyhow::Result<()> {
    let fixture = Fixture::start(Emulator::start().await?).await?;
    let speaker = fixture.agent().await?;
    let voice = voice(&speaker).await?;
    ensure!(voice.send_chunk(noise(24_000, 1)).await? == Delivery::Accepted);
    drop(speaker);
    let error = within("an error", voice.drained()).await?.err().context("nobody plays it any more")?;
    let again = voice.send_chunk(noise(10, 1)).await.err().context("nobody plays it any more")?;
    ensure!(error.kind() == again.kind(), "{error} {again}");
    Ok(())
}

#[tokio::test]
async fn simultaneous_speakers_are_mixed_sample_by_sample() -> anyhow::Result<()> {
    let fixture = Fixture::start(Emulator::start().await?).await?;
    let mut listener = fixture.agent().await?;
    let room = fixture.room.id.as_str();
    let sounds = [440.0, 554.4].map(|hertz| Sound::tone(hertz, RATE.hertz(), Duration::from_millis(200)));
    for sound in &sounds {
        let (peer, _) = fixture.fishjam.create_peer(&fixture.room.id, PeerOptions::new()).await?;
        let track =
            fixture.emulator.add_track(room, peer.id.as_str(), TrackKind::Audio, json!({})).context("a track")?;
        ensure!(fixture.emulator.publish_audio(room, peer.id.as_str(), &track, sound));
    }
    let format = PcmFormat::mono(RATE);
    let mut mixer = Mixer::new(format, Duration::from_millis(20))?;
    for _ in 0..20 {
        let message = within("a chunk", listener.next()).await?.context("the session ended")??;
        let AgentMessage::TrackData(audio) = message else { anyhow::bail!("{message:?}") };
        mixer.push(audio.peer_id, format, &audio.data)?;
    }
    ensure!(mixer.speakers() == 2 && mixer.dropped() == Duration::ZERO);
    let mixed: Vec<u8> = (0..10).flat_map(|_| mixer.mix()).collect();
    let both = sounds[0].samples().iter().zip(sounds[1].samples()).map(|(&one, &other)| one.saturating_add(other));
    ensure!(pcm::samples(&mixed)?.eq(both));
    Ok(())
}
