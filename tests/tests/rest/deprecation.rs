//! Deprecation: the client logs it once, exposes it, and never fails because of it.

use std::sync::OnceLock;

use fishjam_emulator::Emulator;
use fishjam_sdk::{DeprecationStatus, ErrorKind, FishjamClient};
use fishjam_tests::support::Log;
use serde_json::json;

const HEADER: &str = "x-fishjam-api-deprecated";

/// Every warning of this program. Tests run at the same time, so each test searches for the message of its own server.
fn log() -> &'static Log {
    static LOG: OnceLock<Log> = OnceLock::new();
    LOG.get_or_init(|| {
        let log = Log::default();
        let writer = log.clone();
        tracing_subscriber::fmt()
            .with_max_level(tracing_subscriber::filter::LevelFilter::WARN)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .init();
        log
    })
}

/// Returns the number of warnings that contain these words.
fn warnings(words: &str) -> usize {
    log().text().lines().filter(|line| line.contains("WARN") && line.contains(words)).count()
}

fn notice(status: &str, message: &str) -> String {
    json!({ "status": status, "message": message }).to_string()
}

// Defect X14 of the official SDKs.
#[tokio::test]
async fn deprecation_is_readable_and_logged_once_per_client() -> anyhow::Result<()> {
    log();
    let emulator = Emulator::start().await?;
    emulator.faults().on("*").always().header(HEADER, notice("deprecated", "update-to-0.99 soon"));
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    assert_eq!(fishjam.deprecation(), None);
    fishjam.get_all_rooms().await?;
    let said = fishjam.deprecation().unwrap();
    assert_eq!((said.status, said.message.as_str()), (DeprecationStatus::Deprecated, "update-to-0.99 soon"));
    assert_eq!(warnings("update-to-0.99 soon"), 1);
    for _ in 0..3 {
        fishjam.clone().get_all_rooms().await?;
    }
    assert_eq!(warnings("update-to-0.99 soon"), 1, "a client or its clone repeats itself");

    let another = FishjamClient::new(emulator.url(), emulator.token())?;
    another.get_all_rooms().await?;
    assert_eq!(warnings("update-to-0.99 soon"), 2, "another client has not said it yet");
    Ok(())
}

// Defect X14 of the official SDKs.
#[tokio::test]
async fn later_deprecation_is_readable_without_another_warning() -> anyhow::Result<()> {
    log();
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    for (status, expected) in [
        ("deprecated", DeprecationStatus::Deprecated),
        ("unsupported", DeprecationStatus::Unsupported),
        ("sunset", DeprecationStatus::Unknown("sunset".to_owned())),
    ] {
        emulator.faults().on("get_all_rooms").header(HEADER, notice(status, &format!("later-word {status}")));
        fishjam.get_all_rooms().await?;
        assert_eq!(fishjam.deprecation().map(|said| said.status), Some(expected));
    }
    fishjam.get_all_rooms().await?;
    assert_eq!(fishjam.deprecation().map(|said| said.message).as_deref(), Some("later-word sunset"));
    assert_eq!((warnings("later-word"), warnings("later-word deprecated")), (1, 1));
    Ok(())
}

// Defect X14 of the official SDKs.
#[tokio::test]
async fn malformed_deprecation_header_does_not_suppress_the_warning() -> anyhow::Result<()> {
    log();
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    for malformed in [
        "".to_owned(),
        "soon malformed-word".to_owned(),
        "null".to_owned(),
        "true".to_owned(),
        "7".to_owned(),
        r#""malformed-word""#.to_owned(),
        "[]".to_owned(),
        r#"["deprecated","malformed-word"]"#.to_owned(),
        "{}".to_owned(),
        r#"{"status":"deprecated"}"#.to_owned(),
        r#"{"message":"malformed-word"}"#.to_owned(),
        r#"{"status":7,"message":"malformed-word"}"#.to_owned(),
        r#"{"status":null,"message":"malformed-word"}"#.to_owned(),
        r#"{"status":"deprecated","message":{"text":"malformed-word"}}"#.to_owned(),
        r#"{"status":"deprecated","message":"malformed-word""#.to_owned(),
        notice("deprecated", &format!("malformed-word {}", "long ".repeat(2000))),
    ] {
        let fault = emulator.faults().on("get_all_rooms").header(HEADER, malformed.clone());
        assert_eq!(fishjam.get_all_rooms().await?, [], "{malformed}");
        assert_eq!((fishjam.deprecation(), fault.hits()), (None, 1), "{malformed}");
    }
    assert_eq!(warnings("malformed-word"), 0);
    emulator.faults().on("get_all_rooms").header(HEADER, notice("unsupported", "well-formed-word: zażółć"));
    fishjam.get_all_rooms().await?;
    let said = fishjam.deprecation().unwrap();
    assert_eq!((said.status, said.message.as_str()), (DeprecationStatus::Unsupported, "well-formed-word: zażółć"));
    assert_eq!(warnings("well-formed-word: zażółć"), 1);
    Ok(())
}

// Defect X14 of the official SDKs.
#[tokio::test]
async fn deprecation_of_an_error_response_is_readable() -> anyhow::Result<()> {
    log();
    let emulator = Emulator::start().await?;
    for (status, kind) in
        [(404, ErrorKind::NotFound), (503, ErrorKind::ServiceUnavailable), (302, ErrorKind::UnexpectedStatus)]
    {
        let words = format!("error-word-{status}");
        let fishjam = FishjamClient::builder(emulator.url(), emulator.token()).max_attempts(1).build()?;
        emulator.faults().on("get_room").status(status).header(HEADER, notice("unsupported", &words));
        let error = fishjam.get_room("r").await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (kind, Some(status)));
        assert_eq!(fishjam.deprecation().map(|said| said.message), Some(words.clone()));
        assert_eq!(warnings(&words), 1);
    }
    Ok(())
}

// Defect X14 of the official SDKs.
#[tokio::test]
async fn deprecation_warning_is_one_line() -> anyhow::Result<()> {
    log();
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    emulator.faults().on("get_all_rooms").header(HEADER, notice("deprecated", "first-line\nsecond-line"));
    fishjam.get_all_rooms().await?;
    assert_eq!(warnings("first-line second-line"), 1);
    assert_eq!(fishjam.deprecation().map(|said| said.message).as_deref(), Some("first-line\nsecond-line"));
    Ok(())
}
