//! The API key, which must not appear in logs and errors.

use std::{env, fmt};

use tokio_tungstenite::tungstenite::http::HeaderValue;

use crate::{Error, Result};

/// A secret. `Debug` does not print it.
#[derive(Clone)]
pub(crate) struct ApiKey(String);

impl ApiKey {
    /// Accepts a key, without the white space around it.
    pub(crate) fn new(key: &str) -> Self {
        Self(key.trim().to_owned())
    }

    /// Reads the key from an environment variable.
    pub(crate) fn from_env(variable: &str) -> Result<Self> {
        env::var(variable).map(|key| Self::new(&key)).map_err(|_| Error::Invalid(format!("{variable} is not set")))
    }

    /// Returns the value of a header: the key behind a prefix.
    pub(crate) fn header(&self, prefix: &str) -> Result<HeaderValue> {
        if self.0.is_empty() {
            return Err(Error::Invalid("the API key is empty".to_owned()));
        }
        let mut value = HeaderValue::try_from(format!("{prefix}{}", self.0))
            .map_err(|_| Error::Invalid("the API key contains invalid characters".to_owned()))?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// Removes the key from a server's message.
    pub(crate) fn redact(&self, message: &str) -> String {
        if self.0.is_empty() { message.to_owned() } else { message.replace(&self.0, "[API key]") }
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[API key]")
    }
}

/// Returns the value of an environment variable, if it is set and not empty.
pub(crate) fn optional(variable: &str) -> Option<String> {
    env::var(variable).ok().map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}
