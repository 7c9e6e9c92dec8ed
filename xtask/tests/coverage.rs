//! `cargo xtask coverage` on small workspaces.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;

use tempfile::TempDir;
use xtask::{Outcome, coverage};

const OPENAPI: &str =
    "openapi: 3.0.3\npaths: {/room: {get: {operationId: get_room}, post: {operationId: create_room}}}";
const OPENAPI_COMPOSITION: &str = "openapi: 3.0.3\npaths: {/start: {post: {operationId: start}}}";
const OPENAPI_JELLYFISH: &str = "openapi: 3.0.3\npaths: {/health: {get: {operationId: healthcheck}}}";
const PROTO: &str = "syntax = \"proto3\"; package fishjam; message ServerMessage { string unrelated = 3; \
     oneof content { string room_created = 10; string authenticated = 6; } }";
const PROTO_JELLYFISH: &str = "syntax = \"proto3\"; message ServerMessage { oneof content { string metrics = 1; } }";
const OPERATIONS: &str = "
pub(crate) const GET_ROOM: Operation = Operation::read(\"get_room\").strict();
pub(crate) const CREATE_ROOM: Operation =
    Operation::create(\"create_room\").called_by(\"open_room\");
#[cfg(feature = \"jellyfish\")]
pub(crate) mod jellyfish {
    pub(crate) const HEALTHCHECK: Operation = Operation::read(\"healthcheck\");
}
#[cfg(feature = \"composition\")]
pub(crate) mod composition {
    pub(crate) const START: Operation = Operation::update(\"start\");
}
impl Operation {
    pub(crate) const fn read(id: &'static str) -> Self { Self::new(\"x\") }
}
";
const EVENTS: &str = "
decode_table! {
    /// A room was created.
    10 \"room_created\" => RoomCreated,
    others:
    Content::Authenticated(_) => MessageContent::Handshake,
}
";
const EVENTS_JELLYFISH: &str = "decode_table! {\n    1 \"metrics\" => Metrics(Box<Metrics>),\n}";
const WITHHELD: &str = "[fishjam.notifications]\nauthenticated = \"handshake\"";

/// Runs the check on a complete workspace in which some strings are replaced.
fn check(replaced: &[(&str, &str)]) -> anyhow::Result<(Outcome, String)> {
    let workspace = TempDir::new().unwrap();
    for (path, text) in [
        ("openapi.yaml", OPENAPI),
        ("openapi-composition.yaml", OPENAPI_COMPOSITION),
        ("openapi-jellyfish.yaml", OPENAPI_JELLYFISH),
        ("proto/proto/fishjam/server_notifications.proto", PROTO),
        ("proto/proto/jellyfish/server_notifications.proto", PROTO_JELLYFISH),
        ("fishjam-sdk/src/transport/operations.rs", OPERATIONS),
        ("fishjam-sdk/src/events/mod.rs", EVENTS),
        ("fishjam-sdk/src/jellyfish/events/mod.rs", EVENTS_JELLYFISH),
        ("coverage-withheld.toml", WITHHELD),
    ] {
        let path = workspace.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, replaced.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))).unwrap();
    }
    let mut out = Vec::new();
    let outcome = coverage::run(workspace.path(), &mut out)?;
    Ok((outcome, String::from_utf8(out).unwrap()))
}

#[test]
fn complete_facade_has_no_findings() {
    let summary = "Fishjam: 2 operations, 1 notifications\nComposition: 1 operations\n\
         Jellyfish: 1 operations, 1 notifications\n";
    assert_eq!(check(&[]).unwrap(), (Outcome::Clean, summary.to_owned()));
}

#[test]
fn each_difference_is_a_finding() {
    let events = "add it to events/mod.rs or to coverage-withheld.toml";
    let operations = "add it to transport/operations.rs or to coverage-withheld.toml";
    for (from, to, problem) in [
        ("pub(crate) const CREATE", "// const CREATE", format!("Fishjam: operation create_room: {operations}")),
        ("mod composition {", "mod other {", format!("Composition: operation start: {operations}")),
        (
            "operationId: start",
            "operationId: begin",
            "Composition: operation start: transport/operations.rs has it, but the contract does not".to_owned(),
        ),
        ("mod jellyfish {", "mod other {", format!("Jellyfish: operation healthcheck: {operations}")),
        (
            "operationId: get_room",
            "summary: x",
            "Fishjam: operation get_room: transport/operations.rs has it, but the contract does not".to_owned(),
        ),
        ("10 \"room_created\"", "// 10 \"room_created\"", format!("Fishjam: notification room_created: {events}")),
        (
            "    1 \"metrics\"",
            "    2 \"metrics\"",
            "Jellyfish: notification metrics: jellyfish/events/mod.rs has the number 2, but the contract has 1"
                .to_owned(),
        ),
        ("authenticated = \"handshake\"", "", format!("Fishjam: notification authenticated: {events}")),
        (
            "authenticated = \"handshake\"",
            "authenticated = \"handshake\"\nroom_created = \"later\"",
            "Fishjam: notification room_created: remove it from coverage-withheld.toml".to_owned(),
        ),
        (
            "authenticated = \"handshake\"",
            "authenticated = \"handshake\"\n[jellyfish.operations]\ngone = \"later\"",
            "Jellyfish: operation gone: coverage-withheld.toml has it, but the contract does not".to_owned(),
        ),
    ] {
        let (outcome, out) = check(&[(from, to)]).unwrap();
        assert_eq!((outcome, out.lines().any(|line| line == problem)), (Outcome::Findings, true), "{problem}\n{out}");
    }
}

#[test]
fn invalid_input_is_an_error() {
    for (from, to) in [
        ("authenticated = \"handshake\"", "authenticated = \" \""),
        ("[fishjam.notifications]", "[fishjam.events]"),
        ("openapi: 3.0.3", "openapi: 3.1.0"),
        ("message ServerMessage", "message Other"),
        ("oneof content", "oneof other"),
    ] {
        assert!(check(&[(from, to)]).is_err(), "{to}");
    }
}

#[test]
fn workspace_without_contracts_exits_with_2() {
    let root = TempDir::new().unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_xtask"));
    let output = command.args(["coverage", "--root"]).arg(root.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}
