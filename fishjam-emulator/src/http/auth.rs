//! Who may ask: the management token in the `Authorization` header.

use axum::http::{HeaderMap, header::AUTHORIZATION};

use crate::refusal::Refusal;

/// What a request's `Authorization` header was worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Authorization {
    /// There was none, or not one that starts with `Bearer `.
    Missing,
    /// There was a bearer token, but not the management token.
    Invalid,
    /// It was the management token.
    Valid,
}

impl Authorization {
    /// The service's rule: exactly `Bearer `, then exactly the token; several headers count as one joined value.
    pub(crate) fn of(headers: &HeaderMap, token: &str) -> Self {
        match bearer(headers) {
            None => Authorization::Missing,
            Some(given) if given == token => Authorization::Valid,
            Some(_) => Authorization::Invalid,
        }
    }

    pub(crate) fn require(self) -> Result<(), Refusal> {
        match self {
            Authorization::Valid => Ok(()),
            Authorization::Missing => Err(Refusal::missing_token()),
            Authorization::Invalid => Err(Refusal::invalid_token()),
        }
    }
}

/// The bearer token of a request, whatever it is worth.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<String> {
    let values: Vec<_> =
        headers.get_all(AUTHORIZATION).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
    values.join(", ").trim().strip_prefix("Bearer ").map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn headers() {
        for (values, expected) in [
            (&[][..], Authorization::Missing),
            (&["Bearer secret"], Authorization::Valid),
            (&["Bearer secret "], Authorization::Valid),
            (&["Bearer SECRET"], Authorization::Invalid),
            (&["Bearer  secret"], Authorization::Invalid),
            (&["bearer secret"], Authorization::Missing),
            (&["Bearer "], Authorization::Missing),
            (&[""], Authorization::Missing),
            (&["Basic secret"], Authorization::Missing),
            (&["Bearer secret", "Bearer wrong"], Authorization::Invalid),
        ] {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(AUTHORIZATION, HeaderValue::from_static(value));
            }
            assert_eq!(Authorization::of(&headers, "secret"), expected, "{values:?}");
        }
    }
}
