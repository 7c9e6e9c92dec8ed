//! Requests to the emulator, whose responses equal those of a real Jellyfish 0.5.0 server.
//!
//! `cases/*.txt` hold one case per paragraph, in this notation:
//!
//! | line | meaning |
//! |---|---|
//! | `= NAME` | starts a case with its own server |
//! | `server s3`, `server switched-off` | the server has S3 credentials in its environment; peers and components are disabled, and the address differs |
//! | `file PATH text "..."`, `... hex ...` | a file in the resources folder |
//! | `> METHOD PATH` | starts a request with the token and JSON headers |
//! | `NAME: VALUE` | a header that replaces the usual one; `-` removes it |
//! | `json ...`, `text "..."`, `hex ...`, `length N` | a body |
//! | `< STATUS [bare]` | starts the response; a bare response lacks the usual headers |
//!
//! Names such as `$room1` stand for generated values, the same value in all places. Responses contain rooms, peers and
//! components with their id under their type, and without members that have the usual value.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod case;
mod contract;
mod http;
mod lifecycle;
mod made_up;
mod pattern;
#[cfg(feature = "cli")]
mod program;
mod server;
mod streams;

use case::{Case, Request};
use http::Response;
use pattern::Bindings;

/// The intended deviations of the emulator: the name of the case and the reason.
///
/// The list is empty. The emulator also ends a room for the inputs that end it in the real server.
const DEVIATIONS: &[(&str, &str)] = &[];

#[tokio::test]
async fn room_cases_match() {
    replay(include_str!("cases/rooms.txt"), 64).await;
}

#[tokio::test]
async fn peer_cases_match() {
    replay(include_str!("cases/peers.txt"), 19).await;
}

#[tokio::test]
async fn component_cases_match() {
    replay(include_str!("cases/components.txt"), 63).await;
}

#[tokio::test]
async fn component_operation_cases_match() {
    replay(include_str!("cases/operations.txt"), 23).await;
}

#[tokio::test]
async fn file_cases_match() {
    replay(include_str!("cases/files.txt"), 27).await;
}

#[tokio::test]
async fn request_cases_match() {
    replay(include_str!("cases/requests.txt"), 36).await;
}

/// These cases come from documentation and notes, because no request was recorded.
#[tokio::test]
async fn documented_cases_match() {
    replay(include_str!("cases/documented.txt"), 18).await;
}

#[test]
fn every_deviation_belongs_to_a_case() {
    let all = [
        include_str!("cases/rooms.txt"),
        include_str!("cases/peers.txt"),
        include_str!("cases/components.txt"),
        include_str!("cases/operations.txt"),
        include_str!("cases/files.txt"),
        include_str!("cases/requests.txt"),
    ];
    let names: Vec<_> = all.into_iter().flat_map(case::parse).map(|case| case.name).collect();
    for (name, reason) in DEVIATIONS {
        assert!(names.iter().any(|other| other == name), "there is no case {name}");
        assert!(!reason.is_empty(), "{name} deviates without a reason");
    }
}

/// Replays the cases of a file; their number guards against a file that is read only in part.
async fn replay(file: &str, count: usize) {
    let cases = case::parse(file);
    assert_eq!(cases.len(), count);
    let mut wrong = Vec::new();
    for case in cases {
        let deviates = DEVIATIONS.iter().any(|(name, _)| *name == case.name);
        match (answers_alike(&case).await, deviates) {
            (Ok(()), false) | (Err(_), true) => {}
            (Ok(()), true) => wrong.push(format!("{} deviates no longer", case.name)),
            (Err(difference), false) => wrong.push(format!("{}: {difference}", case.name)),
        }
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

async fn answers_alike(case: &Case) -> Result<(), String> {
    let jellyfish = server::start(&case.server).await;
    for (path, content) in &case.files {
        assert!(jellyfish.put_resource(path, content.clone()), "{path}");
    }
    let mut bindings = Bindings::default();
    bindings.bind("address", case.server.address().unwrap_or(jellyfish.address()));
    for (request, expected) in &case.exchanges {
        let sent =
            Request { path: bindings.fill(&request.path), body: request.body.filled(&bindings), ..request.clone() };
        let answer = http::exchange(jellyfish.address(), jellyfish.token(), &sent).await;
        compare(&answer, expected, &mut bindings).map_err(|difference| {
            let body = String::from_utf8_lossy(&answer.body).into_owned();
            format!("{} {}: {difference} ({} {body})", sent.method, sent.path, answer.status)
        })?;
    }
    Ok(())
}

const USUAL: &[(&str, &str)] = &[
    ("access-control-allow-credentials", "true"),
    ("access-control-allow-origin", "*"),
    ("access-control-expose-headers", ""),
    ("x-request-id", "*"),
];

/// The headers of all responses, including bare ones.
const EVERYWHERE: &[(&str, &str)] = &[("cache-control", "max-age=0, private, must-revalidate"), ("server", "Cowboy")];

/// Headers that the recorded responses do not contain or that belong to one connection.
const IGNORED_HEADERS: &[&str] = &["date", "content-length", "connection"];

fn compare(answer: &Response, expected: &case::Response, bindings: &mut Bindings) -> Result<(), String> {
    if answer.status != expected.status {
        return Err(format!("status {} is expected", expected.status));
    }
    let is_json = matches!(expected.body, case::Body::Json(_));
    let content_type = expected.header("content-type").or(is_json.then_some("application/json; charset=utf-8"));
    if answer.header("content-type") != content_type {
        return Err(format!("content-type {:?}, expected {content_type:?}", answer.header("content-type")));
    }
    let explicit = expected.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let explicit = explicit.filter(|(name, _)| *name != "content-type");
    let usual = USUAL.iter().copied().filter(|_| !expected.bare);
    let mut wanted: Vec<_> = explicit.chain(usual).chain(EVERYWHERE.iter().copied()).collect();
    wanted.extend(content_type.map(|value| ("content-type", value)));
    wanted.sort_unstable();
    let got = answer.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let mut got: Vec<_> = got.filter(|(name, _)| !IGNORED_HEADERS.contains(name)).collect();
    // The server generates this value.
    for (_, value) in got.iter_mut().filter(|(name, value)| *name == "x-request-id" && !value.is_empty()) {
        *value = "*";
    }
    got.sort_unstable();
    if got != wanted {
        return Err(format!("the headers are {got:?}, expected {wanted:?}"));
    }
    match &expected.body {
        case::Body::Json(wanted) => {
            let got = serde_json::from_slice(&answer.body).map_err(|_| "the body is no JSON".to_owned())?;
            bindings.compare(&pattern::expand(wanted.clone()), &got)
        }
        case::Body::Bytes(wanted) if *wanted != answer.body => Err("another body is expected".to_owned()),
        case::Body::Bytes(_) => Ok(()),
    }
}
