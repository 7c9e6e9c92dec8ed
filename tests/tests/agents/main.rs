//! Agents from a user's view: sessions, tracks, images and ends.

mod audio;
mod ends;
mod handshake;
mod images;
mod lifecycle;
mod messages;
mod rooms;
mod sending;
mod service;
mod speakers;

use anyhow::{Context, bail};
use fishjam_sdk::{
    Error,
    agent::{AgentMessage, AgentSession, IncomingTrackData},
};
use fishjam_tests::support::within;

/// The next message.
async fn next(session: &mut AgentSession) -> anyhow::Result<AgentMessage> {
    Ok(within("a message", session.receive()).await?.context("the session ended")??)
}

/// The next chunk of audio.
async fn heard(session: &mut AgentSession) -> anyhow::Result<IncomingTrackData> {
    match next(session).await? {
        AgentMessage::TrackData(heard) => Ok(heard),
        other => bail!("this is no audio: {other:?}"),
    }
}

/// The error with which a session ends; there must be nothing before it, and nothing comes after it.
async fn end(session: &mut AgentSession) -> anyhow::Result<Error> {
    match within("the end", session.receive()).await? {
        Some(Err(error)) => {
            let after = within("the end of the stream", session.receive()).await?;
            anyhow::ensure!(after.is_none(), "after its error the session goes on: {after:?}");
            Ok(error)
        }
        other => bail!("this is no error: {other:?}"),
    }
}
