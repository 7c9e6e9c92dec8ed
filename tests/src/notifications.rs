//! The notifications of the contract: the message, the line that `Display` prints, and the JSON.
//!
//! To add a notification, add its row to [`notifications`]. The unit tests of the SDK include this file.

use std::collections::BTreeSet;

use fishjam_proto::fishjam::{
    ServerMessage,
    notifications::Track,
    server_message::{Content, NotificationBatch, *},
};
use serde_json::{Map, Value, json};

/// A notification in three forms.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Protobuf message.
    pub content: Content,
    /// Line that `Display` prints.
    pub line: String,
    /// JSON that `Serialize` writes.
    pub json: Value,
}

impl Sample {
    /// Returns the name of the notification.
    pub fn name(&self) -> &str {
        self.line.split(' ').next().unwrap_or_default()
    }
}

/// Strings that the messages contain.
#[allow(missing_docs, reason = "the fields of the messages have the same names")]
#[derive(Clone, Copy, Debug)]
pub struct Strings {
    pub room_id: &'static str,
    pub peer_id: &'static str,
    pub component_id: &'static str,
    pub track_id: &'static str,
    pub channel_id: &'static str,
    pub stream_id: &'static str,
    pub streamer_id: &'static str,
    pub viewer_id: &'static str,
    pub recording_id: &'static str,
    pub input_id: &'static str,
    pub composition_url: &'static str,
    pub reason: &'static str,
    pub metadata: &'static str,
}

/// Short strings. The metadata contains the word "sentinel".
pub const SHORT: Strings = Strings {
    room_id: "room",
    peer_id: "peer",
    component_id: "component",
    track_id: "track",
    channel_id: "channel",
    stream_id: "stream",
    streamer_id: "streamer",
    viewer_id: "viewer",
    recording_id: "recording",
    input_id: "input",
    composition_url: "https://example.com/c",
    reason: "why",
    metadata: r#"{"name":"sentinel"}"#,
};

/// Returns the message with this content.
pub fn message(content: Content) -> ServerMessage {
    ServerMessage { content: Some(content) }
}

/// Returns a batch of these contents.
pub fn batch(contents: impl IntoIterator<Item = Content>) -> ServerMessage {
    let notifications = contents.into_iter().map(message).collect();
    message(Content::NotificationBatch(NotificationBatch { notifications }))
}

/// Returns a notification of each name: the first row of the name.
pub fn one_of_each(strings: &Strings) -> Vec<Sample> {
    let mut names = BTreeSet::new();
    let mut samples = notifications(strings);
    samples.retain(|sample| names.insert(sample.name().to_owned()));
    samples
}

/// Builds a sample from its line and its message. The JSON of a field is its string, unless the row states other JSON.
/// Fields have their names in protobuf.
macro_rules! row {
    ($line:literal, $variant:ident { $($same:ident),* $(; $($field:ident: $value:expr),+)? } $(, { $($json:tt)* })?) => {
        sample(
            format!($line),
            Content::$variant($variant { $($same: $same.into(),)* $($($field: $value),+)? }),
            json!({ $((stringify!($same)): $same),* }),
            json!({ $($($json)*)? }),
        )
    };
}

fn sample(line: String, content: Content, same: Value, different: Value) -> Sample {
    let mut members = Map::new();
    for fields in [same, different] {
        if let Value::Object(fields) = fields {
            members.extend(fields.into_iter().map(|(name, value)| (camel_case(&name), value)));
        }
    }
    let json = json!({ (camel_case(line.split(' ').next().unwrap_or_default())): members });
    Sample { content, line, json }
}

/// Returns the name in JSON of a name in protobuf.
pub fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| name + &word[..1].to_uppercase() + &word[1..])
}

/// Returns all notifications, with all values of their enums and all kinds of endpoints.
#[allow(deprecated, reason = "the SDK delivers deprecated notifications, too")]
pub fn notifications(strings: &Strings) -> Vec<Sample> {
    let &Strings { room_id, peer_id, component_id, track_id, channel_id, .. } = strings;
    let &Strings { stream_id, streamer_id, viewer_id, recording_id, .. } = strings;
    let &Strings { input_id, composition_url, reason, metadata, .. } = strings;
    let nested: Value = serde_json::from_str(metadata).unwrap_or_default();
    let track = |kind| Some(Track { id: track_id.into(), r#type: kind, metadata: metadata.into() });
    let track_json = |kind: Option<&str>| json!({ "id": track_id, "type": kind, "metadata": nested });
    let [video, audio] = [track_json(Some("video")), track_json(Some("audio"))];
    let mut samples = vec![
        row!("room_created room={room_id}", RoomCreated { room_id }),
        row!("room_deleted room={room_id}", RoomDeleted { room_id }),
        row!("room_crashed room={room_id}", RoomCrashed { room_id }),
        row!("component_crashed room={room_id} component={component_id}", ComponentCrashed { room_id, component_id }),
        row!("hls_playable room={room_id} component={component_id}", HlsPlayable { room_id, component_id }),
        row!("hls_uploaded room={room_id}", HlsUploaded { room_id }),
        row!("hls_upload_crashed room={room_id}", HlsUploadCrashed { room_id }),
        row!("stream_connected stream={stream_id}", StreamConnected { stream_id }),
        row!("stream_disconnected stream={stream_id}", StreamDisconnected { stream_id }),
        row!(
            "streamer_connected stream={stream_id} streamer={streamer_id}",
            StreamerConnected { stream_id, streamer_id }
        ),
        row!(
            "streamer_disconnected stream={stream_id} streamer={streamer_id}",
            StreamerDisconnected { stream_id, streamer_id }
        ),
        row!("viewer_connected stream={stream_id} viewer={viewer_id}", ViewerConnected { stream_id, viewer_id }),
        row!("viewer_disconnected stream={stream_id} viewer={viewer_id}", ViewerDisconnected { stream_id, viewer_id }),
        row!(
            "track_forwarding room={room_id} peer={peer_id} input={input_id}",
            TrackForwarding { room_id, peer_id, composition_url, input_id; audio_track: track(2), video_track: track(1) },
            { "audio_track": audio, "video_track": video }
        ),
        row!(
            "track_forwarding room={room_id} peer={peer_id} input={input_id}",
            TrackForwarding { room_id, peer_id, composition_url, input_id; audio_track: track(2), video_track: None },
            { "audio_track": audio, "video_track": null }
        ),
        row!(
            "track_forwarding_removed room={room_id} peer={peer_id} input={input_id}",
            TrackForwardingRemoved { room_id, peer_id, composition_url, input_id }
        ),
    ];
    for (status, name) in [(2, "speech"), (1, "silence")] {
        samples.push(row!(
            "vad_notification room={room_id} peer={peer_id} track={track_id} status={name}",
            VadNotification { room_id, peer_id, track_id; status: status },
            { "status": name }
        ));
    }
    for (status, name) in [(3, "available"), (1, "active"), (2, "finished"), (4, "failed")] {
        samples.push(row!(
            "recording_status_changed recording={recording_id} status={name}",
            RecordingStatusChanged { recording_id; metadata: metadata.into(), status: status },
            { "status": name, "metadata": nested }
        ));
    }
    for (peer_type, name) in [(1, Some("webrtc")), (2, Some("agent")), (3, Some("vapi")), (0, None)] {
        samples.extend([
            row!(
                "peer_added room={room_id} peer={peer_id}",
                PeerAdded { room_id, peer_id; peer_type: peer_type }, { "peer_type": name }
            ),
            row!(
                "peer_deleted room={room_id} peer={peer_id}",
                PeerDeleted { room_id, peer_id; peer_type: peer_type }, { "peer_type": name }
            ),
            row!(
                "peer_connected room={room_id} peer={peer_id}",
                PeerConnected { room_id, peer_id; peer_type: peer_type }, { "peer_type": name }
            ),
            row!(
                "peer_disconnected room={room_id} peer={peer_id}",
                PeerDisconnected { room_id, peer_id; peer_type: peer_type }, { "peer_type": name }
            ),
            row!(
                "peer_crashed room={room_id} peer={peer_id} reason={reason}",
                PeerCrashed { room_id, peer_id, reason; peer_type: peer_type }, { "peer_type": name }
            ),
            row!(
                "peer_metadata_updated room={room_id} peer={peer_id}",
                PeerMetadataUpdated { room_id, peer_id; metadata: metadata.into(), peer_type: peer_type },
                { "metadata": nested, "peer_type": name }
            ),
        ]);
    }
    let without_type = track_json(None);
    for (key, id, kind, json) in
        [("peer", peer_id, 1, &video), ("component", component_id, 2, &audio), ("", "", 0, &without_type)]
    {
        // The type of the endpoint differs between the messages.
        macro_rules! endpoint {
            ($module:ident) => {
                match key {
                    "peer" => Some($module::EndpointInfo::PeerId(id.into())),
                    "component" => Some($module::EndpointInfo::ComponentId(id.into())),
                    _ => None,
                }
            };
        }
        let endpoint = if key.is_empty() { String::new() } else { format!(" {key}={id}") };
        let rows = [
            row!(
                "track_added room={room_id}{endpoint} track={track_id}",
                TrackAdded { room_id; track: track(kind), endpoint_info: endpoint!(track_added) }, { "track": json }
            ),
            row!(
                "track_removed room={room_id}{endpoint} track={track_id}",
                TrackRemoved { room_id; track: track(kind), endpoint_info: endpoint!(track_removed) }, { "track": json }
            ),
            row!(
                "track_metadata_updated room={room_id}{endpoint} track={track_id}",
                TrackMetadataUpdated {
                    room_id; track: track(kind), endpoint_info: endpoint!(track_metadata_updated)
                },
                { "track": json }
            ),
            row!(
                "channel_added room={room_id}{endpoint} channel={channel_id}",
                ChannelAdded { room_id, channel_id; endpoint_info: endpoint!(channel_added) }
            ),
            row!(
                "channel_removed room={room_id}{endpoint} channel={channel_id}",
                ChannelRemoved { room_id, channel_id; endpoint_info: endpoint!(channel_removed) }
            ),
        ];
        for mut sample in rows {
            let name = camel_case(sample.name());
            if !key.is_empty() {
                sample.json[name][format!("{key}Id")] = json!(id);
            }
            samples.push(sample);
        }
    }
    samples
}
