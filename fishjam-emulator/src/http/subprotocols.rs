//! The subprotocols of the event sockets of compositions. One of them carries the management token.

use axum::http::{HeaderMap, header::SEC_WEBSOCKET_PROTOCOL};

use super::auth::Authorization;

/// The subprotocol that the server selects.
pub(crate) const JSON: &str = "json.fishjam.io";
/// The beginning of the subprotocol with the management token.
const BEARER: &str = "bearer.auth.fishjam.io.";

/// Checks the token among the subprotocols. Only the first token counts.
pub(crate) fn authorization(headers: &HeaderMap, token: &str) -> Authorization {
    let values = headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter().filter_map(|value| value.to_str().ok());
    let given = values.flat_map(|value| value.split(',')).find_map(|one| one.trim().strip_prefix(BEARER));
    match given {
        None => Authorization::Missing,
        Some(given) if given == token => Authorization::Valid,
        Some(_) => Authorization::Invalid,
    }
}

/// Returns a header value in which every token is replaced by `***`.
pub(crate) fn without_token(value: &str) -> String {
    let visible = |one: &str| {
        let one = one.trim();
        // A token with changed upper and lower case is still a secret.
        let is_token = one.get(..BEARER.len()).is_some_and(|start| start.eq_ignore_ascii_case(BEARER));
        if is_token { format!("{BEARER}***") } else { one.to_owned() }
    };
    value.split(',').map(visible).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn token_is_found_among_the_subprotocols() {
        for (values, expected) in [
            (&[][..], Authorization::Missing),
            (&["json.fishjam.io"], Authorization::Missing),
            (&["json.fishjam.io, bearer.auth.fishjam.io.secret"], Authorization::Valid),
            (&["bearer.auth.fishjam.io.secret,json.fishjam.io"], Authorization::Valid),
            (&["json.fishjam.io", "bearer.auth.fishjam.io.secret"], Authorization::Valid),
            (&["json.fishjam.io, bearer.auth.fishjam.io.SECRET"], Authorization::Invalid),
            (&["bearer.auth.fishjam.io.wrong, bearer.auth.fishjam.io.secret"], Authorization::Invalid),
            (&["bearer.auth.fishjam.io."], Authorization::Invalid),
            (&["bearer.auth.fishjam.io"], Authorization::Missing),
            (&["secret"], Authorization::Missing),
        ] {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(value));
            }
            assert_eq!(authorization(&headers, "secret"), expected, "{values:?}");
        }
    }

    #[test]
    fn visible_value_contains_no_token() {
        for (value, visible) in [
            ("json.fishjam.io, bearer.auth.fishjam.io.secret", "json.fishjam.io, bearer.auth.fishjam.io.***"),
            (
                "bearer.auth.fishjam.io.a,bearer.auth.fishjam.io.b,x",
                "bearer.auth.fishjam.io.***, bearer.auth.fishjam.io.***, x",
            ),
            ("Bearer.Auth.Fishjam.IO.secret", "bearer.auth.fishjam.io.***"),
            ("json.fishjam.io", "json.fishjam.io"),
            ("żżżżżżżżżżżż", "żżżżżżżżżżżż"),
            ("", ""),
        ] {
            assert_eq!(without_token(value), visible);
        }
    }
}
