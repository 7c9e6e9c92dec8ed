//! Tests of required and forbidden headers.

use fishjam_emulator::{Authorization, Emulator};
use fishjam_sdk::{FishjamClient, PeerOptions, RoomOptions, RoomType};

/// The version of the SDK: all crates of the workspace share it.
const VERSION: &str = env!("CARGO_PKG_VERSION");

#[tokio::test]
async fn every_request_has_user_agent_and_accept_headers() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam =
        FishjamClient::builder(emulator.url(), emulator.token()).user_agent_suffix("my-backend/1.2 (x)").build()?;
    fishjam.check_credentials().await?;
    let room = fishjam.create_room(RoomOptions::new().room_type(RoomType::Livestream)).await?;
    fishjam.get_room(&room.id).await?;
    fishjam.get_all_rooms().await?;
    let (peer, _) = fishjam.create_peer(&room.id, PeerOptions::new()).await?;
    fishjam.refresh_peer_token(&room.id, &peer.id).await?;
    fishjam.create_livestream_viewer_token(&room.id).await?;
    fishjam.create_livestream_streamer_token(&room.id).await?;
    fishjam.delete_peer(&room.id, &peer.id).await?;
    fishjam.delete_room(&room.id).await?;

    let requests = emulator.journal().requests();
    assert_eq!(requests.len(), 10);
    for request in requests {
        let operation = request.operation();
        assert_eq!(request.authorization(), Authorization::Valid, "{operation}");
        let headers = request.headers();
        for (name, value) in [
            ("x-fishjam-api-client", format!("rust-server/{VERSION}")),
            ("user-agent", format!("fishjam-rust/{VERSION} my-backend/1.2 (x)")),
            ("accept", "application/json".to_owned()),
        ] {
            let values: Vec<_> = headers.iter().filter(|(other, _)| other == name).map(|(_, value)| value).collect();
            assert_eq!(values, [&value], "{operation}: {name}");
        }
        for name in ["api-version", "cookie", "referer"] {
            assert_eq!(request.header(name), None, "{operation}: {name}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn the_user_agent_has_no_suffix_unless_one_is_given() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    FishjamClient::new(emulator.url(), emulator.token())?.get_all_rooms().await?;
    let expected = format!("fishjam-rust/{VERSION}");
    assert_eq!(emulator.journal().requests()[0].header("user-agent"), Some(expected.as_str()));
    Ok(())
}

#[tokio::test]
async fn a_post_without_a_body_has_length_0_and_no_type() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let room = fishjam.create_room(RoomOptions::new().room_type(RoomType::Livestream)).await?;
    let (peer, _) = fishjam.create_peer(&room.id, PeerOptions::new()).await?;
    fishjam.refresh_peer_token(&room.id, &peer.id).await?;
    fishjam.create_livestream_viewer_token(&room.id).await?;
    fishjam.create_livestream_streamer_token(&room.id).await?;
    for operation in ["refresh_token", "generate_viewer_token", "generate_streamer_token"] {
        let request = &emulator.journal().requests_for(operation)[0];
        assert_eq!(request.header("content-length"), Some("0"), "{operation}");
        assert_eq!((request.header("content-type"), request.header("transfer-encoding")), (None, None), "{operation}");
        assert_eq!(request.body(), b"", "{operation}");
    }
    Ok(())
}

#[tokio::test]
async fn a_body_is_json_of_known_length() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    fishjam.create_peer(&room.id, PeerOptions::new()).await?;
    for request in emulator.journal().requests() {
        assert_eq!(request.header("content-type"), Some("application/json"));
        assert_eq!(request.header("content-length"), Some(request.body().len().to_string().as_str()));
    }
    Ok(())
}

#[tokio::test]
async fn a_get_and_a_delete_have_no_body() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    emulator.journal().clear();
    fishjam.get_room(&room.id).await?;
    fishjam.delete_room(&room.id).await?;
    for request in emulator.journal().requests() {
        assert_eq!((request.header("content-type"), request.body()), (None, &b""[..]));
    }
    Ok(())
}
