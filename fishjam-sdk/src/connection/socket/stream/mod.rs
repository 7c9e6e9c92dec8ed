//! The byte stream under a WebSocket.
//!
//! The WebSocket crate hides three facts: an invalid close code, the number of fragments of a message, and the number
//! of bytes that wait to be written. This wrapper observes them.

#[cfg(test)]
mod tests;

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The most bytes that may wait to be written, beside our own messages: some 2,000 pongs of the largest size.
const MAX_UNSENT: usize = 256 * 1024;
/// The most fragments of one message, before the last one.
///
/// The limit of a message's size does not limit their number, because a fragment can be empty. The WebSocket crate
/// reads all that have arrived in one go: without this limit, a server could keep our thread busy and never end a
/// message. A message of the largest size, 16 MiB, may still arrive in fragments of 1 KiB. Servers and proxies that
/// fragment use their buffers of 4 KiB and more.
const MAX_FRAGMENTS: usize = 16_384;
/// The end of the head of an HTTP response.
const HEAD_END: &[u8] = b"\r\n\r\n";
/// The opcode of a close frame, which is the first of the control frames.
const CLOSE: u8 = 8;
/// The longest header of a frame that a server sends, in bytes.
const MAX_HEADER: usize = 10;
/// The largest payload of a close frame, in bytes.
const MAX_CLOSE: usize = 125;

/// A connection that keeps the close frame that arrived.
///
/// It fails if the other side does not read our pongs, or sends a message in too many fragments.
#[derive(Debug)]
pub(super) struct ObservedStream<S> {
    connection: S,
    frames: FrameScanner,
    /// The size of our own messages since everything was last written.
    messages: usize,
}

impl<S> ObservedStream<S> {
    pub(super) fn new(connection: S) -> Self {
        Self { connection, frames: FrameScanner::default(), messages: 0 }
    }

    /// Creates the stream for a connection whose next bytes are the HTTP response to the upgrade request.
    pub(super) fn before_response(connection: S) -> Self {
        Self { frames: FrameScanner { state: ScanState::Response(0), fragments: 0 }, ..Self::new(connection) }
    }

    /// Allows a message of this size to wait to be written.
    pub(super) fn expect_message(&mut self, bytes: usize) {
        self.messages = self.messages.saturating_add(bytes);
    }

    /// Returns the code and the reason of the close frame that arrived, or `None` if it contains no code.
    pub(super) fn close_frame(&self) -> Option<(u16, &[u8])> {
        match &self.frames.state {
            ScanState::Closed { payload, .. } => {
                payload.split_first_chunk().map(|(code, reason)| (u16::from_be_bytes(*code), reason))
            }
            ScanState::Response(_) | ScanState::Header(_) | ScanState::Payload(_) => None,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for ObservedStream<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        ready!(Pin::new(&mut this.connection).poll_read(cx, buffer))?;
        Poll::Ready(this.frames.scan(buffer.filled().get(before..).unwrap_or_default()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for ObservedStream<S> {
    /// Writes the start of the buffer, which holds all bytes that wait to be written.
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        match Pin::new(&mut this.connection).poll_write(cx, buffer) {
            Poll::Pending if buffer.len() > this.messages.saturating_add(MAX_UNSENT) => Poll::Ready(Err(
                io::Error::new(io::ErrorKind::TimedOut, "the server sends pings but does not read the pongs"),
            )),
            Poll::Ready(Ok(written)) if written == buffer.len() => {
                this.messages = 0;
                Poll::Ready(Ok(written))
            }
            other => other,
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().connection).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().connection).poll_shutdown(cx)
    }
}

/// Counts fragments and finds the first close frame, in a sequence of frames that arrives in parts of any size.
///
/// It trusts the frames: if one is invalid, the WebSocket crate ends the connection.
#[derive(Debug, Default)]
struct FrameScanner {
    state: ScanState,
    /// The number of fragments that have arrived of an incomplete message.
    fragments: usize,
}

#[derive(Debug)]
enum ScanState {
    /// The head of an HTTP response, of whose end this many bytes have arrived.
    Response(usize),
    /// The part of a frame header that has arrived.
    Header(Vec<u8>),
    /// This many bytes of a frame's payload have not arrived.
    Payload(u64),
    /// A close frame, with the part of its payload that has arrived, and the number of bytes that have not.
    Closed { payload: Vec<u8>, missing: usize },
}

impl Default for ScanState {
    fn default() -> Self {
        Self::Header(Vec::new())
    }
}

impl FrameScanner {
    /// Scans the next part.
    ///
    /// # Errors
    ///
    /// Returns an error if a message has too many fragments.
    fn scan(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match &mut self.state {
                ScanState::Response(matched) => {
                    let Some((first, rest)) = bytes.split_first() else { break };
                    bytes = rest;
                    *matched = match HEAD_END.get(*matched) {
                        Some(next) if next == first => *matched + 1,
                        _ => usize::from(HEAD_END.first() == Some(first)),
                    };
                    if *matched == HEAD_END.len() {
                        self.state = ScanState::default();
                    }
                }
                ScanState::Payload(missing) => {
                    let skipped = bytes.len().min(usize::try_from(*missing).unwrap_or(usize::MAX));
                    bytes = bytes.get(skipped..).unwrap_or_default();
                    *missing -= skipped as u64;
                    if *missing == 0 {
                        self.state = ScanState::default();
                    }
                }
                ScanState::Closed { payload, missing } => {
                    let part = bytes.get(..*missing).unwrap_or(bytes);
                    payload.extend_from_slice(part);
                    *missing -= part.len();
                    break;
                }
                ScanState::Header(start) => {
                    // Nearly always a whole header arrives.
                    let header = if start.is_empty() { frame_header(bytes) } else { None };
                    let header = header.or_else(|| {
                        let known = start.len();
                        start.extend(bytes.iter().take(MAX_HEADER - known));
                        frame_header(start).map(|header| Header { size: header.size - known, ..header })
                    });
                    let Some(header) = header else { break };
                    bytes = bytes.get(header.size..).unwrap_or_default();
                    // Control frames may come between the fragments of a message.
                    if header.opcode < CLOSE {
                        self.fragments = if header.is_final { 0 } else { self.fragments + 1 };
                        if self.fragments > MAX_FRAGMENTS {
                            let many = format!("a message has more than {MAX_FRAGMENTS} fragments");
                            return Err(io::Error::new(io::ErrorKind::InvalidData, many));
                        }
                    }
                    self.state = match header {
                        Header { opcode: CLOSE, payload, .. } => {
                            let missing = usize::try_from(payload).unwrap_or(MAX_CLOSE).min(MAX_CLOSE);
                            ScanState::Closed { payload: Vec::new(), missing }
                        }
                        Header { payload: 0, .. } => ScanState::default(),
                        Header { payload, .. } => ScanState::Payload(payload),
                    };
                }
            }
        }
        Ok(())
    }
}

/// The header of a frame.
struct Header {
    /// Whether a message ends with this frame.
    is_final: bool,
    opcode: u8,
    /// The size of the header, in bytes.
    size: usize,
    /// The size of the payload, in bytes.
    payload: u64,
}

/// Reads the frame header at the start of these bytes. Returns `None` if a part of it is missing.
fn frame_header(bytes: &[u8]) -> Option<Header> {
    let [first, second, rest @ ..] = bytes else { return None };
    let (payload, more) = match second & 0x7F {
        126 => (u64::from(u16::from_be_bytes(*rest.first_chunk()?)), 2),
        127 => (u64::from_be_bytes(*rest.first_chunk()?), 8),
        short => (u64::from(short), 0),
    };
    Some(Header { is_final: first & 0x80 != 0, opcode: first & 0x0F, size: 2 + more, payload })
}
