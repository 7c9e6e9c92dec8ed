//! Every operation of the contract and what its class makes of an ambiguous failure: another request or none.

use std::{collections::BTreeSet, time::Duration};

use anyhow::Context as _;
use fishjam_emulator::{Fault, JellyfishEmulator};
use fishjam_sdk::jellyfish::{Hls, HlsRequest, RoomOptions, Sip, SipCredentials, SubscribeMode, WebRtc};
use fishjam_tests::support::{each, is_one_twice, within};

use crate::world::{h264_room, start};

/// Read, update and delete: sent again.
const AGAIN: usize = 2;
/// Create: sent once, since a second request could make a second thing, or a second call.
const ONCE: usize = 1;

/// A method, the operation of the contract behind it and how many requests arrive if the first is answered with 504.
const METHODS: [(&str, &str, usize); 16] = [
    ("health", "healthcheck", AGAIN),
    ("create_room", "create_room", ONCE),
    ("get_all_rooms", "get_all_rooms", AGAIN),
    ("get_room", "get_room", AGAIN),
    ("delete_room", "delete_room", AGAIN),
    ("add_peer", "add_peer", ONCE),
    ("delete_peer", "delete_peer", AGAIN),
    ("add_component", "add_component", ONCE),
    ("delete_component", "delete_component", AGAIN),
    ("subscribe", "subscribe_to", AGAIN),
    ("dial", "dial", ONCE),
    ("end_call", "end_call", AGAIN),
    ("get_recordings", "get_recordings", AGAIN),
    ("delete_recording", "delete_recording", AGAIN),
    ("get_hls_content", "getHlsContent", AGAIN),
    ("get_recording_content", "getRecordingContent", AGAIN),
];

/// What does not exist in the world of this test, and is asked for all the same: the second answer says so.
const ABSENT: [&str; 3] = ["delete_recording", "get_hls_content", "get_recording_content"];

#[test]
fn table_has_every_operation_of_the_contract() {
    let contract: BTreeSet<_> = include_str!("../../../openapi-jellyfish.yaml")
        .lines()
        .filter_map(|line| line.trim().strip_prefix("operationId: "))
        .collect();
    assert_eq!(contract.len(), 16);
    assert_eq!(METHODS.iter().map(|(_, operation, _)| *operation).collect::<BTreeSet<_>>(), contract);
}

#[tokio::test]
async fn every_operation_is_retried_as_its_class_says() -> anyhow::Result<()> {
    each(METHODS, |(method, operation, requests)| async move {
        let (emulator, outcome) =
            within(method, refused_once(method, operation, |fault| fault.status(504))).await.context(method)??;
        assert_eq!(emulator.journal().count(operation), requests, "{method}: {outcome:?}");
        match outcome {
            // A deletion that finds nothing the second time has succeeded.
            Ok(()) => {
                assert!(requests == AGAIN && (method.starts_with("delete") || !ABSENT.contains(&method)), "{method}")
            }
            Err(error) if ABSENT.contains(&method) => {
                assert_eq!((error.status(), error.attempts()), (Some(404), 2), "{method}: {error}");
            }
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
        assert!(outcome.is_ok() || ABSENT.contains(&method), "{method}: {outcome:?}");
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
) -> anyhow::Result<(JellyfishEmulator, fishjam_sdk::Result<()>)> {
    let (emulator, jellyfish) = start().await?;
    let room = h264_room(&jellyfish).await?.id;
    let peer = jellyfish.add_peer(&room, WebRtc::new()).await?.peer.id;
    let hls = jellyfish.add_component(&room, Hls::new().subscribe_mode(SubscribeMode::Manual)).await?.id;
    let telephone = || Sip::new(SipCredentials::new("registrar", "user", "password"));
    let sip = jellyfish.add_component(&room, telephone()).await?.id;
    emulator.journal().clear();
    refuse(emulator.faults().on(operation));

    let outcome = match method {
        "health" => jellyfish.health().await.map(drop),
        "create_room" => jellyfish.create_room(RoomOptions::new()).await.map(drop),
        "get_all_rooms" => jellyfish.get_all_rooms().await.map(drop),
        "get_room" => jellyfish.get_room(&room).await.map(drop),
        "delete_room" => jellyfish.delete_room(&room).await,
        "add_peer" => jellyfish.add_peer(&room, WebRtc::new()).await.map(drop),
        "delete_peer" => jellyfish.delete_peer(&room, &peer).await,
        "add_component" => jellyfish.add_component(&room, telephone()).await.map(drop),
        "delete_component" => jellyfish.delete_component(&room, &hls).await,
        "subscribe" => jellyfish.subscribe(&room, &hls, [&peer]).await,
        "dial" => jellyfish.dial(&room, &sip, "123").await,
        "end_call" => jellyfish.end_call(&room, &sip).await,
        "get_recordings" => jellyfish.get_recordings().await.map(drop),
        "delete_recording" => jellyfish.delete_recording("absent").await,
        "get_hls_content" => {
            let request = HlsRequest::new().part(1, 2).range("bytes=0-9");
            jellyfish.get_hls_content("absent", "f", request).await.map(drop)
        }
        "get_recording_content" => jellyfish.get_recording_content("absent", "f").await.map(drop),
        _ => anyhow::bail!("no such method"),
    };
    Ok((emulator, outcome))
}
