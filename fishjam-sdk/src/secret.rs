//! Secrets, which do not print their text.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use crate::json_error::read_unquoted;

/// Replacement for a printed secret.
pub(crate) const REDACTED: &str = "[redacted]";

/// The error for reading a secret that was serialized without [`Exposed`].
pub(crate) const REDACTED_HINT: &str =
    "a secret was serialized as `[redacted]`: wrap it in `Exposed` to serialize its text";

/// Minimum length of a secret's prefix that is redacted, in characters.
///
/// Three characters of a token do not help to guess the others. A string rarely ends with the first four by chance.
const MIN_PREFIX: usize = 4;

/// Redacts these secrets in a string of another party, in plain form and in JSON form.
///
/// The string can be truncated, so a prefix of a secret at its end is redacted too.
pub(crate) fn redact(secrets: &[&str], text: &str) -> String {
    let forms: Vec<String> =
        secrets.iter().filter(|secret| !secret.is_empty()).flat_map(|secret| forms(secret)).collect();
    let text = forms.iter().fold(text.to_owned(), |text, form| text.replace(form, REDACTED));
    // A truncated character has become a replacement character.
    let end = text.trim_end_matches(char::REPLACEMENT_CHARACTER);
    match forms.iter().filter_map(|form| cut_start(end, form)).min() {
        Some(start) => format!("{}{REDACTED}", end.get(..start).unwrap_or_default()),
        None => text,
    }
}

/// Returns the forms in which a server can repeat a secret.
///
/// The escaped forms come first, because they can contain the plain form. Otherwise parts of them would remain.
fn forms(secret: &str) -> Vec<String> {
    let escaped = escaped(secret);
    let mut forms = vec![escaped.replace('/', "\\/"), escaped, secret.to_owned()];
    forms.dedup();
    forms
}

/// Finds the start of the longest prefix of `form` at the end of `text`.
fn cut_start(text: &str, form: &str) -> Option<usize> {
    let prefixes = (0..form.len()).rev().filter_map(|end| form.get(..end));
    let mut prefixes = prefixes.take_while(|prefix| prefix.chars().nth(MIN_PREFIX - 1).is_some());
    prefixes.find_map(|prefix| text.strip_suffix(prefix)).map(str::len)
}

/// Escapes a string as in JSON.
fn escaped(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text).to_owned()
}

/// A URL that prints only its scheme and its host, because the rest can hold a secret.
pub(crate) struct Address<'a>(pub(crate) &'a str);

impl Address<'_> {
    /// Returns the scheme, and the host with the port. Returns `None` if the end of the host is ambiguous.
    fn public(&self) -> Option<(&str, &str)> {
        let (scheme, rest) = self.0.split_once("://")?;
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len()));
        // A password can contain characters that end the host.
        let is_clear = !path.contains('@') && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        is_clear.then_some((scheme, host))
    }
}

/// Returns the query of a URL. It can hold a secret, such as the signature of a presigned URL.
#[cfg(feature = "composition")]
pub(crate) fn query_of(url: &str) -> Option<&str> {
    let (_, query) = url.split_once('?')?;
    Some(query.split_once('#').map_or(query, |(query, _)| query))
}

impl fmt::Debug for Address<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.public() {
            Some((scheme, host)) if self.0.strip_suffix('/').unwrap_or(self.0) == format!("{scheme}://{host}") => {
                write!(f, "{:?}", self.0)
            }
            Some((scheme, host)) => write!(f, "{:?}", format!("{scheme}://{host}/{REDACTED}")),
            None => write!(f, "{REDACTED:?}"),
        }
    }
}

/// Serializes the text of a secret, which serializes as `[redacted]` without this wrapper.
///
/// Use it only where the secret must leave your backend. For example, a client needs its token to join a room. The wrapper
/// contains a secret or a reference to one.
///
/// ```
/// # fn main() -> anyhow::Result<()> {
/// use fishjam_sdk::{Exposed, PeerToken};
/// use serde::Serialize;
///
/// #[derive(Serialize)]
/// struct Joined {
///     token: Exposed<PeerToken>, // or a reference: Exposed<&'a PeerToken>
/// }
///
/// let token = PeerToken::from("secret");
/// assert_eq!(serde_json::to_string(&token)?, r#""[redacted]""#);
/// assert_eq!(serde_json::to_string(&Exposed(&token))?, r#""secret""#);
/// assert_eq!(serde_json::to_string(&Joined { token: Exposed(token) })?, r#"{"token":"secret"}"#);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
#[allow(clippy::exhaustive_structs, reason = "its only purpose is to wrap one value")]
pub struct Exposed<T>(
    /// The secret, or a reference to it.
    pub T,
);

macro_rules! secrets {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        ///
        /// `Debug` and `Display` print `[redacted]`. It also serializes as this string. To get the secret, call
        /// [`expose`](Self::expose). To serialize it, wrap it in [`Exposed`], which has an example.
        #[derive(Clone)]
        pub struct $name(SecretString);

        impl $name {
            /// Returns the text of the secret. Do not log it.
            #[must_use]
            pub fn expose(&self) -> &str {
                self.0.expose_secret()
            }

            /// Returns `true` if the text is the replacement of a serialized secret.
            #[allow(dead_code, reason = "some secrets are not part of a response")]
            pub(crate) fn is_redacted(&self) -> bool {
                self.expose() == REDACTED
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), REDACTED)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(REDACTED)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(REDACTED)
            }
        }

        impl Serialize for Exposed<$name> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.0.expose())
            }
        }

        impl Serialize for Exposed<&$name> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.0.expose())
            }
        }

        /// Reads the text of the secret. The text `[redacted]` is an error.
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let secret = Self::from(read_unquoted::<String, D>(deserializer)?);
                // A server would reject the redacted text much later.
                if secret.is_redacted() { Err(D::Error::custom(REDACTED_HINT)) } else { Ok(secret) }
            }
        }

        /// Deserializes the secret itself, like the type without the wrapper.
        impl<'de> Deserialize<'de> for Exposed<$name> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $name::deserialize(deserializer).map(Self)
            }
        }

        impl From<String> for $name {
            fn from(secret: String) -> Self {
                Self(SecretString::from(secret))
            }
        }

        impl From<&str> for $name {
            fn from(secret: &str) -> Self {
                Self::from(secret.to_owned())
            }
        }

        impl From<&String> for $name {
            fn from(secret: &String) -> Self {
                Self::from(secret.clone())
            }
        }

        impl From<&$name> for $name {
            fn from(secret: &$name) -> Self {
                secret.clone()
            }
        }
    )+};
}

secrets! {
    /// The management token of a Fishjam app. It permits all operations, and is valid until you regenerate it.
    ManagementToken;
    /// The token with which a peer joins its room. It is valid for 24 hours.
    ///
    /// After that, get another token with [`refresh_peer_token`](crate::FishjamClient::refresh_peer_token).
    PeerToken;
    /// The token with which a viewer watches a livestream.
    ///
    /// It is void after the viewer or the livestream is deleted. Fishjam does not document when it expires otherwise.
    ViewerToken;
    /// The token with which a streamer publishes a livestream.
    ///
    /// It is void after the streamer or the livestream is deleted. Fishjam does not document when it expires otherwise.
    StreamerToken;
    /// A token for the Media over QUIC relay. It is valid for the requested paths.
    ///
    /// It expires after the time of [`MoqAccessOptions::ttl`](crate::MoqAccessOptions::ttl): 1 hour by default, and 7 days at
    /// most.
    MoqToken;
    /// The URL of the Media over QUIC relay. It is a secret, because its query contains a token.
    ///
    /// It is valid as long as its token: 1 hour by default, and 7 days at most.
    MoqConnectionUrl;
    /// An API key for the VAPI voice service. It is valid until you delete it at VAPI.
    VapiApiKey;
    /// The key that signs webhooks. Anyone with the key can send valid webhooks.
    ///
    /// It is valid until you change it in the settings of the account.
    WebhookSecret;
}

#[cfg(feature = "composition")]
secrets! {
    /// The bearer token of a WHIP or WHEP endpoint, for an input or an output of a composition.
    ///
    /// The token of an input is valid until the input is unregistered. For a livestream of Fishjam, it is the
    /// [`StreamerToken`].
    EndpointToken;
    /// The key with which a broadcaster sends an RTMP stream to an input of a composition.
    ///
    /// It is valid until the input is unregistered.
    StreamKey;
    /// The URL of an RTMP stream. It is a secret, because its path contains the stream key.
    RtmpUrl;
}

#[cfg(feature = "composition")]
impl From<StreamerToken> for EndpointToken {
    fn from(token: StreamerToken) -> Self {
        Self(token.0)
    }
}

#[cfg(feature = "composition")]
impl From<&StreamerToken> for EndpointToken {
    fn from(token: &StreamerToken) -> Self {
        Self(token.0.clone())
    }
}

#[cfg(feature = "composition")]
impl From<ViewerToken> for EndpointToken {
    fn from(token: ViewerToken) -> Self {
        Self(token.0)
    }
}

#[cfg(feature = "composition")]
impl From<&ViewerToken> for EndpointToken {
    fn from(token: &ViewerToken) -> Self {
        Self(token.0.clone())
    }
}

#[cfg(feature = "jellyfish")]
secrets! {
    /// The API token of a Jellyfish server. It permits all operations.
    ///
    /// It is valid until you change the configuration of the server.
    ServerApiToken;
    /// The secret access key for an S3 storage.
    S3SecretAccessKey;
    /// The password for a SIP registrar.
    SipPassword;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_prints_as_redacted() {
        let token = PeerToken::from("sentinel");
        for printed in [format!("{token}"), format!("{token:?}"), format!("{:#?}", Some(&token))] {
            assert!(printed.contains(REDACTED) && !printed.contains("sentinel"), "{printed}");
        }
        assert_eq!(token.expose(), "sentinel");
    }

    #[test]
    fn secret_serializes_only_in_its_wrapper() {
        let token = StreamerToken::from("sentinel");
        assert_eq!(serde_json::to_string(&token).unwrap(), r#""[redacted]""#);
        assert_eq!(serde_json::to_string(&Exposed(&token)).unwrap(), r#""sentinel""#);
        assert_eq!(serde_json::to_string(&Exposed(token.clone())).unwrap(), r#""sentinel""#);
        assert_eq!(serde_json::from_str::<StreamerToken>(r#""sentinel""#).unwrap().expose(), "sentinel");
        assert!(!format!("{:?}", Exposed(&token)).contains("sentinel"));
        let error = serde_json::from_str::<StreamerToken>(r#""[redacted]""#).unwrap_err().to_string();
        assert!(error.contains("`Exposed`"), "{error}");
        assert_eq!(serde_json::from_str::<Exposed<StreamerToken>>(r#""sentinel""#).unwrap().0.expose(), "sentinel");
        assert!(!format!("{:?}", Exposed(token)).contains("sentinel"));
    }

    #[test]
    fn url_prints_only_scheme_and_host() {
        for (address, printed) in [
            ("https://example.com", "https://example.com"),
            ("https://example.com:8443/", "https://example.com:8443/"),
            ("https://example.com/sentinel", "https://example.com/[redacted]"),
            ("https://example.com?sentinel", "https://example.com/[redacted]"),
            ("https://example.com/a?b=sentinel#c", "https://example.com/[redacted]"),
            ("rtsp://sentinel:sentinel@camera:554/a", "rtsp://camera:554/[redacted]"),
            ("rtsp://u:sen@tinel@camera", "rtsp://camera/[redacted]"),
            // The end of the host is ambiguous.
            ("rtsp://u:sentinel/x@camera/", "[redacted]"),
            ("rtsp://u:sentinel?x@camera/", "[redacted]"),
            ("sen tinel://camera", "[redacted]"),
            ("sentinel@camera", "[redacted]"),
            ("", "[redacted]"),
        ] {
            assert_eq!(format!("{:?}", Address(address)), format!("\"{printed}\""));
        }
    }

    #[test]
    fn secret_is_redacted_in_plain_and_json_form() {
        for secret in ["sentinel", r#"sen"tinel"#, r"sen\tinel", "\"sentinel\"", "sen/tinel", "sen\ntinel", "sęntinel"]
        {
            let json = serde_json::json!({ "errors": format!("no {secret}.") }).to_string();
            for (text, left) in [
                (format!("no {secret}."), format!("no {REDACTED}.")),
                (json.clone(), format!(r#"{{"errors":"no {REDACTED}."}}"#)),
                (json.replace('/', r"\/"), format!(r#"{{"errors":"no {REDACTED}."}}"#)),
            ] {
                assert_eq!(redact(&["", secret], &text), left, "{secret}");
            }
        }
        assert_eq!(redact(&["a", "b"], "a b c"), format!("{REDACTED} {REDACTED} c"));
        assert_eq!(redact(&[""], "text"), "text");
    }

    #[test]
    fn secret_is_redacted_in_truncated_text() {
        for secret in
            ["sentinel", "aaaaaaaa", "abcabcabd", r#"sen"ti\nel"#, "sen/tinel/x", "sęntinelę", "a\u{1}b\u{2}c\u{3}"]
        {
            let json = serde_json::json!({ "errors": format!("no {secret}, no {secret}.") }).to_string();
            for text in [format!("no {secret}, no {secret}."), json.clone(), json.replace('/', r"\/")] {
                for cut in 0..=text.len() {
                    let left = redact(&["other", secret], &String::from_utf8_lossy(&text.as_bytes()[..cut]));
                    for form in forms(secret) {
                        let prefix: String = form.chars().take(MIN_PREFIX).collect();
                        assert!(!left.contains(&prefix), "{text:?} cut at {cut}: {left:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn short_prefix_at_the_end_is_kept() {
        for (secret, text, left) in [
            ("sentinel", "no sen", "no sen"),
            ("sentinel", "no sent", "no [redacted]"),
            ("sentinel", "no sent.", "no sent."),
            ("sen", "no sen", "no [redacted]"),
            ("senate", "senat senat", "senat [redacted]"),
        ] {
            assert_eq!(redact(&[secret], text), left);
        }
        // The longest prefix is redacted.
        assert_eq!(redact(&["tinel-b", "sentinel-a"], "no sentinel"), "no [redacted]");
    }
}
