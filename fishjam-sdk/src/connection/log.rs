//! Log of a connection: one line for a loss or a failed start, and one for the recovery.

use tokio::time::Instant;

use super::lifecycle::{Action, ConnectionState, Lifecycle};
use crate::error::Error;

/// Logs the action that follows the state `before`, for a connection of this kind.
///
/// Attempts are logged at level DEBUG, because an outage can have many. The first failure of a first connection is logged
/// at level WARN, because its caller keeps waiting. If the first connection is not repeated, the caller receives the error.
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
        Action::Wait(error) if !life.ever_ready() && life.failures() == 1 => {
            tracing::warn!(connection, error = format_args!("{error:#}"), "failed to connect; retrying");
        }
        Action::Wait(error) if !life.ever_ready() => {
            tracing::debug!(connection, error = format_args!("{error:#}"), "failed to connect again");
        }
        Action::Wait(error) => {
            tracing::debug!(connection, error = format_args!("{error:#}"), "failed to reconnect");
        }
        Action::Resume(Some(lost)) => {
            let duration = now.duration_since(lost.noticed);
            tracing::info!(connection, ?duration, attempts = lost.attempts, "connection restored");
        }
        Action::Resume(None) if life.failures() > 0 => {
            let attempts = life.failures().saturating_add(1);
            tracing::info!(connection, attempts, "connected after failed attempts");
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
