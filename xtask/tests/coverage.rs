//! `cargo xtask coverage` on small workspaces: what it misses, and how it ends.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{fs, path::Path, process::Command};

use tempfile::TempDir;

const OPENAPI: &str = "
openapi: 3.0.3
paths:
  /room:
    get: {operationId: get_all_rooms, responses: {}}
    post: {operationId: create_room, responses: {}}
";

const PROTO: &str = r#"
syntax = "proto3";
package fishjam;
message ServerMessage {
  message Empty {}
  string unrelated = 3;
  oneof content {
    Empty room_created = 1;
    Empty authenticated = 2;
  }
}
"#;

const ROOMS: &str = "
impl Client {
    async fn create_room(&self) { self.transport.call(|api| async move { api.create_room().await }).await }
    async fn get_all_rooms(&self) { self.transport.call(|api| async move { api.get_all_rooms().await }).await }
}
";

const DECODE: &str = "
use super::Notification as N;
fn decode(content: Content) -> Option<Notification> {
    Some(match content {
        Content::RoomCreated(x) => N::RoomCreated(x.into()),
        Content::Authenticated(_) => return None,
    })
}
";

const WITHHELD: &str = "
[[notification]]
name = \"authenticated\"
reason = \"handshake\"
";

const SUMMARY: &str = "2 operations: 2 surfaced, 0 withheld; 2 notifications: 1 surfaced, 1 withheld\n\
                       Jellyfish: 1 operations: 1 surfaced, 0 withheld; 1 notifications: 1 surfaced, 0 withheld\n";

/// A second contract, whose operation and notification have names that are not the first one's.
const JELLYFISH_OPENAPI: &str = "
openapi: 3.0.3
paths:
  /health:
    get: {operationId: healthcheck, responses: {}}
";

const JELLYFISH_PROTO: &str = r#"
syntax = "proto3";
package jellyfish;
message ServerMessage {
  message Empty {}
  oneof content {
    Empty hls_playable = 1;
  }
}
"#;

const JELLYFISH_HEALTH: &str = "fn health(api: Api) { api.healthcheck() }";

const JELLYFISH_DECODE: &str = "
fn decode(content: Content) -> Notification {
    match content { Content::HlsPlayable(x) => Notification::HlsPlayable(x.into()) }
}
";

/// A workspace that is covered, to be changed by a test.
struct Workspace(TempDir);

impl Workspace {
    fn new() -> Self {
        let workspace = Self(TempDir::new().unwrap());
        workspace
            .file("openapi.yaml", OPENAPI)
            .file("proto/proto/fishjam/server_notifications.proto", PROTO)
            .file("fishjam-sdk/src/rooms.rs", ROOMS)
            .file("fishjam-sdk/src/events/decode.rs", DECODE)
            .file("openapi-jellyfish.yaml", JELLYFISH_OPENAPI)
            .file("proto/proto/jellyfish/server_notifications.proto", JELLYFISH_PROTO)
            .file("fishjam-sdk/src/jellyfish/health.rs", JELLYFISH_HEALTH)
            .file("fishjam-sdk/src/jellyfish/events/decode.rs", JELLYFISH_DECODE)
            .file("coverage-withheld.toml", WITHHELD);
        workspace
    }

    fn file(&self, path: &str, text: &str) -> &Self {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// Exit status, standard output and standard error.
    fn run(&self) -> (Option<i32>, String, String) {
        run(self.0.path())
    }

    #[track_caller]
    fn expect(&self, problem: &str) {
        let (status, out, err) = self.run();
        assert_eq!(status, Some(1), "{out}{err}");
        assert_eq!(out.lines().next(), Some(problem), "{out}");
        assert_eq!(out.lines().count(), 3, "{out}");
    }
}

fn run(root: &Path) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask")).args(["coverage", "--root"]).arg(root).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

const NOT_CALLED: &str =
    "operation create_room: no call of `api.create_room(` in fishjam-sdk/src, and it is not withheld";

#[test]
fn a_covered_workspace_ends_with_0() {
    let (status, out, err) = Workspace::new().run();
    assert_eq!((status, out.as_str(), err.as_str()), (Some(0), SUMMARY, ""));
}

#[test]
fn an_operation_that_nothing_calls_is_named() {
    let without = "fn a(api: Api) { api.get_all_rooms(); }";
    for code in [
        without.to_owned(),
        format!("{without} // api.create_room()"),
        format!("/// `api.create_room()`\n{without}"),
        format!("{without} const A: &str = \"api.create_room()\";"),
        format!("{without} fn b() {{ println!(\"api.create_room()\") }}"),
        format!("{without} fn create_room() {{}}"),
        format!("{without} impl Client {{ fn b(&self) {{ self.create_room(); log!(self.create_room()); }} }}"),
        format!("{without} impl Client {{ fn b(&self) {{ self.inner.create_room(); log!(client.create_room()); }} }}"),
        format!(
            "{without} fn b(view: &A) {{ view.create_room(); self.api.create_room(); log!(self.api.create_room()) }}"
        ),
        format!("{without} #[cfg(test)] mod tests {{ fn b() {{ api.create_room(); }} }}"),
        format!("{without} #[test] fn b() {{ api.create_room(); }}"),
        format!("{without} #[cfg(all(test, unix))] impl A {{ fn b() {{ api.create_room(); }} }}"),
    ] {
        Workspace::new().file("fishjam-sdk/src/rooms.rs", &code).expect(NOT_CALLED);
    }
    for tests in ["fishjam-sdk/src/rooms/tests.rs", "fishjam-sdk/src/rooms/tests/creating.rs"] {
        Workspace::new()
            .file("fishjam-sdk/src/rooms.rs", without)
            .file(tests, "fn b() { api.create_room(); }")
            .expect(NOT_CALLED);
    }
}

#[test]
fn the_contracts_are_surfaced_each_on_its_own() {
    // A call under `jellyfish` is none of Fishjam's.
    let workspace = Workspace::new();
    workspace.file("fishjam-sdk/src/rooms.rs", "fn a() { api.get_all_rooms() }");
    workspace.file("fishjam-sdk/src/jellyfish/rooms.rs", "fn a() { api.create_room() }");
    workspace.expect(NOT_CALLED);
    // And a call outside is none of Jellyfish's.
    let workspace = Workspace::new();
    workspace.file("fishjam-sdk/src/jellyfish/health.rs", "");
    workspace.file("fishjam-sdk/src/health.rs", JELLYFISH_HEALTH);
    workspace.expect(
        "Jellyfish: operation healthcheck: no call of `api.healthcheck(` in fishjam-sdk/src/jellyfish, and it is not \
         withheld",
    );
    let workspace = Workspace::new();
    workspace.file("fishjam-sdk/src/jellyfish/events/decode.rs", "");
    workspace.expect(
        "Jellyfish: notification hls_playable: events/decode.rs has no arm `Content::HlsPlayable`, and it is not \
         withheld",
    );
    // What is withheld of one is not withheld of the other.
    let workspace = Workspace::new();
    workspace.file("coverage-withheld.toml", &withheld("jellyfish.notification", "name", "room_created"));
    workspace
        .expect("Jellyfish: notification room_created: listed as withheld, but the contract has no such notification");
}

#[test]
fn a_call_is_found_wherever_it_is_made() {
    for code in [
        "impl A { fn a(&self) { self.call(|api| async move { api.create_room() }) } }",
        "fn a() { retry!(|api| api.create_room(&body)) }",
        "fn a(api: Api) { api.create_room::<u8>() }",
        "#[cfg(not(test))] fn a() { api.create_room() }",
    ] {
        let workspace = Workspace::new();
        workspace.file("fishjam-sdk/src/rooms.rs", "fn a() { api.get_all_rooms() }");
        workspace.file("fishjam-sdk/src/deep/down/rooms.rs", code);
        assert_eq!(workspace.run().0, Some(0), "{code}");
    }
}

#[test]
fn a_camel_case_id_is_called_in_snake_case() {
    let workspace = Workspace::new();
    workspace.file("openapi.yaml", &OPENAPI.replace("create_room", "createRoom"));
    assert_eq!(workspace.run().0, Some(0));
}

fn withheld(kind: &str, key: &str, name: &str) -> String {
    format!("{WITHHELD}[[{kind}]]\n{key} = \"{name}\"\nreason = \"later\"\n")
}

#[test]
fn a_withheld_operation_need_not_be_called() {
    let workspace = Workspace::new();
    workspace.file("fishjam-sdk/src/rooms.rs", "fn a() { api.get_all_rooms() }");
    workspace.file("coverage-withheld.toml", &withheld("operation", "id", "create_room"));
    let (status, out, _) = workspace.run();
    assert_eq!(status, Some(0), "{out}");
    assert!(out.starts_with("2 operations: 1 surfaced, 1 withheld;"), "{out}");
}

#[test]
fn a_stale_entry_is_named() {
    for (kind, key, name, problem) in [
        ("operation", "id", "create_room", "operation create_room: listed as withheld, but it is surfaced"),
        ("operation", "id", "gone", "operation gone: listed as withheld, but the contract has no such operation"),
        ("notification", "name", "room_created", "notification room_created: listed as withheld, but it is surfaced"),
        ("notification", "name", "a", "notification a: listed as withheld, but the contract has no such notification"),
    ] {
        Workspace::new().file("coverage-withheld.toml", &withheld(kind, key, name)).expect(problem);
    }
}

#[test]
fn a_notification_that_is_not_decoded_is_named() {
    let decode = |arm: &str| DECODE.replace("Content::RoomCreated(x) => N::RoomCreated(x.into()),", arm);
    for (arm, problem) in [
        ("", "has no arm `Content::RoomCreated`"),
        ("// Content::RoomCreated(x) => N::RoomCreated(x.into()),", "has no arm `Content::RoomCreated`"),
        ("Other::RoomCreated(x) => N::RoomCreated(x.into()),", "has no arm `Content::RoomCreated`"),
        ("Content::RoomCreated(_) => return None,", "makes no `Notification` of it"),
        ("Content::RoomCreated(x) => N::Unknown(x),", "makes no `Notification` of it"),
    ] {
        let workspace = Workspace::new();
        workspace.file("fishjam-sdk/src/events/decode.rs", &decode(arm));
        let (status, out, err) = workspace.run();
        assert_eq!(status, Some(1), "{arm}: {err}");
        assert!(out.starts_with("notification room_created: ") && out.contains(problem), "{out}");
    }
}

#[test]
fn a_decoder_may_use_other_names() {
    for (from, to) in [
        ("Content::", "server_message::Content::"),
        ("N::RoomCreated(x.into())", "{ let x = x.into(); Notification::RoomHasBeenCreated { x } }"),
        ("N::RoomCreated(x.into())", "vec![N::RoomCreated(x.into())]"),
    ] {
        let workspace = Workspace::new();
        workspace.file("fishjam-sdk/src/events/decode.rs", &DECODE.replace(from, to));
        let (status, out, err) = workspace.run();
        assert_eq!((status, out.as_str()), (Some(0), SUMMARY), "{to}: {err}");
    }
    let renamed = DECODE.replace("Content::", "Wire::");
    let workspace = Workspace::new();
    workspace.file("fishjam-sdk/src/events/decode.rs", &format!("use proto::{{Content as Wire}};{renamed}"));
    assert_eq!(workspace.run().0, Some(0));
}

/// A decoder whose notifications are a list.
fn listed(entries: &str) -> String {
    format!(
        "macro_rules! known {{
            ($($name:ident = $number:literal,)+) => {{
                fn known(content: Content) -> Option<Notification> {{
                    Some(match content {{
                        Content::Authenticated(_) => return None,
                        $(Content::$name(x) => Notification::$name(x.into()),)+
                    }})
                }}
            }};
        }}
        known! {{ {entries} }}"
    )
}

#[test]
fn a_decoder_may_have_a_list_whose_numbers_are_those_of_the_contract() {
    let workspace = Workspace::new();
    workspace.file("fishjam-sdk/src/events/decode.rs", &listed("RoomCreated = 1,"));
    let (status, out, err) = workspace.run();
    assert_eq!((status, out.as_str()), (Some(0), SUMMARY), "{err}");
    for (decoder, problem) in [
        (listed("RoomCreated = 2,"), "events/decode.rs has `RoomCreated = 2`, but its number is 1"),
        (listed("RoomDeleted = 1,"), "events/decode.rs has no arm `Content::RoomCreated`"),
        (listed("/* RoomCreated = 1, */"), "events/decode.rs has no arm `Content::RoomCreated`"),
        // Another macro's list is none, nor is one of rules that make no notification.
        (
            listed("").replace("known! {", "other! { RoomCreated = 1,"),
            "events/decode.rs has no arm `Content::RoomCreated`",
        ),
        (
            listed("RoomCreated = 1,").replace("Notification::$name(x.into())", "return None"),
            "events/decode.rs has no arm `Content::RoomCreated`",
        ),
    ] {
        let workspace = Workspace::new();
        workspace.file("fishjam-sdk/src/events/decode.rs", &decoder);
        workspace.expect(&format!("notification room_created: {problem}, and it is not withheld"));
    }
}

#[test]
fn the_macro_of_such_a_list_may_have_a_file_of_its_own() {
    let workspace = Workspace::new();
    let both = listed("RoomCreated = 1,");
    let (rules, list) = both.split_at(both.find("known! {").unwrap());
    workspace.file("fishjam-sdk/src/events/contents.rs", rules);
    workspace.file("fishjam-sdk/src/events/decode.rs", list);
    let (status, out, err) = workspace.run();
    assert_eq!((status, out.as_str()), (Some(0), SUMMARY), "{err}");
    workspace.file("fishjam-sdk/src/events/contents.rs", "");
    workspace.expect(
        "notification room_created: events/decode.rs has no arm `Content::RoomCreated`, and it is not withheld",
    );
}

#[test]
fn this_workspace_is_covered() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let (status, out, err) = run(root);
    assert_eq!(status, Some(0), "{out}{err}");
}

#[test]
fn what_cannot_be_read_ends_with_2() {
    for (path, text) in [
        ("coverage-withheld.toml", "[[operation]]\nid = \"a\"\nreason = \"\"\n"),
        ("coverage-withheld.toml", "[[operation]]\nid = \"a\"\n"),
        ("openapi.yaml", "openapi: 3.1.0"),
        ("openapi-jellyfish.yaml", "openapi: 3.1.0"),
        ("proto/proto/fishjam/server_notifications.proto", "syntax = \"proto3\"; message Other {}"),
        ("proto/proto/fishjam/server_notifications.proto", "message {"),
        ("fishjam-sdk/src/rooms.rs", "fn {"),
        ("fishjam-sdk/src/events/decode.rs", "match"),
    ] {
        let workspace = Workspace::new();
        workspace.file(path, text);
        let (status, out, err) = workspace.run();
        assert_eq!((status, out.as_str()), (Some(2), ""), "{path}: {text}");
        assert!(err.starts_with("error: "), "{err}");
    }
    assert_eq!(run(TempDir::new().unwrap().path()).0, Some(2), "an empty directory");
}
