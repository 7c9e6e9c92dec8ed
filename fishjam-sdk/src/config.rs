//! Everything that a client can be told, and where all of it is read and checked.

use std::{env, time::Duration};

use http::HeaderValue;

use crate::{
    error::{Error, Result},
    secret::ManagementToken,
};

/// The environment variable that holds the Fishjam id or URL.
const ENV_ID: &str = "FISHJAM_ID";
/// The environment variable that holds the management token.
const ENV_TOKEN: &str = "FISHJAM_MANAGEMENT_TOKEN";

/// How the network is reached: the same for requests and sockets.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    pub(crate) connect_timeout: Duration,
    pub(crate) proxy: Proxy,
    pub(crate) roots: Vec<Vec<u8>>,
    pub(crate) user_agent_suffix: Option<String>,
}

impl Default for Network {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            proxy: Proxy::Environment,
            roots: Vec::new(),
            user_agent_suffix: None,
        }
    }
}

/// Which proxy stands between, if any.
#[derive(Clone, Default)]
pub(crate) enum Proxy {
    #[default]
    Environment,
    None,
    Url(String),
}

impl std::fmt::Debug for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Environment => "Environment",
            Self::None => "None",
            // A proxy's URL may hold a password.
            Self::Url(_) => "Url(..)",
        })
    }
}

/// The setters that every builder has; the builder holds a `network: Network` and is itself `#[must_use]`.
macro_rules! network_setters {
    () => {
        /// Limits how long one connection may take to be made, TLS included. Default: 10 seconds.
        pub fn connect_timeout(mut self, limit: std::time::Duration) -> Self {
            self.network.connect_timeout = limit;
            self
        }

        /// Sends everything through this proxy (an `http://` or `https://` URL).
        ///
        /// Default: what the variables `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` say.
        pub fn proxy(mut self, url: impl Into<String>) -> Self {
            self.network.proxy = crate::config::Proxy::Url(url.into());
            self
        }

        /// Connects directly, whatever the environment says about proxies.
        pub fn no_proxy(mut self) -> Self {
            self.network.proxy = crate::config::Proxy::None;
            self
        }

        /// Trusts these certificates (PEM, one or more) in addition to those that the operating system trusts.
        ///
        /// A self-signed certificate of the server itself is allowed, such as one made by `openssl req -x509`. It must
        /// name the host: `-addext "subjectAltName=DNS:localhost"`.
        pub fn add_root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
            self.network.roots.push(pem.into());
            self
        }

        /// Adds a word about your program to the `user-agent` header, such as `my-backend/1.2`.
        pub fn user_agent_suffix(mut self, suffix: impl Into<String>) -> Self {
            self.network.user_agent_suffix = Some(suffix.into());
            self
        }
    };
}
pub(crate) use network_setters;

/// The setters that every client's builder has; the builder holds `limits: Limits` and `retry: Policy`, and says which of
/// its operations belong to which class of the table of retries.
macro_rules! call_setters {
    ($classes:expr) => {
        /// Limits one request, from sending it to the end of its answer. Default: 30 seconds; ten years at most.
        ///
        /// A call may send several; [`overall_timeout`](Self::overall_timeout) limits all of them together.
        pub fn request_timeout(mut self, limit: std::time::Duration) -> Self {
            self.limits.timeout = limit.min(crate::notifier::config::FOREVER);
            self
        }

        /// Limits a call as a whole: its requests and the waits between them. Default: 90 seconds; ten years at most.
        pub fn overall_timeout(mut self, limit: std::time::Duration) -> Self {
            self.limits.overall = limit.min(crate::notifier::config::FOREVER);
            self
        }

        /// Limits how many requests one call may send. Default: 4; with 1 nothing is tried again.
        ///
        /// Whether a failed request is sent again depends on what a second one would do:
        ///
        #[doc = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/transport/retry.md"))]
        ///
        /// Before each repetition there is a wait that doubles from 250 milliseconds up to 5 seconds, shortened by up to
        /// half at random, and never shorter than the server's `Retry-After`. A repetition that the overall limit leaves
        /// no time for is not made.
        ///
        #[doc = $classes]
        pub fn max_attempts(mut self, attempts: u32) -> Self {
            self.retry.max_attempts = attempts;
            self
        }

        /// Limits an answer's size in bytes; a larger one is a [`Decode`](crate::ErrorKind::Decode) error. Default: 64
        /// MiB.
        pub fn max_response_bytes(mut self, limit: usize) -> Self {
            self.limits.max_response = limit;
            self
        }
    };
}
pub(crate) use call_setters;

impl Network {
    /// The `user-agent` header's value.
    pub(crate) fn user_agent(&self) -> Result<HeaderValue> {
        let own = concat!("fishjam-rust/", env!("CARGO_PKG_VERSION"));
        let text = match &self.user_agent_suffix {
            Some(suffix) => format!("{own} {suffix}"),
            None => own.to_owned(),
        };
        HeaderValue::from_str(&text)
            .map_err(|_| Error::invalid_input("the user agent suffix contains a character that a header cannot carry"))
    }
}

/// The `authorization` header's value, marked as sensitive.
pub(crate) fn authorization(token: &ManagementToken) -> Result<HeaderValue> {
    let hint = "pass the token from the Fishjam dashboard, or set FISHJAM_MANAGEMENT_TOKEN";
    bearer("the management token", hint, token.expose())
}

/// The `authorization` header's value for a token that goes by this name; the hint says where to take one from.
pub(crate) fn bearer(name: &str, hint: &str, text: &str) -> Result<HeaderValue> {
    if text.is_empty() {
        return Err(Error::invalid_input(format!("{name} is empty: {hint}")));
    }
    if let Some((at, _)) = text.char_indices().find(|(_, c)| !c.is_ascii_graphic()) {
        return Err(Error::invalid_input(format!(
            "{name} cannot be sent: byte {at} of {} is a space, a line break or no ASCII character",
            text.len()
        )));
    }
    let mut value = HeaderValue::from_str(&format!("Bearer {text}"))
        .map_err(|_| Error::invalid_input(format!("{name} cannot be sent in a header")))?;
    value.set_sensitive(true);
    Ok(value)
}

/// Id and token as the environment has them.
pub(crate) fn credentials_from_env() -> Result<(String, ManagementToken)> {
    Ok((variable(ENV_ID)?, ManagementToken::from(variable(ENV_TOKEN)?)))
}

/// A variable that has to be set.
pub(crate) fn variable(name: &str) -> Result<String> {
    env::var(name).map_err(|e| match e {
        env::VarError::NotPresent => Error::invalid_input(format!("the environment variable {name} is not set")),
        env::VarError::NotUnicode(_) => {
            Error::invalid_input(format!("the environment variable {name} is not valid UTF-8"))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_no_header_can_carry_is_refused_without_being_printed() {
        for (token, at) in [("sentinel\n", "byte 8"), ("sen tinel", "byte 3"), ("sentinelü", "byte 8"), ("", "empty")]
        {
            let error = authorization(&ManagementToken::from(token)).unwrap_err();
            assert!(error.to_string().contains(at), "{error}");
            assert!(!format!("{error:?} {error}").contains("tinel"), "{error}");
        }
    }

    #[test]
    fn the_authorization_header_is_sensitive() {
        let value = authorization(&ManagementToken::from("sentinel")).unwrap();
        assert!(value.is_sensitive());
        assert_eq!(value.to_str().unwrap(), "Bearer sentinel");
    }

    #[test]
    fn a_proxy_with_a_password_does_not_print_it() {
        let network = Network { proxy: Proxy::Url("http://u:sentinel@proxy".to_owned()), ..Network::default() };
        assert!(!format!("{network:?}").contains("sentinel"));
    }
}
