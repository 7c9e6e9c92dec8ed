//! Components: what there are, and what their options make of them.

use serde_json::{Value, json};
use uuid::Uuid;

use super::track::{Track, VideoCodec};
use crate::{refusal::Refusal, state::TrackKind};

mod parse;

pub(crate) use parse::parse;

/// A server-side member of a room.
#[derive(Clone, Debug)]
pub(crate) struct Component {
    pub(crate) id: String,
    pub(crate) kind: Kind,
    pub(crate) tracks: Vec<Track>,
}

/// The type of a component, with its properties.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    Hls(Hls),
    Rtsp { source_uri: String, rtp_port: i64, reconnect_delay: i64, keep_alive_interval: i64, pierce_nat: bool },
    File { file_path: String, framerate: Option<i64>, carries: TrackKind },
    Sip { address: String, username: String, password: String },
    Recording(Feed),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Hls {
    pub(crate) low_latency: bool,
    pub(crate) persistent: bool,
    pub(crate) playable: bool,
    pub(crate) target_window_duration: Option<i64>,
    pub(crate) feed: Feed,
    /// Whether it is uploaded to S3 when its room ends.
    pub(crate) uploaded: bool,
}

/// What a component that takes in tracks is fed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Feed {
    /// Everything.
    Auto,
    /// The tracks of these peers and components.
    Manual(Vec<String>),
}

/// The types by their names on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ComponentType {
    Hls,
    Rtsp,
    File,
    Sip,
    Recording,
}

impl ComponentType {
    pub(crate) fn parse(value: &Value) -> Result<Self, Refusal> {
        match value.as_str() {
            Some("hls") => Ok(ComponentType::Hls),
            Some("rtsp") => Ok(ComponentType::Rtsp),
            Some("file") => Ok(ComponentType::File),
            Some("sip") => Ok(ComponentType::Sip),
            Some("recording") => Ok(ComponentType::Recording),
            _ => Err(Refusal::bad_request("Invalid component type")),
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            ComponentType::Hls => "hls",
            ComponentType::Rtsp => "rtsp",
            ComponentType::File => "file",
            ComponentType::Sip => "sip",
            ComponentType::Recording => "recording",
        }
    }

    /// What comes out of these can be nothing but H264.
    pub(crate) fn needs(self) -> Option<VideoCodec> {
        match self {
            ComponentType::Hls | ComponentType::Rtsp | ComponentType::Recording => Some(VideoCodec::H264),
            ComponentType::File | ComponentType::Sip => None,
        }
    }

    /// Whether a room has one at most.
    pub(crate) fn is_single(self) -> bool {
        matches!(self, ComponentType::Hls | ComponentType::Recording)
    }
}

impl Component {
    pub(crate) fn new(kind: Kind) -> Self {
        Component { id: Uuid::new_v4().to_string(), kind, tracks: Vec::new() }
    }

    pub(crate) fn component_type(&self) -> ComponentType {
        match self.kind {
            Kind::Hls(_) => ComponentType::Hls,
            Kind::Rtsp { .. } => ComponentType::Rtsp,
            Kind::File { .. } => ComponentType::File,
            Kind::Sip { .. } => ComponentType::Sip,
            Kind::Recording(_) => ComponentType::Recording,
        }
    }
}

impl Feed {
    /// Whether it takes in the tracks of this peer or component.
    pub(crate) fn takes(&self, endpoint: &str) -> bool {
        match self {
            Feed::Auto => true,
            Feed::Manual(origins) => origins.iter().any(|origin| origin == endpoint),
        }
    }
}

impl Kind {
    /// The properties as answers show them: credentials for S3 never, those of a registrar with their password.
    pub(crate) fn properties(&self) -> Value {
        let mode = |feed: &Feed| if *feed == Feed::Auto { "auto" } else { "manual" };
        match self {
            Kind::Hls(hls) => json!({
                "lowLatency": hls.low_latency,
                "persistent": hls.persistent,
                "playable": hls.playable,
                "s3": null,
                "subscribeMode": mode(&hls.feed),
                "targetWindowDuration": hls.target_window_duration,
            }),
            Kind::Rtsp { source_uri, rtp_port, reconnect_delay, keep_alive_interval, pierce_nat } => json!({
                "sourceUri": source_uri,
                "rtpPort": rtp_port,
                "reconnectDelay": reconnect_delay,
                "keepAliveInterval": keep_alive_interval,
                "pierceNat": pierce_nat,
            }),
            Kind::File { file_path, framerate, .. } => json!({ "filePath": file_path, "framerate": framerate }),
            Kind::Sip { address, username, password } => json!({
                "registrarCredentials": { "address": address, "username": username, "password": password },
            }),
            Kind::Recording(feed) => json!({ "subscribeMode": mode(feed) }),
        }
    }
}

/// Whether SIP can make anything of a number: digits, also grouped, perhaps with a plus before them, or nothing at all.
///
/// An assumption; of the server it is known only that a bad number crashes the component some time later.
pub(crate) fn is_phone_number(number: &str) -> bool {
    let number = number.strip_prefix('+').unwrap_or(number);
    number.chars().all(|one| one.is_ascii_digit() || " -().*#".contains(one))
}
