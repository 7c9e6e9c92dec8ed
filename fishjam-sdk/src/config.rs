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
    pub(crate) pool_idle_timeout: Duration,
    pub(crate) proxy: Proxy,
    pub(crate) roots: Vec<Vec<u8>>,
    pub(crate) user_agent_suffix: Option<String>,
}

impl Default for Network {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            // Shorter than servers keep theirs, so that a request seldom meets a connection that is just being closed.
            pool_idle_timeout: Duration::from_secs(30),
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
        ///
        /// For the calls of a client, the limit is at most three quarters of the request timeout.
        pub fn connect_timeout(mut self, limit: std::time::Duration) -> Self {
            self.network.connect_timeout = limit;
            self
        }

        /// Sends every request through this HTTP proxy, requests to this machine included.
        ///
        /// The proxy is an `http://` or `https://` URL, with a user name and a password if the proxy requires them.
        /// Sockets use a `CONNECT` tunnel. A socket to an `http://` server cannot use an `https://` proxy.
        ///
        /// Defaults to the environment variables, as curl reads them:
        ///
        /// - `HTTPS_PROXY` for `https://` servers, `HTTP_PROXY` for `http://` servers, and `ALL_PROXY` for both. The
        ///   lower-case names take precedence. A CGI program ignores the upper-case `HTTP_PROXY`.
        /// - `NO_PROXY` lists servers without a proxy, separated by commas: domains (subdomains included), addresses and
        ///   networks such as `10.0.0.0/8`. `*` stands for all servers.
        /// - `localhost` and loopback addresses have no proxy.
        ///
        /// If a variable names an unusable proxy for the server, building fails with
        /// [`InvalidInput`](crate::ErrorKind::InvalidInput).
        pub fn proxy(mut self, url: impl Into<String>) -> Self {
            self.network.proxy = crate::config::Proxy::Url(url.into());
            self
        }

        /// Connects directly and ignores the environment variables for proxies.
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

/// The setters that every client's builder has; the builder holds `limits: Limits` and `retry: RetryPolicy`, and says which of
/// its operations belong to which class of the table of retries.
macro_rules! call_setters {
    ($classes:expr) => {
        /// Limits one request, from opening its connection to the end of its response. Default: 30 seconds; ten years
        /// at most.
        ///
        /// A connection may take three quarters of this time, so that an unreachable server does not look like a slow
        /// one: the call reports that nothing was sent. `connect_timeout` and
        /// [`overall_timeout`](Self::overall_timeout) can shorten that time.
        ///
        /// A call may send several; [`overall_timeout`](Self::overall_timeout) limits all of them together.
        pub fn request_timeout(mut self, limit: std::time::Duration) -> Self {
            self.limits.timeout = limit.min(crate::backoff::MAX_DURATION);
            self
        }

        /// Limits a call as a whole: its requests and the waits between them. Default: 90 seconds; ten years at most.
        pub fn overall_timeout(mut self, limit: std::time::Duration) -> Self {
            self.limits.overall = limit.min(crate::backoff::MAX_DURATION);
            self
        }

        /// Limits how many attempts one call makes; with 1, a request is never sent again. Default: 4 attempts, or 8 if
        /// connections are refused.
        ///
        /// The table lists the failures after which there is another attempt:
        ///
        #[doc = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/transport/retry.md"))]
        ///
        /// Permits 8 attempts by default if the connection is refused or reset (first row of the table), because no
        /// request arrives. At most 4 of the 8 attempts may end in any other way. A value that you set here limits all
        /// attempts.
        ///
        /// There is a wait before each attempt: see [`retry_backoff`](Self::retry_backoff). It is never shorter than the
        /// server's `Retry-After`. Two more limits can end a call early:
        ///
        /// - The [`overall_timeout`](Self::overall_timeout). An attempt starts only if enough time is left after the wait:
        ///   1 second, or the request timeout or a quarter of the overall timeout if that is shorter. Otherwise the call
        ///   returns the last error without a wait.
        /// - The [`retry_budget`](Self::retry_budget), which all calls of a client share.
        ///
        /// If the last attempt times out, the call returns the last error that the server sent, if any. A create returns
        /// the timeout, with the server's error as its source.
        ///
        #[doc = $classes]
        pub fn max_attempts(mut self, attempts: u32) -> Self {
            (self.retry.max_attempts, self.retry.max_connected) = (attempts, attempts);
            self
        }

        /// Sets the waits between the attempts of one call. Each wait is twice as long as the one before, from `first` up
        /// to `longest`, and is shortened by up to half at random. The shortest wait is 1 millisecond.
        ///
        /// Defaults to 250 milliseconds and 5 seconds. The three waits between 4 attempts take 0.9 to 1.75 seconds
        /// together. The seven waits between 8 attempts take 8.9 to 17.75 seconds. Thus every call that starts during a restart
        /// of the server survives it, if the server refuses connections for at most 8 seconds. A call whose request was
        /// sent before the connection broke follows the table of [`max_attempts`](Self::max_attempts): a create is not
        /// repeated.
        pub fn retry_backoff(mut self, first: std::time::Duration, longest: std::time::Duration) -> Self {
            self.retry.backoff = crate::backoff::Backoff::between(first, longest);
            self
        }

        /// Sets the capacity of the retry budget, in tokens. The client and its clones share it. Defaults to 500.
        ///
        /// During an outage, the budget keeps retries from multiplying the requests. A retry takes 5 tokens, or 10 after
        /// a timeout or a failed connection. It takes none after a refused connection or an unreachable network, because
        /// that costs the server nothing. If too few tokens are left, the call returns the error without a retry. Each successful call returns the tokens of its
        /// last retry, or 1 if it made none.
        pub fn retry_budget(mut self, tokens: u32) -> Self {
            self.retry.budget = Some(tokens);
            self
        }

        /// Makes retries independent of other calls: there is no retry budget.
        pub fn no_retry_budget(mut self) -> Self {
            self.retry.budget = None;
            self
        }

        /// Sets how long the client keeps an idle connection for the next request. With zero, each request opens a
        /// connection.
        ///
        /// Defaults to 30 seconds. Choose a shorter time than the server and the proxies in between: they close idle
        /// connections, too.
        pub fn pool_idle_timeout(mut self, limit: std::time::Duration) -> Self {
            self.network.pool_idle_timeout = limit.min(crate::backoff::MAX_DURATION);
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
            "{name} cannot be sent: byte {at} of {} is not a printable ASCII character",
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

/// Returns the value of a variable, if it is set.
pub(crate) fn optional_variable(name: &str) -> Option<String> {
    env::var_os(name).map(|value| value.to_string_lossy().into_owned())
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
