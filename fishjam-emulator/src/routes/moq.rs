//! Access to the MoQ relay.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{ApiRequest, Route};
use crate::{
    http::{
        body::{self, Members},
        response::HttpResponse,
    },
    refusal::Refusal,
    service::Service,
};

pub(super) const ROUTES: &[Route] = &[Route::managed("create_moq_access", "POST", &["moq", "access"], create_access)];

const DEFAULT_TTL: u64 = 3600;
const LONGEST_TTL: u64 = 604_800;

/// Creates access to the relay. The response has status 200 and no envelope.
fn create_access(service: &Service, mut request: ApiRequest) -> Result<HttpResponse, Refusal> {
    let access = access(request.members()?)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let claims = json!({
        "root": service.id,
        "put": Vec::from_iter(access.publish),
        "get": Vec::from_iter(access.subscribe),
        "iat": now,
        "exp": now + access.ttl,
    });
    let token = jwt(&claims, service.core.token.as_bytes())?;
    let connection_url = format!("https://relay.fishjam.io/{}?jwt={token}", service.id);
    Ok(HttpResponse::json(200, &json!({ "connection_url": connection_url, "token": token })))
}

#[derive(Debug, PartialEq)]
struct Access {
    publish: Option<String>,
    subscribe: Option<String>,
    ttl: u64,
}

/// Reads a `MoqAccessConfig`.
fn access(mut members: Members) -> Result<Access, Refusal> {
    let mut path = |name: &str| match members.take_nullable(name) {
        None => Ok(None),
        Some(Value::String(path)) => Ok(Some(path)),
        Some(other) => Err(body::unexpected(name, "a string", &other)),
    };
    let (publish, subscribe) = (path("publishPath")?, path("subscribePath")?);
    let ttl = match members.take_nullable("ttl") {
        None => DEFAULT_TTL,
        Some(value) => match body::whole_number(&value) {
            Some(ttl @ 1..=LONGEST_TTL) => ttl,
            Some(1..) => return Err(body::unexpected("ttl", &format!("at most {LONGEST_TTL}"), &value)),
            _ => return Err(body::unexpected("ttl", "a positive integer", &value)),
        },
    };
    members.finish()?;
    if publish.is_none() && subscribe.is_none() {
        return Err(Refusal::bad_request("Expected publishPath or subscribePath"));
    }
    Ok(Access { publish, subscribe, ttl })
}

/// Creates a JSON Web Token that is signed with HS256.
fn jwt(claims: &Value, key: &[u8]) -> Result<String, Refusal> {
    let encode = |part: &str| URL_SAFE_NO_PAD.encode(part);
    let signed = format!("{}.{}", encode(r#"{"alg":"HS256","typ":"JWT"}"#), encode(&claims.to_string()));
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(|_| Refusal::crash())?;
    mac.update(signed.as_bytes());
    Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moq_access_config_is_checked() {
        let both = |publish: Option<&str>, subscribe: Option<&str>, ttl| {
            Ok(Access { publish: publish.map(str::to_owned), subscribe: subscribe.map(str::to_owned), ttl })
        };
        let refused = |text: &str| Err(Refusal::bad_request(text));
        for (sent, expected) in [
            (json!({ "publishPath": "a" }), both(Some("a"), None, 3600)),
            (json!({ "publishPath": null, "subscribePath": "b", "ttl": null }), both(None, Some("b"), 3600)),
            (json!({ "publishPath": "a", "subscribePath": "b", "ttl": 604_800 }), both(Some("a"), Some("b"), 604_800)),
            (json!({ "publishPath": "a", "ttl": "60" }), both(Some("a"), None, 60)),
            (json!({}), refused("Expected publishPath or subscribePath")),
            (json!({ "publishPath": null }), refused("Expected publishPath or subscribePath")),
            (json!({ "publishPath": 1 }), refused("Expected publishPath to be a string, got: 1")),
            (json!({ "publishPath": "a", "ttl": 0 }), refused("Expected ttl to be a positive integer, got: 0")),
            (json!({ "publishPath": "a", "ttl": -1 }), refused("Expected ttl to be a positive integer, got: -1")),
            (json!({ "publishPath": "a", "ttl": 1.5 }), refused("Expected ttl to be a positive integer, got: 1.5")),
            (json!({ "publishPath": "a", "ttl": 604_801 }), refused("Expected ttl to be at most 604800, got: 604801")),
            (json!({ "publishPath": "a", "path": "b" }), refused("Unexpected field: path")),
        ] {
            assert_eq!(access(Members::of(sent.clone()).unwrap()), expected, "{sent}");
        }
    }

    /// The expected token was created with Python's `hmac` and `base64`.
    #[test]
    fn jwt_equals_a_known_token() {
        let token = jwt(&json!({ "get": [], "iat": 1 }), b"secret").unwrap();
        assert_eq!(
            token,
            concat!(
                "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.",
                "eyJnZXQiOltdLCJpYXQiOjF9.",
                "sZh7IQ1mQmeQGEkeBbyR2RKsYX_-cnpxvwvbuhrv0uM",
            )
        );
    }
}
