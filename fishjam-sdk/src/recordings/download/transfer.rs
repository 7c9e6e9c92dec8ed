//! Transfers one file, over as many requests as necessary.

use http::HeaderValue;

use super::sink::Sink;
use crate::{
    client::FishjamClient,
    error::{Error, ErrorKind, Result},
    id::RecordingId,
    transport::{FileError, FileHead, FileResponse, FileRetries, ResumeAt},
};

/// Number of new bytes after which a transfer counts its failures from zero.
///
/// Without a minimum, a host that sends one byte per connection would cause any number of requests.
const PROGRESS: u64 = 1024 * 1024;

/// A file of a recording.
pub(super) struct Source<'a> {
    fishjam: &'a FishjamClient,
    recording: &'a RecordingId,
    index: usize,
    url: String,
}

impl<'a> Source<'a> {
    pub(super) fn new(fishjam: &'a FishjamClient, recording: &'a RecordingId, index: usize, url: &str) -> Self {
        Self { fishjam, recording, index, url: url.to_owned() }
    }

    async fn open(&self, received: &Received) -> Result<FileResponse, FileError> {
        self.fishjam.transport.open_file(&self.url, received.resume()).await
    }

    /// Reads the recording to obtain the current URL. Returns `true` if it is a new one.
    async fn refresh(&mut self) -> Result<bool> {
        let recording = self.fishjam.get_recording(self.recording).await?;
        let file = recording.files.into_iter().nth(self.index).ok_or_else(|| {
            Error::new(ErrorKind::NotFound).message_text("the recording does not have the file any more")
        })?;
        let is_new = file.url != self.url;
        self.url = file.url;
        Ok(is_new)
    }
}

/// The part of the file that has arrived.
#[derive(Debug, Default)]
struct Received {
    bytes: u64,
    total: Option<u64>,
    etag: Option<HeaderValue>,
}

/// The effect of another response on the part that has arrived.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    /// Write the bytes after the first ones, which have arrived before.
    Write { skip: u64 },
    /// The file has changed, and this response contains all of it.
    Restart,
    /// The file has changed, and this response contains only its end.
    Discard,
}

impl Received {
    fn resume(&self) -> Option<ResumeAt<'_>> {
        let etag = self.etag.as_ref().filter(|_| self.bytes > 0)?;
        Some(ResumeAt { offset: self.bytes, etag })
    }

    /// Compares a response with the part that has arrived.
    fn compare(&self, head: &FileHead) -> Next {
        let same_file = self.bytes == 0 || (self.etag.is_some() && self.etag == head.etag);
        let same_total = self.bytes == 0 || self.total.is_none() || self.total == head.total;
        match self.bytes.checked_sub(head.start) {
            Some(skip) if same_file && same_total => Next::Write { skip },
            _ if head.start == 0 => Next::Restart,
            _ => Next::Discard,
        }
    }

    /// Returns `true` if all bytes have arrived. The end of a file without a known size is the end of its response.
    fn is_complete(&self) -> bool {
        self.total.is_none_or(|total| total == self.bytes)
    }
}

/// The reason why one request did not complete the file.
enum Failed {
    /// Another request can complete the file.
    Request(FileError),
    /// No request can complete the file.
    Permanently(Error),
}

impl From<FileError> for Failed {
    fn from(error: FileError) -> Self {
        Self::Request(error)
    }
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Permanently(error)
    }
}

/// Transfers the file to the sink. Returns its size in bytes.
pub(super) async fn run<S: Sink>(source: &mut Source<'_>, sink: &mut S) -> Result<u64> {
    let (mut received, mut retries) = (Received::default(), FileRetries::default());
    let (mut progress, mut refreshed) = (0, false);
    loop {
        let failed = match request(source, sink, &mut received).await {
            Ok(()) => return Ok(received.bytes),
            Err(Failed::Request(failed)) => failed,
            Err(Failed::Permanently(error)) => return Err(error),
        };
        if received.bytes >= progress + PROGRESS {
            (progress, refreshed, retries) = (received.bytes, false, FileRetries::default());
        }
        // The bytes that a writer has received cannot be replaced.
        if received.bytes > 0 && received.etag.is_none() && !S::CAN_RESTART {
            return Err(failed.error);
        }
        if failed.may_have_expired() && !std::mem::replace(&mut refreshed, true) {
            if source.refresh().await? {
                tracing::debug!("the URL of the recording's file has changed; continuing");
                continue;
            }
            return Err(failed.error);
        }
        let Some(wait) = source.fishjam.transport.wait_before_next(&mut retries, &failed) else {
            return Err(failed.error);
        };
        let wait_ms = wait.as_millis() as u64;
        tracing::debug!(received = received.bytes, wait_ms, error = %failed.error, "download interrupted; continuing");
        tokio::time::sleep(wait).await;
    }
}

/// Sends one request, and writes the bytes of its response.
async fn request<S: Sink>(source: &Source<'_>, sink: &mut S, received: &mut Received) -> Result<(), Failed> {
    let mut response = source.open(received).await?;
    let mut skip = match received.compare(&response.head) {
        Next::Write { skip } => skip,
        Next::Restart | Next::Discard if !S::CAN_RESTART => {
            return Err(FileError::unusable("the file changed during the download").error.into());
        }
        next => {
            sink.restart().await?;
            *received = Received::default();
            if next == Next::Discard {
                return Err(FileError::interrupted("the file changed during the download").into());
            }
            0
        }
    };
    if received.bytes == 0 {
        *received = Received { bytes: 0, total: None, etag: response.head.etag.clone() };
    }
    received.total = received.total.or(response.head.total);
    while let Some(chunk) = response.chunk().await? {
        let skipped = usize::try_from(skip).unwrap_or(usize::MAX).min(chunk.len());
        skip -= skipped as u64;
        let chunk = chunk.slice(skipped..);
        received.bytes += chunk.len() as u64;
        if received.total.is_some_and(|total| received.bytes > total) {
            return Err(FileError::unusable("the file is longer than its announced length").error.into());
        }
        sink.write(&chunk).await?;
    }
    if skip > 0 || !received.is_complete() {
        return Err(FileError::interrupted("the response ended before the file").into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn etag(text: &'static str) -> Option<HeaderValue> {
        (!text.is_empty()).then(|| HeaderValue::from_static(text))
    }

    #[test]
    fn response_continues_only_the_same_file() {
        let total = Some(100);
        let write = |skip| Next::Write { skip };
        for ((bytes, tag), (start, new_total, new_tag), next) in [
            ((0, ""), (0, total, "\"a\""), write(0)),
            ((0, "\"a\""), (0, Some(7), "\"b\""), write(0)),
            ((60, "\"a\""), (60, total, "\"a\""), write(0)),
            // The host ignores the range.
            ((60, "\"a\""), (0, total, "\"a\""), write(60)),
            ((60, "\"a\""), (50, total, "\"a\""), write(10)),
            // A gap.
            ((60, "\"a\""), (61, total, "\"a\""), Next::Discard),
            ((0, ""), (1, total, "\"a\""), Next::Discard),
            // A different file, or a file that may differ.
            ((60, "\"a\""), (60, total, "\"b\""), Next::Discard),
            ((60, "\"a\""), (60, total, ""), Next::Discard),
            ((60, "\"a\""), (60, Some(99), "\"a\""), Next::Discard),
            ((60, "\"a\""), (0, total, "\"b\""), Next::Restart),
            ((60, ""), (0, total, ""), Next::Restart),
        ] {
            let received = Received { bytes, total, etag: etag(tag) };
            let head = FileHead { start, total: new_total, etag: etag(new_tag) };
            assert_eq!(received.compare(&head), next, "{received:?} {head:?}");
        }
    }

    #[test]
    fn resumption_needs_bytes_and_an_etag() {
        for (bytes, tag, resumes) in [(0, "\"a\"", false), (5, "", false), (5, "\"a\"", true)] {
            let received = Received { bytes, total: None, etag: etag(tag) };
            assert_eq!(received.resume().is_some(), resumes);
        }
    }
}
