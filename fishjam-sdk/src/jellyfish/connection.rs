//! The address and the token of a Jellyfish server.

use std::{env, fmt};

use serde::{Deserialize, Serialize};

use crate::{
    config::{bearer, variable},
    endpoint::Endpoint,
    error::{Error, Result},
    secret::{ManagementToken, ServerApiToken},
};

/// The environment variable with the address.
const ENV_ADDRESS: &str = "JELLYFISH_SERVER_ADDRESS";
/// The environment variable with the token.
const ENV_TOKEN: &str = "JELLYFISH_SERVER_API_TOKEN";
/// The environment variable that enables encryption.
const ENV_SECURE: &str = "JELLYFISH_SECURE";

/// Host and port of a Jellyfish server, without a scheme: `localhost:5002`.
///
/// The client checks the address when it uses it. In a cluster, each room is on one server, and all requests about the room
/// go to the address of that server.
///
/// It serializes as a string, so that your backend can store it next to the id of a room.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ServerAddress(String);

impl ServerAddress {
    /// Returns the address as a string.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the endpoint of this address.
    pub(super) fn endpoint(&self, secure: bool) -> Result<Endpoint> {
        let invalid = |why: &str| Error::invalid_input(format!("invalid server address: {why}"));
        let address = self.0.trim();
        if address.is_empty() {
            return Err(invalid(&format!(
                "it is empty; pass host and port, such as localhost:5002, or set {ENV_ADDRESS}"
            )));
        }
        if address.contains("://") {
            return Err(invalid(
                "it starts with a scheme; pass only host and port, such as localhost:5002, and use `secure` for https \
                 and wss",
            ));
        }
        if address.contains('@') {
            return Err(invalid("it contains a user name or password; pass the token separately"));
        }
        if address.contains(['?', '#', '\\']) || address.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(invalid("it contains more than host and port; pass an address such as localhost:5002"));
        }
        // A slash at the end is not a path.
        if address.strip_suffix('/').unwrap_or(address).contains('/') {
            return Err(invalid("it has a path; pass only host and port, such as localhost:5002"));
        }
        let scheme = if secure { "https" } else { "http" };
        // The cause would mention a URL that the caller did not pass.
        Endpoint::new(&format!("{scheme}://{address}"))
            .map_err(|_| invalid("it is not a host and a port; pass an address such as localhost:5002"))
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

impl PartialEq<String> for ServerAddress {
    fn eq(&self, other: &String) -> bool {
        &self.0 == other
    }
}

/// The address and the token of a Jellyfish server.
///
/// ```
/// use fishjam_sdk::jellyfish::{ConnectionOptions, JellyfishClient};
///
/// let jellyfish = JellyfishClient::new(ConnectionOptions::new("media.example.com", "my-token").secure(true))?;
///
/// // `secure` selects the scheme, so an address has none.
/// let error = JellyfishClient::new(ConnectionOptions::new("https://media.example.com", "my-token")).unwrap_err();
/// assert!(error.to_string().contains("scheme"));
/// # Ok::<(), fishjam_sdk::Error>(())
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct ConnectionOptions {
    pub(super) server_address: ServerAddress,
    server_api_token: ServerApiToken,
    pub(super) secure: bool,
}

impl ConnectionOptions {
    /// Creates options for the server at this address, such as `localhost:5002`, without encryption.
    #[must_use]
    pub fn new(server_address: impl Into<ServerAddress>, server_api_token: impl Into<ServerApiToken>) -> Self {
        Self { server_address: server_address.into(), server_api_token: server_api_token.into(), secure: false }
    }

    /// Sets whether connections are encrypted with https and wss. Defaults to `false`.
    #[must_use]
    pub fn secure(mut self, secure: bool) -> Self {
        self.secure = secure;
        self
    }

    /// Creates options from environment variables.
    ///
    /// - `JELLYFISH_SERVER_ADDRESS`: host and port
    /// - `JELLYFISH_SERVER_API_TOKEN`: the token
    /// - `JELLYFISH_SECURE`: `true` or `false`; optional
    ///
    /// # Errors
    ///
    /// Returns [`InvalidInput`](crate::ErrorKind::InvalidInput) if a variable is missing or invalid. The message names the
    /// variable.
    pub fn from_env() -> Result<Self> {
        let secure = match env::var_os(ENV_SECURE) {
            Some(_) => flag(&variable(ENV_SECURE)?)?,
            None => false,
        };
        Ok(Self::new(variable(ENV_ADDRESS)?, variable(ENV_TOKEN)?).secure(secure))
    }

    /// Checks the address and returns its endpoint.
    pub(super) fn endpoint(&self) -> Result<Endpoint> {
        self.server_address.endpoint(self.secure)
    }

    /// Checks the token and returns it.
    pub(super) fn token(&self) -> Result<ManagementToken> {
        let token = self.server_api_token.expose();
        let hint = format!("pass the token that the server was started with, or set {ENV_TOKEN}");
        bearer("the server API token", &hint, token)?;
        Ok(ManagementToken::from(token))
    }
}

fn flag(text: &str) -> Result<bool> {
    match text.trim() {
        "true" | "1" => Ok(true),
        "false" | "0" | "" => Ok(false),
        _ => Err(Error::invalid_input(format!("invalid environment variable {ENV_SECURE}: use `true` or `false`"))),
    }
}

/// Omits the address, which is not checked yet and may contain a password or the token.
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
    use crate::{endpoint::SERVER_SOCKET, error::ErrorKind};

    #[test]
    fn endpoint_accepts_every_form_of_an_address() {
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
    fn endpoint_rejects_an_invalid_address() {
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
            ("h:sentinel", "not a host and a port"),
            (":5002", "not a host and a port"),
        ] {
            let error = ConnectionOptions::new(given, "t").endpoint().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{given}");
            assert!(error.to_string().contains(why), "{given}: {error}");
            assert!(!format!("{error} {error:?}").contains("sentinel"), "{error:?}");
        }
    }

    #[test]
    fn token_error_does_not_print_the_token() {
        for (token, why) in [("", ENV_TOKEN), ("sen tinel", "byte 3"), ("sentinel\n", "byte 8")] {
            let options = ConnectionOptions::new("h", token);
            let error = options.token().unwrap_err();
            assert!(error.to_string().contains(why), "{error}");
            assert!(!format!("{error} {error:?} {options:?}").contains("tinel"), "{error:?}");
        }
    }

    #[test]
    fn flag_accepts_booleans_and_rejects_other_values() {
        for (text, secure) in [("true", true), ("1", true), ("false", false), ("0", false), ("", false)] {
            assert_eq!(flag(text).unwrap(), secure, "{text}");
        }
        assert!(flag("yes, please").unwrap_err().to_string().contains(ENV_SECURE));
    }

    #[test]
    fn debug_omits_address_and_token() {
        let printed = format!("{:?}", ConnectionOptions::new("u:sentinel@h", "sentinel"));
        assert!(printed.contains("secure") && !printed.contains("sentinel"), "{printed}");
    }
}
