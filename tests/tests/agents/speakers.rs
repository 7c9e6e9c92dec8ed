//! One stream per speaker.

use fishjam_sdk::{
    Overflow,
    agent::{AgentConnectOptions, PcmFormat, SampleRate, Speaker, SpeakerEvent, Speakers},
};
use fishjam_tests::support::within;
use futures_util::StreamExt;

use super::service::{Service, audio, image};

async fn speaker(speakers: &mut Speakers) -> anyhow::Result<Speaker> {
    match within("a speaker", speakers.receive()).await? {
        Some(Ok(SpeakerEvent::Speaker(speaker))) => Ok(speaker),
        other => anyhow::bail!("{other:?}"),
    }
}

#[tokio::test]
async fn simultaneous_speakers_do_not_interleave() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let (session, mut server) = service.connect(AgentConnectOptions::new()).await?;
    let (_sender, receiver) = session.split();
    let mut speakers = receiver.speakers();
    for number in 0..100_u8 {
        server.send(audio("ada", [number, 0])).await?;
        server.send(audio("bob", [number, 1])).await?;
    }
    server.send(image("camera", [1])).await?;
    server.close(1000, "Room stopped").await?;
    let (ada, bob) = (speaker(&mut speakers).await?, speaker(&mut speakers).await?);
    let image = within("the image", speakers.next()).await?;
    assert!(matches!(image, Some(Ok(SpeakerEvent::Message(_)))), "{image:?}");
    let end = within("the end", speakers.next()).await?;
    assert!(matches!(&end, Some(Err(error)) if error.close_code() == Some(1000)), "{end:?}");
    assert!(speakers.receive().await.is_none());
    for (speaker, name, mark) in [(ada, "ada", 0), (bob, "bob", 1)] {
        assert_eq!((speaker.peer_id().as_str(), speaker.track().id.as_str()), (name, &*format!("{name}-track")));
        assert_eq!(speaker.format(), PcmFormat::mono(SampleRate::Hz16000));
        let said: Vec<u8> = within("their audio", speaker.collect::<Vec<_>>()).await?.concat();
        let expected: Vec<u8> = (0..100).flat_map(|number| [number, mark]).collect();
        assert_eq!(said, expected, "{name}");
    }
    Ok(())
}

#[tokio::test]
async fn speakers_have_the_rate_of_their_agent() -> anyhow::Result<()> {
    let service = Service::start().await?;
    for rate in [SampleRate::Hz16000, SampleRate::Hz24000] {
        let agent = service.agent().await?.with_input_rate(rate);
        let (session, server) = tokio::join!(agent.connect(), service.admit());
        let (session, mut server) = (session?, server?);
        assert_eq!(session.input_format(), PcmFormat::mono(rate));
        let (_sender, receiver) = session.split();
        let mut speakers = receiver.speakers();
        assert_eq!(speakers.format(), PcmFormat::mono(rate));
        server.send(audio("ada", [1, 2])).await?;
        assert_eq!(speaker(&mut speakers).await?.format(), PcmFormat::mono(rate));
    }
    Ok(())
}

#[tokio::test]
async fn dropped_speaker_returns_and_slow_reader_gets_newest() -> anyhow::Result<()> {
    let service = Service::start().await?;
    let (session, mut server) = service.connect(AgentConnectOptions::new().incoming(64, Overflow::Wait)).await?;
    let (_sender, receiver) = session.split();
    let mut speakers = receiver.speakers();
    server.send(audio("ada", [1])).await?;
    drop(speaker(&mut speakers).await?);
    server.send(audio("ada", [2])).await?;
    let mut ada = speaker(&mut speakers).await?;
    assert_eq!(within("audio", ada.receive()).await?.as_deref(), Some(&[2][..]));
    // A task polls for other speakers, and no task reads Ada.
    let polling = tokio::spawn(async move {
        let other = speakers.receive().await;
        (speakers, other)
    });
    for number in 0..600_u16 {
        server.send(audio("ada", number.to_le_bytes())).await?;
        tokio::task::yield_now().await;
    }
    server.send(image("camera", [1])).await?;
    let (_speakers, image) = within("the image", polling).await??;
    assert!(matches!(image, Some(Ok(SpeakerEvent::Message(_)))), "{image:?}");
    let first = within("audio", ada.receive()).await?;
    assert_eq!((first.as_deref(), ada.dropped()), (Some(&88_u16.to_le_bytes()[..]), 88));
    Ok(())
}
