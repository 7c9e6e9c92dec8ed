//! Livestreams: tokens for streamers and viewers.

use fishjam_emulator::Emulator;
use fishjam_sdk::{ErrorKind, FishjamClient, RoomOptions, RoomType};

#[tokio::test]
async fn livestream_rooms_have_tokens_for_viewers_and_streamers() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    for (options, public) in [
        (RoomOptions::new().room_type(RoomType::Livestream), false),
        (RoomOptions::new().room_type(RoomType::AudioOnlyLivestream), false),
        (RoomOptions::new().room_type(RoomType::Broadcaster), false),
        (RoomOptions::new().room_type(RoomType::Livestream).public(true), true),
    ] {
        let stream = fishjam.create_room(options).await?;
        assert_eq!(stream.config.public, public);
        emulator.journal().clear();
        let viewer = fishjam.create_livestream_viewer_token(&stream.id).await?;
        let streamer = fishjam.create_livestream_streamer_token(stream.id.as_str()).await?;
        assert!(!viewer.expose().is_empty() && !streamer.expose().is_empty());
        assert_ne!(viewer.expose(), streamer.expose());
        let another = fishjam.create_livestream_viewer_token(&stream.id).await?;
        assert_ne!(viewer.expose(), another.expose());
        let requests = emulator.journal().requests();
        for (request, operation, last) in
            [(&requests[0], "generate_viewer_token", "viewer"), (&requests[1], "generate_streamer_token", "streamer")]
        {
            let path = format!("/room/{}/{last}", stream.id);
            assert_eq!((request.operation(), request.method(), request.path()), (operation, "POST", path.as_str()));
            assert_eq!((request.query(), request.body()), (None, &b""[..]));
        }
    }
    Ok(())
}

#[tokio::test]
async fn unknown_and_other_rooms_have_no_livestream_tokens() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let conference = fishjam.create_room(RoomOptions::new()).await?;
    for id in [conference.id.as_str(), "gone"] {
        for error in [
            fishjam.create_livestream_viewer_token(id).await.unwrap_err(),
            fishjam.create_livestream_streamer_token(id).await.unwrap_err(),
        ] {
            assert_eq!((error.kind(), error.status()), (ErrorKind::NotFound, Some(404)), "{error}");
            assert!(error.message().is_some_and(|words| words.contains(id)), "{error}");
        }
    }
    Ok(())
}
