//! Images of video tracks: concurrent callers, one request per second, and the right image for each.

use std::time::Duration;

use fishjam_sdk::{
    ErrorKind,
    agent::{AgentConnectOptions, AgentMessage},
};
use fishjam_tests::{
    clock::{SteppedClock, or_stuck, settle},
    support::{PATIENCE, within},
};
use futures_util::FutureExt;
use tokio::{task::JoinSet, time::Instant};

use super::{
    heard, next,
    service::{Service, audio, image},
};

const PATIENT: Duration = PATIENCE;

#[tokio::test]
async fn callers_share_one_image_request_per_track() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let (mut session, mut server) = service.connect(AgentConnectOptions::new()).await?;
    let mut looking = JoinSet::new();
    for _ in 0..50 {
        let sender = session.sender();
        looking.spawn(async move { sender.capture_image_and_wait("camera", PATIENT).await });
    }
    assert_eq!(server.receive_capture().await?, "camera");
    // More than a mebibyte, between audio.
    let data = vec![7; 3 * 1024 * 1024];
    server.send(audio("ada", [1])).await?;
    settle().await;
    server.send(image("another", [1])).await?;
    server.send(image("camera", data.clone())).await?;
    server.send(audio("ada", [2])).await?;
    for seen in within("the images", looking.join_all()).await? {
        let seen = seen?;
        assert_eq!((seen.track_id.as_str(), seen.content_type.as_str()), ("camera", "image/jpeg"));
        assert_eq!(seen.data, data);
    }
    assert_eq!(heard(&mut session).await?.data.as_ref(), [1]);
    // The stream delivers only the image that no caller waited for.
    let other = next(&mut session).await?;
    assert!(matches!(&other, AgentMessage::TrackImage(image) if image.track_id == "another"), "{other:?}");
    assert_eq!(heard(&mut session).await?.data.as_ref(), [2]);
    // No second request was sent.
    assert!(or_stuck(server.receive()).await.is_none());
    Ok(())
}

// Defect X32 of the official SDKs.
#[tokio::test]
async fn late_image_does_not_complete_a_later_request() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let (mut session, mut server) = service.connect(AgentConnectOptions::new()).await?;
    let _clock = SteppedClock::start(Duration::from_millis(5));
    let began = Instant::now();
    let error = session.capture_image_and_wait("camera", Duration::from_millis(100)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().contains("no image of the track arrived within 100ms"), "{error}");
    server.receive_capture().await?;
    let sender = session.sender();
    let looking = tokio::spawn(async move { sender.capture_image_and_wait("camera", PATIENT).await });
    server.receive_capture().await?;
    assert!(began.elapsed() > Duration::from_millis(800), "two requests within {:?}", began.elapsed());
    server.send(image("camera", *b"late")).await?;
    server.send(image("camera", *b"mine")).await?;
    assert_eq!(within("the image", looking).await???.data.as_ref(), b"mine");
    match next(&mut session).await? {
        AgentMessage::TrackImage(late) => assert_eq!(late.data.as_ref(), b"late"),
        other => anyhow::bail!("{other:?}"),
    }
    Ok(())
}

#[tokio::test]
async fn missing_image_is_requested_again() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let (session, mut server) = service.connect(AgentConnectOptions::new()).await?;
    let _clock = SteppedClock::start(Duration::from_millis(5));
    let looking = tokio::spawn(async move { session.capture_image_and_wait("camera", PATIENT).await });
    server.receive_capture().await?;
    server.receive_capture().await?;
    server.send(image("camera", *b"seen")).await?;
    assert_eq!(within("the image", looking).await???.data.as_ref(), b"seen");
    Ok(())
}

#[tokio::test]
async fn stream_image_is_requested_once() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let (mut session, mut server) = service.connect(AgentConnectOptions::new()).await?;
    session.capture_image("camera").await?;
    server.receive_capture().await?;
    session.capture_image("screen").await?;
    assert_eq!(server.receive_capture().await?, "screen");
    server.send(image("camera", *b"seen")).await?;
    let seen = next(&mut session).await?;
    assert!(matches!(&seen, AgentMessage::TrackImage(image) if image.data.as_ref() == b"seen"), "{seen:?}");
    assert!(or_stuck(server.receive()).await.is_none());
    Ok(())
}

#[tokio::test]
async fn pending_image_fails_with_the_reason_of_the_end() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let (session, mut server) = service.connect(AgentConnectOptions::new()).await?;
    let looking = tokio::spawn(async move { session.capture_image_and_wait("camera", PATIENT).await });
    server.receive_capture().await?;
    server.close(1008, "no more than one a second").await?;
    let error = within("the error", looking).await??.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed);
    assert!(error.to_string().contains("no more than one a second"), "{error}");
    Ok(())
}

#[tokio::test]
async fn canceled_image_is_not_requested() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let (session, mut server) = service.connect(AgentConnectOptions::new()).await?;
    // Polled once: the session has the command, and the task has not seen it yet.
    assert!(session.capture_image_and_wait("camera", PATIENT).now_or_never().is_none());
    assert!(or_stuck(server.receive()).await.is_none());
    Ok(())
}
