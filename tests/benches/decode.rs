//! What typed events cost: `decode_server_notifications` next to a bare prost decode of the same bytes.
//!
//! Criterion's figures for each notification and for a batch of 30, then a table of ratios from rounds in which both
//! take turns.

use std::{hint::black_box, time::Duration};

use criterion::Criterion;
use fishjam_proto::fishjam::{
    ServerMessage,
    notifications::Track,
    server_message::{Content, *},
};
use fishjam_sdk::events::decode_server_notifications;
use prost::Message as _;

use self::setup::rounds::{Candidate, take_turns, turn};

mod setup {
    pub(crate) mod rounds;
}

/// How many messages one turn decodes, and how many turns there are.
const MESSAGES: u32 = 20_000;
const ROUNDS: usize = 25;

fn main() -> anyhow::Result<()> {
    let mut frames: Vec<(String, Vec<u8>)> = contents().into_iter().map(named).collect::<anyhow::Result<_>>()?;
    let notifications: Vec<_> =
        contents().into_iter().cycle().take(30).map(|content| ServerMessage { content: Some(content) }).collect();
    frames.push(("batch of 30".to_owned(), encode(Content::NotificationBatch(NotificationBatch { notifications }))));

    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(800))
        .sample_size(20)
        .configure_from_args();
    let mut group = criterion.benchmark_group("decode");
    for (name, frame) in &frames {
        group.bench_function(format!("{name}/fishjam-sdk"), |bench| {
            bench.iter(|| decode_server_notifications(black_box(frame)));
        });
        group.bench_function(format!("{name}/bare prost"), |bench| {
            bench.iter(|| ServerMessage::decode(black_box(frame.as_slice())));
        });
    }
    group.finish();
    criterion.final_summary();
    if std::env::args().any(|argument| argument == "--bench") { compare(&frames) } else { Ok(()) }
}

fn compare(frames: &[(String, Vec<u8>)]) -> anyhow::Result<()> {
    println!("\ndecode, ns for each message; medians of {ROUNDS} rounds in turns");
    println!(
        "the SDK's list of notifications costs an allocation of its own; bare prost pays for one too in \"listed\""
    );
    println!(
        "{:<26} {:>5} {:>11} {:>8} {:>12} {:>8} {:>10}",
        "", "bytes", "bare prost", "listed", "fishjam-sdk", "to bare", "to listed"
    );
    for (name, frame) in frames {
        let messages = if name.starts_with("batch") { MESSAGES / 20 } else { MESSAGES };
        let measured = take_turns(
            ROUNDS,
            &mut [
                Candidate::new("bare prost", || {
                    turn(messages, || {
                        for _ in 0..messages {
                            black_box(ServerMessage::decode(black_box(frame.as_slice()))?);
                        }
                        Ok(())
                    })
                }),
                Candidate::new("bare prost, listed", || {
                    turn(messages, || {
                        for _ in 0..messages {
                            black_box(vec![ServerMessage::decode(black_box(frame.as_slice()))?]);
                        }
                        Ok(())
                    })
                }),
                Candidate::new("fishjam-sdk", || {
                    turn(messages, || {
                        for _ in 0..messages {
                            black_box(decode_server_notifications(black_box(frame))?);
                        }
                        Ok(())
                    })
                }),
            ],
        )?;
        let [bare, listed, sdk] = measured.as_slice() else { continue };
        let (bytes, bare_ns, listed_ns, sdk_ns) = (frame.len(), bare.wall * 1e9, listed.wall * 1e9, sdk.wall * 1e9);
        print!("{name:<26} {bytes:>5} {bare_ns:>11.0} {listed_ns:>8.0} {sdk_ns:>12.0}");
        println!(" {:>8.2} {:>10.2}", sdk.wall_ratio, sdk.wall_ratio / listed.wall_ratio);
    }
    Ok(())
}

/// The name that the SDK gives it, and its bytes.
fn named(content: Content) -> anyhow::Result<(String, Vec<u8>)> {
    let frame = encode(content);
    let name = decode_server_notifications(&frame)?.first().map(|notification| notification.name().to_owned());
    Ok((name.unwrap_or_default(), frame))
}

fn encode(content: Content) -> Vec<u8> {
    ServerMessage { content: Some(content) }.encode_to_vec()
}

/// Every notification of the contract, with ids as long as the service's and metadata of ordinary size.
#[allow(deprecated, reason = "deprecated notifications are decoded too")]
fn contents() -> Vec<Content> {
    let room_id = || "0193b2c4-7d1e-7b7a-9f53-0123456789ab-74656e616e74-70726f64".to_owned();
    let id = || "5f0c7a52-3d47-4a8e-9c0b-1d2e3f405162".to_owned();
    let metadata = || r#"{"peer":{"name":"Ada Lovelace","role":"speaker"},"server":{"account":4711}}"#.to_owned();
    let track = || Some(Track { id: id(), r#type: 1, metadata: metadata() });
    let composition_url = || "https://composition.example.com/api/composition/5f0c7a52".to_owned();
    vec![
        Content::RoomCreated(RoomCreated { room_id: room_id() }),
        Content::RoomDeleted(RoomDeleted { room_id: room_id() }),
        Content::RoomCrashed(RoomCrashed { room_id: room_id() }),
        Content::PeerAdded(PeerAdded { room_id: room_id(), peer_id: id(), peer_type: 1 }),
        Content::PeerDeleted(PeerDeleted { room_id: room_id(), peer_id: id(), peer_type: 1 }),
        Content::PeerConnected(PeerConnected { room_id: room_id(), peer_id: id(), peer_type: 1 }),
        Content::PeerDisconnected(PeerDisconnected { room_id: room_id(), peer_id: id(), peer_type: 1 }),
        Content::PeerCrashed(PeerCrashed {
            room_id: room_id(),
            peer_id: id(),
            reason: "peer process crashed".to_owned(),
            peer_type: 1,
        }),
        Content::PeerMetadataUpdated(PeerMetadataUpdated {
            room_id: room_id(),
            peer_id: id(),
            metadata: metadata(),
            peer_type: 1,
        }),
        Content::TrackAdded(TrackAdded {
            room_id: room_id(),
            endpoint_info: Some(track_added::EndpointInfo::PeerId(id())),
            track: track(),
        }),
        Content::TrackRemoved(TrackRemoved {
            room_id: room_id(),
            endpoint_info: Some(track_removed::EndpointInfo::PeerId(id())),
            track: track(),
        }),
        Content::TrackMetadataUpdated(TrackMetadataUpdated {
            room_id: room_id(),
            endpoint_info: Some(track_metadata_updated::EndpointInfo::PeerId(id())),
            track: track(),
        }),
        Content::ChannelAdded(ChannelAdded {
            room_id: room_id(),
            channel_id: id(),
            endpoint_info: Some(channel_added::EndpointInfo::PeerId(id())),
        }),
        Content::ChannelRemoved(ChannelRemoved {
            room_id: room_id(),
            channel_id: id(),
            endpoint_info: Some(channel_removed::EndpointInfo::PeerId(id())),
        }),
        Content::TrackForwarding(TrackForwarding {
            room_id: room_id(),
            peer_id: id(),
            composition_url: composition_url(),
            input_id: id(),
            audio_track: track(),
            video_track: track(),
        }),
        Content::TrackForwardingRemoved(TrackForwardingRemoved {
            room_id: room_id(),
            peer_id: id(),
            composition_url: composition_url(),
            input_id: id(),
        }),
        Content::VadNotification(VadNotification { room_id: room_id(), peer_id: id(), track_id: id(), status: 2 }),
        Content::StreamerConnected(StreamerConnected { stream_id: room_id(), streamer_id: id() }),
        Content::StreamerDisconnected(StreamerDisconnected { stream_id: room_id(), streamer_id: id() }),
        Content::ViewerConnected(ViewerConnected { stream_id: room_id(), viewer_id: id() }),
        Content::ViewerDisconnected(ViewerDisconnected { stream_id: room_id(), viewer_id: id() }),
        Content::RecordingStatusChanged(RecordingStatusChanged { recording_id: id(), status: 3, metadata: metadata() }),
        Content::StreamConnected(StreamConnected { stream_id: room_id() }),
        Content::StreamDisconnected(StreamDisconnected { stream_id: room_id() }),
        Content::ComponentCrashed(ComponentCrashed { room_id: room_id(), component_id: id() }),
        Content::HlsPlayable(HlsPlayable { room_id: room_id(), component_id: id() }),
        Content::HlsUploaded(HlsUploaded { room_id: room_id() }),
        Content::HlsUploadCrashed(HlsUploadCrashed { room_id: room_id() }),
    ]
}
