//! Forwarding of a room's tracks to a composition.

use fishjam_emulator::{Emulator, TrackKind};
use fishjam_sdk::{ErrorKind, PeerOptions, RoomOptions};
use serde_json::json;

use super::{last, start};

const COMPOSITION: &str = "https://rtc.fishjam.io/api/composition/c";

#[tokio::test]
async fn forwarded_tracks_are_shown_by_the_room() -> anyhow::Result<()> {
    let (emulator, fishjam) = start(Emulator::builder()).await?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    assert_eq!(room.composition_info()?, None);
    fishjam.forward_room_tracks(&room.id, COMPOSITION).await?;
    let request = last(&emulator, "create_track_forwarding");
    assert_eq!(request.path(), format!("/room/{}/track_forwardings", room.id));
    assert_eq!((request.method(), request.query(), request.status()), ("POST", None, Some(201)));
    assert_eq!(request.body_json(), Some(json!({ "compositionURL": COMPOSITION })));

    let (peer, _) = fishjam.create_peer(&room.id, PeerOptions::new()).await?;
    let track = emulator.add_track(room.id.as_str(), peer.id.as_str(), TrackKind::Video, json!({ "type": "camera" }));
    let info = fishjam.get_room(&room.id).await?.composition_info()?.unwrap();
    assert_eq!((info.composition_url.as_str(), info.forwardings.len()), (COMPOSITION, 1));
    assert_eq!(info.forwardings[0].peer_id, peer.id);
    assert_eq!(info.forwardings[0].video_track_id, track.map(Into::into));
    assert_eq!(info.forwardings[0].audio_track_id, None);
    Ok(())
}

#[tokio::test]
async fn create_forwarding_refuses_invalid_options() -> anyhow::Result<()> {
    let (emulator, fishjam) = start(Emulator::builder()).await?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    let other = fishjam.create_room(RoomOptions::new()).await?;
    fishjam.forward_room_tracks(&room.id, COMPOSITION).await?;
    for (error, kind) in [
        (fishjam.forward_room_tracks(&other.id, COMPOSITION).await.unwrap_err(), ErrorKind::Conflict),
        (fishjam.forward_room_tracks("gone", COMPOSITION).await.unwrap_err(), ErrorKind::NotFound),
        (fishjam.forward_room_tracks(&other.id, "https://no-slash").await.unwrap_err(), ErrorKind::BadRequest),
    ] {
        assert_eq!((error.kind(), error.operation()), (kind, Some("create_track_forwarding")), "{error}");
    }
    emulator.journal().clear();
    assert_eq!(fishjam.forward_room_tracks("a/b", COMPOSITION).await.unwrap_err().kind(), ErrorKind::InvalidInput);
    assert_eq!(emulator.journal().count("*"), 0);
    Ok(())
}

#[tokio::test]
async fn forwarding_is_not_requested_again_if_it_may_exist() -> anyhow::Result<()> {
    let (emulator, fishjam) = start(Emulator::builder()).await?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    emulator.faults().on("create_track_forwarding").always().status(502);
    assert_eq!(fishjam.forward_room_tracks(&room.id, COMPOSITION).await.unwrap_err().kind(), ErrorKind::Server);
    assert_eq!(emulator.journal().count("create_track_forwarding"), 1);
    Ok(())
}
