//! TCP connections that can be cut from outside, and the listener that makes them.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use futures_util::task::AtomicWaker;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::lock::lock;
use crate::tls::{Acceptor, Transport};

/// How long a client may take for its TLS handshake.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);

/// One connection's switch: once cut, it neither reads nor writes, and closes.
#[derive(Clone, Default)]
pub(crate) struct Line(Arc<Switch>);

#[derive(Default)]
struct Switch {
    cut: AtomicBool,
    waker: AtomicWaker,
}

impl Line {
    pub(crate) fn cut(&self) {
        self.0.cut.store(true, Ordering::Release);
        self.0.waker.wake();
    }

    fn poll_cut(&self, cx: &Context<'_>) -> io::Result<()> {
        self.0.waker.register(cx.waker());
        if self.0.cut.load(Ordering::Acquire) { Err(io::ErrorKind::ConnectionAborted.into()) } else { Ok(()) }
    }
}

impl Connected<IncomingStream<'_, Gate>> for Line {
    fn connect_info(stream: IncomingStream<'_, Gate>) -> Self {
        stream.io().line.clone()
    }
}

/// The lines of all open connections.
#[derive(Default)]
pub(crate) struct Lines {
    open: Mutex<HashMap<u64, Line>>,
    next: AtomicU64,
}

impl Lines {
    /// Cuts every open connection.
    pub(crate) fn cut_all(&self) {
        for line in lock(&self.open).values() {
            line.cut();
        }
    }
}

/// A connection. While it lives, it is among the [`Lines`] and holds an `alive` sender.
pub(crate) struct Connection {
    transport: Transport,
    line: Line,
    number: u64,
    lines: Arc<Lines>,
    _alive: mpsc::Sender<()>,
}

impl Connection {
    fn open(transport: Transport, lines: &Arc<Lines>, alive: &mpsc::Sender<()>) -> Self {
        let line = Line::default();
        let number = lines.next.fetch_add(1, Ordering::Relaxed);
        lock(&lines.open).insert(number, line.clone());
        Connection { transport, line, number, lines: Arc::clone(lines), _alive: alive.clone() }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        lock(&self.lines.open).remove(&self.number);
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.line.poll_cut(cx)?;
        Pin::new(&mut self.transport).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.line.poll_cut(cx)?;
        Pin::new(&mut self.transport).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.line.poll_cut(cx)?;
        Pin::new(&mut self.transport).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.line.poll_cut(cx)?;
        Pin::new(&mut self.transport).poll_shutdown(cx)
    }
}

/// The listener. TLS handshakes run beside each other, so that one that hangs holds up nobody else.
pub(crate) struct Gate {
    listener: TcpListener,
    acceptor: Acceptor,
    handshakes: JoinSet<Option<(Transport, SocketAddr)>>,
    lines: Arc<Lines>,
    alive: mpsc::Sender<()>,
}

impl Gate {
    pub(crate) fn new(listener: TcpListener, acceptor: Acceptor, lines: Arc<Lines>, alive: mpsc::Sender<()>) -> Self {
        Gate { listener, acceptor, handshakes: JoinSet::new(), lines, alive }
    }

    fn begin(&mut self, stream: TcpStream, address: SocketAddr) {
        // Small frames must not wait for each other.
        let _ = stream.set_nodelay(true);
        let handshake = self.acceptor.accept(stream);
        self.handshakes.spawn(async move {
            let transport = tokio::time::timeout(HANDSHAKE_LIMIT, handshake).await.ok()?.ok()?;
            Some((transport, address))
        });
    }
}

impl Listener for Gate {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            tokio::select! {
                arrived = self.listener.accept() => match arrived {
                    Ok((stream, address)) => self.begin(stream, address),
                    // Out of file descriptors, say: others must close first.
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                },
                Some(done) = self.handshakes.join_next() => {
                    if let Ok(Some((transport, address))) = done {
                        return (Connection::open(transport, &self.lines, &self.alive), address);
                    }
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}
