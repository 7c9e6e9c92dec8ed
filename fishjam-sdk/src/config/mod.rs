//! Settings of clients, and the environment variables.

mod setters;

use std::{env, fmt, sync::Arc, time::Duration};

use http::{HeaderMap, HeaderValue};

pub(crate) use setters::{call_limits, call_setters, network_setters};

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
    pub(crate) pool_max_idle: usize,
    pub(crate) proxy: Proxy,
    pub(crate) roots: Vec<Vec<u8>>,
    pub(crate) user_agent_suffix: Option<String>,
    pub(crate) hook: Option<RequestHook>,
}

impl Default for Network {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            // Servers keep idle connections longer. Thus a request rarely uses a connection that the server is closing.
            pool_idle_timeout: Duration::from_secs(30),
            pool_max_idle: usize::MAX,
            proxy: Proxy::Environment,
            roots: Vec::new(),
            user_agent_suffix: None,
            hook: None,
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

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Environment => "Environment",
            Self::None => "None",
            // The URL of a proxy can hold a password.
            Self::Url(_) => "Url(..)",
        })
    }
}

/// A function that adds headers to each request. Clones share it.
#[derive(Clone)]
pub(crate) struct RequestHook(Arc<dyn Fn(&mut HeaderMap) + Send + Sync>);

impl RequestHook {
    pub(crate) fn new(hook: impl Fn(&mut HeaderMap) + Send + Sync + 'static) -> Self {
        Self(Arc::new(hook))
    }

    pub(crate) fn run(&self, headers: &mut HeaderMap) {
        (self.0)(headers);
    }
}

impl fmt::Debug for RequestHook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RequestHook(..)")
    }
}

impl Network {
    /// Returns the value of the `user-agent` header.
    pub(crate) fn user_agent(&self) -> Result<HeaderValue> {
        let own = concat!("fishjam-rust/", env!("CARGO_PKG_VERSION"));
        let text = match &self.user_agent_suffix {
            Some(suffix) => format!("{own} {suffix}"),
            None => own.to_owned(),
        };
        HeaderValue::from_str(&text).map_err(|_| {
            Error::invalid_input("invalid user_agent_suffix: a header cannot contain one of its characters")
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
    if let Some((at, c)) = text.char_indices().find(|(_, c)| !c.is_ascii_graphic()) {
        let problem = if c.is_ascii_whitespace() {
            "is a space or a line break; remove it"
        } else {
            "is not a printable ASCII character"
        };
        return Err(Error::invalid_input(format!("{name} is not valid: byte {at} of {} {problem}", text.len())));
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

/// Returns the token from the environment.
#[cfg(feature = "composition")]
pub(crate) fn token_from_env() -> Result<ManagementToken> {
    Ok(ManagementToken::from(variable(ENV_TOKEN)?))
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
        for (token, at) in [
            ("sentinel\n", "byte 8 of 9 is a space or a line break; remove it"),
            ("sen tinel", "byte 3 of 9 is a space or a line break; remove it"),
            ("sentinelü", "byte 8 of 10 is not a printable ASCII character"),
            ("", "empty"),
        ] {
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
