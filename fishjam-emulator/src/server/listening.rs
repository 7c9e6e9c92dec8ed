//! A bound port: opening it, serving a backend, closing it.

use std::{
    net::Ipv4Addr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, extract::Request, http::Method, response::Response};
use tokio::{
    net::TcpListener,
    sync::{mpsc, watch},
    task::JoinHandle,
};

use super::{
    exchange::{self, Backend},
    request_log::{RequestLine, Withheld},
    runtime::OwnRuntime,
};
use crate::{
    control::{Control, Memory},
    error::{Error, Result},
    http::{
        connection::{ConnectionHandle, Connections, TlsListener},
        port::Port,
        tls,
    },
    outage::{Outage, Outages},
    scripted_peer::PeerService,
};

/// The time in which connections can end before [`Running::stop`] ends them.
pub(crate) const STOP_LIMIT: Duration = Duration::from_secs(2);

/// An open loopback port that accepts no connection yet.
pub(crate) struct ListeningPort {
    /// `127.0.0.1:PORT`
    pub(crate) authority: String,
    /// `http://127.0.0.1:PORT`
    pub(crate) origin: String,
    certificate: Option<String>,
    /// `true` once the emulator stops.
    pub(crate) closing: watch::Receiver<bool>,
    stop: watch::Sender<bool>,
    port: Port,
    listener: TlsListener,
    connections: Arc<Connections>,
    pub(crate) outages: Outages,
    control_api: bool,
    log_requests: bool,
    ended: mpsc::Receiver<()>,
}

impl ListeningPort {
    pub(crate) async fn open(port: u16, tls: bool, control_api: bool, log_requests: bool) -> Result<Self> {
        let (scheme, acceptor, certificate) = tls::scheme(tls)?;
        let bind = |source| Error::Bind { port, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(bind)?;
        let authority = listener.local_addr().map_err(bind)?.to_string();
        let origin = format!("{scheme}://{authority}");
        let (stop, closing) = watch::channel(false);
        let (alive, ended) = mpsc::channel(1);
        let connections = Arc::new(Connections::default());
        let port = Port::new(listener);
        let listener = TlsListener::new(port.clone(), acceptor, Arc::clone(&connections), alive);
        let outages = Outages::new(port.clone(), Arc::clone(&connections), closing.clone());
        Ok(ListeningPort {
            authority,
            origin,
            certificate,
            closing,
            stop,
            port,
            listener,
            connections,
            outages,
            control_api,
            log_requests,
            ended,
        })
    }

    /// Serves a backend until the returned handle is stopped or dropped.
    pub(crate) fn serve<B: Backend + PeerService>(self, backend: Arc<B>) -> Running {
        let control = self.control_api.then(|| {
            Arc::new(Control {
                name: B::NAME,
                operations: B::operations(),
                service: Arc::clone(&backend) as Arc<dyn PeerService>,
                outages: self.outages.clone(),
                memory: Mutex::new(Memory::default()),
            })
        });
        let log_requests = self.log_requests;
        let app = Router::new()
            .fallback(move |request: Request| {
                let (backend, control) = (Arc::clone(&backend), control.clone());
                async move {
                    let line = log_requests.then(|| RequestLine::start(&request));
                    let response = answer(backend, control, request).await;
                    if let Some(line) = line {
                        let is_withheld = response.extensions().get::<Withheld>().is_some();
                        line.finish((!is_withheld).then(|| response.status().as_u16()));
                    }
                    response
                }
            })
            .into_make_service_with_connect_info::<ConnectionHandle>();
        let mut closing = self.closing;
        let stopping = async move {
            // An error means that the emulator was dropped, which also stops the server.
            let _ = closing.wait_for(|closing| *closing).await;
        };
        let listener = self.listener;
        let server = tokio::spawn(async move {
            // The listener retries after errors, so the server ends only if it was stopped.
            let _ = axum::serve(listener, app).with_graceful_shutdown(stopping).await;
        });
        Running {
            stop: self.stop,
            port: self.port,
            server,
            connections: self.connections,
            outages: self.outages,
            certificate: self.certificate,
            ended: self.ended,
            _runtime: None,
        }
    }
}

/// Handles a request of the control API, if the emulator has one, or of the service.
async fn answer<B: Backend>(backend: Arc<B>, control: Option<Arc<Control>>, request: Request) -> Response {
    let path = request.uri().path();
    match control {
        Some(control) if Control::owns(path) => control.handle(request).await,
        // Only a service without its own health check leaves this path free.
        Some(control) if path == "/health" && is_read(request.method()) && !has_route(&*backend, path) => {
            control.health()
        }
        _ => exchange::handle(backend, request).await,
    }
}

/// Returns `true` for `HEAD`, too: programs that wait for a server often use it.
fn is_read(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

fn has_route(backend: &impl Backend, path: &str) -> bool {
    backend.find("GET", &backend.target(path, None)).is_some()
}

/// A running server. Dropping it ends all open connections.
pub(crate) struct Running {
    stop: watch::Sender<bool>,
    port: Port,
    server: JoinHandle<()>,
    connections: Arc<Connections>,
    outages: Outages,
    certificate: Option<String>,
    /// Closed once all connections are gone.
    ended: mpsc::Receiver<()>,
    /// The runtime of the server, if the server has its own.
    _runtime: Option<OwnRuntime>,
}

impl Running {
    /// Returns the number of open TCP connections.
    pub(crate) fn connections(&self) -> usize {
        self.connections.len()
    }

    /// Returns the root certificate as PEM, if the server uses TLS.
    pub(crate) fn certificate_pem(&self) -> Option<&str> {
        self.certificate.as_deref()
    }

    /// Starts an outage.
    pub(crate) fn outage(&self, duration: Duration) -> Outage {
        self.outages.start(duration, None)
    }

    /// Ends the runtime together with the server.
    pub(crate) fn attach(&mut self, runtime: OwnRuntime) {
        self._runtime = Some(runtime);
    }

    /// Accepts no more connections, closes all sockets and completes the requests in flight.
    pub(crate) async fn stop(mut self, limit: Duration) {
        self.port.close();
        let _ = self.stop.send(true);
        let _ = tokio::time::timeout(limit, self.ended.recv()).await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The server's task may run too late: another emulator may already use the port.
        self.port.close();
        let _ = self.stop.send(true);
        self.server.abort();
        self.connections.cut_all();
    }
}
