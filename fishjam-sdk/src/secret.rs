//! Secrets: held so that printing one by accident prints nothing.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// What stands in a secret's place wherever it would be printed.
pub(crate) const REDACTED: &str = "[redacted]";

/// The shortest beginning of a secret that counts as a part of it, in characters.
///
/// Three characters of a token do not help to guess the others. A text that ends with the first four by chance is rare.
const MIN_PREFIX: usize = 4;

/// Foreign text without these secrets, as they are or as JSON writes them.
///
/// The text may have been cut: the beginning of a secret at its end is redacted as well.
pub(crate) fn redact(secrets: &[&str], text: &str) -> String {
    let forms: Vec<String> =
        secrets.iter().filter(|secret| !secret.is_empty()).flat_map(|secret| forms(secret)).collect();
    let text = forms.iter().fold(text.to_owned(), |text, form| text.replace(form, REDACTED));
    // A character that was cut in half has become a replacement character.
    let end = text.trim_end_matches(char::REPLACEMENT_CHARACTER);
    match forms.iter().filter_map(|form| cut_start(end, form)).min() {
        Some(start) => format!("{}{REDACTED}", end.get(..start).unwrap_or_default()),
        None => text,
    }
}

/// Returns the forms in which a server may repeat a secret. The escaped forms come first: they may contain the plain one, and would
/// be left in pieces.
fn forms(secret: &str) -> Vec<String> {
    let escaped = escaped(secret);
    let mut forms = vec![escaped.replace('/', "\\/"), escaped, secret.to_owned()];
    forms.dedup();
    forms
}

/// Finds the start of the longest beginning of `form` that `text` ends with.
fn cut_start(text: &str, form: &str) -> Option<usize> {
    let prefixes = (0..form.len()).rev().filter_map(|end| form.get(..end));
    let mut prefixes = prefixes.take_while(|prefix| prefix.chars().nth(MIN_PREFIX - 1).is_some());
    prefixes.find_map(|prefix| text.strip_suffix(prefix)).map(str::len)
}

/// What stands between the quotes of a JSON string with this text.
fn escaped(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text).to_owned()
}

/// An address of which only scheme and host are printed: everything else in it may be a secret.
pub(crate) struct Address<'a>(pub(crate) &'a str);

impl Address<'_> {
    /// Its scheme and its host with the port, unless it cannot be told where the host ends.
    fn public(&self) -> Option<(&str, &str)> {
        let (scheme, rest) = self.0.split_once("://")?;
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len()));
        // A password may have been written with characters that end the host.
        let is_clear = !path.contains('@') && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        is_clear.then_some((scheme, host))
    }
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
    fn of_an_address_only_scheme_and_host_are_printed() {
        for (address, printed) in [
            ("https://example.com", "https://example.com"),
            ("https://example.com:8443/", "https://example.com:8443/"),
            ("https://example.com/sentinel", "https://example.com/[redacted]"),
            ("https://example.com?sentinel", "https://example.com/[redacted]"),
            ("https://example.com/a?b=sentinel#c", "https://example.com/[redacted]"),
            ("rtsp://sentinel:sentinel@camera:554/a", "rtsp://camera:554/[redacted]"),
            ("rtsp://u:sen@tinel@camera", "rtsp://camera/[redacted]"),
            // Where the host ends is anybody's guess.
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

    #[test]
    fn a_secret_is_redacted_wherever_the_text_is_cut() {
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
    fn text_keeps_an_end_that_is_too_short_to_be_a_secret() {
        for (secret, text, left) in [
            ("sentinel", "no sen", "no sen"),
            ("sentinel", "no sent", "no [redacted]"),
            ("sentinel", "no sent.", "no sent."),
            ("sen", "no sen", "no [redacted]"),
            ("senate", "senat senat", "senat [redacted]"),
        ] {
            assert_eq!(redact(&[secret], text), left);
        }
        // The longest beginning counts.
        assert_eq!(redact(&["tinel-b", "sentinel-a"], "no sentinel"), "no [redacted]");
    }
}
