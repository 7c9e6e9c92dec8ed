//! The properties of components in responses.

use std::{fmt, time::Duration};

use fishjam_api::jellyfish::{enums::SubscribeMode, types};
use serde::Serialize;
use serde_json::Value;

use super::{
    super::timeout::{of_milliseconds, of_seconds, optional_seconds, whole_milliseconds},
    credentials::SipCredentials,
};
use crate::{
    extra::{Extra, read_model},
    secret::Address,
};

/// The properties of an HLS stream.
///
/// A server of version 0.5 also sends the member `s3`, which is always `null` and therefore part of
/// [`extra`](Self::extra).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct HlsProperties {
    /// Whether the stream is a low-latency stream.
    pub low_latency: bool,
    /// Whether the server keeps the stream as a recording.
    pub persistent: bool,
    /// Whether the stream is playable.
    pub playable: bool,
    /// The selection of the stream's tracks.
    pub subscribe_mode: SubscribeMode,
    /// The duration of the playlist. `None` if the playlist reaches back to the start, or if the server sends a negative
    /// number. Serializes as whole seconds.
    #[serde(serialize_with = "optional_seconds")]
    pub target_window_duration: Option<Duration>,
    #[serde(flatten)]
    extra: Extra,
}

read_model!(HlsProperties, types::ComponentPropertiesHls);

impl HlsProperties {
    fn from_wire(hls: types::ComponentPropertiesHls) -> Self {
        Self {
            low_latency: hls.low_latency,
            persistent: hls.persistent,
            playable: hls.playable,
            subscribe_mode: hls.subscribe_mode,
            target_window_duration: of_seconds(hls.target_window_duration),
            extra: Extra::new(hls.extra),
        }
    }
}

/// The server's defaults for a stream that is not playable yet.
impl Default for HlsProperties {
    fn default() -> Self {
        Self {
            low_latency: false,
            persistent: false,
            playable: false,
            subscribe_mode: SubscribeMode::Auto,
            target_window_duration: None,
            extra: Extra::default(),
        }
    }
}

/// The properties of an RTSP stream.
///
/// `Debug` prints only scheme and host of the address, because the rest may contain a user name and a password. The
/// address is a setting that the server returns, so it serializes completely.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RtspProperties {
    /// The address of the camera's stream.
    pub source_uri: String,
    /// The local port that receives the stream.
    pub rtp_port: u16,
    /// The delay before the server reconnects to the camera. Serializes as whole milliseconds.
    #[serde(serialize_with = "whole_milliseconds")]
    pub reconnect_delay: Duration,
    /// The interval at which the server sends keep-alive requests to the camera. Serializes as whole milliseconds.
    #[serde(serialize_with = "whole_milliseconds")]
    pub keep_alive_interval: Duration,
    /// Whether the server sends a datagram to the camera to open a path through NAT.
    pub pierce_nat: bool,
    #[serde(flatten)]
    extra: Extra,
}

read_model!(RtspProperties, types::ComponentPropertiesRtsp);

impl RtspProperties {
    fn from_wire(rtsp: types::ComponentPropertiesRtsp) -> Self {
        Self {
            source_uri: rtsp.source_uri,
            // The server accepts only valid ports.
            rtp_port: u16::try_from(rtsp.rtp_port).unwrap_or_default(),
            reconnect_delay: of_milliseconds(rtsp.reconnect_delay),
            keep_alive_interval: of_milliseconds(rtsp.keep_alive_interval),
            pierce_nat: rtsp.pierce_nat,
            extra: Extra::new(rtsp.extra),
        }
    }
}

/// The server's defaults, with an empty address.
impl Default for RtspProperties {
    fn default() -> Self {
        Self {
            source_uri: String::new(),
            rtp_port: 20_000,
            reconnect_delay: Duration::from_secs(15),
            keep_alive_interval: Duration::from_secs(15),
            pierce_nat: true,
            extra: Extra::default(),
        }
    }
}

impl fmt::Debug for RtspProperties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RtspProperties")
            .field("source_uri", &Address(&self.source_uri))
            .field("rtp_port", &self.rtp_port)
            .field("reconnect_delay", &self.reconnect_delay)
            .field("keep_alive_interval", &self.keep_alive_interval)
            .field("pierce_nat", &self.pierce_nat)
            .field("extra", &self.extra)
            .finish()
    }
}

/// The properties of a file component.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct FileProperties {
    /// The path of the file in the server's directory of component sources.
    pub file_path: String,
    /// Frames per second of a video, or `None` for audio.
    pub framerate: Option<u32>,
    #[serde(flatten)]
    extra: Extra,
}

read_model!(FileProperties, types::ComponentPropertiesFile);

impl FileProperties {
    fn from_wire(file: types::ComponentPropertiesFile) -> Self {
        let framerate = file.framerate.and_then(|framerate| u32::try_from(framerate).ok());
        Self { file_path: file.file_path, framerate, extra: Extra::new(file.extra) }
    }
}

/// The properties of a SIP component.
///
/// The password serializes as `[redacted]`. Properties with such a password cannot be read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SipProperties {
    /// The credentials for the registrar, including the password.
    pub registrar_credentials: SipCredentials,
    #[serde(flatten)]
    extra: Extra,
}

read_model!(SipProperties, types::ComponentPropertiesSip, |sip| sip.registrar_credentials.is_redacted());

impl SipProperties {
    fn from_wire(sip: types::ComponentPropertiesSip) -> Self {
        let registrar_credentials = SipCredentials::from_wire(sip.registrar_credentials);
        Self { registrar_credentials, extra: Extra::new(sip.extra) }
    }
}

/// The properties of a recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RecordingProperties {
    /// The selection of the recorded tracks.
    pub subscribe_mode: SubscribeMode,
    #[serde(flatten)]
    extra: Extra,
}

read_model!(RecordingProperties, types::ComponentPropertiesRecording);

impl RecordingProperties {
    fn from_wire(recording: types::ComponentPropertiesRecording) -> Self {
        Self { subscribe_mode: recording.subscribe_mode, extra: Extra::new(recording.extra) }
    }
}

/// The server's default: all tracks.
impl Default for RecordingProperties {
    fn default() -> Self {
        Self { subscribe_mode: SubscribeMode::Auto, extra: Extra::default() }
    }
}

/// The properties of a component of any kind.
///
/// They serialize as the properties of the kind. Only a [`Component`](super::Component) can be read back, because its type
/// determines the kind.
#[derive(Clone, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum ComponentProperties {
    /// The properties of an HLS stream.
    Hls(HlsProperties),
    /// The properties of an RTSP stream.
    Rtsp(RtspProperties),
    /// The properties of a file component.
    File(FileProperties),
    /// The properties of a SIP component.
    Sip(SipProperties),
    /// The properties of a recording in an S3 bucket.
    Recording(RecordingProperties),
    /// Properties of an unknown kind, or of an unexpected form, as the server sent them.
    ///
    /// `Debug` does not print them, because they may contain secrets.
    Unknown(Value),
}

impl fmt::Debug for ComponentProperties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hls(properties) => properties.fmt(f),
            Self::Rtsp(properties) => properties.fmt(f),
            Self::File(properties) => properties.fmt(f),
            Self::Sip(properties) => properties.fmt(f),
            Self::Recording(properties) => properties.fmt(f),
            Self::Unknown(_) => f.write_str("Unknown(..)"),
        }
    }
}

impl ComponentProperties {
    pub(super) fn from_wire(properties: fishjam_api::ComponentProperties) -> Self {
        use fishjam_api::ComponentProperties as Wire;
        match properties {
            Wire::Hls(hls) => Self::Hls(HlsProperties::from_wire(hls)),
            Wire::Rtsp(rtsp) => Self::Rtsp(RtspProperties::from_wire(rtsp)),
            Wire::File(file) => Self::File(FileProperties::from_wire(file)),
            Wire::Sip(sip) => Self::Sip(SipProperties::from_wire(sip)),
            Wire::Recording(recording) => Self::Recording(RecordingProperties::from_wire(recording)),
            Wire::Unknown(value) => Self::Unknown(value),
        }
    }
}
