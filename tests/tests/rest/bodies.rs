//! Bodies that no server should send: unexpected codings, byte order marks, and ends inside a secret.

use fishjam_emulator::Emulator;
use fishjam_sdk::{ErrorKind, FishjamClient, FishjamClientBuilder};
use fishjam_tests::support::respond_with;
use serde_json::json;

const TOKEN: &str = "sentinel/0123456789";
/// The shortest part of the token that the SDK redacts.
const PART: &str = "sent";

fn builder(url: &str, token: &str) -> FishjamClientBuilder {
    FishjamClient::builder(url, token).max_attempts(1)
}

#[tokio::test]
async fn request_accepts_no_content_coding() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    builder(emulator.url(), emulator.token()).build()?.get_all_rooms().await?;
    assert_eq!(emulator.journal().requests()[0].header("accept-encoding"), Some("identity"));
    Ok(())
}

#[tokio::test]
async fn error_names_an_unexpected_content_coding() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = builder(emulator.url(), emulator.token()).build()?;
    let compressed = b"\x1f\x8b\x08\0\0\0\0\0".to_vec();
    for (coding, name) in [("gzip", "gzip"), (" BR ", "BR"), ("gzip, identity", "gzip, identity")] {
        for (status, kind) in
            [(200, ErrorKind::Decode), (404, ErrorKind::NotFound), (503, ErrorKind::ServiceUnavailable)]
        {
            let fault = emulator.faults().on("get_room");
            fault.status(status).body(compressed.clone()).header("content-encoding", coding);
            let error = fishjam.get_room("r").await.unwrap_err();
            assert_eq!((error.kind(), error.status()), (kind, Some(status)));
            let message = format!("the body has the content coding {name}, which the request does not accept");
            assert_eq!(error.message(), Some(message.as_str()));
        }
        emulator.faults().on("delete_room").status(200).body("<html>").header("content-encoding", coding);
        assert!(fishjam.delete_room("r").await.unwrap_err().to_string().contains(name));
    }
    // A wrong header with a valid body.
    for coding in ["identity", "", "utf-8"] {
        emulator.faults().on("get_all_rooms").status(200).body(r#"{"data":[]}"#).header("content-encoding", coding);
        assert_eq!(fishjam.get_all_rooms().await?, []);
        emulator.faults().on("get_room").status(404).body(r#"{"errors":"none"}"#).header("content-encoding", coding);
        assert_eq!(fishjam.get_room("r").await.unwrap_err().message(), Some("none"));
    }
    Ok(())
}

#[tokio::test]
async fn unexpected_content_coding_repeats_no_token() -> anyhow::Result<()> {
    let coding = format!("gzip;{TOKEN}");
    for (status, body) in [("200 OK", "{"), ("404 Not Found", "{")] {
        let head = format!("HTTP/1.1 {status}\r\ncontent-encoding: {coding}\r\ncontent-length: {}", body.len());
        let url = respond_with(format!("{head}\r\n\r\n{body}")).await?;
        let error = builder(&url, TOKEN).build()?.get_room("r").await.unwrap_err();
        let message = error.message().unwrap_or_default();
        assert!(message.contains("content coding gzip;[redacted]"), "{message}");
        assert!(!format!("{error:#} {error:?}").contains(PART), "{error:?}");
    }
    Ok(())
}

#[tokio::test]
async fn byte_order_mark_is_skipped() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = builder(emulator.url(), emulator.token()).build()?;
    emulator.faults().on("get_all_rooms").status(200).body("\u{feff}{\"data\":[]}");
    assert_eq!(fishjam.get_all_rooms().await?, []);
    emulator.faults().on("delete_room").status(200).body("\u{feff}{}");
    fishjam.delete_room("r").await?;
    emulator.faults().on("delete_room").status(200).body("\u{feff}<html>");
    assert_eq!(fishjam.delete_room("r").await.unwrap_err().kind(), ErrorKind::Decode);
    emulator.faults().on("get_room").status(404).body("\u{feff}{\"errors\":\"none\"}");
    assert_eq!(fishjam.get_room("r").await.unwrap_err().message(), Some("none"));
    Ok(())
}

#[tokio::test]
async fn excerpt_has_no_part_of_a_token_if_the_body_breaks() -> anyhow::Result<()> {
    let body = json!({ "errors": format!("no access for {TOKEN}") }).to_string();
    let escaped = body.replace('/', "\\/");
    for body in [body, escaped] {
        let start = body.find(PART).unwrap_or_default();
        for end in start..body.len() {
            let head = format!("HTTP/1.1 403 Forbidden\r\ncontent-length: {}\r\n\r\n", body.len());
            let url = respond_with(head + &body[..end]).await?;
            let error = builder(&url, TOKEN).build()?.get_all_rooms().await.unwrap_err();
            let excerpt = error.body_excerpt().unwrap_or_default();
            assert!(excerpt.starts_with("{\"errors\":\"no access for ") && !excerpt.contains(PART), "{excerpt}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn excerpt_has_no_part_of_a_token_at_the_limit() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    // The excerpt of the body ends inside a token, after other tokens were redacted.
    let token = format!("{PART}{}", "x".repeat(1020));
    for before in 0..8 {
        let body = format!("{}{}", "-".repeat(before), token.repeat(70));
        emulator.faults().on("get_all_rooms").status(500).body(body);
        let error = builder(emulator.url(), &token).build()?.get_all_rooms().await.unwrap_err();
        let excerpt = error.body_excerpt().unwrap_or_default();
        assert!(!excerpt.contains(PART) && excerpt.ends_with("[redacted]"), "{excerpt}");
    }
    Ok(())
}
