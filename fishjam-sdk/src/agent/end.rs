//! The end of a session, and the meaning of the server's close reasons.

use crate::error::{Error, ErrorKind};

/// The reason for the end of a session.
///
/// For an example, see [`SessionEndKind`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum SessionEnd {
    /// The program ended the session: it called [`disconnect`](super::AgentSession::disconnect), or it dropped the last
    /// handle.
    Disconnected,
    /// The server closed or refused the connection, or the connection was lost. [`kind`](Self::kind) distinguishes these
    /// ends. If the server refused to reconnect the session, the error's
    /// [`source`](std::error::Error::source) is the error that lost the connection.
    Lost(Error),
}

/// The kind of a [`SessionEnd`].
///
/// The kind is the same whether the session [reconnects](super::AgentConnectOptions::reconnect) or not.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> anyhow::Result<()> {
/// # let emulator = fishjam_emulator::Emulator::start().await?;
/// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
/// # let room = fishjam.create_room(Default::default()).await?;
/// use fishjam_sdk::agent::{SessionEnd, SessionEndKind};
///
/// let mut session = fishjam.create_agent(&room.id, Default::default()).await?.connect().await?;
/// fishjam.delete_room(&room.id).await?;
/// while let Some(Ok(message)) = session.receive().await {
///     println!("{message:?}");
/// }
/// let end = session.end().expect("the session has ended");
/// match end.kind() {
///     SessionEndKind::RoomEnded | SessionEndKind::AgentRemoved => println!("the call is over"),
///     SessionEndKind::TokenRefused => panic!("check how this program creates its agents: {end:?}"),
///     _ => println!("the agent left: {:?}", end.error()),
/// }
/// # assert_eq!(end.kind(), SessionEndKind::RoomEnded);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SessionEndKind {
    /// The program ended the session.
    Disconnected,
    /// The room ended, for example because your backend deleted it. This end is expected.
    RoomEnded,
    /// The agent was removed from its room, for example with [`Agent::delete`](super::Agent::delete). This end is
    /// expected.
    AgentRemoved,
    /// The server refused the agent's token.
    ///
    /// For example, the token is more than 24 hours old. This end is an error in the program or its configuration.
    TokenRefused,
    /// The connection was lost, or the server closed it for another reason. The room can still exist.
    ConnectionLost,
}

impl SessionEnd {
    /// Returns the kind of this end.
    #[must_use]
    pub fn kind(&self) -> SessionEndKind {
        match self {
            Self::Disconnected => SessionEndKind::Disconnected,
            Self::Lost(error) => SessionEndKind::of(error),
        }
    }

    /// Returns the error that ended the session, or `None` if the program ended it.
    #[must_use]
    pub fn error(&self) -> Option<&Error> {
        match self {
            Self::Disconnected => None,
            Self::Lost(error) => Some(error),
        }
    }
}

impl SessionEndKind {
    fn of(error: &Error) -> Self {
        match (error.close_code(), error.close_reason()) {
            (Some(1000), Some("Room stopped" | "room not found")) => Self::RoomEnded,
            (Some(1000), Some("Peer removed" | "peer not found")) => Self::AgentRemoved,
            _ if error.kind() == ErrorKind::Unauthorized => Self::TokenRefused,
            _ => Self::ConnectionLost,
        }
    }
}

/// Returns the final error of a session that had started, if its room or its agent no longer exists. Returns the error
/// unchanged if another connection can help.
pub(super) fn final_error(error: Error) -> Result<Error, Error> {
    if !matches!(SessionEndKind::of(&error), SessionEndKind::RoomEnded | SessionEndKind::AgentRemoved) {
        return Err(error);
    }
    // The token was accepted before, so it is not the cause.
    let refused = error.kind() == ErrorKind::Unauthorized;
    match error.close_reason().filter(|_| refused) {
        Some(reason) => {
            let message = format!("the server refused to reconnect the agent (code 1000): {reason}");
            Ok(error.of_kind(ErrorKind::Closed).message_text(message))
        }
        None => Ok(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_reason_decides_the_kind_of_the_end() {
        use ErrorKind::{Closed, Connection, Timeout, Unauthorized};
        use SessionEndKind::{AgentRemoved, ConnectionLost, RoomEnded, TokenRefused};
        for (kind, code, reason, end) in [
            (Closed, Some(1000), Some("Room stopped"), RoomEnded),
            (Closed, Some(1000), Some("Peer removed"), AgentRemoved),
            (Unauthorized, Some(1000), Some("room not found"), RoomEnded),
            (Unauthorized, Some(1000), Some("peer not found"), AgentRemoved),
            (Unauthorized, Some(1000), Some("Room stopped"), RoomEnded),
            (Unauthorized, Some(1000), Some("invalid token"), TokenRefused),
            (Unauthorized, Some(1000), Some("expired token"), TokenRefused),
            (Unauthorized, Some(4001), None, TokenRefused),
            (Unauthorized, None, None, TokenRefused),
            (Closed, Some(1000), Some("peer already connected"), ConnectionLost),
            (Closed, Some(1000), None, ConnectionLost),
            (Closed, Some(1011), Some("Room stopped"), ConnectionLost),
            (Closed, None, Some("Peer removed"), ConnectionLost),
            (Connection, None, None, ConnectionLost),
            (Timeout, None, None, ConnectionLost),
        ] {
            let error = Error::new(kind).with_close_code(code).with_close_reason(reason.map(ToOwned::to_owned));
            assert_eq!(SessionEnd::Lost(error.clone()).kind(), end, "{kind:?} {code:?} {reason:?}");
            match final_error(error) {
                Ok(last) => {
                    assert!(matches!(end, RoomEnded | AgentRemoved), "{end:?}");
                    assert_eq!((last.kind(), last.close_code(), last.close_reason()), (Closed, code, reason));
                }
                Err(error) => {
                    assert!(matches!(end, TokenRefused | ConnectionLost), "{end:?}");
                    assert_eq!(error.kind(), kind);
                }
            }
        }
        assert_eq!(SessionEnd::Disconnected.kind(), SessionEndKind::Disconnected);
        assert!(SessionEnd::Disconnected.error().is_none());
    }
}
