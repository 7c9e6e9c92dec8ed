//! Access to the Media over QUIC relay.

use std::time::Duration;

use anyhow::Result;
use fishjam_emulator::Emulator;
use fishjam_sdk::{FishjamClient, MoqAccessOptions};
use futures_util::{FutureExt, future::BoxFuture};

use crate::{
    difference::Tolerated,
    scenario::{Scenario, client, refused},
};

pub(crate) const SCENARIO: Scenario =
    Scenario { name: "moq", calls: Some(calls), tolerated: TOLERATED, ..Scenario::NOTHING };

const TOLERATED: &[Tolerated] = &[path_not_set("/body/publishPath"), path_not_set("/body/subscribePath")];

const fn path_not_set(place: &'static str) -> Tolerated {
    Tolerated {
        operation: "create_moq_access",
        place,
        python: Some("null"),
        rust: None,
        reason: "the Python SDK sends null for a path that is not set; null and absent mean the same",
    }
}

fn calls(emulator: &Emulator) -> BoxFuture<'_, Result<()>> {
    async move {
        let fishjam = client(emulator)?;
        let (none, ttl) = (MoqAccessOptions::new(), Duration::from_secs);
        fishjam.create_moq_access(none.clone().publish_path("stream/kamera ż")).await?;
        fishjam.create_moq_access(none.clone().subscribe_path("stream")).await?;
        let both = none.clone().publish_path("a").subscribe_path("b");
        fishjam.create_moq_access(both.clone().ttl(ttl(1))).await?;
        fishjam.create_moq_access(both.clone().ttl(ttl(604_800))).await?;
        refused(fishjam.create_moq_access(none.clone()).await, 400)?;
        refused(fishjam.create_moq_access(both.clone().ttl(ttl(604_801))).await, 400)?;
        refused(fishjam.create_moq_access(both.ttl(ttl(0))).await, 400)?;
        let wrong = FishjamClient::new(emulator.url(), "not-the-management-token")?;
        refused(wrong.create_moq_access(none.publish_path("a")).await, 401)
    }
    .boxed()
}
