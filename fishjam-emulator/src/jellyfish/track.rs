//! Tracks and the endpoints that send them.

use serde_json::Value;
use uuid::Uuid;

use crate::state::TrackKind;

/// A track of a peer or a component.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Track {
    pub(crate) id: String,
    pub(crate) kind: TrackKind,
    pub(crate) metadata: Value,
}

impl Track {
    /// Creates a track with a random id.
    pub(crate) fn new(kind: TrackKind, metadata: Value) -> Self {
        Track { id: Uuid::new_v4().to_string(), kind, metadata }
    }
}

/// A peer or a component, by its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Peer(String),
    Component(String),
}

/// The video codec that a room enforces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum VideoCodec {
    H264,
    Vp8,
}
