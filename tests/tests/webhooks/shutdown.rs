//! A graceful shutdown loses no delivery that the sender regards as delivered.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::Router;
use fishjam_sdk::{events::Notification, webhook::WebhookReceiver};
use fishjam_tests::{
    clock::or_stuck,
    support::{until, within},
};
use tokio::{
    net::TcpListener,
    runtime::{Builder, Runtime},
    sync::{Semaphore, oneshot},
};

use crate::{SECRET, body, created, server::Sender};

const DELIVERIES: usize = 5;

fn runtime() -> anyhow::Result<Runtime> {
    Ok(Builder::new_current_thread().enable_all().build()?)
}

/// A slow handler: it waits for a permit, and counts its calls.
#[derive(Clone)]
struct SlowHandler {
    started: Arc<AtomicUsize>,
    handled: Arc<AtomicUsize>,
    permits: Arc<Semaphore>,
}

impl SlowHandler {
    fn new() -> Self {
        Self { started: Arc::default(), handled: Arc::default(), permits: Arc::new(Semaphore::new(0)) }
    }

    fn started(&self) -> usize {
        self.started.load(Ordering::SeqCst)
    }

    fn handled(&self) -> usize {
        self.handled.load(Ordering::SeqCst)
    }

    async fn handle(self, _: Notification) {
        self.started.fetch_add(1, Ordering::SeqCst);
        self.permits.acquire().await.unwrap().forget();
        self.handled.fetch_add(1, Ordering::SeqCst);
    }
}

/// Five deliveries, a slow handler, and a graceful shutdown. The process ends with the runtime of the server.
#[test]
fn delivery_with_status_200_is_handled_before_a_shutdown_ends() -> anyhow::Result<()> {
    let sending = runtime()?;
    let serving = runtime()?;
    let handler = SlowHandler::new();
    let delivered = Arc::new(AtomicUsize::new(0));

    let listener = serving.block_on(TcpListener::bind("127.0.0.1:0"))?;
    let sender = Sender::to(listener.local_addr()?);
    let route = WebhookReceiver::new([SECRET])?.into_axum_route({
        let handler = handler.clone();
        move |notification: Notification| handler.clone().handle(notification)
    });
    let (shut_down, told) = oneshot::channel::<()>();
    let server = axum::serve(listener, Router::new().route("/fishjam", route))
        .with_graceful_shutdown(async move { drop(told.await) });

    // Another thread sends, as another process would.
    let sent = std::thread::spawn({
        let delivered = Arc::clone(&delivered);
        move || {
            sending.block_on(async move {
                let deliveries = (0..DELIVERIES).map(|room| {
                    let (sender, delivered) = (sender.clone(), Arc::clone(&delivered));
                    tokio::spawn(async move {
                        let status = sender.deliver(&body(created(&room.to_string()))).await.unwrap();
                        delivered.fetch_add(usize::from(status == 200), Ordering::SeqCst);
                    })
                });
                for delivery in deliveries.collect::<Vec<_>>() {
                    delivery.await.unwrap();
                }
            });
        }
    });

    serving.block_on(async {
        let mut server = tokio::spawn(async move { server.await });
        until("all deliveries have a response or a handler", || {
            delivered.load(Ordering::SeqCst).max(handler.started()) == DELIVERIES
        })
        .await?;
        drop(shut_down);
        // The handler needs longer than the server, unless the server waits for it.
        if or_stuck(&mut server).await.is_none() {
            handler.permits.add_permits(DELIVERIES);
            within("the end of the server", server).await???;
        }
        anyhow::Ok(())
    })?;
    drop(serving);
    sent.join().unwrap();

    assert_eq!(handler.handled(), delivered.load(Ordering::SeqCst), "the sender believes that these are handled");
    assert_eq!(handler.handled(), DELIVERIES);
    Ok(())
}
