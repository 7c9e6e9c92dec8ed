//! Members that other parties write, and items that cannot be read, affect only themselves.

use fishjam_sdk::{
    ErrorKind,
    jellyfish::{RoomOptions, WebRtc},
};
use serde_json::{Value, json};

use crate::fixture::start;

fn room(id: &str) -> Value {
    let track = json!({ "id": "t", "type": "audio", "metadata": "ODD" });
    json!({
        "id": id,
        "config": {},
        "peers": [{ "id": "p", "type": "webrtc", "status": "connected", "metadata": "ODD", "tracks": [track] }],
        "components": [{ "id": "c", "type": "file", "properties": { "filePath": "a" }, "tracks": [track] }],
    })
}

#[tokio::test]
async fn metadata_that_cannot_be_read_affects_only_itself() -> anyhow::Result<()> {
    let (emulator, jellyfish) = start().await?;
    let nested = "[".repeat(100_000) + &"]".repeat(100_000);
    for odd in [nested.as_str(), r#"{"a":1e400}"#, r#"{"a":"\ud800"}"#] {
        let body = json!({ "data": [room("a"), room("b")] }).to_string().replace("\"ODD\"", odd);
        emulator.faults().on("get_all_rooms").body(body);
        let rooms = jellyfish.get_all_rooms().await?;
        assert_eq!(rooms.len(), 2);
        for error in [
            rooms[0].peers[0].metadata::<Value>().unwrap_err(),
            rooms[0].peers[0].tracks[0].metadata::<Value>().unwrap_err(),
            rooms[0].components[0].tracks[0].metadata::<Value>().unwrap_err(),
        ] {
            assert_eq!((error.kind(), error.operation()), (ErrorKind::Decode, None), "{error}");
        }
        let (created, _) = jellyfish.create_room(RoomOptions::new()).await?;
        let body = json!({ "data": { "peer": room("a")["peers"][0], "token": "a-token" } });
        emulator.faults().on("add_peer").body(body.to_string().replace("\"ODD\"", odd));
        assert_eq!(jellyfish.add_peer(&created.id, WebRtc::new()).await?.token.expose(), "a-token");
    }
    Ok(())
}

#[tokio::test]
async fn an_unreadable_item_of_a_list_affects_only_itself() -> anyhow::Result<()> {
    let (emulator, jellyfish) = start().await?;
    let mut odd = room("b");
    odd["peers"] = json!(1);
    let body = json!({ "data": [room("a"), odd, room("c")] }).to_string();
    emulator.faults().on("get_all_rooms").times(2).body(body);
    let ids: Vec<_> = jellyfish.get_all_rooms().await?.into_iter().map(|room| room.id).collect();
    assert_eq!(ids, ["a", "c"]);
    let unreadable = jellyfish.get_all_rooms_with_unreadable().await?.unreadable;
    assert_eq!((unreadable.len(), unreadable[0].index, unreadable[0].id.as_deref()), (1, 1, Some("b")));

    let body = json!({ "data": ["a", { "id": "b" }, "c"] }).to_string();
    emulator.faults().on("get_recordings").times(2).status(200).body(body);
    assert_eq!(jellyfish.get_recordings().await?, ["a", "c"]);
    let unreadable = jellyfish.get_recordings_with_unreadable().await?.unreadable;
    assert_eq!((unreadable.len(), unreadable[0].index), (1, 1));
    Ok(())
}

#[tokio::test]
async fn subscribe_sends_origins_with_a_slash_unchanged() -> anyhow::Result<()> {
    let (emulator, jellyfish) = start().await?;
    emulator.faults().on("subscribe_to").status(200);
    let origins = ["voice/1", "..", "a\nb"];
    jellyfish.subscribe("r", "c", origins).await?;
    let requests = emulator.journal().requests_for("subscribe_to");
    assert_eq!(requests[0].body_json(), Some(json!({ "origins": origins })));
    Ok(())
}
