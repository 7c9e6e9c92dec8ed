//! The destinations of a download.

use tokio::io::{AsyncWrite, AsyncWriteExt};

use crate::error::{Error, Result};

/// Receives the bytes of one file in order.
pub(super) trait Sink {
    /// Whether [`restart`](Self::restart) can discard the bytes.
    const CAN_RESTART: bool;

    /// Writes all of these bytes.
    async fn write(&mut self, bytes: &[u8]) -> Result<()>;

    /// Discards all written bytes.
    async fn restart(&mut self) -> Result<()>;
}

/// A writer of the caller.
pub(super) struct WriterSink<W>(pub(super) W);

impl<W: AsyncWrite + Unpin> WriterSink<W> {
    pub(super) async fn finish(&mut self) -> Result<()> {
        self.0.flush().await.map_err(failed)
    }
}

impl<W: AsyncWrite + Unpin> Sink for WriterSink<W> {
    const CAN_RESTART: bool = false;

    async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.0.write_all(bytes).await.map_err(failed)
    }

    async fn restart(&mut self) -> Result<()> {
        Err(Error::invalid_input("a writer cannot start again"))
    }
}

fn failed(error: std::io::Error) -> Error {
    Error::setup("the writer failed").caused_by(error)
}
