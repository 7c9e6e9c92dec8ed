//! The two requests by which a connection becomes a subscriber.

use fishjam_proto::fishjam::{
    ServerMessage,
    server_message::{AuthRequest, Content, EventType, SubscribeRequest},
};
use prost::Message as _;
use reqwest::Url;

use crate::{
    error::Result,
    secret::ManagementToken,
    socket::{Purpose, Socket},
};

/// The events that we ask for, by their number.
pub(super) const SERVER_NOTIFICATIONS: i32 = EventType::ServerNotification as i32;

/// Opens a connection and sends the token.
pub(super) async fn open(http: &reqwest::Client, url: Url, token: &ManagementToken) -> Result<Socket> {
    let auth = Content::AuthRequest(AuthRequest { token: token.expose().to_owned() });
    Socket::connect(http, url, encode(auth), token.expose(), Purpose::Notifications).await
}

/// Asks for the notifications.
pub(super) async fn subscribe(socket: &mut Socket) -> Result<()> {
    let subscribe = Content::SubscribeRequest(SubscribeRequest { event_type: SERVER_NOTIFICATIONS });
    socket.send(encode(subscribe)).await
}

fn encode(content: Content) -> Vec<u8> {
    ServerMessage { content: Some(content) }.encode_to_vec()
}
