//! Components of Jellyfish rooms. The member `type` determines the properties.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::{
    jellyfish::types,
    unknown_members::{UnknownMembers, with_unknown_members},
};

/// A component, which adds media to a room or reads media from it.
///
/// Properties of an unknown form are kept as JSON, so that they do not make a whole list of rooms undecodable.
#[derive(Clone, Debug)]
pub struct Component {
    /// Id of the component.
    pub id: String,
    /// Kind of the component.
    pub type_: String,
    /// Tracks that the component publishes.
    pub tracks: Vec<types::Track>,
    /// Properties, which depend on the kind.
    pub properties: ComponentProperties,
    /// Members that this version does not know.
    pub extra: UnknownMembers,
}

/// Properties of a component.
#[derive(Clone, Debug)]
pub enum ComponentProperties {
    /// Properties of an `hls` component.
    Hls(types::ComponentPropertiesHls),
    /// Properties of an `rtsp` component.
    Rtsp(types::ComponentPropertiesRtsp),
    /// Properties of a `file` component.
    File(types::ComponentPropertiesFile),
    /// Properties of a `sip` component.
    Sip(types::ComponentPropertiesSip),
    /// Properties of a `recording` component.
    Recording(types::ComponentPropertiesRecording),
    /// Any other properties, or `null`.
    Unknown(Value),
}

impl ComponentProperties {
    fn of(kind: &str, value: Value) -> Self {
        let known = match kind {
            "hls" => decode(&value).map(Self::Hls),
            "rtsp" => decode(&value).map(Self::Rtsp),
            "file" => decode(&value).map(Self::File),
            "sip" => decode(&value).map(Self::Sip),
            "recording" => decode(&value).map(Self::Recording),
            _ => None,
        };
        known.unwrap_or(Self::Unknown(value))
    }
}

/// Decodes properties with the trait. The generated types have an inherent function of the same name.
fn decode<'a, T: Deserialize<'a>>(value: &'a Value) -> Option<T> {
    T::deserialize(value).ok()
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
        let (wire, extra) = with_unknown_members(deserializer, |members| Wire::deserialize(members))?;
        let Wire { id, type_, tracks, properties } = wire;
        let properties = ComponentProperties::of(&type_, properties);
        Ok(Self { id, type_, tracks, properties, extra })
    }
}
