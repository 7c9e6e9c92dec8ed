//! Faults of sockets: what goes wrong between the upgrade and the subscription.

use std::time::Duration;

use bytes::Bytes;
use prost::Message;

use super::Fault;

/// What a socket's handshake is to be like. The default is a normal one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Handshake {
    /// At once, with this code and reason.
    pub(crate) close: Option<(u16, String)>,
    pub(crate) refuse_token: bool,
    delay: Duration,
    ignore_token: bool,
    /// In place of the right answer to the token.
    pub(crate) response: Option<Vec<u8>>,
    pub(crate) ignore_subscription: bool,
    pub(crate) before_subscription: Vec<Bytes>,
}

impl Handshake {
    pub(super) fn add(&mut self, other: &Handshake) {
        self.close = self.close.take().or(other.close.clone());
        self.refuse_token |= other.refuse_token;
        self.delay += other.delay;
        self.ignore_token |= other.ignore_token;
        self.response = self.response.take().or(other.response.clone());
        self.ignore_subscription |= other.ignore_subscription;
        self.before_subscription.extend(other.before_subscription.iter().cloned());
    }

    /// Returns the delay of the response to the token, or `None` if no response must follow.
    pub(crate) fn response_delay(&self) -> Option<Duration> {
        (!self.ignore_token).then_some(self.delay)
    }
}

/// For sockets (the operations `server_socket`, `peer_socket` and `agent_socket`). A socket is one request: how many
/// are hit, and after how many, is as for any other. [`status`](Fault::status) answers the upgrade with that status,
/// [`disconnect`](Fault::disconnect) and [`delay`](Fault::delay) hit it too; these let it succeed.
impl Fault {
    fn handshake(self, change: impl FnOnce(&mut Handshake)) -> Self {
        self.effect(|script| change(&mut script.handshake))
    }

    /// Accepts the socket and closes it at once, with a code and a reason (of at most 123 bytes).
    pub fn accept_and_close(self, code: u16, reason: &str) -> Self {
        self.handshake(|handshake| handshake.close = Some((code, reason.to_owned())))
    }

    /// Refuses the token, right or not, as the service refuses a wrong one: code 1000, `invalid token`.
    pub fn refuse_token(self) -> Self {
        self.handshake(|handshake| handshake.refuse_token = true)
    }

    /// Answers the token only after a while, in which nothing is read.
    pub fn delay_authentication(self, delay: Duration) -> Self {
        self.handshake(|handshake| handshake.delay = delay)
    }

    /// Never answers the token; the socket stays open.
    pub fn ignore_token(self) -> Self {
        self.handshake(|handshake| handshake.ignore_token = true)
    }

    /// Answers a right token with another message than the right one, and goes on as if it were that.
    pub fn answer_token_with(self, message: &impl Message) -> Self {
        self.handshake(|handshake| handshake.response = Some(message.encode_to_vec()))
    }

    /// Never answers the request to subscribe, and delivers nothing; the socket stays open. Server sockets only.
    pub fn ignore_subscription(self) -> Self {
        self.handshake(|handshake| handshake.ignore_subscription = true)
    }

    /// Sends a message between the request to subscribe and its answer; several in the order given. Server sockets
    /// only.
    pub fn before_subscription(self, message: &impl Message) -> Self {
        self.handshake(|handshake| handshake.before_subscription.push(message.encode_to_vec().into()))
    }
}
