//! What a real Jellyfish 0.5.0 said on its sockets and to webhooks, said to the emulator: it answers alike, in all of
//! the 59 cases that were observed. `inferred.txt` holds more, which follow from the server's source.
//!
//! `transcripts/*.txt` hold one case per paragraph, in a notation of their own, one step per line:
//!
//! | line | meaning |
//! |---|---|
//! | `NAME opens [PATH] [from ORIGIN] [=> STATUS JSON]` | opens a socket, a server's or a peer's by its name |
//! | `NAME > WHAT` and `NAME < WHAT` | the client says something, the emulator does |
//! | `METHOD PATH [JSON] => STATUS [JSON]` | a request with the token, and its answer |
//! | `hook < POST PATH MESSAGE` | a webhook arrives |
//! | `N s pass` | time passes |
//! | `given ...` | how the server is set up, if not as usual |
//! | `gone PATH` | there is no such file among the server's resources |
//!
//! A message is its name with its fields in parentheses, `peer_added(1="<room1>" 2="<peer1>")`: numbers, strings or
//! messages; everything is compared byte by byte. `<room1>` is what stood in this place when it was first seen: an id or
//! a token, and none that has another name already. At the end of a case every open socket is pinged: nothing else may
//! have come, but reports of metrics where they were asked for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../emulator/clock.rs"]
#[allow(dead_code, unreachable_pub, reason = "it is a module of `fishjam-tests`, too")]
mod clock;
#[path = "../jellyfish_rest/made_up.rs"]
mod made_up;
mod message;
mod scenario;
mod transcript;

use scenario::SocketScenario;
use transcript::Transcripts;

/// All cases of a file; their number guards against a file that is read only in part.
async fn replay(name: &str, text: &str, expected: usize) {
    let transcripts = Transcripts::parse(&[include_str!("transcripts/shared.txt"), text]);
    assert_eq!(transcripts.cases.len(), expected);
    let mut failures = Vec::new();
    for case in &transcripts.cases {
        let mut scenario = SocketScenario::set(case, &transcripts).await;
        for line in &case.lines {
            if let Err(why) = scenario.play(line).await {
                failures.push(format!("{name}: {}\n    {line}\n    {why}", case.name));
                break;
            }
        }
        if let Err(why) = scenario.end().await {
            failures.push(format!("{name}: {}\n    at the end: {why}", case.name));
        }
    }
    assert!(failures.is_empty(), "{} of {expected} cases:\n{}", failures.len(), failures.join("\n"));
}

#[tokio::test]
async fn server_socket_transcripts_match() {
    replay("server.txt", include_str!("transcripts/server.txt"), 27).await;
}

#[tokio::test]
async fn notification_transcripts_match() {
    replay("notifications.txt", include_str!("transcripts/notifications.txt"), 11).await;
}

#[tokio::test]
async fn peer_socket_transcripts_match() {
    replay("peers.txt", include_str!("transcripts/peers.txt"), 18).await;
}

#[tokio::test]
async fn inferred_transcripts_match() {
    replay("inferred.txt", include_str!("transcripts/inferred.txt"), 17).await;
}

#[tokio::test]
async fn webhook_transcripts_match() {
    replay("webhooks.txt", include_str!("transcripts/webhooks.txt"), 3).await;
}
