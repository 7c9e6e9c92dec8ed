//! Messages that a session receives, and its end.

use std::time::Duration;

use anyhow::Context;
use fishjam_proto::fishjam::agent_response::{Content, TrackData};
use fishjam_sdk::{
    ConnectionState, ErrorKind, Overflow, TrackType,
    agent::{AgentConnectOptions, AgentMessage, SessionEnd},
};
use fishjam_tests::{
    clock::{leap, or_stuck, settle},
    support::within,
};
use futures_util::{SinkExt, StreamExt};
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::tungstenite::Message;

use super::{
    end, heard, next,
    service::{ServerEnd, Service, audio, image},
};

#[tokio::test]
async fn audio_arrives_unchanged_with_its_peer_and_track() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let (mut session, mut server) = service.connect(AgentConnectOptions::new()).await?;
    let data: Vec<u8> = (0..=255).cycle().take(960).collect();
    server.send(audio("ada", data.clone())).await?;
    let said = heard(&mut session).await?;
    assert_eq!((said.peer_id.as_str(), said.track.id.as_str()), ("ada", "ada-track"));
    assert_eq!((said.track.track_type, said.track.metadata.as_str()), (Some(TrackType::Audio), "{}"));
    assert_eq!(said.data, data);

    // The chunk arrives before the description of its track.
    let data = b"early".to_vec().into();
    server.send(Content::TrackData(TrackData { peer_id: "bob".to_owned(), track: None, data })).await?;
    let said = heard(&mut session).await?;
    assert_eq!((said.peer_id.as_str(), said.data.as_ref()), ("bob", &b"early"[..]));
    assert!(said.track.id.as_str().is_empty() && said.track.metadata.is_null());
    Ok(())
}

// Defect X19 of the official SDKs.
#[tokio::test]
async fn malformed_messages_arrive_as_unknown() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let (mut session, mut server) = service.connect(AgentConnectOptions::new()).await?;
    for (frame, field_number, malformed) in
        [(&b""[..], 0, false), (&[0x2a, 1, 7], 5, false), (&[0xff, 0xff], 0, true), (&[0x12, 9, 1], 0, true)]
    {
        server.send_raw(frame).await?;
        match next(&mut session).await? {
            AgentMessage::Unknown(unknown) => {
                assert_eq!((unknown.field_number, unknown.malformed), (field_number, malformed), "{frame:?}");
                assert_eq!(unknown.bytes, frame);
            }
            other => anyhow::bail!("{other:?}"),
        }
    }
    server.socket.send(Message::Text("hello".into())).await?;
    assert!(matches!(next(&mut session).await?, AgentMessage::Unknown(unknown) if unknown.malformed));
    server.send(audio("ada", [1])).await?;
    assert_eq!(heard(&mut session).await?.data.as_ref(), [1]);
    Ok(())
}

// Defect X19 of the official SDKs.
#[tokio::test]
async fn large_messages_arrive() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let (mut session, mut server) = service.connect(AgentConnectOptions::new()).await?;
    let large: Vec<u8> = (0..5 * 1024 * 1024).map(|i: u32| i.to_le_bytes()[1]).collect();
    server.send(image("camera", large.clone())).await?;
    server.send(audio("ada", large.clone())).await?;
    match next(&mut session).await? {
        AgentMessage::TrackImage(image) => {
            assert_eq!((image.track_id.as_str(), image.content_type.as_str()), ("camera", "image/jpeg"));
            assert_eq!(image.data, large);
        }
        other => anyhow::bail!("{other:?}"),
    }
    assert_eq!(heard(&mut session).await?.data, large);
    Ok(())
}

#[tokio::test]
async fn thousands_of_tiny_chunks_arrive_in_order() -> anyhow::Result<()> {
    const CHUNKS: u32 = 20_000;
    let service = Service::start().await?;
    let options = AgentConnectOptions::new().incoming(64, Overflow::Wait);
    let (mut session, mut server) = service.connect(options).await?;
    let saying = tokio::spawn(async move {
        for number in 0..CHUNKS {
            server.send(audio("ada", number.to_le_bytes())).await?;
        }
        anyhow::Ok(server)
    });
    for number in 0..CHUNKS {
        assert_eq!(heard(&mut session).await?.data.as_ref(), number.to_le_bytes());
    }
    saying.await??;
    Ok(())
}

#[tokio::test]
async fn oversized_message_ends_the_session_with_a_reason() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let (mut session, mut server) = service.connect(AgentConnectOptions::new()).await?;
    // The agent may be gone before all of it is written.
    let _ = server.send_raw(vec![0; 16 * 1024 * 1024 + 1]).await;
    assert_eq!(end(&mut session).await?.kind(), ErrorKind::TooLarge);
    Ok(())
}

#[tokio::test]
async fn end_follows_queued_messages_and_keeps_its_reason() -> anyhow::Result<()> {
    let service = Service::start().await?;
    for (code, reason, kind) in [
        (1000, "Room stopped", ErrorKind::Closed),
        (1011, "Internal server error", ErrorKind::Closed),
        (4999, "", ErrorKind::Closed),
    ] {
        let (mut session, mut server) = service.connect(AgentConnectOptions::new()).await?;
        server.send(audio("ada", [1])).await?;
        server.close(code, reason).await?;
        heard(&mut session).await?;
        let error = end(&mut session).await?;
        assert_eq!((error.kind(), error.close_code()), (kind, Some(code)));
        assert!(error.to_string().contains(reason), "{error}");
        let Some(SessionEnd::Lost(known)) = session.end() else { anyhow::bail!("{:?}", session.end()) };
        assert_eq!(known.to_string(), error.to_string());
        assert_eq!(session.state(), ConnectionState::Closed);
        // Later calls fail with the same reason.
        assert_eq!(session.capture_image("camera").await.unwrap_err().to_string(), error.to_string());
        session.disconnect().await?;
    }
    Ok(())
}

#[tokio::test]
async fn connection_cut_inside_a_chunk_ends_the_session() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let (mut session, server) = service.connect(AgentConnectOptions::new()).await?;
    let mut stream = server.socket.into_inner();
    // The beginning of a binary frame of 1,000 bytes.
    stream.write_all(&[0x82, 126, 3, 232, 1, 2, 3]).await?;
    stream.shutdown().await?;
    drop(stream);
    assert_eq!(end(&mut session).await?.kind(), ErrorKind::Connection);
    Ok(())
}

#[tokio::test]
async fn invalid_websocket_bytes_end_the_session() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let (mut session, server) = service.connect(AgentConnectOptions::new()).await?;
    let mut stream = server.socket.into_inner();
    stream.write_all(&b"HTTP/1.1 500 Internal Server Error\r\n\r\n".repeat(10)).await?;
    assert_eq!(end(&mut session).await?.kind(), ErrorKind::WebSocket);
    Ok(())
}

#[tokio::test]
async fn unread_session_answers_pings_and_keeps_the_newest() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let options = AgentConnectOptions::new().incoming(10, Overflow::DropOldest);
    let (mut session, mut server) = service.connect(options).await?;
    for number in 0..100_u8 {
        server.send(audio("ada", [number])).await?;
    }
    server.socket.send(Message::Ping(vec![7].into())).await?;
    let pong = within("a pong", server.socket.next()).await?;
    assert!(matches!(&pong, Some(Ok(Message::Pong(data))) if data.as_ref() == [7]), "{pong:?}");
    let dropped = next(&mut session).await?;
    assert!(matches!(dropped, AgentMessage::Dropped(90)), "{dropped:?}");
    for number in 90..100 {
        assert_eq!(heard(&mut session).await?.data.as_ref(), [number]);
    }
    Ok(())
}

#[tokio::test]
async fn queue_of_a_stuck_receiver_is_limited_in_bytes() -> anyhow::Result<()> {
    const CHUNK: usize = 1024 * 1024;
    let service = Service::start().await?;
    let options = AgentConnectOptions::new().incoming_bytes(4 * CHUNK);
    let (mut session, mut server) = service.connect(options).await?;
    for number in 0..20_u8 {
        server.send(audio("ada", vec![number; CHUNK])).await?;
    }
    server.socket.send(Message::Ping(vec![7].into())).await?;
    let pong = within("a pong", server.socket.next()).await?;
    assert!(matches!(&pong, Some(Ok(Message::Pong(data))) if data.as_ref() == [7]), "{pong:?}");
    // Each message is a little larger than its data.
    let dropped = next(&mut session).await?;
    assert!(matches!(dropped, AgentMessage::Dropped(17)), "{dropped:?}");
    for number in 17..20 {
        assert_eq!(heard(&mut session).await?.data, vec![number; CHUNK]);
    }
    // A message that is larger than the limit arrives, alone.
    server.send(audio("ada", vec![1; 5 * CHUNK])).await?;
    assert_eq!(heard(&mut session).await?.data.len(), 5 * CHUNK);
    Ok(())
}

#[tokio::test]
async fn lossless_receiver_pauses_reads() -> anyhow::Result<()> {
    const CHUNK: usize = 64 * 1024;
    let service = Service::start().await?;
    let options = AgentConnectOptions::new().incoming(2, Overflow::Wait);
    let (mut session, mut server) = service.connect(options).await?;
    let saying = tokio::spawn(async move {
        for number in 0..200_u8 {
            server.send(audio("ada", vec![number; CHUNK])).await?;
        }
        anyhow::Ok(server)
    });
    settle().await;
    assert!(!saying.is_finished());
    for number in 0..200_u8 {
        assert_eq!(heard(&mut session).await?.data, vec![number; CHUNK]);
    }
    saying.await??;
    Ok(())
}

#[tokio::test]
async fn silent_connection_ends_unless_pings_arrive() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let options = AgentConnectOptions::new().idle_timeout(Duration::from_secs(30));
    let (mut session, mut server) = service.connect(options).await?;
    for _ in 0..4 {
        leap(Duration::from_secs(20)).await;
        server.socket.send(Message::Ping(Vec::new().into())).await?;
        settle().await;
    }
    assert!(session.end().is_none());
    leap(Duration::from_secs(30)).await;
    let error = end(&mut session).await?;
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().contains("nothing arrived for 30s"), "{error}");
    Ok(())
}

#[tokio::test]
async fn paused_session_sends_pongs_and_does_not_time_out() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let (mut session, mut server) = service.connect(AgentConnectOptions::new().incoming(1, Overflow::Wait)).await?;
    for number in 0..3 {
        server.send(audio("ada", [number])).await?;
    }
    settle().await;
    for _ in 0..10 {
        leap(Duration::from_secs(25)).await;
        let sign = within("a sign", server.socket.next()).await?;
        assert!(matches!(&sign, Some(Ok(Message::Pong(data))) if data.is_empty()), "{sign:?}");
    }
    for number in 0..3 {
        assert_eq!(heard(&mut session).await?.data.as_ref(), [number]);
    }
    Ok(())
}

#[tokio::test]
async fn slow_receiver_does_not_end_its_session() -> anyhow::Result<()> {
    let service = Service::start().await?;
    // The limit is shorter than the ping interval, so that silence alone would end the session.
    let options = AgentConnectOptions::new().incoming(1, Overflow::Wait).idle_timeout(Duration::from_secs(19));
    let (mut session, mut server) = service.connect(options).await?;
    // The first message is in the queue, and the second one waits for room. The socket is empty.
    for number in 0..2 {
        server.send(audio("ada", [number])).await?;
    }
    hold(&mut server).await?;
    for number in 0..2 {
        assert_eq!(heard(&mut session).await?.data.as_ref(), [number]);
    }
    // The session sends a ping and continues.
    let asked = within("a ping", server.socket.next()).await?;
    assert!(matches!(&asked, Some(Ok(Message::Ping(_)))), "{asked:?}");
    server.send(audio("ada", [2])).await?;
    assert_eq!(heard(&mut session).await?.data.as_ref(), [2]);
    assert_eq!(session.state(), ConnectionState::Ready);
    Ok(())
}

#[tokio::test]
async fn gap_includes_the_time_without_reading() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let options = AgentConnectOptions::new().incoming(1, Overflow::Wait).reconnect(true);
    let (mut session, mut server) = service.connect(options).await?;
    // These are old when the session reads them, so they do not show that the connection works.
    for number in 0..5 {
        server.send(audio("ada", [number])).await?;
    }
    hold(&mut server).await?;
    drop(server);
    for number in 0..5 {
        assert_eq!(heard(&mut session).await?.data.as_ref(), [number]);
    }
    let _server = service.admit().await?;
    match next(&mut session).await? {
        AgentMessage::Reconnected(gap) => assert!(gap.duration() >= HELD, "{gap:?}"),
        other => anyhow::bail!("{other:?}"),
    }
    Ok(())
}

/// The time in which [`hold`] stops the receiver from reading.
const HELD: Duration = Duration::from_secs(120);

/// Lets time pass while the receiver does not read, after the session has noticed that.
async fn hold(server: &mut ServerEnd) -> anyhow::Result<()> {
    let (step, mut passed, mut noticed) = (Duration::from_secs(5), Duration::ZERO, None);
    while noticed.is_none_or(|noticed| passed < noticed + HELD) {
        leap(step).await;
        passed += step;
        anyhow::ensure!(passed < 3 * HELD, "the session goes on reading");
        // Only a session that does not read sends unrequested pongs.
        while let Some(message) = or_stuck(server.socket.next()).await {
            if matches!(message.context("the session is gone")??, Message::Pong(_)) {
                noticed.get_or_insert(passed);
            }
        }
    }
    Ok(())
}
