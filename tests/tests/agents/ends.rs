//! How sessions end: what the program sees, in which order, and with which reason.

use std::{
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Wake, Waker},
    time::Duration,
};

use fishjam_emulator::Emulator;
use fishjam_sdk::{
    AgentOptions, ConnectionState, ErrorKind, FishjamClient, RoomOptions,
    agent::{AgentConnectOptions, AgentMessage, AgentSender, OutgoingAudioTrackOptions, SessionEnd, SessionEndKind},
};
use fishjam_tests::support::{Log, record, until, within};

use super::{end, service::Service};

/// The delay before a session with these options reconnects.
fn options(reconnect: bool) -> AgentConnectOptions {
    let short = Duration::from_millis(5);
    AgentConnectOptions::new().reconnect(reconnect).reconnect_backoff(short, short)
}

#[tokio::test]
async fn end_of_a_room_is_the_same_with_and_without_reconnecting() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    for reconnect in [false, true] {
        for (whole_room, kind, reason) in
            [(true, SessionEndKind::RoomEnded, "Room stopped"), (false, SessionEndKind::AgentRemoved, "Peer removed")]
        {
            let room = fishjam.create_room(RoomOptions::new()).await?;
            let agent = fishjam.create_agent(&room.id, AgentOptions::new()).await?;
            let mut session = agent.connect_with(options(reconnect)).await?;
            if whole_room {
                fishjam.delete_room(&room.id).await?;
            } else {
                agent.delete().await?;
            }
            let connections = emulator.agent_sockets().connections();
            let error = end(&mut session).await?;
            assert_eq!((error.kind(), error.close_code()), (ErrorKind::Closed, Some(1000)), "{error}");
            assert_eq!(error.close_reason(), Some(reason));
            assert_eq!(session.end().map(|end| end.kind()), Some(kind));
            assert_eq!(emulator.agent_sockets().connections(), connections, "it did not connect again");
        }
    }
    Ok(())
}

#[tokio::test]
async fn refused_reconnection_reports_why_the_session_ended() -> anyhow::Result<()> {
    let service = Service::start().await?;
    for (reason, kind, end_kind) in [
        ("room not found", ErrorKind::Closed, SessionEndKind::RoomEnded),
        ("peer not found", ErrorKind::Closed, SessionEndKind::AgentRemoved),
        ("Room stopped", ErrorKind::Closed, SessionEndKind::RoomEnded),
        ("invalid token", ErrorKind::Unauthorized, SessionEndKind::TokenRefused),
        ("expired token", ErrorKind::Unauthorized, SessionEndKind::TokenRefused),
    ] {
        let (mut session, server) = service.connect(options(true)).await?;
        // The connection breaks without a reason.
        drop(server);
        let mut server = service.accept().await?;
        server.receive_token().await?;
        server.close(1000, reason).await?;
        let error = end(&mut session).await?;
        assert_eq!((error.kind(), error.close_reason()), (kind, Some(reason)), "{error}");
        assert_eq!(session.end().map(|end| end.kind()), Some(end_kind), "{reason}");
        assert!(session.end().is_some_and(|end| end.error().is_some()));
        // The first reason is kept, too.
        let first = std::error::Error::source(&error).map(ToString::to_string);
        assert!(first.as_ref().is_some_and(|first| first.contains("connection failed")), "{first:?}");
    }
    Ok(())
}

#[tokio::test]
async fn log_has_one_line_for_a_loss_and_one_for_the_recovery() -> anyhow::Result<()> {
    let log = Log::default();
    let writer = log.clone();
    let format = tracing_subscriber::fmt().with_ansi(false).with_max_level(tracing::Level::INFO);
    let _recording = record(format.with_writer(move || writer.clone()).finish());
    let service = Service::start().await?;
    let (mut session, server) = service.connect(options(true)).await?;
    drop(server);
    for _ in 0..3 {
        drop(service.accept().await?);
    }
    let mut server = service.admit().await?;
    let back = within("the recovery", session.receive()).await?;
    assert!(matches!(back, Some(Ok(AgentMessage::Reconnected(_)))), "{back:?}");
    let text = log.text();
    let lines: Vec<_> = text.lines().filter(|line| line.contains("fishjam_sdk")).collect();
    assert!(
        matches!(lines.as_slice(), [lost, back] if lost.contains("WARN") && lost.contains("connection lost")
        && back.contains("INFO") && back.contains("duration=") && back.contains("attempts=4")),
        "{text}"
    );

    // The end of a room is not a loss.
    server.close(1000, "Room stopped").await?;
    end(&mut session).await?;
    assert_eq!(log.text(), text);
    Ok(())
}

#[tokio::test]
async fn reason_of_the_end_is_found_while_the_receiver_is_slow() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let full = AgentConnectOptions::new().incoming(1, fishjam_sdk::Overflow::Wait);
    let (session, mut server) = service.connect(full).await?;
    let voice = session.add_track(OutgoingAudioTrackOptions::opus()).await?;
    server.receive().await?;
    for number in 0..3 {
        server.send(super::service::audio("ada", [number])).await?;
    }
    server.close(1000, "Room stopped").await?;
    drop(server);
    // The session does not read, so it notices the end when it cannot send.
    until("the session ends", || {
        let _ = futures_util::FutureExt::now_or_never(voice.send_chunk(vec![0; 640]));
        session.end().is_some()
    })
    .await?;
    assert_eq!(session.end().map(|end| end.kind()), Some(SessionEndKind::RoomEnded), "{:?}", session.end());
    Ok(())
}

/// Records the state and the end of a session each time something wakes a task.
struct Witness {
    sender: AgentSender,
    seen: Mutex<Vec<(ConnectionState, bool)>>,
}

impl Wake for Witness {
    fn wake(self: Arc<Self>) {
        let seen = (self.sender.state(), self.sender.end().is_some());
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(seen);
    }
}

#[test]
fn state_is_closed_before_any_wait_ends() -> anyhow::Result<()> {
    let runtime = || tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    for how in ["the server closes it", "its runtime ends"] {
        let (first, second) = (runtime()?, runtime()?);
        let service = second.block_on(Service::start())?;
        let agent = second.block_on(service.agent())?;
        let connecting =
            first.spawn(async move { agent.connect_with(AgentConnectOptions::new().outgoing_bytes(1)).await });
        let mut server = second.block_on(service.admit())?;
        let mut session = second.block_on(connecting)??;
        let witness = Arc::new(Witness { sender: session.sender(), seen: Mutex::default() });
        let waker = Waker::from(Arc::clone(&witness));
        let mut cx = Context::from_waker(&waker);
        let sender = session.sender();
        {
            let mut image = pin!(sender.capture_image_and_wait("camera", Duration::from_secs(600)));
            let mut receiving = pin!(session.receive());
            // Both futures are polled inside a runtime, because the first future has a timer.
            let _entered = second.enter();
            assert!(image.as_mut().poll(&mut cx).is_pending());
            assert!(receiving.as_mut().poll(&mut cx).is_pending());
            second.block_on(server.receive_capture())?;
            if how == "its runtime ends" {
                first.shutdown_timeout(Duration::from_secs(60));
            } else {
                second.block_on(server.close(1000, "Room stopped"))?;
            }
            second.block_on(until("both wake", || witness.seen.lock().is_ok_and(|seen| seen.len() >= 2)))?;
            let std::task::Poll::Ready(Err(error)) = image.as_mut().poll(&mut cx) else {
                anyhow::bail!("{how}: no error")
            };
            assert!(
                matches!(sender.end(), Some(SessionEnd::Lost(end)) if end.to_string() == error.to_string()),
                "{how}"
            );
        }
        let seen = witness.seen.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(seen.iter().all(|seen| *seen == (ConnectionState::Closed, true)), "{how}: {seen:?}");
    }
    Ok(())
}
