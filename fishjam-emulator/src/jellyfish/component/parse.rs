//! The options of new components.

use serde_json::{Map, Value};

use super::{ComponentType, Feed, Hls, Kind};
use crate::{
    jellyfish::{
        command_error::Refused,
        flags::{S3Environment, Switches},
        options::{Misfit, Options},
        parameters::printed,
        resources::Resources,
    },
    refusal::Refusal,
    state::TrackKind,
};

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
