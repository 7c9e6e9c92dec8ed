//! Credentials: their format, their verification, and their environment variables.

use std::process::{Output, Stdio};

use fishjam_emulator::Emulator;
use fishjam_sdk::{ErrorKind, FishjamClient, FishjamNotifier, Overflow};
use tokio::process::Command;

#[tokio::test]
async fn create_and_verify_sends_one_request() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::create_and_verify(emulator.url(), emulator.token()).await?;
    let requests = emulator.journal().requests();
    assert_eq!(requests.len(), 1);
    assert_eq!((requests[0].method(), requests[0].path(), requests[0].query()), ("GET", "/validate", None));
    fishjam.check_credentials().await?;
    assert_eq!(emulator.journal().count("validate_credentials"), 2);
    Ok(())
}

#[tokio::test]
async fn constructors_send_no_request() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let _client = FishjamClient::new(emulator.url(), "a wrong token".replace(' ', "-"))?;
    let _notifier = FishjamNotifier::new(emulator.url(), emulator.token())?;
    assert_eq!(emulator.journal().count("*"), 0);
    Ok(())
}

#[tokio::test]
async fn wrong_credentials_have_their_own_kind() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let elsewhere = format!("{}/api/v1/connect/another-id", emulator.origin());
    for (id, token) in [(emulator.url(), "wrong"), (elsewhere.as_str(), emulator.token())] {
        let error = FishjamClient::create_and_verify(id, token).await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::InvalidCredentials, Some(404)), "{error}");
        assert_eq!(error.operation(), Some("validate_credentials"));
        assert!(!error.is_retryable());
    }
    // The other operations respond with 401, and not with 404.
    let error = FishjamClient::new(emulator.url(), "wrong")?.get_room("r").await.unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Unauthorized, Some("Invalid token")));
    Ok(())
}

// Defect X9 of the official SDKs.
#[tokio::test]
async fn create_and_verify_keeps_the_kind_of_every_failure() -> anyhow::Result<()> {
    const HTML: &str = "<!doctype html><title>Bad gateway</title>";
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::builder(emulator.url(), emulator.token()).max_attempts(1).build()?;
    for (status, body, kind) in [
        (401, r#"{"errors":"Invalid token"}"#, ErrorKind::InvalidCredentials),
        (401, HTML, ErrorKind::InvalidCredentials),
        (404, "", ErrorKind::InvalidCredentials),
        (404, HTML, ErrorKind::InvalidCredentials),
        (302, "", ErrorKind::UnexpectedStatus),
        (400, "", ErrorKind::BadRequest),
        (402, "", ErrorKind::QuotaExceeded),
        (403, HTML, ErrorKind::UnexpectedStatus),
        (429, "", ErrorKind::RateLimited),
        (500, "", ErrorKind::Server),
        (502, HTML, ErrorKind::Server),
        (503, HTML, ErrorKind::ServiceUnavailable),
        (520, HTML, ErrorKind::Server),
        (200, HTML, ErrorKind::Decode),
        (200, "Please log in", ErrorKind::Decode),
        (202, HTML, ErrorKind::Decode),
    ] {
        emulator.faults().on("validate_credentials").status(status).body(body).content_type("text/html");
        let error = fishjam.check_credentials().await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (kind, Some(status)), "{status} {body}");
    }
    for (status, body) in [(200, ""), (200, "{}"), (202, ""), (204, "")] {
        emulator.faults().on("validate_credentials").status(status).body(body);
        fishjam.check_credentials().await?;
    }
    fishjam.check_credentials().await?;
    Ok(())
}

#[tokio::test]
async fn constructors_refuse_invalid_ids_and_tokens() -> anyhow::Result<()> {
    for (id, token, words) in [
        ("", "token", "missing Fishjam id"),
        (" \n", "token", "missing Fishjam id"),
        ("localhost:5002", "token", "http://localhost:5002"),
        ("example.com/path", "token", "scheme"),
        ("..", "token", "neither"),
        ("ws://example.com", "token", "scheme"),
        ("ftp://example.com", "token", "scheme"),
        ("http://", "token", "malformed"),
        ("http://exa mple.com", "token", "malformed"),
        ("http://[::1", "token", "malformed"),
        ("http://example.com:99999", "token", "malformed"),
        ("https://user:secret@example.com", "token", "password"),
        ("https://example.com/?token=secret", "token", "query"),
        ("id", "", "token is empty"),
        ("id", "token\n", "token is not valid"),
        ("id", "tok\r\nx-evil: 1", "token is not valid"),
        ("id", "to ken", "token is not valid"),
        ("id", "tokén", "token is not valid"),
        ("id", "tok\u{0}en", "token is not valid"),
    ] {
        for (by, error) in [
            ("client", FishjamClient::new(id, token).err()),
            ("builder", FishjamClient::builder(id, token).build().err()),
            ("verify", FishjamClient::create_and_verify(id, token).await.err()),
            ("notifier", FishjamNotifier::new(id, token).err()),
        ] {
            let error = error.unwrap_or_else(|| panic!("{by} took {id:?} with {token:?}"));
            assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{by} {id:?} {token:?}");
            assert!(error.to_string().contains(words), "{by} {id:?} {token:?}: {error}");
            assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn builders_refuse_invalid_settings() -> anyhow::Result<()> {
    let client = || FishjamClient::builder("id", "token");
    let notifier = || FishjamNotifier::builder("id", "token");
    for (setter, error) in [
        ("base_url", client().base_url("example.com").build().err()),
        ("base_url", notifier().base_url("example.com").build().err()),
        ("proxy", client().proxy("http://u:secret@[").build().err()),
        ("proxy", notifier().proxy("http://u:secret@[").build().err()),
        ("user_agent_suffix", client().user_agent_suffix("a\nb").build().err()),
        ("user_agent_suffix", notifier().user_agent_suffix("a\nb").build().err()),
        ("queue", notifier().queue(0, Overflow::Wait).build().err()),
        ("capacity", notifier().build()?.subscribe_with(0, Overflow::Wait).err()),
    ] {
        let error = error.unwrap_or_else(|| panic!("a wrong {setter} was taken"));
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        assert!(error.to_string().contains(&format!("invalid {setter}: ")), "{error}");
        assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
    }
    Ok(())
}

/// Not a test of its own: [`from_env_reads_both_variables_and_names_a_missing_one`] runs it in a process
/// of its own, since a process must not change its own environment.
#[tokio::test]
#[ignore = "run by another test, with an environment of its own"]
async fn prints_the_outcome_of_from_env() -> anyhow::Result<()> {
    match FishjamClient::from_env() {
        Ok(client) => println!("client: {:?}", client.check_credentials().await.map_err(|e| e.kind())),
        Err(error) => println!("client: {:?} {error}", error.kind()),
    }
    match FishjamNotifier::from_env() {
        Ok(notifier) => println!("notifier: {:?}", notifier.events().await.map(drop).map_err(|e| e.kind())),
        Err(error) => println!("notifier: {:?} {error}", error.kind()),
    }
    Ok(())
}

async fn with_environment(id: Option<&str>, token: Option<&str>) -> anyhow::Result<String> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--exact", "credentials::prints_the_outcome_of_from_env", "--ignored", "--nocapture"]);
    for (name, value) in [("FISHJAM_ID", id), ("FISHJAM_MANAGEMENT_TOKEN", token)] {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let Output { status, stdout, .. } = command.stderr(Stdio::inherit()).output().await?;
    anyhow::ensure!(status.success(), "the process ended with {status}");
    Ok(String::from_utf8(stdout)?)
}

#[tokio::test]
async fn from_env_reads_both_variables_and_names_a_missing_one() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let (id, token) = (Some(emulator.url()), Some(emulator.token()));
    let not_set = |name: &str| format!("InvalidInput invalid input: the environment variable {name} is not set");
    for (id, token, expected) in [
        (id, token, ["Ok(())".to_owned(), "Ok(())".to_owned()]),
        (id, Some("wrong"), ["Err(InvalidCredentials)".to_owned(), "Err(Unauthorized)".to_owned()]),
        (None, token, [not_set("FISHJAM_ID"), not_set("FISHJAM_ID")]),
        (id, None, [not_set("FISHJAM_MANAGEMENT_TOKEN"), not_set("FISHJAM_MANAGEMENT_TOKEN")]),
    ] {
        let said = with_environment(id, token).await?;
        for (line, expected) in ["client", "notifier"].iter().zip(expected) {
            let line = format!("{line}: {expected}");
            assert!(said.lines().any(|said| said.ends_with(&line)), "{line:?} is not in:\n{said}");
        }
    }
    for (id, token, name) in [(Some(""), token, "FISHJAM_ID"), (id, Some(""), "FISHJAM_MANAGEMENT_TOKEN")] {
        let said = with_environment(id, token).await?;
        assert_eq!(said.matches("InvalidInput").count(), 2, "{said}");
        assert_eq!(
            said.lines().filter(|line| line.contains("InvalidInput") && line.contains(name)).count(),
            2,
            "{said}"
        );
    }
    Ok(())
}
