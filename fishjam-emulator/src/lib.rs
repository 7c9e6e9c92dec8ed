#![doc = include_str!("../README.md")]
// docs.rs marks the items that require a feature.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod agents;
mod clock;
mod composition_event;
mod contract;
mod control;
mod emulator;
mod error;
mod faults;
mod http;
mod jellyfish;
mod journal;
mod lock;
mod log;
mod media;
mod notification;
mod operation;
mod outage;
mod refusal;
mod routes;
mod scene;
mod scripted_peer;
mod server;
mod service;
mod socket_handlers;
mod sockets;
mod state;
mod webhook;
mod wire;

pub use agents::{Ignored, IgnoredRequest, TrackImages};
pub use contract::Contract;
pub use emulator::{EmulatedComposition, EmulatedInput, EmulatedOutput, Emulator, EmulatorBuilder};
pub use error::{Error, Result};
pub use faults::{Fault, Faults};
pub use fishjam_proto as proto;
pub use http::{auth::Authorization, multipart::Part};
pub use jellyfish::{JellyfishBuilder, JellyfishContract, JellyfishEmulator};
pub use journal::{Journal, RecordedRequest};
pub use media::audio::Sound;
pub use outage::Outage;
pub use scene::check_composition_body;
pub use scripted_peer::{ScriptedPeer, ScriptedPeerOptions};
pub use server::runtime::ClockHold;
pub use sockets::{ReceivedRecord, SocketRecord, Sockets};
pub use state::{
    TrackKind,
    compositions::{
        CompositionSnapshot, ErrorSeverity, EventSnapshot, ImageSnapshot, InputKind, InputSnapshot, MediaState,
        OutputKind, OutputSnapshot, UploadSnapshot,
    },
};
pub use webhook::{WebhookDelivery, Webhooks};
