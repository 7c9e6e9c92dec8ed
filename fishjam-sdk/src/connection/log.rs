//! Log of a connection: one line for its loss, and one for its recovery.

use tokio::time::Instant;

use super::lifecycle::{Action, ConnectionState, Lifecycle};
use crate::error::Error;

/// Logs the action that follows the state `before`, for a connection of this kind.
///
/// Attempts are logged at level DEBUG: an outage can have many. The caller receives the error of a first connection.
pub(crate) fn log_action(
    connection: &'static str,
    life: &Lifecycle,
    before: ConnectionState,
    action: &Action,
    now: Instant,
) {
    match action {
        Action::Wait(error) if before == ConnectionState::Ready => {
            tracing::warn!(connection, error = format_args!("{error:#}"), "connection lost; reconnecting");
        }
        Action::Wait(error) => {
            tracing::debug!(connection, error = format_args!("{error:#}"), "failed to reconnect");
        }
        Action::Resume(Some(lost)) => {
            let duration = now.duration_since(lost.noticed);
            tracing::info!(connection, ?duration, attempts = lost.attempts, "connection restored");
        }
        Action::Fail(error) if life.ever_ready() => {
            tracing::warn!(connection, error = format_args!("{error:#}"), "connection lost permanently");
        }
        Action::Fail(error) => tracing::debug!(connection, error = format_args!("{error:#}"), "failed to connect"),
        _ => {}
    }
}

/// Logs an error that ends a connection although its policy allows another attempt.
///
/// The end of a ready connection is expected, for example because its room ended. The caller receives the error.
pub(crate) fn log_final_error(connection: &'static str, life: &Lifecycle, error: &Error) {
    if life.state() != ConnectionState::Ready {
        tracing::info!(connection, error = format_args!("{error:#}"), "session ended while reconnecting");
    }
}
