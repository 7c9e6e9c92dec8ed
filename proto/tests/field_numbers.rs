//! Tests of the field numbers. The tables come from Fishjam's contract, and not from the `.proto` files.

use fishjam_proto::{fishjam, jellyfish};
use prost::Message;

/// The name of each variant of `ServerMessage`, by number. Fishjam reserves 12, and Jellyfish uses it.
const SERVER_VARIANTS: [(u32, &str); 34] = [
    (1, "room_crashed"),
    (2, "peer_connected"),
    (3, "peer_disconnected"),
    (4, "peer_crashed"),
    (5, "component_crashed"),
    (6, "authenticated"),
    (7, "auth_request"),
    (8, "subscribe_request"),
    (9, "subscribe_response"),
    (10, "room_created"),
    (11, "room_deleted"),
    (12, "metrics_report"),
    (13, "hls_playable"),
    (14, "hls_uploaded"),
    (15, "hls_upload_crashed"),
    (16, "peer_metadata_updated"),
    (17, "track_added"),
    (18, "track_removed"),
    (19, "track_metadata_updated"),
    (20, "peer_added"),
    (21, "peer_deleted"),
    (22, "stream_connected"),
    (23, "stream_disconnected"),
    (24, "viewer_connected"),
    (25, "viewer_disconnected"),
    (26, "streamer_connected"),
    (27, "streamer_disconnected"),
    (28, "channel_added"),
    (29, "channel_removed"),
    (30, "track_forwarding"),
    (31, "track_forwarding_removed"),
    (32, "vad_notification"),
    (33, "notification_batch"),
    (34, "recording_status_changed"),
];

/// The variants of a package's `ServerMessage`, with their names and empty payloads.
///
/// `$name` is an exhaustive match, so a new variant of the contract does not compile until it is added here.
macro_rules! server_variants {
    ($package:ident, $name:ident, $list:ident, { $($variant:ident = $text:literal),+ $(,)? }) => {
        #[allow(deprecated)]
        fn $name(content: &$package::server_message::Content) -> &'static str {
            match content { $($package::server_message::Content::$variant(_) => $text,)+ }
        }

        #[allow(deprecated)]
        fn $list() -> Vec<$package::server_message::Content> {
            vec![$($package::server_message::Content::$variant(Default::default()),)+]
        }
    };
}

server_variants!(fishjam, fishjam_name, fishjam_variants, {
    RoomCrashed = "room_crashed",
    PeerConnected = "peer_connected",
    PeerDisconnected = "peer_disconnected",
    PeerCrashed = "peer_crashed",
    ComponentCrashed = "component_crashed",
    Authenticated = "authenticated",
    AuthRequest = "auth_request",
    SubscribeRequest = "subscribe_request",
    SubscribeResponse = "subscribe_response",
    RoomCreated = "room_created",
    RoomDeleted = "room_deleted",
    HlsPlayable = "hls_playable",
    HlsUploaded = "hls_uploaded",
    HlsUploadCrashed = "hls_upload_crashed",
    PeerMetadataUpdated = "peer_metadata_updated",
    TrackAdded = "track_added",
    TrackRemoved = "track_removed",
    TrackMetadataUpdated = "track_metadata_updated",
    PeerAdded = "peer_added",
    PeerDeleted = "peer_deleted",
    StreamConnected = "stream_connected",
    StreamDisconnected = "stream_disconnected",
    ViewerConnected = "viewer_connected",
    ViewerDisconnected = "viewer_disconnected",
    StreamerConnected = "streamer_connected",
    StreamerDisconnected = "streamer_disconnected",
    ChannelAdded = "channel_added",
    ChannelRemoved = "channel_removed",
    TrackForwarding = "track_forwarding",
    TrackForwardingRemoved = "track_forwarding_removed",
    VadNotification = "vad_notification",
    NotificationBatch = "notification_batch",
    RecordingStatusChanged = "recording_status_changed",
});

server_variants!(jellyfish, jellyfish_name, jellyfish_variants, {
    RoomCrashed = "room_crashed",
    PeerConnected = "peer_connected",
    PeerDisconnected = "peer_disconnected",
    PeerCrashed = "peer_crashed",
    ComponentCrashed = "component_crashed",
    Authenticated = "authenticated",
    AuthRequest = "auth_request",
    SubscribeRequest = "subscribe_request",
    SubscribeResponse = "subscribe_response",
    RoomCreated = "room_created",
    RoomDeleted = "room_deleted",
    MetricsReport = "metrics_report",
    HlsPlayable = "hls_playable",
    HlsUploaded = "hls_uploaded",
    HlsUploadCrashed = "hls_upload_crashed",
    PeerMetadataUpdated = "peer_metadata_updated",
    TrackAdded = "track_added",
    TrackRemoved = "track_removed",
    TrackMetadataUpdated = "track_metadata_updated",
    PeerAdded = "peer_added",
    PeerDeleted = "peer_deleted",
});

/// Encodes an unsigned number.
fn varint(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            out.push(low);
            return out;
        }
        out.push(low | 0x80);
    }
}

/// Encodes a length-delimited field: a string, bytes or a message.
fn sized(tag: u32, payload: impl AsRef<[u8]>) -> Vec<u8> {
    let payload = payload.as_ref();
    let mut out = varint(u64::from(tag) << 3 | 2);
    out.extend(varint(payload.len() as u64));
    out.extend(payload);
    out
}

/// Encodes a field with an integer or an enum.
fn number(tag: u32, value: u64) -> Vec<u8> {
    let mut out = varint(u64::from(tag) << 3);
    out.extend(varint(value));
    out
}

fn table_name(tag: u32) -> Option<&'static str> {
    SERVER_VARIANTS.iter().find(|(number, _)| *number == tag).map(|(_, name)| *name)
}

#[test]
fn fishjam_variants_have_their_numbers() {
    let variants = fishjam_variants();
    assert_eq!(variants.len(), 33);
    for content in variants {
        let name = fishjam_name(&content);
        let (tag, _) = SERVER_VARIANTS.iter().find(|(_, n)| *n == name).unwrap();
        let bytes = fishjam::ServerMessage { content: Some(content) }.encode_to_vec();
        assert_eq!(bytes, sized(*tag, []), "{name}");
    }
}

#[test]
fn jellyfish_variants_have_their_numbers() {
    let variants = jellyfish_variants();
    assert_eq!(variants.len(), 21);
    for content in variants {
        let name = jellyfish_name(&content);
        let (tag, _) = SERVER_VARIANTS.iter().find(|(_, n)| *n == name).unwrap();
        let bytes = jellyfish::ServerMessage { content: Some(content) }.encode_to_vec();
        assert_eq!(bytes, sized(*tag, []), "{name}");
    }
}

#[test]
fn only_known_numbers_decode_as_variants() {
    for tag in 1..=200 {
        let frame = sized(tag, []);
        let expected = table_name(tag);

        let message = fishjam::ServerMessage::decode(frame.as_slice()).unwrap();
        let read = message.content.as_ref().map(fishjam_name);
        assert_eq!(read, expected.filter(|_| tag != 12), "fishjam {tag}");

        let message = jellyfish::ServerMessage::decode(frame.as_slice()).unwrap();
        let read = message.content.as_ref().map(jellyfish_name);
        assert_eq!(read, expected.filter(|_| tag <= 21), "jellyfish {tag}");
    }
}

/// Checks that a payload encodes to exactly these fields, and that it decodes to the same payload.
fn assert_wire<M: Message + Default + PartialEq + std::fmt::Debug>(message: M, fields: &[Vec<u8>]) {
    let expected = fields.concat();
    assert_eq!(message.encode_to_vec(), expected, "{message:?}");
    assert_eq!(M::decode(expected.as_slice()), Ok(message));
}

fn text(tag: u32) -> Vec<u8> {
    sized(tag, format!("f{tag}"))
}

fn f(tag: u32) -> String {
    format!("f{tag}")
}

#[test]
fn fields_of_rooms_and_peers() {
    use fishjam::server_message::*;
    let agent = i32::from(PeerType::Agent);
    assert_wire(RoomCreated { room_id: f(1) }, &[text(1)]);
    assert_wire(RoomDeleted { room_id: f(1) }, &[text(1)]);
    assert_wire(RoomCrashed { room_id: f(1) }, &[text(1)]);
    let fields = [text(1), text(2), number(3, 2)];
    assert_wire(PeerAdded { room_id: f(1), peer_id: f(2), peer_type: agent }, &fields);
    assert_wire(PeerDeleted { room_id: f(1), peer_id: f(2), peer_type: agent }, &fields);
    assert_wire(PeerConnected { room_id: f(1), peer_id: f(2), peer_type: agent }, &fields);
    assert_wire(PeerDisconnected { room_id: f(1), peer_id: f(2), peer_type: agent }, &fields);
    let fields = [text(1), text(2), text(3), number(4, 2)];
    assert_wire(PeerCrashed { room_id: f(1), peer_id: f(2), reason: f(3), peer_type: agent }, &fields);
    assert_wire(PeerMetadataUpdated { room_id: f(1), peer_id: f(2), metadata: f(3), peer_type: agent }, &fields);
    assert_wire(ComponentCrashed { room_id: f(1), component_id: f(2) }, &[text(1), text(2)]);
    assert_wire(HlsPlayable { room_id: f(1), component_id: f(2) }, &[text(1), text(2)]);
}

#[test]
fn fields_of_tracks_and_channels() {
    use fishjam::notifications::{Track, TrackType};
    use fishjam::server_message::*;
    let track = Track { id: f(1), r#type: TrackType::Audio.into(), metadata: f(3) };
    let track_wire = [text(1), number(2, 2), text(3)];
    assert_wire(track.clone(), &track_wire);

    let by_peer = [text(1), text(2), sized(4, track_wire.concat())];
    let by_component = [text(1), text(3), sized(4, track_wire.concat())];
    macro_rules! track_event {
        ($message:ident, $owner:ident) => {
            let endpoint_info = Some($owner::EndpointInfo::PeerId(f(2)));
            assert_wire($message { room_id: f(1), endpoint_info, track: Some(track.clone()) }, &by_peer);
            let endpoint_info = Some($owner::EndpointInfo::ComponentId(f(3)));
            assert_wire($message { room_id: f(1), endpoint_info, track: Some(track.clone()) }, &by_component);
        };
    }
    track_event!(TrackAdded, track_added);
    track_event!(TrackRemoved, track_removed);
    track_event!(TrackMetadataUpdated, track_metadata_updated);

    let by_peer = [text(1), text(2), text(4)];
    let endpoint_info = Some(channel_added::EndpointInfo::PeerId(f(2)));
    assert_wire(ChannelAdded { room_id: f(1), endpoint_info, channel_id: f(4) }, &by_peer);
    let by_component = [text(1), text(3), text(4)];
    let endpoint_info = Some(channel_removed::EndpointInfo::ComponentId(f(3)));
    assert_wire(ChannelRemoved { room_id: f(1), endpoint_info, channel_id: f(4) }, &by_component);

    let pair = [text(1), text(2), text(3), text(4)];
    assert_wire(TrackForwardingRemoved { room_id: f(1), peer_id: f(2), composition_url: f(3), input_id: f(4) }, &pair);
    let mut fields = pair.to_vec();
    fields.push(sized(5, track_wire.concat()));
    fields.push(sized(6, []));
    assert_wire(
        TrackForwarding {
            room_id: f(1),
            peer_id: f(2),
            composition_url: f(3),
            input_id: f(4),
            audio_track: Some(track),
            // Present and empty is not the same as absent.
            video_track: Some(Track::default()),
        },
        &fields,
    );
    assert_wire(
        VadNotification {
            room_id: f(1),
            peer_id: f(2),
            track_id: f(3),
            status: vad_notification::Status::Speech.into(),
        },
        &[text(1), text(2), text(3), number(4, 2)],
    );
}

#[test]
fn fields_of_livestreams_recordings_and_the_handshake() {
    use fishjam::server_message::*;
    let pair = [text(1), text(2)];
    assert_wire(StreamConnected { stream_id: f(1) }, &[text(1)]);
    assert_wire(StreamDisconnected { stream_id: f(1) }, &[text(1)]);
    assert_wire(ViewerConnected { stream_id: f(1), viewer_id: f(2) }, &pair);
    assert_wire(ViewerDisconnected { stream_id: f(1), viewer_id: f(2) }, &pair);
    assert_wire(StreamerConnected { stream_id: f(1), streamer_id: f(2) }, &pair);
    assert_wire(StreamerDisconnected { stream_id: f(1), streamer_id: f(2) }, &pair);
    let status = recording_status_changed::Status::Failed.into();
    assert_wire(
        RecordingStatusChanged { recording_id: f(1), status, metadata: f(3) },
        &[text(1), number(2, 4), text(3)],
    );
    let event_type = EventType::ServerNotification.into();
    assert_wire(AuthRequest { token: f(1) }, &[text(1)]);
    assert_wire(SubscribeRequest { event_type }, &[number(1, 1)]);
    assert_wire(SubscribeResponse { event_type }, &[number(1, 1)]);
    let room = fishjam::ServerMessage { content: Some(Content::RoomCreated(RoomCreated { room_id: f(1) })) };
    let batch = NotificationBatch { notifications: vec![room, fishjam::ServerMessage::default()] };
    assert_wire(batch, &[sized(1, sized(10, text(1))), sized(1, [])]);
}

#[test]
fn fields_of_the_agent_socket() {
    use fishjam::notifications::{Track, TrackEncoding};
    use fishjam::{AgentRequest, AgentResponse, agent_request as req, agent_response as resp};
    let request = |content| AgentRequest { content: Some(content) };
    let response = |content| AgentResponse { content: Some(content) };
    let track = || Some(Track { id: f(1), ..Default::default() });

    let auth = req::AuthRequest { token: f(1) };
    assert_wire(request(req::Content::AuthRequest(auth)), &[sized(1, text(1))]);
    let codec_params = Some(req::add_track::CodecParameters {
        encoding: TrackEncoding::Opus.into(),
        sample_rate: 24_000,
        channels: 2,
    });
    let codec_wire = [number(1, 2), number(2, 24_000), number(3, 2)].concat();
    let add = req::AddTrack { track: track(), codec_params };
    let add_wire = [sized(1, text(1)), sized(2, codec_wire)].concat();
    assert_wire(request(req::Content::AddTrack(add)), &[sized(2, add_wire)]);
    let remove = req::RemoveTrack { track_id: f(1) };
    assert_wire(request(req::Content::RemoveTrack(remove)), &[sized(3, text(1))]);
    let data = req::TrackData { track_id: f(1), data: f(2).into() };
    assert_wire(request(req::Content::TrackData(data)), &[sized(4, [text(1), text(2)].concat())]);
    let interrupt = req::InterruptTrack { track_id: f(1) };
    assert_wire(request(req::Content::InterruptTrack(interrupt)), &[sized(5, text(1))]);
    let capture = req::CaptureImage { track_id: f(1) };
    assert_wire(request(req::Content::CaptureImage(capture)), &[sized(6, text(1))]);

    let authenticated = resp::Authenticated {};
    assert_wire(response(resp::Content::Authenticated(authenticated)), &[sized(1, [])]);
    let data = resp::TrackData { peer_id: f(1), track: track(), data: f(3).into() };
    let data_wire = [text(1), sized(2, text(1)), text(3)].concat();
    assert_wire(response(resp::Content::TrackData(data)), &[sized(2, data_wire)]);
    let image = resp::TrackImage { track_id: f(1), content_type: f(2), data: f(3).into() };
    let image_wire = [text(1), text(2), text(3)].concat();
    assert_wire(response(resp::Content::TrackImage(image)), &[sized(3, image_wire)]);
}

#[test]
fn fields_of_the_peer_socket() {
    use fishjam::{PeerMessage, peer_message::*};
    let message = |content| PeerMessage { content: Some(content) };

    let authenticated = Authenticated {
        room_type: RoomType::Livestream.into(),
        sdk_deprecation: Some(SdkDeprecation { status: sdk_deprecation::Status::Unsupported.into(), message: f(2) }),
    };
    let wire = [number(1, 3), sized(2, [number(1, 3), text(2)].concat())].concat();
    assert_wire(message(Content::Authenticated(authenticated)), &[sized(1, wire)]);
    let auth = AuthRequest { token: f(1), sdk_version: f(2) };
    assert_wire(message(Content::AuthRequest(auth)), &[sized(2, [text(1), text(2)].concat())]);
    assert_wire(message(Content::MediaEvent(MediaEvent { data: f(1) })), &[sized(3, text(1))]);
    let report = RtcStatsReport { data: f(1) };
    assert_wire(message(Content::RtcStatsReport(report)), &[sized(4, text(1))]);
    // Messages on the wire, kept as they are.
    assert_wire(message(Content::PeerMediaEvent(text(1).into())), &[sized(5, text(1))]);
    assert_wire(message(Content::ServerMediaEvent(text(7).into())), &[sized(6, text(7))]);
}

#[test]
fn fields_of_jellyfish() {
    use jellyfish::server_message::*;
    let metrics = MetricsReport { metrics: f(1) };
    assert_wire(metrics, &[text(1)]);
    let subscribe = SubscribeRequest { event_type: EventType::Metrics.into() };
    assert_wire(subscribe, &[number(1, 2)]);
    let crashed = PeerCrashed { room_id: f(1), peer_id: f(2), reason: f(3) };
    assert_wire(crashed, &[text(1), text(2), text(3)]);
    let added = TrackAdded {
        room_id: f(1),
        endpoint_info: Some(track_added::EndpointInfo::ComponentId(f(3))),
        track: Some(Track { id: f(1), r#type: TrackType::Video.into(), metadata: f(3) }),
    };
    let track = [text(1), number(2, 1), text(3)].concat();
    assert_wire(added, &[text(1), text(3), sized(4, track)]);

    use jellyfish::{PeerMessage, peer_message as peer};
    let message = |content| PeerMessage { content: Some(content) };
    let authenticated = peer::Authenticated {};
    assert_wire(message(peer::Content::Authenticated(authenticated)), &[sized(1, [])]);
    let auth = peer::AuthRequest { token: f(1) };
    assert_wire(message(peer::Content::AuthRequest(auth)), &[sized(2, text(1))]);
    let event = peer::MediaEvent { data: f(1) };
    assert_wire(message(peer::Content::MediaEvent(event)), &[sized(3, text(1))]);
}

#[test]
fn one_decoder_reads_both_packages() {
    let room = jellyfish::server_message::RoomCreated { room_id: "r".into() };
    let sent = jellyfish::ServerMessage { content: Some(jellyfish::server_message::Content::RoomCreated(room)) };
    let read = fishjam::ServerMessage::decode(sent.encode_to_vec().as_slice()).unwrap();
    let room = fishjam::server_message::RoomCreated { room_id: "r".into() };
    assert_eq!(read.content, Some(fishjam::server_message::Content::RoomCreated(room)));

    // The other way: what Fishjam adds to a message is skipped.
    let peer = fishjam::server_message::PeerConnected { room_id: "r".into(), peer_id: "p".into(), peer_type: 3 };
    let sent = fishjam::ServerMessage { content: Some(fishjam::server_message::Content::PeerConnected(peer)) };
    let read = jellyfish::ServerMessage::decode(sent.encode_to_vec().as_slice()).unwrap();
    let peer = jellyfish::server_message::PeerConnected { room_id: "r".into(), peer_id: "p".into() };
    assert_eq!(read.content, Some(jellyfish::server_message::Content::PeerConnected(peer)));
}
