//! Access to the Media over QUIC relay.

use std::time::Duration;

use fishjam_emulator::Emulator;
use fishjam_sdk::{ErrorKind, MoqAccessOptions};
use serde_json::json;

use super::{debugged, last, start};

#[tokio::test]
async fn create_moq_access_sends_only_the_options_that_are_set() -> anyhow::Result<()> {
    let (emulator, fishjam) = start(Emulator::builder()).await?;
    let options = MoqAccessOptions::new;
    for (options, sent) in [
        (options().publish_path("a"), json!({ "publishPath": "a" })),
        (options().subscribe_path("a/ü"), json!({ "subscribePath": "a/ü" })),
        (
            options().publish_path("a").subscribe_path("b").ttl(Duration::from_secs(604_800)),
            json!({ "publishPath": "a", "subscribePath": "b", "ttl": 604_800 }),
        ),
        (options().publish_path("a").ttl(Duration::from_millis(1)), json!({ "publishPath": "a", "ttl": 1 })),
        (options().publish_path("a").ttl(Duration::from_millis(1_500)), json!({ "publishPath": "a", "ttl": 2 })),
    ] {
        let access = fishjam.create_moq_access(options).await?;
        let request = last(&emulator, "create_moq_access");
        assert_eq!((request.method(), request.path(), request.query()), ("POST", "/moq/access", None));
        assert_eq!(request.body_json(), Some(sent));
        assert!(access.connection_url.expose().ends_with(&format!("?jwt={}", access.token.expose())));
    }
    Ok(())
}

#[tokio::test]
async fn limits_are_checked_by_the_server() -> anyhow::Result<()> {
    let (emulator, fishjam) = start(Emulator::builder()).await?;
    let options = MoqAccessOptions::new;
    for options in [
        options(),
        options().ttl(Duration::from_secs(60)),
        options().publish_path("a").ttl(Duration::ZERO),
        options().publish_path("a").ttl(Duration::from_millis(604_800_001)),
        options().publish_path("a").ttl(Duration::MAX),
    ] {
        let error = fishjam.create_moq_access(options).await.unwrap_err();
        assert_eq!((error.kind(), error.operation()), (ErrorKind::BadRequest, Some("create_moq_access")), "{error}");
    }
    assert_eq!(emulator.journal().count("create_moq_access"), 5);
    Ok(())
}

#[tokio::test]
async fn moq_access_is_not_printed() -> anyhow::Result<()> {
    let (_emulator, fishjam) = start(Emulator::builder()).await?;
    let access = fishjam.create_moq_access(MoqAccessOptions::new().publish_path("a")).await?;
    let printed = format!("{} {} {}", debugged(&access), access.token, access.connection_url);
    assert!(!printed.contains(access.token.expose()) && !printed.contains("relay"), "{printed}");
    Ok(())
}
