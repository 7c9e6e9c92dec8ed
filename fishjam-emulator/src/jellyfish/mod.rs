//! Jellyfish 0.5.0, the self-hosted predecessor of Fishjam, and its next version, self-hosted Fishjam 0.6.3.

mod builder;
mod cast;
mod checks;
mod clock;
mod cluster;
mod component;
mod contract;
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
pub use contract::JellyfishContract;
pub use emulator::JellyfishEmulator;
