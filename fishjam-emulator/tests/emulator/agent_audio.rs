//! The audio that agents send and receive.

use std::time::{Duration, Instant};

use fishjam_emulator::{
    Emulator, Ignored, Sound, TrackKind,
    proto::fishjam::{
        agent_request::{Content, add_track::CodecParameters},
        agent_response::Content as Response,
        notifications::Track,
        server_message::{Content as ServerContent, VadNotification, vad_notification::Status},
    },
};
use serde_json::json;
use tokio::time::timeout;

use crate::{
    agent::{Agent, ignored, received, track},
    client::{Notifications, add_peer, call, create_room},
};

async fn room() -> (Emulator, String) {
    let emulator = Emulator::start().await.unwrap();
    let room = create_room(&emulator, json!({})).await;
    (emulator, room)
}

fn bytes(samples: &[i16]) -> Vec<u8> {
    samples.iter().flat_map(|sample| sample.to_le_bytes()).collect()
}

#[tokio::test]
async fn agents_receive_each_other_but_not_themselves() {
    let (emulator, room) = room().await;
    let elsewhere = create_room(&emulator, json!({})).await;
    let mut first = Agent::join(&emulator, &room, json!({})).await;
    let mut second = Agent::join(&emulator, &room, json!({})).await;
    let mut stranger = Agent::join(&emulator, &elsewhere, json!({})).await;
    first.add_track("a", 16_000).await;
    second.add_track("b", 16_000).await;
    // Chunks of any size, also with incomplete samples.
    for chunk in [&b"abc"[..], b"d", &[7; 5_000_000], b"e"] {
        first.say("a", chunk).await;
        assert_eq!(second.hear().await, (first.id.clone(), "a".to_owned(), chunk.to_vec()));
    }
    second.say("b", "xy").await;
    match first.next().await {
        Response::TrackData(heard) => {
            let track = Track { id: "b".to_owned(), r#type: 2, metadata: "{}".to_owned() };
            assert_eq!((heard.peer_id, heard.track, &heard.data[..]), (second.id.clone(), Some(track), &b"xy"[..]));
        }
        other => panic!("{other:?}"),
    }
    for agent in [&mut first, &mut second, &mut stranger] {
        agent.expect_silence().await;
    }
    assert_eq!(emulator.agent_sockets().written(1).unwrap().agent_responses().len(), 1);
    let sent = emulator.agent_sockets().received(1).unwrap().agent_requests();
    assert_eq!(sent[0].content, Some(Content::AddTrack(track("a", 16_000))));
    assert_eq!((sent.len(), ignored(&emulator)), (5, vec![]));
}

#[tokio::test]
async fn thousands_of_tiny_chunks_arrive_in_order() {
    let (emulator, room) = room().await;
    let mut speaker = Agent::join(&emulator, &room, json!({})).await;
    let mut listener = Agent::join(&emulator, &room, json!({})).await;
    speaker.add_track("a", 16_000).await;
    for number in 0..5000_u16 {
        speaker.say("a", number.to_le_bytes()).await;
    }
    let expected: Vec<u8> = (0..5000_u16).flat_map(u16::to_le_bytes).collect();
    assert_eq!(listener.hear_bytes(10_000).await, expected);
}

#[tokio::test]
async fn manual_agent_receives_only_subscribed_tracks() {
    let (emulator, room) = room().await;
    let manual = json!({ "subscribeMode": "manual" });
    let mut by_peer = Agent::join(&emulator, &room, manual.clone()).await;
    let mut by_track = Agent::join(&emulator, &room, manual).await;
    let (peer, _) = add_peer(&emulator, &room).await;
    let track = |_| emulator.add_track(&room, &peer, TrackKind::Audio, json!({})).unwrap();
    let tracks = ["first", "second"].map(track);
    let publish = |track: &str, level: i16| {
        assert!(emulator.publish_audio(&room, &peer, track, &Sound::pcm(16_000, 1, [level; 4])));
    };
    for track in &tracks {
        publish(track, 1);
    }
    let subscribe = async |agent: &str, rest: &str, body| {
        let path = format!("/room/{room}/peer/{agent}/{rest}");
        assert_eq!(call(&emulator, "POST", &path, body).await.0, 200);
    };
    subscribe(&by_peer.id, &format!("subscribe_peer?peer_id={peer}"), None).await;
    subscribe(&by_track.id, "subscribe_tracks", Some(json!({ "track_ids": [tracks[1]] }))).await;
    for track in &tracks {
        publish(track, 2);
    }
    let expected = |track: &String, level| (peer.clone(), track.clone(), bytes(&[level; 4]));
    assert_eq!(by_peer.hear().await, expected(&tracks[0], 2));
    assert_eq!(by_peer.hear().await, expected(&tracks[1], 2));
    assert_eq!(by_track.hear().await, expected(&tracks[1], 2));
    // Future tracks of the peer, too.
    let third = track("third");
    publish(&third, 3);
    assert_eq!(by_peer.hear().await, expected(&third, 3));
    by_peer.expect_silence().await;
    by_track.expect_silence().await;
}

#[tokio::test]
async fn agents_receive_their_requested_rate() {
    let (emulator, room) = room().await;
    let mut slow = Agent::join(&emulator, &room, json!({})).await;
    let mut fast = Agent::join(&emulator, &room, json!({ "output": { "audioSampleRate": 24000 } })).await;
    let (peer, _) = add_peer(&emulator, &room).await;
    let track = emulator.add_track(&room, &peer, TrackKind::Audio, json!({})).unwrap();
    let ramp: Vec<i16> = (0..960).map(|number| number * 30).collect();
    // In two channels whose average is the ramp.
    let stereo: Vec<i16> = ramp.iter().flat_map(|sample| [sample + 100, sample - 100]).collect();
    assert!(emulator.publish_audio(&room, &peer, &track, &Sound::pcm(24_000, 2, stereo)));
    assert_eq!(fast.hear_bytes(1920).await, bytes(&ramp));
    let expected: Vec<i16> = (0..640).map(|number| number * 45).collect();
    assert_eq!(slow.hear_bytes(1280).await, bytes(&expected));
    // 40 milliseconds in chunks of 20.
    assert_eq!(emulator.agent_sockets().written(1).unwrap().written(), 2);
}

#[tokio::test]
async fn opus_is_published_and_reported_once_as_undecoded() {
    let (emulator, room) = room().await;
    let mut notifications = Notifications::open(&emulator).await;
    let mut speaker = Agent::join(&emulator, &room, json!({})).await;
    let mut opus = track("a", 0);
    opus.codec_params = Some(CodecParameters { encoding: 2, sample_rate: 0, channels: 0 });
    speaker.send(Content::AddTrack(opus)).await;
    assert_eq!(notifications.names(4).await[3], "TrackAdded");
    // No agent would receive it.
    speaker.say("a", "packet").await;
    received(&emulator, 1, 2).await;
    assert_eq!(ignored(&emulator), []);
    let mut listener = Agent::join(&emulator, &room, json!({})).await;
    for _ in 0..3 {
        speaker.say("a", "packet").await;
    }
    received(&emulator, 1, 5).await;
    listener.expect_silence().await;
    assert_eq!(ignored(&emulator), [(Some("a".to_owned()), Ignored::NotDecoded)]);
}

#[tokio::test]
async fn interruption_discards_queued_audio_in_real_time() {
    let (emulator, room) = room().await;
    emulator.set_real_time_playout(true);
    let mut speaker = Agent::join(&emulator, &room, json!({})).await;
    let mut listener = Agent::join(&emulator, &room, json!({})).await;
    speaker.add_track("a", 16_000).await;
    // Queues a minute of audio; its first 20 milliseconds play immediately.
    let begun = Instant::now();
    speaker.say("a", vec![1; 60 * 32_000]).await;
    assert_eq!(listener.hear_bytes(5 * 640).await, [1; 5 * 640]);
    assert!(begun.elapsed() >= Duration::from_millis(75), "{:?}", begun.elapsed());
    speaker.interrupt("a").await;
    speaker.say("a", [2; 640]).await;
    let mut old = 0;
    loop {
        match listener.hear().await.2 {
            new if new == [2; 640] => break,
            _ => old += 1,
        }
    }
    // 1,500 chunks of 20 milliseconds are half of the minute.
    assert!(old < 1_500, "{old} old chunks after the interruption");
    listener.expect_silence().await;
    // The end of a track discards its waiting audio.
    speaker.say("a", [3; 6400]).await;
    assert_eq!(listener.hear().await.2, [3; 640]);
    speaker.remove_track("a").await;
    received(&emulator, 1, 6).await;
    while timeout(Duration::from_millis(60), listener.hear()).await.is_ok() {}
    listener.expect_silence().await;
}

#[tokio::test]
async fn scripted_peer_publishes_voice_activity_in_real_time() {
    let (emulator, room) = room().await;
    let mut listener = Agent::join(&emulator, &room, json!({})).await;
    let (peer, _) = add_peer(&emulator, &room).await;
    let track = emulator.add_track(&room, &peer, TrackKind::Audio, json!({})).unwrap();
    let video = emulator.add_track(&room, &peer, TrackKind::Video, json!({})).unwrap();
    let mut notifications = Notifications::open(&emulator).await;
    let tone = Sound::tone(440.0, 16_000, Duration::from_millis(100));
    let begun = Instant::now();
    assert!(emulator.play_audio(&room, &peer, &track, &tone).await);
    assert!(begun.elapsed() >= Duration::from_millis(100), "{:?}", begun.elapsed());
    assert_eq!(listener.hear_bytes(3200).await, tone.to_bytes());
    let activity = |status| {
        let (room_id, peer_id, track_id) = (room.clone(), peer.clone(), track.clone());
        ServerContent::VadNotification(VadNotification { room_id, peer_id, track_id, status: i32::from(status) })
    };
    for status in [Status::Speech, Status::Silence] {
        assert_eq!(notifications.next().await, activity(status));
    }
    // The future is dropped in the middle. The peer stops speaking anyway.
    let endless = Sound::tone(440.0, 16_000, Duration::from_secs(60));
    let playing = emulator.play_audio(&room, &peer, &track, &endless);
    assert!(timeout(Duration::from_millis(50), playing).await.is_err());
    for status in [Status::Speech, Status::Silence] {
        assert_eq!(notifications.next().await, activity(status));
    }
    let silence = Sound::silence(16_000, Duration::from_millis(100));
    assert!(emulator.publish_audio(&room, &peer, &track, &silence));
    assert!(emulator.publish_voice_activity(&room, &peer, &track, true));
    assert_eq!(notifications.next().await, activity(Status::Speech));
    for (peer, track) in [(&peer, &video), (&peer, &peer), (&track, &track)] {
        assert!(!emulator.publish_audio(&room, peer, track, &tone));
        assert!(!emulator.play_audio(&room, peer, track, &tone).await);
        assert!(!emulator.publish_voice_activity(&room, peer, track, true));
    }
}

#[tokio::test]
async fn slow_agent_receives_its_queue_and_is_closed() {
    let emulator = Emulator::builder().agent_queue(50).start().await.unwrap();
    let room = create_room(&emulator, json!({})).await;
    let mut listener = Agent::join(&emulator, &room, json!({})).await;
    let (peer, _) = add_peer(&emulator, &room).await;
    let track = emulator.add_track(&room, &peer, TrackKind::Audio, json!({})).unwrap();
    let minutes = Sound::silence(16_000, Duration::from_secs(60));
    assert!(emulator.publish_audio(&room, &peer, &track, &minutes));
    assert_eq!(listener.hear_bytes(50 * 640).await, [0; 50 * 640]);
    listener.socket.expect_close(1011, "event queue overflow").await;
}
