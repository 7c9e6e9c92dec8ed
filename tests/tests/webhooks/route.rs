//! The route over sockets: its order, its limits and its end.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use axum::Router;
use fishjam_sdk::{
    events::Notification,
    webhook::{SIGNATURE_HEADER, WebhookOptions, WebhookReceiver},
};
use fishjam_tests::support::{Log, record, until, within};
use tokio::sync::{Semaphore, mpsc};

use crate::{SECRET, batch, body, connected, created, server::Server};

type Handled = mpsc::UnboundedReceiver<String>;

fn app(route: axum::routing::MethodRouter) -> Router {
    Router::new().route("/fishjam", route)
}

/// Starts a server whose handler reports each notification.
async fn telling(receiver: WebhookReceiver) -> anyhow::Result<(Server, Handled)> {
    let (tell, handled) = mpsc::unbounded_channel();
    let route = receiver.into_axum_route(move |notification: Notification| {
        let told = tell.send(notification.to_string());
        async move { told.unwrap() }
    });
    Ok((Server::start(app(route)).await?, handled))
}

/// Starts a server that responds immediately. Its handler reports each notification and then waits for a permit.
async fn waiting(options: WebhookOptions) -> anyhow::Result<(Server, Handled, Arc<Semaphore>)> {
    let receiver = WebhookReceiver::with_options([SECRET], options)?;
    let (tell, handled) = mpsc::unbounded_channel();
    let go_on = Arc::new(Semaphore::new(0));
    let permits = Arc::clone(&go_on);
    let (service, _queue) = receiver.into_queued_service(move |notification: Notification| {
        let (tell, permits) = (tell.clone(), Arc::clone(&permits));
        async move {
            tell.send(notification.to_string()).unwrap();
            permits.acquire().await.unwrap().forget();
        }
    });
    Ok((Server::start(app(service.into_axum_route())).await?, handled, go_on))
}

async fn next(handled: &mut Handled) -> anyhow::Result<String> {
    Ok(within("a call of the handler", handled.recv()).await?.unwrap())
}

#[tokio::test]
async fn delivery_gets_a_response_and_reaches_the_handler() -> anyhow::Result<()> {
    let (server, mut handled) = telling(WebhookReceiver::new(["sentinel-new", SECRET])?).await?;
    assert_eq!(server.deliver(&body(created("r"))).await?, 200);
    assert_eq!(next(&mut handled).await?, "room_created room=r");
    assert_eq!(server.deliver(&batch([connected("r", "p"), connected("r", "q")])).await?, 200);
    assert_eq!(next(&mut handled).await?, "peer_connected room=r peer=p");
    assert_eq!(next(&mut handled).await?, "peer_connected room=r peer=q");
    // The body is valid and contains no notification.
    assert_eq!(server.deliver(&batch([])).await?, 200);
    assert_eq!(server.deliver(b"").await?, 200);
    Ok(())
}

#[tokio::test]
async fn slow_handler_does_not_delay_immediate_responses() -> anyhow::Result<()> {
    let (server, mut handled, go_on) = waiting(WebhookOptions::new()).await?;
    for peer in 0..20 {
        // Each response arrives while the first call still waits for a permit.
        assert_eq!(server.deliver(&body(connected("r", peer))).await?, 200);
    }
    assert_eq!(next(&mut handled).await?, "peer_connected room=r peer=0");
    assert!(handled.try_recv().is_err(), "a call did not wait for the one before");

    go_on.add_permits(20);
    for peer in 1..20 {
        assert_eq!(next(&mut handled).await?, format!("peer_connected room=r peer={peer}"));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn order_within_a_room_is_kept_across_deliveries() -> anyhow::Result<()> {
    const ROOMS: usize = 4;
    const DELIVERIES: usize = 50;
    let (server, mut handled) = telling(WebhookReceiver::new([SECRET])?).await?;
    let server = Arc::new(server);

    // Delivers like the service: each delivery of a room follows the previous response, and rooms do not wait for each
    // other.
    let rooms = (0..ROOMS).map(|room| {
        let (server, room) = (Arc::clone(&server), format!("room-{room}"));
        tokio::spawn(async move {
            for n in 0..DELIVERIES {
                let delivery = match n % 2 {
                    0 => body(connected(&room, 3 * n)),
                    _ => batch([connected(&room, 3 * n), connected(&room, 3 * n + 1), connected(&room, 3 * n + 2)]),
                };
                assert_eq!(server.deliver(&delivery).await.unwrap(), 200);
            }
        })
    });
    for room in rooms.collect::<Vec<_>>() {
        room.await?;
    }

    let mut all = Vec::new();
    for _ in 0..ROOMS * DELIVERIES * 2 {
        all.push(next(&mut handled).await?);
    }
    for room in 0..ROOMS {
        let expected = (0..DELIVERIES).flat_map(|n| 3 * n..3 * n + if n % 2 == 0 { 1 } else { 3 });
        let expected: Vec<_> = expected.map(|n| format!("peer_connected room=room-{room} peer={n}")).collect();
        let heard: Vec<_> = all.iter().filter(|line| line.contains(&format!("room=room-{room} "))).collect();
        assert_eq!(heard, expected.iter().collect::<Vec<_>>());
    }
    Ok(())
}

#[tokio::test]
async fn full_queue_rejects_whole_deliveries_until_it_drains() -> anyhow::Result<()> {
    let (server, mut handled, go_on) = waiting(WebhookOptions::new().queue_capacity(3).concurrency(1)).await?;
    assert_eq!(server.deliver(&body(created("in-hand"))).await?, 200);
    assert_eq!(next(&mut handled).await?, "room_created room=in-hand");
    assert_eq!(server.deliver(&batch([created("a"), created("b"), created("c")])).await?, 200);
    assert_eq!(server.deliver(&body(created("d"))).await?, 200);
    // One is handled, and two wait.
    let late = batch([created("late"), created("later")]);
    for _ in 0..3 {
        assert_eq!(server.deliver(&late).await?, 503);
    }
    // A delivery without notifications needs no place in the queue.
    assert_eq!(server.deliver(b"").await?, 200);

    go_on.add_permits(100);
    for room in ["a", "b", "c", "d"] {
        assert_eq!(next(&mut handled).await?, format!("room_created room={room}"));
    }
    // The service tries again.
    assert_eq!(server.deliver(&late).await?, 200);
    for room in ["late", "later"] {
        assert_eq!(next(&mut handled).await?, format!("room_created room={room}"));
    }
    Ok(())
}

#[tokio::test]
async fn route_rejects_a_delivery_above_the_byte_limit() -> anyhow::Result<()> {
    let delivery = |room: &str| body(created(&room.repeat(100)));
    let size = delivery("a").len();
    let options = WebhookOptions::new().queue_bytes(2 * size).concurrency(1);
    let (server, mut handled, go_on) = waiting(options).await?;
    // A delivery counts while the handler works on it.
    assert_eq!(server.deliver(&delivery("a")).await?, 200);
    assert!(next(&mut handled).await?.contains("aaa"));
    assert_eq!(server.deliver(&delivery("b")).await?, 200);
    for _ in 0..3 {
        assert_eq!(server.deliver(&delivery("c")).await?, 503);
    }
    assert_eq!(server.deliver(b"").await?, 200);

    // The end of the first delivery makes room, and an empty queue accepts a delivery of any size.
    go_on.add_permits(1);
    assert!(next(&mut handled).await?.contains("bbb"));
    assert_eq!(server.deliver(&delivery("c")).await?, 200);
    let large = body(created(&"d".repeat(1000)));
    assert_eq!(server.deliver(&large).await?, 503);
    go_on.add_permits(1);
    assert!(next(&mut handled).await?.contains("ccc"));
    go_on.add_permits(1);
    within("the queue is empty", async {
        while server.deliver(&large).await.unwrap() != 200 {
            tokio::task::yield_now().await;
        }
    })
    .await?;
    assert!(next(&mut handled).await?.contains("ddd"));
    assert_eq!(server.deliver(&delivery("e")).await?, 503);
    Ok(())
}

// Defect X33 of the official SDKs.
#[tokio::test]
async fn panicking_handler_is_called_again() -> anyhow::Result<()> {
    let (tell, mut handled) = mpsc::unbounded_channel();
    let calls = AtomicUsize::new(0);
    let route = WebhookReceiver::new([SECRET])?.into_axum_route(move |notification: Notification| {
        let call = calls.fetch_add(1, Ordering::SeqCst);
        assert_ne!(call, 0, "in the call itself");
        let tell = tell.clone();
        async move {
            assert_ne!(call, 1, "in what the call returns");
            tell.send(notification.to_string()).unwrap();
        }
    });
    let server = Server::start(app(route)).await?;
    // The rest of a batch follows too.
    assert_eq!(server.deliver(&batch([connected("r", "a"), connected("r", "b"), connected("r", "c")])).await?, 500);
    assert_eq!(server.deliver(&body(created("d"))).await?, 200);
    assert_eq!(next(&mut handled).await?, "peer_connected room=r peer=c");
    assert_eq!(next(&mut handled).await?, "room_created room=d");
    Ok(())
}

#[tokio::test]
async fn dropped_route_drains_its_queue_and_drops_the_handler() -> anyhow::Result<()> {
    let (server, mut handled, go_on) = waiting(WebhookOptions::new().concurrency(1)).await?;
    assert_eq!(server.deliver(&batch([created("a"), created("b")])).await?, 200);
    assert_eq!(server.deliver(&body(created("c"))).await?, 200);
    assert_eq!(next(&mut handled).await?, "room_created room=a");
    drop(server);
    go_on.add_permits(3);
    assert_eq!(next(&mut handled).await?, "room_created room=b");
    assert_eq!(next(&mut handled).await?, "room_created room=c");
    // The task held the last handler.
    assert_eq!(within("the end of the task", handled.recv()).await?, None);
    Ok(())
}

#[test]
fn route_can_be_built_without_a_runtime_and_outlive_one() -> anyhow::Result<()> {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let route = WebhookReceiver::new([SECRET])?.into_axum_route({
        let heard = Arc::clone(&heard);
        move |notification: Notification| {
            heard.lock().unwrap().push(notification.to_string());
            async {}
        }
    });
    let app = app(route);
    for run in 1..=3 {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let server = Server::start(app.clone()).await?;
            assert_eq!(server.deliver(&body(created("r"))).await?, 200);
            until("a call of the handler", || heard.lock().unwrap().len() == run).await
        })?;
    }
    Ok(())
}

#[tokio::test]
async fn log_lines_contain_no_secret() -> anyhow::Result<()> {
    let log = Log::default();
    let writer = log.clone();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || writer.clone()).finish();
    let _recording = record(subscriber);

    let (server, mut handled) = telling(WebhookReceiver::new([SECRET])?).await?;
    assert_eq!(server.post(&[(SIGNATURE_HEADER, "sha256=sentinel")], b"sentinel").await?.status, 401);
    assert_eq!(server.deliver(b"\x52\x7fsentinel").await?, 400);
    assert_eq!(server.deliver(&body(created("r"))).await?, 200);
    next(&mut handled).await?;

    let text = log.text();
    assert!(text.contains("webhook rejected") && text.contains("401") && text.contains("400"), "{text}");
    assert!(!text.contains("sentinel"), "{text}");
    Ok(())
}
