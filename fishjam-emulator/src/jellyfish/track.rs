//! Tracks, and who has them.

use serde_json::Value;
use uuid::Uuid;

use crate::state::TrackKind;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Track {
    pub(crate) id: String,
    pub(crate) kind: TrackKind,
    pub(crate) metadata: Value,
}

impl Track {
    pub(crate) fn new(kind: TrackKind, metadata: Value) -> Self {
        Track { id: Uuid::new_v4().to_string(), kind, metadata }
    }
}

/// Who has tracks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Peer(String),
    Component(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum VideoCodec {
    H264,
    Vp8,
}
