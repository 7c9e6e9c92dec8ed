//! What the generated clients build: addresses below any server's, and errors that repeat nothing.

use fishjam_api::{Generated, fishjam::Client};
use reqwest::Url;

fn client(server: &str) -> Result<Client, impl std::error::Error> {
    Url::parse(server).map(|server| Client::at(&server, reqwest::Client::new()))
}

#[test]
fn a_path_is_appended_to_the_servers_and_an_id_stays_one_segment() {
    for (server, prefix) in [
        ("https://h", "https://h"),
        ("https://h/", "https://h"),
        ("https://fishjam.io/api/v1/connect/id", "https://fishjam.io/api/v1/connect/id"),
        ("https://h/a%20b/", "https://h/a%20b"),
        ("http://[::1]:9/p", "http://[::1]:9/p"),
        ("http://h//x", "http://h//x"),
    ] {
        for (id, segment) in [
            ("room-1", "room-1"),
            ("%2e%2e", "%252e%252e"),
            ("a?b#c/d", "a%3Fb%23c%2Fd"),
            ("a\\b:c^|[d]", "a%5Cb%3Ac%5E%7C%5Bd%5D"),
            ("~_.-", "~_.-"),
            ("...", "..."),
            ("ä", "%C3%A4"),
        ] {
            let request = client(server).unwrap().get_room(id).unwrap().into_request();
            let expected = format!("{prefix}/room/{segment}");
            assert_eq!(request.url().as_str(), expected);
            // What a server makes of it is the same.
            assert_eq!(*request.url(), Url::parse(&expected).unwrap());
            assert!(request.headers().is_empty(), "{:?}", request.headers());
        }
    }
}

#[test]
fn a_query_holds_what_is_given_and_is_encoded() {
    let client = client("https://h").unwrap();
    let query = |call: fishjam_api::Built<()>| call.unwrap().into_request().url().query().map(str::to_owned);
    assert_eq!(query(client.subscribe_peer("r", "p", None)), None);
    assert_eq!(query(client.subscribe_peer("r", "p", Some(""))).as_deref(), Some("peer_id="));
    assert_eq!(
        query(client.subscribe_peer("r", "p", Some("a b&c=ż%"))).as_deref(),
        Some("peer_id=a+b%26c%3D%C5%BC%25")
    );
    let status = fishjam_api::fishjam::enums::RecordingStatus::from("new one");
    let call = client.list_recordings(Some(&status)).unwrap();
    assert_eq!(call.into_request().url().as_str(), "https://h/recordings?status=new+one");
}

#[test]
fn neither_a_call_nor_why_there_is_none_prints_what_is_sent() {
    let call = client("https://sentinel.example").unwrap().get_room("sentinel").unwrap();
    assert!(!format!("{call:?}").contains("sentinel"));
    let error = reqwest::Client::new().get("https://sentinel.example:bad/").build().unwrap_err();
    let unbuilt = fishjam_api::Unbuilt::from(error);
    assert!(!format!("{unbuilt} {unbuilt:?}").contains("sentinel"), "{unbuilt:?}");
    let nowhere = reqwest::Client::new().get("data:text/plain,sentinel").build().unwrap_err();
    let unbuilt = fishjam_api::Unbuilt::from(nowhere);
    assert!(!format!("{unbuilt} {unbuilt:?}").contains("sentinel"), "{unbuilt:?}");
}
