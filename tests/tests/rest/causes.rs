//! An error's line, its causes, and the calls that fail without a runtime.

use std::{error::Error as _, time::Duration};

use anyhow::Context;
use fishjam_emulator::Emulator;
use fishjam_sdk::{
    Error, ErrorKind, FishjamClient, FishjamClientBuilder, FishjamNotifier, RoomsView,
    jellyfish::{ConnectionOptions, HlsRequest, JellyfishClient, JellyfishNotifier},
};
use fishjam_tests::{
    proxy::TestProxy,
    support::{respond_with, silent, unused_url, within},
};
use futures_util::FutureExt;

fn builder(url: &str) -> FishjamClientBuilder {
    FishjamClient::builder(url, "token").max_attempts(1).request_timeout(Duration::from_secs(60))
}

async fn failure(builder: FishjamClientBuilder) -> anyhow::Result<Error> {
    within("a failed call", builder.build()?.get_all_rooms()).await?.err().context("a call succeeded")
}

#[tokio::test]
async fn every_cause_is_printed_once() -> anyhow::Result<()> {
    let (_listener, silent) = silent().await?;
    let untrusted = Emulator::builder().tls(true).start().await?;
    let nobody = unused_url().await?;
    let proxy = TestProxy::start("127.0.0.1:9").await?;
    let refusing = respond_with("HTTP/1.1 403 No\r\n\r\n").await?;
    let truncated = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"data\":";
    for (what, error) in [
        ("refused", failure(builder(&nobody)).await?),
        ("silent", failure(builder(&silent).request_timeout(Duration::from_millis(100))).await?),
        ("no such host", failure(builder("http://fishjam.invalid").no_proxy()).await?),
        ("untrusted", failure(builder(untrusted.url())).await?),
        ("no TLS", failure(builder(&nobody.replace("http://", "https://"))).await?),
        ("refused by the proxy", failure(builder("https://fishjam.invalid").proxy(proxy.url())).await?),
        ("refused tunnel", failure(builder("https://fishjam.invalid").proxy(&refusing)).await?),
        ("not HTTP", failure(builder(&respond_with("SSH-2.0\r\n").await?)).await?),
        ("half a body", failure(builder(&respond_with(truncated).await?)).await?),
        ("not JSON", failure(builder(&respond_with("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n{").await?)).await?),
        ("unusable URL", FishjamClient::new("https://[", "token").err().context("it is usable")?),
    ] {
        let mut causes = Vec::new();
        let mut cause = error.source();
        while let Some(inner) = cause {
            causes.push(inner.to_string());
            cause = inner.source();
        }
        assert!(!causes.is_empty(), "{what}: {error:?}");
        let line = format!("{error}: {}", causes.join(": "));
        assert_eq!(format!("{error:#}"), line, "{what}");
        assert_eq!(format!("{:#}", anyhow::Error::from(error.clone())), line, "{what}");
        let parts: Vec<_> = [error.to_string()].into_iter().chain(causes).collect();
        for (at, part) in parts.iter().enumerate() {
            assert!(parts[at + 1..].iter().all(|cause| !part.contains(cause.as_str())), "{what}: {line}");
        }
    }
    Ok(())
}

#[test]
fn call_without_a_runtime_is_an_error() -> anyhow::Result<()> {
    let fishjam = FishjamClient::new("http://127.0.0.1:1", "token")?;
    let notifier = FishjamNotifier::new("http://127.0.0.1:1", "token")?;
    let options = || ConnectionOptions::new("127.0.0.1:1", "token");
    let jellyfish = JellyfishClient::new(options())?;
    let old_notifier = JellyfishNotifier::new(options())?;
    for (what, outcome) in [
        ("a read", fishjam.get_all_rooms().now_or_never().map(|outcome| outcome.map(drop))),
        ("a creation", fishjam.create_room(Default::default()).now_or_never().map(|outcome| outcome.map(drop))),
        ("a check", fishjam.check_credentials().now_or_never()),
        ("a notifier", notifier.events().now_or_never().map(|outcome| outcome.map(drop))),
        ("a view", RoomsView::start(&fishjam, &notifier).now_or_never().map(|outcome| outcome.map(drop))),
        ("Jellyfish", jellyfish.get_all_rooms().now_or_never().map(|outcome| outcome.map(drop))),
        (
            "a file",
            jellyfish
                .get_hls_content("r", "index.m3u8", HlsRequest::new())
                .now_or_never()
                .map(|outcome| outcome.map(drop)),
        ),
        ("Jellyfish's notifier", old_notifier.events().now_or_never().map(|outcome| outcome.map(drop))),
    ] {
        let error = outcome.with_context(|| format!("{what} waits"))?.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Setup, 0), "{what}: {error}");
        assert!(error.to_string().contains("a Tokio runtime"), "{what}: {error}");
        assert!(!error.may_have_taken_effect() && !error.is_retryable(), "{what}");
    }
    Ok(())
}
