//! The settings that the emulators of Fishjam and Jellyfish share.

use std::time::Duration;

use tokio::runtime::Handle;

use super::listening::ListeningPort;
use crate::{
    error::Result,
    faults::Faults,
    journal::Journal,
    log,
    service::ServiceCore,
    sockets::{Heartbeat, PeerRelay, Sessions, SocketRegistry, Sockets},
    webhook::{Policy, Webhooks},
};

#[derive(Clone)]
pub(crate) struct ServerSettings {
    pub(crate) port: u16,
    pub(crate) tls: bool,
    pub(crate) heartbeat: Heartbeat,
    pub(crate) subscriber_queue: usize,
    pub(crate) journal_capacity: usize,
    pub(crate) journal_bytes: usize,
    pub(crate) socket_journal: usize,
    pub(crate) control_api: bool,
    pub(crate) log_requests: bool,
}

impl Default for ServerSettings {
    fn default() -> Self {
        ServerSettings {
            port: 0,
            tls: false,
            heartbeat: Heartbeat { ping: Duration::from_secs(30), idle: Duration::from_secs(60) },
            subscriber_queue: 262_144,
            journal_capacity: 65_536,
            journal_bytes: log::DEFAULT_BYTES,
            socket_journal: 65_536,
            control_api: false,
            log_requests: false,
        }
    }
}

impl ServerSettings {
    /// Opens the port.
    pub(crate) async fn listen(&self) -> Result<ListeningPort> {
        ListeningPort::open(self.port, self.tls, self.control_api, self.log_requests).await
    }

    /// Creates the sockets of one kind. `queue` is the number of frames that wait for a slow socket.
    pub(crate) fn sockets(&self, queue: usize) -> Sockets {
        Sockets::new(SocketRegistry::new(queue, self.socket_journal))
    }

    /// Creates the shared part of a service. `webhook` is the account's URL and secret.
    pub(crate) fn core(
        &self,
        token: String,
        (webhook_url, webhook_secret): (Option<String>, Option<String>),
        policy: Policy,
        listening: &ListeningPort,
    ) -> ServiceCore {
        let limits = (self.journal_capacity, self.journal_bytes);
        ServiceCore {
            token,
            authority: listening.authority.clone(),
            origin: listening.origin.clone(),
            heartbeat: self.heartbeat,
            journal: Journal::new(self.journal_capacity, self.journal_bytes),
            faults: Faults::default(),
            sessions: Sessions::default(),
            server_sockets: self.sockets(self.subscriber_queue),
            peer_sockets: self.sockets(self.subscriber_queue),
            peer_relay: PeerRelay::default(),
            webhooks: Webhooks::new(webhook_url, webhook_secret, policy, limits, listening.closing.clone()),
            runtime: Handle::current(),
            closing: listening.closing.clone(),
        }
    }
}

/// Defines the setters of a builder with the field `server: ServerSettings`.
macro_rules! server_setters {
    () => {
        /// Sets the port on 127.0.0.1. Defaults to 0, which selects a free port.
        pub fn port(mut self, port: u16) -> Self {
            self.server.port = port;
            self
        }

        /// Sets whether the emulator has the control API under `/_emulator/`, for tests in other languages.
        ///
        /// The guide describes it: [the control API][guide]. It needs no token, and rejects web pages.
        ///
        /// [guide]: https://github.com/fishjam-rs/fishjam-rs/blob/main/docs/guide/src/testing.md#use-the-control-api
        ///
        /// Defaults to `false`. The program enables it.
        pub fn control_api(mut self, enabled: bool) -> Self {
            self.server.control_api = enabled;
            self
        }

        /// Sets whether the emulator logs each request to stderr, without tokens and queries.
        ///
        /// Defaults to `false`. The program enables it, unless its option `--quiet` is set.
        pub fn log_requests(mut self, enabled: bool) -> Self {
            self.server.log_requests = enabled;
            self
        }

        /// Sets whether the emulator serves https and wss, with a certificate of its own.
        ///
        /// Defaults to `false`: http and ws.
        #[cfg(feature = "__tls")]
        #[cfg_attr(docsrs, doc(cfg(any(feature = "tls", feature = "tls-ring"))))]
        pub fn tls(mut self, tls: bool) -> Self {
            self.server.tls = tls;
            self
        }

        /// Sets the interval of pings on an authenticated socket. Defaults to 30 seconds.
        pub fn ping_interval(mut self, interval: std::time::Duration) -> Self {
            self.server.heartbeat.ping = interval;
            self
        }

        /// Sets how long a silent socket stays open. Defaults to 60 seconds.
        pub fn idle_timeout(mut self, timeout: std::time::Duration) -> Self {
            self.server.heartbeat.idle = timeout;
            self
        }

        /// Sets the number of notifications that wait for a slow server socket. Defaults to 262,144.
        ///
        /// If the queue of a socket overflows, the socket sends the queued notifications and closes with code 1011.
        /// This limit belongs to the emulator. The limit of a real server is unknown.
        pub fn subscriber_queue(mut self, notifications: usize) -> Self {
            self.server.subscriber_queue = notifications;
            self
        }

        /// Sets the number of frames that are kept for each kind of sockets. Defaults to 65,536.
        ///
        /// [`Sockets::written`] and [`Sockets::received`] return these frames. The emulator keeps the newest frames,
        /// and at most 64 MiB of them. With 0 it keeps no frame and still counts all of them.
        ///
        /// [`Sockets::written`]: crate::Sockets::written
        /// [`Sockets::received`]: crate::Sockets::received
        pub fn socket_journal(mut self, frames: usize) -> Self {
            self.server.socket_journal = frames;
            self
        }

        /// Sets the number of requests that the journal keeps. Defaults to 65,536.
        ///
        /// The deliveries of webhooks have the same limit.
        pub fn journal_capacity(mut self, requests: usize) -> Self {
            self.server.journal_capacity = requests;
            self
        }

        /// Sets the number of bytes that the journal keeps. Defaults to 64 MiB; the program keeps 1 MiB.
        ///
        /// The deliveries of webhooks and the ignored requests of agents have the same limit each. The oldest entries
        /// are dropped first. If a request alone exceeds the limit, the journal keeps the first 4,096 bytes of its
        /// body.
        pub fn journal_bytes(mut self, bytes: usize) -> Self {
            self.server.journal_bytes = bytes;
            self
        }
    };
}

pub(crate) use server_setters;
