//! The task that sends the audio of a paced track.

use std::{future::Future, sync::Arc};

use bytes::Bytes;
use tokio::{select, time::sleep_until};

use super::super::paced_state::{FlushNotice, Shared, Step};
use crate::error::{Error, ErrorKind, Result};

/// The destination of paced audio.
pub(super) trait AudioSink: Send + 'static {
    /// Queues audio. Calls [`FlushNotice::flushed`] when the socket has it, or drops `notice` if that never happens.
    ///
    /// The caller drops the future only for an interrupt that follows. The interrupt discards the audio, even if it was
    /// sent partly.
    fn send(&mut self, audio: Bytes, notice: FlushNotice) -> impl Future<Output = Result<()>> + Send;

    /// Discards the audio that was sent and not played yet.
    fn interrupt(&mut self) -> impl Future<Output = Result<()>> + Send;

    /// Returns the reason why queued audio cannot be sent any more.
    fn end_error(&self) -> Error;
}

/// Reports the end of the task to the handles, even if the runtime drops the task.
pub(super) struct TaskGuard(pub(super) Arc<Shared>);

impl Drop for TaskGuard {
    fn drop(&mut self) {
        let message = "the paced track's task ended, for example because its runtime was shut down";
        self.0.end(Error::new(ErrorKind::Closed).message_text(message));
    }
}

/// Sends until sending fails.
///
/// The task runs once per frame, when the frame is due. It does not wait for the socket: the session's task reports to
/// the shared state what the socket has written.
pub(super) async fn run(mut sink: impl AudioSink, guard: TaskGuard) {
    let shared = &guard.0;
    loop {
        let done = match shared.next() {
            Step::Interrupt => sink.interrupt().await.map(|()| shared.interrupted()),
            Step::Send(audio, notice) => {
                let epoch = notice.epoch();
                select! {
                    biased;
                    () = epoch.ended() => Ok(()),
                    sent = sink.send(audio, notice) => sent,
                }
            }
            Step::Wait(until) => {
                select! {
                    () = sleep_until(until.into()) => {}
                    () = shared.changed.notified() => {}
                }
                Ok(())
            }
            Step::Idle => {
                shared.changed.notified().await;
                Ok(())
            }
            Step::Lost => Err(sink.end_error()),
        };
        if let Err(error) = done {
            return shared.end(error);
        }
    }
}
