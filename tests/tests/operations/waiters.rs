//! Methods that wait for a state: with events, without events, and through losses of events.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use fishjam_emulator::Emulator;
use fishjam_proto::fishjam::{
    ServerMessage,
    server_message::{Content, PeerConnected, PeerDisconnected},
};
use fishjam_sdk::{
    CompositionRecordingOptions, ErrorKind, FishjamClient, FishjamNotifier, PeerOptions, Recording, RecordingStatus,
    Result, WaitOptions,
};
use fishjam_tests::{
    clock::{SteppedClock, StoppedClock, or_stuck, settle},
    support::{until, within},
};
use futures_util::FutureExt;
use serde_json::{Value, json};

use super::start;

const LONG: Duration = Duration::from_secs(100);

async fn recording() -> anyhow::Result<(Emulator, FishjamClient, Recording)> {
    let (emulator, fishjam) = start(Emulator::builder().manual_recordings()).await?;
    let options = CompositionRecordingOptions::new("https://rtc.fishjam.io/api/composition/c", "o");
    let recording = fishjam.create_composition_recording(options).await?;
    Ok((emulator, fishjam, recording))
}

fn with_events(emulator: &Emulator) -> Result<WaitOptions> {
    Ok(WaitOptions::new(LONG).notifier(&FishjamNotifier::new(emulator.url(), emulator.token())?))
}

/// Starts a call in a task, so its future must be `Send`.
macro_rules! spawned {
    ($fishjam:ident.$method:ident($($argument:expr),*)) => {
        tokio::spawn({
            let fishjam = $fishjam.clone();
            async move { fishjam.$method($($argument),*).await }
        })
    };
}

#[tokio::test]
async fn recording_becomes_available_without_events() -> anyhow::Result<()> {
    let (emulator, fishjam, recording) = recording().await?;
    let id = recording.id.clone();
    let waiting = spawned!(fishjam.wait_for_recording(id, LONG));
    let _clock = SteppedClock::start(Duration::from_millis(100));
    for reads in [1, 2] {
        until("a read", || emulator.journal().count("get_recording") > reads).await?;
        assert!(!waiting.is_finished());
        assert!(emulator.advance_recording(recording.id.as_str()));
    }
    let available = within("the recording", waiting).await???;
    assert_eq!((available.id, available.status), (recording.id, RecordingStatus::Available));
    assert_eq!(available.files.len(), 1);
    Ok(())
}

#[tokio::test]
async fn end_of_a_recording_is_a_typed_error() -> anyhow::Result<()> {
    let (emulator, fishjam, recording) = recording().await?;
    let _clock = SteppedClock::start(Duration::from_millis(100));
    let error = fishjam.wait_for_recording(&recording.id, Duration::from_secs(60)).await.unwrap_err();
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Timeout, true));
    assert!(error.to_string().contains("after 60s, the status of the recording is active"), "{error}");
    // With waits of up to 10 seconds.
    assert!((6..20).contains(&emulator.journal().count("get_recording")));

    assert!(emulator.fail_recording(recording.id.as_str()));
    let error = fishjam.wait_for_recording(&recording.id, LONG).await.unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Conflict, Some("the recording failed")));
    fishjam.delete_recording(&recording.id).await?;
    let error = fishjam.wait_for_recording(&recording.id, LONG).await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::NotFound, Some("get_recording")));
    assert_eq!(fishjam.wait_for_recording("..", LONG).await.unwrap_err().kind(), ErrorKind::InvalidInput);
    Ok(())
}

#[tokio::test]
async fn outage_during_a_wait_is_survived() -> anyhow::Result<()> {
    let (emulator, fishjam, recording) = recording().await?;
    assert!(emulator.advance_recording(recording.id.as_str()) && emulator.advance_recording(recording.id.as_str()));
    let _clock = SteppedClock::start(Duration::from_millis(100));
    emulator.faults().on("get_recording").times(12).status(503);
    let available = within("the recording", fishjam.wait_for_recording(&recording.id, LONG)).await??;
    assert_eq!(available.status, RecordingStatus::Available);

    emulator.faults().on("get_recording").always().status(503);
    let error = fishjam.wait_for_recording(&recording.id, LONG).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(format!("{error:#}").contains("the last read failed: get_recording: service unavailable"), "{error:#}");
    emulator.faults().clear();
    emulator.faults().on("get_recording").always().status(400);
    let error = fishjam.wait_for_recording(&recording.id, LONG).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadRequest);
    Ok(())
}

#[tokio::test]
async fn event_ends_a_wait_while_the_clock_stands() -> anyhow::Result<()> {
    let (emulator, fishjam, recording) = recording().await?;
    let clock = StoppedClock::stop();
    let (id, options) = (recording.id.clone(), with_events(&emulator)?);
    let waiting = spawned!(fishjam.wait_for_recording(id, options));
    emulator.server_sockets().wait_for_subscribers(1).await;
    settle().await;
    for _ in 0..2 {
        assert!(!waiting.is_finished());
        assert!(emulator.advance_recording(recording.id.as_str()));
        settle().await;
    }
    let available = or_stuck(waiting).await.expect("the event ends the wait")??;
    assert_eq!(available.status, RecordingStatus::Available);
    drop(clock);
    // The wait leaves no connection behind.
    emulator.server_sockets().wait_for_count(0).await;
    Ok(())
}

#[tokio::test]
async fn events_of_others_cause_no_reads() -> anyhow::Result<()> {
    let (emulator, fishjam, recording) = recording().await?;
    let other = CompositionRecordingOptions::new("https://rtc.fishjam.io/api/composition/c", "o");
    let other = fishjam.create_composition_recording(other).await?;
    let clock = StoppedClock::stop();
    let (id, options) = (recording.id.clone(), with_events(&emulator)?);
    let waiting = spawned!(fishjam.wait_for_recording(id, options));
    emulator.server_sockets().wait_for_subscribers(1).await;
    settle().await;
    // One read at the start, and one when the notifier is connected.
    assert_eq!(emulator.journal().count("get_recording"), 2);
    assert!(emulator.advance_recording(other.id.as_str()) && emulator.fail_recording(other.id.as_str()));
    settle().await;
    assert_eq!(emulator.journal().count("get_recording"), 2);
    waiting.abort();
    drop(clock);
    Ok(())
}

#[tokio::test]
async fn connected_notifier_causes_no_second_read() -> anyhow::Result<()> {
    let (emulator, fishjam, recording) = recording().await?;
    let notifier = FishjamNotifier::new(emulator.url(), emulator.token())?;
    let _events = within("a connection", notifier.events()).await??;
    let clock = StoppedClock::stop();
    let (id, options) = (recording.id.clone(), WaitOptions::new(LONG).notifier(&notifier));
    let waiting = spawned!(fishjam.wait_for_recording(id, options));
    settle().await;
    assert_eq!(emulator.journal().count("get_recording"), 1);
    for _ in 0..2 {
        assert!(emulator.advance_recording(recording.id.as_str()));
        settle().await;
    }
    let available = or_stuck(waiting).await.expect("the event ends the wait")??;
    assert_eq!(available.status, RecordingStatus::Available);
    drop(clock);
    Ok(())
}

#[tokio::test]
async fn lost_events_only_delay_a_wait() -> anyhow::Result<()> {
    for lost in ["connection", "first connection", "event"] {
        let (emulator, fishjam, recording) = recording().await?;
        if lost == "first connection" {
            emulator.faults().on("server_socket").refuse_token();
        }
        let (id, options) = (recording.id.clone(), with_events(&emulator)?);
        let waiting = spawned!(fishjam.wait_for_recording(id, options));
        until("a read", || emulator.journal().count("get_recording") > 0).await?;
        let _clock = SteppedClock::start(Duration::from_millis(100));
        match lost {
            "connection" => {
                emulator.server_sockets().wait_for_subscribers(1).await;
                emulator.server_sockets().drop_all();
                assert!(emulator.advance_recording(recording.id.as_str()));
                assert!(emulator.advance_recording(recording.id.as_str()));
            }
            "first connection" => {
                assert!(emulator.advance_recording(recording.id.as_str()));
                assert!(emulator.advance_recording(recording.id.as_str()));
            }
            _ => {
                // The API shows the state without an event.
                emulator.server_sockets().wait_for_subscribers(1).await;
                let available = |response: &mut Value| response["data"]["status"] = json!("available");
                emulator.faults().on("get_recording").always().patch_json(available);
            }
        }
        let available = within(lost, waiting).await???;
        assert_eq!(available.status, RecordingStatus::Available, "{lost}");
    }
    Ok(())
}

/// Makes the API show the peer as connected while the switch is on.
fn show_connected(emulator: &Emulator, peer: usize, peer_type: &'static str) -> Arc<AtomicBool> {
    let connected = Arc::new(AtomicBool::new(false));
    let switch = Arc::clone(&connected);
    emulator.faults().on("get_room").always().patch_json(move |response| {
        response["data"]["peers"][peer]["type"] = json!(peer_type);
        if switch.load(Relaxed) {
            response["data"]["peers"][peer]["status"] = json!("connected");
        }
    });
    connected
}

#[tokio::test]
async fn connected_peer_is_returned() -> anyhow::Result<()> {
    let (emulator, fishjam) = start(Emulator::builder()).await?;
    let room = fishjam.create_room(Default::default()).await?;
    let (peer, _) = fishjam.create_peer(&room.id, PeerOptions::new()).await?;
    let connected = show_connected(&emulator, 0, "webrtc");
    let clock = StoppedClock::stop();
    let (room_id, peer_id, options) = (room.id.clone(), peer.id.clone(), with_events(&emulator)?);
    let waiting = spawned!(fishjam.wait_for_connected_peer(room_id, peer_id, options));
    emulator.server_sockets().wait_for_subscribers(1).await;
    settle().await;
    assert!(!waiting.is_finished());
    connected.store(true, Relaxed);
    let (room_id, peer_id) = (room.id.to_string(), peer.id.to_string());
    let event = Content::PeerConnected(PeerConnected { room_id, peer_id, ..Default::default() });
    emulator.publish(ServerMessage { content: Some(event) });
    assert_eq!(or_stuck(waiting).await.expect("the event ends the wait")??.id, peer.id);
    drop(clock);

    emulator.faults().clear();
    let missing = fishjam.wait_for_connected_peer(&room.id, "gone", LONG).await.unwrap_err();
    assert_eq!((missing.kind(), missing.operation()), (ErrorKind::NotFound, None));
    assert!(missing.to_string().starts_with("wait_for_connected_peer: "), "{missing}");
    // The room is deleted during the wait.
    let (room_id, peer_id, options) = (room.id.clone(), peer.id.clone(), with_events(&emulator)?);
    let clock = StoppedClock::stop();
    let waiting = spawned!(fishjam.wait_for_connected_peer(room_id, peer_id, options));
    emulator.server_sockets().wait_for_subscribers(1).await;
    fishjam.delete_room(&room.id).await?;
    let gone = or_stuck(waiting).await.expect("the event ends the wait")?.unwrap_err();
    assert_eq!((gone.kind(), gone.operation()), (ErrorKind::NotFound, Some("get_room")));
    drop(clock);
    Ok(())
}

#[tokio::test]
async fn room_is_empty_without_connected_participants() -> anyhow::Result<()> {
    let (emulator, fishjam) = start(Emulator::builder()).await?;
    let room = fishjam.create_room(Default::default()).await?;
    let (peer, _) = fishjam.create_peer(&room.id, PeerOptions::new()).await?;
    assert_eq!(fishjam.wait_for_empty_room(&room.id, LONG).await?.peers.len(), 1);
    for peer_type in ["agent", "vapi"] {
        show_connected(&emulator, 0, peer_type).store(true, Relaxed);
        fishjam.wait_for_empty_room(&room.id, LONG).await?;
        emulator.faults().clear();
    }

    let connected = show_connected(&emulator, 0, "webrtc");
    connected.store(true, Relaxed);
    let clock = StoppedClock::stop();
    let (room_id, options) = (room.id.clone(), with_events(&emulator)?);
    let waiting = spawned!(fishjam.wait_for_empty_room(room_id, options));
    emulator.server_sockets().wait_for_subscribers(1).await;
    settle().await;
    assert!(!waiting.is_finished());
    connected.store(false, Relaxed);
    let (room_id, peer_id) = (room.id.to_string(), peer.id.to_string());
    let event = Content::PeerDisconnected(PeerDisconnected { room_id, peer_id, ..Default::default() });
    emulator.publish(ServerMessage { content: Some(event) });
    assert_eq!(or_stuck(waiting).await.expect("the event ends the wait")??.id, room.id);
    drop(clock);

    connected.store(true, Relaxed);
    let _clock = SteppedClock::start(Duration::from_millis(100));
    let error = fishjam.wait_for_empty_room(&room.id, Duration::from_secs(5)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().contains("the number of connected peers is 1"), "{error}");
    Ok(())
}

#[tokio::test]
async fn options_print_no_token() -> anyhow::Result<()> {
    let notifier = FishjamNotifier::new("http://127.0.0.1:1", "sentinel")?;
    let printed = format!("{:?}", WaitOptions::new(LONG).notifier(&notifier));
    assert!(printed.contains("100s") && !printed.contains("sentinel"), "{printed}");
    Ok(())
}

#[test]
fn wait_without_a_runtime_is_an_error() -> anyhow::Result<()> {
    let fishjam = FishjamClient::new("http://127.0.0.1:1", "token")?;
    let error = fishjam.wait_for_empty_room("r", LONG).now_or_never().expect("an error").unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Setup, None));
    assert!(error.to_string().starts_with("wait_for_empty_room: "), "{error}");
    Ok(())
}
