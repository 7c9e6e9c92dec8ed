//! Where a Jellyfish is and what it is reached with.

use std::{env, fmt};

use crate::{
    config::{bearer, variable},
    endpoint::Endpoint,
    error::{Error, Result},
    secret::{ManagementToken, ServerApiToken},
};

/// The environment variable that holds the address.
const ENV_ADDRESS: &str = "JELLYFISH_SERVER_ADDRESS";
/// The environment variable that holds the token.
const ENV_TOKEN: &str = "JELLYFISH_SERVER_API_TOKEN";
/// The environment variable that says whether to encrypt.
const ENV_SECURE: &str = "JELLYFISH_SECURE";

/// Host and port of a Jellyfish, without a scheme: `localhost:5002`.
///
/// It is checked when it is used. In a cluster every room lives on one server, and every request about it goes to that
/// server's address.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ServerAddress(String);

impl ServerAddress {
    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The endpoint at this address.
    pub(super) fn endpoint(&self, secure: bool) -> Result<Endpoint> {
        let unusable = |why: &str| Error::invalid_input(format!("the server address cannot be used: {why}"));
        let address = self.0.trim();
        if address.is_empty() {
            return Err(unusable(&format!(
                "it is empty; pass host and port, such as localhost:5002, or set {ENV_ADDRESS}"
            )));
        }
        if address.contains("://") {
            return Err(unusable(
                "it begins with a scheme; pass only host and port, such as localhost:5002, and choose https and wss \
                 with `secure`",
            ));
        }
        if address.contains('@') {
            return Err(unusable("it contains a user name or password; pass the token on its own"));
        }
        if address.contains(['?', '#', '\\']) || address.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(unusable("it is more than host and port, such as localhost:5002"));
        }
        // A slash at the end is no path.
        if address.strip_suffix('/').unwrap_or(address).contains('/') {
            return Err(unusable("it has a path; pass only host and port, such as localhost:5002"));
        }
        let scheme = if secure { "https" } else { "http" };
        // The cause would speak of a URL that nobody gave.
        Endpoint::new(&format!("{scheme}://{address}"))
            .map_err(|_| unusable("it is not host and port, such as localhost:5002"))
    }
}

impl fmt::Debug for ServerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl fmt::Display for ServerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for ServerAddress {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<&str> for ServerAddress {
    fn from(address: &str) -> Self {
        Self(address.to_owned())
    }
}

impl From<String> for ServerAddress {
    fn from(address: String) -> Self {
        Self(address)
    }
}

impl From<&String> for ServerAddress {
    fn from(address: &String) -> Self {
        Self(address.clone())
    }
}

impl From<&ServerAddress> for ServerAddress {
    fn from(address: &ServerAddress) -> Self {
        address.clone()
    }
}

impl PartialEq<str> for ServerAddress {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for ServerAddress {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

/// Where a Jellyfish is and the token that it was started with.
///
/// ```
/// use fishjam_sdk::jellyfish::{ConnectionOptions, JellyfishClient};
///
/// let jellyfish = JellyfishClient::new(ConnectionOptions::new("media.example.com", "my-token").secure(true))?;
///
/// // The scheme is chosen by `secure`, so an address has none.
/// let refused = JellyfishClient::new(ConnectionOptions::new("https://media.example.com", "my-token")).unwrap_err();
/// assert!(refused.to_string().contains("scheme"));
/// # Ok::<(), fishjam_sdk::Error>(())
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct ConnectionOptions {
    /// Host and port, without a scheme.
    pub server_address: ServerAddress,
    /// The token that the server was started with.
    pub server_api_token: ServerApiToken,
    /// Whether everything is encrypted (https and wss). Default: it is not.
    pub secure: bool,
}

impl ConnectionOptions {
    /// The Jellyfish at this address, such as `localhost:5002`, over plain http and ws.
    #[must_use]
    pub fn new(server_address: impl Into<ServerAddress>, server_api_token: impl Into<ServerApiToken>) -> Self {
        Self { server_address: server_address.into(), server_api_token: server_api_token.into(), secure: false }
    }

    /// Encrypts everything, or nothing.
    #[must_use]
    pub fn secure(mut self, secure: bool) -> Self {
        self.secure = secure;
        self
    }

    /// The Jellyfish that the environment describes: `JELLYFISH_SERVER_ADDRESS` and `JELLYFISH_SERVER_API_TOKEN`, and
    /// `JELLYFISH_SECURE` (`true` or `false`) if it is set.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput): a variable is missing or unreadable; the message names it.
    pub fn from_env() -> Result<Self> {
        let secure = match env::var_os(ENV_SECURE) {
            Some(_) => flag(&variable(ENV_SECURE)?)?,
            None => false,
        };
        Ok(Self::new(variable(ENV_ADDRESS)?, variable(ENV_TOKEN)?).secure(secure))
    }

    /// The endpoint at the address, which is checked.
    pub(super) fn endpoint(&self) -> Result<Endpoint> {
        self.server_address.endpoint(self.secure)
    }

    /// The token, which is checked.
    pub(super) fn token(&self) -> Result<ManagementToken> {
        let token = self.server_api_token.expose();
        let hint = format!("pass the one that the server was started with, or set {ENV_TOKEN}");
        bearer("the server API token", &hint, token)?;
        Ok(ManagementToken::from(token))
    }
}

fn flag(text: &str) -> Result<bool> {
    match text.trim() {
        "true" | "1" => Ok(true),
        "false" | "0" | "" => Ok(false),
        _ => Err(Error::invalid_input(format!("the environment variable {ENV_SECURE} is neither `true` nor `false`"))),
    }
}

/// Without the address: nobody has looked yet whether it holds a password or is the token.
impl fmt::Debug for ConnectionOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectionOptions")
            .field("server_api_token", &self.server_api_token)
            .field("secure", &self.secure)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ErrorKind, endpoint::SERVER_SOCKET};

    #[test]
    fn every_form_of_an_address_gives_clean_addresses() {
        for (given, secure, rest) in [
            ("localhost:5002", false, "http://localhost:5002"),
            ("localhost:5002", true, "https://localhost:5002"),
            (" localhost:5002\n", false, "http://localhost:5002"),
            ("media.example.com", true, "https://media.example.com"),
            ("10.0.0.1:8080/", false, "http://10.0.0.1:8080"),
            ("[::1]:5002", false, "http://[::1]:5002"),
            ("https.example.com:80", false, "http://https.example.com"),
        ] {
            let endpoint = ConnectionOptions::new(given, "t").secure(secure).endpoint().unwrap();
            assert_eq!(endpoint.rest(), rest, "{given}");
            let socket = endpoint.socket(SERVER_SOCKET).unwrap();
            assert_eq!(socket.as_str(), format!("{rest}/socket/server/websocket"), "{given}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_with_its_reason() {
        for (given, why) in [
            ("", "empty"),
            (" ", "empty"),
            ("http://localhost:5002", "scheme"),
            ("https://sentinel", "scheme"),
            ("ws://sentinel", "scheme"),
            ("user:sentinel@h", "password"),
            ("h/sentinel", "path"),
            ("h//", "path"),
            ("h?sentinel", "more than"),
            ("h#sentinel", "more than"),
            ("sen tinel", "more than"),
            ("h:sentinel", "not host and port"),
            (":5002", "not host and port"),
        ] {
            let error = ConnectionOptions::new(given, "t").endpoint().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{given}");
            assert!(error.to_string().contains(why), "{given}: {error}");
            assert!(!format!("{error} {error:?}").contains("sentinel"), "{error:?}");
        }
    }

    #[test]
    fn a_token_that_cannot_be_sent_is_refused_without_being_printed() {
        for (token, why) in [("", ENV_TOKEN), ("sen tinel", "byte 3"), ("sentinel\n", "byte 8")] {
            let options = ConnectionOptions::new("h", token);
            let error = options.token().unwrap_err();
            assert!(error.to_string().contains(why), "{error}");
            assert!(!format!("{error} {error:?} {options:?}").contains("tinel"), "{error:?}");
        }
    }

    #[test]
    fn the_environments_word_on_encryption_is_understood_or_refused() {
        for (text, secure) in [("true", true), ("1", true), ("false", false), ("0", false), ("", false)] {
            assert_eq!(flag(text).unwrap(), secure, "{text}");
        }
        assert!(flag("yes, please").unwrap_err().to_string().contains(ENV_SECURE));
    }

    #[test]
    fn options_print_neither_address_nor_token() {
        let printed = format!("{:?}", ConnectionOptions::new("u:sentinel@h", "sentinel"));
        assert!(printed.contains("secure") && !printed.contains("sentinel"), "{printed}");
    }
}
