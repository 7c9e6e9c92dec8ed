//! Access to what components use elsewhere.

use std::fmt;

use fishjam_api::jellyfish::types;

use crate::{
    error::{Error, Result},
    secret::{S3SecretAccessKey, SipPassword},
};

/// Access to a bucket of an S3 storage. `Debug` prints the bucket and its region only.
#[derive(Clone)]
#[non_exhaustive]
pub struct S3Credentials {
    /// The id of the access key.
    pub access_key_id: String,
    /// The access key itself.
    pub secret_access_key: S3SecretAccessKey,
    /// The region of the bucket.
    pub region: String,
    /// The name of the bucket.
    pub bucket: String,
}

impl S3Credentials {
    /// Access to this bucket; the server wants all four, and none may be empty.
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

    /// Incomplete credentials would end the room.
    pub(super) fn complete(&self) -> Result<()> {
        let fields = [
            ("access key id", self.access_key_id.as_str()),
            ("secret access key", self.secret_access_key.expose()),
            ("region", self.region.as_str()),
            ("bucket", self.bucket.as_str()),
        ];
        match fields.into_iter().find(|(_, value)| value.is_empty()) {
            Some((name, _)) => Err(Error::invalid_input(format!("the S3 credentials are incomplete: no {name}"))),
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

/// Access to a SIP registrar. `Debug` does not print the password.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SipCredentials {
    /// The address of the registrar.
    pub address: String,
    /// The name of the user.
    pub username: String,
    /// The password, which the server shows to whoever has its token.
    pub password: SipPassword,
}

impl SipCredentials {
    /// Access to the registrar at this address for this user; the address must not be empty.
    #[must_use]
    pub fn new(address: impl Into<String>, username: impl Into<String>, password: impl Into<SipPassword>) -> Self {
        Self { address: address.into(), username: username.into(), password: password.into() }
    }

    /// An empty address would end the room.
    pub(super) fn complete(&self) -> Result<()> {
        if self.address.is_empty() {
            return Err(Error::invalid_input("the SIP registrar's address is empty"));
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

/// What an address may hold that is nobody's to read: all of it, its user's name and password, and what its query says.
/// What contains another stands before it.
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
    // Shorter ones are numbers of channels and the like, and the same letters elsewhere say what went wrong.
    secrets.retain(|secret| secret.len() >= 4);
    secrets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_gives_away_its_user_and_its_query() {
        let address = "rtsp://user:pass:word@camera/stream?channel=1&password=sentinel";
        let query = "channel=1&password=sentinel";
        assert_eq!(secrets_of_address(address), [address, "user:pass:word", "pass:word", query, "sentinel"]);
        assert_eq!(secrets_of_address("rtsp://camera/stream"), ["rtsp://camera/stream"]);
        assert_eq!(secrets_of_address(""), [""; 0]);
    }
}
