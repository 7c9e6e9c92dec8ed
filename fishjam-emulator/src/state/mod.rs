//! The state of the service: rooms, peers, tokens, livestreams, forwardings, recordings and compositions.
//!
//! The state performs no I/O and reads no clock. A transition returns its result and the [`Effect`]s that must follow,
//! in order.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use uuid::Uuid;

mod agents;
mod cell;
mod composition_event;
pub(crate) mod compositions;
mod effect;
mod entities;
mod event;
mod forwardings;
mod links;
mod livestreams;
mod peers;
mod recordings;
mod rooms;
#[cfg(test)]
mod tests;
mod tracks;

pub(crate) use cell::StateCell;
use compositions::Compositions;
pub(crate) use effect::{Effect, Outcome};
pub use entities::TrackKind;
pub(crate) use entities::{
    Composition, Forwarding, Livestream, Participant, Peer, PeerKind, Recording, RecordingStatus, Role, Room,
    RoomConfig, RoomType, Session, SubscribeMode, Track, VideoCodec,
};
pub(crate) use event::{Event, PeerRef};
use links::Links;
pub(crate) use peers::{Admitted, DEFAULT_OUTPUT_RATE, PeerOptions, Rejection};

/// The state of one emulator.
#[derive(Debug)]
pub(crate) struct State {
    rooms: HashMap<String, Room>,
    rooms_created: u64,
    tokens: HashMap<String, Grant>,
    /// Oldest first.
    recordings: Vec<Recording>,
    pub(crate) compositions: Compositions,
    links: Links,
    peer_token_lifetime: Duration,
    /// The account's URL, for rooms without their own.
    webhook_url: Option<String>,
}

/// The permission that a token grants.
#[derive(Clone, Debug)]
enum Grant {
    Peer { room: String, peer: String, issued: Instant },
    Livestream { stream: String, role: Role, participant: String },
}

impl State {
    pub(crate) fn new(peer_token_lifetime: Duration) -> Self {
        State {
            rooms: HashMap::new(),
            rooms_created: 0,
            tokens: HashMap::new(),
            recordings: Vec::new(),
            compositions: Compositions::default(),
            links: Links::default(),
            peer_token_lifetime,
            webhook_url: None,
        }
    }

    /// Sets the account's webhook URL. New rooms get it unless they have their own.
    pub(crate) fn set_webhook_url(&mut self, url: Option<String>) {
        self.webhook_url = url;
    }
}

/// Creates a secret of 32 lowercase hexadecimal digits with 122 random bits.
fn secret() -> String {
    Uuid::new_v4().simple().to_string()
}
