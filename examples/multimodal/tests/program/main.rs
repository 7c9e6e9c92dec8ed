//! Runs the program with scripted peers and a fake server of Gemini Live.

mod stage;

use std::time::Duration;

use anyhow::Result;
use fake_models::{FakeModel, Turn};
use fishjam_sdk::{
    PeerOptions,
    agent::{OutgoingAudioTrackOptions, SampleRate},
};
use serde_json::json;
use stage::{KEY, SECOND, Stage, answer, image, within};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::oneshot,
};

#[tokio::test]
async fn peers_hear_the_answer_of_the_model() -> Result<()> {
    let stage = Stage::new(|turn| answer(i16::try_from(turn.volume()).expect("a volume"), 300)).await?;
    let room = stage.room().await?;
    let mut listener = stage.listener(&room).await?;
    let ada = stage.person(&room).await?;
    let agent = stage.agent(&room, Some(&listener)).await?;
    // The answer contains the volume of the speech.
    for volume in [1_000_i16, 2_000] {
        stage.speak(&room, &ada, volume);
        let expected = volume.to_le_bytes().repeat(24 * 300);
        let mut heard = Vec::new();
        while heard.len() < expected.len() {
            let audio = listener.hear(&agent).await?;
            assert_eq!(audio.track.metadata.as_str(), json!({ "type": "microphone" }).to_string());
            heard.extend_from_slice(&audio.data);
        }
        assert_eq!(heard, expected);
    }
    stage.finish().await
}

#[tokio::test]
async fn interruption_discards_the_rest_of_the_answer() -> Result<()> {
    let reply = |turn: &Turn| if turn.number == 0 { answer(1_000, 20_000) } else { answer(2_000, 300) };
    let mut stage = Stage::new(reply).await?;
    let room = stage.room().await?;
    let mut listener = stage.listener(&room).await?;
    let (ada, bob) = (stage.person(&room).await?, stage.person(&room).await?);
    let agent = stage.agent(&room, Some(&listener)).await?;
    stage.speak(&room, &ada, 5_000);
    let mut heard = listener.hear(&agent).await?.data.to_vec();
    stage.speak(&room, &bob, 5_000);
    let next = 2_000_i16.to_le_bytes().repeat(24 * 300);
    while !heard.ends_with(&next) {
        heard.extend_from_slice(&listener.hear(&agent).await?.data);
    }
    let first = heard.len() - next.len();
    assert!(heard[..first].chunks(2).all(|sample| sample == 1_000_i16.to_le_bytes()), "audio between the answers");
    assert!(first < 20 * SECOND, "the peers heard the whole first answer");
    stage.program.log_with("a peer interrupted the answer").await?;
    stage.finish().await
}

#[tokio::test]
async fn images_of_all_cameras_reach_the_model() -> Result<()> {
    let stage = Stage::new(|_| None).await?;
    let room = stage.room().await?;
    // An agent has no camera, so it is not asked for images.
    let _listener = stage.listener(&room).await?;
    let (ada, bob) = (stage.person(&room).await?, stage.person(&room).await?);
    stage.emulator.images().set(&ada.camera, "image/jpeg", image(1));
    stage.emulator.images().set(&bob.camera, "image/jpeg", image(2));
    let session = within(stage.model.session(0)).await?;
    let both = async || {
        let images = session.images();
        (images.contains(&image(1)) && images.contains(&image(2))).then_some(())
    };
    example_testing::eventually("an image of each camera", both).await?;
    // No request was too early, and none was for an audio track.
    assert_eq!(stage.emulator.ignored_requests(), []);
    stage.finish().await
}

#[tokio::test]
async fn missing_images_do_not_end_the_agent() -> Result<()> {
    let stage = Stage::new(|_| answer(1_000, 100)).await?;
    let room = stage.room().await?;
    stage.emulator.images().withhold(2);
    let mut listener = stage.listener(&room).await?;
    let ada = stage.person(&room).await?;
    let agent = stage.agent(&room, Some(&listener)).await?;
    stage.speak(&room, &ada, 1_000);
    listener.hear(&agent).await?;
    within(within(stage.model.session(0)).await?.wait_for_images(1)).await?;
    assert_eq!(stage.agent(&room, Some(&listener)).await?, agent);
    stage.finish().await
}

#[tokio::test]
async fn other_agents_get_no_answer() -> Result<()> {
    let stage = Stage::new(|turn| answer(i16::try_from(turn.volume()).expect("a volume"), 100)).await?;
    let room = stage.room().await?;
    let mut listener = stage.listener(&room).await?;
    let track = listener.session.add_track(OutgoingAudioTrackOptions::pcm16(SampleRate::Hz24000)).await?;
    let ada = stage.person(&room).await?;
    let agent = stage.agent(&room, Some(&listener)).await?;
    track.send_chunk(5_000_i16.to_le_bytes().repeat(4_800)).await?;
    // An image request after the audio, to know that the server has received it.
    listener.session.capture_image_and_wait(&ada.camera, Duration::from_secs(60)).await?;
    stage.speak(&room, &ada, 1_000);
    assert!(listener.hear(&agent).await?.data.starts_with(&1_000_i16.to_le_bytes()));
    stage.finish().await
}

#[tokio::test]
async fn agent_leaves_with_the_last_peer_and_returns() -> Result<()> {
    let stage = Stage::new(|_| None).await?;
    let room = stage.room().await?;
    let (ada, bob) = (stage.person(&room).await?, stage.person(&room).await?);
    let agent = stage.agent(&room, None).await?;
    ada.scripted.disconnect();
    stage.speak(&room, &bob, 1_000);
    let session = within(stage.model.session(0)).await?;
    within(session.wait_for_audio(1)).await?;
    assert_eq!(stage.agent(&room, None).await?, agent);
    bob.scripted.disconnect();
    stage.no_agent(&room, None).await?;
    within(session.ended()).await?;
    stage.connect(&room, &ada.id)?;
    assert_ne!(stage.agent(&room, None).await?, agent);
    assert_eq!(stage.model.sessions(), 2);
    stage.finish().await
}

#[tokio::test]
async fn interrupt_removes_the_agents_and_ends_their_sessions() -> Result<()> {
    let stage = Stage::new(|_| answer(1_000, 20_000)).await?;
    let (first, second) = (stage.room().await?, stage.room().await?);
    let mut listener = stage.listener(&first).await?;
    let (ada, _bob) = (stage.person(&first).await?, stage.person(&second).await?);
    let agent = stage.agent(&first, Some(&listener)).await?;
    stage.agent(&second, None).await?;
    // The agent speaks.
    stage.speak(&first, &ada, 5_000);
    listener.hear(&agent).await?;
    let Stage { emulator, fishjam, model, program } = stage;
    program.interrupt()?;
    let output = program.end().await?;
    assert!(output.status.success(), "{}", output.stderr);
    assert_eq!(fishjam.get_room(&first).await?.peers.len(), 2);
    assert_eq!(fishjam.get_room(&second).await?.peers.len(), 1);
    for session in [0, 1] {
        within(within(model.session(session)).await?.ended()).await?;
    }
    assert_eq!(model.violations(), Vec::<String>::new());
    drop(emulator);
    Ok(())
}

#[tokio::test]
async fn deleted_room_ends_its_session_only() -> Result<()> {
    let stage = Stage::new(|_| answer(1_000, 100)).await?;
    let (first, second) = (stage.room().await?, stage.room().await?);
    let _ada = stage.person(&first).await?;
    stage.agent(&first, None).await?;
    let session = within(stage.model.session(0)).await?;
    let mut listener = stage.listener(&second).await?;
    let bob = stage.person(&second).await?;
    let agent = stage.agent(&second, Some(&listener)).await?;
    stage.fishjam.delete_room(&first).await?;
    within(session.ended()).await?;
    stage.speak(&second, &bob, 1_000);
    listener.hear(&agent).await?;
    assert!(!stage.program.stderr().contains("WARN"), "{}", stage.program.stderr());
    stage.finish().await
}

#[tokio::test]
async fn changes_during_an_outage_are_not_missed() -> Result<()> {
    let stage = Stage::new(|_| None).await?;
    let (kept, left, joined) = (stage.room().await?, stage.room().await?, stage.room().await?);
    let (ada, bob) = (stage.person(&kept).await?, stage.person(&left).await?);
    let (eve, _token) = stage.fishjam.create_peer(&joined, PeerOptions::new()).await?;
    let agent = stage.agent(&kept, None).await?;
    let session = within(stage.model.session(0)).await?;
    stage.agent(&left, None).await?;

    let outage = stage.emulator.outage(Duration::MAX);
    within(stage.emulator.agent_sockets().wait_for_count(0)).await?;
    bob.scripted.disconnect();
    stage.connect(&joined, &eve.id)?;
    outage.end();

    assert_eq!(stage.agent(&kept, None).await?, agent);
    stage.no_agent(&left, None).await?;
    stage.agent(&joined, None).await?;
    stage.speak(&kept, &ada, 1_000);
    within(async {
        // Either session can belong to the first room.
        tokio::select! {
            () = session.wait_for_audio(1) => {}
            () = async { stage.model.session(1).await.wait_for_audio(1).await } => {}
        }
    })
    .await?;
    stage.finish().await
}

#[tokio::test]
async fn failed_model_is_reported_and_the_agent_returns() -> Result<()> {
    let mut stage = Stage::new(|_| None).await?;
    let room = stage.room().await?;
    let _ada = stage.person(&room).await?;
    let agent = stage.agent(&room, None).await?;
    within(stage.model.session(0)).await?.error("sentinel-quota");
    let log = stage.program.log_with("the agent failed").await?;
    assert!(log.contains("sentinel-quota"), "{log}");
    within(stage.model.session(1)).await?;
    assert_ne!(stage.agent(&room, None).await?, agent);
    stage.finish().await
}

#[tokio::test]
async fn announced_end_of_a_connection_continues_on_another_one() -> Result<()> {
    let stage = Stage::new(|_| answer(1_000, 100)).await?;
    let room = stage.room().await?;
    let mut listener = stage.listener(&room).await?;
    let ada = stage.person(&room).await?;
    let agent = stage.agent(&room, Some(&listener)).await?;
    let session = within(stage.model.session(0)).await?;
    session.going_away(10);
    let next = within(stage.model.session(1)).await?;
    assert_eq!(next.setup()["sessionResumption"], json!({ "handle": "handle-0" }));
    within(session.ended()).await?;
    stage.speak(&room, &ada, 1_000);
    assert!(listener.hear(&agent).await?.data.starts_with(&1_000_i16.to_le_bytes()));
    stage.finish().await
}

/// Forwards the first connection to a server, and accepts the second one without a response. Returns the address, and
/// a signal of the second connection.
async fn stall_second_connection(server: String) -> Result<(String, oneshot::Receiver<()>)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?.to_string();
    let (stalled, signal) = oneshot::channel();
    tokio::spawn(async move {
        let (mut client, _) = listener.accept().await?;
        let mut server = TcpStream::connect(server).await?;
        tokio::spawn(async move { copy_bidirectional(&mut client, &mut server).await });
        let _second = listener.accept().await?;
        let _ = stalled.send(());
        std::future::pending::<std::io::Result<()>>().await
    });
    Ok((address, signal))
}

#[tokio::test]
async fn interrupt_ends_the_agent_while_it_reconnects_to_the_model() -> Result<()> {
    let model = FakeModel::gemini(KEY, |_| None).await?;
    let (server, path) = model.url().trim_start_matches("ws://").split_once('/').expect("a path");
    let (address, stalled) = stall_second_connection(server.to_owned()).await?;
    let url = format!("ws://{address}/{path}");
    let stage = Stage::with_model(model, &url).await?;
    let room = stage.room().await?;
    let _ada = stage.person(&room).await?;
    stage.agent(&room, None).await?;
    within(stage.model.session(0)).await?.going_away(10);
    within(stalled).await??;
    let Stage { emulator: _emulator, fishjam, program, .. } = stage;
    program.interrupt()?;
    let output = program.end().await?;
    assert!(output.status.success() && !output.stderr.contains("failed"), "{}", output.stderr);
    assert_eq!(fishjam.get_room(&room).await?.peers.len(), 1);
    Ok(())
}
