//! `cargo xtask drift` as a process: output and exit status.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    fs,
    io::{Read, Write},
    net::TcpListener,
    path::Path,
    process::Command,
    thread,
};

use tempfile::TempDir;

const CONTRACT: &str = r#"
openapi: 3.0.3
info: {title: Fixture, version: "1"}
paths:
  /room:
    post:
      operationId: create_room
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
                maxPeers: {type: integer}
      responses:
        "201":
          description: Created
          content:
            application/json:
              schema:
                type: object
                properties:
                  id: {type: string}
"#;

const BREAKING: &str = "breaking  create_room  request.body.maxPeers  became required";
const ADDITIVE: &str = "additive  create_room  response 201.name  added (optional)";

/// Returns the contract after a breaking and an additive change.
fn upstream() -> String {
    CONTRACT
        .replace(
            "                maxPeers",
            "                maxPeers: {type: integer}\n              required: [maxPeers]\n# ",
        )
        .replace("id: {type: string}", "id: {type: string}\n                  name: {type: string}")
}

fn entry(path: &str, change: &str, reason: &str) -> String {
    format!(
        "[[difference]]\nsubject = \"create_room\"\npath = \"{path}\"\nchange = \"{change}\"\nreason = \"{reason}\"\n"
    )
}

fn both_allowed() -> String {
    entry("request.body.maxPeers", "became required", "we always send it")
        + &entry("response 201.name", "added (optional)", "of no use to us")
}

/// Runs the command. Returns the exit status, standard output and standard error.
fn drift(upstream: &str, contract: &Path, allow: &Path) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    // No proxy can reach the test's own server.
    for variable in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        command.env_remove(variable).env_remove(variable.to_lowercase());
    }
    let output = command
        .args(["drift", "--upstream", upstream, "--contract"])
        .arg(contract)
        .arg("--allow")
        .arg(allow)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// Compares two documents with an allow-list.
fn compare(upstream: &str, allow: &str) -> (Option<i32>, String, String) {
    let directory = TempDir::new().unwrap();
    let file = |name: &str, text: &str| {
        let path = directory.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let (contract, allow) = (file("openapi.yaml", CONTRACT), file("allow.toml", allow));
    drift(&file("upstream.yaml", upstream).display().to_string(), &contract, &allow)
}

#[test]
fn equal_documents_exit_with_0() {
    let (status, out, _) = compare(CONTRACT, "");
    assert_eq!((status, out.as_str()), (Some(0), ""));
}

#[test]
fn difference_exits_with_1_even_if_additive() {
    let (status, out, err) = compare(&upstream(), "");
    assert_eq!((status, out), (Some(1), format!("{BREAKING}\n{ADDITIVE}\n")));
    assert!(err.contains("1 breaking, 1 additive"), "{err}");
    let additive = CONTRACT.replace("id: {type: string}", "id: {type: string}\n                  name: {type: string}");
    let (status, out, _) = compare(&additive, "");
    assert_eq!((status, out), (Some(1), format!("{ADDITIVE}\n")));
}

#[test]
fn allowed_differences_are_printed_and_exit_with_0() {
    let (status, out, _) = compare(&upstream(), &both_allowed());
    let expected = format!("{BREAKING}  [allowed: we always send it]\n{ADDITIVE}  [allowed: of no use to us]\n");
    assert_eq!((status, out), (Some(0), expected));
}

#[test]
fn entry_allows_only_its_own_difference() {
    let (status, _, err) = compare(&upstream(), &entry("request.body.maxPeers", "became required", "known"));
    assert_eq!(status, Some(1));
    assert!(err.contains("0 breaking, 1 additive, 1 allowed"), "{err}");
}

#[test]
fn stale_entry_exits_with_1() {
    let (status, out, _) = compare(CONTRACT, &entry("request.body.maxPeers", "became required", "was once true"));
    assert_eq!(status, Some(1));
    assert!(out.starts_with("stale     create_room  request.body.maxPeers  became required  "), "{out}");
}

#[test]
fn invalid_allow_list_exits_with_2() {
    let without_reason = "[[difference]]\nsubject = \"a\"\npath = \"b\"\nchange = \"c\"\n";
    for (allow, complaint) in [
        (entry("a", "b", " "), "missing reason"),
        (without_reason.to_owned(), "missing field `reason`"),
        (entry("a", "b", "c").repeat(2), "listed twice"),
        ("[[differences]]".to_owned(), "unknown field"),
        ("[".to_owned(), "allow-list"),
    ] {
        let (status, out, err) = compare(CONTRACT, &allow);
        assert_eq!((status, out.as_str()), (Some(2), ""), "{allow}");
        assert!(err.contains(complaint), "{err}");
    }
}

#[test]
fn invalid_documents_exit_with_2() {
    for (upstream, complaint) in [
        (CONTRACT.replace("3.0.3", "3.1.0"), "only 3.0 is supported"),
        ("openapi: [".to_owned(), "not YAML"),
        ("<html>".to_owned(), "invalid document"),
        (String::new(), "invalid document"),
    ] {
        let (status, _, err) = compare(&upstream, "");
        assert_eq!(status, Some(2), "{upstream}");
        assert!(err.contains(complaint), "{err}");
    }
}

#[test]
fn missing_file_exits_with_2() {
    let directory = TempDir::new().unwrap();
    let missing = directory.path().join("missing");
    let (status, _, err) = drift("missing.yaml", &missing, &missing);
    assert_eq!(status, Some(2));
    assert!(err.contains("cannot read"), "{err}");
    let status = Command::new(env!("CARGO_BIN_EXE_xtask")).arg("drift").output().unwrap().status;
    assert_eq!(status.code(), Some(2), "without --upstream");
}

/// Responds to one HTTP request on loopback. Returns the URL.
fn serve(status: &'static str, body: String) -> (String, thread::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/openapi.yaml", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            connection.read_exact(&mut byte).unwrap();
            request.push(byte[0]);
        }
        let length = body.len();
        let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
        connection.write_all(head.as_bytes()).unwrap();
        // The client may have closed the connection at its limit.
        let _ = connection.write_all(body.as_bytes());
    });
    (url, server)
}

#[test]
fn each_contract_has_its_own_allow_list() {
    for (contract, allow) in [
        ("openapi.yaml", "drift-allow.toml"),
        ("/somewhere/openapi-jellyfish.yaml", "drift-allow-jellyfish.toml"),
        ("https://example.com/openapi-jellyfish.yaml", "drift-allow-jellyfish.toml"),
        ("openapi-composition.yaml", "drift-allow-composition.toml"),
        ("jellyfish.yaml", "drift-allow.toml"),
    ] {
        assert_eq!(xtask::drift::allow::default_name(contract), allow);
    }
    for document in ["openapi.yaml", "openapi-composition.yaml", "openapi-jellyfish.yaml"] {
        let document = xtask::workspace_root().join(document);
        let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
            .args(["drift", "--upstream"])
            .arg(&document)
            .arg("--contract")
            .arg(&document)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn upstream_may_be_a_url() {
    let directory = TempDir::new().unwrap();
    let (contract, allow) = (directory.path().join("openapi.yaml"), directory.path().join("allow.toml"));
    fs::write(&contract, CONTRACT).unwrap();
    fs::write(&allow, "").unwrap();
    for (http_status, body, expected, complaint) in [
        ("200 OK", CONTRACT.to_owned(), 0, "0 breaking"),
        ("200 OK", upstream(), 1, "1 breaking"),
        ("404 Not Found", CONTRACT.to_owned(), 2, "404"),
        ("200 OK", " ".repeat(17 * 1024 * 1024), 2, "limit"),
    ] {
        let (url, server) = serve(http_status, body);
        let (status, _, err) = drift(&url, &contract, &allow);
        server.join().unwrap();
        assert_eq!(status, Some(expected), "{err}");
        assert!(err.contains(complaint), "{err}");
    }
}
