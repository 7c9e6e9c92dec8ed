//! Runs the program with scripted peers and a fake server of Gemini Live.

mod stage;

use std::time::Duration;

use anyhow::Result;
use fishjam_emulator::ScriptedPeerOptions;
use fishjam_sdk::{
    AgentOptions, PeerOptions,
    agent::{OutgoingAudioTrackOptions, SampleRate},
};
use stage::{KEY, Stage, transcript, within};

#[tokio::test]
async fn transcripts_name_the_room_and_the_speaker() -> Result<()> {
    let stage = Stage::new().await?;
    let (first, second) = (stage.room().await?, stage.room().await?);
    let (ada, bob, eve) = (stage.person(&first).await?, stage.person(&first).await?, stage.person(&second).await?);
    stage.agent(&first).await?;
    stage.agent(&second).await?;
    for (room, person, volume) in [(&first, &ada, 1_000), (&first, &bob, 2_000), (&second, &eve, 3_000)] {
        stage.speak(room, person, volume);
    }
    let expected = [transcript(1_000, &first, &ada), transcript(2_000, &first, &bob), transcript(3_000, &second, &eve)];
    assert_eq!(stage.transcripts(3).await?, expected);
    assert_eq!(stage.model.sessions(), 3);
    // The session continues.
    stage.speak(&first, &ada, 4_000);
    assert_eq!(stage.transcripts(4).await?.pop(), Some(transcript(4_000, &first, &ada)));
    assert_eq!(stage.model.sessions(), 3);
    stage.finish().await
}

#[tokio::test]
async fn agent_leaves_with_the_last_peer_and_returns() -> Result<()> {
    let mut stage = Stage::new().await?;
    let room = stage.room().await?;
    let (ada, bob) = (stage.person(&room).await?, stage.person(&room).await?);
    let agent = stage.agent(&room).await?;
    stage.speak(&room, &ada, 1_000);
    stage.transcripts(1).await?;

    ada.scripted.disconnect();
    let log = stage.program.log_with("the track ended").await?;
    assert!(log.contains(ada.id.as_str()), "{log}");
    within(within(stage.model.session(0)).await?.ended()).await?;
    stage.speak(&room, &bob, 2_000);
    assert_eq!(stage.transcripts(2).await?.pop(), Some(transcript(2_000, &room, &bob)));
    assert_eq!(stage.agent(&room).await?, agent);

    bob.scripted.disconnect();
    stage.no_agent(&room).await?;
    within(within(stage.model.session(1)).await?.ended()).await?;

    let ada = stage.connect(&room, &ada.id)?;
    assert_ne!(stage.agent(&room).await?, agent);
    stage.speak(&room, &ada, 3_000);
    assert_eq!(stage.transcripts(3).await?.pop(), Some(transcript(3_000, &room, &ada)));
    stage.finish().await
}

#[tokio::test]
async fn interrupt_removes_the_agents_and_ends_their_sessions() -> Result<()> {
    let stage = Stage::new().await?;
    let (first, second) = (stage.room().await?, stage.room().await?);
    let (ada, bob) = (stage.person(&first).await?, stage.person(&second).await?);
    stage.agent(&first).await?;
    stage.agent(&second).await?;
    // The last words of Bob arrive after his audio.
    stage.publish(&second, &bob, vec![2_000; 8_000]);
    let session = within(stage.model.session(0)).await?;
    within(session.wait_for_audio(16_000)).await?;
    let Stage { emulator, fishjam, model, program } = stage;
    program.interrupt()?;
    let output = program.end().await?;
    assert!(output.status.success(), "{}", output.stderr);
    assert!(output.stdout.contains("Volume 2000"), "{output:?}");
    for room in [&first, &second] {
        let peers = fishjam.get_room(room).await?.peers;
        assert_eq!(peers.len(), 1, "{peers:?}");
    }
    within(session.ended()).await?;
    assert_eq!(model.violations(), Vec::<String>::new());
    drop((ada, emulator));
    Ok(())
}

#[tokio::test]
async fn deleted_room_ends_its_sessions_only() -> Result<()> {
    let stage = Stage::new().await?;
    let (first, second) = (stage.room().await?, stage.room().await?);
    let (ada, bob) = (stage.person(&first).await?, stage.person(&second).await?);
    stage.agent(&first).await?;
    stage.agent(&second).await?;
    stage.speak(&first, &ada, 1_000);
    stage.transcripts(1).await?;
    stage.fishjam.delete_room(&first).await?;
    within(within(stage.model.session(0)).await?.ended()).await?;
    stage.speak(&second, &bob, 2_000);
    assert_eq!(stage.transcripts(2).await?.pop(), Some(transcript(2_000, &second, &bob)));
    assert!(!stage.program.stderr().contains("WARN"), "{}", stage.program.stderr());
    stage.finish().await
}

#[tokio::test]
async fn changes_during_an_outage_are_not_missed() -> Result<()> {
    let stage = Stage::new().await?;
    let (kept, left, joined) = (stage.room().await?, stage.room().await?, stage.room().await?);
    let (ada, bob) = (stage.person(&kept).await?, stage.person(&left).await?);
    let (eve, _token) = stage.fishjam.create_peer(&joined, PeerOptions::new()).await?;
    let agent = stage.agent(&kept).await?;
    stage.agent(&left).await?;

    let outage = stage.emulator.outage(Duration::MAX);
    within(stage.emulator.agent_sockets().wait_for_count(0)).await?;
    bob.scripted.disconnect();
    let eve = stage.connect(&joined, &eve.id)?;
    outage.end();

    assert_eq!(stage.agent(&kept).await?, agent);
    stage.no_agent(&left).await?;
    stage.agent(&joined).await?;
    stage.speak(&kept, &ada, 1_000);
    stage.speak(&joined, &eve, 2_000);
    let expected = [transcript(1_000, &kept, &ada), transcript(2_000, &joined, &eve)];
    assert_eq!(stage.transcripts(2).await?, expected);
    stage.finish().await
}

#[tokio::test]
async fn failed_session_starts_again_with_the_next_speech() -> Result<()> {
    let mut stage = Stage::new().await?;
    let room = stage.room().await?;
    let ada = stage.person(&room).await?;
    stage.agent(&room).await?;
    stage.speak(&room, &ada, 1_000);
    stage.transcripts(1).await?;
    let session = within(stage.model.session(0)).await?;
    within(session.wait_for_audio(2 * 14_400)).await?;
    session.error("sentinel-quota");
    let log = stage.program.log_with("the transcription failed").await?;
    assert!(log.contains("sentinel-quota") && log.contains(ada.id.as_str()), "{log}");
    stage.speak(&room, &ada, 2_000);
    assert_eq!(stage.transcripts(2).await?.pop(), Some(transcript(2_000, &room, &ada)));
    assert_eq!(stage.model.sessions(), 2);
    stage.finish().await
}

#[tokio::test]
async fn wrong_key_is_reported_without_the_key() -> Result<()> {
    let mut stage = Stage::with_key(&format!("wrong-{KEY}")).await?;
    let room = stage.room().await?;
    let ada = stage.person(&room).await?;
    stage.agent(&room).await?;
    for volume in [1_000, 2_000] {
        stage.speak(&room, &ada, volume);
        stage.program.log_with("the transcription failed").await?;
    }
    assert_eq!(stage.program.stdout(), "");
    stage.finish().await
}

#[tokio::test]
async fn long_silence_ends_the_session() -> Result<()> {
    let stage = Stage::new().await?;
    let room = stage.room().await?;
    let ada = stage.person(&room).await?;
    stage.agent(&room).await?;
    // Noise that is quieter than speech starts no session.
    stage.speak(&room, &ada, 100);
    stage.speak(&room, &ada, 1_000);
    stage.transcripts(1).await?;
    let session = within(stage.model.session(0)).await?;
    for seconds in [4, 8] {
        stage.publish(&room, &ada, vec![0; 4 * 16_000]);
        within(session.wait_for_audio(seconds * 32_000)).await?;
    }
    stage.publish(&room, &ada, vec![0; 3 * 16_000]);
    within(session.ended()).await?;
    stage.speak(&room, &ada, 2_000);
    assert_eq!(stage.transcripts(2).await?.pop(), Some(transcript(2_000, &room, &ada)));
    assert_eq!(stage.model.sessions(), 2);
    stage.finish().await
}

#[tokio::test]
async fn other_agents_are_not_transcribed() -> Result<()> {
    let stage = Stage::new().await?;
    let room = stage.room().await?;
    let other = stage.fishjam.create_agent(&room, AgentOptions::new()).await?.connect().await?;
    let track = other.add_track(OutgoingAudioTrackOptions::pcm16(SampleRate::Hz16000)).await?;
    let ada = stage.person(&room).await?;
    // The program's agent is the second one.
    let both = async || {
        let peers = stage.fishjam.get_room(&room).await.expect("the room exists").peers;
        let agents = peers.iter().filter(|peer| peer.id != ada.id && peer.status == fishjam_sdk::PeerStatus::Connected);
        (agents.count() == 2).then_some(())
    };
    example_testing::eventually("two agents", both).await?;
    track.send_chunk(5_000_i16.to_le_bytes().repeat(1_600)).await?;
    // The server has received the audio.
    other.disconnect().await?;
    stage.speak(&room, &ada, 1_000);
    assert_eq!(stage.transcripts(1).await?, [transcript(1_000, &room, &ada)]);
    assert_eq!(stage.model.sessions(), 1);
    stage.finish().await
}

#[tokio::test]
async fn peer_without_microphone_ends_the_agent_as_well() -> Result<()> {
    let stage = Stage::new().await?;
    let room = stage.room().await?;
    let (peer, _token) = stage.fishjam.create_peer(&room, PeerOptions::new()).await?;
    let silent = stage.emulator.connect_peer(&room, &peer.id, ScriptedPeerOptions::new())?;
    stage.agent(&room).await?;
    silent.crash("sentinel");
    stage.no_agent(&room).await?;
    assert_eq!(stage.model.sessions(), 0);
    stage.finish().await
}
