//! The emulator of self-hosted servers: Jellyfish 0.5.0 and its next version, Fishjam 0.6.3.

mod command_error;
mod component;
mod component_options;
mod contract;
mod emulator;
mod flags;
mod json;
mod metrics_settings;
mod notification;
mod options;
mod parameters;
mod resources;
mod routes;
mod scripted_peer;
mod server;
mod service;
mod socket_handlers;
mod sockets;
mod state;
mod stream;
mod tasks;
mod token;
mod webhook;
mod wire;

pub use contract::JellyfishContract;
pub use emulator::{JellyfishBuilder, JellyfishEmulator};
