//! What a notifier must know about a server's language; all else is the same for every server.

use super::hub::Server;
use crate::{
    error::Result,
    events::decode::Handshake,
    socket::{Purpose, Socket},
};

/// The notifications of one kind of server: how they are asked for and read.
pub(crate) trait Protocol: Clone + Send + 'static {
    /// The message that shows a token.
    fn authenticate(token: &str) -> Vec<u8>;

    /// The message that asks for the events with this number.
    fn subscribe(events: i32) -> Vec<u8>;

    /// Reads one frame: fills the list, which is empty, or returns a step of the handshake.
    fn decode(frame: &[u8], notifications: &mut Vec<Self>) -> Result<Option<Handshake>>;
}

/// Opens a connection and sends the token.
pub(super) async fn open<N: Protocol>(server: &Server) -> Result<Socket> {
    let token = server.token.expose();
    Socket::connect(&server.http, server.url.clone(), N::authenticate(token), token, Purpose::Notifications).await
}

/// Asks for all events that are wanted, in one go.
pub(super) async fn subscribe<N: Protocol>(socket: &mut Socket, server: &Server) -> Result<()> {
    for events in server.wanted {
        socket.send(N::subscribe(*events)).await?;
    }
    Ok(())
}
