//! WebRTC metrics of rooms, of their endpoints and of the endpoints' tracks.

use std::{collections::BTreeMap, fmt};

use serde_json::{Map, Value};

use crate::id::{ComponentId, PeerId, RoomId, TrackId};

/// The prefix of a room's key in a report.
const ROOM: &str = "room_id=";
/// The prefix of an endpoint's key in a room.
const ENDPOINT: &str = "endpoint_id=";
/// The prefix of a track's key in an endpoint.
const TRACK: &str = "track_id=";

/// The suffix of a measurement whose growth per second the server has computed.
const PER_SECOND: &str = "-per-second";

/// Splits an object into its parts of one kind and the other values.
fn split<Key: Ord + From<String>, Part>(
    object: Map<String, Value>,
    prefix: &str,
    of: impl Fn(Map<String, Value>) -> Part,
) -> (BTreeMap<Key, Part>, Map<String, Value>) {
    let (mut parts, mut values) = (BTreeMap::new(), Map::new());
    for (key, value) in object {
        match (key.strip_prefix(prefix), value) {
            (Some(id), Value::Object(part)) => {
                parts.insert(Key::from(id.to_owned()), of(part));
            }
            (_, value) => {
                values.insert(key, value);
            }
        }
    }
    (parts, values)
}

macro_rules! measurements {
    ($($name:ident),+) => {$(
        /// Measurements by name. The names depend on the server's media engine.
        impl $name {
            /// Returns a measurement, or `None` if it does not exist or is not a number.
            #[must_use]
            pub fn number(&self, name: &str) -> Option<f64> {
                self.values.get(name)?.as_f64()
            }

            /// Returns the growth of a measurement per second, if the server has computed it.
            #[must_use]
            pub fn per_second(&self, name: &str) -> Option<f64> {
                self.number(&format!("{name}{PER_SECOND}"))
            }

            /// Returns a measurement that is a string, such as the name of a codec. Returns `None` for other values.
            #[must_use]
            pub fn text(&self, name: &str) -> Option<&str> {
                self.values.get(name)?.as_str()
            }
        }
    )+};
}

measurements!(Metrics, RoomMetrics, EndpointMetrics, TrackMetrics);

/// The WebRTC metrics of all rooms of a server.
///
/// Each level has its parts, and the other values in `values`. `Debug` prints only the number of values, because they may
/// contain metadata of peers.
///
/// ```
/// use fishjam_sdk::jellyfish::{events::Notification, webhook};
/// # let json = r#"{"room_id=r":{"endpoint_id=p":{"ice.bytes_received":20,"ice.bytes_received-per-second":2.5}}}"#;
/// # let frame = [&[0x62, 2 + json.len() as u8, 0x0a, json.len() as u8], json.as_bytes()].concat();
/// # let Some(Notification::MetricsReport(report)) = webhook::receive(&frame)? else { panic!() };
/// // `report` comes from `Notification::MetricsReport` or from a handler of metrics.
/// for (room_id, room) in &report.metrics()?.rooms {
///     for (endpoint_id, endpoint) in &room.endpoints {
///         println!("{room_id} {endpoint_id} {:?} bytes/s", endpoint.per_second("ice.bytes_received"));
/// #       assert_eq!(endpoint.per_second("ice.bytes_received"), Some(2.5));
///     }
/// }
/// # Ok::<(), fishjam_sdk::Error>(())
/// ```
#[derive(Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Metrics {
    /// The metrics of each room.
    pub rooms: BTreeMap<RoomId, RoomMetrics>,
    /// The values outside of all rooms.
    pub values: Map<String, Value>,
}

/// The metrics of a room.
///
/// For an example, see [`Metrics`].
#[derive(Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct RoomMetrics {
    /// The metrics of each endpoint, by the id of a peer or component.
    pub endpoints: BTreeMap<String, EndpointMetrics>,
    /// The values outside of all endpoints.
    pub values: Map<String, Value>,
}

/// The metrics of an endpoint, which is a peer or a component.
///
/// For an example, see [`Metrics`].
#[derive(Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct EndpointMetrics {
    /// The metrics of each sent or received track, by the key of the media engine.
    ///
    /// The key contains the publisher's id, a colon and the track's id. In some versions, another colon and a variant of the
    /// quality follow. [`track`](Self::track) finds the metrics by the track's id.
    pub tracks: BTreeMap<String, TrackMetrics>,
    /// The values outside of all tracks, such as `ice.bytes_received`.
    pub values: Map<String, Value>,
}

/// The metrics of a track, such as `inbound-rtp.packets`.
///
/// For an example, see [`Metrics`].
#[derive(Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct TrackMetrics {
    /// All values. Some of them are objects.
    pub values: Map<String, Value>,
}

impl Metrics {
    pub(super) fn of(report: Map<String, Value>) -> Self {
        let (rooms, values) = split(report, ROOM, RoomMetrics::of);
        Self { rooms, values }
    }

    /// Returns the metrics of this room, if the report contains it.
    #[must_use]
    pub fn room(&self, room: &RoomId) -> Option<&RoomMetrics> {
        self.rooms.get(room)
    }
}

impl RoomMetrics {
    fn of(room: Map<String, Value>) -> Self {
        let (endpoints, values) = split(room, ENDPOINT, EndpointMetrics::of);
        Self { endpoints, values }
    }

    /// Returns the metrics of this peer, if the report contains it.
    #[must_use]
    pub fn peer(&self, peer: &PeerId) -> Option<&EndpointMetrics> {
        self.endpoints.get(peer.as_str())
    }

    /// Returns the metrics of this component, if the report contains it.
    #[must_use]
    pub fn component(&self, component: &ComponentId) -> Option<&EndpointMetrics> {
        self.endpoints.get(component.as_str())
    }
}

impl EndpointMetrics {
    fn of(endpoint: Map<String, Value>) -> Self {
        let (tracks, values) = split(endpoint, TRACK, |values| TrackMetrics { values });
        Self { tracks, values }
    }

    /// Returns the metrics of all variants of this track, with their keys.
    ///
    /// The id can be the track's id alone, or the publisher's id, a colon and the track's id.
    pub fn track<'a>(&'a self, track: &'a TrackId) -> impl Iterator<Item = (&'a str, &'a TrackMetrics)> {
        self.tracks
            .iter()
            .map(|(key, metrics)| (key.as_str(), metrics))
            .filter(|(key, _)| is_key_of(key, track.as_str()))
    }
}

/// Returns `true` if the key `publisher:track` or `publisher:track:variant` belongs to this track.
fn is_key_of(key: &str, track: &str) -> bool {
    let matches = |key: &str| key.strip_prefix(track).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'));
    key == track || (track.contains(':') && matches(key)) || key.split_once(':').is_some_and(|(_, key)| matches(key))
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").field("rooms", &self.rooms).field("values", &Count(&self.values)).finish()
    }
}

impl fmt::Debug for RoomMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RoomMetrics").field("endpoints", &self.endpoints).field("values", &Count(&self.values)).finish()
    }
}

impl fmt::Debug for EndpointMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EndpointMetrics").field("tracks", &self.tracks).field("values", &Count(&self.values)).finish()
    }
}

impl fmt::Debug for TrackMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrackMetrics").field("values", &Count(&self.values)).finish()
    }
}

/// Prints the number of measurements.
struct Count<'a>(&'a Map<String, Value>);

impl fmt::Debug for Count<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} measurements", self.0.len())
    }
}
