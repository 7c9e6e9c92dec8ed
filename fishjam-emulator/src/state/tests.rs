//! Transitions and their effects, in order.

use fishjam_proto::fishjam::server_message::Content;

use super::*;

fn state() -> State {
    State::new(Duration::from_secs(60))
}

fn webrtc() -> PeerOptions {
    peer(PeerKind::WebRtc, SubscribeMode::Auto)
}

fn peer(kind: PeerKind, subscribe_mode: SubscribeMode) -> PeerOptions {
    PeerOptions { kind, subscribe_mode, metadata: json!({}), output_rate: DEFAULT_OUTPUT_RATE }
}

/// The names of effects, in order.
fn names(effects: &[Effect]) -> Vec<String> {
    effects
        .iter()
        .map(|effect| match effect {
            Effect::Notify(message) => {
                let content = format!("{:?}", message.content.as_ref().unwrap());
                content.split('(').next().unwrap().to_owned()
            }
            Effect::CloseSession(Session(number), reason) => format!("Close {number} {reason}"),
            Effect::ConcludeRecording(_) => "Conclude".to_owned(),
        })
        .collect()
}

struct Party {
    state: State,
    room: String,
    peer: String,
    token: String,
    now: Instant,
}

/// A room with a peer.
fn party() -> Party {
    let mut state = state();
    let now = Instant::now();
    let room = state.create_room(RoomConfig::default()).value.id;
    let (peer, token) = state.add_peer(&room, webrtc(), now).unwrap().value;
    Party { state, room, peer: peer.id, token, now }
}

impl Party {
    fn connect(&mut self, number: u64) -> Result<Outcome<Admitted>, Rejection> {
        self.state.connect_peer(&self.token, &[PeerKind::WebRtc], Session(number), self.now)
    }

    fn add_track(&mut self) {
        let track = Track { id: "t".to_owned(), kind: TrackKind::Video, metadata: json!(null) };
        self.state.add_track(&self.room, &self.peer, track).unwrap();
    }
}

#[test]
fn ends_by_what_was_there() {
    let nothing = |_: &mut Party| {};
    let connected = |party: &mut Party| drop(party.connect(7).unwrap());
    let sending = |party: &mut Party| {
        party.connect(7).unwrap();
        party.add_track();
    };
    let gone = |party: &mut Party| {
        party.connect(7).unwrap();
        party.state.disconnect_peer(&party.room, &party.peer, Session(7));
    };
    type Prepare = fn(&mut Party);
    let rows: [(&str, Prepare, &[&str]); 4] = [
        ("never connected", nothing, &["PeerDeleted"]),
        ("connected", connected, &["PeerDisconnected", "PeerDeleted", "Close 7"]),
        ("sending", sending, &["TrackRemoved", "PeerDisconnected", "PeerDeleted", "Close 7"]),
        ("disconnected", gone, &["PeerDeleted"]),
    ];
    for (name, prepare, expected) in rows {
        for (whole_room, reason) in [(false, "Peer removed"), (true, "Room stopped")] {
            let mut party = party();
            prepare(&mut party);
            let outcome = if whole_room {
                party.state.delete_room(&party.room)
            } else {
                party.state.delete_peer(&party.room, &party.peer)
            };
            let mut expected: Vec<String> =
                expected.iter().map(|name| name.replace("Close 7", &format!("Close 7 {reason}"))).collect();
            if whole_room {
                expected.push("RoomDeleted".to_owned());
            }
            assert_eq!(names(&outcome.unwrap().effects), expected, "{name}, {reason}");
            // What follows on the socket changes nothing any more.
            assert!(party.state.disconnect_peer(&party.room, &party.peer, Session(7)).is_empty());
        }
    }
}

#[test]
fn connecting() {
    let mut party = party();
    assert_eq!(names(&party.connect(1).unwrap().effects), ["PeerConnected"]);
    assert_eq!(party.connect(2).unwrap_err(), Rejection::AlreadyConnected);
    // The socket that was refused cannot disconnect the peer.
    assert!(party.state.disconnect_peer(&party.room, &party.peer, Session(2)).is_empty());
    party.add_track();
    let effects = party.state.disconnect_peer(&party.room, &party.peer, Session(1));
    assert_eq!(names(&effects), ["PeerDisconnected", "TrackRemoved"]);
    assert_eq!(names(&party.connect(3).unwrap().effects), ["PeerConnected"]);
}

#[test]
fn tokens() {
    let mut party = party();
    let later = |seconds| party.now + Duration::from_secs(seconds);
    let (in_time, too_late) = (later(60), later(61));
    let refreshed = party.state.refresh_token(&party.room, &party.peer, too_late).unwrap();
    assert_ne!(refreshed, party.token);
    let viewer = {
        let config = RoomConfig { room_type: RoomType::Livestream, ..RoomConfig::default() };
        let room = party.state.create_room(config).value.id;
        party.state.livestream_token(&room, Role::Viewer).unwrap()
    };
    let webrtc: &[PeerKind] = &[PeerKind::WebRtc];
    for (token, kinds, now, expected) in [
        ("made-up", webrtc, in_time, Some(Rejection::InvalidToken)),
        (&viewer, webrtc, in_time, Some(Rejection::InvalidToken)),
        (&party.token, &[PeerKind::Agent], in_time, Some(Rejection::InvalidToken)),
        (&party.token, webrtc, too_late, Some(Rejection::ExpiredToken)),
        (&party.token, webrtc, in_time, None),
        (&refreshed, webrtc, too_late, None),
    ] {
        let result = party.state.connect_peer(token, kinds, Session(1), now);
        assert_eq!(result.err(), expected, "{token}");
        party.state.disconnect_peer(&party.room, &party.peer, Session(1));
    }
    party.state.delete_peer(&party.room, &party.peer).unwrap();
    assert_eq!(party.connect(1).unwrap_err(), Rejection::PeerNotFound);
    party.state.delete_room(&party.room).unwrap();
    assert_eq!(party.connect(1).unwrap_err(), Rejection::RoomNotFound);
}

#[test]
fn limits() {
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
fn livestream_tokens_by_type_of_room() {
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
fn metadata_and_rooms_in_order() {
    let mut party = party();
    party.connect(1).unwrap();
    let effects = party.state.update_metadata(&party.room, &party.peer, Session(1), json!({ "a": 1 }));
    match effects.as_slice() {
        [Effect::Notify(ServerMessage { content: Some(Content::PeerMetadataUpdated(update)) })] => {
            assert_eq!(update.metadata, r#"{"a":1}"#);
        }
        other => panic!("{other:?}"),
    }
    assert!(party.state.update_metadata(&party.room, &party.peer, Session(9), json!(1)).is_empty());
    let more: Vec<String> = (0..20).map(|_| party.state.create_room(RoomConfig::default()).value.id).collect();
    let listed: Vec<&str> = party.state.rooms().iter().map(|room| room.id.as_str()).collect();
    assert_eq!(listed[0], party.room);
    assert_eq!(listed[1..], more);
}

#[test]
fn a_deleted_peer_leaves_the_subscriptions_of_others() {
    let mut party = party();
    let (other, _) = party.state.add_peer(&party.room, webrtc(), party.now).unwrap().value;
    party.state.subscribe_peer(&party.room, &party.peer, &other.id).unwrap();
    let subscriptions =
        |party: &Party| party.state.room(&party.room).unwrap().peer(&party.peer).unwrap().subscribed_peers.clone();
    assert_eq!(subscriptions(&party), std::slice::from_ref(&other.id));
    party.state.delete_peer(&party.room, &other.id).unwrap();
    assert!(subscriptions(&party).is_empty());
}

#[test]
fn a_stopped_recording_that_fails_or_is_deleted_is_not_brought_to_its_end() {
    let mut state = state();
    let mut stopped = || {
        let id = state.create_recording(json!({}), None).value.id;
        assert_eq!(names(&state.stop_recording(&id).unwrap().effects), ["Conclude"]);
        // The second time it is already on its way.
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
