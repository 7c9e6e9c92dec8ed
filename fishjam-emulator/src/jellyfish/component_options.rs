//! The options of new components.

use serde_json::{Map, Value};

use super::{
    command_error::CommandError,
    component::{ComponentKind, ComponentType, Hls, TrackSelection},
    flags::{S3Environment, ServerFlags},
    options::{OptionError, Options},
    parameters::printed,
    resources::Resources,
};
use crate::{refusal::Refusal, state::TrackKind};

/// Parses the options of a new component.
pub(crate) fn parse_options(
    component_type: ComponentType,
    options: &Map<String, Value>,
    flags: &ServerFlags,
    resources: &Resources,
) -> Result<ComponentKind, CommandError> {
    let options = Options(options);
    // For a disabled type, the server raises an error before it reads the options.
    if !flags.allows(component_type) {
        return Err(CommandError::RoomCrash);
    }
    match component_type {
        ComponentType::Hls => hls(options),
        ComponentType::Rtsp => Ok(rtsp(options)?),
        ComponentType::File => file(options, resources),
        ComponentType::Sip => sip(options),
        ComponentType::Recording => recording(options, flags.s3.as_ref()),
    }
}

fn hls(options: Options<'_>) -> Result<ComponentKind, CommandError> {
    let kind = Hls {
        low_latency: options.boolean("lowLatency", false)?,
        persistent: options.boolean("persistent", false)?,
        playable: false,
        target_window_duration: options.nullable_number("targetWindowDuration")?,
        selection: track_selection(options)?,
        // The server reads the credentials in the new component, which crashes on invalid ones.
        uploaded: s3_credentials(options, "s3").map_err(|_| CommandError::RoomCrash)?,
    };
    Ok(ComponentKind::Hls(kind))
}

fn rtsp(options: Options<'_>) -> Result<ComponentKind, OptionError> {
    options.require(&["sourceUri"])?;
    Ok(ComponentKind::Rtsp {
        source_uri: options.string("sourceUri")?,
        rtp_port: options.number("rtpPort", 20_000, 1, 65_535)?,
        reconnect_delay: options.number("reconnectDelay", 15_000, 0, i64::MAX)?,
        keep_alive_interval: options.number("keepAliveInterval", 15_000, 0, i64::MAX)?,
        pierce_nat: options.boolean("pierceNat", true)?,
    })
}

fn file(options: Options<'_>, resources: &Resources) -> Result<ComponentKind, CommandError> {
    let bad_framerate = || Refusal::bad_request("Invalid framerate passed");
    options.require(&["filePath"])?;
    let file_path = options.string("filePath")?;
    let framerate =
        options.nullable_number("framerate").map_err(|_| match options.get("framerate").and_then(printed) {
            Some(_) => CommandError::Refused(bad_framerate()),
            // The server prints the value into a log line, which crashes the room.
            None => CommandError::RoomCrash,
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
            Ok(ComponentKind::File { file_path, framerate, track_kind: TrackKind::Video })
        }
        (".ogg", None) => Ok(ComponentKind::File { file_path, framerate, track_kind: TrackKind::Audio }),
        (".ogg", Some(_)) => {
            let message = "Attempted to set framerate for audio component which is not supported.";
            Err(Refusal::bad_request(message).into())
        }
        _ => Err(Refusal::bad_request("Unsupported file type").into()),
    }
}

fn sip(options: Options<'_>) -> Result<ComponentKind, CommandError> {
    options.require(&["registrarCredentials"])?;
    let credentials = options.object("registrarCredentials")?;
    credentials.require(&["address", "username", "password"])?;
    let address = credentials.string("address")?;
    let username = credentials.string("username")?;
    let password = credentials.string("password")?;
    // For an address without a host, the server raises an error.
    if address.is_empty() || address.starts_with([';', '?']) {
        return Err(CommandError::RoomCrash);
    }
    Ok(ComponentKind::Sip { address, username, password })
}

fn recording(options: Options<'_>, environment: Option<&S3Environment>) -> Result<ComponentKind, CommandError> {
    let selection = track_selection(options)?;
    let own_credentials = s3_credentials(options, "credentials")?;
    let own_prefix = options.nullable_string("pathPrefix")?;
    let conflict = |what| {
        let message = format!(
            "Conflicting S3 {what} supplied via environment variables and the REST API. Overrides on existing values \
             are disallowed"
        );
        Err(Refusal::bad_request(message).into())
    };
    match (own_credentials, environment) {
        (true, Some(_)) => return conflict("credentials"),
        (false, None) => {
            let message = "S3 credentials has to be passed either by request or at application startup as envs";
            return Err(Refusal::bad_request(message).into());
        }
        _ => {}
    }
    if own_prefix.is_some() && environment.is_some_and(|environment| environment.path_prefix) {
        return conflict("path prefix");
    }
    Ok(ComponentKind::Recording(selection))
}

fn track_selection(options: Options<'_>) -> Result<TrackSelection, OptionError> {
    match options.get("subscribeMode") {
        None => Ok(TrackSelection::Auto),
        Some(Value::String(mode)) if mode == "auto" => Ok(TrackSelection::Auto),
        Some(Value::String(mode)) if mode == "manual" => Ok(TrackSelection::Manual(Vec::new())),
        Some(_) => Err(OptionError::Invalid),
    }
}

/// Returns `true` if the options contain S3 credentials, which must be complete.
///
/// A missing member is [`OptionError::Invalid`] here.
fn s3_credentials(options: Options<'_>, name: &str) -> Result<bool, OptionError> {
    let Some(credentials) = options.nullable_object(name)? else { return Ok(false) };
    for name in ["accessKeyId", "secretAccessKey", "region", "bucket"] {
        credentials.string(name)?;
    }
    Ok(true)
}

/// Returns `true` if SIP accepts a number: digits and separators, optionally after a plus sign, or an empty string.
///
/// This is an assumption. It is only known that a bad number crashes the component some time later.
pub(crate) fn is_phone_number(number: &str) -> bool {
    let number = number.strip_prefix('+').unwrap_or(number);
    number.chars().all(|one| one.is_ascii_digit() || " -().*#".contains(one))
}
