//! Options for new components.

use std::{fmt, time::Duration};

use fishjam_api::jellyfish::types;

use super::{
    super::{
        SubscribeMode,
        timeout::{milliseconds, seconds},
    },
    credentials::{S3Credentials, SipCredentials, secrets_of_address},
};
use crate::{
    error::{Error, Result},
    secret::Address,
};

/// Options for an HLS stream of a room. Unset options use the server's defaults.
///
/// The codec of the room must be H.264. A room can have one HLS stream.
///
/// ```
/// use std::time::Duration;
/// use fishjam_sdk::jellyfish::{Hls, SubscribeMode};
///
/// let hls = Hls::new().low_latency(true).subscribe_mode(SubscribeMode::Manual).target_window_duration(Duration::from_secs(60));
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Hls {
    low_latency: Option<bool>,
    persistent: Option<bool>,
    target_window_duration: Option<Duration>,
    subscribe_mode: Option<SubscribeMode>,
    s3: Option<S3Credentials>,
}

impl Hls {
    /// Creates options with the server's defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets whether the stream is a low-latency stream. Server default: `false`.
    #[must_use]
    pub fn low_latency(mut self, low_latency: bool) -> Self {
        self.low_latency = Some(low_latency);
        self
    }

    /// Sets whether the server keeps the stream as a recording. Server default: `false`.
    ///
    /// The recording has the id of the room.
    #[must_use]
    pub fn persistent(mut self, persistent: bool) -> Self {
        self.persistent = Some(persistent);
        self
    }

    /// Sets the duration of the playlist, in whole seconds. Server default: the whole stream.
    #[must_use]
    pub fn target_window_duration(mut self, duration: Duration) -> Self {
        self.target_window_duration = Some(duration);
        self
    }

    /// Sets the selection of the stream's tracks: all tracks, or only
    /// [subscribed](crate::jellyfish::JellyfishClient::subscribe) ones.
    ///
    /// Server default: [`SubscribeMode::Auto`].
    #[must_use]
    pub fn subscribe_mode(mut self, mode: SubscribeMode) -> Self {
        self.subscribe_mode = Some(mode);
        self
    }

    /// Sets the storage for the upload after the end of the room. Server default: no upload.
    #[must_use]
    pub fn s3(mut self, credentials: S3Credentials) -> Self {
        self.s3 = Some(credentials);
        self
    }
}

/// Options for the stream of an RTSP camera. Unset options use the server's defaults.
///
/// The codec of the room must be H.264. `Debug` prints only scheme and host of the camera's address, because the rest may
/// contain a user name and a password.
///
/// ```
/// use std::time::Duration;
/// use fishjam_sdk::jellyfish::Rtsp;
///
/// let camera = Rtsp::new("rtsp://camera/stream").reconnect_delay(Duration::from_secs(5));
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Rtsp {
    source_uri: String,
    rtp_port: Option<u16>,
    reconnect_delay: Option<Duration>,
    keep_alive_interval: Option<Duration>,
    pierce_nat: Option<bool>,
}

impl Rtsp {
    /// Creates options for the stream at this address, such as `rtsp://camera/stream`.
    #[must_use]
    pub fn new(source_uri: impl Into<String>) -> Self {
        Self {
            source_uri: source_uri.into(),
            rtp_port: None,
            reconnect_delay: None,
            keep_alive_interval: None,
            pierce_nat: None,
        }
    }

    /// Sets the local port that receives the stream. Server default: 20000.
    #[must_use]
    pub fn rtp_port(mut self, port: u16) -> Self {
        self.rtp_port = Some(port);
        self
    }

    /// Sets the delay before the server reconnects to the camera, in whole milliseconds.
    ///
    /// Server default: 15 seconds.
    #[must_use]
    pub fn reconnect_delay(mut self, delay: Duration) -> Self {
        self.reconnect_delay = Some(delay);
        self
    }

    /// Sets the interval of the keep-alive requests to the camera, in whole milliseconds.
    ///
    /// Server default: 15 seconds.
    #[must_use]
    pub fn keep_alive_interval(mut self, interval: Duration) -> Self {
        self.keep_alive_interval = Some(interval);
        self
    }

    /// Sets whether the server sends the camera a datagram that opens a path through NAT.
    ///
    /// Server default: `true`.
    #[must_use]
    pub fn pierce_nat(mut self, pierce: bool) -> Self {
        self.pierce_nat = Some(pierce);
        self
    }
}

impl fmt::Debug for Rtsp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rtsp")
            .field("source_uri", &Address(&self.source_uri))
            .field("rtp_port", &self.rtp_port)
            .field("reconnect_delay", &self.reconnect_delay)
            .field("keep_alive_interval", &self.keep_alive_interval)
            .field("pierce_nat", &self.pierce_nat)
            .finish()
    }
}

/// Options for a file on the server that is played into the room once.
///
/// ```
/// use fishjam_sdk::jellyfish::File;
///
/// let video = File::new("intro.h264").framerate(30);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct File {
    file_path: String,
    framerate: Option<u32>,
}

impl File {
    /// Creates options for the file at this path in the server's directory `file_component_sources`.
    ///
    /// The name of the file must end in `.h264` or `.ogg`.
    #[must_use]
    pub fn new(file_path: impl Into<String>) -> Self {
        Self { file_path: file_path.into(), framerate: None }
    }

    /// Sets the frames per second of a video. Server default: 30.
    ///
    /// The server rejects a frame rate for audio.
    #[must_use]
    pub fn framerate(mut self, framerate: u32) -> Self {
        self.framerate = Some(framerate);
        self
    }
}

/// Options for a SIP component, which takes part in a room by telephone.
///
/// To call a number, use [`JellyfishClient::dial`](crate::jellyfish::JellyfishClient::dial).
///
/// ```
/// use fishjam_sdk::jellyfish::{Sip, SipCredentials};
///
/// let phone = Sip::new(SipCredentials::new("sip.example.com", "user", "password"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sip {
    registrar_credentials: SipCredentials,
}

impl Sip {
    /// Creates options for a component that calls through this registrar.
    #[must_use]
    pub fn new(registrar_credentials: SipCredentials) -> Self {
        Self { registrar_credentials }
    }
}

/// Options for a recording of a room's tracks in an S3 bucket. Unset options use the server's defaults.
///
/// The codec of the room must be H.264. A room can have one recording.
///
/// ```
/// use fishjam_sdk::jellyfish::{Recording, SubscribeMode};
///
/// let recording = Recording::new().path_prefix("lessons").subscribe_mode(SubscribeMode::Auto);
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Recording {
    path_prefix: Option<String>,
    credentials: Option<S3Credentials>,
    subscribe_mode: Option<SubscribeMode>,
}

impl Recording {
    /// Creates options with the server's defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the prefix of the names of the uploaded files.
    ///
    /// Server default: the prefix of the server's configuration. If there is one, the server rejects this option.
    #[must_use]
    pub fn path_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.path_prefix = Some(prefix.into());
        self
    }

    /// Sets the storage.
    ///
    /// Server default: the storage of the server's configuration. If there is one, the server rejects this option.
    #[must_use]
    pub fn credentials(mut self, credentials: S3Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// Sets the selection of the recorded tracks: all tracks, or only
    /// [subscribed](crate::jellyfish::JellyfishClient::subscribe) ones.
    ///
    /// Server default: [`SubscribeMode::Auto`].
    #[must_use]
    pub fn subscribe_mode(mut self, mode: SubscribeMode) -> Self {
        self.subscribe_mode = Some(mode);
        self
    }
}

/// Options for a component of any kind.
///
/// [`Hls`], [`Rtsp`], [`File`], [`Sip`] and [`Recording`] convert to this type with [`Into`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ComponentOptions {
    /// Options for an HLS stream.
    Hls(Hls),
    /// Options for an RTSP stream.
    Rtsp(Rtsp),
    /// Options for a file.
    File(File),
    /// Options for a SIP component.
    Sip(Sip),
    /// Options for a recording in an S3 bucket.
    Recording(Recording),
}

macro_rules! kinds {
    ($($kind:ident),+) => {$(
        impl From<$kind> for ComponentOptions {
            fn from(options: $kind) -> Self {
                Self::$kind(options)
            }
        }
    )+};
}

kinds!(Hls, Rtsp, File, Sip, Recording);

impl ComponentOptions {
    /// Returns the secrets in the options.
    pub(super) fn secrets(&self) -> Vec<&str> {
        let storage = match self {
            Self::Hls(Hls { s3, .. }) => s3,
            Self::Recording(Recording { credentials, .. }) => credentials,
            Self::Sip(Sip { registrar_credentials }) => return vec![registrar_credentials.password().expose()],
            Self::Rtsp(Rtsp { source_uri, .. }) => return secrets_of_address(source_uri),
            Self::File(_) => &None,
        };
        storage.iter().map(|storage| storage.secret_access_key.expose()).collect()
    }

    /// Returns the name of the kind and the options for the request.
    ///
    /// Rejects options that would crash the room or can only be a mistake.
    pub(super) fn into_wire(self) -> Result<(&'static str, types::ComponentOptions)> {
        Ok(match self {
            Self::Hls(hls) => ("hls", hls.into_wire()?.into()),
            Self::Rtsp(rtsp) => ("rtsp", rtsp.into_wire()?.into()),
            Self::File(File { file_path, framerate }) => {
                ("file", types::ComponentOptionsFile { file_path, framerate: framerate.map(Into::into) }.into())
            }
            Self::Sip(Sip { registrar_credentials }) => {
                let registrar_credentials = registrar_credentials.into_wire("registrar_credentials")?;
                ("sip", types::ComponentOptionsSip { registrar_credentials }.into())
            }
            Self::Recording(recording) => ("recording", recording.into_wire()?.into()),
        })
    }
}

/// Returns the mode, if the server knows it.
fn known(mode: Option<SubscribeMode>) -> Result<Option<SubscribeMode>> {
    match mode {
        Some(SubscribeMode::Unknown(mode)) => {
            Err(Error::invalid_input(format!("invalid subscribe_mode: {mode:?}; use `auto` or `manual`")))
        }
        known => Ok(known),
    }
}

impl Hls {
    fn into_wire(self) -> Result<types::ComponentOptionsHls> {
        Ok(types::ComponentOptionsHls {
            low_latency: self.low_latency,
            persistent: self.persistent,
            s3: self.s3.map(|credentials| credentials.into_wire("s3")).transpose()?,
            subscribe_mode: known(self.subscribe_mode)?,
            target_window_duration: seconds("target_window_duration", self.target_window_duration)?,
        })
    }
}

impl Rtsp {
    fn into_wire(self) -> Result<types::ComponentOptionsRtsp> {
        Ok(types::ComponentOptionsRtsp {
            keep_alive_interval: milliseconds("keep_alive_interval", self.keep_alive_interval)?,
            pierce_nat: self.pierce_nat,
            reconnect_delay: milliseconds("reconnect_delay", self.reconnect_delay)?,
            rtp_port: self.rtp_port.map(Into::into),
            source_uri: self.source_uri,
        })
    }
}

impl Recording {
    fn into_wire(self) -> Result<types::ComponentOptionsRecording> {
        Ok(types::ComponentOptionsRecording {
            credentials: self.credentials.map(|credentials| credentials.into_wire("credentials")).transpose()?,
            path_prefix: self.path_prefix,
            subscribe_mode: known(self.subscribe_mode)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn only_set_options_are_sent() {
        for (options, sent) in [
            (Hls::new().into(), ("hls", json!({}))),
            (Recording::new().into(), ("recording", json!({}))),
            (Rtsp::new("rtsp://h").into(), ("rtsp", json!({ "sourceUri": "rtsp://h" }))),
            (File::new("a.ogg").into(), ("file", json!({ "filePath": "a.ogg" }))),
        ] {
            let options: ComponentOptions = options;
            let (kind, options) = options.into_wire().unwrap();
            assert_eq!((kind, serde_json::to_value(options).unwrap()), sent);
        }
    }

    #[test]
    fn error_names_the_setter_of_an_invalid_value() {
        let storage = || S3Credentials::new("id", "sentinel", "", "bucket");
        let odd = || SubscribeMode::Unknown("all".to_owned());
        let short = Duration::from_nanos(1);
        for (options, message) in [
            (ComponentOptions::from(Hls::new().s3(storage())), "invalid s3: the region is empty"),
            (Hls::new().subscribe_mode(odd()).into(), "invalid subscribe_mode: \"all\"; use `auto` or `manual`"),
            (Hls::new().target_window_duration(short).into(), "invalid target_window_duration: 1ns"),
            (Rtsp::new("").reconnect_delay(short).into(), "invalid reconnect_delay: 1ns"),
            (Rtsp::new("").keep_alive_interval(short).into(), "invalid keep_alive_interval: 1ns"),
            (Sip::new(SipCredentials::default()).into(), "invalid registrar_credentials: the address is empty"),
            (Recording::new().credentials(storage()).into(), "invalid credentials: the region is empty"),
            (Recording::new().subscribe_mode(odd()).into(), "invalid subscribe_mode: \"all\""),
        ] {
            let error = options.into_wire().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.to_string().contains(message), "{error}");
        }
    }
}
