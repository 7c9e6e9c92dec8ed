//! Proxies: the one from the settings, the one from the environment, and their failures.

use std::{
    env,
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context, ensure};
use fishjam_emulator::Emulator;
use fishjam_sdk::{
    AgentOptions, Error, ErrorKind, FishjamClient, FishjamNotifier, RoomOptions,
    events::Event,
    jellyfish::{ConnectionOptions, JellyfishClient, JellyfishNotifier},
};
use fishjam_tests::{
    clock::SteppedClock,
    proxy::TestProxy,
    support::{Log, record, respond_with, silent, unanswered_request, unused_url, within},
};
use futures_util::StreamExt;
use tokio::io::AsyncWriteExt;

/// A host that exists nowhere: only a proxy can find it.
const NOWHERE: &str = "http://fishjam.invalid";
/// `user:p@ss`, encoded as in the URL of the proxy.
const CREDENTIALS: &str = "Basic dXNlcjpwQHNz";

/// Host and port of a URL.
fn authority(url: &str) -> anyhow::Result<&str> {
    Ok(url.split("://").nth(1).context("no scheme")?.trim_end_matches('/'))
}

#[tokio::test]
async fn socket_uses_a_tunnel_behind_a_proxy() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let proxy = TestProxy::start(authority(emulator.origin())?).await?;
    for host in ["fishjam.invalid", "fishjam.invalid:5002"] {
        let url = format!("http://{host}");
        let fishjam = FishjamClient::builder(&url, emulator.token()).proxy(proxy.url()).build()?;
        let notifier = FishjamNotifier::builder(&url, emulator.token()).proxy(proxy.url()).build()?;
        let mut events = within("a stream", notifier.events()).await??;

        let room = fishjam.create_room(RoomOptions::new()).await?;
        let event = within("the room's event", events.next()).await?.context("no event")??;
        assert!(matches!(&event, Event::Notification(n) if n.room_id() == Some(&room.id)), "{event:?}");
        let agent = fishjam.create_agent(&room.id, AgentOptions::new()).await?;
        within("a session", agent.connect()).await??.disconnect().await?;

        let requests = proxy.requests();
        let port = if host.contains(':') { "" } else { ":80" };
        assert!(requests.contains(&format!("CONNECT {host}{port} {CREDENTIALS}")), "{requests:?}");
        assert!(requests.contains(&format!("POST http://{host}/room {CREDENTIALS}")), "{requests:?}");
        // The emulator names its own address for the sockets of agents.
        let agents = format!("CONNECT {} {CREDENTIALS}", authority(emulator.origin())?);
        assert!(requests.contains(&agents), "{requests:?}");
    }
    let created = emulator.journal().requests_for("create_room");
    assert_eq!(created[0].header("host"), Some("fishjam.invalid"));
    Ok(())
}

#[tokio::test]
async fn requests_and_sockets_with_tls_use_tunnels() -> anyhow::Result<()> {
    let emulator = Emulator::builder().tls(true).start().await?;
    let root = emulator.certificate_pem().unwrap_or_default();
    let address = authority(emulator.origin())?;
    let proxy = TestProxy::start(address).await?;
    let client = FishjamClient::builder(emulator.url(), emulator.token()).add_root_certificates(root);
    let notifier = FishjamNotifier::builder(emulator.url(), emulator.token()).add_root_certificates(root);
    client.proxy(proxy.url()).build()?.check_credentials().await?;
    let events = within("a stream", notifier.proxy(proxy.url()).build()?.events()).await??;
    drop(events);
    let tunnel = format!("CONNECT {address} {CREDENTIALS}");
    assert_eq!(proxy.requests(), [tunnel.clone(), tunnel]);
    Ok(())
}

/// Returns the errors of a call and of a socket behind this proxy, for Fishjam and for Jellyfish.
async fn failures(endpoint: &str, proxy: &str) -> anyhow::Result<[Error; 4]> {
    let client = FishjamClient::builder(endpoint, "token").max_attempts(1).proxy(proxy).build()?;
    let notifier = FishjamNotifier::builder(endpoint, "token").reconnect(false).proxy(proxy).build()?;
    let jellyfish = || {
        let (scheme, address) = endpoint.split_once("://").context("no scheme")?;
        Ok::<_, anyhow::Error>(ConnectionOptions::new(address, "token").secure(scheme == "https"))
    };
    let old = JellyfishClient::builder(jellyfish()?).max_attempts(1).proxy(proxy).build()?;
    let old_notifier = JellyfishNotifier::builder(jellyfish()?).reconnect(false).proxy(proxy).build()?;
    Ok([
        within("a failed call", client.get_all_rooms()).await?.err().context("a call succeeded")?,
        within("a failed call", old.get_all_rooms()).await?.err().context("a call succeeded")?,
        within("a failed socket", notifier.events()).await?.err().context("a socket is open")?,
        within("a failed socket", old_notifier.events()).await?.err().context("a socket is open")?,
    ])
}

#[tokio::test]
async fn failed_connection_names_the_proxy_and_no_credentials() -> anyhow::Result<()> {
    let nobody = unused_url().await?;
    let refusing = respond_with("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n").await?;
    let unauthorized = respond_with("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n").await?;
    let confused = respond_with("sentinel\r\n\r\n").await?;
    let closing = respond_with("").await?;
    for proxy in [nobody, refusing, unauthorized, confused, closing] {
        let address = authority(&proxy)?;
        for endpoint in [NOWHERE, "http://fishjam.invalid:5002", "https://fishjam.invalid"] {
            for error in failures(endpoint, &format!("http://user:sentinel@{address}")).await? {
                let line = error.to_string();
                assert!(line.contains(&format!(" through the proxy {address}")), "{endpoint}: {error:#}");
                assert!(!format!("{error:#} {error:?}").contains("sentinel"), "{error:#} {error:?}");
            }
        }
    }
    Ok(())
}

/// Starts a proxy that responds to the first request of each connection with these bytes, and keeps the connection
/// open.
async fn respond_and_keep_alive(bytes: &'static str) -> anyhow::Result<String> {
    let (listener, url) = silent().await?;
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok(mut stream) = unanswered_request(&listener).await {
            // A client may close the connection early.
            let _ = stream.write_all(bytes.as_bytes()).await;
            open.push(stream);
        }
    });
    Ok(url)
}

#[tokio::test]
async fn refused_tunnel_reports_the_status_despite_a_body() -> anyhow::Result<()> {
    const REFUSAL: &str = "HTTP/1.1 403 Forbidden\r\ncontent-type: text/html\r\ncontent-length: 9\r\n\r\n<p>No</p>";
    const DATA: &str = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n<p>OK</p>";
    for (response, said) in [(REFUSAL, "(403)"), (DATA, "sent data of its own")] {
        for proxy in [respond_with(response).await?, respond_and_keep_alive(response).await?] {
            // Limits that only a hang can reach.
            let builder = FishjamNotifier::builder(NOWHERE, "token").reconnect(false).proxy(&proxy);
            let limit = Duration::from_secs(600);
            let notifier = builder.connect_timeout(limit).handshake_timeout(limit).build()?;
            let error = within("a failed socket", notifier.events()).await?.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
            let line = error.to_string();
            assert!(
                line.contains(&format!("through the proxy {}", authority(&proxy)?)) && line.contains(said),
                "{line}"
            );
        }
    }
    Ok(())
}

#[tokio::test]
async fn proxy_with_an_endless_head_is_refused() -> anyhow::Result<()> {
    let endless = format!("HTTP/1.1 200 OK\r\na: {}", "a".repeat(100_000));
    let proxy = respond_with(endless).await?;
    let notifier = FishjamNotifier::builder(NOWHERE, "token").reconnect(false).proxy(&proxy).build()?;
    let error = within("a failed socket", notifier.events()).await?.unwrap_err();
    assert!(error.to_string().contains("too long"), "{error}");
    Ok(())
}

#[tokio::test]
async fn silent_tunnel_names_the_proxy() -> anyhow::Result<()> {
    let (_listener, server) = silent().await?;
    let proxy = TestProxy::start(authority(&server)?).await?;
    let _clock = SteppedClock::start(Duration::from_millis(10));
    for endpoint in [NOWHERE, "https://fishjam.invalid"] {
        let builder = FishjamNotifier::builder(endpoint, "token").reconnect(false).proxy(proxy.url());
        let notifier = builder.handshake_timeout(Duration::from_millis(200)).build()?;
        let error = within("a failed socket", notifier.events()).await?.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
        let line = error.to_string();
        assert!(line.contains(&format!("through the proxy {}: the notifier was not", proxy.address())), "{line}");
    }
    Ok(())
}

#[tokio::test]
async fn lost_socket_names_the_proxy() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let proxy = TestProxy::start(authority(emulator.origin())?).await?;
    let builder = FishjamNotifier::builder(NOWHERE, emulator.token()).reconnect(false).proxy(proxy.url());
    let mut events = within("a stream", builder.build()?.events()).await??;
    proxy.cut();
    let error = within("the end", events.next()).await?.context("no error")?.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection);
    assert!(error.to_string().contains(&format!("through the proxy {}", proxy.address())), "{error}");
    Ok(())
}

#[tokio::test]
async fn message_of_the_server_does_not_name_the_proxy() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let proxy = TestProxy::start(authority(emulator.origin())?).await?;
    let fishjam = FishjamClient::builder(NOWHERE, emulator.token()).proxy(proxy.url()).build()?;
    let error = fishjam.get_room("gone").await.unwrap_err();
    assert_eq!(error.to_string(), "get_room: not found (404): Room gone does not exist");
    Ok(())
}

#[tokio::test]
async fn socket_gives_up_on_a_silent_proxy() -> anyhow::Result<()> {
    let (_listener, proxy) = silent().await?;
    let builder = FishjamNotifier::builder(NOWHERE, "token").reconnect(false).proxy(&proxy);
    let notifier =
        builder.connect_timeout(Duration::from_millis(50)).handshake_timeout(Duration::from_secs(60)).build()?;
    let _clock = SteppedClock::start(Duration::from_millis(5));
    let error = within("a failed socket", notifier.events()).await?.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().contains(&format!("through the proxy {}", authority(&proxy)?)), "{error}");
    Ok(())
}

#[tokio::test]
async fn socket_without_tls_refuses_an_https_proxy() -> anyhow::Result<()> {
    let (listener, proxy) = silent().await?;
    let builder = FishjamNotifier::builder(NOWHERE, "token").proxy(proxy.replace("http://", "https://"));
    let error = within("a failed socket", builder.build()?.events()).await?.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Setup);
    assert!(error.to_string().contains("https:// proxy"), "{error}");
    drop(listener);
    Ok(())
}

#[test]
fn build_refuses_a_proxy_that_is_not_http() -> anyhow::Result<()> {
    let jellyfish = || ConnectionOptions::new("jellyfish.example", "token");
    let unusable = ["ftp://h", "socks://h", "tcp://h", "socks5://h:1080", "socks5h://u:sentinel@h", "socks4a://h"];
    let malformed =
        ["not a url sentinel", "http://", "http://u:sentinel@h:x", "http://u:sentinel@{host}:3128", "\"h\""];
    for proxy in unusable.into_iter().chain(malformed) {
        for error in [
            FishjamClient::builder(NOWHERE, "token").proxy(proxy).build().map(drop),
            FishjamNotifier::builder(NOWHERE, "token").proxy(proxy).build().map(drop),
            JellyfishClient::builder(jellyfish()).proxy(proxy).build().map(drop),
            JellyfishNotifier::builder(jellyfish()).proxy(proxy).build().map(drop),
            FishjamClient::builder("http://127.0.0.1:1", "token").proxy(proxy).build().map(drop),
        ] {
            let error = error.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{proxy}");
            assert!(error.to_string().contains("invalid proxy: "), "{error}");
            assert!(!format!("{error:#} {error:?}").contains("sentinel"), "{error:?}");
        }
    }
    for proxy in ["http://h", "https://h:8443", "HTTP://u:p@h/", "proxy.example:3128", "localhost:1", " http://h "] {
        FishjamClient::builder("https://fishjam.example", "token").proxy(proxy).build()?;
    }
    Ok(())
}

#[tokio::test]
async fn clear_text_token_through_a_proxy_is_logged_once() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let proxy = TestProxy::start(authority(emulator.origin())?).await?;
    for (endpoint, warnings) in [(NOWHERE, 1), ("https://fishjam.invalid", 0)] {
        let log = Log::default();
        let to = log.clone();
        let recording = record(tracing_subscriber::fmt().with_ansi(false).with_writer(move || to.clone()).finish());
        let fishjam = FishjamClient::builder(endpoint, emulator.token()).max_attempts(1).proxy(proxy.url()).build()?;
        for _ in 0..2 {
            let called = fishjam.get_all_rooms().await;
            assert_eq!(called.is_ok(), warnings == 1, "{called:?}");
        }
        drop(recording);
        let text = log.text();
        let lines: Vec<_> = text.lines().filter(|line| line.contains("in clear text")).collect();
        assert_eq!(lines.len(), warnings, "{text}");
        assert!(lines.iter().all(|line| line.contains("WARN") && line.contains(&proxy.address())), "{text}");
        assert!(!text.contains("p%40ss") && !text.contains(emulator.token()), "{text}");
    }
    Ok(())
}

#[tokio::test]
async fn failure_without_a_proxy_names_none() -> anyhow::Result<()> {
    let nobody = unused_url().await?;
    let error =
        FishjamClient::builder(nobody, "t").no_proxy().max_attempts(1).build()?.get_room("r").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection);
    assert!(!error.to_string().contains("proxy"), "{error}");
    Ok(())
}

/// Runs a test of this program in a process with these variables.
fn run_with(test: &str, variables: &[(&str, &str)]) -> anyhow::Result<()> {
    let mut command = Command::new(env::current_exe()?);
    command.args([test, "--exact", "--ignored", "--test-threads=1"]).stdin(Stdio::null());
    for name in ["http_proxy", "https_proxy", "all_proxy", "no_proxy"] {
        command.env_remove(name).env_remove(name.to_ascii_uppercase());
    }
    let output = command.envs(variables.iter().copied()).output()?;
    let printed = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success() && printed.contains("1 passed"), "{variables:?}: {printed}");
    Ok(())
}

const DEAD: &str = "http://127.0.0.1:9";

#[test]
fn loopback_ignores_the_proxy_of_the_environment() -> anyhow::Result<()> {
    let dead = [("HTTP_PROXY", DEAD), ("HTTPS_PROXY", DEAD), ("ALL_PROXY", DEAD)];
    run_with("proxy::reaches_loopback", &dead)?;
    run_with("proxy::reaches_loopback", &dead.map(|(name, _)| (name, "socks5://127.0.0.1:9")))
}

/// Not a test of its own: another test runs it with an environment.
#[tokio::test]
#[ignore = "another test runs it in its own process"]
async fn reaches_loopback() -> anyhow::Result<()> {
    for tls in [false, true] {
        let emulator = Emulator::builder().tls(tls).start().await?;
        let root = emulator.certificate_pem().unwrap_or_default();
        for url in [emulator.url().to_owned(), emulator.url().replace("127.0.0.1", "localhost")] {
            let client = FishjamClient::builder(&url, emulator.token());
            let notifier = FishjamNotifier::builder(&url, emulator.token());
            let (client, notifier) = match tls {
                true => (client.add_root_certificates(root), notifier.add_root_certificates(root)),
                false => (client, notifier),
            };
            client.build()?.check_credentials().await?;
            drop(within("a stream", notifier.build()?.events()).await??);
        }
    }
    Ok(())
}

#[test]
fn environment_decides_for_other_hosts() -> anyhow::Result<()> {
    run_with("proxy::names_the_dead_proxy", &[("HTTP_PROXY", DEAD), ("NO_PROXY", "example.com")])?;
    run_with("proxy::names_the_dead_proxy", &[("all_proxy", DEAD)])?;
    run_with("proxy::is_not_built", &[("ALL_PROXY", "socks5h://user:sentinel@proxy.example")])?;
    run_with("proxy::is_not_built", &[("ALL_PROXY", "http://user:sentinel@proxy.example:x")])
}

/// Not a test of its own: another test runs it with an environment.
#[tokio::test]
#[ignore = "another test runs it in its own process"]
async fn names_the_dead_proxy() -> anyhow::Result<()> {
    let fishjam = FishjamClient::builder(NOWHERE, "token").max_attempts(1).build()?;
    let error = fishjam.get_all_rooms().await.unwrap_err();
    assert_eq!(error.to_string(), "get_all_rooms: connection failed through the proxy 127.0.0.1:9");
    Ok(())
}

#[test]
fn clear_text_token_for_a_remote_node_is_logged_once() -> anyhow::Result<()> {
    run_with("proxy::warns_at_a_remote_node", &[("HTTP_PROXY", DEAD)])
}

/// Not a test of its own: another test runs it with an environment.
#[test]
#[ignore = "another test runs it in its own process"]
fn warns_at_a_remote_node() -> anyhow::Result<()> {
    let log = Log::default();
    let to = log.clone();
    let _recording = record(tracing_subscriber::fmt().with_ansi(false).with_writer(move || to.clone()).finish());
    let warnings = || log.text().matches("in clear text").count();
    let jellyfish = JellyfishClient::new(ConnectionOptions::new("localhost:1", "token"))?;
    assert_eq!(warnings(), 0);
    for _ in 0..2 {
        jellyfish.update_address("jellyfish.example")?.update_address("other.example")?;
        assert_eq!(warnings(), 1, "{}", log.text());
    }
    Ok(())
}

/// Not a test of its own: another test runs it with an environment.
#[test]
#[ignore = "another test runs it in its own process"]
fn is_not_built() -> anyhow::Result<()> {
    let jellyfish = JellyfishClient::new(ConnectionOptions::new("localhost:1", "token"))?;
    for outcome in [
        FishjamClient::new("id", "token").map(drop),
        FishjamNotifier::new("id", "token").map(drop),
        jellyfish.update_address("jellyfish.example").map(drop),
    ] {
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Setup);
        assert!(error.to_string().contains("the environment variable ALL_PROXY"), "{error}");
        assert!(!format!("{error:#} {error:?}").contains("sentinel"), "{error:?}");
    }
    // A client that does not use the proxy ignores it.
    FishjamClient::builder("id", "token").no_proxy().build()?;
    FishjamClient::builder("id", "token").proxy(DEAD).build()?;
    Ok(())
}
