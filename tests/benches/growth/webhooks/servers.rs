//! The servers that receive the deliveries: the SDK's service, and the bare crates with the same work.

use std::{
    convert::Infallible,
    fs,
    hint::black_box,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use anyhow::Context;
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use data_encoding::HEXLOWER;
use fishjam_proto::fishjam::{ServerMessage, server_message::Content};
use fishjam_sdk::{
    events::Notification,
    webhook::{SIGNATURE_HEADER, WebhookReceiver, WebhookService},
};
use hmac::{Hmac, Mac};
use http_body_util::{BodyExt, Empty};
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use prost::Message as _;
use sha2::Sha256;
use tokio::{
    net::TcpListener,
    runtime::Builder,
    sync::{mpsc, oneshot},
};

/// The default capacity of the route's queue.
const CAPACITY: usize = 1_024;

#[derive(Clone, Copy)]
pub(crate) enum Candidate {
    Sdk,
    Bare,
}

#[derive(Clone, Copy)]
pub(crate) enum Framework {
    Axum,
    Hyper,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Response {
    AfterHandler,
    Immediate,
}

#[derive(Clone, Copy)]
pub(crate) struct Setup {
    pub(crate) framework: Framework,
    pub(crate) threads: usize,
    pub(crate) response: Response,
}

/// A server in threads of its own. It ends when this is dropped.
pub(crate) struct Server {
    address: SocketAddr,
    /// The files with the CPU time of the threads.
    threads: Arc<Mutex<Vec<PathBuf>>>,
    _stop: oneshot::Sender<()>,
}

impl Server {
    pub(crate) fn start(candidate: Candidate, setup: Setup, secret: &'static str) -> anyhow::Result<Self> {
        let threads = Arc::new(Mutex::new(Vec::new()));
        let record = {
            let threads = Arc::clone(&threads);
            move || {
                if let Ok(thread) = fs::read_link("/proc/thread-self") {
                    let file = PathBuf::from("/proc").join(thread).join("schedstat");
                    threads.lock().unwrap_or_else(PoisonError::into_inner).push(file);
                }
            }
        };
        let runtime = match setup.threads {
            1 => Builder::new_current_thread().enable_all().build()?,
            threads => {
                let builder = &mut Builder::new_multi_thread();
                builder.worker_threads(threads).on_thread_start(record.clone()).enable_all().build()?
            }
        };
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).context("no port is free")?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel::<()>();
        {
            let _context = runtime.enter();
            match candidate {
                Candidate::Sdk => serve_sdk(listener, setup, secret)?,
                Candidate::Bare => serve_bare(listener, setup, secret),
            }
        }
        thread::spawn(move || {
            // With one thread, the tasks run in this one.
            record();
            let _ = runtime.block_on(stopped);
        });
        Ok(Self { address, threads, _stop: stop })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the CPU time of the server's threads so far.
    pub(crate) fn cpu_seconds(&self) -> anyhow::Result<f64> {
        let mut nanoseconds = 0.0;
        for file in &*self.threads.lock().unwrap_or_else(PoisonError::into_inner) {
            let text = fs::read_to_string(file)?;
            nanoseconds += text.split(' ').next().context("no CPU time")?.parse::<f64>()?;
        }
        Ok(nanoseconds / 1e9)
    }
}

fn serve_sdk(listener: TcpListener, setup: Setup, secret: &str) -> anyhow::Result<()> {
    let receiver = WebhookReceiver::new([secret])?;
    let handler = |notification: Notification| async move { drop(black_box(notification)) };
    let service = match setup.response {
        Response::AfterHandler => receiver.into_service(handler),
        Response::Immediate => receiver.into_queued_service(handler).0,
    };
    match setup.framework {
        Framework::Axum => serve_axum(listener, Router::new().route("/fishjam", service.into_axum_route())),
        Framework::Hyper => drop(tokio::spawn(serve_service(listener, service))),
    }
    Ok(())
}

async fn serve_service(listener: TcpListener, service: WebhookService) {
    while let Ok((stream, _)) = listener.accept().await {
        let service = TowerToHyperService::new(service.clone());
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

fn serve_axum(listener: TcpListener, app: Router) {
    tokio::spawn(async move { axum::serve(listener, app).await });
}

fn serve_bare(listener: TcpListener, setup: Setup, secret: &'static str) {
    let (queue, mut deliveries) = mpsc::channel::<Delivery>(CAPACITY);
    tokio::spawn(async move {
        while let Some(delivery) = deliveries.recv().await {
            match delivery.message.content {
                Some(Content::NotificationBatch(batch)) => {
                    for notification in batch.notifications {
                        drop(black_box(notification));
                    }
                }
                content => drop(black_box(content)),
            }
            if let Some(handled) = delivery.handled {
                let _ = handled.send(());
            }
        }
    });
    let bare = Bare { secret: secret.as_bytes(), queue, response: setup.response };
    match setup.framework {
        Framework::Axum => {
            let receive = |State(bare): State<Bare>, headers: HeaderMap, body: Bytes| async move {
                bare.receive(&headers, body).await
            };
            serve_axum(listener, Router::new().route("/fishjam", post(receive)).with_state(bare));
        }
        Framework::Hyper => drop(tokio::spawn(bare.serve(listener))),
    }
}

/// A notification for the task that calls the handler.
struct Delivery {
    message: ServerMessage,
    handled: Option<oneshot::Sender<()>>,
}

#[derive(Clone)]
struct Bare {
    secret: &'static [u8],
    queue: mpsc::Sender<Delivery>,
    response: Response,
}

impl Bare {
    async fn serve(self, listener: TcpListener) {
        while let Ok((stream, _)) = listener.accept().await {
            let bare = self.clone();
            let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
                let bare = bare.clone();
                async move {
                    let (head, body) = request.into_parts();
                    let status = match body.collect().await {
                        Ok(body) => bare.receive(&head.headers, body.to_bytes()).await,
                        Err(_) => StatusCode::BAD_REQUEST,
                    };
                    let mut response = hyper::Response::new(Empty::<Bytes>::new());
                    *response.status_mut() = status;
                    Ok::<_, Infallible>(response)
                }
            });
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    }

    async fn receive(&self, headers: &HeaderMap, body: Bytes) -> StatusCode {
        if !self.verifies(headers, &body) {
            return StatusCode::UNAUTHORIZED;
        }
        let Ok(message) = ServerMessage::decode(body) else { return StatusCode::BAD_REQUEST };
        let (handled, done) = match self.response {
            Response::AfterHandler => Some(oneshot::channel()).unzip(),
            Response::Immediate => (None, None),
        };
        if self.queue.try_send(Delivery { message, handled }).is_err() {
            return StatusCode::SERVICE_UNAVAILABLE;
        }
        if let Some(done) = done
            && done.await.is_err()
        {
            return StatusCode::SERVICE_UNAVAILABLE;
        }
        StatusCode::OK
    }

    fn verifies(&self, headers: &HeaderMap, body: &[u8]) -> bool {
        let signature = headers.get(SIGNATURE_HEADER).and_then(|value| value.to_str().ok()?.strip_prefix("sha256="));
        let signature = signature.and_then(|digits| HEXLOWER.decode(digits.as_bytes()).ok());
        let hmac = Hmac::<Sha256>::new_from_slice(self.secret).map(|hmac| hmac.chain_update(body));
        signature.zip(hmac.ok()).is_some_and(|(signature, hmac)| hmac.verify_slice(&signature).is_ok())
    }
}
