//! TCP connections that other tasks can cut, and the listener that accepts them.

use std::{
    collections::HashMap,
    future::poll_fn,
    io,
    mem::MaybeUninit,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{
    extract::connect_info::Connected,
    serve::{IncomingStream, Listener},
};
use bytes::Bytes;
use futures_util::task::AtomicWaker;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    sync::mpsc,
    task::JoinSet,
};

use super::{
    port::Port,
    tls::{Acceptor, Transport},
};
use crate::lock::lock;

/// The timeout of a client's TLS handshake.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);

/// A handle that controls one connection from another task.
#[derive(Clone, Default)]
pub(crate) struct ConnectionHandle(Arc<Cutoff>);

/// The flags that other tasks set. Reads and writes of the connection check them.
#[derive(Default)]
struct Cutoff {
    cut: AtomicBool,
    reset: AtomicBool,
    finish: AtomicBool,
    waker: AtomicWaker,
    /// The bytes that are written instead of the next output.
    garbage: OnceLock<Bytes>,
}

impl ConnectionHandle {
    /// Writes these bytes instead of the next output, and then cuts the connection.
    pub(crate) fn garble(&self, garbage: Bytes) {
        // A second call has no effect.
        let _ = self.0.garbage.set(garbage);
    }

    /// Cuts the connection: it stops reading and writing, and closes.
    pub(crate) fn cut(&self) {
        self.0.cut.store(true, Ordering::Release);
        self.0.waker.wake();
    }

    /// Cuts the connection with a TCP reset. Bytes in flight are lost.
    pub(crate) fn reset(&self) {
        self.0.reset.store(true, Ordering::Release);
        self.cut();
    }

    /// Finishes the connection after the written bytes.
    ///
    /// The connection writes nothing more, and discards all input until the other side closes.
    pub(crate) fn finish(&self) {
        self.0.finish.store(true, Ordering::Release);
        self.0.waker.wake();
    }

    /// Waits until the connection is cut. Its owner must not read or write meanwhile.
    pub(crate) async fn until_cut(&self) {
        poll_fn(|cx| if self.poll_cut(cx).is_err() { Poll::Ready(()) } else { Poll::Pending }).await;
    }

    fn is_finished(&self) -> bool {
        self.0.finish.load(Ordering::Acquire)
    }

    fn poll_cut(&self, cx: &Context<'_>) -> io::Result<()> {
        // The waker is registered before the check, so a cut in between wakes the task.
        self.0.waker.register(cx.waker());
        if self.0.cut.load(Ordering::Acquire) { Err(io::ErrorKind::ConnectionAborted.into()) } else { Ok(()) }
    }
}

impl Connected<IncomingStream<'_, TlsListener>> for ConnectionHandle {
    fn connect_info(stream: IncomingStream<'_, TlsListener>) -> Self {
        stream.io().connection.clone()
    }
}

/// The handles of all open connections.
#[derive(Default)]
pub(crate) struct Connections {
    open: Mutex<HashMap<u64, ConnectionHandle>>,
    next: AtomicU64,
}

impl Connections {
    /// Returns the number of open connections.
    pub(crate) fn len(&self) -> usize {
        lock(&self.open).len()
    }

    /// Cuts every open connection.
    pub(crate) fn cut_all(&self) {
        self.cut_all_but(None);
    }

    /// Cuts every open connection except this one.
    pub(crate) fn cut_all_but(&self, spared: Option<&ConnectionHandle>) {
        for connection in lock(&self.open).values() {
            if !spared.is_some_and(|spared| Arc::ptr_eq(&spared.0, &connection.0)) {
                connection.cut();
            }
        }
    }
}

/// A connection. While it is open, it is one of the [`Connections`] and holds an `alive` sender.
pub(crate) struct Connection {
    transport: Transport,
    connection: ConnectionHandle,
    number: u64,
    garbage_written: usize,
    connections: Arc<Connections>,
    _alive: mpsc::Sender<()>,
}

impl Connection {
    fn open(transport: Transport, connections: &Arc<Connections>, alive: &mpsc::Sender<()>) -> Self {
        let connection = ConnectionHandle::default();
        let number = connections.next.fetch_add(1, Ordering::Relaxed);
        lock(&connections.open).insert(number, connection.clone());
        Connection {
            transport,
            connection,
            number,
            garbage_written: 0,
            connections: Arc::clone(connections),
            _alive: alive.clone(),
        }
    }

    /// Writes all the garbage, and cuts the connection.
    fn poll_garbage(&mut self, cx: &mut Context<'_>, garbage: &Bytes) -> Poll<io::Error> {
        while let Some(rest) = garbage.get(self.garbage_written..).filter(|rest| !rest.is_empty()) {
            match ready!(Pin::new(&mut self.transport).poll_write(cx, rest)) {
                Ok(0) => return Poll::Ready(io::ErrorKind::WriteZero.into()),
                Ok(written) => self.garbage_written += written,
                Err(error) => return Poll::Ready(error),
            }
        }
        let flushed = ready!(Pin::new(&mut self.transport).poll_flush(cx));
        self.connection.cut();
        Poll::Ready(flushed.err().unwrap_or_else(|| io::ErrorKind::ConnectionAborted.into()))
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if self.connection.0.reset.load(Ordering::Acquire) {
            self.transport.reset_on_close();
        }
        lock(&self.connections.open).remove(&self.number);
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.connection.poll_cut(cx)?;
        if !self.connection.is_finished() {
            return Pin::new(&mut self.transport).poll_read(cx, buffer);
        }
        ready!(Pin::new(&mut self.transport).poll_shutdown(cx))?;
        loop {
            let mut discarded = [MaybeUninit::uninit(); 4096];
            let mut discarded = ReadBuf::uninit(&mut discarded);
            ready!(Pin::new(&mut self.transport).poll_read(cx, &mut discarded))?;
            if discarded.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.connection.poll_cut(cx)?;
        if self.connection.is_finished() {
            return Poll::Ready(Ok(bytes.len()));
        }
        if let Some(garbage) = self.connection.0.garbage.get().cloned() {
            return self.poll_garbage(cx, &garbage).map(Err);
        }
        Pin::new(&mut self.transport).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.connection.poll_cut(cx)?;
        if self.connection.is_finished() {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.transport).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.connection.poll_cut(cx)?;
        if self.connection.is_finished() {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.transport).poll_shutdown(cx)
    }
}

/// The listener. It runs TLS handshakes concurrently, so that a slow client does not block others.
pub(crate) struct TlsListener {
    port: Port,
    acceptor: Acceptor,
    handshakes: JoinSet<Option<(Transport, SocketAddr)>>,
    connections: Arc<Connections>,
    alive: mpsc::Sender<()>,
}

impl TlsListener {
    pub(crate) fn new(port: Port, acceptor: Acceptor, connections: Arc<Connections>, alive: mpsc::Sender<()>) -> Self {
        TlsListener { port, acceptor, handshakes: JoinSet::new(), connections, alive }
    }

    fn start_handshake(&mut self, stream: TcpStream, address: SocketAddr) {
        // Small frames must not wait for the acknowledgment of earlier ones.
        let _ = stream.set_nodelay(true);
        let handshake = self.acceptor.accept(stream);
        self.handshakes.spawn(async move {
            let transport = tokio::time::timeout(HANDSHAKE_LIMIT, handshake).await.ok()?.ok()?;
            Some((transport, address))
        });
    }
}

impl Listener for TlsListener {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            tokio::select! {
                accepted = self.port.accept() => match accepted {
                    Ok((stream, address)) => self.start_handshake(stream, address),
                    // An example is a lack of file descriptors: other connections must close first.
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                },
                Some(done) = self.handshakes.join_next() => {
                    if let Ok(Some((transport, address))) = done {
                        let connection = Connection::open(transport, &self.connections, &self.alive);
                        // This comes after the connection is counted as open, so an outage cuts it in any case.
                        if self.port.is_down() {
                            connection.connection.reset();
                        }
                        return (connection, address);
                    }
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.port.address()
    }
}
