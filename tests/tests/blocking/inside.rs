//! Calls from inside a runtime: an error, and no panic.

use std::{collections::BTreeSet, future::Future};

use anyhow::Context;
use fishjam_emulator::Emulator;
use fishjam_sdk::{
    AgentOptions, CompositionRecordingOptions, ErrorKind, MoqAccessOptions, PeerOptions, RecordingFilter, Result,
    RoomOptions, StreamOptions, Template, TemplateRecordingOptions, VapiAgentOptions, blocking::FishjamClient,
};
use fishjam_tests::support::within;
use tokio::{runtime, task};

use crate::Server;

/// What each method said that waits for an answer.
fn every_call(fishjam: &FishjamClient, id: &str, token: &str) -> Vec<(&'static str, Result<()>)> {
    macro_rules! calls {
        ($($method:ident($($argument:expr),*)),+ $(,)?) => {
            vec![$((stringify!($method), fishjam.$method($($argument),*).map(drop))),+]
        };
    }
    let template = || TemplateRecordingOptions::new("https://c.example.com/", Template::from_bytes("t.js", "x"));
    let mut calls = calls![
        check_credentials(),
        create_room(RoomOptions::new()),
        get_all_rooms(),
        get_all_rooms_with_unreadable(),
        get_room("r"),
        delete_room("r"),
        create_peer("r", PeerOptions::new()),
        delete_peer("r", "p"),
        refresh_peer_token("r", "p"),
        subscribe_peer("r", "p", "q"),
        subscribe_tracks("r", "p", ["t"]),
        create_agent("r", AgentOptions::new()),
        create_vapi_agent("r", VapiAgentOptions::new("key", "call")),
        create_stream(StreamOptions::new()),
        get_stream("s"),
        get_all_streams(),
        get_all_streams_with_unreadable(),
        delete_stream("s"),
        create_streamer("s"),
        delete_streamer("s", "x"),
        create_viewer("s"),
        delete_viewer("s", "v"),
        create_livestream_streamer_token("r"),
        create_livestream_viewer_token("r"),
        create_moq_access(MoqAccessOptions::new()),
        forward_room_tracks("r", "https://c.example.com/"),
        create_composition_recording(CompositionRecordingOptions::new("https://c.example.com/", "o")),
        create_template_recording(template()),
        get_recording("r"),
        get_all_recordings(RecordingFilter::new()),
        get_all_recordings_with_unreadable(RecordingFilter::new()),
        stop_recording("r"),
        delete_recording("r"),
        // What cannot name anything is for a caller outside to hear.
        get_room(".."),
    ];
    calls.push(("create_and_verify", FishjamClient::create_and_verify(id, token).map(drop)));
    calls
}

fn refused(fishjam: &FishjamClient, id: &str, token: &str) -> anyhow::Result<()> {
    for (method, outcome) in every_call(fishjam, id, token) {
        let error = outcome.err().with_context(|| format!("{method} was carried out"))?;
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{method}: {error}");
        let words = "inside an asynchronous runtime: use fishjam_sdk::FishjamClient";
        assert!(error.to_string().contains(words), "{method}: {error}");
    }
    Ok(())
}

/// Inside a runtime: makes a client, calls everything, and drops the client.
fn refused_and_dropped(id: &str, token: &str) -> anyhow::Result<()> {
    let fishjam = FishjamClient::new(id, token)?;
    refused(&fishjam, id, token)?;
    refused(&fishjam.clone(), id, token)?;
    assert!(fishjam.livestream_whip_url().starts_with("http"), "what waits for nothing works anywhere");
    assert!(fishjam.public_livestream_whep_url("s").is_ok() && fishjam.deprecation().is_none());
    drop(fishjam);
    Ok(())
}

#[tokio::test]
async fn no_method_that_waits_is_missing_here() -> anyhow::Result<()> {
    let methods = include_str!("../../../fishjam-sdk/src/blocking/methods.rs");
    let (_, methods) = methods.split_once("\nforward! {").context("the list of methods")?;
    let waiting: BTreeSet<_> = methods
        .split("async fn ")
        .skip(1)
        .filter_map(|method| method.split_once('('))
        .map(|(method, _)| method)
        .collect();
    let tested = every_call(&FishjamClient::new("id", "token")?, "id", "token");
    let tested: BTreeSet<_> = tested.into_iter().map(|(method, _)| method).collect();
    let missing: Vec<_> = waiting.difference(&tested).collect();
    assert!(missing.is_empty() && !waiting.is_empty(), "add to `every_call`: {missing:?}");
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
async fn a_single_threaded_runtime_is_told_and_goes_on() -> anyhow::Result<()> {
    everywhere_in_this_runtime(&Emulator::start().await?).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_multi_threaded_runtime_is_told_and_goes_on() -> anyhow::Result<()> {
    everywhere_in_this_runtime(&Emulator::start().await?).await
}

#[test]
fn a_runtime_that_is_entered_by_hand_counts_until_it_is_left() -> anyhow::Result<()> {
    let server = Server::start()?;
    let fishjam = server.client()?;
    let entered = server.runtime.enter();
    refused_and_dropped(server.url(), server.token())?;
    assert_eq!(fishjam.get_all_rooms().unwrap_err().kind(), ErrorKind::InvalidInput);
    drop(entered);
    assert_eq!(fishjam.get_all_rooms()?, []);
    Ok(())
}

#[test]
fn a_used_client_is_dropped_inside_a_runtime() -> anyhow::Result<()> {
    let server = Server::start()?;
    for runtime in [runtime::Builder::new_current_thread().build()?, runtime::Builder::new_multi_thread().build()?] {
        let fishjam = server.client()?;
        fishjam.create_room(RoomOptions::new())?;
        runtime.block_on(async move { drop(fishjam) });
    }
    Ok(())
}

/// What the documentation tells an asynchronous program to do with code that has to be synchronous.
#[tokio::test]
async fn synchronous_code_in_an_asynchronous_program_has_two_ways() -> anyhow::Result<()> {
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

/// The waiting client is made from calls like this one, whose future borrows what it is given.
#[allow(dead_code, reason = "it has to compile")]
fn futures_need_not_outlive_their_client<'a>(
    fishjam: &'a fishjam_sdk::FishjamClient,
    id: &'a str,
) -> impl Future<Output = Result<fishjam_sdk::Room>> + use<'a> {
    fishjam.get_room(id)
}
