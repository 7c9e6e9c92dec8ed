#![doc = include_str!("../README.md")]

mod answer;
mod auth;
mod body;
mod builder;
mod connection;
mod contract;
mod emulator;
mod error;
mod exchange;
mod faults;
mod journal;
mod lock;
mod log;
mod multipart;
mod notification;
mod recorder;
mod routes;
mod service;
mod sockets;
mod state;
mod target;
mod tls;
mod webhook;
mod wire;

pub use auth::Authorization;
pub use builder::EmulatorBuilder;
pub use contract::Contract;
pub use emulator::Emulator;
pub use error::{Error, Result};
pub use faults::{Fault, Faults};
pub use fishjam_proto as proto;
pub use journal::{Journal, RecordedRequest};
pub use multipart::Part;
pub use sockets::{SocketRecord, Sockets};
pub use state::TrackKind;
pub use webhook::{WebhookDelivery, Webhooks};
