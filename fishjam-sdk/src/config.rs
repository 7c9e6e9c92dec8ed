//! Settings of clients, and the environment variables.

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

/// Network settings for requests and WebSockets.
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
            // Servers keep idle connections longer. Thus a request rarely uses a connection that the server is closing.
            pool_idle_timeout: Duration::from_secs(30),
            proxy: Proxy::Environment,
            roots: Vec::new(),
            user_agent_suffix: None,
        }
    }
}

/// Proxy setting.
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
            // The URL of a proxy can hold a password.
            Self::Url(_) => "Url(..)",
        })
    }
}

/// The setters of all builders. The builder needs a field `network: Network`, and is `#[must_use]`.
macro_rules! network_setters {
    () => {
        /// Sets the time limit for opening a connection, including TLS.
        ///
        /// Defaults to 10 seconds. For the calls of a client, the limit is at most three quarters of the request
        /// timeout.
        pub fn connect_timeout(mut self, limit: std::time::Duration) -> Self {
            self.network.connect_timeout = limit;
            self
        }

        /// Sends all requests through this HTTP proxy, including requests to this machine.
        ///
        /// The proxy is an `http://` or `https://` URL, with a user name and a password if the proxy requires them.
        /// WebSockets use a `CONNECT` tunnel. A WebSocket to an `http://` server cannot use an `https://` proxy.
        ///
        /// Defaults to the environment variables of curl:
        ///
        /// - `HTTPS_PROXY` for `https://` servers, `HTTP_PROXY` for `http://` servers, and `ALL_PROXY` for both.
        ///   The lower-case names take precedence. A CGI program ignores the upper-case `HTTP_PROXY`.
        /// - `NO_PROXY` lists servers without a proxy, separated by commas: domains with their subdomains,
        ///   addresses, and networks such as `10.0.0.0/8`. `*` means all servers.
        /// - `localhost` and loopback addresses have no proxy.
        ///
        /// If a variable contains an unusable proxy for the server, building fails with
        /// [`InvalidInput`](crate::ErrorKind::InvalidInput).
        pub fn proxy(mut self, url: impl Into<String>) -> Self {
            self.network.proxy = crate::config::Proxy::Url(url.into());
            self
        }

        /// Connects without a proxy, and ignores the environment variables for proxies.
        pub fn no_proxy(mut self) -> Self {
            self.network.proxy = crate::config::Proxy::None;
            self
        }

        /// Trusts these PEM certificates in addition to the certificates that the operating system trusts.
        ///
        /// A certificate can be the server's own self-signed certificate, for example from `openssl req -x509`. It
        /// must contain the host name: `-addext "subjectAltName=DNS:localhost"`.
        pub fn add_root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
            self.network.roots.push(pem.into());
            self
        }

        /// Appends a name to the `user-agent` header, such as `my-backend/1.2`.
        pub fn user_agent_suffix(mut self, suffix: impl Into<String>) -> Self {
            self.network.user_agent_suffix = Some(suffix.into());
            self
        }
    };
}
pub(crate) use network_setters;

/// The setters of the builders of clients. The builder needs the fields `limits: Limits` and `retry: RetryPolicy`.
///
/// The argument is a doc comment about the retry classes of its operations.
macro_rules! call_setters {
    ($(#[$classes:meta])+) => {
        /// Sets the time limit of one request, from opening its connection to the end of its response.
        ///
        /// Defaults to 30 seconds. The maximum is ten years. A call can send several requests, and
        /// [`overall_timeout`](Self::overall_timeout) limits all of them together.
        ///
        /// Opening the connection can take three quarters of this time. The error for an unreachable server thus
        /// shows that no request was sent. `connect_timeout` and [`overall_timeout`](Self::overall_timeout) can reduce
        /// this time.
        pub fn request_timeout(mut self, limit: std::time::Duration) -> Self {
            self.limits.timeout = limit.min(crate::backoff::MAX_DURATION);
            self
        }

        /// Sets the time limit of a call, including all of its requests and waits.
        ///
        /// Defaults to 90 seconds. The maximum is ten years.
        pub fn overall_timeout(mut self, limit: std::time::Duration) -> Self {
            self.limits.overall = limit.min(crate::backoff::MAX_DURATION);
            self
        }

        /// Sets the maximum number of attempts of a call. 1 disables retries.
        ///
        /// Defaults to 4 attempts, or 8 attempts if connections are refused. The table lists the failures with another
        /// attempt:
        ///
        #[doc = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/transport/retry.md"))]
        ///
        /// After the failures in the first row, a call makes up to 8 attempts by default, because no request arrives.
        /// At most 4 of the 8 attempts can end in another way. A value that you set here limits all attempts.
        ///
        /// The client waits before each attempt: see [`retry_backoff`](Self::retry_backoff). The wait is at least the
        /// server's `Retry-After`. Two more limits can end a call early:
        ///
        /// - The [`overall_timeout`](Self::overall_timeout). An attempt starts only if enough time is left after the wait.
        ///   Enough time is 1 second, or less if the request timeout or a quarter of the overall timeout is shorter.
        ///   Otherwise the call immediately returns the last error.
        /// - The [`retry_budget`](Self::retry_budget), which all calls of a client share.
        ///
        /// If the last attempt times out, the call returns the last error that the server sent, if there is one. A create
        /// returns the timeout, with the server's error as its source.
        ///
        $(#[$classes])+
        pub fn max_attempts(mut self, attempts: u32) -> Self {
            (self.retry.max_attempts, self.retry.max_connected) = (attempts, attempts);
            self
        }

        /// Sets the waits between the attempts of a call.
        ///
        /// Each wait is twice as long as the previous wait, from `first` up to `longest`. A random factor shortens it
        /// by up to half. The minimum is 1 millisecond.
        ///
        /// Defaults to 250 milliseconds and 5 seconds. The three waits between 4 attempts take 0.9 to 1.75 seconds in
        /// total. The seven waits between 8 attempts take 8.9 to 17.75 seconds. Therefore a call survives a restart
        /// of the server if the server refuses connections for at most 8 seconds. If the connection breaks after the
        /// request was sent, the table of [`max_attempts`](Self::max_attempts) applies: a create is not repeated.
        pub fn retry_backoff(mut self, first: std::time::Duration, longest: std::time::Duration) -> Self {
            self.retry.backoff = crate::backoff::Backoff::between(first, longest);
            self
        }

        /// Sets the capacity of the retry budget in tokens. The client and its clones share the budget.
        ///
        /// Defaults to 500. During an outage, the budget keeps retries from multiplying the requests:
        ///
        /// - A retry takes 5 tokens, or 10 tokens after a timeout or a failed connection.
        /// - A retry takes no token after a refused connection or an unreachable network, because the server had no
        ///   work.
        /// - If too few tokens are left, the call returns the error without a retry.
        /// - A successful call returns the tokens of its last retry, or 1 token if it had none.
        pub fn retry_budget(mut self, tokens: u32) -> Self {
            self.retry.budget = Some(tokens);
            self
        }

        /// Disables the retry budget.
        pub fn no_retry_budget(mut self) -> Self {
            self.retry.budget = None;
            self
        }

        /// Sets the time after which the client closes an idle connection. Zero disables reuse of connections.
        ///
        /// Defaults to 30 seconds. Set a shorter time than the server and the proxies, which also close idle
        /// connections.
        pub fn pool_idle_timeout(mut self, limit: std::time::Duration) -> Self {
            self.network.pool_idle_timeout = limit.min(crate::backoff::MAX_DURATION);
            self
        }

        /// Sets the maximum size of a response in bytes.
        ///
        /// Defaults to 64 MiB. A larger response is a [`Decode`](crate::ErrorKind::Decode) error.
        pub fn max_response_bytes(mut self, limit: usize) -> Self {
            self.limits.max_response = limit;
            self
        }
    };
}
pub(crate) use call_setters;

impl Network {
    /// Returns the value of the `user-agent` header.
    pub(crate) fn user_agent(&self) -> Result<HeaderValue> {
        let own = concat!("fishjam-rust/", env!("CARGO_PKG_VERSION"));
        let text = match &self.user_agent_suffix {
            Some(suffix) => format!("{own} {suffix}"),
            None => own.to_owned(),
        };
        HeaderValue::from_str(&text).map_err(|_| {
            Error::invalid_input("invalid user agent suffix: a header cannot contain one of its characters")
        })
    }
}

/// Returns the value of the `authorization` header, marked as sensitive.
pub(crate) fn authorization(token: &ManagementToken) -> Result<HeaderValue> {
    let hint = "pass the token from the Fishjam dashboard, or set FISHJAM_MANAGEMENT_TOKEN";
    bearer("the management token", hint, token.expose())
}

/// Returns the value of the `authorization` header for a token.
///
/// Error messages contain `name`, and `hint`, which explains where to get a token.
pub(crate) fn bearer(name: &str, hint: &str, text: &str) -> Result<HeaderValue> {
    if text.is_empty() {
        return Err(Error::invalid_input(format!("{name} is empty; {hint}")));
    }
    if let Some((at, _)) = text.char_indices().find(|(_, c)| !c.is_ascii_graphic()) {
        return Err(Error::invalid_input(format!(
            "{name} is not valid: byte {at} of {} is not a printable ASCII character",
            text.len()
        )));
    }
    let mut value = HeaderValue::from_str(&format!("Bearer {text}"))
        .map_err(|_| Error::invalid_input(format!("{name} is not a valid header value")))?;
    value.set_sensitive(true);
    Ok(value)
}

/// Returns the id and the token from the environment.
pub(crate) fn credentials_from_env() -> Result<(String, ManagementToken)> {
    Ok((variable(ENV_ID)?, ManagementToken::from(variable(ENV_TOKEN)?)))
}

/// Returns the value of a variable, if it is set.
pub(crate) fn optional_variable(name: &str) -> Option<String> {
    env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

/// Returns the value of a required variable.
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
    fn invalid_token_is_refused_and_not_printed() {
        for (token, at) in [("sentinel\n", "byte 8"), ("sen tinel", "byte 3"), ("sentinelü", "byte 8"), ("", "empty")]
        {
            let error = authorization(&ManagementToken::from(token)).unwrap_err();
            assert!(error.to_string().contains(at), "{error}");
            assert!(!format!("{error:?} {error}").contains("tinel"), "{error}");
        }
    }

    #[test]
    fn authorization_header_is_sensitive() {
        let value = authorization(&ManagementToken::from("sentinel")).unwrap();
        assert!(value.is_sensitive());
        assert_eq!(value.to_str().unwrap(), "Bearer sentinel");
    }

    #[test]
    fn debug_does_not_print_proxy_password() {
        let network = Network { proxy: Proxy::Url("http://u:sentinel@proxy".to_owned()), ..Network::default() };
        assert!(!format!("{network:?}").contains("sentinel"));
    }
}
