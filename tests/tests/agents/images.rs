//! Looking at video: many callers, one request a second, and the right image for each.

use std::time::{Duration, Instant};

use fishjam_sdk::{
    ErrorKind,
    agent::{AgentConnectOptions, AgentMessage},
};
use fishjam_tests::support::{PATIENCE, within};
use futures_util::FutureExt;
use tokio::task::JoinSet;

use super::{
    heard, next,
    service::{Service, a_moment, audio, image},
};

const PATIENT: Duration = PATIENCE;

#[tokio::test]
async fn many_who_look_at_one_track_share_one_request_while_audio_flows() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let (mut session, mut line) = service.connect(AgentConnectOptions::new()).await?;
    let mut looking = JoinSet::new();
    for _ in 0..50 {
        let sender = session.sender();
        looking.spawn(async move { sender.capture_image_and_wait("camera", PATIENT).await });
    }
    assert_eq!(line.hear_capture().await?, "camera");
    // More than a mebibyte, between audio.
    let data = vec![7; 3 * 1024 * 1024];
    line.say(audio("ada", [1])).await?;
    a_moment().await;
    line.say(image("another", [1])).await?;
    line.say(image("camera", data.clone())).await?;
    line.say(audio("ada", [2])).await?;
    for seen in within("the images", looking.join_all()).await? {
        let seen = seen?;
        assert_eq!((seen.track_id.as_str(), seen.content_type.as_str()), ("camera", "image/jpeg"));
        assert_eq!(seen.data, data);
    }
    assert_eq!(heard(&mut session).await?.data.as_ref(), [1]);
    // What nobody asked for is for the stream, and what somebody waited for is not.
    let other = next(&mut session).await?;
    assert!(matches!(&other, AgentMessage::TrackImage(image) if image.track_id == "another"), "{other:?}");
    assert_eq!(heard(&mut session).await?.data.as_ref(), [2]);
    // No second request was sent.
    assert!(tokio_is_silent(&mut line).await);
    Ok(())
}

/// Whether the agent says nothing for a moment.
async fn tokio_is_silent(line: &mut super::service::Line) -> bool {
    tokio::time::timeout(Duration::from_millis(100), line.hear()).await.is_err()
}

#[tokio::test]
async fn x32_a_late_image_does_not_answer_a_later_request() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let (mut session, mut line) = service.connect(AgentConnectOptions::new()).await?;
    let began = Instant::now();
    let error = session.capture_image_and_wait("camera", Duration::from_millis(100)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().contains("no image of the track arrived within 100ms"), "{error}");
    line.hear_capture().await?;
    let sender = session.sender();
    let looking = tokio::spawn(async move { sender.capture_image_and_wait("camera", PATIENT).await });
    line.hear_capture().await?;
    assert!(began.elapsed() > Duration::from_millis(800), "two requests within {:?}", began.elapsed());
    line.say(image("camera", *b"late")).await?;
    line.say(image("camera", *b"mine")).await?;
    assert_eq!(within("the image", looking).await???.data.as_ref(), b"mine");
    match next(&mut session).await? {
        AgentMessage::TrackImage(late) => assert_eq!(late.data.as_ref(), b"late"),
        other => anyhow::bail!("{other:?}"),
    }
    Ok(())
}

#[tokio::test]
async fn an_image_that_is_not_given_is_asked_for_again() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let (session, mut line) = service.connect(AgentConnectOptions::new()).await?;
    let looking = tokio::spawn(async move { session.capture_image_and_wait("camera", PATIENT).await });
    line.hear_capture().await?;
    line.hear_capture().await?;
    line.say(image("camera", *b"seen")).await?;
    assert_eq!(within("the image", looking).await???.data.as_ref(), b"seen");
    Ok(())
}

#[tokio::test]
async fn an_image_for_the_stream_is_asked_for_once_however_often_it_is_wanted() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let (mut session, mut line) = service.connect(AgentConnectOptions::new()).await?;
    session.capture_image("camera").await?;
    line.hear_capture().await?;
    session.capture_image("screen").await?;
    assert_eq!(line.hear_capture().await?, "screen");
    line.say(image("camera", *b"seen")).await?;
    let seen = next(&mut session).await?;
    assert!(matches!(&seen, AgentMessage::TrackImage(image) if image.data.as_ref() == b"seen"), "{seen:?}");
    assert!(tokio_is_silent(&mut line).await);
    Ok(())
}

#[tokio::test]
async fn who_looks_when_the_session_ends_hears_why() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let (session, mut line) = service.connect(AgentConnectOptions::new()).await?;
    let looking = tokio::spawn(async move { session.capture_image_and_wait("camera", PATIENT).await });
    line.hear_capture().await?;
    line.close(1008, "no more than one a second").await?;
    let error = within("the error", looking).await??.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed);
    assert!(error.to_string().contains("no more than one a second"), "{error}");
    Ok(())
}

#[tokio::test]
async fn nothing_is_asked_for_who_has_gone() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let (session, mut line) = service.connect(AgentConnectOptions::new()).await?;
    // Polled once: its order is taken, and the task has not seen it yet.
    assert!(session.capture_image_and_wait("camera", PATIENT).now_or_never().is_none());
    assert!(tokio_is_silent(&mut line).await);
    Ok(())
}
