//! Settings of webhooks.

use std::time::Duration;

use super::EmulatorBuilder;
use crate::{
    error::{Error, Result},
    http::body,
};

impl EmulatorBuilder {
    /// The account's webhook URL: where the notifications of rooms go that were not created with a `webhookUrl`, and
    /// those that belong to no room. Such rooms show it as their own. The default is none.
    ///
    /// It must be http and have a path; `http://host/` has one.
    pub fn webhook_url(mut self, url: impl Into<String>) -> Self {
        self.webhook_url = Some(url.into());
        self
    }

    /// The secret that webhooks are signed with, in the header `x-fishjam-signature-256`. The default is none, and
    /// then they are not signed.
    pub fn webhook_secret(mut self, secret: impl Into<String>) -> Self {
        self.webhook_secret = Some(secret.into());
        self
    }

    /// How often a webhook is sent again that was answered with a 5xx status, or not at all. The default is 8; other
    /// answers are final, a 4xx among them.
    ///
    /// The service's documentation does not say what it does. Its vendor's guide for AI tools does: up to 8 times
    /// within about 30 seconds, and never after a 4xx. Its open-source predecessor never sent a webhook again; 0 is
    /// that.
    pub fn webhook_retries(mut self, retries: u32) -> Self {
        self.webhooks.retries = retries;
        self
    }

    /// How long to wait before a webhook is sent again for the first time; each further wait is twice as long. The
    /// default is 120 milliseconds, with which 8 retries take 30 seconds.
    pub fn webhook_retry_wait(mut self, wait: Duration) -> Self {
        self.webhooks.first_wait = wait;
        self
    }

    /// How long a receiver may take for its answer. The default is 5 seconds; what the service allows is unknown.
    pub fn webhook_timeout(mut self, timeout: Duration) -> Self {
        self.webhooks.timeout = timeout;
        self
    }

    /// How long the notifications of a room are collected that was created with `batchWebhookNotifications`. The
    /// default is 50 milliseconds; how the service does it is unknown.
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
