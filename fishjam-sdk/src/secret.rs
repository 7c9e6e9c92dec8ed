//! Secrets: held so that printing one by accident prints nothing.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// What stands in a secret's place wherever it would be printed.
pub(crate) const REDACTED: &str = "[redacted]";

/// Foreign text without these secrets, should somebody repeat them, as they are or as JSON writes them.
pub(crate) fn redact(secrets: &[&str], text: &str) -> String {
    secrets.iter().filter(|secret| !secret.is_empty()).fold(text.to_owned(), |text, secret| {
        let escaped = escaped(secret);
        // The escaped forms first: they may contain the plain one, and would be left in pieces.
        let mut forms = vec![escaped.replace('/', "\\/"), escaped, (*secret).to_owned()];
        forms.dedup();
        forms.iter().fold(text, |text, form| text.replace(form, REDACTED))
    })
}

/// What stands between the quotes of a JSON string with this text.
fn escaped(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text).to_owned()
}

macro_rules! secrets {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        ///
        /// `Debug` and `Display` print `[redacted]`; [`expose`](Self::expose) is the one way to the text.
        #[derive(Clone)]
        pub struct $name(SecretString);

        impl $name {
            /// The secret itself, to be handed on and never logged.
            #[must_use]
            pub fn expose(&self) -> &str {
                self.0.expose_secret()
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
    /// The management token of a Fishjam: the backend's key to everything. Valid until it is made anew.
    ManagementToken;
    /// Lets one peer (a browser, a phone, an agent) into its room. Valid for 24 hours, as the service documents.
    PeerToken;
    /// Lets one viewer watch a livestream.
    ViewerToken;
    /// Lets one streamer publish a livestream.
    StreamerToken;
    /// Lets its holder use the Media over QUIC relay, on the paths and as long as was asked for.
    MoqToken;
    /// The address of the Media over QUIC relay with a token in its query, so as secret as the token.
    MoqConnectionUrl;
    /// An application's key to the VAPI voice service.
    VapiApiKey;
    /// Signs the bodies of webhooks: whoever knows it can send notifications in the service's name.
    WebhookSecret;
}

#[cfg(feature = "jellyfish")]
secrets! {
    /// The API token that a Jellyfish was started with: the backend's key to everything.
    ServerApiToken;
    /// The secret half of an access key to an S3 storage.
    S3SecretAccessKey;
    /// The password of a user of a SIP registrar.
    SipPassword;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_prints_as_redacted_in_every_form() {
        let token = PeerToken::from("sentinel");
        for printed in [format!("{token}"), format!("{token:?}"), format!("{:#?}", Some(&token))] {
            assert!(printed.contains(REDACTED) && !printed.contains("sentinel"), "{printed}");
        }
        assert_eq!(token.expose(), "sentinel");
    }

    #[test]
    fn a_secret_is_redacted_as_it_is_and_as_json_writes_it() {
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
}
