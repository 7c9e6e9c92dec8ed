//! Two agents in one room, one of each SDK: both send the same messages, and receive the same audio and images.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use fishjam_emulator::{
    Emulator, TrackKind,
    proto::fishjam::{AgentRequest, agent_request::Content},
};
use fishjam_sdk::{
    AgentOptions, FishjamClient, PeerId, PeerOptions, PeerStatus, RoomId, RoomOptions,
    agent::{AgentMessage, AgentSession, IncomingTrackData, OutgoingAudioTrackOptions, SampleRate},
};
use futures_util::{FutureExt, StreamExt, future::BoxFuture};
use prost::Message as _;
use serde_json::json;
use tokio::time::sleep;

use crate::{
    python::Python,
    report::Section,
    scenario::{Scenario, Sdk, bounded, client, emulator},
};

pub(crate) const SCENARIO: Scenario = Scenario { name: "conversation", run_both: Some(run_both), ..Scenario::NOTHING };

pub(crate) const OLDER: Scenario =
    Scenario { name: "conversation-0.29", sdk: Sdk::V0_29, run_both: Some(run_both), ..Scenario::NOTHING };

/// Chunk that signals the script's turn.
const GO: &[u8] = b"go";
/// Chunks of ten seconds and of 20 milliseconds at 16 kHz.
static LONG: [u8; 320_000] = [1; 320_000];
static SHORT: [u8; 640] = [2; 640];

/// The numbers of the connections. Number 2 is the script's attempt with a wrong token.
const OURS: u64 = 1;
const THEIRS: u64 = 3;

/// The same chunks as in the script: 50 of a usual size, two odd ones and a large one.
fn chunks(seed: usize) -> Vec<Vec<u8>> {
    let sizes = [640; 50].into_iter().chain([1, 3, 200_001]).enumerate();
    sizes.map(|(number, size)| (0..size).map(|at| ((seed + 7 * number + 13 * at) % 251) as u8).collect()).collect()
}

fn image() -> Vec<u8> {
    (0..300_000_usize).map(|at| (at % 256) as u8).collect()
}

fn run_both<'a>(python: &'a Python, section: &'a mut Section<'_>) -> BoxFuture<'a, Result<()>> {
    async move {
        let emulator = emulator().await?;
        let fishjam = client(&emulator)?;
        let room = fishjam.create_room(RoomOptions::new()).await?.id;
        let (camera, _) = fishjam.create_peer(&room, PeerOptions::new()).await?;
        let video = emulator.add_track(room.as_str(), camera.id.as_str(), TrackKind::Video, json!({}));
        let video = video.context("the emulator does not take a track")?;
        emulator.images().set(&video, "image/jpeg", image());

        let agent = fishjam.create_agent(&room, AgentOptions::new()).await?;
        let session = agent.connect().await?;
        let arguments = ["talk", room.as_str(), agent.id().as_str(), &video];
        let ours = bounded("our side of the conversation", talk(&emulator, session, &video));
        let (script, ours) = tokio::join!(python.run("conversation", &arguments, &emulator), ours);
        script?.judge(section);
        let talk = match ours {
            Ok(talk) => talk,
            Err(error) => {
                section.failed("our side of the conversation", &format!("{error:#}"));
                return Ok(());
            }
        };
        let them = talk.heard.first().map(|heard| heard.peer_id.clone()).context("nothing was heard")?;
        section.check("the script's chunks arrive unchanged", || {
            let data: Vec<_> = talk.heard.iter().map(|heard| heard.data.to_vec()).collect();
            ensure!(data == chunks(2), "other chunks were heard");
            ensure!(talk.heard.iter().all(|heard| heard.peer_id == them), "not all chunks are of the same peer");
            Ok(())
        });
        section.check("an image of a video track arrives", || {
            ensure!(talk.seen == image(), "it has {} bytes", talk.seen.len());
            Ok(())
        });
        section.check("the script's interruption discards queued audio", || {
            let old = &talk.interrupted;
            ensure!(!old.is_empty() && old.len() < LONG.len() && LONG.starts_with(old), "{} were heard", old.len());
            Ok(())
        });
        section.check("both send the same frames", || same_frames(&emulator));
        let left = left(&fishjam, &room, agent.id(), &them).await;
        section.check("both agents are disconnected, and the emulator ignored no request", || {
            left?;
            ensure!(emulator.ignored_requests().is_empty(), "{:?}", emulator.ignored_requests());
            Ok(())
        });
        Ok(())
    }
    .boxed()
}

/// Messages that our agent received.
struct ConversationResult {
    heard: Vec<IncomingTrackData>,
    seen: Vec<u8>,
    interrupted: Vec<u8>,
}

async fn talk(emulator: &Emulator, mut session: AgentSession, video: &str) -> Result<ConversationResult> {
    let sockets = emulator.agent_sockets();
    sockets.wait_for_subscribers(2).await;
    let voice = session.add_track(OutgoingAudioTrackOptions::default()).await?;
    for chunk in chunks(1) {
        voice.send_chunk(chunk).await?;
    }
    let mut heard = Vec::new();
    while heard.len() < chunks(2).len() {
        heard.push(hear(&mut session).await?);
    }
    let seen = session.capture_image_and_wait(video, Duration::from_secs(5)).await?.data.to_vec();

    // The script must have its image before the signal.
    let captured = |request: &AgentRequest| matches!(request.content, Some(Content::CaptureImage(_)));
    until(|| requests(emulator, THEIRS).iter().any(captured)).await;
    emulator.set_real_time_playout(true);
    voice.send_chunk(GO).await?;
    let aloud = session.add_track(OutgoingAudioTrackOptions::pcm16(SampleRate::Hz16000)).await?;
    let before = sockets.written(THEIRS).map_or(0, |written| written.written());
    aloud.send_chunk(&LONG[..]).await?;
    // The signal and some chunks.
    until(|| sockets.written(THEIRS).is_some_and(|written| written.written() > before + 3)).await;
    aloud.interrupt().await?;
    aloud.send_chunk(&SHORT[..]).await?;

    let mut interrupted = Vec::new();
    loop {
        let heard = hear(&mut session).await?.data;
        if heard == SHORT[..] {
            break;
        }
        interrupted.extend_from_slice(&heard);
    }
    aloud.remove().await?;
    voice.send_chunk(GO).await?;
    session.disconnect().await?;
    Ok(ConversationResult { heard, seen, interrupted })
}

async fn hear(session: &mut AgentSession) -> Result<IncomingTrackData> {
    match session.next().await.context("the session ended")?? {
        AgentMessage::TrackData(heard) => Ok(heard),
        other => bail!("this is no chunk: {other:?}"),
    }
}

async fn until(condition: impl Fn() -> bool) {
    while !condition() {
        sleep(Duration::from_millis(5)).await;
    }
}

fn requests(emulator: &Emulator, connection: u64) -> Vec<AgentRequest> {
    emulator.agent_sockets().received(connection).map(|received| received.agent_requests()).unwrap_or_default()
}

/// Checks that both SDKs sent the same frames.
///
/// The frames differ only in the ids of the tracks, because each SDK creates its own. So each frame of theirs, decoded
/// by our bindings and with our track ids, must equal one of our frames.
fn same_frames(emulator: &Emulator) -> Result<()> {
    let frames = |connection| {
        let received = emulator.agent_sockets().received(connection).context("there was no such connection")?;
        Ok::<Vec<Vec<u8>>, anyhow::Error>(received.frames().map(<[u8]>::to_vec).collect())
    };
    let (ours, theirs) = (frames(OURS)?, frames(THEIRS)?);
    let (our_tracks, their_tracks) = (tracks(&ours)?, tracks(&theirs)?);
    ensure!(our_tracks.len() == 2 && their_tracks.len() == 2, "{our_tracks:?} and {their_tracks:?}");
    let mut compared = 0;
    for frame in &theirs {
        let mut message = AgentRequest::decode(&frame[..])?;
        ensure!(message.encode_to_vec() == *frame, "written by us it is different: {:.300}", format!("{message:?}"));
        let content = message.content.as_mut().context("a frame has no content")?;
        // The first messages of the two SDKs differ.
        if matches!(content, Content::TrackData(said) if said.data != LONG[..] && said.data != SHORT[..]) {
            continue;
        }
        if let Some(track) = track_of(content) {
            let position = their_tracks.iter().position(|one| one == track);
            if let Some(our_track) = position.and_then(|position| our_tracks.get(position)) {
                track.clone_from(our_track);
            }
        }
        let expected = message.encode_to_vec();
        ensure!(ours.contains(&expected), "ours does not send {:.300}", format!("{message:?}"));
        compared += 1;
    }
    ensure!(compared == 6, "{compared} frames were compared");
    Ok(())
}

/// The ids of the tracks that were added, in order.
fn tracks(frames: &[Vec<u8>]) -> Result<Vec<String>> {
    let mut tracks = Vec::new();
    for frame in frames {
        if let Some(Content::AddTrack(added)) = AgentRequest::decode(&frame[..])?.content {
            tracks.push(added.track.context("a track without a description was added")?.id);
        }
    }
    Ok(tracks)
}

fn track_of(content: &mut Content) -> Option<&mut String> {
    match content {
        Content::AuthRequest(_) => None,
        Content::AddTrack(request) => request.track.as_mut().map(|track| &mut track.id),
        Content::RemoveTrack(request) => Some(&mut request.track_id),
        Content::TrackData(request) => Some(&mut request.track_id),
        Content::InterruptTrack(request) => Some(&mut request.track_id),
        Content::CaptureImage(request) => Some(&mut request.track_id),
    }
}

async fn left(fishjam: &FishjamClient, room: &RoomId, ours: &PeerId, theirs: &PeerId) -> Result<()> {
    // A close frame may arrive before its consequences.
    for _ in 0..100 {
        let peers = fishjam.get_room(room).await?.peers;
        let gone = |id: &PeerId| {
            let peer = peers.iter().find(|peer| peer.id == *id);
            peer.is_some_and(|peer| peer.status == PeerStatus::Disconnected && peer.tracks.is_empty())
        };
        if gone(ours) && gone(theirs) {
            return Ok(());
        }
        sleep(Duration::from_millis(20)).await;
    }
    bail!("the room still shows them as connected, or not at all")
}
