//! The emulator delivers, our route receives.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::Router;
use fishjam_emulator::Emulator;
use fishjam_sdk::{
    EventStream, FishjamClient, FishjamNotifier, PeerOptions, RoomOptions,
    events::{Event, Notification},
    jellyfish,
    webhook::{WebhookOptions, WebhookReceiver},
};
use fishjam_tests::support::{until, within};
use futures_util::StreamExt;
use tokio::sync::{Semaphore, mpsc};

use crate::{SECRET, server::Server};

/// A server, an emulator that delivers to it, and a client of the emulator.
struct Fixture {
    emulator: Emulator,
    server: Server,
    fishjam: FishjamClient,
    handled: mpsc::UnboundedReceiver<Notification>,
    /// Each call of the handler takes one.
    permits: Arc<Semaphore>,
}

impl Fixture {
    /// The endpoint responds after the handler, or immediately.
    async fn new(receiver: WebhookReceiver, queued: bool) -> anyhow::Result<Self> {
        let (tell, handled) = mpsc::unbounded_channel();
        let permits = Arc::new(Semaphore::new(0));
        let handler_permits = Arc::clone(&permits);
        let handler = move |notification| {
            let (tell, permits) = (tell.clone(), Arc::clone(&handler_permits));
            async move {
                permits.acquire().await.unwrap().forget();
                tell.send(notification).unwrap();
            }
        };
        let route = if queued {
            receiver.into_queued_service(handler).0.into_axum_route()
        } else {
            receiver.into_axum_route(handler)
        };
        let server = Server::start(Router::new().route("/fishjam", route)).await?;
        let emulator = Emulator::builder()
            .webhook_url(server.url())
            .webhook_secret(SECRET)
            .webhook_retry_wait(Duration::from_millis(5))
            .start()
            .await?;
        let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
        Ok(Self { emulator, server, fishjam, handled, permits })
    }

    /// Creates a room, adds two peers and deletes the room, which causes at least four notifications.
    async fn live(&self, options: RoomOptions) -> anyhow::Result<String> {
        let room = self.fishjam.create_room(options).await?;
        for _ in 0..2 {
            self.fishjam.create_peer(&room.id, PeerOptions::new()).await?;
        }
        self.fishjam.delete_room(&room.id).await?;
        Ok(room.id.to_string())
    }

    /// Returns the handler's notifications up to the end of a room.
    async fn until_deleted(&mut self, room: &str) -> anyhow::Result<Vec<Notification>> {
        let mut all = Vec::new();
        loop {
            let notification = within("a call of the handler", self.handled.recv()).await?.unwrap();
            let last = matches!(&notification, Notification::RoomDeleted(deleted) if deleted.room_id.as_str() == room);
            all.push(notification);
            if last {
                return Ok(all);
            }
        }
    }
}

/// Returns the next notification of the socket.
async fn next(events: &mut EventStream) -> anyhow::Result<Notification> {
    match within("an event", events.next()).await?.unwrap()? {
        Event::Notification(notification) => Ok(notification),
        other => anyhow::bail!("{other:?}"),
    }
}

#[tokio::test]
async fn webhooks_equal_socket_events_in_the_same_order() -> anyhow::Result<()> {
    let mut fixture = Fixture::new(WebhookReceiver::new([SECRET])?, false).await?;
    fixture.permits.add_permits(1000);
    let mut events = FishjamNotifier::new(fixture.emulator.url(), fixture.emulator.token())?.events().await?;
    for batch in [false, true] {
        let options = RoomOptions::new().webhook_url(fixture.server.url()).batch_webhook_notifications(batch);
        let room = fixture.live(options).await?;
        let received = fixture.until_deleted(&room).await?;
        assert!(received.len() >= 4, "{received:?}");
        for notification in received {
            assert_eq!(next(&mut events).await?, notification);
        }
    }
    within("the end of deliveries", fixture.emulator.webhooks().idle()).await?;
    let deliveries = fixture.emulator.webhooks().deliveries();
    assert!(deliveries.iter().all(|delivery| delivery.status() == Some(200)), "{deliveries:?}");
    Ok(())
}

#[tokio::test]
async fn rotation_loses_nothing_and_unknown_secret_is_refused() -> anyhow::Result<()> {
    let mut fixture = Fixture::new(WebhookReceiver::new(["sentinel-new", SECRET])?, false).await?;
    fixture.permits.add_permits(1000);
    for secret in [SECRET, "sentinel-new"] {
        fixture.emulator.webhooks().set_secret(Some(secret));
        let room = fixture.live(RoomOptions::new()).await?;
        assert!(fixture.until_deleted(&room).await?.len() >= 4);
    }
    for secret in [Some("sentinel-stranger"), None] {
        within("the end of deliveries", fixture.emulator.webhooks().idle()).await?;
        fixture.emulator.webhooks().clear();
        fixture.emulator.webhooks().set_secret(secret);
        fixture.live(RoomOptions::new()).await?;
        within("the end of deliveries", fixture.emulator.webhooks().idle()).await?;
        for delivery in fixture.emulator.webhooks().deliveries() {
            assert_eq!((delivery.status(), delivery.attempts()), (Some(401), 1), "{delivery:?}");
        }
        assert!(fixture.handled.try_recv().is_err());
    }
    Ok(())
}

#[tokio::test]
async fn deliveries_get_responses_while_the_handler_is_busy() -> anyhow::Result<()> {
    let mut fixture = Fixture::new(WebhookReceiver::new([SECRET])?, true).await?;
    let room = fixture.live(RoomOptions::new()).await?;
    // All deliveries got a response, and no call of the handler has ended, because there is no permit yet.
    within("the end of deliveries", fixture.emulator.webhooks().idle()).await?;
    assert!(fixture.handled.try_recv().is_err());
    let deliveries = fixture.emulator.webhooks().deliveries();
    assert!(deliveries.len() >= 4, "{deliveries:?}");
    for delivery in deliveries {
        assert_eq!((delivery.status(), delivery.attempts()), (Some(200), 1), "{delivery:?}");
    }
    fixture.permits.add_permits(1000);
    assert!(fixture.until_deleted(&room).await?.len() >= 4);
    Ok(())
}

#[tokio::test]
async fn rejected_delivery_is_repeated_without_loss_or_duplicate() -> anyhow::Result<()> {
    let receiver = WebhookReceiver::with_options([SECRET], WebhookOptions::new().queue_capacity(2))?;
    let mut fixture = Fixture::new(receiver, true).await?;
    let mut events = FishjamNotifier::new(fixture.emulator.url(), fixture.emulator.token())?.events().await?;
    let room = fixture.live(RoomOptions::new()).await?;
    // The handler has one delivery and the queue has one. The third is rejected until there are permits.
    let deliveries = || fixture.emulator.webhooks().deliveries();
    until("a second attempt", || deliveries().iter().any(|delivery| delivery.attempts() >= 2)).await?;
    fixture.permits.add_permits(1000);
    for notification in fixture.until_deleted(&room).await? {
        assert_eq!(next(&mut events).await?, notification);
    }
    Ok(())
}

#[tokio::test]
async fn jellyfish_webhooks_reach_the_handler_in_order() -> anyhow::Result<()> {
    let (tell, mut handled) = mpsc::unbounded_channel();
    let receiver = jellyfish::webhook::WebhookReceiver::new();
    let (service, queue) = receiver.into_queued_service(move |notification: jellyfish::events::Notification| {
        let told = tell.send(notification.name());
        async move { told }
    });
    let server = Server::hyper(service).await?;
    let emulator = Emulator::jellyfish().start().await?;
    let options = jellyfish::ConnectionOptions::new(emulator.address(), emulator.token());
    let client = jellyfish::JellyfishClient::new(options)?;
    let (room, _) = client.create_room(jellyfish::RoomOptions::new().webhook_url(server.url())).await?;
    let created = client.add_peer(&room.id, jellyfish::WebRtc::new()).await?;
    client.delete_peer(&room.id, &created.peer.id).await?;
    client.delete_room(&room.id).await?;
    for expected in ["room_created", "peer_added", "peer_deleted", "room_deleted"] {
        assert_eq!(within("a call of the handler", handled.recv()).await?, Some(expected));
    }
    within("the end of deliveries", emulator.webhooks().idle()).await?;
    within("the handler", queue.drained()).await?;
    assert!(emulator.webhooks().deliveries().iter().all(|delivery| delivery.status() == Some(200)));
    Ok(())
}

#[tokio::test]
async fn failed_delivery_is_sent_again_and_handled() -> anyhow::Result<()> {
    let failures = Arc::new(AtomicUsize::new(2));
    let (tell, mut handled) = mpsc::unbounded_channel();
    let route = WebhookReceiver::new([SECRET])?.into_axum_route(move |notification: Notification| {
        let fails = failures.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
        let tell = tell.clone();
        async move {
            if fails {
                return Err("the database is down");
            }
            tell.send(notification.name()).unwrap();
            Ok(())
        }
    });
    let server = Server::start(Router::new().route("/fishjam", route)).await?;
    let emulator = Emulator::builder()
        .webhook_url(server.url())
        .webhook_secret(SECRET)
        .webhook_retry_wait(Duration::from_millis(5))
        .start()
        .await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    fishjam.delete_room(&room.id).await?;
    for expected in ["room_created", "room_deleted"] {
        assert_eq!(within("a call of the handler", handled.recv()).await?, Some(expected));
    }
    within("the end of deliveries", emulator.webhooks().idle()).await?;
    let attempts: Vec<_> = emulator.webhooks().deliveries().iter().map(|delivery| delivery.attempts()).collect();
    assert_eq!(attempts, [3, 1]);
    Ok(())
}
