//! Notifications and metrics of a Jellyfish server.

use std::time::Duration;

use anyhow::Context;
use fishjam_emulator::{Emulator, TrackKind};
use fishjam_sdk::{
    VideoCodec,
    events::EndpointId,
    jellyfish::{
        File, Hls, JellyfishClient, RoomOptions, Sip, SipCredentials, WebRtc,
        events::{Event, Notification},
    },
};
use fishjam_tests::support::within;
use serde_json::{Value, json};

use super::notifier::{line, lines, next, notifier, options};
use crate::peer_socket::PeerSocket;

#[tokio::test]
async fn room_peer_and_component_events_arrive_in_order() -> anyhow::Result<()> {
    let emulator = Emulator::jellyfish().manual_media().start().await?;
    let jellyfish = JellyfishClient::new(options(&emulator))?;
    let mut events = notifier(&emulator).build()?.events().await?;
    assert_eq!(emulator.subscribers(), 1);

    let (room, _) = jellyfish.create_room(RoomOptions::new().room_id("r").video_codec(VideoCodec::H264)).await?;
    assert_eq!(line(&mut events).await?, "room_created room=r");
    let created = jellyfish.add_peer(&room.id, WebRtc::new()).await?;
    let p = created.peer.id.as_str();
    let mut socket = PeerSocket::connect(&created).await?;
    socket.media_event(&json!({ "type": "connect", "data": { "metadata": { "name": "Ada" } } })).await?;
    assert_eq!(
        lines(&mut events, 2).await?,
        [format!("peer_added room=r peer={p}"), format!("peer_connected room=r peer={p}")]
    );
    let Event::Notification(Notification::PeerMetadataUpdated(updated)) = next(&mut events).await? else {
        panic!("the metadata was not told")
    };
    assert_eq!(updated.metadata::<Value>()?, json!({ "name": "Ada" }));

    let track = emulator.add_track("r", p, TrackKind::Video, json!({ "cam": 1 })).context("no track")?;
    assert!(emulator.update_track("r", p, &track, json!({ "cam": 2 })));
    let Event::Notification(Notification::TrackAdded(added)) = next(&mut events).await? else { panic!("no track") };
    assert_eq!((&added.endpoint, added.track.id.as_str()), (&EndpointId::Peer(p.into()), track.as_str()));
    assert_eq!(line(&mut events).await?, format!("track_metadata_updated room=r peer={p} track={track}"));
    socket.close().await?;
    assert_eq!(
        lines(&mut events, 2).await?,
        [format!("peer_disconnected room=r peer={p}"), format!("track_removed room=r peer={p} track={track}")]
    );

    let file = jellyfish.add_component(&room.id, File::new("audio.ogg")).await?;
    let Event::Notification(Notification::TrackAdded(added)) = next(&mut events).await? else { panic!("no track") };
    assert_eq!(added.endpoint.component_id(), Some(&file.id));
    let hls = jellyfish.add_component(&room.id, Hls::new()).await?;
    assert!(emulator.make_playable("r", hls.id.as_str()));
    assert_eq!(line(&mut events).await?, format!("hls_playable room=r component={}", hls.id));
    let sip = jellyfish.add_component(&room.id, Sip::new(SipCredentials::new("sip.example.com", "u", "p"))).await?;
    assert!(emulator.crash_component("r", sip.id.as_str()));
    assert_eq!(line(&mut events).await?, format!("component_crashed room=r component={}", sip.id));

    jellyfish.delete_room(&room.id).await?;
    let ended = lines(&mut events, 3).await?;
    assert_eq!(ended[0], format!("peer_deleted room=r peer={p}"));
    assert!(ended[1].starts_with(&format!("track_removed room=r component={}", file.id)), "{ended:?}");
    assert_eq!(ended[2], "room_deleted room=r");
    Ok(())
}

#[tokio::test]
async fn crashes_are_reported() -> anyhow::Result<()> {
    let emulator = Emulator::jellyfish().start().await?;
    let jellyfish = JellyfishClient::new(options(&emulator))?;
    let (room, _) = jellyfish.create_room(RoomOptions::new().room_id("r")).await?;
    let created = jellyfish.add_peer(&room.id, WebRtc::new()).await?;
    let p = created.peer.id.as_str();
    let mut socket = PeerSocket::connect(&created).await?;
    let mut events = notifier(&emulator).build()?.events().await?;
    assert!(emulator.crash_peer("r", p, "out of luck"));
    assert!(emulator.crash_room("r"));
    assert_eq!(
        lines(&mut events, 2).await?,
        [format!("peer_crashed room=r peer={p} reason=out of luck"), "room_crashed room=r".to_owned()]
    );
    assert_eq!(socket.closed().await?, (1011, "Internal server error".to_owned()));
    Ok(())
}

#[tokio::test]
async fn metrics_arrive_if_they_are_requested() -> anyhow::Result<()> {
    let emulator = Emulator::jellyfish().metrics_interval(Duration::from_millis(5)).start().await?;
    let jellyfish = JellyfishClient::new(options(&emulator))?;
    let notifier = notifier(&emulator).notifications(false).metrics(true).build()?;
    let mut events = notifier.events().await?;
    let Event::Notification(Notification::MetricsReport(report)) = next(&mut events).await? else {
        panic!("no report")
    };
    assert_eq!((report.as_str(), report.metrics()?.rooms.len()), ("{}", 0));

    let (room, _) = jellyfish.create_room(RoomOptions::new()).await?;
    let created = jellyfish.add_peer(&room.id, WebRtc::new()).await?;
    let _socket = PeerSocket::connect(&created).await?;
    let peer = created.peer.id;
    let track =
        emulator.add_track(room.id.as_str(), peer.as_str(), TrackKind::Audio, Value::Null).context("no track")?;
    emulator.advance(Duration::from_secs(10));
    let measured = within("a report of the track", async {
        loop {
            let Event::Notification(Notification::MetricsReport(report)) = next(&mut events).await? else {
                anyhow::bail!("notifications were not asked for")
            };
            let metrics = report.metrics()?;
            let peer = metrics.room(&room.id).and_then(|room| room.peer(&peer)).cloned();
            if let Some(peer) = peer.filter(|peer| !peer.tracks.is_empty()) {
                return Ok(peer);
            }
        }
    })
    .await??;
    assert_eq!(measured.text("ice.protocol"), Some("udp"));
    let received = measured.number("ice.bytes_received").context("nothing was received")?;
    assert!(received >= 10.0 * measured.per_second("ice.bytes_received").context("nothing is received")?);
    let track = track.as_str().into();
    let (_, of_track) = measured.track(&track).next().context("no track")?;
    assert_eq!(of_track.text("inbound-rtp.encoding"), Some("OPUS"));

    // The report contains unknown measurements, too.
    emulator.set_metrics(Some(json!({ "room_id=x": { "endpoint_id=y": {} }, "later": [1] })));
    let later = within("the other report", async {
        loop {
            if let Event::Notification(Notification::MetricsReport(report)) = next(&mut events).await?
                && let Some(later) = report.metrics()?.values.remove("later")
            {
                return anyhow::Ok(later);
            }
        }
    });
    assert_eq!(later.await??, json!([1]));
    Ok(())
}
