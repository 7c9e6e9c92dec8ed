//! Runs a transcript against an emulator.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, Uri},
};
use fishjam_emulator::{Emulator, JellyfishEmulator};
use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::{Instant, timeout},
};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{self, Message, client::IntoClientRequest, protocol::CloseFrame},
};

use crate::{
    clock::{StoppedClock, or_stuck},
    message::{self, Names},
    transcript::{Case, Transcripts},
};

const TOKEN: &str = "development";
/// The only unusual setup of a server.
const CHECKED: &str = r#"given host "media.example.test:8443" with origins checked"#;
/// Only a hang takes this long.
const PATIENCE: Duration = Duration::from_secs(60);
/// The time is short, so that a transcript does not wait.
const METRICS: Duration = Duration::from_millis(20);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;
type Delivery = (Method, Uri, HeaderMap, Bytes);

/// A socket that is open.
struct Opened {
    socket: Socket,
    /// The time at which the client started to open it.
    since: Instant,
    /// Whether the client requested reports of metrics.
    has_metrics: bool,
}

pub(crate) struct SocketScenario<'a> {
    emulator: JellyfishEmulator,
    transcripts: &'a Transcripts,
    names: Names,
    sockets: BTreeMap<String, Opened>,
    /// The stopped clock of a case that contains times.
    clock: Option<StoppedClock>,
    hook: mpsc::UnboundedReceiver<Delivery>,
    http: reqwest::Client,
}

impl<'a> SocketScenario<'a> {
    pub(crate) async fn start(case: &Case, transcripts: &'a Transcripts) -> Self {
        let mut builder = Emulator::jellyfish().token(TOKEN).metrics_interval(METRICS);
        // The server of most transcripts did not check origins.
        let checked = case.lines.iter().any(|line| line == CHECKED);
        builder = builder.check_origin(checked);
        if checked {
            builder = builder.host("media.example.test:8443");
        }
        let emulator = builder.start().await.unwrap();
        let clock = case.lines.iter().any(|line| line.contains(" after ")).then(StoppedClock::stop);
        let (told, hook) = mpsc::unbounded_channel();
        let receiver = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut names = Names::default();
        names.set("address", emulator.address());
        names.set("hook", &receiver.local_addr().unwrap().to_string());
        let app = axum::Router::new().fallback(receive).with_state(told);
        tokio::spawn(async move { axum::serve(receiver, app).await });
        SocketScenario { emulator, transcripts, names, sockets: BTreeMap::new(), clock, hook, http: http() }
    }

    pub(crate) async fn run(&mut self, line: &str) -> Result<(), String> {
        let (first, rest) = line.split_once(' ').ok_or("a line of one word")?;
        match first {
            "given" if line == CHECKED => Ok(()),
            "given" => Err("unknown setup".to_owned()),
            "gone" => match self.emulator.resource(rest) {
                None => Ok(()),
                Some(_) => Err(format!("{rest} is still there")),
            },
            "GET" | "POST" | "DELETE" => self.request(first, rest).await,
            "hook" => self.webhook(rest.strip_prefix("< ").ok_or("not received")?).await,
            _ if rest == "s pass" => {
                self.emulator.advance(Duration::from_secs(first.parse().map_err(|_| "not a number")?));
                Ok(())
            }
            _ => match rest.split_once(' ').unwrap_or((rest, "")) {
                ("opens", how) => self.open(first, how).await,
                (">", what) => self.say(first, what).await,
                ("<", what) => self.hear(first, what).await,
                _ => Err("what is that?".to_owned()),
            },
        }
    }

    /// Checks that no more messages arrived.
    pub(crate) async fn end(mut self) -> Result<(), String> {
        // All sockets stay open until all are checked, because a closed peer causes notifications.
        for (name, Opened { socket, has_metrics, .. }) in &mut self.sockets {
            socket.send(Message::Ping("the end".into())).await.map_err(|error| format!("{name}: {error}"))?;
            loop {
                match next(socket).await? {
                    Message::Pong(payload) if payload == "the end" => break,
                    // Reports continue.
                    Message::Binary(report) if *has_metrics && report.first() == Some(&0x62) => {}
                    other => return Err(format!("{name} also received {other:?}")),
                }
            }
        }
        self.emulator.webhooks().idle().await;
        match self.hook.try_recv() {
            Err(_) => Ok(()),
            Ok((_, uri, _, body)) => Err(format!("there was another webhook: {uri} {body:?}")),
        }
    }

    async fn open(&mut self, name: &str, how: &str) -> Result<(), String> {
        let (how, refusal) = how.split_once("=> ").map_or((how, None), |(how, refusal)| (how, Some(refusal)));
        let (path, origin) = how.split_once("from ").map_or((how, None), |(path, origin)| (path, Some(origin)));
        let path = match path.trim() {
            "" => format!("/socket/{}/websocket", kind(name)),
            path => path.to_owned(),
        };
        let url = format!("ws://{}{path}", self.emulator.address());
        let mut request = url.into_client_request().map_err(|error| error.to_string())?;
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", origin.parse().map_err(|_| "a bad origin")?);
        }
        // The time is taken before the connection, so that no message seems to arrive too early.
        let begun = Instant::now();
        match (connect_async(request).await, refusal) {
            (Ok((socket, response)), None) => {
                let caching = response.headers().get("cache-control").and_then(|value| value.to_str().ok());
                equal(caching, Some("max-age=0, private, must-revalidate"))?;
                let opened = Opened { socket, since: begun, has_metrics: false };
                self.sockets.insert(name.to_owned(), opened);
                Ok(())
            }
            (Err(tungstenite::Error::Http(response)), Some(refusal)) => {
                let (status, body) = refusal.split_once(' ').unwrap_or((refusal, ""));
                equal(response.status().as_str(), status)?;
                equal(headers(response.headers()), refusal_headers(body))?;
                let seen = response.body().as_deref().unwrap_or_default();
                equal(String::from_utf8_lossy(seen).as_ref(), body)
            }
            (Ok(_), Some(_)) => Err("the socket was opened".to_owned()),
            (Err(error), _) => Err(error.to_string()),
        }
    }

    fn socket(&mut self, name: &str) -> Result<&mut Opened, String> {
        self.sockets.get_mut(name).ok_or_else(|| format!("{name} is not open"))
    }

    fn message(&self, socket: &str, text: &str) -> Vec<message::Field> {
        let number = |name: &str| self.transcripts.numbers[&(kind(socket).to_owned(), name.to_owned())];
        message::parse(text, number)
    }

    async fn say(&mut self, name: &str, what: &str) -> Result<(), String> {
        let (verb, rest) = what.split_once(' ').unwrap_or((what, ""));
        let said = match verb {
            "bytes" => Message::Binary(hexadecimal(rest).into()),
            "text" => Message::Text(text(rest)?.into()),
            "ping" => Message::Ping(text(rest)?.into()),
            "close" if rest.is_empty() => Message::Close(None),
            "close" => {
                let (code, reason) = rest.split_once(' ').ok_or("a code alone")?;
                let code = code.parse::<u16>().map_err(|_| "a bad code")?;
                Message::Close(Some(CloseFrame { code: code.into(), reason: text(reason)?.into() }))
            }
            "cut" => {
                self.sockets.remove(name);
                return Ok(());
            }
            _ => {
                let tampered = what.replace("<token1> changed", &changed(&self.names.fill("<token1>")));
                Message::Binary(message::encode(&self.message(name, &tampered), &self.names).into())
            }
        };
        let opened = self.socket(name)?;
        opened.has_metrics |= what == "subscribe_request(1=2)";
        opened.socket.send(said).await.map_err(|error| error.to_string())
    }

    async fn hear(&mut self, name: &str, what: &str) -> Result<(), String> {
        let (what, after) = match what.rsplit_once(" after ") {
            Some((what, after)) => (what, after.strip_suffix(" s").and_then(|seconds| seconds.parse::<u64>().ok())),
            None => (what, None),
        };
        let Self { sockets, clock, .. } = self;
        let Opened { socket, since, .. } = sockets.get_mut(name).ok_or_else(|| format!("{name} is not open"))?;
        let received = match after {
            None => next(socket).await?,
            Some(seconds) => {
                let received = loop {
                    match or_stuck(socket.next()).await {
                        Some(received) => break received,
                        None => clock.as_ref().ok_or("the clock runs")?.advance(Duration::from_secs(1)).await,
                    }
                };
                let passed = since.elapsed();
                if passed.as_secs() != seconds {
                    return Err(format!("it came after {passed:?}"));
                }
                received.ok_or("it ended")?.map_err(|error| error.to_string())?
            }
        };
        let (verb, rest) = what.split_once(' ').unwrap_or((what, ""));
        match (verb, received) {
            ("ping", Message::Ping(payload)) | ("pong", Message::Pong(payload)) => {
                equal(String::from_utf8_lossy(&payload).as_ref(), &text(rest)?)
            }
            ("close", Message::Close(None)) if rest.is_empty() => {
                self.sockets.remove(name);
                Ok(())
            }
            ("close", Message::Close(Some(frame))) => {
                let seen = (frame.code.into(), frame.reason.to_string());
                self.sockets.remove(name);
                let (code, reason) = rest.split_once(' ').ok_or("a code alone")?;
                equal(seen, (code.parse::<u16>().map_err(|_| "a bad code")?, text(reason)?))
            }
            ("ping" | "pong" | "close", other) => Err(format!("{other:?}")),
            (_, Message::Binary(bytes)) => self.compare(name, what, &bytes),
            (_, other) => Err(format!("{other:?}")),
        }
    }

    /// Compares a message with the expected one.
    fn compare(&mut self, socket: &str, expected: &str, seen: &[u8]) -> Result<(), String> {
        let expected = self.message(socket, expected);
        message::learn(&expected, seen, &mut self.names);
        equal(readable(seen), readable(&message::encode(&expected, &self.names)))
    }

    async fn request(&mut self, method: &str, rest: &str) -> Result<(), String> {
        let (asked, answered) = rest.split_once(" => ").ok_or("no answer")?;
        let (path, body) = asked.split_once(' ').unwrap_or((asked, ""));
        let (status, expected) = answered.split_once(' ').unwrap_or((answered, ""));
        let method = reqwest::Method::from_bytes(method.as_bytes()).map_err(|error| error.to_string())?;
        let url = format!("http://{}{}", self.emulator.address(), self.names.fill(path));
        let mut request = self.http.request(method, url).bearer_auth(TOKEN);
        if !body.is_empty() {
            request = request.header("content-type", "application/json").body(self.names.fill(body));
        }
        let response = request.send().await.map_err(|error| error.to_string())?;
        let seen = response.status();
        let text = response.text().await.map_err(|error| error.to_string())?;
        equal(seen.as_str(), status).map_err(|why| format!("{why} {text}"))?;
        if expected.is_empty() {
            return equal(text.as_str(), "");
        }
        let expected: Value = serde_json::from_str(expected).map_err(|error| error.to_string())?;
        let seen: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        self.agree("", &expected, &seen)
    }

    fn agree(&mut self, place: &str, expected: &Value, seen: &Value) -> Result<(), String> {
        match (expected, seen) {
            (Value::Object(expected), Value::Object(seen)) => {
                equal(seen.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>())?;
                expected.iter().try_for_each(|(key, value)| self.agree(&format!("{place}/{key}"), value, &seen[key]))
            }
            (Value::Array(expected), Value::Array(seen)) if expected.len() == seen.len() => {
                expected.iter().zip(seen).try_for_each(|(expected, seen)| self.agree(place, expected, seen))
            }
            (Value::String(expected), Value::String(seen)) if self.names.agree(expected, seen) => Ok(()),
            _ => equal(seen, expected).map_err(|why| format!("{place}: {why}")),
        }
    }

    async fn webhook(&mut self, expected: &str) -> Result<(), String> {
        let [method, path, expected] = expected.splitn(3, ' ').collect::<Vec<_>>()[..] else {
            return Err("a webhook has a method, a path and a message".to_owned());
        };
        let delivery = timeout(PATIENCE, self.hook.recv()).await.map_err(|_| "there was no webhook")?;
        let (seen_method, uri, headers, body) = delivery.ok_or("the receiver is gone")?;
        equal((seen_method.as_str(), uri.to_string().as_str()), (method, path))?;
        for (name, value) in [("content-type", "application/x-protobuf"), ("user-agent", "hackney/1.20.1")] {
            equal(headers.get(name).and_then(|value| value.to_str().ok()), Some(value))?;
        }
        let length = body.len().to_string();
        equal(headers.get("content-length").and_then(|value| value.to_str().ok()), Some(length.as_str()))?;
        if headers.keys().any(|name| name.as_str().contains("signature")) {
            return Err("it is signed".to_owned());
        }
        self.compare("server", expected, &body)
    }
}

/// Returns the headers of a rejected handshake, in order, without those of the moment and of the connection.
fn headers(headers: &HeaderMap) -> Vec<(&str, &str)> {
    let headers = headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap_or_default()));
    let mut headers: Vec<_> =
        headers.filter(|(name, _)| !["date", "content-length", "connection"].contains(name)).collect();
    headers.sort_unstable();
    headers
}

/// Returns the expected headers. A rejection with a body comes from the service, but without a request id. One without
/// a body comes from the web server.
fn refusal_headers(body: &str) -> Vec<(&'static str, &'static str)> {
    let base = [("cache-control", "max-age=0, private, must-revalidate"), ("server", "Cowboy")];
    let mut expected = Vec::from(base);
    if !body.is_empty() {
        expected.extend([
            ("access-control-allow-credentials", "true"),
            ("access-control-allow-origin", "*"),
            ("access-control-expose-headers", ""),
            ("content-type", "application/json; charset=utf-8"),
        ]);
    }
    expected.sort_unstable();
    expected
}

async fn receive(
    State(told): State<mpsc::UnboundedSender<Delivery>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) {
    // The case may be over.
    let _ = told.send((method, uri, headers, body));
}

/// An HTTP client. It names a TLS provider, because the features of another crate can leave reqwest without one.
fn http() -> reqwest::Client {
    let tls = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    reqwest::Client::builder().no_proxy().tls_backend_preconfigured(tls).build().unwrap()
}

fn kind(name: &str) -> &str {
    name.split('-').next().unwrap_or_default()
}

/// The next message; a socket that ends without a close frame is an error.
async fn next(socket: &mut Socket) -> Result<Message, String> {
    match timeout(PATIENCE, socket.next()).await {
        Ok(Some(Ok(message))) => Ok(message),
        Ok(Some(Err(error))) => Err(error.to_string()),
        Ok(None) => Err("it ended".to_owned()),
        Err(_) => Err("nothing came".to_owned()),
    }
}

/// A token with its last two characters changed.
fn changed(token: &str) -> String {
    let mut token = token.to_owned();
    let end = token.split_off(token.len().saturating_sub(2));
    token + if end == "AA" { "BB" } else { "AA" }
}

fn text(json: &str) -> Result<String, String> {
    serde_json::from_str(json).map_err(|error| error.to_string())
}

fn hexadecimal(digits: &str) -> Vec<u8> {
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

fn readable(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}

fn equal<T: PartialEq + std::fmt::Debug>(seen: T, expected: T) -> Result<(), String> {
    if seen == expected { Ok(()) } else { Err(format!("seen     {seen:?}\n    expected {expected:?}")) }
}
