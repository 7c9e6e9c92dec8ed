//! No option, response or error of Jellyfish prints a secret.

use std::error::Error as StdError;

use fishjam_sdk::{
    Error,
    jellyfish::{
        ComponentOptions, ConnectionOptions, Hls, JellyfishClient, Recording, RoomOptions, Rtsp, S3Credentials, Sip,
        SipCredentials, WebRtc,
    },
};
use serde_json::json;

use crate::fixture::{h264_room, start};

const TOKEN: &str = "SENTINEL-token";

fn storage() -> S3Credentials {
    S3Credentials::new("SENTINEL-id", "SENTINEL-key", "eu-central-1", "my-bucket")
}

fn telephone() -> Sip {
    Sip::new(SipCredentials::new("registrar", "user", "SENTINEL-password"))
}

fn camera() -> Rtsp {
    Rtsp::new("rtsp://SENTINEL-user:SENTINEL-password@camera/stream")
}

/// A camera whose URL has the user in its query.
fn asking_camera() -> Rtsp {
    Rtsp::new("rtsp://camera/stream?user=SENTINEL-user&password=SENTINEL-password")
}

/// The documentation of webhooks recommends a secret in the path.
fn webhook() -> &'static str {
    "https://hooks.example.com/SENTINEL-path?key=SENTINEL-query"
}

#[test]
fn options_print_everything_except_secrets() {
    let connection = ConnectionOptions::new("SENTINEL:SENTINEL@h", TOKEN);
    for (printed, said) in [
        (format!("{:?} {:#?}", storage(), storage()), "my-bucket"),
        (format!("{:?}", Hls::new().s3(storage())), "eu-central-1"),
        (format!("{:?}", ComponentOptions::from(Recording::new().credentials(storage()))), "my-bucket"),
        (format!("{:?}", ComponentOptions::from(telephone())), "registrar"),
        (format!("{:?} {:#?}", camera(), ComponentOptions::from(camera())), "rtsp://camera"),
        (format!("{:?} {:#?}", asking_camera(), ComponentOptions::from(asking_camera())), "rtsp://camera"),
        (format!("{:?}", RoomOptions::new().webhook_url(webhook())), "https://hooks.example.com"),
        (format!("{connection:?} {:?}", JellyfishClient::builder(connection.clone())), "secure"),
        (format!("{:?}", JellyfishClient::builder(connection.clone()).build()), "password"),
        (format!("{:?}", JellyfishClient::new(ConnectionOptions::new("h", TOKEN)).unwrap()), "http://h"),
    ] {
        assert!(printed.contains(said), "{printed}");
        assert!(!printed.contains("SENTINEL"), "{printed}");
    }
}

#[tokio::test]
async fn responses_print_no_secret() -> anyhow::Result<()> {
    let (_emulator, jellyfish) = start().await?;
    let room = h264_room(&jellyfish).await?;
    let created = jellyfish.add_peer(&room.id, WebRtc::new()).await?;
    assert!(!format!("{created:?}").contains(created.token.expose()));
    for component in [
        jellyfish.add_component(&room.id, telephone()).await?,
        jellyfish.add_component(&room.id, camera()).await?,
        jellyfish.add_component(&room.id, asking_camera()).await?,
    ] {
        assert!(!format!("{component:?} {component:#?}").contains("SENTINEL"), "{component:?}");
    }
    let room = jellyfish.get_room(&room.id).await?;
    assert_eq!(room.components.len(), 3);
    assert!(!format!("{room:?} {room:#?}").contains("SENTINEL"));

    let (room, _) = jellyfish.create_room(RoomOptions::new().webhook_url(webhook())).await?;
    assert_eq!(room.config.webhook_url.as_deref(), Some(webhook()));
    let printed = format!("{room:?} {room:#?} {:?}", room.config);
    assert!(printed.contains("https://hooks.example.com") && !printed.contains("SENTINEL"), "{printed}");
    Ok(())
}

fn everything(error: &Error) -> String {
    let mut text = format!("{error} {error:?} {error:#?} {:?} {:?}", error.message(), error.body_excerpt());
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!("{error} {error:?}"));
        cause = error.source();
    }
    text
}

/// The server's response repeats the request. The error does not.
#[tokio::test]
async fn errors_repeat_no_secret() -> anyhow::Result<()> {
    let (emulator, _) = start().await?;
    let jellyfish = JellyfishClient::new(ConnectionOptions::new(emulator.address(), TOKEN))?;
    let echo = |operation: &str, secret: &str| {
        let body = json!({ "errors": format!("no {secret}, {TOKEN}") }).to_string();
        emulator.faults().on(operation).status(400).body(body).header("x-request-id", TOKEN);
    };
    echo("create_room", "");
    let mut errors = vec![jellyfish.create_room(RoomOptions::new()).await.unwrap_err()];
    for (options, secret) in [
        (ComponentOptions::from(telephone()), "SENTINEL-password"),
        (Hls::new().s3(storage()).into(), "SENTINEL-key"),
        (Recording::new().credentials(storage()).into(), "SENTINEL-key"),
        (camera().into(), "rtsp://SENTINEL-user:SENTINEL-password@camera/stream"),
        (camera().into(), "SENTINEL-user:SENTINEL-password"),
        (camera().into(), "SENTINEL-password"),
        (asking_camera().into(), "rtsp://camera/stream?user=SENTINEL-user&password=SENTINEL-password"),
        (asking_camera().into(), "user=SENTINEL-user&password=SENTINEL-password"),
        (asking_camera().into(), "SENTINEL-password"),
    ] {
        echo("add_component", secret);
        errors.push(jellyfish.add_component("r", options).await.unwrap_err());
    }
    for error in errors {
        assert_eq!(error.status(), Some(400), "{error}");
        assert!(error.message().is_some_and(|message| message.starts_with("no ")), "{error}");
        assert!(!everything(&error).contains("SENTINEL"), "{}", everything(&error));
    }
    Ok(())
}
