//! From an agent to a session: the token is accepted, or there is no session.

use std::{
    io::{Read, Write},
    pin::pin,
    time::Duration,
};

use fishjam_proto::fishjam::agent_response::{Authenticated, Content};
use fishjam_sdk::{
    AgentOptions, ConnectionState, ErrorKind, FishjamClient, RoomOptions,
    agent::{AgentConnectOptions, AgentMessage},
};
use fishjam_tests::{
    clock::{StoppedClock, leap, settle},
    support::{respond_with, silent, unanswered_request, unused_url, within},
};
use futures_util::{FutureExt, SinkExt, StreamExt};
use serde_json::json;
use tokio::{io::AsyncWriteExt, sync::oneshot, task::spawn_blocking};
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::frame::{
        Frame,
        coding::{Data, OpCode},
    },
};

use super::{
    end, heard, next,
    service::{Service, audio},
};

// Defect X30 of the official SDKs.
#[tokio::test]
async fn session_starts_only_after_its_token_is_accepted() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let agent = service.agent().await?;
    let mut connecting = pin!(agent.connect());
    assert!(connecting.as_mut().now_or_never().is_none());
    let mut server = service.accept().await?;
    assert_eq!(server.receive_token().await?, agent.token().expose());
    settle().await;
    assert!(connecting.as_mut().now_or_never().is_none());
    server.send(Content::Authenticated(Authenticated {})).await?;
    let session = within("the session", connecting).await??;
    assert_eq!(session.state(), ConnectionState::Ready);
    assert!(session.end().is_none());
    let printed = format!("{session:?}") + &format!("{:?}", session.split());
    assert!(!printed.contains(agent.token().expose()), "{printed}");
    Ok(())
}

// Defect X30 of the official SDKs.
#[tokio::test]
async fn refused_token_has_its_own_error_with_the_servers_reason() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let agent = service.agent().await?;
    let token = agent.token().expose();
    for (code, reason, kind) in [
        (1000, "invalid token", ErrorKind::Unauthorized),
        (1000, "expired token", ErrorKind::Unauthorized),
        (1000, "peer not found", ErrorKind::Unauthorized),
        (1008, "who are you", ErrorKind::Unauthorized),
        (4001, "", ErrorKind::Unauthorized),
        // The token is not the cause.
        (1000, "peer already connected", ErrorKind::Closed),
        (1001, "going away", ErrorKind::Closed),
        (1011, "internal", ErrorKind::Closed),
        (1012, "restarting", ErrorKind::Closed),
    ] {
        let refusing = async {
            let mut server = service.accept().await?;
            server.receive_token().await?;
            server.close(code, reason).await
        };
        let (connected, refused) = tokio::join!(agent.connect(), refusing);
        refused?;
        let error = connected.unwrap_err();
        assert_eq!((error.kind(), error.close_code()), (kind, Some(code)), "{error}");
        assert!(error.to_string().contains(reason), "{error}");
    }
    // A reason that repeats the token does not print it.
    let repeating = async {
        let mut server = service.accept().await?;
        server.receive_token().await?;
        server.close(1000, &format!("no {}", token.get(..80).unwrap_or(token))).await
    };
    let (connected, refused) = tokio::join!(agent.connect(), repeating);
    refused?;
    let error = connected.unwrap_err();
    if token.len() <= 80 {
        assert!(!format!("{error} {error:?}").contains(token), "{error}");
    }
    Ok(())
}

// Defect X18 of the official SDKs.
#[tokio::test]
async fn handshake_keeps_messages_before_acceptance() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let agent = service.agent().await?;
    let mut connecting = pin!(agent.connect());
    assert!(connecting.as_mut().now_or_never().is_none());
    let mut server = service.accept().await?;
    server.receive_token().await?;
    server.send(audio("early", [1, 2])).await?;
    server.send_raw([0x2a, 0]).await?;
    server.send_raw([]).await?;
    settle().await;
    assert!(connecting.as_mut().now_or_never().is_none());
    server.send(Content::Authenticated(Authenticated {})).await?;
    let mut session = within("the session", connecting).await??;
    assert_eq!(heard(&mut session).await?.data.as_ref(), [1, 2]);
    for field in [5, 0] {
        let unknown = next(&mut session).await?;
        assert!(matches!(&unknown, AgentMessage::Unknown(u) if u.field_number == field), "{unknown:?}");
    }
    Ok(())
}

#[tokio::test]
async fn handshake_fails_with_an_unreadable_response() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let agent = service.agent().await?;
    for response in [Message::Binary(vec![0xff, 0xff].into()), Message::Text("authenticated".into())] {
        let responding = async {
            let mut server = service.accept().await?;
            server.receive_token().await?;
            server.socket.send(response).await?;
            server.wait_for_end().await
        };
        let (connected, answered) = tokio::join!(agent.connect(), responding);
        answered?;
        assert_eq!(connected.unwrap_err().kind(), ErrorKind::Decode);
    }
    Ok(())
}

#[tokio::test]
async fn handshake_times_out_on_a_silent_server() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let agent = service.agent().await?;
    let limit = Duration::from_secs(30);
    let options = AgentConnectOptions::new().handshake_timeout(limit);
    let ignoring = async {
        let mut server = service.accept().await?;
        server.receive_token().await?;
        leap(limit).await;
        server.wait_for_end().await
    };
    let (connected, ignored) = tokio::join!(agent.connect_with(options.clone()), ignoring);
    ignored?;
    let error = connected.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().contains("token was not accepted within 30s"), "{error}");
    Ok(())
}

#[tokio::test]
async fn handshake_timeout_holds_while_the_server_sends_pings() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let agent = service.agent().await?;
    let limit = Duration::from_secs(30);
    let options = AgentConnectOptions::new().handshake_timeout(limit);
    let clock = StoppedClock::stop();
    let flooding = async {
        let mut server = service.accept().await?;
        server.receive_token().await?;
        let socket = server.socket.into_inner().into_std()?;
        socket.set_nonblocking(false)?;
        // This is a thread, because it must not depend on the agent's runtime.
        let (answered, first_pongs) = oneshot::channel();
        let flood = spawn_blocking(move || flood(socket, answered));
        first_pongs.await?;
        clock.advance(limit).await;
        // The close frame has a time limit, too.
        drop(clock);
        anyhow::Ok(flood)
    };
    let (connected, flooded) = tokio::join!(agent.connect_with(options), flooding);
    let error = connected.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    // The thread ends with the connection.
    Ok(flooded?.await?)
}

/// Sends empty pings until the connection ends, so many that the agent always finds another one.
///
/// The number of pings without a pong is limited. Otherwise, the connection would end if this thread runs too rarely.
fn flood(mut socket: std::net::TcpStream, answered: oneshot::Sender<()>) {
    const PONG: usize = 6;
    const UNANSWERED: usize = 32 * 1024;
    let pings = [0x89, 0].repeat(4 * 1024);
    let (mut unanswered, mut answered) = (0, Some(answered));
    while socket.write_all(&pings).is_ok() {
        unanswered += pings.len() / 2 * PONG;
        while unanswered > UNANSWERED * PONG {
            match socket.read(&mut [0; 64 * 1024]) {
                Ok(pongs @ 1..) => unanswered = unanswered.saturating_sub(pongs),
                _ => return,
            }
            if let Some(answered) = answered.take() {
                // An error means that the test has failed.
                let _ = answered.send(());
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn endless_fragments_end_the_handshake() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let agent = service.agent().await?;
    let flooding = async {
        let mut server = service.accept().await?;
        server.receive_token().await?;
        let start = Frame::message(Vec::new(), OpCode::Data(Data::Binary), false);
        server.socket.send(Message::Frame(start)).await?;
        let mut socket = server.socket.into_inner();
        tokio::spawn(async move { while socket.write_all(&[0, 0].repeat(32 * 1024)).await.is_ok() {} }).await?;
        anyhow::Ok(())
    };
    let (connected, flooded) = tokio::join!(within("the failure", agent.connect()), flooding);
    flooded?;
    let error = connected?.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
    assert!(format!("{error:#}").contains("fragments"), "{error:#}");
    Ok(())
}

#[tokio::test]
async fn early_messages_are_limited_in_bytes() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let agent = service.agent().await?;
    let flooding = async {
        let mut server = service.accept().await?;
        server.receive_token().await?;
        // This is less than the maximum number of messages.
        for _ in 0..64 {
            if server.send(audio("ada", vec![0; 1024 * 1024])).await.is_err() {
                break;
            }
        }
        server.wait_for_end().await
    };
    let (connected, flooded) = tokio::join!(agent.connect(), flooding);
    flooded?;
    let error = connected.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WebSocket, "{error}");
    assert!(error.to_string().contains("too many messages"), "{error}");
    Ok(())
}

#[tokio::test]
async fn unread_pongs_end_a_connection() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let (mut session, server) = service.connect(AgentConnectOptions::new()).await?;
    let (mut write, _unread) = server.socket.split();
    let (pinged, error) = tokio::join!(
        async { while write.send(Message::Ping(vec![7; 125].into())).await.is_ok() {} },
        end(&mut session)
    );
    let () = pinged;
    assert_eq!(error?.kind(), ErrorKind::Connection);
    Ok(())
}

#[tokio::test]
async fn connect_reports_why_the_server_opens_no_socket() -> anyhow::Result<()> {
    let emulator = fishjam_emulator::Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    let not_found = respond_with("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n").await?;
    let (listener, mute) = silent().await?;
    let limit = Duration::from_secs(30);
    for (url, kind) in
        [(not_found, ErrorKind::NotFound), (unused_url().await?, ErrorKind::Connection), (mute, ErrorKind::Timeout)]
    {
        let said = json!(format!("{}/socket/peer/websocket", url.replacen("http", "ws", 1)));
        emulator
            .faults()
            .on("add_peer")
            .patch_json(move |response| response["data"]["peer_websocket_url"] = said.clone());
        let agent = fishjam.create_agent(&room.id, AgentOptions::new()).await?;
        let options = AgentConnectOptions::new().handshake_timeout(limit);
        let waiting = async {
            let unanswered = unanswered_request(&listener).await;
            leap(limit).await;
            let _still_open = unanswered;
            std::future::pending().await
        };
        let error = tokio::select! {
            outcome = within("the failure", agent.connect_with(options)) => outcome?.unwrap_err(),
            never = waiting => never,
        };
        assert_eq!(error.kind(), kind, "{error}");
    }
    Ok(())
}

// Defect X39 of the official SDKs.
#[tokio::test]
async fn connect_or_delete_deletes_the_agent_after_a_failure() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let refusing = async {
        let mut server = service.accept().await?;
        server.receive_token().await?;
        server.close(1000, "invalid token").await
    };
    let agent = service.agent().await?;
    assert_eq!(service.peers().await?, 1);
    let options = AgentConnectOptions::new().delete_on_end(true);
    let (connected, refused) = tokio::join!(agent.connect_or_delete(options), refusing);
    refused?;
    assert_eq!(connected.unwrap_err().kind(), ErrorKind::Unauthorized);
    assert_eq!(service.peers().await?, 0);

    // An agent that can connect is not deleted.
    let agent = service.agent().await?;
    let (connected, server) = tokio::join!(agent.connect_or_delete(AgentConnectOptions::new()), service.admit());
    let (_session, _server) = (connected?, server?);
    assert_eq!(service.peers().await?, 1);
    Ok(())
}

#[tokio::test]
async fn canceled_connect_leaves_nothing_behind() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let agent = service.agent().await?;
    {
        let mut connecting = pin!(agent.connect());
        assert!(connecting.as_mut().now_or_never().is_none());
        let mut server = service.accept().await?;
        server.receive_token().await?;
        assert!(connecting.as_mut().now_or_never().is_none());
        // The future is dropped in the middle of a handshake, and then at its start.
        tokio::spawn(async move { server.wait_for_end().await })
    }
    .await??;
    assert!(pin!(agent.connect()).now_or_never().is_none());
    let mut server = service.accept().await;
    if let Ok(server) = &mut server {
        server.wait_for_end().await?;
    }
    Ok(())
}

#[test]
fn connect_without_a_runtime_is_an_error() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (_emulator, agent) = runtime.block_on(async {
        let emulator = fishjam_emulator::Emulator::start().await?;
        let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
        let room = fishjam.create_room(RoomOptions::new()).await?;
        anyhow::Ok((emulator, fishjam.create_agent(&room.id, AgentOptions::new()).await?))
    })?;
    let Some(Err(error)) = agent.connect().now_or_never() else { anyhow::bail!("no error") };
    assert_eq!(error.kind(), ErrorKind::Setup);
    Ok(())
}
