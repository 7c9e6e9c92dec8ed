//! The program with `--jellyfish`.

use std::process::Stdio;

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
};

use crate::{case::Request, http};

#[tokio::test]
async fn program_prints_exports_and_serves() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_fishjam-emulator"))
        .args(["--jellyfish", "--token", "secret"])
        .envs([("JF_SERVER_API_TOKEN", "other"), ("JF_HOST", "media.example.test"), ("JF_SIP_USED", "false")])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(program.stdout.take().unwrap()).lines();
    let address = lines.next_line().await.unwrap().unwrap();
    let address = address.strip_prefix("export JELLYFISH_SERVER_ADDRESS=").unwrap();
    let token = lines.next_line().await.unwrap().unwrap();
    assert_eq!(token, "export JELLYFISH_SERVER_API_TOKEN=secret");
    assert_eq!(lines.next_line().await.unwrap().unwrap(), format!("listening on http://{address}"));
    let request = Request { method: "GET".to_owned(), path: "/health".to_owned(), ..Request::default() };
    let response = http::exchange(address, "secret", &request).await;
    assert_eq!((response.status, &response.json()["data"]["version"]), (200, &"0.5.0".into()));
    let request = Request { method: "POST".to_owned(), path: "/room".to_owned(), ..Request::default() };
    let response = http::exchange(address, "secret", &request).await;
    assert_eq!(response.json()["data"]["jellyfish_address"], "media.example.test");
}

#[tokio::test]
async fn contract_selects_a_self_hosted_server() {
    for (arguments, version, member) in [
        (&["--contract", "jellyfish-0.5"][..], "0.5.0", "jellyfish_address"),
        (&["--contract", "fishjam-0.6", "--journal-bytes", "0"], "0.6.3", "fishjam_address"),
        (&["--jellyfish", "--contract", "fishjam-0.6"], "0.6.3", "fishjam_address"),
    ] {
        let mut program = Command::new(env!("CARGO_BIN_EXE_fishjam-emulator"))
            .args(arguments)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(program.stdout.take().unwrap()).lines();
        let address = lines.next_line().await.unwrap().unwrap();
        let address = address.strip_prefix("export JELLYFISH_SERVER_ADDRESS=").unwrap();
        let request = Request { method: "GET".to_owned(), path: "/health".to_owned(), ..Request::default() };
        let response = http::exchange(address, "development", &request).await;
        assert_eq!(response.json()["data"]["version"], version, "{arguments:?}");
        let request = Request { method: "POST".to_owned(), path: "/room".to_owned(), ..Request::default() };
        assert_eq!(http::exchange(address, "development", &request).await.json()["data"][member], address);
    }
}

#[tokio::test]
async fn program_rejects_settings_of_fishjam() {
    for arguments in [["--id", "x"], ["--contract", "0.22"], ["--contract", "current"], ["--webhook-secret", "x"]] {
        let mut program = Command::new(env!("CARGO_BIN_EXE_fishjam-emulator"));
        let output = program.arg("--jellyfish").args(arguments).output().await.unwrap();
        assert!(!output.status.success() && !output.stderr.is_empty());
    }
}
