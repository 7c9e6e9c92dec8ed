//! Manual subscriptions of a peer.

use fishjam_emulator::{Emulator, TrackKind};
use fishjam_sdk::{ErrorKind, PeerId, PeerOptions, RoomOptions, SubscribeMode, TrackId};
use serde_json::json;

use super::{last, start};

#[tokio::test]
async fn subscribe_adds_a_peer_and_tracks() -> anyhow::Result<()> {
    let (emulator, fishjam) = start(Emulator::builder()).await?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    let (speaker, _) = fishjam.create_peer(&room.id, PeerOptions::new()).await?;
    let manual = PeerOptions::new().subscribe_mode(SubscribeMode::Manual);
    let (listener, _) = fishjam.create_peer(&room.id, manual).await?;
    let track = emulator.add_track(room.id.as_str(), speaker.id.as_str(), TrackKind::Audio, json!({}));
    let track = TrackId::from(track.unwrap());

    fishjam.subscribe_peer(&room.id, &listener.id, &speaker.id).await?;
    let request = last(&emulator, "subscribe_peer");
    assert_eq!(request.path(), format!("/room/{}/peer/{}/subscribe_peer", room.id, listener.id));
    assert_eq!((request.method(), request.body()), ("POST", &b""[..]));
    assert_eq!(request.query(), Some(format!("peer_id={}", speaker.id).as_str()));

    fishjam.subscribe_tracks(&room.id, &listener.id, [&track]).await?;
    let request = last(&emulator, "subscribe_tracks");
    assert_eq!(request.path(), format!("/room/{}/peer/{}/subscribe_tracks", room.id, listener.id));
    assert_eq!((request.method(), request.query()), ("POST", None));
    assert_eq!(request.body_json(), Some(json!({ "track_ids": [track] })));

    let peers = fishjam.get_room(&room.id).await?.peers;
    let listener = peers.iter().find(|peer| peer.id == listener.id).unwrap();
    assert_eq!(listener.subscriptions.peers, [speaker.id]);
    assert_eq!(listener.subscriptions.tracks, [track]);
    Ok(())
}

#[tokio::test]
async fn subscribe_accepts_ids_of_any_form_and_many_tracks() -> anyhow::Result<()> {
    let (emulator, fishjam) = start(Emulator::builder()).await?;
    for operation in ["subscribe_peer", "subscribe_tracks"] {
        emulator.faults().on(operation).always().status(200);
    }
    fishjam.subscribe_peer("r", "p", "a b&c=ü").await?;
    assert_eq!(last(&emulator, "subscribe_peer").query(), Some("peer_id=a+b%26c%3D%C3%BC"));
    fishjam.subscribe_tracks("r", String::from("p"), ["a", "b"]).await?;
    assert_eq!(last(&emulator, "subscribe_tracks").body_json(), Some(json!({ "track_ids": ["a", "b"] })));
    fishjam.subscribe_tracks("r", PeerId::from("p"), Vec::<TrackId>::new()).await?;
    assert_eq!(last(&emulator, "subscribe_tracks").body_json(), Some(json!({ "track_ids": [] })));
    Ok(())
}

#[tokio::test]
async fn subscribe_sends_ids_with_a_slash_unchanged() -> anyhow::Result<()> {
    let (emulator, fishjam) = start(Emulator::builder()).await?;
    for operation in ["subscribe_peer", "subscribe_tracks"] {
        emulator.faults().on(operation).always().status(200);
    }
    let ids = ["voice/1", "..", "a\\b", "a\nb", "\u{0}", "ü?#&"];
    fishjam.subscribe_tracks("r", "p", ids).await?;
    assert_eq!(last(&emulator, "subscribe_tracks").body_json(), Some(json!({ "track_ids": ids })));
    for (id, query) in [("voice/1", "peer_id=voice%2F1"), ("..", "peer_id=.."), ("a\nb", "peer_id=a%0Ab")] {
        fishjam.subscribe_peer("r", "p", id).await?;
        assert_eq!(last(&emulator, "subscribe_peer").query(), Some(query));
    }
    Ok(())
}

#[tokio::test]
async fn subscribe_refuses_invalid_input() -> anyhow::Result<()> {
    let (emulator, fishjam) = start(Emulator::builder()).await?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    let (peer, _) = fishjam.create_peer(&room.id, PeerOptions::new()).await?;
    for error in [
        fishjam.subscribe_peer("gone", &peer.id, &peer.id).await.unwrap_err(),
        fishjam.subscribe_peer(&room.id, "gone", &peer.id).await.unwrap_err(),
        fishjam.subscribe_peer(&room.id, &peer.id, "gone").await.unwrap_err(),
    ] {
        assert_eq!((error.kind(), error.operation()), (ErrorKind::NotFound, Some("subscribe_peer")));
    }
    emulator.journal().clear();
    for error in [
        fishjam.subscribe_peer("..", "p", "q").await.unwrap_err(),
        fishjam.subscribe_peer("r", "", "q").await.unwrap_err(),
        fishjam.subscribe_peer("r", "p", "").await.unwrap_err(),
        fishjam.subscribe_tracks("r", "p/q", ["t"]).await.unwrap_err(),
        fishjam.subscribe_tracks("r", "p", ["t", ""]).await.unwrap_err(),
    ] {
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0));
    }
    assert_eq!(emulator.journal().count("*"), 0);
    Ok(())
}
