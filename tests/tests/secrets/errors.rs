//! Errors print no token of a response.

use std::time::Duration;

use anyhow::Context;
use fishjam_emulator::Emulator;
use fishjam_sdk::{ErrorKind, FishjamClient, FishjamNotifier, PeerOptions, PeerToken, events::Notification};
use fishjam_tests::{
    clock::SteppedClock,
    support::{unused_url, within},
};
use serde_json::json;

use super::{CapturedOutput, MANAGEMENT, PEER, WRONG, client, quietly};

#[tokio::test]
async fn an_error_prints_no_token_even_if_the_server_repeats_it() -> anyhow::Result<()> {
    let emulator = quietly(Emulator::builder().token(MANAGEMENT)).await?;
    let fishjam = client(&emulator, MANAGEMENT).build()?;
    let mut printed = CapturedOutput::default();
    printed.secret(MANAGEMENT);
    for status in [400, 401, 418, 500, 503] {
        for body in [
            json!({ "errors": format!("Invalid token {MANAGEMENT}") }).to_string(),
            json!({ "errors": { "detail": format!("Bearer {MANAGEMENT}") } }).to_string(),
            json!({ "errors": { (MANAGEMENT): [MANAGEMENT, { "a": MANAGEMENT }] } }).to_string(),
            json!({ "detail": MANAGEMENT }).to_string(),
            format!("<html>authorization: Bearer {MANAGEMENT}</html>"),
        ] {
            let fault = emulator.faults().on("get_room").status(status).body(body);
            fault.header("x-request-id", format!("of-{MANAGEMENT}-7"));
            let error = fishjam.get_room("r").await.unwrap_err();
            assert_eq!((error.status(), error.request_id().is_some()), (Some(status), true));
            printed.error("echo", &error);
            // The excerpt of the body contains no token either.
            printed.display("excerpt", &error.body_excerpt().unwrap_or_default());
        }
    }
    emulator.faults().on("get_room").status(302).header("location", format!("https://example.com/?token={MANAGEMENT}"));
    printed.error("redirect", &fishjam.get_room("r").await.unwrap_err());
    printed.check();
    Ok(())
}

#[tokio::test]
async fn token_at_the_excerpt_limit_is_not_partly_printed() -> anyhow::Result<()> {
    let emulator = quietly(Emulator::builder().token(MANAGEMENT)).await?;
    let fishjam = client(&emulator, MANAGEMENT).build()?;
    let half = MANAGEMENT.get(..MANAGEMENT.len() - 4).context("the token is short")?;
    for padding in (480..520).chain(2020..2060) {
        let body = json!({ "errors": format!("{}{MANAGEMENT}", "x".repeat(padding)) }).to_string();
        let fault = emulator.faults().on("get_room").status(500).body(body);
        fault.header("x-request-id", format!("{}{MANAGEMENT}", "x".repeat(padding)));
        let error = fishjam.get_room("r").await.unwrap_err();
        for text in [Some(error.to_string()), Some(format!("{error:?}")), error.body_excerpt().map(str::to_owned)] {
            assert!(!text.unwrap_or_default().contains(half), "after {padding} bytes: {error:?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn unreadable_response_prints_no_token() -> anyhow::Result<()> {
    let emulator = quietly(Emulator::builder().token(MANAGEMENT)).await?;
    let fishjam = client(&emulator, MANAGEMENT).build()?;
    let mut printed = CapturedOutput::default();
    printed.secret(MANAGEMENT);
    printed.secret(PEER);
    let peer = json!({
        "id": "p", "type": "webrtc", "status": "connected", "metadata": {}, "subscribeMode": "auto",
        "subscriptions": { "peers": [], "tracks": [] }, "tracks": [],
    });
    let created = json!({ "data": { "peer": peer, "token": PEER } }).to_string();
    for (what, body) in [
        ("cut off", created[..created.len() - 1].to_owned()),
        ("cut off in the token", created.replace("\"}}", "")),
        ("no peer", json!({ "data": { "token": PEER } }).to_string()),
        ("half a peer", json!({ "data": { "token": PEER, "peer": { "id": "p" } } }).to_string()),
        ("a token in a list", json!({ "data": { "token": [PEER], "peer": peer } }).to_string()),
        ("a token in an object", json!({ "data": { "token": { "jwt": PEER }, "peer": peer } }).to_string()),
        ("a token in the peer's place", json!({ "data": { "token": PEER, "peer": PEER } }).to_string()),
        ("nothing but a token", json!({ "data": PEER }).to_string()),
        ("no envelope", json!(PEER).to_string()),
        ("a token in a list's place", json!({ "data": { "token": 7, "peer": { "tracks": PEER } } }).to_string()),
    ] {
        emulator.faults().on("add_peer").status(201).body(body);
        let error = fishjam.create_peer("r", PeerOptions::new()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{what}: {error}");
        printed.error(what, &error);
    }
    for (what, body) in [
        ("nothing but a fresh token", json!({ "data": PEER })),
        ("a fresh token without its envelope", json!({ "token": PEER })),
        ("a bare fresh token", json!(PEER)),
        ("a list of tokens", json!({ "data": { "token": [PEER] } })),
    ] {
        emulator.faults().on("refresh_token").status(201).body(body.to_string());
        let error = fishjam.refresh_peer_token("r", "p").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{what}: {error}");
        printed.error(what, &error);
        emulator.faults().on("generate_viewer_token").status(201).body(json!(PEER).to_string());
        printed.error(what, &fishjam.create_livestream_viewer_token("r").await.unwrap_err());
        emulator.faults().on("generate_streamer_token").status(201).body(json!({ "token": { "t": PEER } }).to_string());
        printed.error(what, &fishjam.create_livestream_streamer_token("r").await.unwrap_err());
    }
    printed.check();
    Ok(())
}

#[tokio::test]
async fn failure_without_a_response_prints_no_token() -> anyhow::Result<()> {
    let emulator = quietly(Emulator::builder().token(MANAGEMENT)).await?;
    let mut printed = CapturedOutput::default();
    printed.secret(MANAGEMENT);
    printed.secret(WRONG);

    let wrong = client(&emulator, WRONG).build()?;
    printed.error("wrong token", &wrong.get_all_rooms().await.unwrap_err());
    printed.error("wrong credentials", &wrong.check_credentials().await.unwrap_err());
    let notifier = FishjamNotifier::new(emulator.url(), WRONG)?;
    notifier.on_server_notification(|_: Notification| async {});
    let refused = within("a response", notifier.connect()).await?.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unauthorized);
    printed.error("refused connection", &refused);
    printed.debug("refused notifier", &notifier);
    printed.error("refused stream", &within("a response", notifier.events()).await?.map(drop).unwrap_err());

    for unusable in [format!("{WRONG}\n"), format!("{WRONG} {WRONG}"), format!("ü{WRONG}"), format!("{WRONG}\u{0}")] {
        printed.debug("unusable token", &PeerToken::from(&unusable));
        printed.debug("unusable token's builder", &FishjamClient::builder("id", &unusable));
        printed.error("unusable token", &FishjamClient::new("id", &unusable).unwrap_err());
        printed.error("unusable token", &FishjamNotifier::new("id", &unusable).unwrap_err());
    }
    for url in [
        format!("https://user:{WRONG}@example.com"),
        format!("https://{WRONG}@example.com"),
        format!("https://example.com/?token={WRONG}"),
        format!("https://example.com/#{WRONG}"),
    ] {
        printed.error("unusable URL", &FishjamClient::new(&url, "token").unwrap_err());
        printed.error("unusable URL", &FishjamClient::builder("id", "token").base_url(&url).build().unwrap_err());
    }
    let proxied = FishjamClient::builder("id", "token").proxy(format!("http://user:{WRONG}@127.0.0.1:1"));
    printed.debug("proxied builder", &proxied);
    printed.debug("proxied client", &proxied.build()?);

    let fishjam = client(&emulator, MANAGEMENT).request_timeout(Duration::from_millis(100)).build()?;
    emulator.faults().on("get_room").delay(Duration::from_secs(60));
    let clock = SteppedClock::start(Duration::from_millis(5));
    printed.error("timeout", &fishjam.get_room("r").await.unwrap_err());
    drop(clock);
    emulator.faults().on("get_room").disconnect();
    printed.error("cut", &fishjam.get_room("r").await.unwrap_err());
    let nowhere = FishjamClient::builder(unused_url().await?, MANAGEMENT).max_attempts(1).build()?;
    printed.error("nobody listens", &nowhere.get_room("r").await.unwrap_err());
    emulator.faults().on("server_socket").status(500).body(MANAGEMENT);
    let builder = FishjamNotifier::builder(emulator.url(), MANAGEMENT);
    let notifier = builder.retry_first_connection(false).build()?;
    printed.error("no socket", &within("a response", notifier.events()).await?.map(drop).unwrap_err());
    printed.error("unusable id", &fishjam.get_room("a/b").await.unwrap_err());
    printed.check();
    Ok(())
}
