//! Faults of sockets between the upgrade and the subscription.

use std::time::Duration;

use bytes::Bytes;
use prost::Message;

use super::Fault;

/// The changes to a socket's handshake. The default changes nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Handshake {
    /// Closes the socket immediately with this code and reason.
    pub(crate) close: Option<(u16, String)>,
    pub(crate) refuse_token: bool,
    delay: Duration,
    ignore_token: bool,
    /// Replaces the response to the token.
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

/// Faults of sockets: the operations `server_socket`, `peer_socket`, `agent_socket` and `composition_socket`.
///
/// A socket counts as one request. [`status`](Fault::status), [`disconnect`](Fault::disconnect) and
/// [`delay`](Fault::delay) affect the upgrade. With the following methods the upgrade succeeds, except for
/// [`refuse_token`](Fault::refuse_token) on the socket of a composition.
impl Fault {
    fn handshake(self, change: impl FnOnce(&mut Handshake)) -> Self {
        self.effect(|script| change(&mut script.handshake))
    }

    /// Accepts the socket and closes it with a code and a reason of at most 123 bytes.
    pub fn accept_and_close(self, code: u16, reason: &str) -> Self {
        self.handshake(|handshake| handshake.close = Some((code, reason.to_owned())))
    }

    /// Rejects the token, even a valid one, with code 1000 and the reason `invalid token`.
    ///
    /// The socket of a composition rejects the upgrade with status 401 instead.
    pub fn refuse_token(self) -> Self {
        self.handshake(|handshake| handshake.refuse_token = true)
    }

    /// Delays the response to the token. Meanwhile the emulator does not read.
    ///
    /// The socket of a composition delays its events instead.
    pub fn delay_authentication(self, delay: Duration) -> Self {
        self.handshake(|handshake| handshake.delay = delay)
    }

    /// Never responds to the token. The socket stays open.
    ///
    /// The socket of a composition never sends events.
    pub fn ignore_token(self) -> Self {
        self.handshake(|handshake| handshake.ignore_token = true)
    }

    /// Responds to a valid token with this message, and continues as usual.
    ///
    /// The socket of a composition has no such response.
    pub fn answer_token_with(self, message: &impl Message) -> Self {
        self.handshake(|handshake| handshake.response = Some(message.encode_to_vec()))
    }

    /// Never responds to the subscription, and sends no notifications. The socket stays open.
    ///
    /// This affects only server sockets.
    pub fn ignore_subscription(self) -> Self {
        self.handshake(|handshake| handshake.ignore_subscription = true)
    }

    /// Sends a message between the subscription and its response. Several messages keep their order.
    ///
    /// This affects only server sockets.
    pub fn before_subscription(self, message: &impl Message) -> Self {
        self.handshake(|handshake| handshake.before_subscription.push(message.encode_to_vec().into()))
    }
}
