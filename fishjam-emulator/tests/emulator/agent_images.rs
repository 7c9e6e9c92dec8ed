//! The images of video tracks that agents receive.

use std::time::Duration;

use fishjam_emulator::{
    Emulator, Ignored, Sound, TrackKind,
    proto::fishjam::agent_response::{Content as Response, TrackImage},
};
use serde_json::json;

use crate::{
    agent::{Agent, ignored, received},
    client::{add_peer, create_room},
    clock::{StoppedClock, leap, or_stuck, settle},
};

struct Gallery {
    emulator: Emulator,
    room: String,
    peer: String,
    video: String,
    agent: Agent,
}

async fn gallery() -> Gallery {
    let emulator = Emulator::start().await.unwrap();
    let room = create_room(&emulator, json!({})).await;
    let (peer, _) = add_peer(&emulator, &room).await;
    let video = emulator.add_track(&room, &peer, TrackKind::Video, json!({})).unwrap();
    let agent = Agent::join(&emulator, &room, json!({})).await;
    Gallery { emulator, room, peer, video, agent }
}

impl Gallery {
    async fn image(&mut self) -> TrackImage {
        match self.agent.next().await {
            Response::TrackImage(image) => image,
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn agent_receives_the_default_or_the_set_image() {
    let mut gallery = gallery().await;
    let other = gallery.emulator.add_track(&gallery.room, &gallery.peer, TrackKind::Video, json!({})).unwrap();
    gallery.emulator.images().set(&other, "image/png", vec![7; 3_000_000]);
    for track in [gallery.video.clone(), other.clone()] {
        gallery.agent.capture(&track).await;
    }
    let image = gallery.image().await;
    assert_eq!((&image.track_id, image.content_type.as_str()), (&gallery.video, "image/jpeg"));
    assert!(image.data.starts_with(b"\xff\xd8") && image.data.ends_with(b"\xff\xd9"));
    let image = gallery.image().await;
    assert_eq!((&image.track_id, image.content_type.as_str(), image.data.len()), (&other, "image/png", 3_000_000));
}

#[tokio::test]
async fn images_are_limited_to_one_per_second_and_video() {
    let mut gallery = gallery().await;
    let audio = gallery.emulator.add_track(&gallery.room, &gallery.peer, TrackKind::Audio, json!({})).unwrap();
    let video = gallery.video.clone();
    // The clock is stopped, so all requests arrive within one second.
    let clock = StoppedClock::stop();
    for track in [&video, &video, &audio, "unknown"] {
        gallery.agent.capture(track).await;
    }
    gallery.image().await;
    settle().await;
    drop(clock);
    received(&gallery.emulator, 1, 4).await;
    gallery.agent.expect_silence().await;
    let expected = [
        (Some(video.clone()), Ignored::TooSoon),
        (Some(audio), Ignored::NoPictures),
        (Some("unknown".to_owned()), Ignored::UnknownTrack),
    ];
    assert_eq!(ignored(&gallery.emulator), expected);
    // The limit of one image per second applies to each agent separately.
    let mut other = Agent::join(&gallery.emulator, &gallery.room, json!({})).await;
    other.capture(&video).await;
    assert!(matches!(other.next().await, Response::TrackImage(_)));
    leap(Duration::from_secs(1)).await;
    gallery.agent.capture(&video).await;
    gallery.image().await;
}

#[tokio::test]
async fn images_are_delayed_or_withheld_while_audio_continues() {
    let mut gallery = gallery().await;
    let Gallery { emulator, room, peer, video, agent } = &mut gallery;
    let (room, peer) = (&*room, &*peer);
    let audio = emulator.add_track(room, peer, TrackKind::Audio, json!({})).unwrap();
    let other = emulator.add_track(room, peer, TrackKind::Video, json!({})).unwrap();
    emulator.images().withhold(1);
    agent.capture(video).await;
    let delay = Duration::from_secs(10);
    emulator.images().delay(delay);
    received(emulator, 1, 1).await;
    let clock = StoppedClock::stop();
    agent.capture(&other).await;
    settle().await;
    assert!(emulator.publish_audio(room, peer, &audio, &Sound::silence(16_000, Duration::from_millis(20))));
    assert_eq!(agent.hear().await.2, [0; 640]);
    assert!(or_stuck(agent.next()).await.is_none());
    clock.advance(delay).await;
    match agent.next().await {
        Response::TrackImage(image) => assert_eq!(image.track_id, other),
        response => panic!("{response:?}"),
    }
    drop(clock);
    agent.expect_silence().await;
    assert_eq!(ignored(emulator), []);
}
