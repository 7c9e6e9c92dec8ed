//! The part of a service that Fishjam and Jellyfish share.

use axum::extract::ws::WebSocket;
use tokio::{runtime::Handle, sync::watch};

use crate::{
    faults::Faults,
    http::connection::ConnectionHandle,
    journal::Journal,
    sockets::{Heartbeat, Link, PeerRelay, Sessions, SocketSlot, Sockets},
    webhook::Webhooks,
};

/// The settings, records and sockets of one emulator.
pub(crate) struct ServiceCore {
    /// The management token, or the API token of Jellyfish.
    pub(crate) token: String,
    /// `127.0.0.1:PORT`
    pub(crate) authority: String,
    /// `http://127.0.0.1:PORT`
    pub(crate) origin: String,
    pub(crate) heartbeat: Heartbeat,
    pub(crate) journal: Journal,
    pub(crate) faults: Faults,
    pub(crate) sessions: Sessions,
    pub(crate) server_sockets: Sockets,
    pub(crate) peer_sockets: Sockets,
    /// Relays media events between the WebRTC peers of a room.
    pub(crate) peer_relay: PeerRelay,
    pub(crate) webhooks: Webhooks,
    /// The runtime of the emulator. A caller can have another one, or none.
    pub(crate) runtime: Handle,
    /// `true` once the emulator stops.
    pub(crate) closing: watch::Receiver<bool>,
}

impl ServiceCore {
    /// Registers a new socket among the sockets of its kind.
    pub(crate) fn open_link(&self, socket: WebSocket, connection: ConnectionHandle, sockets: &Sockets) -> Link {
        let slot = sockets.registry().register(connection.clone());
        self.link(socket, connection, slot)
    }

    /// Creates the link of a socket that was registered before its upgrade.
    pub(crate) fn link(&self, socket: WebSocket, connection: ConnectionHandle, slot: SocketSlot) -> Link {
        Link::new(socket, connection, slot, self.heartbeat, &self.closing)
    }
}
