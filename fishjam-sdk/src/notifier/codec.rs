//! What a notifier must know about a server's language; all else is the same for every server.

use super::hub::Server;
use crate::{
    connection::socket::{Socket, SocketKind},
    error::Result,
    events::{contents::Message, wire::Field},
};

/// The notifications of one kind of server: how they are asked for and read.
pub(crate) trait Protocol: Clone + Send + 'static {
    /// The message that shows a token.
    fn authenticate(token: &str) -> Vec<u8>;

    /// The message that asks for the events with this number.
    fn subscribe(events: i32) -> Vec<u8>;

    /// The notification that is all of a frame; `None` if there is anything else in it, or one that is not known.
    fn only(frame: &[u8]) -> Option<Field<'_>>;

    /// Reads a notification that was all of a frame.
    fn read(number: u32, payload: &[u8]) -> Result<Self>;

    /// Reads any frame.
    fn decode(frame: &[u8]) -> Result<Message<Self>>;
}

/// Opens a connection and sends the token.
pub(super) async fn open<N: Protocol>(server: &Server) -> Result<Socket> {
    let token = server.token.expose();
    Socket::connect(&server.http, server.url.clone(), N::authenticate(token), token, SocketKind::Notifications).await
}

/// Asks for all events that are wanted, in one go.
pub(super) async fn subscribe<N: Protocol>(socket: &mut Socket, server: &Server) -> Result<()> {
    for events in server.wanted {
        socket.send(N::subscribe(*events)).await?;
    }
    Ok(())
}
