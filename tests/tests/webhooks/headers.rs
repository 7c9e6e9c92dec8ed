//! The receiver finds the signature in the header types of different frameworks.

use std::collections::{BTreeMap, HashMap};

use fishjam_sdk::{
    ErrorKind,
    webhook::{SIGNATURE_HEADER, WebhookHeaders, WebhookReceiver, sign_webhook},
};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::{SECRET, body, created, signed};

#[test]
fn every_form_of_headers_is_accepted() -> anyhow::Result<()> {
    let receiver = WebhookReceiver::new([SECRET])?;
    let body = body(created("r"));
    let right = sign_webhook(&body, SECRET);
    let accepts = |headers: &dyn WebhookHeaders| receiver.receive(headers, &body).is_ok();

    for name in [SIGNATURE_HEADER, "X-Fishjam-Signature-256", "X-FISHJAM-SIGNATURE-256"] {
        let pairs = [("Host", "me"), (name, &*right), ("Accept", "*/*")];
        assert!(accepts(&pairs), "{name}");
        assert!(receiver.receive(&pairs[..], &body).is_ok(), "{name}");
        assert!(accepts(&Vec::from(pairs)), "{name}");
        assert!(accepts(&HashMap::from(pairs)), "{name}");
        assert!(accepts(&BTreeMap::from(pairs)), "{name}");
        assert!(accepts(&HashMap::from([(name.to_owned(), right.clone())])), "{name}");
        assert!(accepts(&vec![(name.to_owned(), right.clone().into_bytes())]), "{name}");
        let value = HeaderValue::try_from(&right)?;
        assert!(accepts(&[(HeaderName::try_from(name)?, value.clone())]), "{name}");
        assert!(accepts(&HeaderMap::from_iter([(HeaderName::try_from(name)?, value)])), "{name}");
    }
    Ok(())
}

#[test]
fn another_frameworks_headers_can_implement_the_trait() -> anyhow::Result<()> {
    struct HeaderLines(String);

    impl WebhookHeaders for HeaderLines {
        fn values_of(&self, name: &str) -> Vec<&[u8]> {
            let lines = self.0.lines().filter_map(|line| line.split_once(": "));
            lines.filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_bytes()).collect()
        }
    }

    let body = body(created("r"));
    let headers = HeaderLines(format!("Host: me\r\nX-Fishjam-Signature-256: {}\r\n", sign_webhook(&body, SECRET)));
    assert_eq!(WebhookReceiver::new([SECRET])?.receive(&headers, &body)?.len(), 1);
    Ok(())
}

#[test]
fn request_must_have_exactly_one_signature() -> anyhow::Result<()> {
    let receiver = WebhookReceiver::new([SECRET])?;
    let body = body(created("r"));
    let [right] = signed(&body);
    let wrong = (SIGNATURE_HEADER, "sha256=00".to_owned());
    let upper = ("X-Fishjam-Signature-256", right.1.clone());

    assert!(receiver.receive(&signed(&body), &body).is_ok());
    for headers in [
        vec![],
        vec![("x-fishjam-signature", right.1.clone())],
        vec![right.clone(), wrong.clone()],
        vec![wrong, right.clone()],
        vec![right.clone(), right.clone()],
        vec![right, upper],
    ] {
        let error = receiver.receive(&headers, &body).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unauthorized, "{headers:?}");
    }

    let mut headers = HeaderMap::new();
    headers.append(SIGNATURE_HEADER, HeaderValue::try_from(sign_webhook(&body, SECRET))?);
    assert!(receiver.receive(&headers, &body).is_ok());
    headers.append(SIGNATURE_HEADER, HeaderValue::from_bytes(b"\xff")?);
    assert_eq!(receiver.receive(&headers, &body).unwrap_err().kind(), ErrorKind::Unauthorized);
    Ok(())
}
