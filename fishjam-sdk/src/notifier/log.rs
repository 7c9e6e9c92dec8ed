//! Log of a connection: one line for its loss, and one for its recovery.

use tokio::time::Instant;

use super::state::{ConnectionState, Lifecycle, Step};

/// Logs the step that follows the state `before`, for a connection of this kind.
///
/// Attempts are logged at level DEBUG: an outage can have many. The caller receives the error of a first connection.
pub(crate) fn log_step(connection: &'static str, life: &Lifecycle, before: ConnectionState, step: &Step, now: Instant) {
    match step {
        Step::Rest(error) if before == ConnectionState::Ready => {
            tracing::warn!(connection, error = format_args!("{error:#}"), "connection lost; reconnecting");
        }
        Step::Rest(error) => {
            tracing::debug!(connection, error = format_args!("{error:#}"), "failed to reconnect");
        }
        Step::Flow(Some(lost)) => {
            let duration = now.duration_since(lost.noticed);
            tracing::info!(connection, ?duration, attempts = lost.attempts, "connection restored");
        }
        Step::Fail(error) if life.ever_ready() => {
            tracing::warn!(connection, error = format_args!("{error:#}"), "connection lost permanently");
        }
        Step::Fail(error) => tracing::debug!(connection, error = format_args!("{error:#}"), "failed to connect"),
        _ => {}
    }
}
