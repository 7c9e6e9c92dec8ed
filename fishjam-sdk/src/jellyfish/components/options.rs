//! What a new component is to be like, by its kind.

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

/// An HLS stream of the room, for players; whatever is not set is left to the server.
///
/// It needs a room whose codec is set to H.264, and a room has one at most.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Hls {
    /// Whether the stream is a low latency one. Server's default: it is not.
    pub low_latency: Option<bool>,
    /// Whether the stream is kept as a recording. Server's default: it is not.
    pub persistent: Option<bool>,
    /// How far the playlist reaches back, in whole seconds. Server's default: to the beginning.
    pub target_window_duration: Option<Duration>,
    /// Which tracks the stream is made of. Server's default: [`SubscribeMode::Auto`].
    pub subscribe_mode: Option<SubscribeMode>,
    /// Where the stream is uploaded to once the room has ended. Default: nowhere.
    pub s3: Option<S3Credentials>,
}

impl Hls {
    /// Options that leave everything to the server.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes the stream a low latency one, or not.
    #[must_use]
    pub fn low_latency(mut self, low_latency: bool) -> Self {
        self.low_latency = Some(low_latency);
        self
    }

    /// Keeps the stream as a recording with the id of the room, or not.
    #[must_use]
    pub fn persistent(mut self, persistent: bool) -> Self {
        self.persistent = Some(persistent);
        self
    }

    /// Chooses how far the playlist reaches back, in whole seconds.
    #[must_use]
    pub fn target_window_duration(mut self, duration: Duration) -> Self {
        self.target_window_duration = Some(duration);
        self
    }

    /// Chooses whether the stream is made of all tracks or of those that it is
    /// [subscribed](crate::jellyfish::JellyfishClient::subscribe) to.
    #[must_use]
    pub fn subscribe_mode(mut self, mode: SubscribeMode) -> Self {
        self.subscribe_mode = Some(mode);
        self
    }

    /// Has the stream uploaded to this storage once the room has ended.
    #[must_use]
    pub fn s3(mut self, credentials: S3Credentials) -> Self {
        self.s3 = Some(credentials);
        self
    }
}

/// The stream of an RTSP camera, brought into the room; whatever is not set is left to the server.
///
/// It needs a room whose codec is set to H.264. `Debug` prints no more of the camera's address than scheme and host: the
/// rest may hold a name and a password.
#[derive(Clone)]
#[non_exhaustive]
pub struct Rtsp {
    /// The address of the camera's stream.
    pub source_uri: String,
    /// The local port that receives the stream. Server's default: 20000.
    pub rtp_port: Option<u16>,
    /// After how long the camera is tried again, in whole milliseconds. Server's default: 15 seconds.
    pub reconnect_delay: Option<Duration>,
    /// How often the camera is told that the stream is still wanted, in whole milliseconds. Server's default: every 15
    /// seconds.
    pub keep_alive_interval: Option<Duration>,
    /// Whether a datagram is sent to the camera to open a path through NAT. Server's default: it is.
    pub pierce_nat: Option<bool>,
}

impl Rtsp {
    /// The camera's stream at this address, such as `rtsp://camera/stream`, with everything else left to the server.
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

    /// Chooses the local port that receives the stream.
    #[must_use]
    pub fn rtp_port(mut self, port: u16) -> Self {
        self.rtp_port = Some(port);
        self
    }

    /// Chooses after how long the camera is tried again, in whole milliseconds.
    #[must_use]
    pub fn reconnect_delay(mut self, delay: Duration) -> Self {
        self.reconnect_delay = Some(delay);
        self
    }

    /// Chooses how often the camera is told that the stream is still wanted, in whole milliseconds.
    #[must_use]
    pub fn keep_alive_interval(mut self, interval: Duration) -> Self {
        self.keep_alive_interval = Some(interval);
        self
    }

    /// Chooses whether a datagram is sent to the camera to open a path through NAT.
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

/// A file of the server's, played into the room once.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct File {
    /// The file's path below the server's directory of such files; its name ends in `.h264` or `.ogg`.
    pub file_path: String,
    /// How many pictures a second a video has. Server's default: 30; audio has none.
    pub framerate: Option<u32>,
}

impl File {
    /// The file at this path below the server's directory of such files, `file_component_sources`.
    #[must_use]
    pub fn new(file_path: impl Into<String>) -> Self {
        Self { file_path: file_path.into(), framerate: None }
    }

    /// Says how many pictures a second a video has; refused for audio.
    #[must_use]
    pub fn framerate(mut self, framerate: u32) -> Self {
        self.framerate = Some(framerate);
        self
    }
}

/// A telephone that takes part in the room; see [`JellyfishClient::dial`](crate::jellyfish::JellyfishClient::dial).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sip {
    /// Access to the registrar through which it calls.
    pub registrar_credentials: SipCredentials,
}

impl Sip {
    /// A telephone that calls through this registrar.
    #[must_use]
    pub fn new(registrar_credentials: SipCredentials) -> Self {
        Self { registrar_credentials }
    }
}

/// A recording of the room's tracks in an S3 storage; whatever is not set is left to the server.
///
/// It needs a room whose codec is set to H.264, and a room has one at most.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Recording {
    /// What the names of the uploaded files begin with. Default: what the server was started with.
    pub path_prefix: Option<String>,
    /// The storage. Default: the one that the server was started with, which nothing else may take the place of.
    pub credentials: Option<S3Credentials>,
    /// Which tracks are recorded. Server's default: [`SubscribeMode::Auto`].
    pub subscribe_mode: Option<SubscribeMode>,
}

impl Recording {
    /// Options that leave everything to the server.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Chooses what the names of the uploaded files begin with; refused if the server was started with a prefix.
    #[must_use]
    pub fn path_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.path_prefix = Some(prefix.into());
        self
    }

    /// Chooses the storage; refused if the server was started with one.
    #[must_use]
    pub fn credentials(mut self, credentials: S3Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// Chooses whether all tracks are recorded or those that the recording is
    /// [subscribed](crate::jellyfish::JellyfishClient::subscribe) to.
    #[must_use]
    pub fn subscribe_mode(mut self, mode: SubscribeMode) -> Self {
        self.subscribe_mode = Some(mode);
        self
    }
}

/// What a new component is to be like, by its kind; made from any of the kinds' own options.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ComponentOptions {
    /// An HLS stream of the room.
    Hls(Hls),
    /// The stream of an RTSP camera.
    Rtsp(Rtsp),
    /// A file, played once.
    File(File),
    /// A telephone.
    Sip(Sip),
    /// A recording in an S3 storage.
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
    /// The secrets that they hold.
    pub(super) fn secrets(&self) -> Vec<&str> {
        let storage = match self {
            Self::Hls(Hls { s3, .. }) => s3,
            Self::Recording(Recording { credentials, .. }) => credentials,
            Self::Sip(Sip { registrar_credentials }) => return vec![registrar_credentials.password.expose()],
            Self::Rtsp(Rtsp { source_uri, .. }) => return secrets_of_address(source_uri),
            Self::File(_) => &None,
        };
        storage.iter().map(|storage| storage.secret_access_key.expose()).collect()
    }

    /// The kind's name on the wire and the options as they are sent; refused is what would end the room or can only be
    /// a mistake.
    pub(super) fn into_wire(self) -> Result<(&'static str, types::ComponentOptions)> {
        Ok(match self {
            Self::Hls(hls) => ("hls", types::ComponentOptionsHls::try_from(hls)?.into()),
            Self::Rtsp(rtsp) => ("rtsp", types::ComponentOptionsRtsp::try_from(rtsp)?.into()),
            Self::File(File { file_path, framerate }) => {
                ("file", types::ComponentOptionsFile { file_path, framerate: framerate.map(Into::into) }.into())
            }
            Self::Sip(Sip { registrar_credentials }) => {
                registrar_credentials.complete()?;
                let registrar_credentials = registrar_credentials.into();
                ("sip", types::ComponentOptionsSip { registrar_credentials }.into())
            }
            Self::Recording(recording) => ("recording", types::ComponentOptionsRecording::try_from(recording)?.into()),
        })
    }
}

/// A mode that the server knows.
fn known(mode: Option<SubscribeMode>) -> Result<Option<SubscribeMode>> {
    match mode {
        Some(SubscribeMode::Unknown(mode)) => {
            Err(Error::invalid_input(format!("the subscribe mode is {mode:?}, not `auto` or `manual`")))
        }
        known => Ok(known),
    }
}

/// Credentials that are complete.
fn complete(credentials: Option<S3Credentials>) -> Result<Option<types::S3Credentials>> {
    if let Some(credentials) = &credentials {
        credentials.complete()?;
    }
    Ok(credentials.map(Into::into))
}

impl TryFrom<Hls> for types::ComponentOptionsHls {
    type Error = Error;

    fn try_from(hls: Hls) -> Result<Self> {
        Ok(Self {
            low_latency: hls.low_latency,
            persistent: hls.persistent,
            s3: complete(hls.s3)?,
            subscribe_mode: known(hls.subscribe_mode)?,
            target_window_duration: seconds("the target window duration", hls.target_window_duration)?,
        })
    }
}

impl TryFrom<Rtsp> for types::ComponentOptionsRtsp {
    type Error = Error;

    fn try_from(rtsp: Rtsp) -> Result<Self> {
        Ok(Self {
            keep_alive_interval: milliseconds("the keep-alive interval", rtsp.keep_alive_interval)?,
            pierce_nat: rtsp.pierce_nat,
            reconnect_delay: milliseconds("the reconnect delay", rtsp.reconnect_delay)?,
            rtp_port: rtsp.rtp_port.map(Into::into),
            source_uri: rtsp.source_uri,
        })
    }
}

impl TryFrom<Recording> for types::ComponentOptionsRecording {
    type Error = Error;

    fn try_from(recording: Recording) -> Result<Self> {
        Ok(Self {
            credentials: complete(recording.credentials)?,
            path_prefix: recording.path_prefix,
            subscribe_mode: known(recording.subscribe_mode)?,
        })
    }
}
