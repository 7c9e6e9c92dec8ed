//! Credentials for external systems that components use.

use std::fmt;

use fishjam_api::{UnknownMembers, jellyfish::types};
use serde::Serialize;

use crate::{
    error::{Error, Result},
    extra::{Extra, read_model},
    secret::{S3SecretAccessKey, SipPassword},
};

/// Credentials for an S3 bucket. `Debug` prints only the bucket and its region.
///
/// For an example, see [`S3Credentials::new`].
#[derive(Clone)]
#[non_exhaustive]
pub struct S3Credentials {
    access_key_id: String,
    pub(super) secret_access_key: S3SecretAccessKey,
    region: String,
    bucket: String,
}

impl S3Credentials {
    /// Creates credentials. The server requires all four values, and none may be empty.
    ///
    /// ```
    /// use fishjam_sdk::jellyfish::{Hls, S3Credentials};
    ///
    /// let storage = S3Credentials::new("my-key-id", "my-secret-key", "eu-central-1", "my-bucket");
    /// let hls = Hls::new().persistent(true).s3(storage);
    /// assert!(!format!("{hls:?}").contains("my-secret-key"));
    /// ```
    #[must_use]
    pub fn new(
        access_key_id: impl Into<String>,
        secret_access_key: impl Into<S3SecretAccessKey>,
        region: impl Into<String>,
        bucket: impl Into<String>,
    ) -> Self {
        Self {
            access_key_id: access_key_id.into(),
            secret_access_key: secret_access_key.into(),
            region: region.into(),
            bucket: bucket.into(),
        }
    }

    /// Returns an error for incomplete credentials, which would crash the room. `setter` names the option in the error.
    pub(super) fn into_wire(self, setter: &str) -> Result<types::S3Credentials> {
        let fields = [
            ("access key id", self.access_key_id.as_str()),
            ("secret access key", self.secret_access_key.expose()),
            ("region", self.region.as_str()),
            ("bucket", self.bucket.as_str()),
        ];
        if let Some((name, _)) = fields.into_iter().find(|(_, value)| value.is_empty()) {
            return Err(Error::invalid_input(format!("invalid {setter}: the {name} is empty")));
        }
        Ok(types::S3Credentials {
            access_key_id: self.access_key_id,
            secret_access_key: self.secret_access_key.expose().to_owned(),
            region: self.region,
            bucket: self.bucket,
        })
    }
}

impl fmt::Debug for S3Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3Credentials")
            .field("bucket", &self.bucket)
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}

/// Credentials for a SIP registrar. `Debug` does not print the password.
///
/// The server returns them in [`SipProperties`](super::SipProperties). They serialize with the member names of the REST
/// API, and the password serializes as `[redacted]`. Redacted credentials cannot be read.
///
/// For an example, see [`SipCredentials::new`].
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct SipCredentials {
    address: String,
    username: String,
    password: SipPassword,
    #[serde(flatten)]
    extra: Extra,
}

read_model!(SipCredentials, types::SipCredentials, |credentials| credentials.is_redacted());

impl SipCredentials {
    /// Creates credentials. The address must not be empty.
    ///
    /// ```
    /// use fishjam_sdk::jellyfish::SipCredentials;
    ///
    /// let registrar = SipCredentials::new("my-sip-registrar.net", "user-name", "pass-word");
    /// assert_eq!((registrar.address(), registrar.username()), ("my-sip-registrar.net", "user-name"));
    /// assert_eq!(registrar.password().expose(), "pass-word");
    /// ```
    #[must_use]
    pub fn new(address: impl Into<String>, username: impl Into<String>, password: impl Into<SipPassword>) -> Self {
        Self { address: address.into(), username: username.into(), password: password.into(), extra: Extra::default() }
    }

    /// Returns the address of the registrar.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Returns the name of the user.
    #[must_use]
    pub fn username(&self) -> &str {
        &self.username
    }

    /// Returns the password. The server returns it to every client that has its token.
    #[must_use]
    pub fn password(&self) -> &SipPassword {
        &self.password
    }

    pub(super) fn is_redacted(&self) -> bool {
        self.password.is_redacted()
    }

    pub(super) fn from_wire(credentials: types::SipCredentials) -> Self {
        Self {
            address: credentials.address,
            username: credentials.username,
            password: SipPassword::from(credentials.password),
            extra: Extra::new(credentials.extra),
        }
    }

    /// Returns an error for an empty address, which would crash the room. `setter` names the option in the error.
    pub(super) fn into_wire(self, setter: &str) -> Result<types::SipCredentials> {
        if self.address.is_empty() {
            return Err(Error::invalid_input(format!("invalid {setter}: the address is empty")));
        }
        Ok(types::SipCredentials {
            address: self.address,
            username: self.username,
            password: self.password.expose().to_owned(),
            extra: UnknownMembers::default(),
        })
    }
}

/// Empty credentials for a test. A server does not accept them.
impl Default for SipCredentials {
    fn default() -> Self {
        Self::new("", "", "")
    }
}

impl PartialEq for SipCredentials {
    fn eq(&self, other: &Self) -> bool {
        (&self.address, &self.username, self.password.expose(), &self.extra)
            == (&other.address, &other.username, other.password.expose(), &other.extra)
    }
}

impl Eq for SipCredentials {}

/// Returns the parts of an address that may be secret: the whole address, user name and password, and the query.
///
/// A part that contains another one comes first.
pub(super) fn secrets_of_address(address: &str) -> Vec<&str> {
    let mut secrets = vec![address];
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    if let Some((user, _)) = rest.rsplit_once('@') {
        secrets.push(user);
        secrets.extend(user.split_once(':').map(|(_, password)| password));
    }
    if let Some((_, query)) = rest.split_once('?') {
        secrets.push(query);
        secrets.extend(query.split(['&', ';']).filter_map(|pair| Some(pair.split_once('=')?.1)));
    }
    // Shorter values are often channel numbers. Hiding them would also hide the same digits in the server's message.
    secrets.retain(|secret| secret.len() >= 4);
    secrets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_address_returns_user_and_query() {
        let address = "rtsp://user:pass:word@camera/stream?channel=1&password=sentinel";
        let query = "channel=1&password=sentinel";
        assert_eq!(secrets_of_address(address), [address, "user:pass:word", "pass:word", query, "sentinel"]);
        assert_eq!(secrets_of_address("rtsp://camera/stream"), ["rtsp://camera/stream"]);
        assert_eq!(secrets_of_address(""), [""; 0]);
    }
}
