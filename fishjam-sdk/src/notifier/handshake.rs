//! Becoming a subscriber: prove who we are, ask for the notifications, lose none that comes in between.

use std::collections::VecDeque;

use fishjam_proto::fishjam::{
    ServerMessage,
    server_message::{AuthRequest, Content, EventType, SubscribeRequest},
};
use futures_util::StreamExt;
use prost::Message as _;
use reqwest::Url;

use crate::{
    error::{Error, ErrorKind, Result},
    events::{
        Notification,
        decode::{Handshake, Message, decode},
    },
    secret::ManagementToken,
    socket::{Received, Socket},
};

/// What the service writes as the reason when it refuses a token.
const INVALID_TOKEN: &str = "invalid token";

/// A connection that is authenticated and subscribed, with the notifications that came early.
pub(super) struct Subscribed {
    pub(super) socket: Socket,
    pub(super) early: VecDeque<Notification>,
}

/// Opens a connection and subscribes to server notifications.
pub(super) async fn subscribe(http: &reqwest::Client, url: Url, token: &ManagementToken) -> Result<Subscribed> {
    let auth = Content::AuthRequest(AuthRequest { token: token.expose().to_owned() });
    let mut subscribed = Subscribed { socket: Socket::connect(http, url, encode(auth)).await?, early: VecDeque::new() };
    subscribed.wait_for(Handshake::Authenticated).await.map_err(refused)?;
    let wanted = EventType::ServerNotification;
    let subscribe = Content::SubscribeRequest(SubscribeRequest { event_type: wanted.into() });
    subscribed.socket.send(encode(subscribe)).await?;
    subscribed.wait_for(Handshake::Subscribed(wanted.into())).await?;
    Ok(subscribed)
}

impl Subscribed {
    /// Reads until the awaited answer; notifications on the way are kept.
    async fn wait_for(&mut self, awaited: Handshake) -> Result<()> {
        loop {
            let frame = match self.socket.next().await {
                Some(Ok(Received::Binary(frame))) => frame,
                Some(Ok(Received::Alive)) => continue,
                Some(Ok(Received::Text)) => return Err(unexpected("a text message")),
                Some(Err(error)) => return Err(error),
                None => return Err(Error::new(ErrorKind::Closed)),
            };
            match decode(&frame)? {
                Message::Notifications(notifications) => self.early.extend(notifications),
                Message::Handshake(step) if step == awaited => return Ok(()),
                Message::Handshake(_) => return Err(unexpected("another answer than the one to our request")),
            }
        }
    }
}

fn encode(content: Content) -> Vec<u8> {
    ServerMessage { content: Some(content) }.encode_to_vec()
}

pub(super) fn unexpected(what: &str) -> Error {
    Error::new(ErrorKind::WebSocket).message_text(format!("the server broke the protocol: it sent {what}"))
}

/// A socket that closes on our token says so in its reason only.
fn refused(error: Error) -> Error {
    match error.message() {
        Some(message) if error.kind() == ErrorKind::Closed && message.contains(INVALID_TOKEN) => {
            Error::new(ErrorKind::Unauthorized).message_text("the server refused the management token").caused_by(error)
        }
        _ => error,
    }
}
