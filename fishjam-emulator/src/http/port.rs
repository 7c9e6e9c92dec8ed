//! The listening port. Other tasks can close it, and can refuse connections during an outage.

use std::{
    future::poll_fn,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
    task::{Context, Poll, ready},
    time::Duration,
};

use futures_util::task::AtomicWaker;
use socket2::SockRef;
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use crate::lock::lock;

/// The number of connections that wait until the emulator accepts them.
const BACKLOG: u32 = 1024;

/// A listening port that can be closed while another task accepts its connections.
#[derive(Clone)]
pub(crate) struct Port(Arc<Shared>);

struct Shared {
    state: Mutex<PortState>,
    /// Wakes the accepting task when the port opens again. A new listener does not know that task.
    accepting: AtomicWaker,
}

enum PortState {
    Open(TcpListener),
    /// The socket keeps the port, but does not listen: the operating system refuses connections.
    Down(TcpSocket),
    /// The operating system cannot refuse connections for this port. The emulator resets them instead.
    Resetting(TcpListener),
    Closed,
}

impl Port {
    pub(crate) fn new(listener: TcpListener) -> Self {
        let state = Mutex::new(PortState::Open(listener));
        Port(Arc::new(Shared { state, accepting: AtomicWaker::new() }))
    }

    /// Closes the port. Afterwards another listener can use it.
    pub(crate) fn close(&self) {
        *lock(&self.0.state) = PortState::Closed;
    }

    /// Refuses connections until [`Port::restore`]. Does nothing if the port is not open.
    pub(crate) fn take_down(&self) {
        let mut state = lock(&self.0.state);
        *state = match std::mem::replace(&mut *state, PortState::Closed) {
            PortState::Open(listener) => match reserve(&listener) {
                Ok(socket) => PortState::Down(socket),
                Err(_) => PortState::Resetting(listener),
            },
            other => other,
        };
        self.0.accepting.wake();
    }

    /// Accepts connections again. Does nothing if the port is not down.
    ///
    /// The caller is in the context of the emulator's runtime.
    pub(crate) fn restore(&self) {
        let mut state = lock(&self.0.state);
        *state = match std::mem::replace(&mut *state, PortState::Closed) {
            // The port is bound, so that an error is not expected. After an error, the emulator still refuses clients.
            PortState::Down(socket) => listen(socket).map_or(PortState::Closed, PortState::Open),
            PortState::Resetting(listener) => PortState::Open(listener),
            other => other,
        };
        self.0.accepting.wake();
    }

    /// Returns `true` during an outage.
    pub(crate) fn is_down(&self) -> bool {
        matches!(&*lock(&self.0.state), PortState::Down(_) | PortState::Resetting(_))
    }

    /// Waits for the next connection, or forever if the port is closed.
    pub(super) async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        poll_fn(|cx| self.poll_accept(cx)).await
    }

    fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
        self.0.accepting.register(cx.waker());
        match &*lock(&self.0.state) {
            PortState::Open(listener) => listener.poll_accept(cx),
            PortState::Resetting(listener) => loop {
                let (stream, _) = ready!(listener.poll_accept(cx))?;
                let _ = SockRef::from(&stream).set_linger(Some(Duration::ZERO));
            },
            PortState::Down(_) | PortState::Closed => Poll::Pending,
        }
    }

    pub(super) fn address(&self) -> io::Result<SocketAddr> {
        match &*lock(&self.0.state) {
            PortState::Open(listener) | PortState::Resetting(listener) => listener.local_addr(),
            PortState::Down(socket) => socket.local_addr(),
            PortState::Closed => Err(io::ErrorKind::NotConnected.into()),
        }
    }
}

/// Binds a second socket to the port of a listener, so that the port stays reserved without it.
///
/// The operating system allows it only if both sockets share the port. Also, the new socket needs `SO_REUSEADDR`, because
/// open connections have the port, too. Afterwards it must not have this option: another listener could use the port.
#[cfg(unix)]
fn reserve(listener: &TcpListener) -> io::Result<TcpSocket> {
    SockRef::from(listener).set_reuse_port(true)?;
    let socket = TcpSocket::new_v4()?;
    SockRef::from(&socket).set_reuse_port(true)?;
    socket.set_reuseaddr(true)?;
    socket.bind(listener.local_addr()?)?;
    socket.set_reuseaddr(false)?;
    Ok(socket)
}

#[cfg(not(unix))]
fn reserve(_: &TcpListener) -> io::Result<TcpSocket> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Listens on a reserved socket, which then does not share its port anymore.
fn listen(socket: TcpSocket) -> io::Result<TcpListener> {
    socket.set_reuseaddr(true)?;
    let listener = socket.listen(BACKLOG)?;
    #[cfg(unix)]
    SockRef::from(&listener).set_reuse_port(false)?;
    Ok(listener)
}
