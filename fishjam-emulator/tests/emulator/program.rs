//! The program: its output and its end.

use std::{process::Stdio, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
};

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
