//! What every test here begins with.

use fishjam_emulator::{Emulator, JellyfishEmulator};
use fishjam_sdk::{
    VideoCodec,
    jellyfish::{ConnectionOptions, JellyfishClient, Room, RoomOptions},
};

/// A Jellyfish of the test's own, and a client of it.
pub(crate) async fn start() -> anyhow::Result<(JellyfishEmulator, JellyfishClient)> {
    let emulator = Emulator::jellyfish().start().await?;
    let jellyfish = client(&emulator)?;
    Ok((emulator, jellyfish))
}

/// Another client of it.
pub(crate) fn client(emulator: &JellyfishEmulator) -> fishjam_sdk::Result<JellyfishClient> {
    JellyfishClient::new(ConnectionOptions::new(emulator.address(), emulator.token()))
}

/// A room whose codec allows every kind of component.
pub(crate) async fn h264_room(jellyfish: &JellyfishClient) -> fishjam_sdk::Result<Room> {
    let (room, _) = jellyfish.create_room(RoomOptions::new().video_codec(VideoCodec::H264)).await?;
    Ok(room)
}
