//! Components: their types and properties.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    refusal::Refusal,
    state::{Track, TrackKind, VideoCodec},
};

/// A server-side member of a room.
#[derive(Clone, Debug)]
pub(crate) struct Component {
    pub(crate) id: String,
    pub(crate) kind: ComponentKind,
    pub(crate) tracks: Vec<Track>,
}

/// The type of a component, with its properties.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ComponentKind {
    Hls(Hls),
    Rtsp { source_uri: String, rtp_port: i64, reconnect_delay: i64, keep_alive_interval: i64, pierce_nat: bool },
    File { file_path: String, framerate: Option<i64>, track_kind: TrackKind },
    Sip { address: String, username: String, password: String },
    Recording(TrackSelection),
}

/// The properties and the stream of an HLS component.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Hls {
    pub(crate) low_latency: bool,
    pub(crate) persistent: bool,
    pub(crate) playable: bool,
    pub(crate) target_window_duration: Option<i64>,
    pub(crate) selection: TrackSelection,
    /// Whether the stream is uploaded to S3 when its room ends.
    pub(crate) uploaded: bool,
}

/// The tracks that a component receives.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TrackSelection {
    /// All tracks.
    Auto,
    /// The tracks of these peers and components.
    Manual(Vec<String>),
}

/// The type of a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ComponentType {
    Hls,
    Rtsp,
    File,
    Sip,
    Recording,
}

impl ComponentType {
    /// Parses the name of a type.
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

    /// Returns the name of the type in JSON.
    pub(crate) fn name(self) -> &'static str {
        match self {
            ComponentType::Hls => "hls",
            ComponentType::Rtsp => "rtsp",
            ComponentType::File => "file",
            ComponentType::Sip => "sip",
            ComponentType::Recording => "recording",
        }
    }

    /// Returns the video codec that the room must enforce.
    pub(crate) fn required_codec(self) -> Option<VideoCodec> {
        match self {
            ComponentType::Hls | ComponentType::Rtsp | ComponentType::Recording => Some(VideoCodec::H264),
            ComponentType::File | ComponentType::Sip => None,
        }
    }

    /// Returns `true` if a room has at most one component of this type.
    pub(crate) fn is_single(self) -> bool {
        matches!(self, ComponentType::Hls | ComponentType::Recording)
    }
}

impl Component {
    pub(crate) fn new(kind: ComponentKind) -> Self {
        Component { id: Uuid::new_v4().to_string(), kind, tracks: Vec::new() }
    }

    pub(crate) fn component_type(&self) -> ComponentType {
        match self.kind {
            ComponentKind::Hls(_) => ComponentType::Hls,
            ComponentKind::Rtsp { .. } => ComponentType::Rtsp,
            ComponentKind::File { .. } => ComponentType::File,
            ComponentKind::Sip { .. } => ComponentType::Sip,
            ComponentKind::Recording(_) => ComponentType::Recording,
        }
    }
}

impl TrackSelection {
    /// Returns `true` if the component receives the tracks of this peer or component.
    pub(crate) fn includes(&self, endpoint: &str) -> bool {
        match self {
            TrackSelection::Auto => true,
            TrackSelection::Manual(origins) => origins.iter().any(|origin| origin == endpoint),
        }
    }
}

impl ComponentKind {
    /// Returns the properties for a response.
    ///
    /// They include the password of a registrar, but no S3 credentials.
    pub(crate) fn properties(&self) -> Value {
        let mode = |selection: &TrackSelection| if *selection == TrackSelection::Auto { "auto" } else { "manual" };
        match self {
            ComponentKind::Hls(hls) => json!({
                "lowLatency": hls.low_latency,
                "persistent": hls.persistent,
                "playable": hls.playable,
                "s3": null,
                "subscribeMode": mode(&hls.selection),
                "targetWindowDuration": hls.target_window_duration,
            }),
            ComponentKind::Rtsp { source_uri, rtp_port, reconnect_delay, keep_alive_interval, pierce_nat } => json!({
                "sourceUri": source_uri,
                "rtpPort": rtp_port,
                "reconnectDelay": reconnect_delay,
                "keepAliveInterval": keep_alive_interval,
                "pierceNat": pierce_nat,
            }),
            ComponentKind::File { file_path, framerate, .. } => {
                json!({ "filePath": file_path, "framerate": framerate })
            }
            ComponentKind::Sip { address, username, password } => json!({
                "registrarCredentials": { "address": address, "username": username, "password": password },
            }),
            ComponentKind::Recording(selection) => json!({ "subscribeMode": mode(selection) }),
        }
    }
}
