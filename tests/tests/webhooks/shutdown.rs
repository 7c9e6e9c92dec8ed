//! A graceful shutdown loses no delivery that the sender regards as delivered.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread::JoinHandle,
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

/// Sends the deliveries from another thread, as another process would. Counts those with the status 200.
fn send(sender: Sender, delivered: &Arc<AtomicUsize>) -> anyhow::Result<JoinHandle<()>> {
    let sending = runtime()?;
    let delivered = Arc::clone(delivered);
    Ok(std::thread::spawn(move || {
        sending.block_on(async move {
            let deliveries = (0..DELIVERIES).map(|room| {
                let delivered = Arc::clone(&delivered);
                tokio::spawn(async move {
                    let status = sender.deliver(&body(created(&room.to_string()))).await.unwrap();
                    delivered.fetch_add(usize::from(status == 200), Ordering::SeqCst);
                })
            });
            for delivery in deliveries.collect::<Vec<_>>() {
                delivery.await.unwrap();
            }
        });
    }))
}

/// Five deliveries, a slow handler, and a graceful shutdown. The process ends with the runtime of the server.
#[test]
fn delivery_with_status_200_is_handled_before_a_shutdown_ends() -> anyhow::Result<()> {
    for queued in [false, true] {
        let serving = runtime()?;
        let handler = SlowHandler::new();
        let delivered = Arc::new(AtomicUsize::new(0));
        let listener = serving.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let sent = send(Sender::to(listener.local_addr()?), &delivered)?;

        let receiver = WebhookReceiver::new([SECRET])?;
        let handle = {
            let handler = handler.clone();
            move |notification: Notification| handler.clone().handle(notification)
        };
        let (route, queue) = if queued {
            let (service, queue) = receiver.into_queued_service(handle);
            (service.into_axum_route(), Some(queue))
        } else {
            (receiver.into_axum_route(handle), None)
        };
        let (shut_down, told) = oneshot::channel::<()>();
        let server = axum::serve(listener, Router::new().route("/fishjam", route))
            .with_graceful_shutdown(async move { drop(told.await) });

        serving.block_on(async {
            let mut server = tokio::spawn(async move {
                server.await?;
                if let Some(queue) = queue {
                    queue.drained().await;
                }
                std::io::Result::Ok(())
            });
            until("all deliveries have a response or a handler", || {
                delivered.load(Ordering::SeqCst).max(handler.started()) == DELIVERIES
            })
            .await?;
            drop(shut_down);
            // The handler runs longer than the server, so the program must wait for it.
            if or_stuck(&mut server).await.is_none() {
                handler.permits.add_permits(DELIVERIES);
                within("the end of the server", server).await???;
            }
            anyhow::Ok(())
        })?;
        drop(serving);
        sent.join().unwrap();

        let delivered = delivered.load(Ordering::SeqCst);
        assert_eq!(handler.handled(), delivered, "the sender believes that these are handled");
        assert_eq!(handler.handled(), DELIVERIES);
    }
    Ok(())
}
