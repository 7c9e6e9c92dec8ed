//! A component of a Jellyfish room, whose form is decided by its `type`.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::jellyfish::types;

/// Something that brings media into a room or takes it out.
///
/// One whose `type` is new, or whose properties are not those of its `type`, is kept as it came: it must not make a
/// whole list of rooms undecodable.
#[derive(Clone, Debug)]
pub struct Component {
    /// ID of the component.
    pub id: String,
    /// Its kind.
    pub type_: String,
    /// What it brings into the room.
    pub tracks: Vec<types::Track>,
    /// How it is set up, by its kind.
    pub properties: ComponentProperties,
}

/// How a component is set up.
#[derive(Clone, Debug)]
pub enum ComponentProperties {
    /// Of `hls`.
    Hls(types::ComponentPropertiesHls),
    /// Of `rtsp`.
    Rtsp(types::ComponentPropertiesRtsp),
    /// Of `file`.
    File(types::ComponentPropertiesFile),
    /// Of `sip`.
    Sip(types::ComponentPropertiesSip),
    /// Of `recording`.
    Recording(types::ComponentPropertiesRecording),
    /// Anything else; `null` if there are none.
    Unknown(Value),
}

impl ComponentProperties {
    fn of(kind: &str, value: Value) -> Self {
        let known = match kind {
            "hls" => types::ComponentPropertiesHls::deserialize(&value).map(Self::Hls),
            "rtsp" => types::ComponentPropertiesRtsp::deserialize(&value).map(Self::Rtsp),
            "file" => types::ComponentPropertiesFile::deserialize(&value).map(Self::File),
            "sip" => types::ComponentPropertiesSip::deserialize(&value).map(Self::Sip),
            "recording" => types::ComponentPropertiesRecording::deserialize(&value).map(Self::Recording),
            _ => return Self::Unknown(value),
        };
        known.unwrap_or(Self::Unknown(value))
    }
}

impl<'de> Deserialize<'de> for Component {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Wire {
            id: String,
            #[serde(rename = "type")]
            type_: String,
            #[serde(default)]
            tracks: Vec<types::Track>,
            #[serde(default)]
            properties: Value,
        }
        let Wire { id, type_, tracks, properties } = Wire::deserialize(deserializer)?;
        let properties = ComponentProperties::of(&type_, properties);
        Ok(Self { id, type_, tracks, properties })
    }
}
