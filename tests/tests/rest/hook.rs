//! The hook for headers: the requests that it applies to, and the headers that it cannot set.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use fishjam_emulator::{Authorization, Emulator};
use fishjam_sdk::{
    AgentOptions, ErrorKind, FishjamClient, FishjamNotifier, RoomOptions,
    jellyfish::{ConnectionOptions, JellyfishClient, JellyfishNotifier},
};
use fishjam_tests::{proxy::TestProxy, support::within};
use http::{HeaderMap, HeaderValue, header};

const KEY: &str = "x-gateway-key";

fn add_key(headers: &mut HeaderMap) {
    headers.insert(KEY, HeaderValue::from_static("sentinel"));
}

#[tokio::test]
async fn hook_runs_for_each_attempt() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let calls = Arc::new(AtomicUsize::new(0));
    let fishjam = FishjamClient::builder(emulator.url(), emulator.token())
        .retry_backoff(Duration::ZERO, Duration::ZERO)
        .on_request({
            let calls = Arc::clone(&calls);
            move |headers| {
                // It sees no header, and thus no token.
                assert!(headers.is_empty());
                headers.insert("traceparent", HeaderValue::from(calls.fetch_add(1, SeqCst)));
                headers.append("x-twice", HeaderValue::from_static("a"));
                headers.append("x-twice", HeaderValue::from_static("b"));
            }
        })
        .build()?;
    emulator.faults().on("create_room").times(2).status(503).retry_after(Duration::ZERO);
    let room = fishjam.create_room(RoomOptions::new()).await?;
    fishjam.with_max_attempts(1).delete_room(&room.id).await?;
    let requests = emulator.journal().requests();
    let traces: Vec<_> = requests.iter().map(|request| request.header("traceparent")).collect();
    assert_eq!(traces, [Some("0"), Some("1"), Some("2"), Some("3")]);
    for request in requests {
        assert_eq!(request.authorization(), Authorization::Valid);
        let twice = request.headers().iter().filter(|(name, _)| name == "x-twice").map(|(_, value)| value.as_str());
        assert_eq!(twice.collect::<Vec<_>>(), ["a", "b"]);
    }
    Ok(())
}

#[tokio::test]
async fn hook_applies_to_websockets_of_the_same_host() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::builder(emulator.url(), emulator.token()).on_request(add_key).build()?;
    let notifier = FishjamNotifier::builder(emulator.url(), emulator.token()).on_request(add_key).build()?;
    let _events = notifier.events().await?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    let agent = fishjam.create_agent(&room.id, AgentOptions::new()).await?;
    let _session = agent.connect().await?;

    // The server names another host for the second agent. It has the same server behind it.
    let other = emulator.origin().replace("http://127.0.0.1", "localhost");
    let other = format!("{other}/socket/peer/websocket");
    emulator
        .faults()
        .on("add_peer")
        .patch_json(move |response| response["data"]["peer_websocket_url"] = other.clone().into());
    let _elsewhere = fishjam.create_agent(&room.id, AgentOptions::new()).await?.connect().await?;

    let keys = |operation| {
        let requests = emulator.journal().requests_for(operation);
        requests.iter().map(|request| request.header(KEY).map(str::to_owned)).collect::<Vec<_>>()
    };
    assert_eq!(keys("server_socket"), [Some("sentinel".to_owned())]);
    assert_eq!(keys("agent_socket"), [Some("sentinel".to_owned()), None]);
    Ok(())
}

#[tokio::test]
async fn hook_applies_to_websockets_in_a_tunnel() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let proxy = TestProxy::start(emulator.origin().trim_start_matches("http://")).await?;
    let builder = FishjamNotifier::builder(emulator.url(), emulator.token()).proxy(proxy.url());
    let _events = within("a connection", builder.on_request(add_key).build()?.events()).await??;
    assert_eq!(emulator.journal().requests_for("server_socket")[0].header(KEY), Some("sentinel"));
    Ok(())
}

#[tokio::test]
async fn hook_applies_to_jellyfish() -> anyhow::Result<()> {
    let emulator = Emulator::jellyfish().start().await?;
    let options = || ConnectionOptions::new(emulator.address(), emulator.token());
    let jellyfish = JellyfishClient::builder(options()).on_request(add_key).build()?;
    let notifier = JellyfishNotifier::builder(options()).on_request(add_key).build()?;
    jellyfish.get_all_rooms().await?;
    // A public file gets no token, but a gateway may require its key.
    jellyfish.get_recording_content("r", "f").await.unwrap_err();
    let _events = notifier.events().await?;
    let requests = emulator.journal().requests();
    assert_eq!(requests.len(), 3);
    assert!(requests.iter().all(|request| request.header(KEY) == Some("sentinel")), "{requests:?}");
    Ok(())
}

#[tokio::test]
async fn hook_with_a_reserved_header_sends_nothing() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    for name in [header::AUTHORIZATION, header::USER_AGENT, header::HOST, header::SEC_WEBSOCKET_KEY] {
        let hook = {
            let name = name.clone();
            move |headers: &mut HeaderMap| {
                headers.insert(&name, HeaderValue::from_static("sentinel"));
            }
        };
        let fishjam = FishjamClient::builder(emulator.url(), emulator.token()).on_request(hook.clone()).build()?;
        let notifier = FishjamNotifier::builder(emulator.url(), emulator.token()).on_request(hook).build()?;
        let refused = within("an error", notifier.events()).await?.unwrap_err();
        for error in [fishjam.get_all_rooms().await.unwrap_err(), refused] {
            assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{error}");
            assert!(error.to_string().contains(&format!("on_request: it cannot set the header {name}")), "{error}");
            assert!(!format!("{error:?}").contains("sentinel"), "{error:?}");
        }
    }
    assert_eq!(emulator.journal().count("*"), 0);
    Ok(())
}

#[tokio::test]
async fn panic_of_the_hook_is_an_error() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let attempts = AtomicUsize::new(0);
    let fishjam = FishjamClient::builder(emulator.url(), emulator.token())
        .retry_backoff(Duration::ZERO, Duration::ZERO)
        .on_request(move |_| assert_eq!(attempts.fetch_add(1, SeqCst), 0, "the second attempt"))
        .build()?;
    emulator.faults().on("delete_room").status(504);
    let error = fishjam.delete_room("r").await.unwrap_err();
    // The first attempt may have deleted the room.
    assert_eq!((error.kind(), error.attempts(), error.may_have_taken_effect()), (ErrorKind::Setup, 1, true));
    assert_eq!(emulator.journal().count("*"), 1);

    let notifier =
        FishjamNotifier::builder(emulator.url(), emulator.token()).on_request(|_| panic!("the hook")).build()?;
    assert_eq!(within("an error", notifier.events()).await?.unwrap_err().kind(), ErrorKind::Setup);
    Ok(())
}
