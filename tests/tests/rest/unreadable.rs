//! Members that other parties write, and items that cannot be read, affect only themselves.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use fishjam_emulator::{Emulator, TrackKind};
use fishjam_sdk::{
    CompositionRecordingOptions, ErrorKind, FishjamClient, LivestreamOptions, PeerOptions, RecordingFilter, Room,
    RoomOptions,
};
use fishjam_tests::support::{Log, record};
use serde_json::{Value, json};

/// JSON that a client may write and `serde_json` cannot read as a value, each with the reason.
fn odd_json() -> [(String, &'static str); 5] {
    [
        // Alone, this can be decoded. Within a list of rooms, it is too deep.
        (nested(123), ""),
        (nested(100_000), "nested too deeply"),
        (r#"{"a":1e400}"#.to_owned(), "out of range"),
        (r#"{"a":"\ud800"}"#.to_owned(), "surrogate"),
        (r#"{"a":"\udc00b"}"#.to_owned(), "surrogate"),
    ]
}

fn nested(depth: usize) -> String {
    "[".repeat(depth) + &"]".repeat(depth)
}

/// The body of a response in which `place` is this JSON.
fn with_json(mut body: Value, places: &[&str], json: &str) -> String {
    for place in places {
        if let Some(member) = body.pointer_mut(place) {
            *member = json!("PLACEHOLDER");
        }
    }
    body.to_string().replace("\"PLACEHOLDER\"", json)
}

/// A room in JSON, with one peer that has one track.
fn room_json(id: &str) -> Value {
    json!({
        "id": id,
        "config": {},
        "peers": [{
            "id": "p", "type": "webrtc", "status": "connected", "metadata": {}, "subscribeMode": "auto",
            "subscriptions": { "peers": [], "tracks": [] },
            "tracks": [{ "id": "t", "type": "audio", "metadata": {} }],
        }],
        "compositionInfo": { "compositionUrl": "https://c", "forwardings": [] },
    })
}

const IN_ROOM: [&str; 3] = ["/peers/0/metadata", "/peers/0/tracks/0/metadata", "/compositionInfo/forwardings"];

fn check_odd(room: &Room, reason: &str) -> anyhow::Result<()> {
    let peer = &room.peers[0];
    let outcomes = [peer.metadata::<Value>().err(), peer.tracks[0].metadata::<Value>().err()];
    for error in outcomes.iter().map(Option::as_ref) {
        let Some(error) = error else {
            assert_eq!(reason, "");
            continue;
        };
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Decode, 0));
        let text = format!("{:#}", anyhow::Error::from(error.clone()));
        assert!(!reason.is_empty() && text.contains(reason), "{text}");
    }
    let error = room.composition_info().unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Decode, Some("composition info cannot be read")));
    Ok(())
}

#[tokio::test]
async fn metadata_that_cannot_be_read_affects_only_itself() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    for (odd, reason) in odd_json() {
        let places = IN_ROOM.map(|place| format!("/data/1{place}"));
        let list = json!({ "data": [room_json("a"), room_json("b"), room_json("c")] });
        let body = with_json(list, &places.each_ref().map(String::as_str), &odd);
        emulator.faults().on("get_all_rooms").body(body);
        let rooms = fishjam.get_all_rooms().await?;
        assert_eq!(rooms.iter().map(|room| room.id.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
        check_odd(&rooms[1], reason)?;
        assert_eq!(rooms[1].peers[0].metadata.as_ref().map(|metadata| metadata.as_str()), Some(odd.as_str()));
        assert_eq!(rooms[0].peers[0].metadata::<Value>()?, json!({}));

        let places = IN_ROOM.map(|place| format!("/data{place}"));
        let room = json!({ "data": room_json("b") });
        let body = with_json(room, &places.each_ref().map(String::as_str), &odd);
        emulator.faults().on("get_room").status(200).body(body);
        check_odd(&fishjam.get_room("b").await?, reason)?;
    }
    Ok(())
}

#[tokio::test]
async fn create_peer_returns_the_token_with_odd_metadata() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    for (odd, _) in odd_json() {
        let peer = room_json("r")["peers"][0].clone();
        let response = json!({ "data": { "peer": peer, "token": "a-token", "peer_websocket_url": "h/socket" } });
        let places = ["/data/peer/metadata", "/data/peer/tracks/0/metadata"];
        emulator.faults().on("create_peer").body(with_json(response.clone(), &places, &odd));
        let (peer, token) = fishjam.create_peer(&room.id, PeerOptions::new()).await?;
        assert_eq!((peer.id.as_str(), token.expose()), ("p", "a-token"));
        emulator.faults().on("create_agent").body(with_json(response, &places, &odd));
        assert_eq!(fishjam.create_agent(&room.id, Default::default()).await?.token().expose(), "a-token");
    }
    Ok(())
}

#[tokio::test]
async fn a_recording_with_odd_metadata_is_created_and_listed() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let recording = |id: &str| {
        let source = json!({ "compositionURL": "https://c/", "outputId": "o" });
        json!({ "id": id, "status": "active", "source": source, "files": [], "metadata": {} })
    };
    for (odd, reason) in odd_json() {
        let list = json!({ "data": [recording("a"), recording("b")] });
        emulator.faults().on("list_recordings").body(with_json(list, &["/data/0/metadata"], &odd));
        let recordings = fishjam.get_all_recordings(RecordingFilter::new()).await?;
        assert_eq!((recordings.len(), recordings[1].metadata::<Value>()?), (2, json!({})));
        match recordings[0].metadata::<Value>() {
            Ok(_) => assert_eq!(reason, ""),
            Err(e) => assert!(!reason.is_empty() && e.message() == Some("metadata of recording cannot be read"), "{e}"),
        }
        let created = json!({ "data": recording("c") });
        emulator.faults().on("create_recording").body(with_json(created, &["/data/metadata"], &odd));
        let options = CompositionRecordingOptions::new("https://rtc.fishjam.io/api/composition/c", "o");
        assert_eq!(fishjam.create_composition_recording(options).await?.id, "c");
    }
    Ok(())
}

#[tokio::test]
async fn text_that_is_not_utf_8_affects_only_its_string() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let body = with_json(json!({ "data": [room_json("a")] }), &["/data/0/peers/0/metadata"], "\"x\"");
    let body: Vec<u8> = body.bytes().map(|byte| if byte == b'x' { 0xed } else { byte }).collect();
    emulator.faults().on("get_all_rooms").body(body);
    let rooms = fishjam.get_all_rooms().await?;
    assert_eq!(rooms[0].peers[0].metadata::<String>()?, "\u{fffd}");
    Ok(())
}

/// A list in which the second and the third item cannot be read, and the third has no readable id either.
fn broken(list: &mut Value, member: &str) {
    list["data"][1][member] = json!({ "sentinel": "sentinel" });
    list["data"][2] = json!({ "id": ["sentinel"] });
}

#[tokio::test]
async fn an_unreadable_item_of_a_list_affects_only_itself() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    for _ in 0..4 {
        let room = fishjam.create_room(RoomOptions::new()).await?;
        fishjam.create_peer(&room.id, PeerOptions::new()).await?;
        emulator.add_track(room.id.as_str(), "p", TrackKind::Audio, json!({}));
        fishjam.create_stream(LivestreamOptions::new()).await?;
        let options = CompositionRecordingOptions::new("https://rtc.fishjam.io/api/composition/c", "o");
        fishjam.create_composition_recording(options).await?;
    }
    let filter = RecordingFilter::new;
    let rooms = fishjam.get_all_rooms().await?;
    let streams = fishjam.get_all_streams().await?;
    let recordings = fishjam.get_all_recordings(filter()).await?;

    emulator.faults().on("get_all_rooms").always().patch_json(|list| broken(list, "peers"));
    emulator.faults().on("get_all_streams").always().patch_json(|list| broken(list, "viewers"));
    emulator.faults().on("list_recordings").always().patch_json(|list| broken(list, "status"));
    let read = fishjam.get_all_rooms().await?;
    assert_eq!((read.len(), &read[0], &read[1..]), (rooms.len() - 2, &rooms[0], &rooms[3..]));
    let read = fishjam.get_all_streams().await?;
    assert_eq!((read.len(), &read[0].id, &read[1].id), (2, &streams[0].id, &streams[3].id));
    let read = fishjam.get_all_recordings(filter()).await?;
    assert_eq!((read.len(), &read[0], &read[1]), (2, &recordings[0], &recordings[3]));

    for (unreadable, id, place) in [
        (fishjam.get_all_rooms_with_unreadable().await?.unreadable, rooms[1].id.as_str(), "data[1].peers"),
        (fishjam.get_all_streams_with_unreadable().await?.unreadable, streams[1].id.as_str(), "data[1].viewers"),
        (
            fishjam.get_all_recordings_with_unreadable(filter()).await?.unreadable,
            recordings[1].id.as_str(),
            "data[1].status",
        ),
    ] {
        let ids: Vec<_> = unreadable.iter().map(|item| (item.index, item.id.as_deref())).collect();
        assert_eq!(ids, [(1, Some(id)), (2, None)]);
        let error = &unreadable[0].error;
        assert_eq!((error.kind(), error.status()), (ErrorKind::Decode, Some(200)));
        assert!(error.operation().is_some() && error.to_string().contains(place), "{error}");
        assert!(!format!("{unreadable:?} {unreadable:#?} {error}").contains("sentinel"));
    }
    Ok(())
}

#[tokio::test]
async fn a_response_that_is_not_a_list_is_an_error() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    for body in ["<html>", "", "[]", "{}", r#"{"data":{}}"#, r#"{"data":[1,]}"#, r#"{"data":[{}]} more"#] {
        emulator.faults().on("get_all_rooms").body(body);
        let error = fishjam.get_all_rooms().await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Decode, 1), "{body}: {error}");
    }
    Ok(())
}

#[tokio::test]
async fn skipped_items_are_logged_once_without_content() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    for _ in 0..3 {
        fishjam.create_room(RoomOptions::new()).await?;
    }
    emulator.faults().on("get_all_rooms").patch_json(|list| broken(list, "peers"));
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    let recording = record(subscriber);
    fishjam.get_all_rooms().await?;
    drop(recording);
    let text = log.text();
    assert_eq!(text.matches("skipped unreadable items of a list").count(), 1, "{text}");
    assert!(text.contains("skipped=2") && text.contains("first_index=1") && !text.contains("sentinel"), "{text}");
    Ok(())
}
