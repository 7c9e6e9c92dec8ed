//! What WebRTC measures: numbers and words of rooms, of their endpoints and of these endpoints' tracks.

use std::{collections::BTreeMap, fmt};

use serde_json::{Map, Value};

use crate::id::{ComponentId, PeerId, RoomId, TrackId};

/// The beginning of a room's key in a report.
const ROOM: &str = "room_id=";
/// The beginning of an endpoint's key in a room.
const ENDPOINT: &str = "endpoint_id=";
/// The beginning of a track's key in an endpoint.
const TRACK: &str = "track_id=";

/// What the server adds to the name of a measurement whose growth per second it has computed.
const PER_SECOND: &str = "-per-second";

/// Splits an object into its parts of one kind and everything else.
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
        /// Measurements by name. Which there are depends on the server's media engine.
        impl $name {
            /// A measurement as a number: `None` if there is none of this name, or if it is no number.
            #[must_use]
            pub fn number(&self, name: &str) -> Option<f64> {
                self.values.get(name)?.as_f64()
            }

            /// By how much a measurement grows per second, as the server has computed it.
            #[must_use]
            pub fn per_second(&self, name: &str) -> Option<f64> {
                self.number(&format!("{name}{PER_SECOND}"))
            }

            /// A measurement that is a word, such as a codec's or protocol's name.
            #[must_use]
            pub fn text(&self, name: &str) -> Option<&str> {
                self.values.get(name)?.as_str()
            }
        }
    )+};
}

measurements!(Metrics, RoomMetrics, EndpointMetrics, TrackMetrics);

/// A whole report: what was measured in every room of the server.
///
/// Each level has its parts and, in `values`, everything else that the server sent there, whatever it is. `Debug`
/// prints how many there are and none of them: peers' metadata is among them, too.
///
/// ```
/// use fishjam_sdk::jellyfish::{events::Notification, webhook};
/// # let json = r#"{"room_id=r":{"endpoint_id=p":{"ice.bytes_received":20,"ice.bytes_received-per-second":2.5}}}"#;
/// # let frame = [&[0x62, 2 + json.len() as u8, 0x0a, json.len() as u8], json.as_bytes()].concat();
/// # let Some(Notification::MetricsReport(report)) = webhook::receive(&frame)? else { panic!() };
/// // `report` came with `Notification::MetricsReport` or to a handler of metrics.
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
    /// What was measured in each room.
    pub rooms: BTreeMap<RoomId, RoomMetrics>,
    /// What belongs to no room.
    pub values: Map<String, Value>,
}

/// What was measured in one room.
#[derive(Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct RoomMetrics {
    /// What was measured of each endpoint, by its id: a peer's, or perhaps a component's.
    pub endpoints: BTreeMap<String, EndpointMetrics>,
    /// What belongs to no endpoint.
    pub values: Map<String, Value>,
}

/// What was measured of one endpoint: a peer, or perhaps a component.
#[derive(Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct EndpointMetrics {
    /// What was measured of each track that it sends or receives, by the key that the media engine writes: the
    /// publisher's id, a colon and an id of the track, and in some versions another colon and a variant of the quality.
    /// [`track`](Self::track) looks them up by the track's id.
    pub tracks: BTreeMap<String, TrackMetrics>,
    /// What belongs to no track, such as `ice.bytes_received`.
    pub values: Map<String, Value>,
}

/// What was measured of one track, such as `inbound-rtp.packets`.
#[derive(Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct TrackMetrics {
    /// All of it; some of the values are objects themselves.
    pub values: Map<String, Value>,
}

impl Metrics {
    pub(super) fn of(report: Map<String, Value>) -> Self {
        let (rooms, values) = split(report, ROOM, RoomMetrics::of);
        Self { rooms, values }
    }

    /// What was measured in this room.
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

    /// What was measured of this peer.
    #[must_use]
    pub fn peer(&self, peer: &PeerId) -> Option<&EndpointMetrics> {
        self.endpoints.get(peer.as_str())
    }

    /// What was measured of this component.
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

    /// What was measured of this track, each of its variants with its whole key: there may be none, one or several.
    ///
    /// The id may be the track's alone or stand behind its publisher's and a colon.
    pub fn track<'a>(&'a self, track: &'a TrackId) -> impl Iterator<Item = (&'a str, &'a TrackMetrics)> {
        self.tracks.iter().map(|(key, metrics)| (key.as_str(), metrics)).filter(|(key, _)| is_of(key, track.as_str()))
    }
}

/// Whether a key, `publisher:track` or `publisher:track:variant`, is of this track.
fn is_of(key: &str, track: &str) -> bool {
    let begins = |key: &str| key.strip_prefix(track).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'));
    key == track || (track.contains(':') && begins(key)) || key.split_once(':').is_some_and(|(_, key)| begins(key))
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

/// Measurements, counted.
struct Count<'a>(&'a Map<String, Value>);

impl fmt::Debug for Count<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} measurements", self.0.len())
    }
}
