//! Every operation of the contract and what its class makes of an ambiguous failure: another request or none.

use std::{collections::BTreeSet, time::Duration};

use anyhow::Context as _;
use fishjam_emulator::{Emulator, Fault, TrackKind};
use fishjam_sdk::{
    AgentOptions, CompositionRecordingOptions, FishjamClient, MoqAccessOptions, PeerOptions, RecordingFilter,
    RoomOptions, StreamOptions, SubscribeMode, Template, TemplateRecordingOptions, VapiAgentOptions,
};
use fishjam_tests::support::{each, is_one_twice, within};
use serde_json::json;

const COMPOSITION: &str = "https://rtc.fishjam.io/api/composition/c";

/// Read, update and delete: sent again.
const AGAIN: usize = 2;
/// Create: sent once, since a second request could make a second thing.
const ONCE: usize = 1;

/// A method, the operation of the contract behind it and how many requests arrive if the first is answered with 504.
const METHODS: [(&str, &str, usize); 30] = [
    ("check_credentials", "validate_credentials", AGAIN),
    ("create_room", "create_room", ONCE),
    ("get_all_rooms", "get_all_rooms", AGAIN),
    ("get_room", "get_room", AGAIN),
    ("delete_room", "delete_room", AGAIN),
    ("create_peer", "add_peer", ONCE),
    ("create_agent", "add_peer", ONCE),
    ("create_vapi_agent", "add_peer", ONCE),
    ("delete_peer", "delete_peer", AGAIN),
    ("refresh_peer_token", "refresh_token", ONCE),
    ("subscribe_peer", "subscribe_peer", AGAIN),
    ("subscribe_tracks", "subscribe_tracks", AGAIN),
    ("create_livestream_streamer_token", "generate_streamer_token", ONCE),
    ("create_livestream_viewer_token", "generate_viewer_token", ONCE),
    ("forward_room_tracks", "create_track_forwarding", ONCE),
    ("create_stream", "create_stream", ONCE),
    ("get_all_streams", "get_all_streams", AGAIN),
    ("get_stream", "get_stream", AGAIN),
    ("delete_stream", "delete_stream", AGAIN),
    ("create_streamer", "create_streamer", ONCE),
    ("delete_streamer", "delete_streamer", AGAIN),
    ("create_viewer", "create_viewer", ONCE),
    ("delete_viewer", "delete_viewer", AGAIN),
    ("create_moq_access", "create_moq_access", ONCE),
    ("create_composition_recording", "create_recording", ONCE),
    ("create_template_recording", "create_recording", ONCE),
    ("get_all_recordings", "list_recordings", AGAIN),
    ("get_recording", "get_recording", AGAIN),
    ("stop_recording", "stop_recording", AGAIN),
    ("delete_recording", "delete_recording", AGAIN),
];

#[test]
fn table_has_every_operation_of_the_contract() {
    let contract: BTreeSet<_> = include_str!("../../../openapi.yaml")
        .lines()
        .filter_map(|line| line.trim().strip_prefix("operationId: "))
        .collect();
    assert_eq!(contract.len(), 27);
    assert_eq!(METHODS.iter().map(|(_, operation, _)| *operation).collect::<BTreeSet<_>>(), contract);
}

#[tokio::test]
async fn every_operation_is_retried_as_its_class_says() -> anyhow::Result<()> {
    each(METHODS, |(method, operation, requests)| async move {
        let (emulator, outcome) =
            within(method, refused_once(method, operation, |fault| fault.status(504))).await.context(method)??;
        assert_eq!(emulator.journal().count(operation), requests, "{method}: {outcome:?}");
        match outcome {
            Ok(()) => assert_eq!(requests, AGAIN, "{method}"),
            Err(error) => {
                assert_eq!((requests, error.status(), error.attempts()), (ONCE, Some(504), 1), "{method}: {error}");
                assert_eq!((error.operation(), error.may_have_taken_effect()), (Some(operation), true), "{method}");
            }
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn retry_sends_the_same_request() -> anyhow::Result<()> {
    let not_taken = |fault: Fault| fault.status(503).retry_after(Duration::ZERO);
    each(METHODS, |(method, operation, _)| async move {
        let (emulator, outcome) =
            within(method, refused_once(method, operation, not_taken)).await.context(method)??;
        outcome.context(method)?;
        let sent = emulator.journal().requests_for(operation);
        assert!(is_one_twice(&sent), "{method}: {sent:?}");
        Ok(())
    })
    .await
}

/// Calls a method whose first request is refused in this way and not carried out.
async fn refused_once(
    method: &str,
    operation: &str,
    refuse: impl FnOnce(Fault) -> Fault,
) -> anyhow::Result<(Emulator, fishjam_sdk::Result<()>)> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let room = fishjam.create_room(RoomOptions::new()).await?.id;
    let (first, _) = fishjam.create_peer(&room, PeerOptions::new().subscribe_mode(SubscribeMode::Manual)).await?;
    let (second, _) = fishjam.create_peer(&room, PeerOptions::new()).await?;
    emulator.add_track(room.as_str(), second.id.as_str(), TrackKind::Audio, json!({}));
    let tracks = fishjam.get_room(&room).await?.peers.into_iter().flat_map(|peer| peer.tracks);
    let tracks: Vec<_> = tracks.filter_map(|track| track.id).collect();
    let stream = fishjam.create_stream(StreamOptions::new()).await?.id;
    let streamer = fishjam.create_streamer(&stream).await?.id;
    let viewer = fishjam.create_viewer(&stream).await?.id;
    let filter = || RecordingFilter::new().metadata(json!({ "order": { "id": null } }));
    let of_output = || CompositionRecordingOptions::new(COMPOSITION, "output");
    let recording = fishjam.create_composition_recording(of_output()).await?.id;
    if method == "delete_recording" {
        fishjam.stop_recording(&recording).await?;
    }
    emulator.journal().clear();
    refuse(emulator.faults().on(operation));

    let outcome = match method {
        "check_credentials" => fishjam.check_credentials().await,
        "create_room" => fishjam.create_room(RoomOptions::new()).await.map(drop),
        "get_all_rooms" => fishjam.get_all_rooms().await.map(drop),
        "get_room" => fishjam.get_room(&room).await.map(drop),
        "delete_room" => fishjam.delete_room(&room).await,
        "create_peer" => fishjam.create_peer(&room, PeerOptions::new()).await.map(drop),
        "create_agent" => fishjam.create_agent(&room, AgentOptions::new()).await.map(drop),
        "create_vapi_agent" => fishjam.create_vapi_agent(&room, VapiAgentOptions::new("key", "call")).await.map(drop),
        "delete_peer" => fishjam.delete_peer(&room, &first.id).await,
        "refresh_peer_token" => fishjam.refresh_peer_token(&room, &first.id).await.map(drop),
        "subscribe_peer" => fishjam.subscribe_peer(&room, &first.id, &second.id).await,
        "subscribe_tracks" => fishjam.subscribe_tracks(&room, &first.id, &tracks).await,
        "create_livestream_streamer_token" => fishjam.create_livestream_streamer_token(stream).await.map(drop),
        "create_livestream_viewer_token" => fishjam.create_livestream_viewer_token(stream).await.map(drop),
        "forward_room_tracks" => fishjam.forward_room_tracks(&room, COMPOSITION).await,
        "create_stream" => fishjam.create_stream(StreamOptions::new()).await.map(drop),
        "get_all_streams" => fishjam.get_all_streams().await.map(drop),
        "get_stream" => fishjam.get_stream(&stream).await.map(drop),
        "delete_stream" => fishjam.delete_stream(&stream).await,
        "create_streamer" => fishjam.create_streamer(&stream).await.map(drop),
        "delete_streamer" => fishjam.delete_streamer(&stream, &streamer).await,
        "create_viewer" => fishjam.create_viewer(&stream).await.map(drop),
        "delete_viewer" => fishjam.delete_viewer(&stream, &viewer).await,
        "create_moq_access" => fishjam.create_moq_access(MoqAccessOptions::new().subscribe_path("p")).await.map(drop),
        "create_composition_recording" => fishjam.create_composition_recording(of_output()).await.map(drop),
        "create_template_recording" => {
            let options = TemplateRecordingOptions::new(COMPOSITION, Template::from_bytes("t.js", "content"));
            fishjam.create_template_recording(options).await.map(drop)
        }
        "get_all_recordings" => fishjam.get_all_recordings(filter()).await.map(drop),
        "get_recording" => fishjam.get_recording(&recording).await.map(drop),
        "stop_recording" => fishjam.stop_recording(&recording).await.map(drop),
        "delete_recording" => fishjam.delete_recording(&recording).await,
        _ => anyhow::bail!("no such method"),
    };
    Ok((emulator, outcome))
}
