//! Access to the MoQ relay.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use fishjam_emulator::Emulator;
use serde_json::{Value, json};

use crate::client::{call, http};

fn decode(part: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[tokio::test]
async fn moq_access_contains_a_token() {
    let emulator = Emulator::builder().id("fish").start().await.unwrap();
    for (sent, put, get, lifetime) in [
        (json!({ "publishPath": "a/b" }), json!(["a/b"]), json!([]), 3600),
        (json!({ "subscribePath": "c", "publishPath": null, "ttl": 604_800 }), json!([]), json!(["c"]), 604_800),
        (json!({ "publishPath": "a", "subscribePath": "b", "ttl": 1 }), json!(["a"]), json!(["b"]), 1),
    ] {
        let (status, access) = call(&emulator, "POST", "/moq/access", Some(sent)).await;
        assert_eq!((status, access.as_object().unwrap().len()), (200, 2), "{access}");
        let token = access["token"].as_str().unwrap();
        assert_eq!(access["connection_url"], json!(format!("https://relay.fishjam.io/fish?jwt={token}")));
        let parts: Vec<&str> = token.split('.').collect();
        assert_eq!((parts.len(), decode(parts[0])), (3, json!({ "alg": "HS256", "typ": "JWT" })));
        let claims = decode(parts[1]);
        assert_eq!((&claims["root"], &claims["put"], &claims["get"]), (&json!("fish"), &put, &get));
        let issued = claims["iat"].as_u64().unwrap();
        assert_eq!(claims["exp"].as_u64().unwrap() - issued, lifetime);
        assert!(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() - issued < 60);
    }
}

#[tokio::test]
async fn invalid_moq_access_is_rejected() {
    let emulator = Emulator::start().await.unwrap();
    for (sent, text) in [
        (None, "Expected publishPath or subscribePath"),
        (Some(json!({ "ttl": 60 })), "Expected publishPath or subscribePath"),
        (Some(json!({ "publishPath": "a", "ttl": 0 })), "Expected ttl to be a positive integer, got: 0"),
        (Some(json!({ "publishPath": "a", "ttl": 604_801 })), "Expected ttl to be at most 604800, got: 604801"),
        (Some(json!({ "publishPath": "a", "more": 1 })), "Unexpected field: more"),
    ] {
        assert_eq!(call(&emulator, "POST", "/moq/access", sent).await, (400, json!({ "errors": text })));
    }
    // The management token is checked first.
    let request = http().post(format!("{}/moq/access", emulator.url())).bearer_auth("wrong");
    assert_eq!(request.send().await.unwrap().status(), 401);
}
