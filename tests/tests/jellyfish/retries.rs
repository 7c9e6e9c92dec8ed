//! Limits of retries that the two clients share.

use std::time::Duration;

use fishjam_sdk::{
    ErrorKind,
    jellyfish::{ConnectionOptions, JellyfishClient, WebRtc},
};

use crate::fixture::start;

#[tokio::test]
async fn clients_of_a_cluster_share_one_budget() -> anyhow::Result<()> {
    let (first, _) = start().await?;
    let (second, _) = start().await?;
    let options = ConnectionOptions::new(first.address(), first.token());
    let jellyfish =
        JellyfishClient::builder(options).retry_backoff(Duration::ZERO, Duration::ZERO).retry_budget(15).build()?;
    let other = jellyfish.update_address(second.address())?;
    for emulator in [&first, &second] {
        emulator.faults().on("get_all_rooms").always().status(503);
    }
    for (client, attempts) in [(&jellyfish, 4), (&other, 1), (&jellyfish, 1)] {
        assert_eq!(client.get_all_rooms().await.unwrap_err().attempts(), attempts);
    }
    Ok(())
}

#[tokio::test]
async fn request_that_cannot_be_built_is_invalid_input() -> anyhow::Result<()> {
    let (emulator, jellyfish) = start().await?;
    let long = "a".repeat(70_000);
    for error in [
        jellyfish.get_room(&*long).await.unwrap_err(),
        jellyfish.delete_room(&*long).await.unwrap_err(),
        jellyfish.add_peer(&*long, WebRtc::new()).await.unwrap_err(),
        jellyfish.get_recording_content(&*long, "index.m3u8").await.unwrap_err(),
    ] {
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{error}");
        assert!(!error.may_have_taken_effect(), "{error}");
    }
    assert_eq!(emulator.journal().count("*"), 0);
    Ok(())
}
