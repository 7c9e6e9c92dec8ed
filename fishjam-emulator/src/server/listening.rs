//! A bound port: listening on it, serving a host, and the end of it.

use std::{net::Ipv4Addr, sync::Arc, time::Duration};

use axum::{Router, extract::Request};
use tokio::{
    net::TcpListener,
    sync::{mpsc, watch},
    task::JoinHandle,
};

use super::{
    exchange::{self, Backend},
    runtime::OwnRuntime,
};
use crate::{
    error::{Error, Result},
    http::{
        connection::{ConnectionHandle, Connections, Port, TlsListener},
        tls::Acceptor,
    },
};

/// How long [`Running::stop`] waits for connections to end by themselves.
const STOP_LIMIT: Duration = Duration::from_secs(2);

/// A loopback port on which nobody is served yet.
pub(crate) struct Listening {
    /// `127.0.0.1:PORT`
    pub(crate) authority: String,
    /// Turns true when the emulator stops.
    pub(crate) closing: watch::Receiver<bool>,
    stop: watch::Sender<bool>,
    port: Port,
    listener: TlsListener,
    connections: Arc<Connections>,
    ended: mpsc::Receiver<()>,
}

impl Listening {
    pub(crate) async fn open(port: u16, acceptor: Acceptor) -> Result<Self> {
        let bind = |source| Error::Bind { port, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(bind)?;
        let authority = listener.local_addr().map_err(bind)?.to_string();
        let (stop, closing) = watch::channel(false);
        let (alive, ended) = mpsc::channel(1);
        let connections = Arc::new(Connections::default());
        let port = Port::new(listener);
        let listener = TlsListener::new(port.clone(), acceptor, Arc::clone(&connections), alive);
        Ok(Listening { authority, closing, stop, port, listener, connections, ended })
    }

    /// Serves a host until it is told to stop, or dropped.
    pub(crate) fn serve<B: Backend>(self, backend: Arc<B>) -> Running {
        let app = Router::new()
            .fallback(move |request: Request| exchange::answer(Arc::clone(&backend), request))
            .into_make_service_with_connect_info::<ConnectionHandle>();
        let mut closing = self.closing;
        let stopping = async move {
            // An error is a dropped emulator, which stops as well.
            let _ = closing.wait_for(|closing| *closing).await;
        };
        let listener = self.listener;
        let server = tokio::spawn(async move {
            // The listener retries by itself; this returns only when it was told to stop.
            let _ = axum::serve(listener, app).with_graceful_shutdown(stopping).await;
        });
        Running {
            stop: self.stop,
            port: self.port,
            server,
            connections: self.connections,
            ended: self.ended,
            _runtime: None,
        }
    }
}

/// A host that is served. What is left of it is cut when this is dropped.
pub(crate) struct Running {
    stop: watch::Sender<bool>,
    port: Port,
    server: JoinHandle<()>,
    connections: Arc<Connections>,
    /// Closed once all connections are gone.
    ended: mpsc::Receiver<()>,
    /// The runtime of the host, if the host has one of its own.
    _runtime: Option<OwnRuntime>,
}

impl Running {
    /// How many TCP connections are open.
    pub(crate) fn connections(&self) -> usize {
        self.connections.len()
    }

    /// Ends the host's runtime together with the host.
    pub(crate) fn attach(&mut self, runtime: OwnRuntime) {
        self._runtime = Some(runtime);
    }

    /// No new connections, sockets are closed, requests in flight are answered.
    pub(crate) async fn stop(mut self) {
        self.port.close();
        let _ = self.stop.send(true);
        let _ = tokio::time::timeout(STOP_LIMIT, self.ended.recv()).await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Here and not in the server's task, which may not run before another emulator takes the port.
        self.port.close();
        let _ = self.stop.send(true);
        self.server.abort();
        self.connections.cut_all();
    }
}
