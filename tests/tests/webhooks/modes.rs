//! When an endpoint responds, and in which order it calls the handler. No test uses a socket, so the clock is paused.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use fishjam_proto::fishjam::server_message::{
    Content, RecordingStatusChanged, RoomDeleted, StreamerConnected, StreamerDisconnected,
};
use fishjam_sdk::{
    ErrorKind, jellyfish,
    webhook::{WebhookOptions, WebhookReceiver},
};
use fishjam_tests::support::{Log, record, within};
use tokio::{sync::Semaphore, task::JoinHandle, time::Instant};

use crate::{
    SECRET, batch, body, connected, created,
    target::{Form, Handler, KINDS, Sender, Target},
};

const SERVICE: (Sender, Form) = (Sender::Fishjam, Form::Service);

/// The calls of a handler.
#[derive(Clone, Default)]
struct Recorder {
    started: Arc<Mutex<Vec<String>>>,
    finished: Arc<Mutex<Vec<String>>>,
}

impl Recorder {
    /// Each call waits for one permit.
    fn gated(&self) -> (Handler, Arc<Semaphore>) {
        let gate = Arc::new(Semaphore::new(0));
        let handler = Handler::new({
            let (recorder, gate) = (self.clone(), Arc::clone(&gate));
            move |line| {
                recorder.started.lock().unwrap().push(line.clone());
                let (recorder, gate) = (recorder.clone(), Arc::clone(&gate));
                async move {
                    gate.acquire().await.map_err(|error| error.to_string())?.forget();
                    recorder.finished.lock().unwrap().push(line);
                    Ok(())
                }
            }
        });
        (handler, gate)
    }

    fn started(&self) -> Vec<String> {
        self.started.lock().unwrap().clone()
    }

    fn finished(&self) -> Vec<String> {
        self.finished.lock().unwrap().clone()
    }
}

fn deliver(target: &Target, body: Vec<u8>) -> JoinHandle<u16> {
    let target = target.clone();
    tokio::spawn(async move { target.deliver(body).await.unwrap() })
}

/// Lets all tasks run until they wait. With a paused clock, the sleep ends when every task waits.
async fn settle() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}

fn peer(room: &str, peer: usize) -> String {
    format!("peer_connected room={room} peer={peer}")
}

#[tokio::test(start_paused = true)]
async fn response_waits_for_the_handler() -> anyhow::Result<()> {
    for kind in KINDS {
        let recorder = Recorder::default();
        let (handler, gate) = recorder.gated();
        let target = Target::new(kind, WebhookOptions::new(), &handler)?;
        let response = deliver(&target, body(created("r")));
        settle().await;
        assert_eq!(recorder.started().len(), 1, "{kind:?}");
        assert!(!response.is_finished(), "{kind:?}");
        gate.add_permits(1);
        assert_eq!(response.await?, 200, "{kind:?}");
        assert_eq!(recorder.finished().len(), 1, "{kind:?}");
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn slow_handler_gets_503_and_runs_to_its_end_in_order() -> anyhow::Result<()> {
    for kind in KINDS {
        let short = WebhookOptions::new().response_timeout(Duration::from_secs(1));
        for (options, seconds) in [(WebhookOptions::new(), 4), (short, 1)] {
            let recorder = Recorder::default();
            let (handler, gate) = recorder.gated();
            let target = Target::new(kind, options, &handler)?;
            let began = Instant::now();
            assert_eq!(target.deliver(body(connected("r", 0))).await?, 503, "{kind:?}");
            assert_eq!(began.elapsed().as_secs(), seconds, "{kind:?}");

            // The next delivery of the room waits for the handler, and its time limit includes the wait. Another room does
            // not wait.
            let next = deliver(&target, body(connected("r", 1)));
            let other = deliver(&target, body(connected("other", 2)));
            settle().await;
            assert_eq!(recorder.started(), [peer("r", 0), peer("other", 2)], "{kind:?}");
            assert_eq!((next.await?, other.await?), (503, 503), "{kind:?}");

            // All of them run to their end, in order.
            gate.add_permits(3);
            settle().await;
            let of_room =
                |lines: Vec<String>| lines.into_iter().filter(|line| line.contains("=r ")).collect::<Vec<_>>();
            assert_eq!(of_room(recorder.finished()), [peer("r", 0), peer("r", 1)], "{kind:?}");
            assert_eq!(recorder.finished().len(), 3, "{kind:?}");
            gate.add_permits(1);
            assert_eq!(target.deliver(body(connected("r", 3))).await?, 200, "{kind:?}");
        }
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn full_queue_rejects_until_a_handler_finishes() -> anyhow::Result<()> {
    for kind in KINDS {
        let recorder = Recorder::default();
        let (handler, gate) = recorder.gated();
        let target = Target::new(kind, WebhookOptions::new().queue_capacity(2), &handler)?;
        let first = deliver(&target, body(created("a")));
        let second = deliver(&target, body(created("a")));
        settle().await;
        assert_eq!(target.deliver(body(created("b"))).await?, 503, "{kind:?}");
        assert_eq!(target.deliver(Vec::new()).await?, 200, "a delivery without notifications needs no room");

        gate.add_permits(1);
        assert_eq!(first.await?, 200, "{kind:?}");
        // The place is free as soon as the response was sent.
        let third = deliver(&target, body(created("b")));
        gate.add_permits(2);
        assert_eq!((second.await?, third.await?), (200, 200), "{kind:?}");
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn batch_is_handled_whole_and_has_the_worst_status() -> anyhow::Result<()> {
    let called = Arc::new(Mutex::new(Vec::new()));
    let handler = Handler::new({
        let called = Arc::clone(&called);
        move |line: String| {
            called.lock().unwrap().push(line.clone());
            async move {
                assert!(!line.contains("panic"));
                if line.contains("fail") { Err("failed".to_owned()) } else { Ok(()) }
            }
        }
    });
    let target = Target::new(SERVICE, WebhookOptions::new(), &handler)?;
    let delivery = |peers: &[&str]| batch(peers.iter().map(|peer| connected("r", peer)));
    for (peers, status) in [
        (&["a", "b", "c"][..], 200),
        (&["a", "fail", "c"], 503),
        (&["fail", "panic", "c"], 500),
        (&["panic", "fail", "c"], 500),
    ] {
        assert_eq!(target.deliver(delivery(peers)).await?, status, "{peers:?}");
        let expected: Vec<_> = peers.iter().map(|peer| format!("peer_connected room=r peer={peer}")).collect();
        assert_eq!(std::mem::take(&mut *called.lock().unwrap()), expected);
    }
    // A failure in one room is a failure of the delivery.
    assert_eq!(target.deliver(batch([created("a"), created("fail"), created("b")])).await?, 503);
    assert_eq!(called.lock().unwrap().len(), 3);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn batch_of_several_rooms_keeps_the_order_of_each() -> anyhow::Result<()> {
    let recorder = Recorder::default();
    let (handler, gate) = recorder.gated();
    let target = Target::new(SERVICE, WebhookOptions::new(), &handler)?;
    let contents = [connected("a", 0), connected("b", 0), connected("a", 1), connected("b", 1), connected("a", 2)];
    let response = deliver(&target, batch(contents));
    settle().await;
    assert_eq!(recorder.started(), [peer("a", 0), peer("b", 0)], "rooms do not wait for each other");
    gate.add_permits(5);
    assert_eq!(response.await?, 200);
    let of_room = |room: &str| {
        let lines = recorder.finished().into_iter().filter(|line| line.contains(&format!("room={room} ")));
        lines.collect::<Vec<_>>()
    };
    assert_eq!(of_room("a"), [peer("a", 0), peer("a", 1), peer("a", 2)]);
    assert_eq!(of_room("b"), [peer("b", 0), peer("b", 1)]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn every_notification_counts_in_the_limit_of_bytes() -> anyhow::Result<()> {
    let recorder = Recorder::default();
    let (handler, gate) = recorder.gated();
    let target = Target::new(SERVICE, WebhookOptions::new().queue_bytes(1024), &handler)?;
    let one = deliver(&target, body(created("r")));
    settle().await;
    // Some bytes of a body, but three notifications: more than 1,024 bytes.
    let rooms = |count: usize| batch((0..count).map(|room| created(&room.to_string())));
    let one_room = |count: usize| batch((0..count).map(|_| created("a")));
    assert_eq!((target.deliver(rooms(3)).await?, target.deliver(one_room(3)).await?), (503, 503));
    let two = deliver(&target, rooms(2));
    settle().await;
    assert_eq!(recorder.started().len(), 3);
    gate.add_permits(3);
    assert_eq!((one.await?, two.await?), (200, 200));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn order_is_that_of_the_room_the_recording_or_the_name() -> anyhow::Result<()> {
    let streamer =
        |id: &str| Content::StreamerConnected(StreamerConnected { stream_id: id.into(), ..Default::default() });
    let gone =
        |id: &str| Content::StreamerDisconnected(StreamerDisconnected { stream_id: id.into(), ..Default::default() });
    let deleted = |id: &str| Content::RoomDeleted(RoomDeleted { room_id: id.into() });
    let recording = |id: &str| {
        Content::RecordingStatusChanged(RecordingStatusChanged { recording_id: id.into(), ..Default::default() })
    };
    let unknown = b"\x9a\x06\x02hi".to_vec();
    for (first, second, together) in [
        (body(streamer("a")), body(gone("a")), false),
        (body(streamer("a")), body(gone("b")), true),
        // A livestream room has one id, as a room and as a livestream.
        (body(streamer("a")), body(deleted("a")), false),
        (body(recording("a")), body(recording("a")), false),
        (body(recording("a")), body(recording("b")), true),
        (body(recording("a")), body(created("a")), true),
        (unknown.clone(), unknown.clone(), false),
        (unknown.clone(), body(created("unknown")), true),
    ] {
        let recorder = Recorder::default();
        let (handler, gate) = recorder.gated();
        let target = Target::new(SERVICE, WebhookOptions::new(), &handler)?;
        let responses = [deliver(&target, first), deliver(&target, second)];
        settle().await;
        assert_eq!(recorder.started().len(), if together { 2 } else { 1 }, "{:?}", recorder.started());
        gate.add_permits(2);
        for response in responses {
            assert_eq!(response.await?, 200);
        }
        assert_eq!(recorder.started(), recorder.finished());
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn concurrency_limits_the_rooms_and_keeps_none_waiting() -> anyhow::Result<()> {
    let recorder = Recorder::default();
    let (handler, gate) = recorder.gated();
    let target = Target::new(SERVICE, WebhookOptions::new().concurrency(2), &handler)?;
    let deliveries = [("a", 0), ("a", 1), ("b", 2), ("c", 3)];
    let responses = deliveries.map(|(room, peer)| deliver(&target, body(connected(room, peer))));
    settle().await;
    assert_eq!(recorder.started(), [peer("a", 0), peer("b", 2)]);
    gate.add_permits(1);
    settle().await;
    // A room that waits is earlier than the next delivery of a busy room.
    assert_eq!(recorder.started(), [peer("a", 0), peer("b", 2), peer("c", 3)]);
    gate.add_permits(3);
    for response in responses {
        assert_eq!(response.await?, 200);
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn concurrency_of_one_keeps_the_order_of_all_rooms() -> anyhow::Result<()> {
    let recorder = Recorder::default();
    let (handler, gate) = recorder.gated();
    let (target, queue) = Target::queued(SERVICE, WebhookOptions::new().concurrency(1), &handler)?;
    let rooms = ["a", "a", "b", "a", "c", "b", "c"];
    for (number, room) in rooms.into_iter().enumerate() {
        assert_eq!(target.deliver(batch([connected(room, number), connected("x", number)])).await?, 200);
    }
    settle().await;
    assert_eq!(recorder.started().len(), 1);
    gate.add_permits(2 * rooms.len());
    within("the handler", queue.drained()).await?;
    let expected: Vec<_> =
        rooms.iter().enumerate().flat_map(|(number, room)| [peer(room, number), peer("x", number)]).collect();
    assert_eq!(recorder.finished(), expected);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn queue_of_a_service_contains_handlers_that_were_too_slow() -> anyhow::Result<()> {
    let gate = Arc::new(Semaphore::new(0));
    let permits = Arc::clone(&gate);
    let service = WebhookReceiver::new([SECRET])?.into_service(move |_| {
        let permits = Arc::clone(&permits);
        async move { permits.acquire().await.unwrap().forget() }
    });
    let queue = service.queue();
    assert_eq!(Target::Fishjam(service).deliver(body(created("r"))).await?, 503);
    assert_eq!(queue.len(), 1);
    gate.add_permits(1);
    within("the handler", queue.drained()).await?;
    assert!(queue.is_empty());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn many_clients_of_one_room_get_no_503() -> anyhow::Result<()> {
    const CLIENTS: usize = 500;
    let recorder = Recorder::default();
    let (handler, gate) = recorder.gated();
    gate.add_permits(Semaphore::MAX_PERMITS / 2);
    let target = Target::new(SERVICE, WebhookOptions::new().queue_capacity(CLIENTS), &handler)?;
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let target = target.clone();
            tokio::spawn(async move {
                for _ in 0..8 {
                    assert_eq!(target.deliver(body(connected("r", client))).await.unwrap(), 200);
                }
            })
        })
        .collect();
    for client in clients {
        client.await?;
    }
    assert_eq!(recorder.finished().len(), 8 * CLIENTS);
    Ok(())
}

#[tokio::test]
async fn failed_handler_is_logged_in_one_line() -> anyhow::Result<()> {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    let _recording = record(subscriber);
    let service = WebhookReceiver::new([SECRET])?
        .into_service(|_| async { Err::<(), _>(anyhow::anyhow!("disk\nfull").context("not stored")) });
    assert_eq!(Target::Fishjam(service).deliver(body(created("sentinel-room"))).await?, 503);
    let text = log.text();
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.contains("webhook handler failed") && text.contains("room_created"), "{text}");
    assert!(text.contains("not stored: disk full") && !text.contains("sentinel"), "{text}");
    Ok(())
}

#[tokio::test]
async fn panic_while_an_error_is_printed_ends_only_its_call() -> anyhow::Result<()> {
    #[derive(Debug)]
    struct Unprintable;
    impl std::fmt::Display for Unprintable {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            panic!("in a Display")
        }
    }
    impl std::error::Error for Unprintable {}

    let _recording = record(tracing_subscriber::fmt().with_writer(std::io::sink).finish());
    let calls = Arc::new(AtomicUsize::new(0));
    let service = WebhookReceiver::new([SECRET])?.into_service({
        let calls = Arc::clone(&calls);
        move |_| {
            calls.fetch_add(1, Ordering::SeqCst);
            async { Err::<(), _>(Unprintable) }
        }
    });
    assert_eq!(Target::Fishjam(service).deliver(batch([created("r"), created("r")])).await?, 500);
    assert_eq!(calls.load(Ordering::SeqCst), 2);
    Ok(())
}

#[test]
fn invalid_option_is_an_error_that_names_its_setter() {
    for (options, message) in [
        (WebhookOptions::new().body_limit(0), "invalid body_limit: must be at least 1"),
        (WebhookOptions::new().body_timeout(Duration::ZERO), "invalid body_timeout: must not be zero"),
        (WebhookOptions::new().response_timeout(Duration::ZERO), "invalid response_timeout: must not be zero"),
        (WebhookOptions::new().concurrency(0), "invalid concurrency: must be at least 1"),
        (WebhookOptions::new().queue_capacity(0), "invalid queue_capacity: must be at least 1"),
        (WebhookOptions::new().queue_bytes(0), "invalid queue_bytes: must be at least 1"),
    ] {
        for error in [
            WebhookReceiver::with_options([SECRET], options.clone()).unwrap_err(),
            jellyfish::webhook::WebhookReceiver::with_options(options.clone()).unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.to_string().ends_with(message), "{error}");
        }
    }
}

#[tokio::test]
async fn every_largest_option_is_accepted() -> anyhow::Result<()> {
    let options = WebhookOptions::new()
        .body_limit(usize::MAX)
        .body_timeout(Duration::MAX)
        .response_timeout(Duration::MAX)
        .concurrency(usize::MAX)
        .queue_capacity(usize::MAX)
        .queue_bytes(usize::MAX);
    for kind in KINDS {
        let target = Target::new(kind, options.clone(), &Handler::new(|_| async { Ok(()) }))?;
        assert_eq!(target.deliver(body(created("r"))).await?, 200, "{kind:?}");
    }
    Ok(())
}
