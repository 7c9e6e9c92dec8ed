//! Agents in the emulator's rooms.

use std::time::Duration;

use fishjam_emulator::{Emulator, Sound, TrackKind};
use fishjam_sdk::{
    AgentOptions, AgentOutputOptions, ErrorKind, FishjamClient, PeerOptions, PeerStatus, Room, RoomOptions,
    agent::{
        AgentConnectOptions, AgentMessage, AgentSession, OutgoingAudioTrackOptions, PcmFormat, SampleRate, SpeakerEvent,
    },
};
use fishjam_tests::{
    clock::{SteppedClock, at_once},
    support::{PATIENCE, until, within},
};
use futures_util::StreamExt;
use serde_json::json;

use super::{end, heard, next};

struct Fixture {
    emulator: Emulator,
    fishjam: FishjamClient,
    room: Room,
}

impl Fixture {
    async fn start() -> anyhow::Result<Self> {
        let emulator = Emulator::start().await?;
        let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
        let room = fishjam.create_room(RoomOptions::new()).await?;
        Ok(Self { emulator, fishjam, room })
    }

    async fn session(&self, options: AgentConnectOptions) -> anyhow::Result<AgentSession> {
        Ok(self.fishjam.create_agent(&self.room.id, AgentOptions::new()).await?.connect_with(options).await?)
    }

    /// The room as it is now.
    async fn look(&self) -> anyhow::Result<Room> {
        Ok(self.fishjam.get_room(&self.room.id).await?)
    }
}

#[tokio::test]
async fn two_agents_receive_each_others_audio_unchanged() -> anyhow::Result<()> {
    let fixture = Fixture::start().await?;
    let (mut one, mut other) =
        (fixture.session(AgentConnectOptions::new()).await?, fixture.session(AgentConnectOptions::new()).await?);
    let metadata = json!({ "type": "microphone" });
    let voice = one.add_track(OutgoingAudioTrackOptions::pcm16(SampleRate::Hz16000).metadata(&metadata)).await?;
    let response = other.add_track(OutgoingAudioTrackOptions::pcm16(SampleRate::Hz16000)).await?;
    for number in 0..50_u8 {
        voice.send_chunk(vec![number; 640]).await?;
        let said = heard(&mut other).await?;
        assert_eq!((&said.track.id, said.data.as_ref()), (voice.id(), &[number; 640][..]));
        assert_eq!(said.track.metadata::<serde_json::Value>()?, metadata);
        response.send_chunk(said.data).await?;
        assert_eq!(heard(&mut one).await?.data.as_ref(), [number; 640]);
    }
    voice.remove().await?;
    one.disconnect().await?;
    let room = fixture.look().await?;
    let tracks: Vec<_> = room.peers.iter().map(|peer| (peer.status.clone(), peer.tracks.len())).collect();
    // The disconnected peer stays listed.
    assert_eq!(tracks, [(PeerStatus::Disconnected, 0), (PeerStatus::Connected, 1)]);
    Ok(())
}

#[tokio::test]
async fn peer_audio_has_the_requested_rate() -> anyhow::Result<()> {
    let fixture = Fixture::start().await?;
    let output = AgentOutputOptions::new().audio_sample_rate(SampleRate::Hz24000);
    let agent = fixture.fishjam.create_agent(&fixture.room.id, AgentOptions::new().output(output)).await?;
    assert_eq!(agent.input_format(), PcmFormat::mono(SampleRate::Hz24000));
    let (peer, _) = fixture.fishjam.create_peer(&fixture.room.id, PeerOptions::new()).await?;
    let (room, id) = (fixture.room.id.as_str(), peer.id.as_str());
    let track = fixture.emulator.add_track(room, id, TrackKind::Audio, json!({}));
    let track = track.ok_or_else(|| anyhow::anyhow!("no track"))?;
    let (_sender, receiver) = agent.connect().await?.split();
    let mut speakers = receiver.speakers();
    let sound = Sound::tone(440.0, 24_000, Duration::from_millis(100));
    assert!(fixture.emulator.publish_audio(room, id, &track, &sound));
    let Some(Ok(SpeakerEvent::Speaker(speaker))) = within("a speaker", speakers.next()).await? else {
        anyhow::bail!("nobody is heard")
    };
    assert_eq!((speaker.peer_id(), speaker.track().id.as_str()), (&peer.id, track.as_str()));
    let polling = tokio::spawn(async move { while let Some(Ok(_)) = speakers.next().await {} });
    let chunks: Vec<_> = within("the tone", speaker.take(5).collect::<Vec<_>>()).await?;
    assert_eq!(chunks.concat(), sound.to_bytes());
    polling.abort();
    Ok(())
}

// Defect X32 of the official SDKs.
#[tokio::test]
async fn images_are_requested_within_the_servers_rate_limit() -> anyhow::Result<()> {
    let fixture = Fixture::start().await?;
    let (peer, _) = fixture.fishjam.create_peer(&fixture.room.id, PeerOptions::new()).await?;
    let track = fixture.emulator.add_track(fixture.room.id.as_str(), peer.id.as_str(), TrackKind::Video, json!({}));
    let track = track.ok_or_else(|| anyhow::anyhow!("no track"))?;
    fixture.emulator.images().set(&track, "image/png", vec![7; 2 * 1024 * 1024]);
    let session = fixture.session(AgentConnectOptions::new()).await?;
    let _clock = SteppedClock::start(Duration::from_millis(10));
    let began = tokio::time::Instant::now();
    for _ in 0..3 {
        let look = || session.capture_image_and_wait(&track, PATIENCE);
        let (one, other) = tokio::join!(look(), look());
        assert_eq!((one?.data.len(), other?.content_type.as_str()), (2 * 1024 * 1024, "image/png"));
    }
    assert!(began.elapsed() > Duration::from_secs(2), "three images within {:?}", began.elapsed());
    assert!(fixture.emulator.ignored_requests().is_empty(), "{:?}", fixture.emulator.ignored_requests());
    let unknown = session.capture_image_and_wait("nobody's", Duration::from_millis(100)).await.unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::Timeout);
    Ok(())
}

// Defect X30 of the official SDKs.
#[tokio::test]
async fn token_of_a_connected_or_deleted_peer_is_refused() -> anyhow::Result<()> {
    let fixture = Fixture::start().await?;
    let agent = fixture.fishjam.create_agent(&fixture.room.id, AgentOptions::new()).await?;
    let session = agent.connect().await?;
    // The token is valid, and another session uses it.
    let twice = agent.connect().await.unwrap_err();
    assert_eq!(twice.kind(), ErrorKind::Closed, "{twice}");
    drop(session);
    agent.delete().await?;
    let error = agent.connect().await.unwrap_err();
    assert_eq!((error.kind(), error.close_code()), (ErrorKind::Unauthorized, Some(1000)));
    assert!(error.to_string().contains("peer not found"), "{error}");
    Ok(())
}

#[tokio::test]
async fn dropped_session_disconnects_its_peer() -> anyhow::Result<()> {
    let fixture = Fixture::start().await?;
    let mut sessions = Vec::new();
    for _ in 0..20 {
        sessions.push(fixture.session(AgentConnectOptions::new()).await?);
    }
    assert_eq!(fixture.emulator.agent_sockets().count(), 20);
    drop(sessions);
    at_once(fixture.emulator.agent_sockets().wait_for_count(0)).await;
    let room = fixture.look().await?;
    assert!(room.peers.len() == 20 && room.peers.iter().all(|peer| peer.status == PeerStatus::Disconnected));
    Ok(())
}

#[tokio::test]
async fn cut_connection_is_replaced_with_the_same_track() -> anyhow::Result<()> {
    let fixture = Fixture::start().await?;
    let mut listener = fixture.session(AgentConnectOptions::new()).await?;
    let options = AgentConnectOptions::new()
        .reconnect(true)
        .reconnect_backoff(Duration::from_millis(20), Duration::from_millis(50));
    let mut session = fixture.session(options).await?;
    let voice = session.add_track(OutgoingAudioTrackOptions::pcm16(SampleRate::Hz16000)).await?;
    voice.send_chunk(vec![1; 640]).await?;
    heard(&mut listener).await?;
    let number = fixture.emulator.agent_sockets().connections();
    for order in ["drop", "reset", "close"] {
        let sockets = fixture.emulator.agent_sockets();
        let newest = sockets.connections();
        assert!(match order {
            "drop" => sockets.drop_one(newest),
            "reset" => sockets.reset(newest),
            _ => sockets.close(newest, 1012, "restarting"),
        });
        let told = next(&mut session).await?;
        assert!(matches!(told, AgentMessage::Reconnected(_)), "{order}: {told:?}");
        voice.send_chunk(vec![2; 640]).await?;
        let said = heard(&mut listener).await?;
        assert_eq!((&said.track.id, said.data.as_ref()), (voice.id(), &[2; 640][..]), "{order}");
    }
    assert!(fixture.emulator.agent_sockets().connections() >= number + 3);
    Ok(())
}

#[tokio::test]
async fn unresponsive_server_ends_the_connection() -> anyhow::Result<()> {
    let fixture = Fixture::start().await?;
    let options = AgentConnectOptions::new().idle_timeout(Duration::from_millis(200)).delete_on_end(true);
    let mut session = fixture.session(options).await?;
    fixture.emulator.agent_sockets().stall_all();
    let _clock = SteppedClock::start(Duration::from_millis(10));
    assert_eq!(end(&mut session).await?.kind(), ErrorKind::Timeout);
    let journal = fixture.emulator.journal();
    until("the agent's deletion", || journal.count("delete_peer") == 1).await
}
