//! Peers and their tokens.

use anyhow::Result;
use fishjam_emulator::Emulator;
use fishjam_sdk::{PeerOptions, RoomOptions, SubscribeMode};
use futures_util::{FutureExt, future::BoxFuture};
use serde_json::json;

use crate::{
    difference::Tolerated,
    scenario::{Scenario, UNKNOWN_ID, client, refused},
};

pub(crate) const SCENARIO: Scenario =
    Scenario { name: "peers", calls: Some(calls), tolerated: TOLERATED, ..Scenario::NOTHING };

const TOLERATED: &[Tolerated] = &[
    Tolerated {
        operation: "add_peer",
        place: "/body/options/metadata",
        python: Some("{}"),
        rust: None,
        reason: "the Python SDK sends an empty object for no metadata; the peer's metadata is {} either way",
    },
    Tolerated {
        operation: "add_peer",
        place: "/body/options/subscribeMode",
        python: Some(r#""auto""#),
        rust: None,
        reason: "the Python SDK spells the contract's default out; absent means the same",
    },
];

fn calls(emulator: &Emulator) -> BoxFuture<'_, Result<()>> {
    async move {
        let fishjam = client(emulator)?;
        let room = fishjam.create_room(RoomOptions::new().max_peers(4)).await?;
        let (peer, _) = fishjam.create_peer(&room.id, PeerOptions::new()).await?;
        let metadata = json!({
            "name": "Zażółć",
            "nested": { "list": [1, 2.5, null, true], "empty": {} },
            "dotted.key": "",
        });
        fishjam.create_peer(&room.id, PeerOptions::new().metadata(metadata)).await?;
        fishjam.create_peer(&room.id, PeerOptions::new().metadata(json!({}))).await?;
        let manual = PeerOptions::new().metadata(json!({ "a": 1 })).subscribe_mode(SubscribeMode::Manual);
        let (other, _) = fishjam.create_peer(&room.id, manual).await?;
        let auto = PeerOptions::new().subscribe_mode(SubscribeMode::Auto);
        refused(fishjam.create_peer(&room.id, auto).await, 409)?;
        refused(fishjam.create_peer(UNKNOWN_ID, PeerOptions::new()).await, 404)?;
        fishjam.refresh_peer_token(&room.id, &peer.id).await?;
        refused(fishjam.refresh_peer_token(&room.id, "invalid peer").await, 404)?;
        fishjam.delete_peer(&room.id, &other.id).await?;
        refused(fishjam.delete_peer(&room.id, &other.id).await, 404)?;
        refused(fishjam.delete_peer(UNKNOWN_ID, "invalid_peer").await, 404)
    }
    .boxed()
}
