//! Creates clients, and follows a room to another server. Contains the tests E1 to E6 of the Elixir SDK: see
//! `tests/official-sdks.md`.

use fishjam_emulator::Emulator;
use fishjam_sdk::{
    ErrorKind,
    jellyfish::{
        ConnectionOptions, HealthStatus, JellyfishClient, JellyfishClientBuilder, JellyfishNotifier, RoomOptions,
    },
};
use fishjam_tests::support::respond_with;
use serde_json::{Value, json};

use crate::fixture::{client, start};

#[test]
fn address_with_a_scheme_is_refused_with_a_reason() {
    for address in ["http://localhost:5002", "https://localhost:5002", "ws://localhost:5002", "wss://localhost:5002"] {
        let error = JellyfishClient::new(ConnectionOptions::new(address, "token")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("starts with a scheme"), "{error}");
        let jellyfish = JellyfishClient::new(ConnectionOptions::new("localhost:5002", "token")).unwrap();
        assert!(jellyfish.update_address(address).unwrap_err().to_string().contains("starts with a scheme"));
    }
}

/// The only test here that changes the environment, and nothing else reads these variables.
#[test]
fn from_env_reads_every_variable_and_names_a_missing_one() {
    let program = std::env::current_exe().unwrap();
    for (variables, outcome) in [
        (&[][..], "JELLYFISH_SERVER_ADDRESS is not set"),
        (&[("JELLYFISH_SERVER_ADDRESS", "localhost:1")], "JELLYFISH_SERVER_API_TOKEN is not set"),
        (&[("JELLYFISH_SERVER_ADDRESS", "localhost:1"), ("JELLYFISH_SERVER_API_TOKEN", "t")], "http://localhost:1"),
        (
            &[
                ("JELLYFISH_SERVER_ADDRESS", "localhost:1"),
                ("JELLYFISH_SERVER_API_TOKEN", "t"),
                ("JELLYFISH_SECURE", "true"),
            ],
            "https://localhost:1",
        ),
        (&[("JELLYFISH_SECURE", "perhaps")], "invalid environment variable JELLYFISH_SECURE"),
    ] {
        let output = std::process::Command::new(&program)
            .args(["--exact", "connection::prints_the_client_from_the_environment", "--ignored", "--nocapture"])
            .env_remove("JELLYFISH_SERVER_ADDRESS")
            .env_remove("JELLYFISH_SERVER_API_TOKEN")
            .env_remove("JELLYFISH_SECURE")
            .envs(variables.iter().copied())
            .output()
            .unwrap();
        let printed = String::from_utf8_lossy(&output.stdout);
        // The client, its builder and the notifier.
        let lines = printed.lines().filter(|line| line.contains(outcome)).count();
        assert_eq!(lines, 3, "{variables:?}: {printed}");
        assert!(printed.contains("1 passed"), "{variables:?}: {printed}");
    }
}

/// Run by the test above, in an environment of its own.
#[test]
#[ignore = "a part of another test"]
fn prints_the_client_from_the_environment() {
    println!("{:?}", JellyfishClient::from_env());
    println!("{:?}", JellyfishClientBuilder::from_env().and_then(|builder| builder.build()));
    println!("{:?}", JellyfishNotifier::from_env());
}

#[tokio::test]
async fn check_credentials_detects_a_wrong_token() -> anyhow::Result<()> {
    let (emulator, jellyfish) = start().await?;
    jellyfish.check_credentials().await?;
    let options = |token: &str| ConnectionOptions::new(emulator.address(), token);
    JellyfishClient::create_and_verify(options(emulator.token())).await?;
    assert_eq!(emulator.journal().count("healthcheck"), 2);
    let error = JellyfishClient::create_and_verify(options("wrong")).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::InvalidCredentials, Some(401)));
    assert!(error.to_string().starts_with("create_and_verify: "), "{error}");
    for (status, kind) in [(404, ErrorKind::NotFound), (503, ErrorKind::ServiceUnavailable), (200, ErrorKind::Decode)] {
        emulator.faults().on("healthcheck").times(1).status(status).body("<html>").header("retry-after", "999");
        let error = jellyfish.check_credentials().await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().starts_with("check_credentials: "), "{error}");
    }
    Ok(())
}

#[tokio::test]
async fn a_wrong_token_is_unauthorized() -> anyhow::Result<()> {
    let (emulator, _) = start().await?;
    let jellyfish = JellyfishClient::new(ConnectionOptions::new(emulator.address(), "wrong"))?;
    let error = jellyfish.get_all_rooms().await.unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Unauthorized, Some("Invalid token")));
    Ok(())
}

#[tokio::test]
async fn health_is_read() -> anyhow::Result<()> {
    let (_emulator, jellyfish) = start().await?;
    let health = jellyfish.health().await?;
    assert_eq!((health.status, health.version.as_str()), (HealthStatus::Up, "0.5.0"));
    let distribution = health.distribution;
    assert_eq!((distribution.enabled, distribution.nodes_in_cluster), (false, 0));
    assert_eq!(distribution.node_status, HealthStatus::Down);
    Ok(())
}

#[tokio::test]
async fn a_client_follows_a_room_to_its_server_with_the_same_token() -> anyhow::Result<()> {
    let (first, second) = (Emulator::jellyfish().start().await?, Emulator::jellyfish().start().await?);
    let jellyfish = client(&first)?;
    let other = jellyfish.update_address(second.address())?;
    let (room, _) = other.create_room(RoomOptions::new()).await?;
    assert!(jellyfish.get_room(&room.id).await.unwrap_err().is_not_found());
    assert_eq!(other.get_room(&room.id).await?, room);
    assert_eq!((first.journal().count("get_room"), second.journal().count("get_room")), (1, 1));
    Ok(())
}

/// The response to a creation in a cluster. `key` is the member with the address, whose name depends on the version.
fn created(key: &str, address: &str) -> Vec<u8> {
    let mut data = json!({ "room": { "id": "r", "config": {}, "components": [], "peers": [] } });
    data[key] = Value::from(address);
    let body = json!({ "data": data }).to_string();
    format!("HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len())
        .into_bytes()
}

/// From version 0.6 the address has another name.
#[tokio::test]
async fn address_is_read_under_both_of_its_names() -> anyhow::Result<()> {
    for key in ["jellyfish_address", "fishjam_address"] {
        let url = respond_with(created(key, "elsewhere:5002")).await?;
        let address = url.trim_start_matches("http://");
        let jellyfish = JellyfishClient::new(ConnectionOptions::new(address, "token"))?;
        let (room, address) = jellyfish.create_room(RoomOptions::new()).await?;
        assert_eq!((room.id.as_str(), address.as_str()), ("r", "elsewhere:5002"), "{key}");
        let room = jellyfish.create_room_handle(RoomOptions::new()).await?;
        assert_eq!(room.client().server_address(), "elsewhere:5002");
    }
    // An empty or missing address means the responding server.
    for response in [created("other_address", "elsewhere:5002"), created("jellyfish_address", "")] {
        let url = respond_with(response).await?;
        let own = url.trim_start_matches("http://");
        let jellyfish = JellyfishClient::new(ConnectionOptions::new(own, "token"))?;
        let (_, address) = jellyfish.create_room(RoomOptions::new()).await?;
        assert_eq!(address, own);
    }
    Ok(())
}

#[tokio::test]
async fn invalid_address_is_reported_as_the_servers() -> anyhow::Result<()> {
    let url = respond_with(created("jellyfish_address", "http://user:sentinel@h")).await?;
    let jellyfish = JellyfishClient::new(ConnectionOptions::new(url.trim_start_matches("http://"), "token"))?;
    let error = jellyfish.create_room_handle(RoomOptions::new()).await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Decode, Some("create_room")));
    assert!(error.may_have_taken_effect());
    let line = format!("{error:#}");
    assert!(line.contains("scheme") && !line.contains("sentinel"), "{line}");
    Ok(())
}
