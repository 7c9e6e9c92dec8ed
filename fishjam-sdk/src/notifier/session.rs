//! The notifier's protocol: subscribes to events, and delivers them to all listeners.

use std::task::{Context, Poll};

use super::{
    codec::NotificationCodec,
    encoded_events::EncodedEvents,
    hub::{BlockedQueue, Hub, TaskGuard},
};
use crate::{
    connection::{
        driver::{self, End},
        lifecycle::{ConnectionLoss, ConnectionState, Input},
        protocol::{Demand, Outgoing, Progress, Protocol, ReadContext},
        queue::QueueStorage,
        socket::Socket,
    },
    error::{Error, ErrorKind, Result},
    events::{
        Event, Gap,
        contents::{Handshake, Message},
    },
};

/// The maximum number of events that are read before they are delivered.
const BATCH: usize = 256;
/// The maximum size of these events, in bytes. The last event may exceed it.
const BATCH_BYTES: usize = 1024 * 1024;
/// The maximum number of notifications before the server confirmed the subscription. Fishjam sends none. A Jellyfish
/// server sends some if two kinds of events are requested.
const MAX_BEFORE_READY: usize = 4096;
/// The maximum size of these notifications, in bytes: two of the largest messages.
const MAX_BYTES_BEFORE_READY: usize = 32 * 1024 * 1024;

/// Keeps the connection while there are listeners.
pub(super) async fn run<N: NotificationCodec>(guard: TaskGuard<N>) {
    let hub = guard.hub();
    let mut session = Session {
        hub,
        unconfirmed: Vec::new(),
        early: EncodedEvents::default(),
        waiting: EncodedEvents::default(),
        blocked: Vec::new(),
    };
    let (end, socket) = driver::run(&mut session, hub.policy.clone(), hub.target.proxy()).await;
    // The streams end first: no listener waits for the closing handshake. It reads until the server ends the
    // connection, for at most 500 ms, so that TCP does not reset the connection.
    let open = match end {
        End::Failed(error) => guard.fail(error),
        End::Requested(_) => guard.leave(),
    };
    socket.close().await;
    drop(open);
}

struct Session<'a, N> {
    hub: &'a Hub<N>,
    /// The requested kinds of events that the server has not confirmed.
    unconfirmed: Vec<i32>,
    /// Notifications that arrived before the server confirmed the subscription.
    early: EncodedEvents<N>,
    /// Events that are delivered next.
    waiting: EncodedEvents<N>,
    /// Listeners without room, and their undelivered events. These are older than `waiting`.
    blocked: Vec<BlockedQueue<N>>,
}

impl<N: NotificationCodec> Protocol for Session<'_, N> {
    const NAME: &'static str = N::NAME;

    async fn open(&self) -> Result<Socket> {
        let target = &self.hub.target;
        let token = target.token.expose();
        let credentials = N::credentials(token)?;
        Socket::connect(&target.http, target.url.clone(), credentials, token, N::SOCKET).await
    }

    fn authenticated(&mut self, outgoing: &mut Outgoing<'_>) -> Result<Progress> {
        let wanted = self.hub.target.wanted;
        self.unconfirmed = wanted.to_vec();
        wanted.iter().try_for_each(|events| outgoing.push(N::subscribe(*events)))?;
        Ok(if wanted.is_empty() { Progress::Done } else { Progress::More })
    }

    fn ready(&mut self, loss: Option<ConnectionLoss>, _: &mut Outgoing<'_>) -> Result<()> {
        if let Some(ConnectionLoss { since, reason, .. }) = loss {
            self.waiting.push(Event::Gap(Gap::since(since, reason)));
        }
        Ok(())
    }

    fn receive(&mut self, frame: &[u8], read: ReadContext) -> Result<Option<Input>> {
        if read.ready
            && let Some(field) = N::single_field(frame)
        {
            // Nearly always. The listener decodes the notification, so that the task has little work per message.
            self.waiting.push_encoded(&field, Some(read.heard));
            return Ok(None);
        }
        if read.ready
            && let Some(batch) = N::plain_batch(frame)
        {
            batch.for_each(|field| self.waiting.push_encoded(&field, None));
            return Ok(None);
        }
        match N::decode(frame) {
            Ok(Message::Notifications(several)) => {
                let events = if read.ready { &mut self.waiting } else { &mut self.early };
                // The average size, because each of them can be delivered separately.
                let size = frame.len() / several.len().max(1);
                several.into_iter().for_each(|each| events.push_decoded(Event::Notification(each), size));
                if self.early.len() > MAX_BEFORE_READY || self.early.bytes() > MAX_BYTES_BEFORE_READY {
                    return Err(violation("too many notifications before the server confirmed the subscription"));
                }
                Ok(None)
            }
            // A repeated response changes nothing.
            Ok(Message::Handshake(Handshake::Authenticated)) => Ok((!read.ready).then_some(Input::Authenticated)),
            Ok(Message::Handshake(Handshake::Subscribed(events))) if self.hub.target.wanted.contains(&events) => {
                self.unconfirmed.retain(|unconfirmed| *unconfirmed != events);
                Ok((!read.ready && self.unconfirmed.is_empty()).then_some(Input::Subscribed))
            }
            Ok(Message::Handshake(_)) => Err(violation("the server broke the protocol")),
            Err(reason) => self.unreadable(reason, read).map(|()| None),
        }
    }

    fn receive_text(&mut self, text: &str, read: ReadContext) -> Result<()> {
        match N::text_field(text) {
            Some(field) if read.ready => {
                self.waiting.push_encoded(&field, Some(read.heard));
                Ok(())
            }
            _ => self.unreadable(violation("the server sent text"), read),
        }
    }

    fn has_room(&self) -> bool {
        self.waiting.len() < BATCH && self.waiting.bytes() < BATCH_BYTES
    }

    fn poll_deliver(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.blocked.retain_mut(|queue| queue.poll_push(cx).is_pending());
        if self.blocked.is_empty() && !self.waiting.is_empty() {
            self.hub.offer(&mut self.waiting, &mut self.blocked);
            self.blocked.retain_mut(|queue| queue.poll_push(cx).is_pending());
        }
        if self.blocked.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    }

    fn poll_demand(&self, cx: &mut Context<'_>) -> Demand {
        if self.hub.poll_unused(cx).is_ready() { Demand::Close } else { Demand::Stay }
    }

    fn final_error(&self, error: Error) -> Result<Error> {
        N::final_error(error)
    }

    fn lost(&mut self) {
        self.unconfirmed.clear();
        self.early.clear();
    }

    fn set_state(&mut self, state: ConnectionState) {
        self.hub.set_state(state);
        if state == ConnectionState::Ready {
            self.early.move_to(&mut self.waiting, usize::MAX);
        }
    }
}

impl<N: NotificationCodec> Session<'_, N> {
    /// Handles a message that cannot be read. It can be a notification, so a ready connection reports a gap. It
    /// continues, because the messages after it can be read.
    fn unreadable(&mut self, reason: Error, read: ReadContext) -> Result<()> {
        if !read.ready {
            return Err(reason);
        }
        self.waiting.push(Event::Gap(Gap::since(read.heard, reason)));
        Ok(())
    }
}

/// Creates the error for a violation of the protocol.
fn violation(message: &'static str) -> Error {
    Error::new(ErrorKind::WebSocket).message_text(message)
}
