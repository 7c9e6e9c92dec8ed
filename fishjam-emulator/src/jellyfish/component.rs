//! Components: what there are, and what their options make of them.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    cast::{self, Misfit, Options},
    parameters::printed,
    resources::Resources,
    server::{S3Environment, Switches},
    state::{Refused, Track, VideoCodec},
};
use crate::{refusal::Refusal, state::TrackKind};

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

/// What the options of a new component make of it.
pub(crate) fn parse(
    component_type: ComponentType,
    options: &Map<String, Value>,
    switches: &Switches,
    resources: &Resources,
) -> Result<Kind, Refused> {
    let options = Options(options);
    // A type that is switched off raises before its options are looked at.
    if !switches.allows(component_type) {
        return Err(Refused::RoomCrash);
    }
    match component_type {
        ComponentType::Hls => hls(options),
        ComponentType::Rtsp => Ok(rtsp(options)?),
        ComponentType::File => file(options, resources),
        ComponentType::Sip => sip(options),
        ComponentType::Recording => recording(options, switches.s3.as_ref()),
    }
}

fn hls(options: Options<'_>) -> Result<Kind, Refused> {
    let kind = Hls {
        low_latency: options.boolean("lowLatency", false)?,
        persistent: options.boolean("persistent", false)?,
        playable: false,
        target_window_duration: options.nullable_number("targetWindowDuration")?,
        feed: feed(options)?,
        // The credentials are looked at only once the component is there, and nobody expects them to be wrong.
        uploaded: s3_credentials(options, "s3").map_err(|_| Refused::RoomCrash)?,
    };
    Ok(Kind::Hls(kind))
}

fn rtsp(options: Options<'_>) -> Result<Kind, Misfit> {
    options.require(&["sourceUri"])?;
    Ok(Kind::Rtsp {
        source_uri: options.text("sourceUri")?,
        rtp_port: options.number("rtpPort", 20_000, 1, 65_535)?,
        reconnect_delay: options.number("reconnectDelay", 15_000, 0, i64::MAX)?,
        keep_alive_interval: options.number("keepAliveInterval", 15_000, 0, i64::MAX)?,
        pierce_nat: options.boolean("pierceNat", true)?,
    })
}

fn file(options: Options<'_>, resources: &Resources) -> Result<Kind, Refused> {
    let bad_framerate = || Refusal::bad_request("Invalid framerate passed");
    options.require(&["filePath"])?;
    let file_path = options.text("filePath")?;
    let framerate =
        options.nullable_number("framerate").map_err(|_| match options.get("framerate").and_then(printed) {
            Some(_) => Refused::Answer(bad_framerate()),
            // It is printed into a log line first.
            None => Refused::RoomCrash,
        })?;
    let path = Resources::sources().join(&file_path);
    if !path.is_inside(&Resources::sources()) {
        return Err(Refusal::bad_request("Invalid file path").into());
    }
    if !resources.exists(&path) {
        return Err(Refusal::new(404, "File not found").into());
    }
    if framerate.is_some_and(|framerate| framerate <= 0) {
        return Err(bad_framerate().into());
    }
    match (path.extension(), framerate) {
        (".h264", _) => {
            let framerate = Some(framerate.unwrap_or(30));
            Ok(Kind::File { file_path, framerate, carries: TrackKind::Video })
        }
        (".ogg", None) => Ok(Kind::File { file_path, framerate, carries: TrackKind::Audio }),
        (".ogg", Some(_)) => {
            let text = "Attempted to set framerate for audio component which is not supported.";
            Err(Refusal::bad_request(text).into())
        }
        _ => Err(Refusal::bad_request("Unsupported file type").into()),
    }
}

fn sip(options: Options<'_>) -> Result<Kind, Refused> {
    options.require(&["registrarCredentials"])?;
    let credentials = options.object("registrarCredentials")?;
    credentials.require(&["address", "username", "password"])?;
    let address = credentials.text("address")?;
    let username = credentials.text("username")?;
    let password = credentials.text("password")?;
    // Without a host it is no address, and what reads it raises.
    if address.is_empty() || address.starts_with([';', '?']) {
        return Err(Refused::RoomCrash);
    }
    Ok(Kind::Sip { address, username, password })
}

fn recording(options: Options<'_>, environment: Option<&S3Environment>) -> Result<Kind, Refused> {
    let feed = feed(options)?;
    let own_credentials = s3_credentials(options, "credentials")?;
    let own_prefix = options.nullable_text("pathPrefix")?;
    let conflict = |what| {
        let text = format!(
            "Conflicting S3 {what} supplied via environment variables and the REST API. Overrides on existing values \
             are disallowed"
        );
        Err(Refusal::bad_request(text).into())
    };
    match (own_credentials, environment) {
        (true, Some(_)) => return conflict("credentials"),
        (false, None) => {
            let text = "S3 credentials has to be passed either by request or at application startup as envs";
            return Err(Refusal::bad_request(text).into());
        }
        _ => {}
    }
    if own_prefix.is_some() && environment.is_some_and(|environment| environment.path_prefix) {
        return conflict("path prefix");
    }
    Ok(Kind::Recording(feed))
}

fn feed(options: Options<'_>) -> Result<Feed, Misfit> {
    match options.get("subscribeMode") {
        None => Ok(Feed::Auto),
        Some(Value::String(mode)) if mode == "auto" => Ok(Feed::Auto),
        Some(Value::String(mode)) if mode == "manual" => Ok(Feed::Manual(Vec::new())),
        Some(_) => Err(Misfit::Invalid),
    }
}

/// Whether credentials for S3 were given; they must be complete. A missing member is no [`Misfit::Missing`] here.
fn s3_credentials(options: Options<'_>, name: &str) -> Result<bool, Misfit> {
    let Some(credentials) = options.nullable_object(name)? else { return Ok(false) };
    for name in ["accessKeyId", "secretAccessKey", "region", "bucket"] {
        credentials.text(name)?;
    }
    Ok(true)
}

/// What is wrong with options, in the server's words.
impl From<Misfit> for Refusal {
    fn from(misfit: Misfit) -> Self {
        match misfit {
            Misfit::Missing(name) => Refusal::bad_request(format!("Required field \"{name}\" missing")),
            Misfit::Invalid => Refusal::structure(),
        }
    }
}

impl From<Misfit> for Refused {
    fn from(misfit: Misfit) -> Self {
        Refused::Answer(misfit.into())
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

/// Returns a number that a purge timeout or `maxPeers` may be. Strings are not numbers.
pub(super) fn whole_number(value: &Value) -> Option<u64> {
    value.as_u64().filter(|_| cast::number(value).is_some())
}
