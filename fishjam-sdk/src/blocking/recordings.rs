//! Downloads to writers of the standard library.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::io::AsyncWrite;

use super::FishjamClient;
use crate::{error::Result, id::RecordingId};

impl FishjamClient {
    /// Writes one file of a recording to a writer. Returns the number of bytes.
    ///
    /// Blocks until [`crate::FishjamClient::download_recording_file`] returns. That method documents the details.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`crate::FishjamClient::download_recording_file`]. Inside an asynchronous runtime, returns
    /// [`Setup`](crate::ErrorKind::Setup) and sends nothing.
    pub fn download_recording_file(
        &self,
        recording_id: impl Into<RecordingId>,
        index: usize,
        writer: impl io::Write + Send + Unpin,
    ) -> Result<u64> {
        self.wait(self.client.download_recording_file(recording_id, index, BlockingWriter(writer)))
    }
}

/// Writes on the current thread, which belongs to the caller and can wait.
struct BlockingWriter<W>(W);

impl<W: io::Write + Unpin> BlockingWriter<W> {
    fn run<T>(&mut self, mut call: impl FnMut(&mut W) -> io::Result<T>) -> Poll<io::Result<T>> {
        loop {
            match call(&mut self.0) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                outcome => return Poll::Ready(outcome),
            }
        }
    }
}

impl<W: io::Write + Unpin> AsyncWrite for BlockingWriter<W> {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.run(|writer| writer.write(bytes))
    }

    fn poll_flush(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.run(io::Write::flush)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(context)
    }
}
