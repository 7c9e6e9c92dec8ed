//! The responses of an older contract.

use fishjam_emulator::{Contract, Emulator};
use serde_json::{Value, json};

use crate::client::{add_peer, call, create_room};

#[tokio::test]
async fn version_0_22_has_its_own_responses() {
    for contract in [Contract::Current, Contract::V0_22] {
        let old = contract == Contract::V0_22;
        let emulator = Emulator::builder().contract(contract).start().await.unwrap();
        let (_, created) = call(&emulator, "POST", "/room", Some(json!({ "maxPeers": 2 }))).await;
        let address = emulator.origin().strip_prefix("http://").unwrap();
        let expected = if old { json!(address) } else { Value::Null };
        assert_eq!(created["data"]["fishjam_address"], expected);
        let room = created["data"]["room"]["id"].as_str().unwrap();

        let (producer, _) = add_peer(&emulator, room).await;
        let body = json!({ "type": "webrtc", "options": { "enableSimulcast": true, "metadata": {} } });
        let (status, added) = call(&emulator, "POST", &format!("/room/{room}/peer"), Some(body.clone())).await;
        assert_eq!(status, 201);
        let empty = if old { json!([]) } else { json!({ "peers": [], "tracks": [] }) };
        assert_eq!(added["data"]["peer"]["subscriptions"], empty);
        let peer = added["data"]["peer"]["id"].as_str().unwrap();
        let path = format!("/room/{room}/peer/{peer}/subscribe_peer?peer_id={producer}");
        call(&emulator, "POST", &path, None).await;
        let one = if old { json!([producer]) } else { json!({ "peers": [producer], "tracks": [] }) };
        let (_, got) = call(&emulator, "GET", &format!("/room/{room}"), None).await;
        assert_eq!(got["data"]["peers"][1]["subscriptions"], one);
        let (_, listed) = call(&emulator, "GET", "/room", None).await;
        assert_eq!(listed["data"], json!([got["data"]]));

        let (status, refused) = call(&emulator, "POST", &format!("/room/{room}/peer"), Some(body)).await;
        let text = format!("Reached webrtc peers limit in room {room}");
        assert_eq!((status, refused), (if old { 503 } else { 409 }, json!({ "errors": text })));
        create_room(&emulator, json!({})).await;
    }
}
