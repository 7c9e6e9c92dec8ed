//! The client: its address, its environment and its construction.

use std::process::{Command, Output, Stdio};

use anyhow::Context;
use fishjam_emulator::Emulator;
use fishjam_sdk::{
    ErrorKind, FishjamClient,
    composition::{CompositionClient, CompositionOptions},
};

use crate::only;

fn address(client: &CompositionClient) -> fishjam_sdk::Result<String> {
    Ok(client.adopt("c")?.address().to_owned())
}

#[test]
fn client_uses_only_the_origin_of_its_url() -> anyhow::Result<()> {
    for (url, origin) in [
        ("https://rtc.fishjam.io", "https://rtc.fishjam.io"),
        ("https://h/", "https://h"),
        (" https://h/api/composition/x/ ", "https://h"),
        ("HTTP://H:8000/a/b?c=d#e", "http://h:8000"),
        ("https://h:443", "https://h"),
        ("http://[::1]:9", "http://[::1]:9"),
    ] {
        let client = CompositionClient::builder("token").base_url(url).build()?;
        assert_eq!(address(&client)?, format!("{origin}/api/composition/c"), "{url}");
    }
    assert_eq!(address(&CompositionClient::new("token")?)?, "https://rtc.fishjam.io/api/composition/c");
    Ok(())
}

// Defects P11 and P12 of the official client.
#[test]
fn unusable_url_is_refused_at_construction() -> anyhow::Result<()> {
    for (url, part) in [
        ("", "empty"),
        (" ", "empty"),
        ("rtc.fishjam.io", "missing scheme"),
        ("localhost:8000", "missing scheme"),
        ("ftp://h", "ftp"),
        ("https://", "malformed"),
        ("https://user:sentinel@h", "password"),
    ] {
        let error = CompositionClient::builder("token").base_url(url).build().err().context(url)?;
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{url}");
        assert!(format!("{error:#}").contains(part) && !format!("{error:?}").contains("sentinel"), "{error:#}");
    }
    for token in ["", "a b"] {
        assert_eq!(CompositionClient::new(token).err().map(|e| e.kind()), Some(ErrorKind::InvalidInput));
    }
    Ok(())
}

#[test]
fn client_of_fishjam_has_its_origin_or_the_production_host() -> anyhow::Result<()> {
    for (id, origin) in [
        ("my-id", "https://rtc.fishjam.io"),
        ("https://fishjam.io/api/v1/connect/my-id", "https://rtc.fishjam.io"),
        ("https://fishjam.io/other", "https://fishjam.io"),
        ("http://localhost:5002/api/v1/connect/my-id", "http://localhost:5002"),
        ("http://localhost:5002", "http://localhost:5002"),
    ] {
        let compositions = FishjamClient::new(id, "token")?.compositions();
        assert_eq!(address(&compositions)?, format!("{origin}/api/composition/c"), "{id}");
    }
    let fishjam = FishjamClient::builder("my-id", "token").base_url("https://h/x").build()?;
    assert_eq!(address(&fishjam.compositions())?, "https://h/api/composition/c");
    Ok(())
}

#[tokio::test]
async fn client_of_fishjam_shares_its_settings() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::builder(emulator.url(), emulator.token())
        .max_attempts(1)
        .on_request(|headers| {
            headers.insert("x-hook", http::HeaderValue::from_static("1"));
        })
        .build()?;
    emulator.faults().on("create_composition").status(503);
    let error = fishjam.compositions().create(CompositionOptions::new()).await.err().context("created")?;
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::ServiceUnavailable, 1));
    assert_eq!(only(&emulator, "create_composition")?.header("x-hook"), Some("1"));
    Ok(())
}

/// Not a test of its own: [`from_env_reads_the_token_and_the_url`] runs it in a process of its own.
#[test]
#[ignore = "run by another test, with an environment of its own"]
fn prints_the_outcome_of_from_env() -> anyhow::Result<()> {
    match CompositionClient::from_env() {
        Ok(client) => println!("outcome: {}", address(&client)?),
        Err(error) => println!("outcome: {:?} {error}", error.kind()),
    }
    Ok(())
}

#[test]
fn from_env_reads_the_token_and_the_url() -> anyhow::Result<()> {
    const URL: &str = "FISHJAM_COMPOSITION_URL";
    const TOKEN: &str = "FISHJAM_MANAGEMENT_TOKEN";
    for (token, url, expected) in [
        (Some("t"), None, "https://rtc.fishjam.io/api/composition/c"),
        (Some("t"), Some("http://localhost:1/x"), "http://localhost:1/api/composition/c"),
        (None, None, TOKEN),
        (Some(""), None, TOKEN),
        (Some("t"), Some(""), URL),
        (Some("t"), Some("rtc.fishjam.io"), URL),
    ] {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["--exact", "client::prints_the_outcome_of_from_env", "--ignored", "--nocapture"]);
        for (name, value) in [(TOKEN, token), (URL, url)] {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let Output { status, stdout, .. } = command.stderr(Stdio::inherit()).output()?;
        anyhow::ensure!(status.success(), "the process ended with {status}");
        let printed = String::from_utf8(stdout)?;
        let outcome = printed.lines().find_map(|line| Some(line.split_once("outcome: ")?.1)).context("no outcome")?;
        assert!(outcome.contains(expected), "{outcome}");
        assert_eq!(outcome.starts_with("InvalidInput"), !expected.contains("://"), "{outcome}");
    }
    Ok(())
}
