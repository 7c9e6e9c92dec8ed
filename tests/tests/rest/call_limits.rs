//! Clones of a client with other limits: they share its connections, its retry budget and its token.

use std::time::Duration;

use fishjam_emulator::Emulator;
use fishjam_sdk::{
    ErrorKind, FishjamClient,
    jellyfish::{ConnectionOptions, JellyfishClient},
};
use fishjam_tests::{clock::SteppedClock, support::within};

use crate::relay::Relay;

#[tokio::test]
async fn with_max_attempts_changes_only_the_clone() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::builder(emulator.url(), emulator.token())
        .retry_backoff(Duration::ZERO, Duration::ZERO)
        .max_attempts(3)
        .build()?;
    emulator.faults().on("get_all_rooms").always().status(503);
    for (client, attempts) in
        [(fishjam.with_max_attempts(1), 1), (fishjam.with_max_attempts(0), 1), (fishjam.with_max_attempts(5), 5)]
    {
        assert_eq!(client.get_all_rooms().await.unwrap_err().attempts(), attempts);
        assert_eq!(fishjam.get_all_rooms().await.unwrap_err().attempts(), 3);
    }
    Ok(())
}

#[tokio::test]
async fn with_timeout_limits_each_request_of_the_clone() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::builder(emulator.url(), emulator.token())
        .request_timeout(Duration::from_secs(20))
        .max_attempts(2)
        .build()?;
    // The connection is in the pool.
    fishjam.get_all_rooms().await?;
    let _clock = SteppedClock::start(Duration::from_millis(100));
    emulator.faults().on("get_all_rooms").always().delay(Duration::from_secs(40));
    let (short, long) = (fishjam.with_timeout(Duration::from_secs(5)), fishjam.with_timeout(Duration::from_secs(60)));
    for client in [&short, &fishjam] {
        let error = within("a timeout", client.get_all_rooms()).await?.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, 2));
    }
    within("a slow response", long.get_all_rooms()).await??;
    Ok(())
}

#[tokio::test]
async fn with_overall_timeout_limits_the_whole_call() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    emulator.faults().on("get_all_rooms").status(503).retry_after(Duration::from_secs(20));
    let _clock = SteppedClock::start(Duration::from_millis(100));
    // There is no time for the wait.
    let short = fishjam.with_overall_timeout(Duration::from_secs(20));
    assert_eq!(within("an error", short.get_all_rooms()).await?.unwrap_err().attempts(), 1);
    emulator.faults().on("get_all_rooms").status(503).retry_after(Duration::from_secs(20));
    within("a second attempt", fishjam.get_all_rooms()).await??;
    Ok(())
}

#[tokio::test]
async fn clone_with_limits_shares_pool_and_budget() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let relay = Relay::start(emulator.origin()).await?;
    let url = emulator.url().replace(emulator.origin(), &relay.origin());
    let fishjam = FishjamClient::builder(url, emulator.token())
        .retry_backoff(Duration::ZERO, Duration::ZERO)
        .retry_budget(5)
        .build()?;
    for _ in 0..20 {
        fishjam.with_timeout(Duration::from_secs(60)).get_all_rooms().await?;
        fishjam.get_all_rooms().await?;
    }
    assert!(relay.accepted() < 20, "{}", relay.accepted());

    // The clone uses all tokens of the budget.
    emulator.faults().on("get_all_rooms").always().status(503);
    assert_eq!(fishjam.with_max_attempts(9).get_all_rooms().await.unwrap_err().attempts(), 2);
    assert_eq!(fishjam.get_all_rooms().await.unwrap_err().attempts(), 1);

    // The client has the deprecation that the clone received.
    emulator.faults().clear();
    let header = r#"{"status":"deprecated","message":"update"}"#;
    emulator.faults().on("get_room").status(404).header("x-fishjam-api-deprecated", header);
    fishjam.with_max_attempts(1).get_room("r").await.unwrap_err();
    assert_eq!(fishjam.deprecation().map(|deprecation| deprecation.message), Some("update".to_owned()));
    Ok(())
}

#[tokio::test]
async fn jellyfish_clone_keeps_its_limits_on_another_server() -> anyhow::Result<()> {
    let (first, second) = (Emulator::jellyfish().start().await?, Emulator::jellyfish().start().await?);
    let jellyfish = JellyfishClient::builder(ConnectionOptions::new(first.address(), first.token()))
        .retry_backoff(Duration::ZERO, Duration::ZERO)
        .build()?;
    let once = jellyfish.with_max_attempts(1);
    for emulator in [&first, &second] {
        emulator.faults().on("get_all_rooms").always().status(503);
    }
    assert_eq!(once.get_all_rooms().await.unwrap_err().attempts(), 1);
    assert_eq!(once.update_address(second.address())?.get_all_rooms().await.unwrap_err().attempts(), 1);
    assert_eq!(jellyfish.get_all_rooms().await.unwrap_err().attempts(), 4);
    first.faults().clear();
    first.faults().on("get_all_rooms").always().stall();
    let limited = jellyfish.with_timeout(Duration::from_secs(60)).with_overall_timeout(Duration::ZERO);
    assert_eq!(within("a timeout", limited.get_all_rooms()).await?.unwrap_err().kind(), ErrorKind::Timeout);
    Ok(())
}

#[tokio::test]
async fn pool_keeps_at_most_its_idle_connections() -> anyhow::Result<()> {
    const CALLS: usize = 20;
    let emulator = Emulator::start().await?;
    for (idle, kept) in [(None, true), (Some(1), true), (Some(0), false)] {
        let relay = Relay::start(emulator.origin()).await?;
        let url = emulator.url().replace(emulator.origin(), &relay.origin());
        let mut builder = FishjamClient::builder(url, emulator.token());
        if let Some(idle) = idle {
            builder = builder.pool_max_idle_per_host(idle);
        }
        let fishjam = builder.build()?;
        for _ in 0..CALLS {
            fishjam.get_all_rooms().await?;
        }
        assert_eq!(relay.accepted() < CALLS, kept, "{idle:?}: {}", relay.accepted());
    }
    Ok(())
}
