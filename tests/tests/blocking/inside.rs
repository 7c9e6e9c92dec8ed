//! Calls from inside a runtime: an error, and no panic.

use anyhow::Context;
use fishjam_emulator::Emulator;
use fishjam_sdk::{ErrorKind, Result, RoomOptions, blocking::FishjamClient};
use fishjam_tests::{
    operations::{BLOCKING, Entities},
    support::within,
};
use tokio::{runtime, task};

use crate::Server;

/// Checks that each method that blocks returns an error.
fn refused(fishjam: &FishjamClient, id: &str, token: &str) -> anyhow::Result<()> {
    let entities = Entities::absent();
    let mut outcomes: Vec<_> = BLOCKING.iter().map(|(method, call)| (*method, call(fishjam, &entities))).collect();
    outcomes.push(("get_room(\"..\")", fishjam.get_room("..").map(drop)));
    outcomes.push(("create_and_verify", FishjamClient::create_and_verify(id, token).map(drop)));
    for (method, outcome) in outcomes {
        let error = outcome.err().with_context(|| format!("{method} was carried out"))?;
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Setup, 0), "{method}: {error}");
        let words = "inside an asynchronous runtime: use fishjam_sdk::FishjamClient";
        assert!(error.to_string().contains(words), "{method}: {error}");
    }
    Ok(())
}

/// Inside a runtime, creates a client, calls each method, and drops the client.
fn refused_and_dropped(id: &str, token: &str) -> anyhow::Result<()> {
    let fishjam = FishjamClient::new(id, token)?;
    refused(&fishjam, id, token)?;
    refused(&fishjam.clone(), id, token)?;
    assert!(fishjam.livestream_whip_url().starts_with("http"), "what waits for nothing works anywhere");
    assert!(fishjam.public_livestream_whep_url("s").is_ok() && fishjam.deprecation().is_none());
    drop(fishjam);
    Ok(())
}

async fn everywhere_in_this_runtime(server: &Emulator) -> anyhow::Result<()> {
    let (id, token) = (server.url().to_owned(), server.token().to_owned());
    refused_and_dropped(&id, &token)?;
    let work = move || refused_and_dropped(&id, &token);
    within(
        "a task",
        task::spawn({
            let work = work.clone();
            async move { work() }
        }),
    )
    .await???;
    within("a thread for what blocks", task::spawn_blocking(work)).await???;
    assert_eq!(server.journal().count("*"), 0, "nothing is sent");
    Ok(())
}

#[tokio::test]
async fn calls_inside_a_single_threaded_runtime_are_errors() -> anyhow::Result<()> {
    everywhere_in_this_runtime(&Emulator::start().await?).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_inside_a_multi_threaded_runtime_are_errors() -> anyhow::Result<()> {
    everywhere_in_this_runtime(&Emulator::start().await?).await
}

#[test]
fn calls_inside_an_entered_runtime_are_errors() -> anyhow::Result<()> {
    let server = Server::start()?;
    let fishjam = server.client()?;
    let entered = server.runtime.enter();
    refused_and_dropped(server.url(), server.token())?;
    assert_eq!(fishjam.get_all_rooms().unwrap_err().kind(), ErrorKind::Setup);
    drop(entered);
    assert_eq!(fishjam.get_all_rooms()?, []);
    Ok(())
}

#[test]
fn used_client_can_be_dropped_inside_a_runtime() -> anyhow::Result<()> {
    let server = Server::start()?;
    for runtime in [runtime::Builder::new_current_thread().build()?, runtime::Builder::new_multi_thread().build()?] {
        let fishjam = server.client()?;
        fishjam.create_room(RoomOptions::new())?;
        runtime.block_on(async move { drop(fishjam) });
    }
    Ok(())
}

/// The two ways that the documentation recommends.
#[tokio::test]
async fn synchronous_code_in_an_async_program_can_call_both_ways() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    let wait = move || runtime::Handle::current().block_on(fishjam.create_room(RoomOptions::new()));
    within("the asynchronous client, waited for", task::spawn_blocking(wait)).await???;

    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let (said, hear) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || said.send(fishjam.get_all_rooms()));
    assert_eq!(within("a thread of its own", hear).await???.len(), 1);
    Ok(())
}

/// The blocking client needs calls like this one: the future borrows the arguments.
#[allow(dead_code, reason = "it has to compile")]
fn futures_need_not_outlive_their_client<'a>(
    fishjam: &'a fishjam_sdk::FishjamClient,
    id: &'a str,
) -> impl Future<Output = Result<fishjam_sdk::Room>> + use<'a> {
    fishjam.get_room(id)
}
