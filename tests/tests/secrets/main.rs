//! No token appears in the logs of any library, or in any printed value.
//!
//! The emulator runs on a thread that logs nothing, because a server may print the requests that it receives.

mod errors;

use std::{
    error::Error as StdError,
    fmt::{Debug, Display},
    sync::OnceLock,
    thread,
};

use anyhow::Context;
use fishjam_emulator::{Emulator, EmulatorBuilder};
use fishjam_sdk::{
    AgentOptions, Error, FishjamClient, FishjamClientBuilder, FishjamNotifier, LivestreamOptions, ManagementToken,
    MoqAccessOptions, PeerOptions, RoomOptions, RoomType, VapiAgentOptions, VapiApiKey, WebhookSecret,
    composition::{CompositionClient, CompositionOptions},
    events::{Event, Notification},
};
use fishjam_tests::{
    proxy::TestProxy,
    support::{Log, within},
};
use futures_util::StreamExt;
use serde::Serialize;
use serde_json::json;
use tokio::sync::oneshot;
use tokio_tungstenite::tungstenite::protocol::frame::{
    Frame,
    coding::{Data, OpCode},
};
use tracing_subscriber::{filter::LevelFilter, fmt::format::FmtSpan, util::SubscriberInitExt};

const MANAGEMENT: &str = "SENTINEL-management-5f0c";
const WRONG: &str = "SENTINEL-wrong-93aa";
const PEER: &str = "SENTINEL-peer-71bd";
const VAPI: &str = "SENTINEL-vapi-2e8c";

/// Everything that is logged in this process, at every level, by every library, with `log` or with `tracing`.
fn log() -> &'static Log {
    static LOG: OnceLock<Log> = OnceLock::new();
    LOG.get_or_init(|| {
        let log = Log::default();
        let writer = log.clone();
        tracing_subscriber::fmt()
            .with_max_level(LevelFilter::TRACE)
            .with_span_events(FmtSpan::FULL)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .init();
        log
    })
}

/// Starts an emulator that logs nothing.
async fn quietly(builder: EmulatorBuilder) -> anyhow::Result<Emulator> {
    log();
    let (sender, started) = oneshot::channel();
    thread::spawn(move || {
        let _nothing_is_written = tracing_subscriber::registry().set_default();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let _ = sender.send(builder.start().await);
            std::future::pending::<()>().await;
        });
        Ok::<_, std::io::Error>(())
    });
    Ok(started.await.context("the emulator's thread ended")??)
}

/// Returns the form of the secret in a string, or `None`.
fn form(text: &str, secret: &str) -> Option<&'static str> {
    let bytes = secret.as_bytes();
    let hex = bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let decimal = bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(", ");
    [(secret, "plain"), (hex.as_str(), "hexadecimal"), (decimal.as_str(), "a list of bytes")]
        .into_iter()
        .find_map(|(sought, form)| text.to_lowercase().contains(&sought.to_lowercase()).then_some(form))
}

#[test]
fn search_finds_a_secret_in_every_printed_form_of_bytes() {
    let message = Frame::message(format!("auth {PEER}!").into_bytes(), OpCode::Data(Data::Binary), true);
    for text in [
        format!("<{PEER}>"),
        PEER.to_uppercase(),
        format!("{:?}", PEER.as_bytes()),
        format!("{:?}", format!("auth {PEER}!").into_bytes()),
        format!("{:?}", tokio_tungstenite::tungstenite::Bytes::from(format!("auth\0{PEER}!"))),
        PEER.bytes().map(|byte| format!("{byte:02X}")).collect(),
        message.to_string(),
        format!("{message:?}"),
    ] {
        assert!(form(&text, PEER).is_some(), "{text}");
        assert_eq!(form(&text, MANAGEMENT), None, "{text}");
    }
    assert_eq!(form("SENTINEL-peer and nothing more", PEER), None);
}

/// Printed strings, and the secrets that they must not contain.
#[derive(Default)]
struct CapturedOutput {
    texts: Vec<(String, String)>,
    secrets: Vec<String>,
}

impl CapturedOutput {
    fn debug(&mut self, what: &str, value: &impl Debug) {
        self.texts.push((what.to_owned(), format!("{value:?} {value:#?}")));
    }

    fn json(&mut self, what: &str, value: &impl Serialize) {
        let json = serde_json::to_string(value).unwrap_or_else(|error| error.to_string());
        assert!(json.contains("[redacted]"), "{what}: {json}");
        self.texts.push((what.to_owned(), json));
    }

    fn display(&mut self, what: &str, value: &impl Display) {
        self.texts.push((what.to_owned(), format!("{value} {value:#}")));
    }

    /// A token of the service, which only `expose` may print.
    fn secret(&mut self, exposed: &str) {
        self.secrets.push(exposed.to_owned());
    }

    fn error(&mut self, what: &str, error: &Error) {
        self.debug(what, error);
        self.display(what, error);
        self.texts
            .push((what.to_owned(), format!("{:?} {:?} {:?}", error.message(), error.request_id(), error.kind())));
        let mut cause = error.source();
        while let Some(error) = cause {
            self.texts.push((what.to_owned(), format!("{error} {error:#} {error:?} {error:#?}")));
            cause = error.source();
        }
        let outermost = anyhow::Error::from(error.clone()).context("outermost");
        self.texts.push((what.to_owned(), format!("{outermost} {outermost:#} {outermost:?} {outermost:#?}")));
    }

    /// Returns every string that contains a secret.
    fn leaks(&self) -> Vec<String> {
        let log = log().text();
        let mut leaks = Vec::new();
        for secret in &self.secrets {
            for (what, text) in &self.texts {
                leaks.extend(form(text, secret).map(|form| format!("{what}, {form}: {text}")));
            }
            if form(&log, secret).is_some() {
                let lines = log.lines().filter(|line| form(line, secret).is_some());
                leaks.extend(lines.map(|line| format!("the log: {line}")));
            }
        }
        leaks
    }

    fn check(&self) {
        assert!(self.secrets.iter().all(|secret| secret.len() >= 16), "a secret is too short to look for");
        let leaks = self.leaks();
        assert!(leaks.is_empty(), "{} leaks, such as {:#?}", leaks.len(), leaks.iter().take(5).collect::<Vec<_>>());
    }
}

fn client(emulator: &Emulator, token: &str) -> FishjamClientBuilder {
    FishjamClient::builder(emulator.url(), token).max_attempts(1)
}

#[tokio::test]
async fn a_whole_program_prints_no_token() -> anyhow::Result<()> {
    let emulator = quietly(Emulator::builder().token(MANAGEMENT)).await?;
    let mut printed = CapturedOutput::default();
    printed.secret(MANAGEMENT);
    printed.debug("management token", &ManagementToken::from(MANAGEMENT));
    printed.display("management token", &ManagementToken::from(MANAGEMENT));

    let builder = client(&emulator, MANAGEMENT).user_agent_suffix("my-backend/1");
    printed.debug("client builder", &builder);
    let fishjam = builder.build()?;
    fishjam.check_credentials().await?;
    let builder = FishjamNotifier::builder(emulator.url(), MANAGEMENT);
    printed.debug("notifier builder", &builder);
    let notifier = builder.build()?;
    let mut events = within("a stream", notifier.events()).await??;
    notifier.on_server_notification(|_: Notification| async {});
    let running = tokio::spawn({
        let notifier = notifier.clone();
        async move { notifier.connect().await }
    });
    within("ready", notifier.wait_ready()).await??;

    let options = RoomOptions::new().room_type(RoomType::Livestream);
    printed.debug("room options", &options);
    let room = fishjam.create_room(options).await?;
    let options = PeerOptions::new().metadata(json!({ "name": "Ada" }));
    printed.debug("peer options", &options);
    let mut peers = Vec::new();
    for _ in 0..3 {
        let created = fishjam.create_peer(&room.id, options.clone()).await?;
        printed.debug("created peer", &created);
        printed.display("peer token", &created.1);
        printed.secret(created.1.expose());
        let fresh = fishjam.refresh_peer_token(&room.id, &created.0.id).await?;
        printed.debug("fresh token", &fresh);
        printed.secret(fresh.expose());
        peers.push(created);
    }
    let viewer = fishjam.create_livestream_viewer_token(&room.id).await?;
    let streamer = fishjam.create_livestream_streamer_token(&room.id).await?;
    printed.secret(viewer.expose());
    printed.secret(streamer.expose());
    printed.debug("livestream tokens", &(&viewer, &streamer));
    printed.display("viewer token", &viewer);
    printed.display("streamer token", &streamer);
    printed.debug("rooms", &fishjam.get_all_rooms().await?);
    fishjam.delete_peer(&room.id, &peers[0].0.id).await?;
    fishjam.delete_room(&room.id).await?;

    loop {
        let event = within("a notification", events.next()).await?.context("the stream ended")??;
        printed.debug("event", &event);
        let Event::Notification(notification) = event else { continue };
        printed.display("notification", &notification);
        if let Notification::RoomDeleted(_) = notification {
            break;
        }
    }
    printed.debug("client", &fishjam);
    printed.debug("notifier", &notifier);
    printed.debug("stream", &events);
    notifier.close();
    within("the end of connect", running).await???;
    printed.debug("closed notifier", &notifier);

    let log = log().text();
    for part in ["fishjam_sdk", "tungstenite", "hyper_util", "TRACE"] {
        assert!(log.contains(part), "the log does not even hold {part:?}: it proves nothing");
    }
    assert_eq!(printed.secrets.len(), 1 + 3 * 2 + 2);
    printed.check();
    Ok(())
}

#[tokio::test]
async fn livestreams_agents_and_moq_print_no_token() -> anyhow::Result<()> {
    let emulator = quietly(Emulator::builder().token(MANAGEMENT)).await?;
    let fishjam = client(&emulator, MANAGEMENT).build()?;
    let mut printed = CapturedOutput::default();
    printed.secret(MANAGEMENT);

    let stream = fishjam.create_stream(LivestreamOptions::new()).await?;
    let streamer = fishjam.create_streamer(&stream.id).await?;
    printed.secret(streamer.token.expose());
    printed.debug("streamer", &streamer);
    printed.json("streamer", &streamer);
    printed.json("streamer's token", &streamer.token);
    let viewer = fishjam.create_viewer(&stream.id).await?;
    printed.secret(viewer.token.expose());
    printed.debug("viewer", &viewer);
    printed.json("viewer", &viewer);
    printed.json("viewer's token", &viewer.token);
    let stream = fishjam.get_stream(&stream.id).await?;
    printed.debug("stream", &stream);
    printed.json("stream", &stream);

    let options = MoqAccessOptions::new().publish_path("a-path");
    printed.debug("MoQ options", &options);
    let access = fishjam.create_moq_access(options).await?;
    printed.secret(access.token.expose());
    printed.debug("MoQ access", &access);
    printed.json("MoQ access", &access);
    printed.json("MoQ token", &access.token);
    printed.json("MoQ address", &access.connection_url);
    printed.display("MoQ address", &access.connection_url);

    let room = fishjam.create_room(RoomOptions::new()).await?;
    let agent = fishjam.create_agent(&room.id, AgentOptions::new()).await?;
    printed.secret(agent.token().expose());
    printed.debug("agent", &agent);
    printed.json("agent's token", agent.token());
    printed.json("management token", &ManagementToken::from(MANAGEMENT));
    printed.json("VAPI key", &VapiApiKey::from(VAPI));
    printed.json("webhook secret", &WebhookSecret::from(MANAGEMENT));
    printed.secret(VAPI);
    let options = VapiAgentOptions::new(VAPI, "a-call");
    printed.debug("VAPI options", &options);
    printed.debug("VAPI agent", &fishjam.create_vapi_agent(&room.id, options).await?);
    emulator.faults().on("add_peer").status(400).body(json!({ "errors": format!("no such key: {VAPI}") }).to_string());
    let refused = fishjam.create_vapi_agent(&room.id, VapiAgentOptions::new(VAPI, "a-call")).await;
    printed.error("VAPI agent", &refused.unwrap_err());
    printed.check();
    Ok(())
}

#[tokio::test]
async fn event_sockets_of_compositions_print_no_token() -> anyhow::Result<()> {
    let emulator = quietly(Emulator::builder().token(MANAGEMENT)).await?;
    let mut printed = CapturedOutput::default();
    printed.secret(MANAGEMENT);
    let proxy = TestProxy::start(emulator.origin().trim_start_matches("http://")).await?;
    let direct = CompositionClient::builder(MANAGEMENT).base_url(emulator.origin());
    // The SDK writes the upgrade request itself if it needs a tunnel.
    let tunnel = CompositionClient::builder(MANAGEMENT).base_url("http://rtc.invalid").proxy(proxy.url());
    for builder in [direct, tunnel] {
        printed.debug("builder", &builder);
        let compositions = builder.build()?;
        let composition = compositions.create(CompositionOptions::new()).await?;
        let mut events = within("a stream", composition.events()).await??;
        within("a connection", composition.watch()).await??;
        let failing = composition.output("o").done();
        printed.debug("waiter", &failing);
        let error = json!({ "type": "OUTPUT_ERROR", "output_id": "o", "severity": "critical", "err": "no" });
        emulator.composition_sockets().send_text(&error.to_string());
        printed.error("waiter", &within("the waiter", failing).await?.unwrap_err());
        within("the event", events.receive()).await?.context("the stream ended")??;
        emulator.composition_sockets().close_all(4000, "no");
        let gap = within("a gap", events.receive()).await?.context("the stream ended")??;
        printed.debug("gap", &gap);
        let Event::Gap(gap) = gap else { anyhow::bail!("{gap:?}") };
        printed.error("gap", &gap.reason);
        emulator.faults().on("composition_socket").refuse_token();
        emulator.composition_sockets().drop_all();
        let end = within("the end", events.receive()).await?.context("the stream ended")?;
        printed.error("end", &end.unwrap_err());
        printed.debug("stream", &events);
        printed.debug("composition", &composition);
    }
    printed.check();
    Ok(())
}

#[test]
fn the_blocking_client_prints_no_token() -> anyhow::Result<()> {
    let emulator = tokio::runtime::Runtime::new()?.block_on(quietly(Emulator::builder().token(MANAGEMENT)))?;
    let mut printed = CapturedOutput::default();
    printed.secret(MANAGEMENT);
    let fishjam = fishjam_sdk::blocking::FishjamClient::new(emulator.url(), MANAGEMENT)?;
    printed.debug("blocking client", &fishjam);
    let room = fishjam.create_room(RoomOptions::new())?;
    let (peer, token) = fishjam.create_peer(&room.id, PeerOptions::new())?;
    printed.secret(token.expose());
    printed.debug("created peer", &(peer, token));
    emulator.faults().on("get_room").status(500).body(MANAGEMENT);
    let fishjam = client(&emulator, MANAGEMENT).build_blocking();
    printed.error("blocking call", &fishjam?.get_room(&room.id).unwrap_err());
    printed.check();
    Ok(())
}
