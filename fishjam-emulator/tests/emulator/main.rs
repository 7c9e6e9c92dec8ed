//! The emulator over real connections: REST, sockets, journal, faults, start and stop, the program.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod client;
mod faults;
mod journal;
mod lifecycle;
mod peer_socket;
#[cfg(feature = "cli")]
mod program;
mod rest;
mod server_socket;
#[cfg(feature = "tls")]
mod tls;
