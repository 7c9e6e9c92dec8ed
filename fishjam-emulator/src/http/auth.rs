//! The authorization of requests: the management token in the `Authorization` header.

use axum::http::{HeaderMap, header::AUTHORIZATION};

use crate::refusal::Refusal;

/// The result of checking a request's `Authorization` header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Authorization {
    /// The header is missing or does not start with `Bearer `.
    Missing,
    /// The header contains a token that differs from the management token.
    Invalid,
    /// The header contains the management token.
    Valid,
}

impl Authorization {
    /// Checks the headers by the service's rule: exactly `Bearer `, then exactly the token.
    ///
    /// Several headers count as one joined value.
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

/// Returns the bearer token of a request, valid or not.
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
    fn only_the_exact_bearer_token_is_valid() {
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
