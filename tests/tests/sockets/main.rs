//! The sockets of the SDK: notifications, lost connections and TLS.

mod adverse;
mod certificates;
mod closed;
mod driver;
mod first_connection;
mod handlers;
mod notifications;
mod notifier;
mod peer;
mod script;
mod servers;
mod states;
mod tls;
mod users;

use anyhow::{Context, bail};
use fishjam_sdk::{
    Error, EventStream, FishjamNotifier, FishjamNotifierBuilder,
    events::{Event, Notification},
};
use fishjam_tests::support::within;

/// A notifier for tests about one connection, which ends when that connection does.
fn one_connection(url: &str, token: &str) -> FishjamNotifierBuilder {
    FishjamNotifier::builder(url, token).reconnect(false)
}

/// The next notification.
async fn next(events: &mut EventStream) -> anyhow::Result<Notification> {
    match within("a notification", events.receive()).await?.context("the stream ended")?? {
        Event::Notification(notification) => Ok(notification),
        other => bail!("this is no notification: {other:?}"),
    }
}

/// The error with which a stream ends; there must be nothing before it, and nothing comes after it.
async fn end(events: &mut EventStream) -> anyhow::Result<Error> {
    match within("the end", events.receive()).await? {
        Some(Err(error)) => {
            let after = within("the end of the stream", events.receive()).await?;
            anyhow::ensure!(after.is_none(), "after its error the stream goes on: {after:?}");
            Ok(error)
        }
        other => bail!("this is no error: {other:?}"),
    }
}
