//! Tokens for streamers and viewers of a livestream.

use anyhow::Result;
use fishjam_emulator::Emulator;
use fishjam_sdk::{RoomOptions, RoomType};
use futures_util::{FutureExt, future::BoxFuture};

use crate::scenario::{Scenario, UNKNOWN_ID, client, refused};

pub(crate) const SCENARIO: Scenario = Scenario { name: "livestreams", calls: Some(calls), ..Scenario::NOTHING };

fn calls(emulator: &Emulator) -> BoxFuture<'_, Result<()>> {
    async move {
        let fishjam = client(emulator)?;
        let room = fishjam.create_room(RoomOptions::new().room_type(RoomType::Livestream).public(true)).await?;
        fishjam.create_livestream_viewer_token(&room.id).await?;
        fishjam.create_livestream_streamer_token(&room.id).await?;
        refused(fishjam.create_livestream_viewer_token(UNKNOWN_ID).await, 404)?;
        refused(fishjam.create_livestream_streamer_token("invalid room").await, 404)
    }
    .boxed()
}
