//! Rooms: create, list, get, delete.

use anyhow::Result;
use fishjam_emulator::Emulator;
use fishjam_sdk::{RoomOptions, RoomType, VideoCodec};
use futures_util::{FutureExt, future::BoxFuture};

use crate::{
    difference::Tolerated,
    scenario::{Scenario, UNKNOWN_ID, client, refused},
};

pub(crate) const SCENARIO: Scenario =
    Scenario { name: "rooms", calls: Some(calls), tolerated: TOLERATED, ..Scenario::NOTHING };

const DEFAULT: &str = "the Python SDK spells the contract's default out; absent means the same";
const NULL: &str = "the Python SDK sends null for an option that is not set; null and absent mean the same";

const TOLERATED: &[Tolerated] = &[
    room_option("/body/batchWebhookNotifications", "false", DEFAULT),
    room_option("/body/maxPeers", "null", NULL),
    room_option("/body/public", "false", DEFAULT),
    room_option("/body/roomType", r#""conference""#, DEFAULT),
    room_option("/body/webhookUrl", "null", NULL),
];

/// An option of `create_room` that the official SDK sends when it is not set, and ours does not.
const fn room_option(place: &'static str, python: &'static str, reason: &'static str) -> Tolerated {
    Tolerated { operation: "create_room", place, python: Some(python), rust: None, reason }
}

fn calls(emulator: &Emulator) -> BoxFuture<'_, Result<()>> {
    async move {
        let fishjam = client(emulator)?;
        let room = fishjam.create_room(RoomOptions::new()).await?;
        for room_type in [
            RoomType::Conference,
            RoomType::AudioOnly,
            RoomType::Livestream,
            RoomType::FullFeature,
            RoomType::Broadcaster,
            RoomType::AudioOnlyLivestream,
        ] {
            fishjam.create_room(RoomOptions::new().room_type(room_type)).await?;
        }
        for codec in [VideoCodec::H264, VideoCodec::Vp8] {
            fishjam.create_room(RoomOptions::new().video_codec(codec)).await?;
        }
        fishjam.create_room(RoomOptions::new().max_peers(0)).await?;
        let every = RoomOptions::new()
            .max_peers(20)
            .video_codec(VideoCodec::Vp8)
            .webhook_url("http://example.com/ścieżka?a=b")
            .room_type(RoomType::AudioOnlyLivestream)
            .public(true)
            .batch_webhook_notifications(true);
        fishjam.create_room(every).await?;
        refused(fishjam.create_room(RoomOptions::new().webhook_url("https://example.com")).await, 400)?;
        fishjam.get_all_rooms().await?;
        fishjam.get_room(&room.id).await?;
        refused(fishjam.get_room(UNKNOWN_ID).await, 404)?;
        refused(fishjam.get_room("pokój 1+2 %41&?#").await, 404)?;
        fishjam.delete_room(&room.id).await?;
        refused(fishjam.delete_room(&room.id).await, 404)
    }
    .boxed()
}
