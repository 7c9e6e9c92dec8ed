//! The messages on sockets and to webhooks, which equal those of a real Jellyfish 0.5.0 server.
//!
//! 59 cases were observed. `inferred.txt` holds more cases, which follow from the server's source.
//!
//! `transcripts/*.txt` hold one case per paragraph and one step per line, in this notation:
//!
//! | line | meaning |
//! |---|---|
//! | `NAME opens [PATH] [from ORIGIN] [=> STATUS JSON]` | opens a server socket or a peer socket; the name selects the kind |
//! | `NAME > WHAT` and `NAME < WHAT` | the client or the emulator sends a message |
//! | `METHOD PATH [JSON] => STATUS [JSON]` | a request with the token, and its response |
//! | `hook < POST PATH MESSAGE` | a webhook arrives |
//! | `N s pass` | time passes |
//! | `given ...` | unusual settings of the server |
//! | `gone PATH` | the server's resources do not contain this file |
//!
//! A message is its name with its fields in parentheses, `peer_added(1="<room1>" 2="<peer1>")`. Fields are numbers,
//! strings or messages, and the test compares every byte. `<room1>` is the id or token that was first seen in this
//! place, and that has no other name. At the end of a case, the test pings every open socket, which must not receive
//! other messages, except requested reports of metrics.
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
        let mut scenario = SocketScenario::start(case, &transcripts).await;
        for line in &case.lines {
            if let Err(why) = scenario.run(line).await {
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
