//! The emulator over real connections: REST, sockets, journal, faults, start and stop, the program.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod agent;
mod agent_audio;
mod agent_faults;
mod agent_images;
mod agent_socket;
mod broken_responses;
mod client;
#[allow(dead_code, unreachable_pub, reason = "it is a module of `fishjam-tests`, too")]
mod clock;
mod composition_broadcasts;
mod composition_client;
mod composition_forwardings;
mod composition_recordings;
mod composition_socket;
mod composition_whip;
mod compositions;
mod contract;
mod control;
mod faults;
mod journal;
mod lifecycle;
mod limits;
mod livestreams;
mod moq;
mod outage;
mod peer_socket;
#[cfg(feature = "cli")]
mod program;
mod receiver;
mod recordings;
mod rest;
mod scripted_peers;
mod server_socket;
mod sharing;
mod socket_commands;
mod socket_faults;
#[cfg(feature = "__tls")]
mod tls;
mod track_forwardings;
mod webhook_attempts;
mod webhooks;
