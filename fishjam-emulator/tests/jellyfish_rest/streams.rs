//! HLS with low latency: requests that wait, and requests that do not.

use std::time::Duration;

use fishjam_emulator::JellyfishEmulator;
use serde_json::json;
use tokio::time::timeout;

use crate::{
    case::Server,
    server::{call, create, start},
};

async fn low_latency(jellyfish: &JellyfishEmulator) -> String {
    let room = create(jellyfish, "/room", json!({ "videoCodec": "h264" })).await;
    let hls = json!({ "type": "hls", "options": { "lowLatency": true } });
    let hls = create(jellyfish, &format!("/room/{room}/component"), hls).await;
    assert!(jellyfish.make_playable(&room, &hls));
    room
}

#[tokio::test]
async fn playlist_request_waits_for_its_part() {
    let jellyfish = start(&Server::Usual).await;
    let room = low_latency(&jellyfish).await;
    let path = |query: &str| format!("/hls/{room}/g2QABXZpZGVv.m3u8?{query}");
    let now = call(&jellyfish, "GET", &path("_HLS_msn=0&_HLS_part=0"), None).await;
    assert_eq!((now.status, now.header("content-type")), (200, Some("application/vnd.apple.mpegurl")));
    let later = path("_HLS_msn=0&_HLS_part=1&_HLS_skip=YES");
    let mut waiting = Box::pin(call(&jellyfish, "GET", &later, None));
    assert!(timeout(Duration::from_millis(100), &mut waiting).await.is_err());
    assert!(jellyfish.extend_stream(&room));
    let later = waiting.await;
    assert_eq!(later.status, 200);
    assert!(String::from_utf8_lossy(&later.body).contains("_1_part.m4s"));
}

#[tokio::test]
async fn request_waits_only_for_the_next_part() {
    let jellyfish = start(&Server::Usual).await;
    let room = low_latency(&jellyfish).await;
    let path = |part: &str| format!("/hls/{room}/muxed_segment_0_g2QABXZpZGVv_{part}_part.m4s");
    let first = call(&jellyfish, "GET", &path("0"), None).await;
    assert_eq!((first.status, first.header("content-type")), (200, None));
    assert_eq!(call(&jellyfish, "GET", &path("2"), None).await.status, 404);
    let next = path("1");
    let mut waiting = Box::pin(call(&jellyfish, "GET", &next, None));
    assert!(timeout(Duration::from_millis(100), &mut waiting).await.is_err());
    assert!(jellyfish.extend_stream(&room));
    assert_eq!(waiting.await.status, 200);
}

#[tokio::test]
async fn waiting_request_ends_with_the_stream() {
    let jellyfish = start(&Server::Usual).await;
    let room = low_latency(&jellyfish).await;
    let path = format!("/hls/{room}/index.m3u8?_HLS_msn=9&_HLS_part=0");
    let mut waiting = Box::pin(call(&jellyfish, "GET", &path, None));
    assert!(timeout(Duration::from_millis(100), &mut waiting).await.is_err());
    assert_eq!(call(&jellyfish, "DELETE", &format!("/room/{room}"), None).await.status, 204);
    assert_eq!(waiting.await.status, 404);
    assert!(!jellyfish.extend_stream(&room));
}

#[tokio::test]
async fn delta_playlists_and_file_names_are_checked() {
    let jellyfish = start(&Server::Usual).await;
    let room = low_latency(&jellyfish).await;
    for (file, status) in [
        ("g2QABXZpZGVv.m3u8?_HLS_skip=v2", 200),
        ("index.m3u8?_HLS_skip=v2", 404),
        ("index.m3u8?_HLS_msn=5", 200),
        ("index.m3u8?_HLS_msn=x&_HLS_part=0", 500),
        ("..%2f..%2frecordings", 400),
        ("..%2fx%2findex.m3u8", 400),
        (".", 400),
    ] {
        let response = call(&jellyfish, "GET", &format!("/hls/{room}/{file}"), None).await;
        assert_eq!(response.status, status, "{file}");
        if status == 400 {
            let text = format!("Invalid filename, got {}", file.replace("%2f", "/"));
            assert_eq!(response.json(), json!({ "errors": text }));
        }
    }
    let unknown = call(&jellyfish, "GET", "/hls/nowhere/..%2f..%2fx", None).await;
    assert_eq!((unknown.status, unknown.json()), (404, json!({ "errors": "File not found" })));
}
