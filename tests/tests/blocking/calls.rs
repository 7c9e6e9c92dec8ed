//! Calls from threads that belong to no runtime.

use std::{
    collections::HashSet,
    io::{self, Read, Write},
    net::TcpListener,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::Context;
use fishjam_sdk::{
    AgentOptions, ErrorKind, LivestreamOptions, PeerOptions, PeerType, RoomOptions, RoomType, SubscribeMode, Template,
    TemplateRecordingOptions, blocking::FishjamClient,
};
use fishjam_tests::support::{PATIENCE, until};
use serde_json::json;

use crate::Server;

#[test]
fn blocking_client_works_on_a_thread_without_a_runtime() -> anyhow::Result<()> {
    let server = Server::start()?;
    let fishjam = FishjamClient::create_and_verify(server.url(), server.token())?;
    let room = fishjam.create_room(RoomOptions::new().max_peers(3))?;
    let options = || PeerOptions::new().subscribe_mode(SubscribeMode::Manual).metadata(json!({ "name": "Ada" }));
    let (peer, token) = fishjam.create_peer(&room.id, options())?;
    assert!(!token.expose().is_empty());
    let (other, _) = fishjam.create_peer(room.id.as_str(), options())?;
    fishjam.subscribe_peer(&room.id, &peer.id, &other.id)?;
    fishjam.subscribe_tracks(&room.id, &peer.id, Vec::<fishjam_sdk::TrackId>::new())?;
    assert!(!fishjam.refresh_peer_token(&room.id, &peer.id)?.expose().is_empty());
    let agent = fishjam.create_agent(&room.id, AgentOptions::new())?;
    assert_eq!(agent.peer().peer_type, PeerType::Agent);
    let full = fishjam.create_peer(&room.id, options()).unwrap_err();
    assert_eq!((full.kind(), full.operation()), (ErrorKind::Conflict, Some("add_peer")));
    fishjam.delete_peer(&room.id, &other.id)?;
    let there: HashSet<_> = fishjam.get_room(&room.id)?.peers.into_iter().map(|peer| peer.id).collect();
    assert_eq!(there, HashSet::from([peer.id, agent.id().clone()]));
    assert_eq!(fishjam.get_all_rooms()?.len(), 1);

    let stream = fishjam.create_stream(LivestreamOptions::new().public(true))?;
    fishjam.create_streamer(&stream.id)?;
    assert_eq!(fishjam.get_stream(&stream.id)?.streamers.len(), 1);
    let livestream = fishjam.create_room(RoomOptions::new().room_type(RoomType::Livestream))?;
    assert!(!fishjam.create_livestream_viewer_token(&livestream.id)?.expose().is_empty());
    assert!(fishjam.livestream_whip_url().starts_with(server.origin()));
    assert!(fishjam.public_livestream_whep_url(&stream.id)?.ends_with(stream.id.as_str()));
    assert!(fishjam.deprecation().is_none());

    fishjam.delete_room(&room.id)?;
    assert!(fishjam.get_room(&room.id).unwrap_err().is_not_found());
    Ok(())
}

#[test]
fn a_file_is_read_and_sent() -> anyhow::Result<()> {
    let server = Server::start()?;
    let fishjam = server.client()?;
    let options = |path: &str| {
        let composition = "https://rtc.fishjam.io/api/composition/c";
        TemplateRecordingOptions::new(composition, Template::from_path(path)).resolution(640, 360)
    };
    // Any file will do.
    let recording = fishjam.create_template_recording(options(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")))?;
    assert_eq!(fishjam.get_recording(&recording.id)?.id, recording.id);
    let error = fishjam.create_template_recording(options("/nowhere/template.js")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Setup);
    Ok(())
}

#[test]
fn eight_threads_share_one_client() -> anyhow::Result<()> {
    let server = Server::start()?;
    let fishjam = server.client()?;
    let ids = thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|n| {
                // A borrowed client and a clone are the same client.
                let (borrowed, cloned) = (&fishjam, fishjam.clone());
                scope.spawn(move || {
                    let fishjam = if n % 2 == 0 { borrowed } else { &cloned };
                    let mut ids = Vec::new();
                    for _ in 0..25 {
                        let room = fishjam.create_room(RoomOptions::new())?;
                        let (peer, _) = fishjam.create_peer(&room.id, PeerOptions::new())?;
                        assert_eq!(fishjam.get_room(&room.id)?.peers[0].id, peer.id);
                        ids.push(room.id);
                    }
                    Ok::<_, fishjam_sdk::Error>(ids)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Result<Vec<_>, _>>()
    })?;
    let ids: HashSet<_> = ids.into_iter().flatten().collect();
    assert_eq!((ids.len(), fishjam.get_all_rooms()?.len()), (200, 200));
    assert_eq!(server.journal().count("*"), 601);
    Ok(())
}

#[test]
fn calls_of_several_threads_run_concurrently() -> anyhow::Result<()> {
    let (url, server) = responds_once_all_have_asked(8)?;
    let fishjam = FishjamClient::new(url, "token")?;
    thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| fishjam.get_all_rooms())).collect();
        threads.into_iter().try_for_each(|thread| thread.join().unwrap().map(|rooms| assert_eq!(rooms, [])))
    })?;
    Ok(server.join().unwrap()?)
}

/// Starts a server that sends its responses after this number of requests, each on a separate connection.
fn responds_once_all_have_asked(callers: usize) -> io::Result<(String, JoinHandle<io::Result<()>>)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}", listener.local_addr()?);
    let response = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 11\r\n\r\n{\"data\":[]}";
    let serve = move || {
        let mut streams = Vec::new();
        while streams.len() < callers {
            let (mut stream, _) = listener.accept()?;
            // A request without a body fits into one read.
            if stream.read(&mut [0; 4096])? > 0 {
                streams.push(stream);
            }
        }
        streams.iter_mut().try_for_each(|stream| stream.write_all(response))
    };
    Ok((url, thread::spawn(serve)))
}

#[test]
fn client_settings_apply_to_timeouts_and_retries() -> anyhow::Result<()> {
    let server = Server::start()?;
    server.faults().on("get_all_rooms").stall().always();
    let begun = Instant::now();
    let fishjam = FishjamClient::builder(server.url(), server.token())
        .request_timeout(Duration::from_millis(50))
        .max_attempts(2)
        .build_blocking()?;
    let error = fishjam.get_all_rooms().unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, 2), "{error}");
    let fishjam = FishjamClient::builder(server.url(), server.token())
        .overall_timeout(Duration::from_millis(50))
        .build_blocking()?;
    assert_eq!(fishjam.get_all_rooms().unwrap_err().kind(), ErrorKind::Timeout);
    assert!(begun.elapsed() < PATIENCE);

    server.faults().on("get_room").status(503).times(2);
    let fishjam = server.client()?;
    let room = fishjam.create_room(RoomOptions::new())?;
    assert_eq!(fishjam.get_room(&room.id)?.id, room.id);
    assert_eq!(server.journal().count("get_room"), 3);
    Ok(())
}

#[test]
fn clone_works_after_the_first_client_is_dropped() -> anyhow::Result<()> {
    let server = Server::start()?;
    let fishjam = server.client()?;
    let room = fishjam.create_room(RoomOptions::new())?;
    let clone = fishjam.clone();
    drop(fishjam);
    assert_eq!(clone.get_room(&room.id)?.id, room.id);
    Ok(())
}

#[test]
fn dropping_the_last_clone_ends_its_connections() -> anyhow::Result<()> {
    let server = Server::start()?;
    let fishjam = server.client()?;
    fishjam.check_credentials()?;
    drop(fishjam.clone());
    fishjam.check_credentials()?;
    assert!(server.connections() > 0, "a connection is kept for the next call");
    drop(fishjam);
    server.runtime.block_on(until("the connection ends", || server.connections() == 0))
}

/// Makes a call during the end of its thread, just before or after Tokio's thread-local values are dropped.
struct LateCall(FishjamClient, std::sync::mpsc::Sender<fishjam_sdk::Result<()>>);

impl Drop for LateCall {
    fn drop(&mut self) {
        let _ = self.1.send(self.0.check_credentials());
    }
}

#[test]
fn a_call_from_a_thread_that_is_ending_does_not_panic() -> anyhow::Result<()> {
    thread_local! {
        static LATE_CALL: std::cell::RefCell<Option<LateCall>> = const { std::cell::RefCell::new(None) };
    }
    let server = Server::start()?;
    let fishjam = server.client()?;
    for first in [true, false] {
        let (said, hear) = std::sync::mpsc::channel();
        let late = LateCall(fishjam.clone(), said);
        let calling = fishjam.clone();
        let thread = thread::spawn(move || {
            // Thread-local values are dropped in reverse order.
            if first {
                LATE_CALL.set(Some(late));
                calling.check_credentials()
            } else {
                let called = calling.check_credentials();
                LATE_CALL.set(Some(late));
                called
            }
        });
        thread.join().unwrap()?;
        match hear.recv_timeout(PATIENCE).context("the thread's end made no call")? {
            Ok(()) => {}
            Err(error) => assert_eq!(error.kind(), ErrorKind::Setup, "{error}"),
        }
    }
    Ok(())
}

#[test]
fn call_works_inside_an_executor_without_tokio() -> anyhow::Result<()> {
    let (url, server) = responds_once_all_have_asked(1)?;
    let fishjam = FishjamClient::new(url, "token")?;
    let rooms = futures_util::FutureExt::now_or_never(async { fishjam.get_all_rooms() });
    assert_eq!(rooms.context("it waited")??, []);
    Ok(server.join().unwrap()?)
}

#[test]
fn clone_with_other_limits_shares_the_thread() -> anyhow::Result<()> {
    let server = Server::start()?;
    let fishjam = FishjamClient::builder(server.url(), server.token())
        .retry_backoff(Duration::ZERO, Duration::ZERO)
        .build_blocking()?;
    server.faults().on("get_all_rooms").always().status(503);
    let once = fishjam.with_max_attempts(1);
    assert_eq!(once.get_all_rooms().unwrap_err().attempts(), 1);
    assert_eq!(fishjam.get_all_rooms().unwrap_err().attempts(), 4);
    drop(fishjam);
    server.faults().clear();
    once.with_timeout(PATIENCE).with_overall_timeout(PATIENCE).get_all_rooms()?;
    server.faults().on("get_all_rooms").stall();
    let error = once.with_overall_timeout(Duration::ZERO).get_all_rooms().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    Ok(())
}
