//! The requests of the generated clients: their URLs, and errors that repeat no input.

#![allow(clippy::unwrap_used, reason = "a helper of tests may panic")]

use fishjam_api::{ApiClient, PathSegment, RequestError, RequestResult, fishjam::Client};
use reqwest::Url;

fn client(server: &str) -> Result<Client, impl std::error::Error> {
    Url::parse(server).map(|server| Client::at(&server, reqwest::Client::new()))
}

fn segment(id: &str) -> PathSegment<'_> {
    PathSegment::new(id).unwrap()
}

#[test]
fn path_is_appended_and_id_stays_one_segment() {
    for (server, prefix) in [
        ("https://h", "https://h"),
        ("https://h/", "https://h"),
        ("https://fishjam.io/api/v1/connect/id", "https://fishjam.io/api/v1/connect/id"),
        ("https://h/a%20b/", "https://h/a%20b"),
        ("http://[::1]:9/p", "http://[::1]:9/p"),
        ("http://h//x", "http://h//x"),
    ] {
        for (id, encoded) in [
            ("room-1", "room-1"),
            ("%2e%2e", "%252e%252e"),
            ("a?b#c&d", "a%3Fb%23c%26d"),
            ("a:c^|[d]", "a%3Ac%5E%7C%5Bd%5D"),
            ("~_.-", "~_.-"),
            ("...", "..."),
            ("ä", "%C3%A4"),
        ] {
            let request = client(server).unwrap().get_room(segment(id)).unwrap().into_request();
            let expected = format!("{prefix}/room/{encoded}");
            assert_eq!(request.url().as_str(), expected);
            // A server parses the same URL.
            assert_eq!(*request.url(), Url::parse(&expected).unwrap());
            assert!(request.headers().is_empty(), "{:?}", request.headers());
        }
    }
}

#[test]
fn query_has_the_given_values_encoded() {
    let client = client("https://h").unwrap();
    let query = |request: RequestResult<()>| request.unwrap().into_request().url().query().map(str::to_owned);
    let subscribe = |target| query(client.subscribe_peer(segment("r"), segment("p"), target));
    assert_eq!(subscribe(None), None);
    assert_eq!(subscribe(Some("")).as_deref(), Some("peer_id="));
    assert_eq!(subscribe(Some("a b&c=ż%")).as_deref(), Some("peer_id=a+b%26c%3D%C5%BC%25"));
    let status = fishjam_api::fishjam::enums::RecordingStatus::from_server("new one");
    let request = client.list_recordings(Some(&status)).unwrap();
    assert_eq!(request.into_request().url().as_str(), "https://h/recordings?status=new+one");
}

#[test]
fn requests_and_errors_do_not_print_the_url() {
    let request = client("https://sentinel.example").unwrap().get_room(segment("sentinel")).unwrap();
    assert!(!format!("{request:?} {:?}", segment("sentinel")).contains("sentinel"));
    let error = reqwest::Client::new().get("https://sentinel.example:bad/").build().unwrap_err();
    let error = RequestError::from(error);
    assert!(!format!("{error} {error:?}").contains("sentinel"), "{error:?}");
    let nowhere = reqwest::Client::new().get("data:text/plain,sentinel").build().unwrap_err();
    let error = RequestError::from(nowhere);
    assert!(!format!("{error} {error:?}").contains("sentinel"), "{error:?}");
}

// Defect X15 of the official SDKs.
#[test]
fn path_segment_rejects_other_paths() {
    for (text, problem) in [
        ("", "it is empty"),
        (".", "it is a relative path"),
        ("..", "it is a relative path"),
        ("a/b", "slash at byte 1"),
        ("../peer", "slash at byte 2"),
        ("a\\b", "backslash at byte 1"),
        ("a\nb", "control character at byte 1"),
        ("ü\u{0}", "control character at byte 2"),
    ] {
        assert_eq!(PathSegment::new(text).unwrap_err(), problem, "{text:?}");
    }
    for text in ["a", "...", "a b", "ü", "a%2Fb", "a?b", "6a9f-4d-00"] {
        assert_eq!(PathSegment::new(text).unwrap().as_str(), text);
    }
}

#[test]
fn free_text_is_one_encoded_segment() {
    for (text, encoded) in [("a/../b", "a%2F..%2Fb"), ("\\", "%5C"), ("a b", "a%20b"), ("plain", "plain")] {
        assert_eq!(PathSegment::of_free_text(text).unwrap().to_string(), encoded);
    }
    for text in ["", ".", "..", "a\0"] {
        assert_eq!(PathSegment::of_free_text(text).unwrap_err(), PathSegment::new(text).unwrap_err(), "{text:?}");
    }
}
