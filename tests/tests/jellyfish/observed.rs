//! Responses observed from a real server. Each has an expected outcome.

use std::collections::BTreeSet;

use fishjam_emulator::JellyfishEmulator;
use fishjam_sdk::{
    Error, ErrorKind,
    jellyfish::{Hls, HlsRequest, JellyfishClient, RoomOptions, WebRtc},
};
use serde_json::Value;

use crate::{
    case::{self, Body},
    fixture::start,
    pattern,
};

/// The exchanges with a real server that the emulator's tests replay.
const OBSERVED: [&str; 7] = [
    include_str!("../../../fishjam-emulator/tests/jellyfish_rest/cases/components.txt"),
    include_str!("../../../fishjam-emulator/tests/jellyfish_rest/cases/documented.txt"),
    include_str!("../../../fishjam-emulator/tests/jellyfish_rest/cases/files.txt"),
    include_str!("../../../fishjam-emulator/tests/jellyfish_rest/cases/operations.txt"),
    include_str!("../../../fishjam-emulator/tests/jellyfish_rest/cases/peers.txt"),
    include_str!("../../../fishjam-emulator/tests/jellyfish_rest/cases/requests.txt"),
    include_str!("../../../fishjam-emulator/tests/jellyfish_rest/cases/rooms.txt"),
];

/// The longest words of a server that an error keeps, in bytes.
const WORDS: usize = 512;

/// An operation, the status of its response, and the body. A JSON body is formatted.
pub(crate) type Observed = (&'static str, u16, Vec<u8>);

/// Each observed response, once. Responses that belong to no operation count as responses to a room lookup.
pub(crate) fn observed() -> BTreeSet<Observed> {
    let exchanges = OBSERVED.into_iter().flat_map(case::parse).flat_map(|case| case.exchanges);
    let responses = exchanges.map(|(request, response)| {
        let body = match response.body {
            Body::Json(value) => pattern::expand(value).to_string().replace("\"$uptime\"", "5").into_bytes(),
            Body::Bytes(bytes) => bytes,
        };
        (operation(&request.method, &request.path), response.status, body)
    });
    responses
        .filter_map(|(operation, status, body)| {
            Some((operation.or((status >= 400).then_some("get_room"))?, status, body))
        })
        .collect()
}

fn operation(method: &str, path: &str) -> Option<&'static str> {
    let path = path.split('?').next()?.trim_matches('/');
    Some(match (method, &path.split('/').collect::<Vec<_>>()[..]) {
        ("GET", ["health"]) => "healthcheck",
        ("GET", ["room"]) => "get_all_rooms",
        ("POST", ["room"]) => "create_room",
        ("GET", ["room", _]) => "get_room",
        ("DELETE", ["room", _]) => "delete_room",
        ("POST", ["room", _, "peer"]) => "add_peer",
        ("DELETE", ["room", _, "peer", _]) => "delete_peer",
        ("POST", ["room", _, "component"]) => "add_component",
        ("DELETE", ["room", _, "component", _]) => "delete_component",
        ("POST", ["room", _, "component", _, "subscribe"]) => "subscribe_to",
        ("POST", ["sip", _, _, "call"]) => "dial",
        ("DELETE", ["sip", _, _, "call"]) => "end_call",
        ("GET", ["recording"]) => "get_recordings",
        ("DELETE", ["recording", _]) => "delete_recording",
        ("GET", ["recording", _, _]) => "getRecordingContent",
        ("GET", ["hls", _, _]) => "getHlsContent",
        _ => return None,
    })
}

/// Calls an operation that gets this response. Returns the printed value, or the file.
async fn run_case(
    emulator: &JellyfishEmulator,
    jellyfish: &JellyfishClient,
    (operation, status, body): &Observed,
) -> Result<String, Error> {
    emulator.faults().on(operation).times(1).status(*status).body(body.clone());
    let file = |bytes: bytes::Bytes| String::from_utf8_lossy(&bytes).into_owned();
    Ok(match *operation {
        "healthcheck" => format!("{:?}", jellyfish.health().await?),
        "get_all_rooms" => format!("{:?}", jellyfish.get_all_rooms().await?),
        "create_room" => format!("{:?}", jellyfish.create_room(RoomOptions::new()).await?),
        "get_room" => format!("{:?}", jellyfish.get_room("r").await?),
        "delete_room" => format!("{:?}", jellyfish.delete_room("r").await?),
        "add_peer" => format!("{:?}", jellyfish.add_peer("r", WebRtc::new()).await?),
        "delete_peer" => format!("{:?}", jellyfish.delete_peer("r", "p").await?),
        "add_component" => format!("{:?}", jellyfish.add_component("r", Hls::new()).await?),
        "delete_component" => format!("{:?}", jellyfish.delete_component("r", "c").await?),
        "subscribe_to" => format!("{:?}", jellyfish.subscribe("r", "c", ["p"]).await?),
        "dial" => format!("{:?}", jellyfish.dial("r", "c", "1").await?),
        "end_call" => format!("{:?}", jellyfish.end_call("r", "c").await?),
        "get_recordings" => format!("{:?}", jellyfish.get_recordings().await?),
        "delete_recording" => format!("{:?}", jellyfish.delete_recording("r").await?),
        "getRecordingContent" => file(jellyfish.get_recording_content("r", "f").await?.bytes().await?),
        "getHlsContent" => file(jellyfish.get_hls_content("r", "f", HlsRequest::new()).await?.bytes().await?),
        other => unreachable!("{other}"),
    })
}

#[tokio::test]
async fn every_observed_refusal_has_an_outcome() -> anyhow::Result<()> {
    let (emulator, jellyfish) = start().await?;
    let refusals: Vec<Observed> = observed().into_iter().filter(|(_, status, _)| *status >= 400).collect();
    assert!(refusals.len() > 70, "{}", refusals.len());
    for refusal in refusals {
        let (operation, status, body) = &refusal;
        let said = String::from_utf8_lossy(body);
        let kind = match (*status, *operation) {
            (400, _) => ErrorKind::BadRequest,
            (401, _) => ErrorKind::Unauthorized,
            (404, _) => ErrorKind::NotFound,
            (406 | 413, _) => ErrorKind::UnexpectedStatus,
            (500, _) => ErrorKind::Server,
            // The room is full.
            (503, "add_peer") => ErrorKind::Conflict,
            _ => anyhow::bail!("no outcome is defined for {operation} {status} {said}"),
        };
        let error = run_case(&emulator, &jellyfish, &refusal).await.unwrap_err();
        assert_eq!((error.kind(), error.status(), error.attempts()), (kind, Some(*status), 1), "{operation} {said}");
        assert_eq!(error.operation(), Some(*operation), "{said}");
        let errors = serde_json::from_slice::<Value>(body).unwrap_or_default()["errors"].take();
        let words = errors.as_str().or(errors["detail"].as_str());
        // Long words are cut, and line breaks are not printed.
        let words = words.map(|words| {
            let end = (0..=words.len().min(WORDS)).rev().find(|end| words.is_char_boundary(*end)).unwrap_or_default();
            words[..end].replace(char::is_control, " ")
        });
        assert_eq!(error.message(), words.as_deref(), "{operation} {said}");
    }
    Ok(())
}

#[tokio::test]
async fn every_observed_success_is_read() -> anyhow::Result<()> {
    let (emulator, jellyfish) = start().await?;
    let successes: Vec<Observed> = observed().into_iter().filter(|(_, status, _)| *status < 300).collect();
    assert!(successes.len() > 50, "{}", successes.len());
    for success in successes {
        let (operation, status, body) = &success;
        let said = String::from_utf8_lossy(body);
        let read = run_case(&emulator, &jellyfish, &success).await;
        let read = read.map_err(|error| anyhow::anyhow!("{operation} {status} {said}: {error}"))?;
        if operation.ends_with("Content") {
            assert_eq!(read, said, "{operation}");
        }
        // The SDK knows all members, and each id is in the right field.
        assert!(!read.contains("Unknown"), "{operation} {said}: {read}");
        for id in
            ["$room1", "$peer1", "$component1", "$hls1"].into_iter().filter(|id| said.contains(&format!("\"{id}\"")))
        {
            assert!(read.contains(id), "{operation} {said}: {read}");
        }
    }
    Ok(())
}
