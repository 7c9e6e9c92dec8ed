//! Jellyfish, the self-hosted predecessor of Fishjam: version 0.5.0, as it was observed to answer.

mod builder;
mod cast;
mod checks;
mod clock;
mod cluster;
mod component;
mod emulator;
mod environment;
mod media;
mod notification;
mod parameters;
mod resources;
mod routes;
mod server;
mod service;
mod sockets;
mod state;
mod stream;
mod token;
mod webhook;
mod wire;

pub use builder::JellyfishBuilder;
pub use emulator::JellyfishEmulator;
