//! The lifetime of a session, and its cleanup.

use std::time::Duration;

use fishjam_proto::fishjam::agent_request::{Content, TrackData};
use fishjam_sdk::{
    ConnectionState, ErrorKind,
    agent::{
        AgentConnectOptions, AgentMessage, Delivery, OutgoingAudioTrackOptions, OutgoingTrack, PacedTrack,
        PacingOptions, SampleRate, SessionEnd,
    },
};
use fishjam_tests::{
    clock::{SteppedClock, at_once, leap, or_stuck, settle},
    support::{PATIENCE, until, within},
};
use futures_util::{FutureExt, StreamExt};
use tokio_tungstenite::tungstenite::Message;

use super::{
    end, heard, next,
    service::{Service, audio},
};

fn impatient() -> AgentConnectOptions {
    AgentConnectOptions::new().reconnect(true).reconnect_backoff(Duration::from_millis(5), Duration::from_millis(20))
}

#[tokio::test]
async fn dropped_session_closes_its_socket_at_any_await() -> anyhow::Result<()> {
    let service = Service::start().await?;
    for case in ["idle", "receiving", "sending", "looking", "disconnecting"] {
        let (mut session, mut server) = service.connect(AgentConnectOptions::new().outgoing_bytes(1)).await?;
        let voice = session.add_track(OutgoingAudioTrackOptions::opus()).await?;
        server.receive().await?;
        match case {
            "receiving" => assert!(session.receive().now_or_never().is_none()),
            "sending" => {
                for _ in 0..2_000 {
                    let chunk = vec![0; 16 * 1024];
                    if or_stuck(voice.send_chunk(chunk)).await.is_none() {
                        break;
                    }
                }
            }
            "looking" => {
                assert!(session.capture_image_and_wait("camera", PATIENCE).now_or_never().is_none());
            }
            _ => {}
        }
        if case == "disconnecting" {
            let _ = session.disconnect().now_or_never();
        } else {
            drop(session);
        }
        if case == "sending" {
            // The close frame waits behind unread data for a limited time.
            server.wait_for_end().await?;
        } else {
            at_once(server.wait_for_end()).await?;
        }
        assert!(within("an error", voice.send_chunk(vec![1])).await?.is_err(), "{case}");
    }
    Ok(())
}

#[tokio::test]
async fn session_ends_with_its_last_half_and_ignores_tracks() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let (session, mut server) = service.connect(AgentConnectOptions::new()).await?;
    let (sender, receiver) = session.split();
    drop(receiver);
    let voice = sender.add_track(OutgoingAudioTrackOptions::opus()).await?;
    server.receive().await?;
    // Undelivered commands do not block the session.
    for _ in 0..2_000 {
        server.send(audio("ada", [0; 640])).await?;
    }
    let clone = sender.clone();
    drop(sender);
    voice.send_chunk(vec![1]).await?;
    server.receive_audio().await?;
    drop(clone);
    server.wait_for_end().await?;

    let (session, mut server) = service.connect(AgentConnectOptions::new()).await?;
    let (sender, mut receiver) = session.split();
    drop(sender);
    server.send(audio("ada", [1])).await?;
    assert!(matches!(within("audio", receiver.next()).await?, Some(Ok(AgentMessage::TrackData(_)))));
    drop(receiver);
    server.wait_for_end().await
}

#[tokio::test]
async fn halves_and_tracks_work_in_separate_tasks() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let (session, mut server) = service.connect(AgentConnectOptions::new()).await?;
    let (sender, mut receiver) = session.split();
    let hearing = tokio::spawn(async move {
        let mut bytes = 0;
        while let Some(Ok(AgentMessage::TrackData(heard))) = receiver.receive().await {
            bytes += heard.data.len();
        }
        bytes
    });
    let mut speaking = tokio::task::JoinSet::<fishjam_sdk::Result<()>>::new();
    for _ in 0..4 {
        let voice = sender.add_track(OutgoingAudioTrackOptions::pcm16(SampleRate::Hz16000)).await?;
        speaking.spawn(async move {
            for _ in 0..50 {
                voice.send_chunk(vec![0; 640]).await?;
            }
            Ok(())
        });
    }
    let mut chunks = 0;
    while chunks < 200 {
        if let Content::TrackData(_) = server.receive().await? {
            server.send(audio("ada", [0; 64])).await?;
            chunks += 1;
        }
    }
    for spoken in speaking.join_all().await {
        spoken?;
    }
    let (disconnected, gone) = tokio::join!(sender.disconnect(), server.wait_for_end());
    disconnected?;
    gone?;
    assert!(within("the end", hearing).await?? <= 200 * 64);
    Ok(())
}

// Defect X20 of the official SDKs.
#[tokio::test]
async fn disconnect_and_delete_deletes_the_agent() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let delete = || AgentConnectOptions::new().delete_on_end(true);
    // Without the option, the agent stays.
    let (session, server) = service.connect(AgentConnectOptions::new()).await?;
    drop(server);
    session.disconnect().await.ok();
    assert_eq!(service.peers().await?, 1);

    let (session, server) = service.connect(delete()).await?;
    drop(server);
    settle().await;
    session.disconnect().await?;
    assert_eq!(service.peers().await?, 1);

    // The reason of the end does not matter.
    for case in ["dropped", "lost"] {
        let (session, mut server) = service.connect(delete()).await?;
        assert_eq!(service.peers().await?, 2);
        let session = match case {
            "dropped" => {
                drop(session);
                None
            }
            _ => {
                server.close(1011, "crashed").await?;
                Some(session)
            }
        };
        server.wait_for_end().await?;
        drop(server);
        within("the agent's end", async {
            while service.peers().await.is_ok_and(|peers| peers > 1) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await?;
        drop(session);
    }
    Ok(())
}

// Defect X20 of the official SDKs.
#[tokio::test]
async fn disconnect_reports_a_failed_deletion() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let (session, mut server) = service.connect(AgentConnectOptions::new().delete_on_end(true)).await?;
    service.emulator.faults().on("delete_peer").status(401);
    let serving = tokio::spawn(async move { server.wait_for_end().await });
    let error = session.disconnect().await.unwrap_err();
    serving.await??;
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Unauthorized, Some("delete_peer")));
    Ok(())
}

#[tokio::test]
async fn agent_connects_again_with_the_same_token() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let agent = service.agent().await?;
    for _ in 0..2 {
        let (session, server) = tokio::join!(agent.connect(), service.admit());
        let (session, mut server) = (session?, server?);
        drop(session);
        server.wait_for_end().await?;
    }
    Ok(())
}

#[tokio::test]
async fn reconnection_restores_tracks_and_reports_the_gap() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let (mut session, mut server) = service.connect(impatient()).await?;
    let voice = session.add_track(OutgoingAudioTrackOptions::pcm16(SampleRate::Hz16000)).await?;
    let gone = session.add_track(OutgoingAudioTrackOptions::opus()).await?;
    gone.remove().await?;
    let added = server.receive().await?;
    for _ in 0..2 {
        server.receive().await?;
    }
    drop(server);

    // The first attempt is cut, too.
    drop(service.accept().await?);
    let mut server = service.accept().await?;
    server.receive_token().await?;
    // Chunks that are sent meanwhile wait.
    voice.send_chunk(b"meanwhile".to_vec()).await?;
    settle().await;
    assert_eq!(session.state(), ConnectionState::Authenticating);
    server.send(authenticated()).await?;
    assert_eq!(server.receive().await?, added);
    assert_eq!(server.receive_audio().await?.data.as_ref(), b"meanwhile");
    let gap = next(&mut session).await?;
    assert!(matches!(&gap, AgentMessage::Reconnected(gap) if gap.reason.kind() == ErrorKind::Connection), "{gap:?}");
    server.send(audio("ada", [1])).await?;
    heard(&mut session).await?;
    voice.send_chunk(b"again".to_vec()).await?;
    assert_eq!(server.receive_audio().await?.data.as_ref(), b"again");
    Ok(())
}

#[tokio::test]
async fn gap_is_reported_even_if_the_next_connection_fails_at_once() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let (mut session, mut server) = service.connect(impatient()).await?;
    // The message exceeds the buffer, so that the socket writes it immediately.
    let options = OutgoingAudioTrackOptions::opus().metadata("m".repeat(64 * 1024));
    session.add_track(options).await?;
    server.receive().await?;
    drop(server);
    let mut server = service.accept().await?;
    server.receive_token().await?;
    let outage = Duration::from_secs(9);
    leap(outage).await;
    server.send(authenticated()).await?;
    server.socket.get_mut().set_zero_linger()?;
    drop(server);
    let _server = service.admit().await?;
    // The first gap contains the outage. The second one starts at the second connection.
    for long in [true, false] {
        let gap = next(&mut session).await?;
        assert!(matches!(&gap, AgentMessage::Reconnected(gap) if (gap.duration() >= outage) == long), "{gap:?}");
    }
    Ok(())
}

#[tokio::test]
async fn paced_audio_pauses_until_the_connection_is_back() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let (session, mut server) = service.connect(impatient()).await?;
    let track = session.add_track(OutgoingAudioTrackOptions::pcm16(SampleRate::Hz16000)).await?;
    server.receive().await?;
    let voice = PacedTrack::new(track, PacingOptions::new())?;
    drop(server);
    until("the outage", || session.state() != ConnectionState::Ready).await?;
    // Queues five seconds of audio. The connection is restored after half a second without playback.
    let mut speech = voice.utterance();
    assert_eq!(speech.send_chunk(vec![0; 160_000]).await?, Delivery::Accepted);
    leap(Duration::from_millis(500)).await;
    assert_eq!((voice.position(), voice.lead()), (Duration::ZERO, Duration::ZERO));
    assert_eq!(voice.queued(), Duration::from_secs(5));
    let _clock = SteppedClock::start(Duration::from_millis(5));
    // The clock starts before the connection, so that no audio plays earlier.
    let began = tokio::time::Instant::now();
    let mut server = service.admit().await?;
    server.receive().await?;
    let mut bytes = 0;
    while began.elapsed() < Duration::from_millis(300) {
        bytes += server.receive_audio().await?.data.len();
    }
    // At most the played audio and the lead were sent.
    let most = began.elapsed() + Duration::from_millis(220);
    assert!(Duration::from_micros(bytes as u64 * 1_000 / 32) <= most, "{bytes} bytes");
    let interruption = voice.interrupt().await?;
    assert!(interruption.played <= began.elapsed() + Duration::from_millis(20), "{interruption:?}");
    assert_eq!(speech.position(), interruption.played);
    Ok(())
}

#[tokio::test]
async fn paced_audio_pauses_while_the_server_does_not_read() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let (session, _server) = service.connect(AgentConnectOptions::new().outgoing_bytes(128 * 1024 * 1024)).await?;
    // More than the buffers of the sockets hold, and less than the capacity of the queue.
    let other = session.add_track(OutgoingAudioTrackOptions::pcm16(SampleRate::Hz16000)).await?;
    for _ in 0..40 {
        other.send_chunk(vec![0; 1024 * 1024]).await?;
    }
    settle().await;
    let track = session.add_track(OutgoingAudioTrackOptions::pcm16(SampleRate::Hz16000)).await?;
    let voice = PacedTrack::new(track, PacingOptions::new())?;
    assert_eq!(voice.send_chunk(vec![0; 32_000]).await?, Delivery::Accepted);
    leap(Duration::from_millis(300)).await;
    assert_eq!((voice.position(), voice.lead()), (Duration::ZERO, Duration::ZERO));
    let interruption = within("the interrupt", voice.interrupt()).await??;
    assert_eq!((interruption.played, interruption.discarded), (Duration::ZERO, Duration::from_secs(1)));
    Ok(())
}

#[tokio::test]
async fn session_pings_a_silent_server_and_detects_a_dead_one() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let limit = Duration::from_secs(30);
    let (mut session, mut server) = service.connect(AgentConnectOptions::new().idle_timeout(limit)).await?;
    // The server sends nothing on its own. Reading from the socket responds to pings.
    let mut pings = 0;
    for _ in 0..24 {
        leap(limit / 6).await;
        while let Some(message) = or_stuck(server.socket.next()).await {
            assert!(matches!(message, Some(Ok(Message::Ping(_)))), "{message:?}");
            pings += 1;
        }
    }
    assert!(pings > 0);
    assert_eq!(session.state(), ConnectionState::Ready);
    // Now the server does not respond to pings either.
    leap(limit).await;
    assert_eq!(end(&mut session).await?.kind(), ErrorKind::Timeout);
    Ok(())
}

#[tokio::test]
async fn disconnect_succeeds_with_undelivered_commands() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let (session, mut server) = service.connect(AgentConnectOptions::new().reconnect(true)).await?;
    let voice = session.add_track(OutgoingAudioTrackOptions::opus()).await?;
    server.receive().await?;
    drop(server);
    until("the outage", || session.state() == ConnectionState::BackingOff).await?;
    // Queues a chunk that is interrupted, and a request for an image that does not arrive.
    voice.send_chunk(vec![1]).await?;
    voice.interrupt().await?;
    let sender = session.sender();
    let image = tokio::spawn(async move { sender.capture_image_and_wait("camera", Duration::from_secs(60)).await });
    settle().await;
    session.disconnect().await?;
    assert_eq!(within("a response", image).await??.unwrap_err().kind(), ErrorKind::Closed);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn chunk_after_an_interrupt_is_sent_after_it() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let (session, mut server) = service.connect(AgentConnectOptions::new()).await?;
    let voice = session.add_track(OutgoingAudioTrackOptions::opus()).await?;
    server.receive().await?;
    for round in 0..300_u32 {
        let mut speaking = Vec::new();
        for speaker in 0..2_u32 {
            let voice = voice.clone();
            speaking.push(tokio::spawn(async move {
                voice.interrupt().await?;
                if speaker == 0 {
                    voice.send_chunk(round.to_le_bytes().to_vec()).await?;
                }
                Ok::<(), fishjam_sdk::Error>(())
            }));
        }
        for spoken in speaking {
            spoken.await??;
        }
        voice.send_chunk(vec![9]).await?;
        // An interrupt after the first chunk may discard the chunk. The last chunk stays.
        while server.receive().await? != said(&voice, &[9]) {}
    }
    Ok(())
}

#[tokio::test]
async fn dropped_session_ends_while_it_reconnects() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let patient = AgentConnectOptions::new().reconnect(true);
    let (session, server) = service.connect(patient.clone()).await?;
    drop(server);
    let sender = session.sender();
    until("the outage", || sender.state() == ConnectionState::BackingOff).await?;
    session.disconnect().await?;
    assert!(matches!(sender.end(), Some(SessionEnd::Disconnected)));

    // A command of the old connection cannot be sent any more. The disconnection reports that.
    let (session, mut server) = service.connect(patient).await?;
    let voice = session.add_track(OutgoingAudioTrackOptions::opus()).await?;
    server.receive().await?;
    drop(server);
    until("the outage", || session.state() == ConnectionState::BackingOff).await?;
    voice.send_chunk(vec![1]).await?;
    assert_eq!(session.disconnect().await.unwrap_err().kind(), ErrorKind::Connection);
    Ok(())
}

#[test]
fn session_ends_with_its_runtime() -> anyhow::Result<()> {
    let runtime = || tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let (first, second) = (runtime()?, runtime()?);
    let service = second.block_on(Service::start())?;
    let agent = second.block_on(service.agent())?;
    let connecting = first.spawn(async move { agent.connect().await });
    let _server = second.block_on(service.admit())?;
    let mut session = second.block_on(connecting)??;
    let voice_of = session.sender();
    first.shutdown_timeout(Duration::from_secs(1));
    second.block_on(async {
        assert_eq!(end(&mut session).await?.kind(), ErrorKind::Closed);
        assert!(voice_of.add_track(OutgoingAudioTrackOptions::opus()).await.is_err());
        session.disconnect().await?;
        Ok(())
    })
}

fn said(voice: &OutgoingTrack, data: &[u8]) -> Content {
    Content::TrackData(TrackData { track_id: voice.id().to_string(), data: data.to_vec().into() })
}

fn authenticated() -> fishjam_proto::fishjam::agent_response::Content {
    fishjam_proto::fishjam::agent_response::Content::Authenticated(Default::default())
}
