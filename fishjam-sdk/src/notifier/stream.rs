//! The notifications of one connection as a stream.

use std::{
    collections::VecDeque,
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use futures_core::Stream;
use futures_util::StreamExt;
use tokio::time::{Instant, Sleep};

use super::handshake::{Subscribed, unexpected};
use crate::{
    error::{Error, ErrorKind, Result},
    events::{
        Event, Notification,
        decode::{Handshake, Message, decode},
    },
    socket::{Received, Socket},
};

/// Everything that happens, in the order in which the server reports it.
///
/// The stream is driven by polling it: nothing runs in the background, and a slow consumer slows the connection
/// down. It ends after its first error, which says why the connection ended; dropping it closes the connection.
pub struct EventStream {
    socket: Option<Socket>,
    waiting: VecDeque<Notification>,
    idle: Duration,
    silence: Pin<Box<Sleep>>,
}

impl EventStream {
    pub(super) fn new(subscribed: Subscribed, idle: Duration) -> Self {
        Self {
            socket: Some(subscribed.socket),
            waiting: subscribed.early,
            idle,
            silence: Box::pin(tokio::time::sleep(idle)),
        }
    }

    /// Closes the connection politely.
    pub async fn close(mut self) {
        if let Some(socket) = &mut self.socket {
            socket.close().await;
        }
    }

    /// What one arrival means; the notifications of a message go to the queue.
    fn receive(&mut self, arrival: Option<Result<Received>>) -> Result<()> {
        match arrival {
            Some(Ok(Received::Binary(frame))) => match decode(&frame)? {
                Message::Notifications(notifications) => self.waiting.extend(notifications),
                // Subscribing again or a repeated answer changes nothing.
                Message::Handshake(Handshake::Authenticated | Handshake::Subscribed(_)) => {}
                Message::Handshake(Handshake::AuthRequest | Handshake::SubscribeRequest) => {
                    return Err(unexpected("a client's request"));
                }
            },
            Some(Ok(Received::Alive)) => {}
            Some(Ok(Received::Text)) => return Err(unexpected("a text message")),
            Some(Err(error)) => return Err(error),
            None => return Err(Error::new(ErrorKind::Closed)),
        }
        Ok(())
    }
}

impl Stream for EventStream {
    type Item = Result<Event>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(notification) = self.waiting.pop_front() {
                return Poll::Ready(Some(Ok(Event::Notification(notification))));
            }
            let Some(socket) = &mut self.socket else { return Poll::Ready(None) };
            let outcome = match socket.poll_next_unpin(cx) {
                Poll::Ready(arrival) => {
                    let silent_until = Instant::now() + self.idle;
                    self.silence.as_mut().reset(silent_until);
                    self.receive(arrival)
                }
                Poll::Pending if self.silence.as_mut().poll(cx).is_ready() => {
                    let silence = format!("nothing arrived for {:?}", self.idle);
                    Err(Error::new(ErrorKind::Closed).message_text(silence))
                }
                Poll::Pending => return Poll::Pending,
            };
            if let Err(error) = outcome {
                self.socket = None;
                return Poll::Ready(Some(Err(error)));
            }
        }
    }
}

impl fmt::Debug for EventStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStream")
            .field("open", &self.socket.is_some())
            .field("waiting", &self.waiting.len())
            .finish_non_exhaustive()
    }
}
