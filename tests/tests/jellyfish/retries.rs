//! Limits of retries that the two clients share.

use std::time::Duration;

use fishjam_sdk::{
    jellyfish::{ConnectionOptions, JellyfishClient},
};

use crate::world::start;

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
