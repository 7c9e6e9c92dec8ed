#![doc = include_str!("../README.md")]

mod answer;
mod auth;
mod body;
mod builder;
mod connection;
mod emulator;
mod error;
mod exchange;
mod faults;
mod journal;
mod lock;
mod notification;
mod routes;
mod service;
mod sockets;
mod state;
mod target;
mod tls;
mod wire;

pub use auth::Authorization;
pub use builder::EmulatorBuilder;
pub use emulator::Emulator;
pub use error::{Error, Result};
pub use faults::{Fault, Faults};
pub use fishjam_proto as proto;
pub use journal::{Journal, RecordedRequest};
pub use state::TrackKind;
