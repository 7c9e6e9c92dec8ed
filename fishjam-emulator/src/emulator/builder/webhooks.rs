//! Settings of webhooks.

use std::time::Duration;

use super::EmulatorBuilder;
use crate::{
    error::{Error, Result},
    http::body,
};

impl EmulatorBuilder {
    /// Sets the account's webhook URL.
    ///
    /// It receives the notifications that belong to no room, and those of rooms without their own `webhookUrl`. Such
    /// rooms show the account's URL as their own. The URL must start with `http://` and have a path; `http://host/`
    /// has one.
    ///
    /// Defaults to no URL.
    pub fn webhook_url(mut self, url: impl Into<String>) -> Self {
        self.webhook_url = Some(url.into());
        self
    }

    /// Sets the secret that signs webhooks in the header `x-fishjam-signature-256`.
    ///
    /// Defaults to no secret: webhooks are not signed.
    pub fn webhook_secret(mut self, secret: impl Into<String>) -> Self {
        self.webhook_secret = Some(secret.into());
        self
    }

    /// Sets the maximum number of retries of a webhook. Defaults to 8.
    ///
    /// The emulator retries after a 5xx status or a missing response. Other statuses are final, including 4xx.
    ///
    /// The service's documentation does not describe retries. The vendor's guide for AI tools does: up to 8 retries
    /// within about 30 seconds, and none after a 4xx status. The service's open-source predecessor never retried a
    /// webhook; 0 has the same effect.
    pub fn webhook_retries(mut self, retries: u32) -> Self {
        self.webhooks.retries = retries;
        self
    }

    /// Sets the delay before the first retry of a webhook. The delay doubles with each retry.
    ///
    /// Defaults to 120 milliseconds: 8 retries take 30 seconds.
    pub fn webhook_retry_wait(mut self, wait: Duration) -> Self {
        self.webhooks.first_wait = wait;
        self
    }

    /// Sets the timeout of a receiver's response. Defaults to 5 seconds. The service's timeout is unknown.
    pub fn webhook_timeout(mut self, timeout: Duration) -> Self {
        self.webhooks.timeout = timeout;
        self
    }

    /// Sets how long notifications are collected for a batch. Defaults to 50 milliseconds.
    ///
    /// This affects rooms with `batchWebhookNotifications`. The rules of the service are unknown.
    pub fn webhook_batch_window(mut self, window: Duration) -> Self {
        self.webhooks.window = window;
        self
    }

    pub(super) fn check_webhooks(&self) -> Result<()> {
        let refuse = |option, reason| Err(Error::InvalidOption { option, reason });
        if self.webhook_url.as_ref().is_some_and(|url| !url.starts_with("http://") || !body::is_url_with_path(url)) {
            return refuse("webhook_url", "must be http, with a slash after the host");
        }
        if self.webhook_secret.as_ref().is_some_and(String::is_empty) {
            return refuse("webhook_secret", "must not be empty");
        }
        Ok(())
    }
}
