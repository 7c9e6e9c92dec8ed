//! Errors of agents.

use std::time::Duration;

use anyhow::Context;
use fishjam_emulator::Emulator;
use fishjam_sdk::{
    AgentOptions, FishjamClient, RoomOptions,
    agent::{OutgoingAudioTrackOptions, PacedTrack, PacingOptions, SampleRate},
};
use fishjam_tests::support::within;

use super::line;

pub(super) async fn errors() -> anyhow::Result<Vec<String>> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    let agent = fishjam.create_agent(&room.id, AgentOptions::new()).await?;
    let mut session = agent.connect().await?;
    let track = session.add_track(OutgoingAudioTrackOptions::pcm16(SampleRate::Hz24000)).await?;

    let mut errors = vec![
        line(SampleRate::try_from(8_000))?,
        line(PacedTrack::new(track.clone(), PacingOptions::new())?.send_chunk(vec![0; 3]).await)?,
        line(track.send_chunk(vec![0; 17 * 1024 * 1024]).await)?,
        line(session.capture_image_and_wait("no-track", Duration::from_millis(50)).await)?,
    ];

    fishjam.delete_room(&room.id).await?;
    let end = loop {
        if let Err(error) = within("the end of the session", session.receive()).await?.context("no error")? {
            break error;
        }
    };
    errors.push(format!("{end:#}"));
    errors.push(line(track.send_chunk(vec![0; 2]).await)?);
    errors.push(line(agent.connect().await)?);

    let room = fishjam.create_room(RoomOptions::new()).await?;
    let agent = fishjam.create_agent(&room.id, AgentOptions::new()).await?;
    agent.delete().await?;
    errors.push(line(agent.connect().await)?);
    Ok(errors)
}
