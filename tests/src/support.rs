//! Helpers for several test programs: limited waits, a log in memory, and servers that violate HTTP.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::Context;
use fishjam_emulator::RecordedRequest;
use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tracing::{
    Dispatch, Subscriber,
    subscriber::{DefaultGuard, NoSubscriber},
};

/// Time limit for anything that a test waits for. Only a hang takes this long.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// Waits for a future with a time limit.
///
/// # Errors
///
/// Returns an error if the future is not ready within [`PATIENCE`].
pub async fn within<F: IntoFuture>(what: &str, future: F) -> anyhow::Result<F::Output> {
    tokio::time::timeout(PATIENCE, future).await.with_context(|| format!("this did not happen: {what}"))
}

/// Polls until a condition holds.
///
/// # Errors
///
/// Returns an error if the condition does not hold within [`PATIENCE`].
pub async fn until(what: &str, condition: impl Fn() -> bool) -> anyhow::Result<()> {
    within(what, async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    })
    .await
}

/// A log in memory; clones write to the same one.
#[derive(Clone, Debug, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Returns the lines written so far.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Sends this thread's log to a subscriber until it is dropped.
#[derive(Debug)]
pub struct Recording {
    _default: DefaultGuard,
    _other: Dispatch,
}

/// Starts to record this thread's log. Other tests do not affect the recording.
///
/// With one subscriber, tracing caches the interest of the thread that first reaches a callsite. That thread may belong
/// to a test that records nothing. With two subscribers, tracing asks both.
pub fn record(subscriber: impl Subscriber + Send + Sync) -> Recording {
    let other = Dispatch::new(NoSubscriber::new());
    Recording { _default: tracing::subscriber::set_default(subscriber), _other: other }
}

/// Starts a server that sends these bytes in response to each connection's first request. Returns its URL.
///
/// # Errors
///
/// Returns an error if no port can be bound.
pub async fn respond_with(bytes: impl Into<Vec<u8>>) -> anyhow::Result<String> {
    let bytes = bytes.into();
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = Vec::new();
            while !request.windows(4).any(|end| end == b"\r\n\r\n") {
                match stream.read_buf(&mut request).await {
                    Ok(1..) => {}
                    Ok(0) | Err(_) => break,
                }
            }
            // A client may close the connection early.
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
    });
    Ok(url)
}

/// Returns a listener that accepts connections and never sends, and its URL.
///
/// # Errors
///
/// Returns an error if no port can be bound.
pub async fn silent() -> anyhow::Result<(TcpListener, String)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    Ok((listener, url))
}

/// Accepts a connection and reads one request without a body. The request gets no response.
///
/// # Errors
///
/// Returns an error if there is no connection, or if it ends within the request.
pub async fn unanswered_request(listener: &TcpListener) -> anyhow::Result<TcpStream> {
    let (mut stream, _) = listener.accept().await?;
    let mut request = Vec::new();
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        anyhow::ensure!(stream.read_buf(&mut request).await? > 0, "the connection ended");
    }
    Ok(stream)
}

/// Returns a URL without a server.
///
/// # Errors
///
/// Returns an error if no port can be bound.
pub async fn unused_url() -> anyhow::Result<String> {
    let (listener, url) = silent().await?;
    drop(listener);
    Ok(url)
}

/// Checks every row of a table, some at the same time.
///
/// # Errors
///
/// Returns the error of a row whose check fails.
pub async fn each<T, C>(rows: impl IntoIterator<Item = T>, check: impl Fn(T) -> C) -> anyhow::Result<()>
where
    C: Future<Output = anyhow::Result<()>>,
{
    stream::iter(rows).map(check).buffer_unordered(8).try_collect().await
}

/// Returns `true` for two equal requests.
pub fn is_one_twice(requests: &[RecordedRequest]) -> bool {
    matches!(requests, [first, second] if whole(first) == whole(second))
}

fn whole(request: &RecordedRequest) -> impl PartialEq + use<> {
    let address = format!("{} {}?{:?}", request.method(), request.full_path(), request.query());
    (address, request.headers().to_vec(), request.authorization(), request.body().to_vec())
}
