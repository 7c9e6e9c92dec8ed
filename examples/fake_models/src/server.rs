//! Accepts connections, and runs the protocol on each.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anyhow::Result;
use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{mpsc, watch},
    task::JoinHandle,
};
use tokio_tungstenite::{
    accept_hdr_async,
    tungstenite::{
        Message,
        handshake::server::{ErrorResponse, Request, Response},
        http::StatusCode,
        protocol::CloseFrame,
    },
};

use crate::{
    gemini::Gemini,
    openai::OpenAi,
    reply::{Replies, Reply, Turn},
    session::{Command, Session, SharedLog},
};

/// An action of the server.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    Send(Value),
    Close(u16, String),
    Violation(String),
    /// The configuration was accepted.
    Accepted,
}

/// One connection of a protocol.
pub(crate) trait Protocol: Send {
    /// Whether the server sends binary messages.
    const BINARY: bool;

    /// Returns the first messages of the server.
    fn greet(&mut self) -> Vec<Step>;

    /// Checks a message of the program, and responds to it.
    fn receive(&mut self, message: &Value) -> Vec<Step>;

    /// Returns the messages that follow the accepted configuration. The session has its number now.
    fn accepted(&mut self) -> Vec<Step> {
        Vec::new()
    }

    fn command(&mut self, command: Command) -> Vec<Step>;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Gemini,
    OpenAi,
}

/// A fake server of a model on a free port of this machine. Dropping it ends all connections.
pub struct FakeModel {
    url: String,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    kind: Kind,
    key: String,
    replies: Replies,
    violations: Mutex<Vec<String>>,
    sessions: Mutex<Vec<Session>>,
    count: watch::Sender<usize>,
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

impl FakeModel {
    /// Starts a server with the protocol of Gemini Live. Only this API key is valid.
    ///
    /// # Errors
    ///
    /// Returns an error if no port is free.
    pub async fn gemini(key: &str, replies: impl Fn(&Turn) -> Option<Reply> + Send + Sync + 'static) -> Result<Self> {
        Self::start(Kind::Gemini, key, Arc::new(replies)).await
    }

    /// Starts a server with the protocol of OpenAI Realtime. Only this API key is valid.
    ///
    /// # Errors
    ///
    /// Returns an error if no port is free.
    pub async fn openai(key: &str, replies: impl Fn(&Turn) -> Option<Reply> + Send + Sync + 'static) -> Result<Self> {
        Self::start(Kind::OpenAi, key, Arc::new(replies)).await
    }

    async fn start(kind: Kind, key: &str, replies: Replies) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let path = match kind {
            Kind::Gemini => crate::gemini::PATH,
            Kind::OpenAi => crate::openai::PATH,
        };
        let url = format!("ws://{}{path}", listener.local_addr()?);
        let shared = Arc::new(Shared {
            kind,
            key: key.to_owned(),
            replies,
            violations: Mutex::default(),
            sessions: Mutex::default(),
            count: watch::Sender::new(0),
            tasks: Mutex::default(),
        });
        let accepting = Arc::clone(&shared);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let connection = tokio::spawn(connection(Arc::clone(&accepting), stream));
                lock(&accepting.tasks).push(connection);
            }
        });
        Ok(Self { url, shared, task })
    }

    /// Returns the URL of the model, which starts with `ws://127.0.0.1:`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the messages of the programs that do not follow the protocol. A test expects none.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        lock(&self.shared.violations).clone()
    }

    /// Returns the number of sessions so far whose configuration was accepted.
    #[must_use]
    pub fn sessions(&self) -> usize {
        lock(&self.shared.sessions).len()
    }

    /// Waits for a session, and returns it. The first session has the number 0.
    pub async fn session(&self, number: usize) -> Session {
        let mut count = self.shared.count.subscribe();
        loop {
            if let Some(session) = lock(&self.shared.sessions).get(number) {
                return session.clone();
            }
            let _ = count.changed().await;
        }
    }
}

impl Drop for FakeModel {
    fn drop(&mut self) {
        self.task.abort();
        lock(&self.shared.tasks).iter().for_each(JoinHandle::abort);
    }
}

impl fmt::Debug for FakeModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeModel").field("url", &self.url).field("kind", &self.shared.kind).finish_non_exhaustive()
    }
}

impl Shared {
    fn violation(&self, violation: String) {
        lock(&self.violations).push(violation);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn connection(shared: Arc<Shared>, stream: TcpStream) {
    // Without it, a message can wait for 40 milliseconds.
    let _ = stream.set_nodelay(true);
    let mut authorized = true;
    #[expect(clippy::result_large_err, reason = "the type of the WebSocket crate")]
    let check = |request: &Request, response: Response| match shared.kind {
        Kind::Gemini => {
            let (valid, violation) = crate::gemini::check_request(request, &shared.key);
            authorized = valid;
            violation.into_iter().for_each(|violation| shared.violation(violation));
            Ok(response)
        }
        Kind::OpenAi => {
            let (status, violation) = crate::openai::check_request(request, &shared.key);
            violation.into_iter().for_each(|violation| shared.violation(violation));
            match status {
                StatusCode::SWITCHING_PROTOCOLS => Ok(response),
                status => {
                    let mut error = ErrorResponse::new(None);
                    *error.status_mut() = status;
                    Err(error)
                }
            }
        }
    };
    let Ok(socket) = accept_hdr_async(stream, check).await else { return };
    let log = SharedLog::new();
    match shared.kind {
        Kind::Gemini => {
            serve(&shared, socket, &log, |session| {
                Gemini::new(session, authorized, log.clone(), Arc::clone(&shared.replies))
            })
            .await
        }
        Kind::OpenAi => {
            serve(&shared, socket, &log, |session| OpenAi::new(session, log.clone(), Arc::clone(&shared.replies)))
                .await;
        }
    }
    log.change(|log| log.ended = true);
}

async fn serve<P: Protocol>(
    shared: &Shared,
    mut socket: tokio_tungstenite::WebSocketStream<TcpStream>,
    log: &SharedLog,
    protocol: impl FnOnce(Arc<std::sync::OnceLock<usize>>) -> P,
) {
    let (commands, mut received) = mpsc::unbounded_channel();
    let number = Arc::new(std::sync::OnceLock::new());
    let mut protocol = protocol(Arc::clone(&number));
    let mut steps = protocol.greet();
    loop {
        let mut next = Vec::new();
        for step in steps {
            match step {
                Step::Violation(violation) => shared.violation(violation),
                Step::Accepted => {
                    let mut sessions = lock(&shared.sessions);
                    let _ = number.set(sessions.len());
                    sessions.push(Session { log: log.clone(), commands: commands.clone() });
                    shared.count.send_replace(sessions.len());
                    next = protocol.accepted();
                }
                Step::Send(message) => {
                    let text = message.to_string();
                    let frame =
                        if P::BINARY { Message::Binary(text.into_bytes().into()) } else { Message::Text(text.into()) };
                    if socket.send(frame).await.is_err() {
                        return;
                    }
                }
                Step::Close(code, reason) => {
                    let _ = socket.close(Some(CloseFrame { code: code.into(), reason: reason.into() })).await;
                    // The program's close frame ends the handshake.
                    while let Some(Ok(_)) = socket.next().await {}
                    return;
                }
            }
        }
        if !next.is_empty() {
            steps = next;
            continue;
        }
        steps = tokio::select! {
            command = received.recv() => match command {
                Some(Command::Lose) | None => return,
                Some(Command::Garbage(text)) => {
                    let _ = socket.send(Message::Text(text.into())).await;
                    Vec::new()
                }
                Some(command) => protocol.command(command),
            },
            frame = socket.next() => match frame {
                Some(Ok(Message::Text(text))) => match serde_json::from_str(&text) {
                    Ok(message) => protocol.receive(&message),
                    Err(error) => vec![Step::Violation(format!("not JSON: {error}"))],
                },
                Some(Ok(Message::Binary(_))) => vec![Step::Violation("binary message".to_owned())],
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => Vec::new(),
            },
        };
    }
}
