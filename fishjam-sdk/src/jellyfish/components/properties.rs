//! The properties of components in responses.

use std::{fmt, time::Duration};

use fishjam_api::jellyfish::types;
use serde_json::Value;

use super::{
    super::{
        SubscribeMode,
        timeout::{of_milliseconds, of_seconds},
    },
    credentials::SipCredentials,
};
use crate::secret::Address;

/// The properties of an HLS stream.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// number.
    pub target_window_duration: Option<Duration>,
}

/// The properties of an RTSP stream.
///
/// `Debug` prints only scheme and host of the address, because the rest may contain a user name and a password.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RtspProperties {
    /// The address of the camera's stream.
    pub source_uri: String,
    /// The local port that receives the stream.
    pub rtp_port: u16,
    /// The delay before the server reconnects to the camera.
    pub reconnect_delay: Duration,
    /// The interval at which the server sends keep-alive requests to the camera.
    pub keep_alive_interval: Duration,
    /// Whether the server sends a datagram to the camera to open a path through NAT.
    pub pierce_nat: bool,
}

impl fmt::Debug for RtspProperties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RtspProperties")
            .field("source_uri", &Address(&self.source_uri))
            .field("rtp_port", &self.rtp_port)
            .field("reconnect_delay", &self.reconnect_delay)
            .field("keep_alive_interval", &self.keep_alive_interval)
            .field("pierce_nat", &self.pierce_nat)
            .finish()
    }
}

/// The properties of a file component.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileProperties {
    /// The path of the file in the server's directory of component sources.
    pub file_path: String,
    /// Frames per second of a video, or `None` for audio.
    pub framerate: Option<u32>,
}

/// The properties of a SIP component.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SipProperties {
    /// The credentials for the registrar, including the password.
    pub registrar_credentials: SipCredentials,
}

/// The properties of a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordingProperties {
    /// The selection of the recorded tracks.
    pub subscribe_mode: SubscribeMode,
}

/// The properties of a component of any kind.
#[derive(Clone, PartialEq)]
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

impl From<fishjam_api::ComponentProperties> for ComponentProperties {
    fn from(properties: fishjam_api::ComponentProperties) -> Self {
        use fishjam_api::ComponentProperties as Wire;
        match properties {
            Wire::Hls(hls) => Self::Hls(hls.into()),
            Wire::Rtsp(rtsp) => Self::Rtsp(rtsp.into()),
            Wire::File(types::ComponentPropertiesFile { file_path, framerate, .. }) => {
                let framerate = framerate.and_then(|framerate| u32::try_from(framerate).ok());
                Self::File(FileProperties { file_path, framerate })
            }
            Wire::Sip(types::ComponentPropertiesSip { registrar_credentials, .. }) => {
                Self::Sip(SipProperties { registrar_credentials: registrar_credentials.into() })
            }
            Wire::Recording(types::ComponentPropertiesRecording { subscribe_mode, .. }) => {
                Self::Recording(RecordingProperties { subscribe_mode })
            }
            Wire::Unknown(value) => Self::Unknown(value),
        }
    }
}

impl From<types::ComponentPropertiesHls> for HlsProperties {
    fn from(hls: types::ComponentPropertiesHls) -> Self {
        Self {
            low_latency: hls.low_latency,
            persistent: hls.persistent,
            playable: hls.playable,
            subscribe_mode: hls.subscribe_mode,
            target_window_duration: of_seconds(hls.target_window_duration),
        }
    }
}

impl From<types::ComponentPropertiesRtsp> for RtspProperties {
    fn from(rtsp: types::ComponentPropertiesRtsp) -> Self {
        Self {
            source_uri: rtsp.source_uri,
            // The server accepts only valid ports.
            rtp_port: u16::try_from(rtsp.rtp_port).unwrap_or_default(),
            reconnect_delay: of_milliseconds(rtsp.reconnect_delay),
            keep_alive_interval: of_milliseconds(rtsp.keep_alive_interval),
            pierce_nat: rtsp.pierce_nat,
        }
    }
}
