//! The program: its output and its end.

use std::{process::Stdio, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpListener,
    process::Command,
};

use tokio_tungstenite::connect_async;

use crate::{client::http, receiver::Receiver};

#[tokio::test]
async fn program_prints_exports_serves_and_stops() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_fishjam-emulator"))
        .args(["--contract", "0.22", "--id", "fish", "--token", "secret"])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(program.stdout.take().unwrap()).lines();
    let id = lines.next_line().await.unwrap().unwrap();
    let url = id.strip_prefix("export FISHJAM_ID=").unwrap();
    assert!(url.starts_with("http://127.0.0.1:") && url.ends_with("/api/v1/connect/fish"), "{id}");
    let token = lines.next_line().await.unwrap().unwrap();
    assert_eq!(token, "export FISHJAM_MANAGEMENT_TOKEN=secret");
    assert!(lines.next_line().await.unwrap().unwrap().contains("listening on"));

    let response = http().get(format!("{url}/validate")).bearer_auth("secret").send().await.unwrap();
    assert_eq!(response.status(), 200);

    #[cfg(unix)]
    {
        let number = program.id().unwrap().to_string();
        assert!(Command::new("kill").args(["-TERM", &number]).status().await.unwrap().success());
        assert_eq!(program.wait().await.unwrap().code(), Some(0));
    }
}

#[tokio::test]
async fn program_rejects_conflicting_arguments() {
    for arguments in
        [&["--id", "a/b"][..], &["--nonsense"], &["--contract", "9"], &["--port", "70000"], &["--journal-bytes", "-1"]]
    {
        let output = Command::new(env!("CARGO_BIN_EXE_fishjam-emulator")).args(arguments).output().await.unwrap();
        assert!(!output.status.success());
        assert!(!output.stderr.is_empty() && output.stdout.is_empty());
    }
}

#[tokio::test]
async fn program_names_the_option_when_the_port_is_in_use() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for service in ["current", "jellyfish-0.5"] {
        let arguments = ["--contract", service, "--port", &port];
        let output = Command::new(env!("CARGO_BIN_EXE_fishjam-emulator")).args(arguments).output().await.unwrap();
        assert_eq!(output.status.code(), Some(1));
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(error.starts_with(&format!("fishjam-emulator: cannot listen on 127.0.0.1:{port}: ")), "{error}");
        assert!(error.ends_with("; choose another --port\n"), "{error}");
    }
}

#[tokio::test]
async fn webhooks_are_signed_and_sent() {
    let receiver = Receiver::start().await;
    let mut program = Command::new(env!("CARGO_BIN_EXE_fishjam-emulator"))
        .args(["--token", "secret", "--webhook-url", &receiver.url("/hook"), "--webhook-secret", "webhook"])
        // Webhooks never use a proxy, even if the environment sets one.
        .envs(["HTTP_PROXY", "http_proxy", "ALL_PROXY"].map(|name| (name, "http://127.0.0.1:1")))
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(program.stdout.take().unwrap()).lines();
    let id = lines.next_line().await.unwrap().unwrap();
    let url = id.strip_prefix("export FISHJAM_ID=").unwrap();
    http().post(format!("{url}/room")).bearer_auth("secret").send().await.unwrap();
    while receiver.names().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(receiver.names(), ["/hook RoomCreated"]);
    receiver.read(|received| assert!(received[0].headers.contains_key("x-fishjam-signature-256")));
}

/// The program has an open socket, a connection without a request, and a request that never gets a response.
#[cfg(unix)]
#[tokio::test]
async fn program_logs_requests_and_ends_with_open_connections() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_fishjam-emulator"))
        .args(["--id", "fish", "--token", "the-token"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(program.stdout.take().unwrap()).lines();
    let mut log = BufReader::new(program.stderr.take().unwrap()).lines();
    let url = lines.next_line().await.unwrap().unwrap().replace("export FISHJAM_ID=", "");
    let origin = url.replace("/api/v1/connect/fish", "");
    lines.next_line().await.unwrap();
    lines.next_line().await.unwrap();

    assert_eq!(http().get(format!("{origin}/health")).send().await.unwrap().status(), 200);
    let request = http().get(format!("{url}/room?secret=query")).bearer_auth("the-token");
    assert_eq!(request.send().await.unwrap().status(), 200);
    let fault = serde_json::json!({ "operation": "create_room", "stall": true, "times": 2 });
    let faults = http().post(format!("{origin}/_emulator/faults"));
    assert_eq!(faults.json(&fault).send().await.unwrap().status(), 201);
    let stuck = tokio::spawn(http().post(format!("{url}/room")).bearer_auth("the-token").send());
    let journal = format!("{origin}/_emulator/journal?operation=create_room");
    while http().get(&journal).send().await.unwrap().json::<serde_json::Value>().await.unwrap()["count"] == 0 {}
    let (_socket, _) = connect_async(format!("{}/socket/server/websocket", url.replace("http", "ws"))).await.unwrap();
    let _idle = tokio::net::TcpStream::connect(origin.trim_start_matches("http://")).await.unwrap();
    for expected in [
        "GET /health 200 ",
        "GET /api/v1/connect/fish/room 200 ",
        "POST /_emulator/faults 201 ",
        "GET /api/v1/connect/fish/socket/server/websocket 101 ",
    ] {
        let mut line = log.next_line().await.unwrap().unwrap();
        while line.starts_with("GET /_emulator/journal 200 ") {
            line = log.next_line().await.unwrap().unwrap();
        }
        assert!(line.starts_with(expected) && line.ends_with(" ms"), "{line}");
    }

    let number = program.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-TERM", &number]).status().await.unwrap().success());
    assert_eq!(program.wait().await.unwrap().code(), Some(0));
    assert!(stuck.await.unwrap().is_err());
    // The request without a response has its line, too.
    let line = log.next_line().await.unwrap().unwrap();
    assert!(line.starts_with("POST /api/v1/connect/fish/room - "), "{line}");
}

#[tokio::test]
async fn quiet_program_writes_no_request_log() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_fishjam-emulator"))
        .args(["--quiet"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(program.stdout.take().unwrap()).lines();
    let url = lines.next_line().await.unwrap().unwrap().replace("export FISHJAM_ID=", "");
    http().get(format!("{url}/room")).send().await.unwrap();
    program.kill().await.unwrap();
    let mut log = BufReader::new(program.stderr.take().unwrap()).lines();
    assert_eq!(log.next_line().await.unwrap(), None);
}
