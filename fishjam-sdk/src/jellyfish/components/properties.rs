//! How a component is set up and how it is doing, as the server answers.

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

/// How an HLS stream is set up and how it is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HlsProperties {
    /// Whether it is a low latency stream.
    pub low_latency: bool,
    /// Whether it is kept as a recording.
    pub persistent: bool,
    /// Whether there is something to play yet.
    pub playable: bool,
    /// Which tracks it is made of.
    pub subscribe_mode: SubscribeMode,
    /// How far its playlist reaches back; `None` for to the beginning, and also where the server sends a number below
    /// zero, such as -1.
    pub target_window_duration: Option<Duration>,
}

/// How the stream of an RTSP camera is set up. `Debug` prints no more of its address than scheme and host: the rest may
/// hold a name and a password.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RtspProperties {
    /// The address of the camera's stream.
    pub source_uri: String,
    /// The local port that receives the stream.
    pub rtp_port: u16,
    /// After how long the camera is tried again.
    pub reconnect_delay: Duration,
    /// How often the camera is told that the stream is still wanted.
    pub keep_alive_interval: Duration,
    /// Whether a datagram is sent to the camera to open a path through NAT.
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

/// Which file is played.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileProperties {
    /// The file's path below the server's directory of such files.
    pub file_path: String,
    /// How many pictures a second a video has; `None` for audio.
    pub framerate: Option<u32>,
}

/// How a telephone is set up.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SipProperties {
    /// Access to the registrar through which it calls, the password included.
    pub registrar_credentials: SipCredentials,
}

/// How a recording is set up.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordingProperties {
    /// Which tracks are recorded.
    pub subscribe_mode: SubscribeMode,
}

/// How a component is set up, by its kind.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum ComponentProperties {
    /// Of an HLS stream of the room.
    Hls(HlsProperties),
    /// Of the stream of an RTSP camera.
    Rtsp(RtspProperties),
    /// Of a file.
    File(FileProperties),
    /// Of a telephone.
    Sip(SipProperties),
    /// Of a recording in an S3 storage.
    Recording(RecordingProperties),
    /// Of a kind that this version does not know, or not of this form, as the server wrote them. `Debug` does not print
    /// them: nobody knows what they hold.
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
            Wire::File(types::ComponentPropertiesFile { file_path, framerate }) => {
                let framerate = framerate.and_then(|framerate| u32::try_from(framerate).ok());
                Self::File(FileProperties { file_path, framerate })
            }
            Wire::Sip(types::ComponentPropertiesSip { registrar_credentials }) => {
                Self::Sip(SipProperties { registrar_credentials: registrar_credentials.into() })
            }
            Wire::Recording(types::ComponentPropertiesRecording { subscribe_mode }) => {
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
            // The server takes no other.
            rtp_port: u16::try_from(rtsp.rtp_port).unwrap_or_default(),
            reconnect_delay: of_milliseconds(rtsp.reconnect_delay),
            keep_alive_interval: of_milliseconds(rtsp.keep_alive_interval),
            pierce_nat: rtsp.pierce_nat,
        }
    }
}
