//! Messages that a session sends: complete, in order, limited, and none after its end.

use std::{collections::HashMap, pin::pin, time::Duration};

use anyhow::Context;
use fishjam_proto::fishjam::{
    agent_request::{Content, TrackData, add_track::CodecParameters},
    notifications::{Track, TrackEncoding, TrackType},
};
use fishjam_sdk::{
    ErrorKind,
    agent::{AgentConnectOptions, Channels, OutgoingAudioTrackOptions, OutgoingTrack, SampleRate, SessionEnd},
};
use fishjam_tests::{
    clock::{or_stuck, settle},
    support::within,
};
use futures_util::{FutureExt, SinkExt, StreamExt};
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use super::{
    end,
    service::{ServerEnd, Service},
};

/// The size of a chunk that exceeds the buffers of all sockets, in bytes.
const LARGE: usize = 32 * 1024 * 1024;

/// Adds a track, and waits until the server has received it.
async fn voice(session: &fishjam_sdk::agent::AgentSession, server: &mut ServerEnd) -> anyhow::Result<OutgoingTrack> {
    let voice = session.add_track(OutgoingAudioTrackOptions::pcm16(SampleRate::Hz16000)).await?;
    let asked = server.receive().await?;
    anyhow::ensure!(matches!(asked, Content::AddTrack(_)), "{asked:?}");
    Ok(voice)
}

#[tokio::test]
async fn track_calls_arrive_as_messages() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let (session, mut server) = service.connect(AgentConnectOptions::new()).await?;
    let options = OutgoingAudioTrackOptions::pcm16(SampleRate::Hz24000)
        .channels(Channels::Stereo)
        .metadata(json!({ "type": "microphone" }));
    let voice = session.add_track(options).await?;
    let Content::AddTrack(added) = server.receive().await? else { anyhow::bail!("no track") };
    let metadata = r#"{"type":"microphone"}"#.to_owned();
    let track_id = voice.id().to_string();
    assert_eq!(added.track, Some(Track { id: track_id.clone(), r#type: TrackType::Audio.into(), metadata }));
    let codec = CodecParameters { encoding: TrackEncoding::Pcm16.into(), sample_rate: 24_000, channels: 2 };
    assert_eq!(added.codec_params, Some(codec));

    voice.send_chunk(vec![1, 2, 3, 4]).await?;
    voice.send_chunk("").await?;
    voice.clone().send_chunk(&b"more"[..]).await?;
    for data in [&[1, 2, 3, 4], b"more"] {
        assert_eq!(server.receive_audio().await?, TrackData { track_id: track_id.clone(), data: data.to_vec().into() });
    }
    voice.interrupt().await?;
    let interrupted = server.receive().await?;
    assert!(matches!(&interrupted, Content::InterruptTrack(t) if t.track_id == track_id), "{interrupted:?}");
    voice.remove().await?;
    voice.remove().await?;
    let removed = server.receive().await?;
    assert!(matches!(&removed, Content::RemoveTrack(t) if t.track_id == track_id), "{removed:?}");
    for refused in [voice.send_chunk(vec![1]).await, voice.interrupt().await] {
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    session.capture_image("camera").await?;
    assert_eq!(server.receive_capture().await?, "camera");
    Ok(())
}

#[tokio::test]
async fn invalid_track_or_chunk_does_not_end_the_session() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let options = AgentConnectOptions::new().max_message_bytes(1_000);
    let (session, mut server) = service.connect(options).await?;
    let unserializable = HashMap::from([((1, 2), 3)]);
    for options in [
        OutgoingAudioTrackOptions::opus().metadata(unserializable),
        OutgoingAudioTrackOptions::pcm16(SampleRate::Hz16000).metadata("m".repeat(1_000)),
    ] {
        let error = session.add_track(options).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("metadata"), "{error}");
    }
    let voice = voice(&session, &mut server).await?;
    let error = voice.send_chunk(vec![0; 1_000]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("the limit is 1000; send smaller parts"), "{error}");
    voice.send_chunk(vec![0; 900]).await?;
    assert_eq!(server.receive_audio().await?.data.len(), 900);
    Ok(())
}

#[tokio::test]
async fn huge_chunk_and_many_tiny_chunks_arrive_whole() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let (session, mut server) = service.connect(AgentConnectOptions::new()).await?;
    let voice = voice(&session, &mut server).await?;
    let large: Vec<u8> = (0..5 * 1024 * 1024).map(|i: u32| i.to_le_bytes()[1]).collect();
    let sent = large.clone();
    let sending = tokio::spawn(async move {
        voice.send_chunk(sent).await?;
        for number in 0..20_000_u32 {
            voice.send_chunk(number.to_le_bytes().to_vec()).await?;
        }
        anyhow::Ok(())
    });
    assert_eq!(server.receive_audio().await?.data, large);
    for number in 0..20_000_u32 {
        assert_eq!(server.receive_audio().await?.data.as_ref(), number.to_le_bytes());
    }
    sending.await??;
    Ok(())
}

/// Sends numbered chunks to a server that does not read, until the session accepts no more. Returns their number.
async fn fill(voice: &OutgoingTrack) -> anyhow::Result<u32> {
    fill_with(voice, 8_192).await
}

/// The same with chunks of this size.
async fn fill_with(voice: &OutgoingTrack, size: usize) -> anyhow::Result<u32> {
    for number in 0..10_000_u32 {
        let mut chunk = number.to_le_bytes().to_vec();
        chunk.resize(size, 0);
        if or_stuck(voice.send_chunk(chunk)).await.transpose()?.is_none() {
            return Ok(number);
        }
    }
    anyhow::bail!("a service that does not read took 10,000 chunks")
}

#[tokio::test]
async fn dropped_send_is_not_sent_when_the_server_does_not_read() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let options = AgentConnectOptions::new().outgoing_bytes(64 * 1024);
    let (session, mut server) = service.connect(options).await?;
    let voice = voice(&session, &mut server).await?;
    let taken = fill(&voice).await?;
    // The futures of two chunks are dropped. The third chunk is sent.
    assert!(voice.send_chunk(vec![9; 8_192]).now_or_never().is_none());
    let waiting = tokio::spawn({
        let voice = voice.clone();
        async move { voice.send_chunk(vec![7; 8_192]).await }
    });
    settle().await;
    assert!(!waiting.is_finished());
    for number in 0..taken {
        let data = server.receive_audio().await?.data;
        assert_eq!((data.get(..4), data.len()), (Some(&number.to_le_bytes()[..]), 8_192));
    }
    assert_eq!(server.receive_audio().await?.data, vec![7; 8_192]);
    waiting.await??;
    Ok(())
}

#[tokio::test]
async fn interrupt_overtakes_queued_audio() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let options = AgentConnectOptions::new().outgoing_bytes(1024 * 1024);
    let (session, mut server) = service.connect(options).await?;
    let voice = voice(&session, &mut server).await?;
    let other = self::voice(&session, &mut server).await?;
    let taken = fill(&voice).await?;
    // The chunk waits for room, and belongs to the interrupted utterance.
    let late = tokio::spawn({
        let voice = voice.clone();
        async move { voice.send_chunk(b"old".to_vec()).await }
    });
    settle().await;
    for _ in 0..3 {
        within("an interruption", voice.interrupt()).await??;
    }
    let next = tokio::spawn({
        let (voice, other) = (voice.clone(), other.clone());
        async move {
            other.send_chunk(b"another track".to_vec()).await?;
            voice.send_chunk(b"new".to_vec()).await
        }
    });
    let mut chunks = 0;
    loop {
        match server.receive().await? {
            Content::TrackData(data) => {
                assert_eq!(data.data.get(..4), Some(&u32::to_le_bytes(chunks)[..]), "old audio after the interruption");
                chunks += 1;
            }
            Content::InterruptTrack(_) => break,
            other => anyhow::bail!("{other:?}"),
        }
    }
    // The queued audio, about a megabyte, was discarded.
    assert!(chunks + 100 < taken, "{chunks} of {taken}");
    assert_eq!(server.receive_audio().await?.data.as_ref(), b"another track");
    assert_eq!(server.receive_audio().await?.data.as_ref(), b"new");
    late.await??;
    next.await??;
    // The three interrupts were sent as one message.
    session.disconnect().now_or_never();
    server.wait_for_end().await
}

#[tokio::test]
async fn disconnect_sends_queued_chunks_before_the_close_frame() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let (session, mut server) = service.connect(AgentConnectOptions::new()).await?;
    let voice = voice(&session, &mut server).await?;
    for number in 0..500_u32 {
        voice.send_chunk(number.to_le_bytes().to_vec()).await?;
    }
    let sender = session.sender();
    let disconnecting = tokio::spawn(session.disconnect());
    for number in 0..500_u32 {
        assert_eq!(server.receive_audio().await?.data.as_ref(), number.to_le_bytes());
    }
    let close_frame = within("a close frame", server.socket.next()).await?;
    assert!(matches!(close_frame, Some(Ok(Message::Close(_)))), "{close_frame:?}");
    server.wait_for_end().await?;
    drop(server);
    within("the disconnection", disconnecting).await???;
    assert!(matches!(sender.end(), Some(SessionEnd::Disconnected)));
    sender.disconnect().await?;
    Ok(())
}

// Defect X41 of the official SDKs.
#[tokio::test]
async fn calls_after_disconnect_fail_as_closed() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let (session, mut server) = service.connect(AgentConnectOptions::new()).await?;
    let voice = voice(&session, &mut server).await?;
    let sender = session.sender();
    let serving = tokio::spawn(async move { server.wait_for_end().await });
    session.disconnect().await?;
    serving.await??;
    for refused in [
        voice.send_chunk(vec![1]).await,
        voice.interrupt().await,
        voice.remove().await,
        sender.capture_image("camera").await,
        sender.add_track(OutgoingAudioTrackOptions::opus()).await.map(drop),
        sender.capture_image_and_wait("camera", Duration::from_secs(5)).await.map(drop),
    ] {
        let error = refused.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Closed);
        assert!(error.to_string().contains("disconnected"), "{error}");
    }
    Ok(())
}

#[tokio::test]
async fn disconnect_ends_while_the_server_does_not_read() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let (session, mut server) = service.connect(AgentConnectOptions::new()).await?;
    let voice = voice(&session, &mut server).await?;
    fill(&voice).await?;
    // The paused clock moves by ten seconds in one step, because all tasks wait.
    tokio::time::pause();
    let error = session.disconnect().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().contains("not everything was sent within 10s"), "{error}");
    tokio::time::resume();
    drop(server);
    Ok(())
}

#[tokio::test]
async fn disconnect_fails_when_the_connection_breaks_first() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let (session, mut server) = service.connect(AgentConnectOptions::new().reconnect(true)).await?;
    let voice = voice(&session, &mut server).await?;
    fill(&voice).await?;
    let mut disconnecting = pin!(session.disconnect());
    assert!(disconnecting.as_mut().now_or_never().is_none());
    settle().await;
    drop(server);
    let error = within("the disconnection", disconnecting).await?.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
    Ok(())
}

#[tokio::test]
async fn disconnect_fails_when_the_connection_times_out_first() -> anyhow::Result<()> {
    let service = Service::start().await?;
    for reconnect in [false, true] {
        let options = AgentConnectOptions::new()
            .reconnect(reconnect)
            .idle_timeout(Duration::from_secs(5))
            .max_message_bytes(2 * LARGE)
            .outgoing_bytes(2 * LARGE);
        let (session, mut server) = service.connect(options).await?;
        let voice = voice(&session, &mut server).await?;
        // The socket has a part of it, and no command waits.
        voice.send_chunk(vec![0; LARGE]).await?;
        settle().await;
        tokio::time::pause();
        let error = session.disconnect().await.unwrap_err();
        tokio::time::resume();
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
        assert!(error.to_string().contains("not everything was sent before"), "{error}");
    }
    Ok(())
}

#[tokio::test]
async fn chunk_behind_a_failed_one_is_sent_after_the_reconnection() -> anyhow::Result<()> {
    // Each chunk exceeds the buffer of the socket, and two of them have room. The driver takes both at the same time. If the
    // kernel's buffer is full during the first one, the second one stays behind it. But if the kernel takes the first one
    // completely, the second one is in the socket, and is lost with it. This depends on the sizes of the kernel's buffer and
    // of the chunks. So each round has another size, and a third of the rounds or more leave a chunk behind.
    for round in 0..40 {
        let size = (20 + round) * 1024;
        let service = Service::start().await?;
        let options = AgentConnectOptions::new().reconnect(true).outgoing_bytes(5 * size / 2);
        let (session, mut server) = service.connect(options).await?;
        let voice = voice(&session, &mut server).await?;
        let taken = fill_with(&voice, size).await?;
        drop(server);
        let mut server = service.admit().await?;
        let added = server.receive().await?;
        assert!(matches!(added, Content::AddTrack(_)), "{added:?}");
        voice.send_chunk(b"last".to_vec()).await?;
        let behind = server.receive_audio().await?.data;
        if behind.as_ref() == b"last" {
            continue;
        }
        assert_eq!(behind.get(..4), Some(&u32::to_le_bytes(taken - 1)[..]));
        assert_eq!(server.receive_audio().await?.data.as_ref(), b"last");
        return Ok(());
    }
    anyhow::bail!("the chunk behind the failed one was lost each time")
}

#[tokio::test]
async fn flood_of_chunks_does_not_stop_the_reads() -> anyhow::Result<()> {
    let service = Service::start().await?;
    // Small chunks are limited by their number, and large ones by their size.
    for size in [4, 20 * 1024] {
        let options = AgentConnectOptions::new().outgoing_bytes(16 * 1024 * 1024);
        let (mut session, mut server) = service.connect(options).await?;
        let voice = voice(&session, &mut server).await?;
        let flood = tokio::spawn(async move {
            loop {
                if let Err(error) = voice.send_chunk(vec![0; size]).await {
                    return error;
                }
            }
        });
        server.receive_audio().await?;
        for number in 0..20_u8 {
            server.socket.send(Message::Ping(vec![number].into())).await?;
            let pong = within("a pong", async {
                loop {
                    match server.socket.next().await.context("the agent is gone")?? {
                        Message::Pong(data) => break anyhow::Ok(data),
                        other => anyhow::ensure!(other.is_binary(), "{other:?}"),
                    }
                }
            })
            .await??;
            assert_eq!(pong.as_ref(), [number]);
        }
        assert!(!flood.is_finished());
        server.close(1011, "crashed").await?;
        let (error, closed) = tokio::join!(end(&mut session), server.wait_for_end());
        closed?;
        assert_eq!(error?.close_code(), Some(1011));
        assert_eq!(within("the end of the flood", flood).await??.close_code(), Some(1011));
    }
    Ok(())
}
