//! Credentials for external systems that components use.

use std::fmt;

use fishjam_api::{UnknownMembers, jellyfish::types};

use crate::{
    error::{Error, Result},
    secret::{S3SecretAccessKey, SipPassword},
};

/// Credentials for an S3 bucket. `Debug` prints only the bucket and its region.
#[derive(Clone)]
#[non_exhaustive]
pub struct S3Credentials {
    /// The id of the access key.
    pub access_key_id: String,
    /// The secret access key.
    pub secret_access_key: S3SecretAccessKey,
    /// The region of the bucket.
    pub region: String,
    /// The name of the bucket.
    pub bucket: String,
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

    /// Returns an error for incomplete credentials, which would crash the room.
    pub(super) fn check(&self) -> Result<()> {
        let fields = [
            ("access key id", self.access_key_id.as_str()),
            ("secret access key", self.secret_access_key.expose()),
            ("region", self.region.as_str()),
            ("bucket", self.bucket.as_str()),
        ];
        match fields.into_iter().find(|(_, value)| value.is_empty()) {
            Some((name, _)) => Err(Error::invalid_input(format!("incomplete S3 credentials: the {name} is empty"))),
            None => Ok(()),
        }
    }
}

impl From<S3Credentials> for types::S3Credentials {
    fn from(credentials: S3Credentials) -> Self {
        Self {
            access_key_id: credentials.access_key_id,
            secret_access_key: credentials.secret_access_key.expose().to_owned(),
            region: credentials.region,
            bucket: credentials.bucket,
        }
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
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SipCredentials {
    /// The address of the registrar.
    pub address: String,
    /// The name of the user.
    pub username: String,
    /// The password. The server returns it to every client that has its token.
    pub password: SipPassword,
}

impl SipCredentials {
    /// Creates credentials. The address must not be empty.
    #[must_use]
    pub fn new(address: impl Into<String>, username: impl Into<String>, password: impl Into<SipPassword>) -> Self {
        Self { address: address.into(), username: username.into(), password: password.into() }
    }

    /// Returns an error for an empty address, which would crash the room.
    pub(super) fn check(&self) -> Result<()> {
        if self.address.is_empty() {
            return Err(Error::invalid_input("incomplete SIP credentials: the address is empty"));
        }
        Ok(())
    }
}

impl PartialEq for SipCredentials {
    fn eq(&self, other: &Self) -> bool {
        (&self.address, &self.username, self.password.expose())
            == (&other.address, &other.username, other.password.expose())
    }
}

impl Eq for SipCredentials {}

impl From<SipCredentials> for types::SipCredentials {
    fn from(credentials: SipCredentials) -> Self {
        Self {
            address: credentials.address,
            username: credentials.username,
            password: credentials.password.expose().to_owned(),
            extra: UnknownMembers::default(),
        }
    }
}

impl From<types::SipCredentials> for SipCredentials {
    fn from(credentials: types::SipCredentials) -> Self {
        Self {
            address: credentials.address,
            username: credentials.username,
            password: SipPassword::from(credentials.password),
        }
    }
}

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
