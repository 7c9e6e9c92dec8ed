//! The handler of a service: its results and its failures.

use std::{error::Error as StdError, fmt, future::Future, panic::AssertUnwindSafe, pin::Pin, sync::Arc};

use futures_util::FutureExt;

use crate::error::OneLine;

type BoxError = Box<dyn StdError + Send + Sync>;

/// The result of a webhook handler: `()` or a `Result`.
///
/// Such errors are [`fishjam_sdk::Error`](crate::Error), `anyhow::Error`, strings and every other error type that is
/// `Send + Sync`. The SDK logs the error and does not send it to the client. You can implement this trait for your own
/// types.
///
/// ```
/// use fishjam_sdk::{events::Notification, webhook::WebhookReceiver};
///
/// async fn store(_: Notification) -> Result<(), std::io::Error> {
///     Ok(())
/// }
///
/// let service = WebhookReceiver::new(["a-secret"])?.into_service(store);
/// # Ok::<(), fishjam_sdk::Error>(())
/// ```
pub trait WebhookOutcome {
    /// Converts the value into a result.
    ///
    /// # Errors
    ///
    /// Returns an error if the notification was not handled.
    fn into_result(self) -> Result<(), Box<dyn StdError + Send + Sync>>;
}

impl WebhookOutcome for () {
    fn into_result(self) -> Result<(), BoxError> {
        Ok(())
    }
}

impl<T, E: Into<BoxError>> WebhookOutcome for Result<T, E> {
    fn into_result(self) -> Result<(), BoxError> {
        self.map(drop).map_err(Into::into)
    }
}

/// The end of a delivery, from the best to the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Outcome {
    Handled,
    Failed,
    Panicked,
    /// The runtime ended before the handler.
    Aborted,
}

type Handled = Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send>>;

/// The user's function, with one type for all functions.
pub(super) struct Handler<N>(Arc<dyn Fn(N) -> Handled + Send + Sync>);

impl<N: 'static> Handler<N> {
    pub(super) fn new<H, F>(handler: H) -> Self
    where
        H: Fn(N) -> F + Send + Sync + 'static,
        F: Future + Send + 'static,
        F::Output: WebhookOutcome,
    {
        Self(Arc::new(move |notification| {
            let called = handler(notification);
            Box::pin(async move { called.await.into_result() })
        }))
    }

    /// Calls the handler. A panic ends only this call.
    pub(super) async fn call(&self, notification: N, name: &'static str) -> Outcome {
        // The call itself and the printing of its error can panic too, so they are part of the future. After a panic,
        // captured values of the handler can be in a bad state. Only the user's code sees them, as in other server
        // frameworks.
        let called = AssertUnwindSafe(async {
            match (self.0)(notification).await {
                Ok(()) => Outcome::Handled,
                Err(error) => {
                    tracing::warn!(notification = name, error = %Chain(&*error), "webhook handler failed");
                    Outcome::Failed
                }
            }
        });
        called.catch_unwind().await.unwrap_or_else(|_| {
            tracing::error!(notification = name, "webhook handler panicked");
            Outcome::Panicked
        })
    }
}

/// The number of causes in a log line, so that a cyclic chain ends.
const MAX_CAUSES: usize = 16;

/// Prints an error and its causes in one line.
struct Chain<'a>(&'a (dyn StdError + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", OneLine(&self.0.to_string()))?;
        let causes = std::iter::successors(self.0.source(), |&error| error.source());
        causes.take(MAX_CAUSES).try_for_each(|cause| write!(f, ": {}", OneLine(&cause.to_string())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    #[test]
    fn unit_and_every_usual_error_are_outcomes() {
        assert!(().into_result().is_ok());
        assert!(Ok::<u8, String>(1).into_result().is_ok());
        for result in [
            Err::<(), _>("a").into_result(),
            Err::<(), _>("a".to_owned()).into_result(),
            Err::<(), _>(anyhow::anyhow!("a")).into_result(),
            Err::<(), _>(std::io::Error::other("a")).into_result(),
        ] {
            assert_eq!(result.unwrap_err().to_string(), "a");
        }
        assert!(Err::<(), _>(Error::invalid_input("a")).into_result().is_err());
    }

    #[test]
    fn worse_outcome_is_greater() {
        assert!(Outcome::Handled < Outcome::Failed && Outcome::Failed < Outcome::Panicked);
        assert!(Outcome::Panicked < Outcome::Aborted);
    }

    #[test]
    fn chain_prints_an_error_and_its_causes_in_one_line() {
        let error = anyhow::anyhow!("cause\nof it").context("not stored");
        let error: BoxError = error.into();
        assert_eq!(Chain(&*error).to_string(), "not stored: cause of it");
    }
}
