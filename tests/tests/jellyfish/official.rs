//! Defects of the official SDKs that concern Jellyfish, and the behavior of this SDK: see `tests/official-sdks.md`.

use std::time::Duration;

use fishjam_sdk::{
    ErrorKind, VideoCodec,
    jellyfish::{ConnectionOptions, JellyfishClient, RoomOptions, WebRtc},
};
use fishjam_tests::{
    clock::StoppedClock,
    support::{respond_with, silent, unanswered_request},
};
use serde_json::json;
use tokio::time::Instant;

use crate::fixture::start;

fn at(url: &str) -> fishjam_sdk::Result<JellyfishClient> {
    JellyfishClient::new(ConnectionOptions::new(url.trim_start_matches("http://"), "token"))
}

// Defects X10 and X11 of the official SDKs.
/// The Elixir SDK raises an error for a body that is not valid JSON. The Python SDK of that time raises `None` for an
/// unknown status.
#[tokio::test]
async fn status_decides_the_kind_with_any_body() -> anyhow::Result<()> {
    for status in [400, 404, 409, 418, 429, 500, 502, 520] {
        let url = respond_with(format!("HTTP/1.1 {status} Odd\r\ncontent-length: 6\r\n\r\n<html>")).await?;
        let error = at(&url)?.create_room(RoomOptions::new()).await.unwrap_err();
        assert_eq!((error.status(), error.body_excerpt()), (Some(status), Some("<html>")), "{error}");
    }
    let url = respond_with("HTTP/1.1 201 Created\r\ncontent-length: 9\r\n\r\nnot JSON!").await?;
    let error = at(&url)?.create_room(RoomOptions::new()).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Decode, Some(201)));
    Ok(())
}

// Defect X12 of the official SDKs.
#[tokio::test]
async fn silent_server_times_out_as_documented() -> anyhow::Result<()> {
    let (listener, url) = silent().await?;
    let clock = StoppedClock::stop();
    let began = Instant::now();
    let jellyfish = at(&url)?;
    let waiting = async {
        let unanswered = unanswered_request(&listener).await?;
        clock.advance(Duration::from_secs(30)).await;
        anyhow::Ok(unanswered)
    };
    let (outcome, waited) = tokio::join!(jellyfish.create_room(RoomOptions::new()), waiting);
    waited?;
    let error = outcome.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, 1));
    assert_eq!(began.elapsed().as_secs(), 30);
    Ok(())
}

// Defect X13 of the official SDKs.
#[tokio::test]
async fn unknown_value_does_not_fail_the_list() -> anyhow::Result<()> {
    let (emulator, jellyfish) = start().await?;
    let (room, _) = jellyfish.create_room(RoomOptions::new()).await?;
    jellyfish.add_peer(&room.id, WebRtc::new()).await?;
    emulator.faults().on("get_all_rooms").patch_json(|rooms| {
        rooms["data"][0]["config"]["videoCodec"] = json!("av1");
        rooms["data"][0]["peers"][0]["status"] = json!("asleep");
    });
    let rooms = jellyfish.get_all_rooms().await?;
    assert_eq!(rooms[0].config.video_codec, Some(VideoCodec::Unknown("av1".to_owned())));
    assert_eq!(rooms[0].peers[0].status.as_str(), "asleep");
    Ok(())
}

// Defect X15 of the official SDKs.
#[tokio::test]
async fn id_that_would_change_the_path_is_not_sent() -> anyhow::Result<()> {
    let (emulator, jellyfish) = start().await?;
    for id in ["", ".", "..", "a/b", "a\\b", "a\nb"] {
        let outcomes = [
            jellyfish.get_room(id).await.map(drop),
            jellyfish.delete_room(id).await,
            jellyfish.delete_peer("r", id).await,
            jellyfish.delete_component("r", id).await,
            jellyfish.subscribe("r", id, ["p"]).await,
            jellyfish.dial("r", id, "1").await,
            jellyfish.end_call(id, "c").await,
            jellyfish.delete_recording(id).await,
        ];
        for outcome in outcomes {
            assert_eq!(outcome.unwrap_err().kind(), ErrorKind::InvalidInput, "{id:?}");
        }
    }
    assert_eq!(emulator.journal().requests().len(), 0);
    Ok(())
}

// Defects X8 and X36 of the official SDKs.
/// The client neither replaces a part of the address nor doubles a slash.
#[tokio::test]
async fn address_is_used_unchanged() -> anyhow::Result<()> {
    let (emulator, _) = start().await?;
    for address in [emulator.address().to_owned(), format!("{}/", emulator.address())] {
        let jellyfish = JellyfishClient::new(ConnectionOptions::new(address.as_str(), emulator.token()))?;
        jellyfish.get_all_rooms().await?;
        assert_eq!(
            emulator.journal().requests().pop().map(|request| request.full_path().to_owned()).as_deref(),
            Some("/room"),
            "{address}"
        );
    }
    Ok(())
}
