//! Transitions and their effects, in order.

use std::time::{Duration, Instant};

use serde_json::json;

use super::*;
use crate::refusal::Refusal;

fn state() -> State {
    State::new(Duration::from_secs(60))
}

fn webrtc() -> PeerOptions {
    peer(PeerKind::WebRtc, SubscribeMode::Auto)
}

fn peer(kind: PeerKind, subscribe_mode: SubscribeMode) -> PeerOptions {
    PeerOptions { kind, subscribe_mode, metadata: json!({}), output_rate: DEFAULT_OUTPUT_RATE }
}

/// Returns the names of effects, in order.
fn names(effects: &[Effect]) -> Vec<String> {
    effects
        .iter()
        .map(|effect| match effect {
            Effect::Notify(event) => format!("{event:?}").split([' ', '(']).next().unwrap().to_owned(),
            Effect::CloseSession(Session(number), code, reason) => format!("Close {number} {code} {reason}"),
            Effect::ConcludeRecording(_) => "Conclude".to_owned(),
            Effect::Composition { event, .. } => format!("{event:?}"),
            Effect::Reschedule => "Reschedule".to_owned(),
        })
        .collect()
}

struct Fixture {
    state: State,
    room: String,
    peer: String,
    token: String,
    now: Instant,
}

/// Creates a room with a peer.
fn fixture() -> Fixture {
    let mut state = state();
    let now = Instant::now();
    let room = state.create_room(RoomConfig::default()).value.id;
    let (peer, token) = state.add_peer(&room, webrtc(), now).unwrap().value;
    Fixture { state, room, peer: peer.id, token, now }
}

impl Fixture {
    fn connect(&mut self, number: u64) -> Result<Outcome<Admitted>, Rejection> {
        self.state.connect_peer(&self.token, &[PeerKind::WebRtc], Session(number), self.now)
    }

    fn add_track(&mut self) {
        let track = Track { id: "t".to_owned(), kind: TrackKind::Video, metadata: json!(null) };
        self.state.add_track(&self.room, &self.peer, track).unwrap();
    }
}

#[test]
fn peer_ends_in_the_order_of_the_service() {
    let nothing = |_: &mut Fixture| {};
    let connected = |fixture: &mut Fixture| drop(fixture.connect(7).unwrap());
    let sending = |fixture: &mut Fixture| {
        fixture.connect(7).unwrap();
        fixture.add_track();
    };
    let gone = |fixture: &mut Fixture| {
        fixture.connect(7).unwrap();
        fixture.state.disconnect_peer(&fixture.room, &fixture.peer, Session(7));
    };
    type Prepare = fn(&mut Fixture);
    let rows: [(&str, Prepare, &[&str]); 4] = [
        ("never connected", nothing, &["PeerDeleted"]),
        ("connected", connected, &["PeerDisconnected", "PeerDeleted", "Close 7"]),
        ("sending", sending, &["TrackRemoved", "PeerDisconnected", "PeerDeleted", "Close 7"]),
        ("disconnected", gone, &["PeerDeleted"]),
    ];
    for (name, prepare, expected) in rows {
        for (whole_room, reason) in [(false, "Peer removed"), (true, "Room stopped")] {
            let mut fixture = fixture();
            prepare(&mut fixture);
            let outcome = if whole_room {
                fixture.state.delete_room(&fixture.room)
            } else {
                fixture.state.delete_peer(&fixture.room, &fixture.peer)
            };
            let mut expected: Vec<String> =
                expected.iter().map(|name| name.replace("Close 7", &format!("Close 7 1000 {reason}"))).collect();
            if whole_room {
                expected.push("RoomDeleted".to_owned());
            }
            assert_eq!(names(&outcome.unwrap().effects), expected, "{name}, {reason}");
            // The end of the socket has no effect afterwards.
            assert!(fixture.state.disconnect_peer(&fixture.room, &fixture.peer, Session(7)).is_empty());
        }
    }
}

#[test]
fn peer_connects_once_at_a_time() {
    let mut fixture = fixture();
    assert_eq!(names(&fixture.connect(1).unwrap().effects), ["PeerConnected"]);
    assert_eq!(fixture.connect(2).unwrap_err(), Rejection::AlreadyConnected);
    // A rejected socket cannot disconnect the peer.
    assert!(fixture.state.disconnect_peer(&fixture.room, &fixture.peer, Session(2)).is_empty());
    fixture.add_track();
    let effects = fixture.state.disconnect_peer(&fixture.room, &fixture.peer, Session(1));
    assert_eq!(names(&effects), ["PeerDisconnected", "TrackRemoved"]);
    assert_eq!(names(&fixture.connect(3).unwrap().effects), ["PeerConnected"]);
}

#[test]
fn token_is_checked_when_peer_connects() {
    let mut fixture = fixture();
    let later = |seconds| fixture.now + Duration::from_secs(seconds);
    let (in_time, too_late) = (later(60), later(61));
    let refreshed = fixture.state.refresh_token(&fixture.room, &fixture.peer, too_late).unwrap();
    assert_ne!(refreshed, fixture.token);
    let viewer = {
        let config = RoomConfig { room_type: RoomType::Livestream, ..RoomConfig::default() };
        let room = fixture.state.create_room(config).value.id;
        fixture.state.livestream_token(&room, Role::Viewer).unwrap()
    };
    let webrtc: &[PeerKind] = &[PeerKind::WebRtc];
    for (token, kinds, now, expected) in [
        ("made-up", webrtc, in_time, Some(Rejection::InvalidToken)),
        (&viewer, webrtc, in_time, Some(Rejection::InvalidToken)),
        (&fixture.token, &[PeerKind::Agent], in_time, Some(Rejection::InvalidToken)),
        (&fixture.token, webrtc, too_late, Some(Rejection::ExpiredToken)),
        (&fixture.token, webrtc, in_time, None),
        (&refreshed, webrtc, too_late, None),
    ] {
        let result = fixture.state.connect_peer(token, kinds, Session(1), now);
        assert_eq!(result.err(), expected, "{token}");
        fixture.state.disconnect_peer(&fixture.room, &fixture.peer, Session(1));
    }
    fixture.state.delete_peer(&fixture.room, &fixture.peer).unwrap();
    assert_eq!(fixture.connect(1).unwrap_err(), Rejection::PeerNotFound);
    fixture.state.delete_room(&fixture.room).unwrap();
    assert_eq!(fixture.connect(1).unwrap_err(), Rejection::RoomNotFound);
}

#[test]
fn room_rejects_peers_above_its_limit() {
    for (max_peers, admitted) in [(0, 5), (1, 1), (3, 3)] {
        let mut state = state();
        let room = state.create_room(RoomConfig { max_peers, ..RoomConfig::default() }).value.id;
        let count = (0..5).filter(|_| state.add_peer(&room, webrtc(), Instant::now()).is_ok()).count();
        assert_eq!(count, admitted, "maxPeers {max_peers}");
        let refusal = state.add_peer(&room, webrtc(), Instant::now()).err();
        assert_eq!(refusal.is_some(), max_peers != 0);
        assert!(refusal.is_none_or(|refusal| refusal == Refusal::peer_limit(&room)));
    }
}

#[test]
fn only_livestream_rooms_issue_livestream_tokens() {
    for (room_type, allowed) in [
        (RoomType::Conference, false),
        (RoomType::FullFeature, false),
        (RoomType::AudioOnly, false),
        (RoomType::Livestream, true),
        (RoomType::Broadcaster, true),
        (RoomType::AudioOnlyLivestream, true),
    ] {
        let mut state = state();
        let room = state.create_room(RoomConfig { room_type, ..RoomConfig::default() }).value.id;
        assert_eq!(state.livestream_token(&room, Role::Viewer).is_ok(), allowed, "{room_type:?}");
        assert_eq!(state.livestream_token(&room, Role::Streamer).is_ok(), allowed, "{room_type:?}");
    }
}

#[test]
fn metadata_is_reported_and_rooms_are_in_order() {
    let mut fixture = fixture();
    fixture.connect(1).unwrap();
    let effects = fixture.state.update_metadata(&fixture.room, &fixture.peer, Session(1), json!({ "a": 1 }));
    match effects.as_slice() {
        [Effect::Notify(Event::PeerMetadataUpdated { metadata, .. })] => assert_eq!(*metadata, json!({ "a": 1 })),
        other => panic!("{other:?}"),
    }
    assert!(fixture.state.update_metadata(&fixture.room, &fixture.peer, Session(9), json!(1)).is_empty());
    let more: Vec<String> = (0..20).map(|_| fixture.state.create_room(RoomConfig::default()).value.id).collect();
    let listed: Vec<&str> = fixture.state.rooms().iter().map(|room| room.id.as_str()).collect();
    assert_eq!(listed[0], fixture.room);
    assert_eq!(listed[1..], more);
}

#[test]
fn deleted_peer_is_removed_from_subscriptions() {
    let mut fixture = fixture();
    let (other, _) = fixture.state.add_peer(&fixture.room, webrtc(), fixture.now).unwrap().value;
    fixture.state.subscribe_peer(&fixture.room, &fixture.peer, &other.id).unwrap();
    let subscriptions = |fixture: &Fixture| {
        fixture.state.room(&fixture.room).unwrap().peer(&fixture.peer).unwrap().subscribed_peers.clone()
    };
    assert_eq!(subscriptions(&fixture), std::slice::from_ref(&other.id));
    fixture.state.delete_peer(&fixture.room, &other.id).unwrap();
    assert!(subscriptions(&fixture).is_empty());
}

#[test]
fn failed_or_deleted_recording_does_not_finish() {
    let mut state = state();
    let mut stopped = || {
        let id = state.create_recording(json!({}), None).unwrap().value.id;
        assert_eq!(names(&state.stop_recording(&id).unwrap().effects), ["Conclude"]);
        // The second stop has no effect.
        assert_eq!(names(&state.stop_recording(&id).unwrap().effects), [""; 0]);
        id
    };
    let (failed, deleted) = (stopped(), stopped());
    assert_eq!(names(&state.fail_recording(&failed).unwrap().effects), ["RecordingStatusChanged"]);
    assert!(state.finish_recording(&failed).is_none() && state.release_recording(&failed).is_none());
    assert_eq!(state.recording(&failed).unwrap().status, RecordingStatus::Failed);
    assert!(state.delete_recording(&deleted).is_err());
    assert!(state.release_recording(&deleted).is_none() && state.finish_recording(&deleted).is_some());
    state.delete_recording(&deleted).unwrap();
    assert!(state.release_recording(&deleted).is_none() && state.recording(&deleted).is_err());
}
