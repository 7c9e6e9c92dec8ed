//! A host of recording files, which sends a script of responses, one per connection.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use fishjam_emulator::Emulator;
use fishjam_sdk::{CompositionRecordingOptions, FishjamClient, RecordingId};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// A response of the host.
pub(crate) struct Reply {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
    pub(crate) end: End,
}

/// The step after the bytes of a response.
pub(crate) enum End {
    Close,
    /// Keeps the connection open, and sends nothing more.
    Stall,
    /// Sends the body one byte at a time, with this pause before each byte.
    Trickle(Duration),
}

impl Reply {
    fn new(status: &str, headers: &str, body: impl Into<Vec<u8>>) -> Self {
        let head = format!("HTTP/1.1 {status}\r\nconnection: close\r\n{headers}\r\n");
        Self { head, body: body.into(), end: End::Close }
    }

    /// A response without a file.
    pub(crate) fn status(status: &str, headers: &str) -> Self {
        Self::new(status, &format!("content-length: 0\r\n{headers}"), "")
    }

    /// The whole file.
    pub(crate) fn whole(file: &[u8], etag: &str) -> Self {
        Self::new("200 OK", &format!("content-length: {}\r\n{}", file.len(), line(etag)), file)
    }

    /// The whole file in one chunk, without its length.
    pub(crate) fn chunked(file: &[u8], etag: &str) -> Self {
        let body = [format!("{:x}\r\n", file.len()).as_bytes(), file, b"\r\n0\r\n\r\n"].concat();
        Self::new("200 OK", &format!("transfer-encoding: chunked\r\n{}", line(etag)), body)
    }

    /// The rest of the file.
    pub(crate) fn rest(file: &[u8], start: usize, etag: &str) -> Self {
        Self::range(file, start, file.len(), etag)
    }

    /// A range of the file.
    pub(crate) fn range(file: &[u8], start: usize, end: usize, etag: &str) -> Self {
        let range = format!("content-range: bytes {start}-{}/{}\r\n", end - 1, file.len());
        let length = format!("content-length: {}\r\n", end - start);
        Self::new("206 Partial Content", &format!("{range}{length}{}", line(etag)), &file[start..end])
    }

    /// Sends only this many bytes of the body.
    pub(crate) fn cut(mut self, bytes: usize) -> Self {
        self.body.truncate(bytes);
        self
    }

    pub(crate) fn then(mut self, end: End) -> Self {
        self.end = end;
        self
    }
}

fn line(etag: &str) -> String {
    if etag.is_empty() { String::new() } else { format!("etag: {etag}\r\n") }
}

/// The host.
pub(crate) struct FileHost {
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl FileHost {
    /// Starts a host. After the last reply, it closes connections without a response.
    pub(crate) async fn start(replies: impl IntoIterator<Item = Reply>) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (log, mut replies) = (Arc::clone(&requests), replies.into_iter().collect::<VecDeque<_>>());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = Vec::new();
                while !request.windows(4).any(|end| end == b"\r\n\r\n") {
                    if !matches!(stream.read_buf(&mut request).await, Ok(1..)) {
                        break;
                    }
                }
                let request = String::from_utf8_lossy(&request).to_lowercase();
                log.lock().unwrap_or_else(PoisonError::into_inner).push(request);
                let Some(Reply { head, body, end }) = replies.pop_front() else { continue };
                tokio::spawn(async move {
                    // A client may hang up early.
                    let _ = stream.write_all(head.as_bytes()).await;
                    if let End::Trickle(pause) = end {
                        for byte in &body {
                            tokio::time::sleep(pause).await;
                            let _ = stream.write_all(&[*byte]).await;
                        }
                    } else {
                        let _ = stream.write_all(&body).await;
                    }
                    if matches!(end, End::Stall) {
                        // Until the client closes the connection.
                        let _ = stream.read_u8().await;
                    }
                    let _ = stream.shutdown().await;
                });
            }
        });
        Ok(Self { url, requests })
    }

    /// Returns the requests so far, in lower case.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Creates a recording whose files have the URLs that `urls` returns for each read.
pub(crate) async fn recording(
    emulator: &Emulator,
    fishjam: &FishjamClient,
    urls: impl Fn() -> Vec<String> + Send + Sync + 'static,
) -> anyhow::Result<RecordingId> {
    let options = CompositionRecordingOptions::new("https://rtc.fishjam.io/api/composition/c", "o");
    let recording = fishjam.create_composition_recording(options).await?;
    emulator.faults().on("get_recording").always().patch_json(move |response| {
        let files: Vec<_> = urls().into_iter().map(|url| json!({ "url": url })).collect();
        response["data"]["status"] = json!("available");
        response["data"]["files"] = json!(files);
    });
    Ok(recording.id)
}
