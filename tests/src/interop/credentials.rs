//! Construction of a client, and the check of its credentials.

use anyhow::{Result, ensure};
use fishjam_emulator::Emulator;
use fishjam_sdk::{ErrorKind, FishjamClient};
use futures_util::{FutureExt, future::BoxFuture};

use crate::scenario::{Scenario, client, refused};

pub(crate) const SCENARIO: Scenario = Scenario { name: "credentials", calls: Some(calls), ..Scenario::NOTHING };

fn calls(emulator: &Emulator) -> BoxFuture<'_, Result<()>> {
    async move {
        FishjamClient::create_and_verify(emulator.url(), emulator.token()).await?;
        FishjamClient::new(format!("{}/", emulator.url()), emulator.token())?.check_credentials().await?;
        ensure!(client(emulator)?.deprecation().is_none(), "the emulator deprecates nothing");
        let wrong = FishjamClient::new(emulator.url(), "not-the-management-token")?;
        let kind = wrong.check_credentials().await.map_err(|error| error.kind());
        ensure!(kind == Err(ErrorKind::InvalidCredentials), "a wrong token: {kind:?}");
        refused(wrong.get_all_rooms().await, 401)
    }
    .boxed()
}
