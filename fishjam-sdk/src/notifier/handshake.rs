//! The two requests by which a connection becomes a subscriber.

use fishjam_proto::fishjam::{
    ServerMessage,
    server_message::{AuthRequest, Content, EventType, SubscribeRequest},
};
use prost::Message as _;
use reqwest::Url;

use crate::{
    error::{Error, ErrorKind, Result},
    secret::ManagementToken,
    socket::Socket,
};

/// What the service writes as the reason when it refuses a token.
const INVALID_TOKEN: &str = "invalid token";

/// The events that we ask for, by their number.
pub(super) const SERVER_NOTIFICATIONS: i32 = EventType::ServerNotification as i32;

/// Opens a connection and sends the token.
pub(super) async fn open(http: &reqwest::Client, url: Url, token: &ManagementToken) -> Result<Socket> {
    let auth = Content::AuthRequest(AuthRequest { token: token.expose().to_owned() });
    Socket::connect(http, url, encode(auth), token.expose()).await
}

/// Asks for the notifications.
pub(super) async fn subscribe(socket: &mut Socket) -> Result<()> {
    let subscribe = Content::SubscribeRequest(SubscribeRequest { event_type: SERVER_NOTIFICATIONS });
    socket.send(encode(subscribe)).await
}

fn encode(content: Content) -> Vec<u8> {
    ServerMessage { content: Some(content) }.encode_to_vec()
}

/// A socket that closes on our token says so in its reason only.
pub(super) fn refused_token(error: Error) -> Error {
    match error.message() {
        Some(message) if error.kind() == ErrorKind::Closed && message.contains(INVALID_TOKEN) => {
            let code = error.close_code();
            Error::new(ErrorKind::Unauthorized)
                .with_close_code(code)
                .message_text("the server refused the management token")
                .caused_by(error)
        }
        _ => error,
    }
}
