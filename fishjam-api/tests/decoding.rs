//! Decodes responses of current, newer and older servers. Errors name the place.

mod whole;

use fishjam_api::{
    RawJson, Subscriptions,
    fishjam::{enums, types},
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use whole::whole;

/// Returns a room with every member of the newest contract.
fn room() -> Value {
    json!({
        "id": "room",
        "config": {
            "batchWebhookNotifications": true,
            "maxPeers": 4,
            "public": true,
            "roomType": "audio_only",
            "videoCodec": "vp8",
            "webhookUrl": "https://example.com/",
        },
        "peers": [peer()],
        "compositionInfo": {
            "compositionUrl": "https://rtc.example.com/api/composition/c",
            "forwardings": [{ "peerId": "peer", "inputId": "input", "audioTrackId": "a", "videoTrackId": "v" }],
        },
    })
}

fn peer() -> Value {
    json!({
        "id": "peer",
        "type": "agent",
        "status": "connected",
        "metadata": { "peer": { "name": "Ada" }, "server": {} },
        "subscribeMode": "manual",
        "subscriptions": { "peers": ["p"], "tracks": ["t"] },
        "tracks": [{ "id": "track", "type": "audio", "metadata": { "type": "microphone" } }],
    })
}

fn recording() -> Value {
    json!({
        "id": "recording",
        "status": "available",
        "files": [{ "url": "https://example.com/1.mp4" }],
        "metadata": { "a": [1, null] },
        "source": { "compositionURL": "https://example.com/c", "outputId": "o", "scaleRatio": 0.5 },
    })
}

fn stream() -> Value {
    json!({
        "id": "stream",
        "public": false,
        "audioOnly": true,
        "streamers": [{ "id": "s", "status": "connected", "token": "t" }],
        "viewers": [{ "id": "v", "token": "t" }],
    })
}

#[test]
fn response_is_read_completely() {
    whole::<types::RoomsListingResponse>(&json!({ "data": [room(), room()] }));
    whole::<types::RoomDetailsResponse>(&json!({ "data": room() }));
    whole::<types::RoomCreateDetailsResponse>(&json!({ "data": { "room": room() } }));
    whole::<types::PeerDetailsResponse>(
        &json!({ "data": { "peer": peer(), "token": "t", "peer_websocket_url": "h/socket/peer/websocket" } }),
    );
    whole::<types::PeerRefreshTokenResponse>(&json!({ "data": { "token": "t" } }));
    whole::<types::RecordingListResponse>(&json!({ "data": [recording()] }));
    whole::<types::StreamsListingResponse>(&json!({ "data": [stream()] }));
    whole::<types::StreamerDetailsResponse>(&json!({ "data": { "id": "s", "status": "disconnected", "token": "t" } }));
    whole::<types::ViewerDetailsResponse>(&json!({ "data": { "id": "v", "token": "t" } }));
    whole::<types::MoqAccess>(&json!({ "connection_url": "https://example.com/?jwt=t", "token": "t" }));
}

/// Proves that the helper `whole` works.
#[test]
#[should_panic(expected = "nothing reads /new/0 of")]
fn unread_part_makes_whole_fail() {
    whole::<types::ViewerDetailsResponse>(&json!({ "data": { "id": "v", "token": "t" }, "new": [1] }));
}

/// Adds a new member to every object of a document.
fn grown(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.values_mut().for_each(grown);
            members.insert("newInTomorrowsVersion".to_owned(), json!({ "a": 1 }));
        }
        Value::Array(items) => items.iter_mut().for_each(grown),
        _ => {}
    }
}

#[test]
fn unknown_field_in_response_is_skipped() {
    fn check<T: DeserializeOwned>(mut response: Value) -> serde_json::Result<T> {
        grown(&mut response);
        serde_json::from_value(response)
    }
    check::<types::RoomsListingResponse>(json!({ "data": [room()] })).unwrap();
    check::<types::RoomCreateDetailsResponse>(json!({ "data": { "room": room() } })).unwrap();
    check::<types::PeerDetailsResponse>(json!({ "data": { "peer": peer(), "token": "t" } })).unwrap();
    check::<types::PeerRefreshTokenResponse>(json!({ "data": { "token": "t" } })).unwrap();
    check::<types::RecordingDetailsResponse>(json!({ "data": recording() })).unwrap();
    check::<types::StreamDetailsResponse>(json!({ "data": stream() })).unwrap();
    check::<types::StreamerToken>(json!({ "token": "t" })).unwrap();
    check::<types::ViewerToken>(json!({ "token": "t" })).unwrap();
    check::<types::MoqAccess>(json!({ "connection_url": "u", "token": "t" })).unwrap();
}

// Defect X13 of the official SDKs.
#[test]
fn unknown_enum_value_in_response_is_kept() {
    fn changed(mut response: Value, pointers: &[&str]) -> Option<Value> {
        for pointer in pointers {
            *response.pointer_mut(pointer)? = json!("of tomorrow");
        }
        Some(response)
    }
    let enums = [
        "/config/roomType",
        "/config/videoCodec",
        "/peers/0/type",
        "/peers/0/status",
        "/peers/0/subscribeMode",
        "/peers/0/tracks/0/type",
    ];
    whole::<types::Room>(&changed(room(), &enums).unwrap());
    whole::<types::Recording>(&changed(recording(), &["/status"]).unwrap());
    whole::<types::Stream>(&changed(stream(), &["/streamers/0/status"]).unwrap());
}

#[test]
fn listed_values_are_variants_and_others_are_kept() {
    let decoded: enums::RoomType = serde_json::from_value(json!("audio_only_livestream")).unwrap();
    assert_eq!(decoded, enums::RoomType::AudioOnlyLivestream);
    let unknown: enums::PeerType = serde_json::from_value(json!("hologram")).unwrap();
    assert_eq!(unknown, enums::PeerType::Unknown("hologram".to_owned()));
    assert_eq!(enums::PeerType::from_server("vapi").as_str(), "vapi");
    assert_eq!(unknown.to_string(), "hologram");
    // `Display` respects the width of a column.
    assert_eq!(format!("{:<9}{unknown:>9}|", enums::TrackType::Audio), "audio     hologram|");
    assert_eq!(serde_json::to_value(&unknown).unwrap(), json!("hologram"));
    // The decoder copies a string with an escape.
    let escaped: enums::RoomType = serde_json::from_str(r#""conf\u0065rence""#).unwrap();
    assert_eq!(escaped, enums::RoomType::Conference);
}

#[test]
fn only_known_values_parse() {
    assert_eq!("vp8".parse(), Ok(enums::VideoCodec::Vp8));
    assert_eq!("audio_only".parse(), Ok(enums::RoomType::AudioOnly));
    for typo in ["vp9x", "VP8", "", " vp8"] {
        let error = typo.parse::<enums::VideoCodec>().unwrap_err();
        let expected = format!(r#"invalid VideoCodec {typo:?}: must be "h264" or "vp8""#);
        assert_eq!(error.to_string(), expected);
    }
    let error = "x".repeat(1000).parse::<enums::RecordingStatus>().unwrap_err().to_string();
    assert!(error.len() < 200 && error.contains(r#""active", "#), "{error}");
}

#[test]
fn documented_null_decodes() {
    let mut room = room();
    for pointer in [
        "/compositionInfo",
        "/config/maxPeers",
        "/config/webhookUrl",
        "/peers/0/metadata",
        "/peers/0/tracks/0/metadata",
    ] {
        *room.pointer_mut(pointer).unwrap() = Value::Null;
    }
    let room: types::Room = serde_json::from_value(room).unwrap();
    assert!(room.config.max_peers.is_none() && room.peers[0].metadata.is_none());
    assert!(room.peers[0].tracks[0].metadata.is_none());

    let mut recording = recording();
    recording["metadata"] = Value::Null;
    serde_json::from_value::<types::Recording>(recording).unwrap();
}

#[test]
fn metadata_without_object_does_not_affect_other_rooms() {
    for odd in [json!("text"), json!([1, "a"]), json!(1.5), json!(true)] {
        let mut odd_room = room();
        odd_room["peers"][0]["metadata"] = odd.clone();
        odd_room["peers"][0]["tracks"][0]["metadata"] = odd.clone();
        let listing = json!({ "data": [room(), odd_room, room()] });
        let listing: types::RoomsListingResponse = whole(&listing);
        let peer = &listing.data[1].peers[0];
        let text = odd.to_string();
        assert_eq!(peer.metadata.as_ref().map(|metadata| metadata.get()), Some(text.as_str()));
        assert_eq!(peer.tracks[0].metadata.as_ref().map(|metadata| metadata.get()), Some(text.as_str()));
    }
}

#[test]
fn subscriptions_of_older_servers_are_empty() {
    let decoded = |subscriptions: Value| {
        let mut peer = peer();
        peer["subscriptions"] = subscriptions;
        serde_json::from_value::<types::Peer>(peer).map(|peer| peer.subscriptions.unwrap_or_default())
    };
    for older in [json!([]), json!(["p", { "t": [1] }]), json!(null), json!({}), json!({ "peers": null })] {
        assert_eq!(decoded(older.clone()).unwrap(), Subscriptions::default(), "{older}");
    }
    let one = decoded(json!({ "tracks": ["t"], "new": 1 })).unwrap();
    assert_eq!((one.peers, one.tracks), (Vec::new(), vec!["t".to_owned()]));
    assert_eq!(one.extra.get("new").map(RawJson::get), Some("1"));
    for wrong in [json!("text"), json!(1), json!({ "peers": "p" }), json!({ "peers": [1] })] {
        assert!(decoded(wrong.clone()).is_err(), "{wrong}");
    }

    let mut absent = peer();
    absent.as_object_mut().unwrap().remove("subscriptions");
    assert!(serde_json::from_value::<types::Peer>(absent).unwrap().subscriptions.is_none());
}

// Defect X13 of the official SDKs.
#[test]
fn recording_of_older_server_has_no_files() {
    let mut older = recording();
    older.as_object_mut().unwrap().remove("files");
    assert!(serde_json::from_value::<types::Recording>(older).unwrap().files.is_empty());
}

#[test]
fn optional_member_of_response_can_be_absent() {
    let room: types::Room = serde_json::from_value(json!({ "id": "r", "config": {}, "peers": [] })).unwrap();
    assert!(room.composition_info.is_none() && room.config.room_type.is_none());
    serde_json::from_value::<types::Track>(json!({})).unwrap();
    let stream = json!({ "id": "s", "public": true, "streamers": [], "viewers": [] });
    assert!(serde_json::from_value::<types::Stream>(stream).unwrap().audio_only.is_none());
}

#[test]
fn recording_source_keeps_its_kind() {
    let source = |value| serde_json::from_value::<types::RecordingSource>(value).unwrap();
    let composition = json!({ "compositionURL": "u", "outputId": "o", "new": 1 });
    assert!(matches!(source(composition), types::RecordingSource::CompositionSource(s) if s.output_id == "o"));
    let template = json!({ "compositionURL": "u", "audio": false, "resolution": { "width": 2, "height": 4 } });
    assert!(matches!(source(template), types::RecordingSource::TemplateSource(s) if s.audio == Some(false)));
    let unheard_of = json!({ "roomId": "r" });
    assert!(matches!(source(unheard_of.clone()), types::RecordingSource::Object(_)));
    whole::<types::RecordingSource>(&unheard_of);
}

#[test]
fn missing_required_field_is_an_error_with_its_path() {
    let mut room = room();
    room["peers"][0].as_object_mut().unwrap().remove("status");
    let listing = json!({ "data": [room] }).to_string();
    let mut json = serde_json::Deserializer::from_str(&listing);
    let error = serde_path_to_error::deserialize::<_, types::RoomsListingResponse>(&mut json).unwrap_err();
    assert_eq!(error.path().to_string(), "data[0].peers[0]");
    assert!(error.to_string().contains("missing field `status`"), "{error}");
}

#[test]
fn unset_option_is_not_serialized() {
    let empty = |value: Value| assert_eq!(value, json!({}));
    empty(serde_json::to_value(types::RoomConfig::default()).unwrap());
    empty(serde_json::to_value(types::StreamConfig::default()).unwrap());
    empty(serde_json::to_value(types::PeerOptionsWebRtc::default()).unwrap());
    empty(serde_json::to_value(types::PeerOptionsAgent::default()).unwrap());
    empty(serde_json::to_value(types::MoqAccessConfig::default()).unwrap());
}

#[test]
fn raw_members_accept_json_beyond_the_limits_of_values() {
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    for odd in [deep.as_str(), "1e400", r#""\ud800""#, r#"{"\udc00":0}"#] {
        let mut room = room();
        for place in ["/peers/0/metadata", "/peers/0/tracks/0/metadata", "/compositionInfo"] {
            *room.pointer_mut(place).unwrap() = json!("ODD");
        }
        let text = room.to_string().replace("\"ODD\"", odd);
        let room: types::Room = serde_json::from_str(&text).unwrap();
        assert_eq!(room.composition_info.unwrap().get(), odd);
        assert_eq!(room.peers[0].metadata.as_ref().unwrap().get(), odd);
        // The slower decoder, which reports places, returns the same.
        let mut json = serde_json::Deserializer::from_str(&text);
        let room: types::Room = serde_path_to_error::deserialize(&mut json).unwrap();
        assert_eq!(room.peers[0].tracks[0].metadata.as_ref().unwrap().get(), odd);
    }
}
