//! Errors: with any response of a server or a proxy, the status is kept and no call panics.

use std::{error::Error as _, time::Duration};

use fishjam_emulator::Emulator;
use fishjam_sdk::{Error, ErrorKind, FishjamClient, FishjamClientBuilder, PeerOptions, Result, RoomOptions};
use fishjam_tests::{
    clock::SteppedClock,
    support::{respond_with, silent, unused_url, within},
};
use serde_json::{Value, json};

/// A client that sends each request once, because these tests are about one response.
fn builder(url: &str, token: &str) -> FishjamClientBuilder {
    FishjamClient::builder(url, token).max_attempts(1)
}

fn client(url: &str, token: &str) -> Result<FishjamClient> {
    builder(url, token).build()
}

/// Every status with its kind, and whether it is retryable.
const STATUSES: [(u16, ErrorKind, bool); 21] = [
    (400, ErrorKind::BadRequest, false),
    (401, ErrorKind::Unauthorized, false),
    (402, ErrorKind::QuotaExceeded, false),
    (403, ErrorKind::UnexpectedStatus, false),
    (404, ErrorKind::NotFound, false),
    (405, ErrorKind::UnexpectedStatus, false),
    (406, ErrorKind::UnexpectedStatus, false),
    (409, ErrorKind::Conflict, false),
    (413, ErrorKind::UnexpectedStatus, false),
    (418, ErrorKind::UnexpectedStatus, false),
    (422, ErrorKind::BadRequest, false),
    (429, ErrorKind::RateLimited, true),
    (499, ErrorKind::UnexpectedStatus, false),
    (500, ErrorKind::Server, false),
    (501, ErrorKind::Server, false),
    (502, ErrorKind::Server, true),
    (503, ErrorKind::ServiceUnavailable, true),
    (504, ErrorKind::Server, true),
    (520, ErrorKind::Server, false),
    (529, ErrorKind::Server, false),
    (599, ErrorKind::Server, false),
];

/// A body: its description, its bytes and its message.
fn bodies() -> Vec<(&'static str, Vec<u8>, Option<String>)> {
    let json = |value: Value| value.to_string().into_bytes();
    let says = |words: &str| Some(words.to_owned());
    vec![
        ("a text", json(json!({ "errors": "Room r does not exist" })), says("Room r does not exist")),
        ("a nested text", json(json!({ "errors": { "detail": "Not Found" } })), says("Not Found")),
        ("a detail", json(json!({ "detail": "Slow down" })), says("Slow down")),
        ("a message", json(json!({ "message": "Try later" })), says("Try later")),
        ("several lines", json(json!({ "errors": "one\ntwo\r\nthree" })), says("one two  three")),
        ("an object", json(json!({ "errors": { "maxPeers": ["is bad"] } })), says(r#"{"maxPeers":["is bad"]}"#)),
        ("a list", json(json!({ "errors": ["is bad"] })), says(r#"["is bad"]"#)),
        ("a null", json(json!({ "errors": null })), None),
        ("another object", json(json!({ "code": 7 })), None),
        ("another value", json(json!([1, "errors"])), None),
        ("a page", b"<!doctype html>\n<html><title>502</title><body>Bad gateway</body></html>".to_vec(), None),
        ("nothing", Vec::new(), None),
        ("half a text", br#"{"errors":"Room r does n"#.to_vec(), None),
        ("no UTF-8", vec![0xff, 0xfe, 0x00, 0xc3, 0x28, 0xf0, 0x9f], None),
        ("no UTF-8 in a text", b"{\"errors\":\"\xff\"}".to_vec(), None),
        ("many pages", "<p>ü</p>".repeat(10 * 1024).into_bytes(), None),
        ("a long text", json(json!({ "errors": "ü".repeat(5000) })), says(&"ü".repeat(256))),
    ]
}

/// Checks the error of a response.
fn check(error: &Error, status: u16, kind: ErrorKind, retryable: bool, sent: &[u8], context: &str) {
    assert_eq!((error.kind(), error.status()), (kind, Some(status)), "{context}");
    assert_eq!(error.is_retryable(), retryable, "{context}");
    assert_eq!(error.is_not_found(), status == 404, "{context}");
    assert_eq!((error.operation(), error.attempts()), (Some("get_room"), 1), "{context}");
    let line = error.to_string();
    assert!(line.starts_with("get_room: ") && line.contains(&format!("({status})")), "{context}: {line}");
    assert!(!line.contains(['\n', '\r']), "{context}: {line:?}");
    assert_eq!(error.body_excerpt().is_none(), sent.is_empty(), "{context}");
    let excerpt = error.body_excerpt().unwrap_or_default();
    assert!(excerpt.len() <= 2048, "{context}: {} bytes", excerpt.len());
    assert!(String::from_utf8_lossy(sent).starts_with(excerpt), "{context}: {excerpt}");
    assert!(excerpt.len() >= sent.len().min(2040), "{context}: only {} bytes", excerpt.len());
}

// Defects X10 and X11 of the official SDKs.
#[tokio::test]
async fn status_and_kind_are_kept_with_any_body() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = client(emulator.url(), emulator.token())?;
    for (status, kind, retryable) in STATUSES {
        for (what, body, message) in bodies() {
            let context = format!("{status} with {what}");
            let fault = emulator.faults().on("get_room").status(status).body(body.clone());
            fault.header("x-request-id", "Fz-1234").content_type("text/html");
            let error = fishjam.get_room("r").await.unwrap_err();
            check(&error, status, kind, retryable, &body, &context);
            assert_eq!(error.message(), message.as_deref(), "{context}");
            assert_eq!(error.request_id(), Some("Fz-1234"), "{context}");
            if let Some(message) = message {
                assert!(error.to_string().ends_with(&format!("({status}): {message}")), "{context}: {error}");
            }
        }
    }
    Ok(())
}

// Defect X11 of the official SDKs.
#[tokio::test]
async fn huge_error_body_becomes_a_short_error() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = client(emulator.url(), emulator.token())?;
    let garbage: Vec<u8> = (0..10 * 1024 * 1024_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    for (status, kind, retryable) in [(400, ErrorKind::BadRequest, false), (502, ErrorKind::Server, true)] {
        emulator.faults().on("get_room").status(status).body(garbage.clone());
        let error = within("a response", fishjam.get_room("r")).await?.unwrap_err();
        check(&error, status, kind, retryable, &garbage, "garbage");
        assert!(error.message().is_none() && error.to_string().len() < 100, "{error}");
    }
    Ok(())
}

// Defect X11 of the official SDKs.
#[tokio::test]
async fn error_body_is_in_the_excerpt_and_never_printed() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = client(emulator.url(), emulator.token())?;
    emulator.faults().on("get_room").status(500).body("<html>private</html>");
    let error = fishjam.get_room("r").await.unwrap_err();
    assert_eq!(error.body_excerpt(), Some("<html>private</html>"));
    assert!(!format!("{error} {error:?} {error:#?}").contains("private"));
    Ok(())
}

fn room(id: &str) -> Value {
    json!({
        "id": id,
        "config": {
            "batchWebhookNotifications": false, "maxPeers": 0, "public": false,
            "roomType": "conference", "videoCodec": "h264", "webhookUrl": null,
        },
        "peers": [],
    })
}

// Defect X10 of the official SDKs.
#[tokio::test]
async fn undocumented_success_status_is_a_success() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = client(emulator.url(), emulator.token())?;
    for status in [200, 202, 203, 206, 299] {
        let created = json!({ "data": { "room": room("r") } }).to_string();
        emulator.faults().on("create_room").status(status).body(created);
        assert_eq!(fishjam.create_room(RoomOptions::new()).await?.id, "r", "{status}");
        emulator.faults().on("get_room").status(status).body(json!({ "data": room("s") }).to_string());
        assert_eq!(fishjam.get_room("s").await?.id, "s", "{status}");
        for body in ["", "{}", "OK"] {
            emulator.faults().on("delete_room").status(status).body(body);
            fishjam.delete_room("r").await?;
        }
    }
    Ok(())
}

// Defect X10 of the official SDKs.
#[tokio::test]
async fn content_type_of_a_success_is_ignored() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = client(emulator.url(), emulator.token())?;
    for content_type in ["text/plain", "text/html; charset=iso-8859-1", "application/octet-stream", "nonsense"] {
        emulator.faults().on("create_room").content_type(content_type);
        let room = fishjam.create_room(RoomOptions::new()).await?;
        emulator.faults().on("get_room").content_type(content_type);
        assert_eq!(fishjam.get_room(&room.id).await?, room);
    }
    Ok(())
}

// Defect X10 of the official SDKs.
#[tokio::test]
async fn success_without_its_body_is_a_decode_error() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = client(emulator.url(), emulator.token())?;
    for status in [202, 204, 205] {
        emulator.faults().on("create_room").status(status).body("");
        let error = fishjam.create_room(RoomOptions::new()).await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::Decode, Some(status)), "{error}");
        assert!(error.to_string().starts_with(&format!("create_room: decoding failed ({status})")), "{error}");
        assert!(!error.is_retryable());
    }
    Ok(())
}

#[tokio::test]
async fn undocumented_response_is_a_decode_error_with_a_position() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = client(emulator.url(), emulator.token())?;
    let without = |name: &str| {
        let mut room = room("r");
        if let Some(members) = room.as_object_mut() {
            members.remove(name);
        }
        json!({ "data": room }).to_string()
    };
    let with = |name: &str, value: Value| {
        let mut room = room("r");
        room[name] = value;
        json!({ "data": room }).to_string()
    };
    for (body, words) in [
        (String::new(), &["response", "EOF"][..]),
        ("<html>".to_owned(), &["response", "line 1"]),
        ("null".to_owned(), &["response"]),
        ("[]".to_owned(), &["response"]),
        ("{}".to_owned(), &["data", "missing"]),
        (r#"{"data":{"id":"r","con"#.to_owned(), &["data", "EOF"]),
        (json!({ "data": room("r") }).to_string() + "<html>", &["the data after", "not valid JSON"]),
        (json!({ "data": room("r") }).to_string() + "{}", &["the data after", "not valid JSON"]),
        (without("id"), &["data", "`id`"]),
        (without("config"), &["data", "`config`"]),
        (without("peers"), &["data", "`peers`"]),
        (with("id", json!(7)), &["data.id"]),
        (with("config", json!({ "maxPeers": "many" })), &["data.config.maxPeers"]),
        (with("peers", json!([{}])), &["data.peers[0]"]),
        (with("peers", json!({})), &["data.peers"]),
    ] {
        emulator.faults().on("get_room").status(200).body(body.clone());
        let error = fishjam.get_room("r").await.unwrap_err();
        assert_eq!((error.kind(), error.operation()), (ErrorKind::Decode, Some("get_room")), "{body}");
        let line = format!("{error:#}");
        assert!(words.iter().all(|word| line.contains(word)), "{body}: {line}");
        assert!(line.starts_with("get_room: decoding failed") && !line.contains(['\n', '\r']), "{body}: {line}");
        assert!(!error.is_retryable() && error.source().is_some(), "{body}");
    }
    emulator.faults().on("get_all_rooms").status(200).body(json!({ "data": [room("a"), {}] }).to_string());
    let listing = fishjam.get_all_rooms_with_unreadable().await?;
    assert!(listing.unreadable[0].error.to_string().contains("data[1]"), "{listing:?}");
    Ok(())
}

#[tokio::test]
async fn decode_error_keeps_status_and_request_id() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = client(emulator.url(), emulator.token())?;
    for status in [200, 202] {
        emulator.faults().on("get_room").status(status).body("{}").header("x-request-id", "Fz-5678");
        let error = fishjam.get_room("r").await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::Decode, Some(status)));
        assert_eq!(error.request_id(), Some("Fz-5678"), "{status}");
    }
    Ok(())
}

#[tokio::test]
async fn response_over_the_limit_is_too_large() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let limited = |limit| builder(emulator.url(), emulator.token()).max_response_bytes(limit).build();
    let body = json!({ "data": room("r") }).to_string();
    emulator.faults().on("get_room").always().status(200).body(body.clone());
    assert_eq!(limited(body.len())?.get_room("r").await?.id, "r");
    for limit in [0, 1, body.len() - 1] {
        let error = limited(limit)?.get_room("r").await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::TooLarge, Some(200)));
        let expected = [format!("{limit} bytes"), "max_response_bytes".to_owned()];
        assert!(error.message().is_some_and(|words| expected.iter().all(|part| words.contains(part))), "{error}");
    }

    // The same without an announced length.
    let chunk = format!("{:x}\r\n{body}\r\n", body.len());
    let endless = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{}", chunk.repeat(3));
    let url = respond_with(endless).await?;
    for limit in [body.len() - 1, body.len(), body.len() * 2] {
        let fishjam = builder(&url, "token").max_response_bytes(limit).build()?;
        let error = within("a response", fishjam.get_room("r")).await?.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::TooLarge, Some(200)), "{limit}: {error}");
    }
    Ok(())
}

#[tokio::test]
async fn default_limit_of_a_response_is_512_mebibytes() -> anyhow::Result<()> {
    const LIMIT: u64 = 512 * 1024 * 1024;
    // The body never arrives.
    for (length, kind) in [(LIMIT, ErrorKind::Connection), (LIMIT + 1, ErrorKind::TooLarge)] {
        let url = respond_with(format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{{")).await?;
        let fishjam = builder(&url, "token").max_attempts(1).build()?;
        let error = within("a response", fishjam.get_all_rooms()).await?.unwrap_err();
        assert_eq!((error.kind(), error.status()), (kind, Some(200)), "{length}: {error}");
        if kind == ErrorKind::TooLarge {
            let message = "the response is larger than the limit of 536870912 bytes; see `max_response_bytes`";
            assert_eq!(error.message(), Some(message));
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_redirect_is_not_followed() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    // The other server would even accept the token.
    let elsewhere = Emulator::builder().token(emulator.token()).start().await?;
    let fishjam = client(emulator.url(), emulator.token())?;
    for status in [301, 302, 303, 307, 308] {
        for location in [format!("{}/room", elsewhere.url()), format!("{}/room/r", emulator.url())] {
            emulator.journal().clear();
            for operation in ["get_room", "create_room"] {
                emulator.faults().on(operation).status(status).body("").header("location", &location);
            }
            for error in
                [fishjam.get_room("r").await.unwrap_err(), fishjam.create_room(RoomOptions::new()).await.unwrap_err()]
            {
                assert_eq!((error.kind(), error.status()), (ErrorKind::UnexpectedStatus, Some(status)));
                assert!(error.message().is_some_and(|words| words.contains("redirect")), "{error}");
                assert!(!error.is_retryable());
            }
            assert_eq!((emulator.journal().count("*"), elsewhere.journal().count("*")), (2, 0), "{status} {location}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn status_3xx_without_a_location_is_unexpected() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = client(emulator.url(), emulator.token())?;
    for status in [300, 304] {
        emulator.faults().on("get_room").status(status).body("");
        let error = fishjam.get_room("r").await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::UnexpectedStatus, Some(status)));
        assert_eq!(error.message(), None, "{error}");
    }
    Ok(())
}

#[tokio::test]
async fn html_page_is_a_decode_error_where_no_body_is_expected() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = client(emulator.url(), emulator.token())?;
    for body in ["<!doctype html><title>Please log in</title>", " \n<html>"] {
        emulator.faults().on("delete_room").status(200).body(body).header("x-request-id", "Fz-1");
        let error = fishjam.delete_room("r").await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::Decode, Some(200)), "{error}");
        assert_eq!(error.request_id(), Some("Fz-1"));
    }
    Ok(())
}

#[tokio::test]
async fn broken_or_oversized_body_keeps_the_request_id() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let small = builder(emulator.url(), emulator.token()).max_response_bytes(16).build()?;
    emulator.faults().on("get_all_rooms").status(200).body("x".repeat(17)).header("x-request-id", "Fz-large");
    let error = small.get_all_rooms().await.unwrap_err();
    assert_eq!((error.kind(), error.request_id()), (ErrorKind::TooLarge, Some("Fz-large")));
    emulator.faults().on("get_all_rooms").disconnect_mid_body().header("x-request-id", "Fz-broken");
    let error = client(emulator.url(), emulator.token())?.get_all_rooms().await.unwrap_err();
    assert_eq!((error.kind(), error.request_id()), (ErrorKind::Connection, Some("Fz-broken")), "{error}");
    Ok(())
}

#[tokio::test]
async fn missing_error_body_is_awaited_for_two_seconds() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    // Without these limits a hang is the only other outcome.
    let patient = builder(emulator.url(), emulator.token());
    let fishjam = patient.request_timeout(Duration::MAX).overall_timeout(Duration::MAX).build()?;
    emulator.faults().on("get_room").status(503).body("busy").drip(1, Duration::from_secs(3600));
    let _clock = SteppedClock::start(Duration::from_millis(50));
    let error = within("a response", fishjam.get_room("r")).await?.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::ServiceUnavailable, Some(503)), "{error}");
    assert_eq!(error.body_excerpt(), Some("b"));
    Ok(())
}

#[tokio::test]
async fn slow_request_times_out() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let limit = Duration::from_millis(200);
    let fishjam = builder(emulator.url(), emulator.token()).request_timeout(limit).build()?;
    emulator.faults().on("get_room").delay(Duration::from_secs(3600));
    let (_listener, silent) = silent().await?;
    let never = builder(&silent, "token").request_timeout(limit).build()?;
    let _clock = SteppedClock::start(Duration::from_millis(10));
    for (fishjam, what) in [(fishjam, "a late response"), (never, "no response")] {
        let begun = tokio::time::Instant::now();
        let error = within(what, fishjam.get_room("r")).await?.unwrap_err();
        assert!(begun.elapsed() >= limit, "{what}: {:?}", begun.elapsed());
        assert_eq!((error.kind(), error.status()), (ErrorKind::Timeout, None), "{what}: {error}");
        assert!(error.is_retryable() && error.to_string().starts_with("get_room: timed out"), "{what}: {error}");
    }
    Ok(())
}

#[tokio::test]
async fn failed_or_broken_connection_has_the_kind_connection() -> anyhow::Result<()> {
    let truncated = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"data\":";
    for (what, url) in [
        ("nobody listens", unused_url().await?),
        ("closed at once", respond_with("").await?),
        ("no HTTP", respond_with("SSH-2.0-OpenSSH_9.9\r\n").await?),
        ("half a head", respond_with("HTTP/1.1 200 OK\r\ncontent-le").await?),
        ("half a body", respond_with(truncated).await?),
    ] {
        let error = within(what, client(&url, "token")?.get_room("r")).await?.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connection, "{what}: {error}");
        assert_eq!(error.operation(), Some("get_room"), "{what}");
        let line = format!("{error:#}");
        assert!(line.starts_with("get_room: connection failed"), "{what}: {line}");
        assert!(error.source().is_some(), "{what}: no cause");
        assert!(!line.contains("/room/r") && !line.contains(['\n', '\r']), "{what}: {line}");
    }
    let url = unused_url().await?;
    let error = client(&url, "token")?.get_room("r").await.unwrap_err();
    assert!(error.is_retryable() && error.status().is_none() && format!("{error:#}").contains("refused"), "{error:#}");
    let address = url.trim_start_matches("http://");
    let start = format!("get_room: connection failed: cannot connect to {address}: ");
    assert!(format!("{error:#}").starts_with(&start), "{error:#}");
    Ok(())
}

#[tokio::test]
async fn cut_connection_is_an_error_and_not_retried() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = client(emulator.url(), emulator.token())?;
    // A connection from the pool, which some HTTP libraries replace silently.
    let room = fishjam.create_room(RoomOptions::new()).await?;
    emulator.journal().clear();
    emulator.faults().on("*").always().disconnect();
    for error in [
        fishjam.get_room(&room.id).await.unwrap_err(),
        fishjam.create_room(RoomOptions::new()).await.unwrap_err(),
        fishjam.create_peer(&room.id, PeerOptions::new()).await.unwrap_err(),
        fishjam.delete_room(&room.id).await.unwrap_err(),
    ] {
        assert_eq!((error.kind(), error.status(), error.attempts()), (ErrorKind::Connection, None, 1), "{error}");
        assert!(error.is_retryable());
    }
    assert_eq!(emulator.journal().count("*"), 4);
    emulator.faults().clear();
    assert_eq!(fishjam.get_all_rooms().await?, [room]);
    Ok(())
}
