//! Evolution: additions of a newer service do not break this version.

use fishjam_emulator::{Emulator, TrackKind};
use fishjam_sdk::{
    FishjamClient, PeerOptions, PeerStatus, PeerType, RoomOptions, RoomType, SubscribeMode, TrackType, VideoCodec,
};
use serde_json::{Value, json};

/// Adds unknown fields to every object in a response.
fn add_members(value: &mut Value) {
    match value {
        Value::Array(elements) => elements.iter_mut().for_each(add_members),
        Value::Object(members) => {
            members.values_mut().for_each(add_members);
            members.insert("geoLoc".to_owned(), json!({ "lat": 50.06, "tags": [null, true] }));
            members.insert("".to_owned(), Value::Null);
        }
        _ => {}
    }
}

// Defect X13 of the official SDKs.
#[tokio::test]
async fn unknown_fields_are_skipped_everywhere() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    emulator.faults().on("*").always().patch_json(add_members);
    let room = fishjam.create_room(RoomOptions::new().room_type(RoomType::Livestream)).await?;
    let (peer, token) = fishjam.create_peer(&room.id, PeerOptions::new()).await?;
    emulator.add_track(room.id.as_str(), peer.id.as_str(), TrackKind::Audio, json!({ "a": 1 }));
    let fresh = fishjam.refresh_peer_token(&room.id, &peer.id).await?;
    assert_ne!(token.expose(), fresh.expose());
    let got = fishjam.get_room(&room.id).await?;
    assert_eq!((&got.id, &got.config, got.peers.len()), (&room.id, &room.config, 1));
    assert_eq!(got.peers[0].tracks[0].track_type, Some(TrackType::Audio));
    assert_eq!(fishjam.get_all_rooms().await?, [got]);
    assert!(!fishjam.create_livestream_viewer_token(&room.id).await?.expose().is_empty());
    assert!(!fishjam.create_livestream_streamer_token(&room.id).await?.expose().is_empty());
    Ok(())
}

// Defect X13 of the official SDKs.
#[tokio::test]
async fn unknown_values_stay_readable_and_affect_one_room() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    for _ in 0..3 {
        let room = fishjam.create_room(RoomOptions::new()).await?;
        let (peer, _) = fishjam.create_peer(&room.id, PeerOptions::new()).await?;
        emulator.add_track(room.id.as_str(), peer.id.as_str(), TrackKind::Video, Value::Null);
    }
    let known = fishjam.get_all_rooms().await?;
    emulator.faults().on("get_all_rooms").patch_json(|response| {
        let room = &mut response["data"][1];
        room["config"]["roomType"] = json!("hologram");
        room["config"]["videoCodec"] = json!("av2");
        let peer = &mut room["peers"][0];
        peer["type"] = json!("sip");
        peer["status"] = json!("on hold");
        peer["subscribeMode"] = json!("selective");
        peer["tracks"][0]["type"] = json!("smell");
    });
    let rooms = fishjam.get_all_rooms().await?;
    assert_eq!(rooms.len(), 3);
    assert_eq!((&rooms[0], &rooms[2]), (&known[0], &known[2]));
    let (odd, peer) = (&rooms[1], &rooms[1].peers[0]);
    assert_eq!((&odd.id, &peer.id), (&known[1].id, &known[1].peers[0].id));

    assert_eq!(odd.config.room_type.as_str(), "hologram");
    assert_eq!(odd.config.room_type, RoomType::Unknown("hologram".to_owned()));
    assert_eq!(odd.config.video_codec.as_str(), "av2");
    assert_eq!(peer.peer_type.to_string(), "sip");
    assert_eq!(peer.status.as_str(), "on hold");
    assert_eq!(peer.subscribe_mode.as_str(), "selective");
    let track_type = peer.tracks[0].track_type.as_ref();
    assert_eq!(track_type.map(TrackType::as_str), Some("smell"));

    for (unequal, what) in [
        (odd.config.room_type != RoomType::Conference, "room type"),
        (odd.config.video_codec != VideoCodec::H264, "codec"),
        (![PeerType::Webrtc, PeerType::Agent, PeerType::Vapi].contains(&peer.peer_type), "peer type"),
        (![PeerStatus::Connected, PeerStatus::Disconnected].contains(&peer.status), "status"),
        (![SubscribeMode::Auto, SubscribeMode::Manual].contains(&peer.subscribe_mode), "subscribe mode"),
        (track_type != Some(&TrackType::Audio) && track_type != Some(&TrackType::Video), "track type"),
    ] {
        assert!(unequal, "an unknown {what} equals a known one");
    }
    Ok(())
}

// Defect X13 of the official SDKs.
#[tokio::test]
async fn odd_metadata_stays_readable_and_affects_one_room() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    for _ in 0..3 {
        let room = fishjam.create_room(RoomOptions::new()).await?;
        let (peer, _) = fishjam.create_peer(&room.id, PeerOptions::new()).await?;
        emulator.add_track(room.id.as_str(), peer.id.as_str(), TrackKind::Video, json!({ "a": 1 }));
    }
    let known = fishjam.get_all_rooms().await?;
    for odd in [json!("text"), json!([1, "a"]), json!(1.5)] {
        let strange = |room: &mut Value, odd: &Value| {
            room["peers"][0]["metadata"] = odd.clone();
            room["peers"][0]["tracks"][0]["metadata"] = odd.clone();
        };
        let (listed, single) = (odd.clone(), odd.clone());
        emulator.faults().on("get_all_rooms").patch_json(move |response| strange(&mut response["data"][1], &listed));
        emulator.faults().on("get_room").patch_json(move |response| strange(&mut response["data"], &single));
        let rooms = fishjam.get_all_rooms().await?;
        assert_eq!(rooms.len(), 3);
        assert_eq!((&rooms[0], &rooms[2]), (&known[0], &known[2]));
        assert_eq!(rooms[1], fishjam.get_room(&known[1].id).await?);
        let peer = &rooms[1].peers[0];
        assert_eq!((peer.metadata::<Value>()?, peer.tracks[0].metadata::<Value>()?), (odd.clone(), odd));
        assert_eq!(peer.id, known[1].peers[0].id);
    }
    Ok(())
}

// Defect X13 of the official SDKs.
#[tokio::test]
async fn unknown_value_is_sent_back_unchanged() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let options = RoomOptions::new().room_type(RoomType::Unknown("hologram".to_owned()));
    fishjam.create_room(options).await.unwrap_err();
    assert_eq!(emulator.journal().requests()[0].body_json(), Some(json!({ "roomType": "hologram" })));
    Ok(())
}

// Defect X13 of the official SDKs.
#[tokio::test]
async fn optional_fields_may_be_null_or_absent() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    let (peer, _) = fishjam.create_peer(&room.id, PeerOptions::new()).await?;
    emulator.add_track(room.id.as_str(), peer.id.as_str(), TrackKind::Video, Value::Null);
    let known = fishjam.get_room(&room.id).await?;

    emulator.faults().on("get_room").patch_json(|response| response["data"]["config"] = json!({}));
    assert_eq!(fishjam.get_room(&room.id).await?.config, known.config);

    emulator.faults().on("get_room").patch_json(|response| response["data"]["compositionInfo"] = Value::Null);
    assert_eq!(fishjam.get_room(&room.id).await?, known);

    emulator.faults().on("get_room").patch_json(|response| {
        let peer = &mut response["data"]["peers"][0];
        peer["metadata"] = Value::Null;
        peer["tracks"] = json!([{}, { "id": "t", "type": "audio", "metadata": null }]);
    });
    let peer = fishjam.get_room(&room.id).await?.peers.remove(0);
    assert_eq!(peer.metadata, None);
    assert_eq!((&peer.tracks[0].id, &peer.tracks[0].track_type, &peer.tracks[0].metadata), (&None, &None, &None));
    assert_eq!(peer.tracks[1].id.as_ref().map(|id| id.as_str()), Some("t"));

    emulator.faults().on("create_peer").patch_json(|response| {
        response["data"].as_object_mut().map(|data| data.remove("peer_websocket_url"));
    });
    fishjam.create_peer(&room.id, PeerOptions::new()).await?;
    Ok(())
}

#[tokio::test]
async fn a_composition_of_a_room_is_read() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    emulator.faults().on("get_room").patch_json(|response| {
        response["data"]["compositionInfo"] = json!({
            "compositionUrl": "https://rtc.example/api/composition/c",
            "forwardings": [
                { "peerId": "p", "inputId": "i", "audioTrackId": "a", "videoTrackId": null },
                { "peerId": "q", "inputId": "j" },
            ],
        });
    });
    let composition = fishjam.get_room(&room.id).await?.composition_info()?.unwrap();
    assert_eq!(composition.composition_url, "https://rtc.example/api/composition/c");
    let read: Vec<_> = composition
        .forwardings
        .iter()
        .map(|one| (one.peer_id.as_str(), one.input_id.as_str(), one.audio_track_id.as_ref().map(|id| id.as_str())))
        .collect();
    assert_eq!(read, [("p", "i", Some("a")), ("q", "j", None)]);
    assert!(composition.forwardings.iter().all(|one| one.video_track_id.is_none()));
    Ok(())
}
