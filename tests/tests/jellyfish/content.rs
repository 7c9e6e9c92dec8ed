//! Files of HLS streams and recordings: bytes, piece by piece, without a token.

use std::{io, time::Duration};

use fishjam_sdk::{
    ErrorKind, RecordingId,
    jellyfish::{ConnectionOptions, Hls, HlsRequest, JellyfishClient, RoomOptions},
};
use fishjam_tests::{
    clock::{StoppedClock, leap, or_stuck, settle},
    support::{respond_with, silent, unanswered_request, within},
};
use futures_util::StreamExt;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::oneshot,
    task::JoinHandle,
    time::Instant,
};

use crate::fixture::{client, h264_room, start};

#[tokio::test]
async fn playlist_is_fetched_once_it_is_playable() -> anyhow::Result<()> {
    let (emulator, jellyfish) = start().await?;
    let room = h264_room(&jellyfish).await?;
    let hls = jellyfish.add_component(&room.id, Hls::new()).await?;
    let error = jellyfish.get_hls_content(&room.id, "index.m3u8", HlsRequest::new()).await.unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::NotFound, Some("File not found")));
    assert_eq!(error.operation(), Some("getHlsContent"));

    assert!(emulator.make_playable(room.id.as_str(), hls.id.as_str()));
    let playlist = jellyfish.get_hls_content(&room.id, "index.m3u8", HlsRequest::new()).await?;
    assert_eq!(playlist.content_type(), Some("application/vnd.apple.mpegurl"));
    assert!(!playlist.is_partial());
    let text = playlist.bytes().await?;
    assert!(text.starts_with(b"#EXTM3U"), "{text:?}");
    let requests = emulator.journal().requests_for("getHlsContent");
    assert_eq!(requests.len(), 2);
    assert!(
        requests.iter().all(|request| request.header("authorization").is_none()),
        "no token is needed, none is sent"
    );
    Ok(())
}

#[tokio::test]
async fn hls_request_sends_only_the_options_that_are_set() -> anyhow::Result<()> {
    let (emulator, jellyfish) = start().await?;
    for (request, query, range) in [
        (HlsRequest::new(), None, None),
        (HlsRequest::new().part(7, 2), Some("_HLS_msn=7&_HLS_part=2"), None),
        (HlsRequest::new().skip(true), Some("_HLS_skip=YES"), None),
        (HlsRequest::new().part(0, 0).skip(true), Some("_HLS_msn=0&_HLS_part=0&_HLS_skip=YES"), None),
        (HlsRequest::new().range("bytes=0-1").skip(false), None, Some("bytes=0-1")),
    ] {
        // A request for a part of a missing stream does not wait.
        let error = jellyfish.get_hls_content("gone", "index.m3u8", request).await.unwrap_err();
        assert!(error.is_not_found(), "{error}");
        let sent = emulator.journal().requests_for("getHlsContent").pop().unwrap();
        assert_eq!((sent.path(), sent.query()), ("/hls/gone/index.m3u8", query));
        assert_eq!(sent.header("range"), range);
    }
    Ok(())
}

#[tokio::test]
async fn hls_url_is_the_url_that_the_client_requests() -> anyhow::Result<()> {
    let (emulator, jellyfish) = start().await?;
    let file = "a b.m3u8";
    let room = jellyfish.room_handle("my-room");
    let _ = room.get_hls_content(file, HlsRequest::new()).await;
    let sent = emulator.journal().requests_for("getHlsContent").pop().map(|request| request.path().to_owned());
    let sent = sent.map(|path| format!("http://{}{path}", emulator.address()));
    assert_eq!(Some(room.hls_url(file)?), sent);
    assert_eq!(room.hls_url(file)?, jellyfish.hls_url("my-room", file)?);
    let other = JellyfishClient::new(ConnectionOptions::new("h", "t").secure(true))?;
    assert_eq!(other.hls_url("r", "index.m3u8")?, "https://h/hls/r/index.m3u8");
    Ok(())
}

#[tokio::test]
async fn file_name_with_a_path_is_not_sent() -> anyhow::Result<()> {
    let (emulator, jellyfish) = start().await?;
    for name in ["", ".", "..", "../x", "a/b", "a\\b"] {
        let error = jellyfish.get_hls_content("r", name, HlsRequest::new()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{name}");
        let error = jellyfish.get_recording_content("r", name).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{name}");
        assert!(error.to_string().contains("invalid filename"), "{error}");
        let error = jellyfish.hls_url("r", name).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{name}");
        assert_eq!(jellyfish.hls_url(name, "f").unwrap_err().kind(), ErrorKind::InvalidInput, "{name}");
    }
    let error = jellyfish.get_hls_content("r", "f", HlsRequest::new().range("a\nb")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    for range in ["", " "] {
        let error = jellyfish.get_hls_content("r", "f", HlsRequest::new().range(range)).await.unwrap_err();
        assert!(error.to_string().contains("invalid range: it is empty"), "{error}");
    }
    assert_eq!(emulator.journal().requests().len(), 0);
    Ok(())
}

/// Tests O31 and O32 of the Python SDK, and E14 and E15 of the Elixir SDK: see `tests/official-sdks.md`.
#[tokio::test]
async fn recordings_are_listed_read_and_deleted() -> anyhow::Result<()> {
    let (emulator, jellyfish) = start().await?;
    assert!(jellyfish.get_recordings().await?.is_empty());
    assert!(emulator.put_resource("recordings/my-recording/index.m3u8", "#EXTM3U\n"));
    assert!(emulator.put_resource("recordings/my-recording/muxed_segment_0.m4s", vec![7; 300_000]));
    assert_eq!(jellyfish.get_recordings().await?, [RecordingId::from("my-recording")]);

    let playlist = jellyfish.get_recording_content("my-recording", "index.m3u8").await?;
    assert_eq!(playlist.content_type(), Some("application/vnd.apple.mpegurl"));
    assert_eq!(playlist.bytes().await?, "#EXTM3U\n");
    let mut segment = jellyfish.get_recording_content("my-recording", "muxed_segment_0.m4s").await?;
    assert_eq!((segment.content_type(), segment.content_length()), (None, Some(300_000)));
    let mut length = 0;
    while let Some(piece) = segment.next().await {
        length += piece?.len();
    }
    assert_eq!(length, 300_000);
    let error = jellyfish.get_recording_content("my-recording", "absent").await.unwrap_err();
    assert_eq!((error.message(), error.operation()), (Some("File not found"), Some("getRecordingContent")));
    let requests = emulator.journal().requests_for("getRecordingContent");
    assert!(requests.iter().all(|request| request.header("authorization").is_none()));

    jellyfish.delete_recording("my-recording").await?;
    let error = jellyfish.delete_recording("my-recording").await.unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::NotFound, Some("Recording not found")));
    Ok(())
}

fn at(url: &str) -> fishjam_sdk::Result<JellyfishClient> {
    JellyfishClient::new(ConnectionOptions::new(url.trim_start_matches("http://"), "token"))
}

/// A proxy or cache may honor what the server itself ignores.
#[tokio::test]
async fn partial_file_is_reported_as_partial() -> anyhow::Result<()> {
    let url = respond_with("HTTP/1.1 206 Partial Content\r\ncontent-length: 2\r\n\r\nab").await?;
    let file = at(&url)?.get_hls_content("r", "f", HlsRequest::new().range("bytes=0-1")).await?;
    assert!(file.is_partial());
    assert_eq!(file.bytes().await?, "ab");
    Ok(())
}

#[tokio::test]
async fn a_file_that_breaks_off_ends_with_an_error() -> anyhow::Result<()> {
    let url = respond_with("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc").await?;
    let mut file = at(&url)?.get_hls_content("r", "f", HlsRequest::new()).await?;
    let mut whole = Vec::new();
    let error = loop {
        match within("the end of the file", file.next()).await?.expect("an error before the end") {
            Ok(piece) => whole.extend_from_slice(&piece),
            Err(error) => break error,
        }
    };
    assert_eq!(whole, b"abc");
    assert_eq!((error.kind(), error.status()), (ErrorKind::Connection, Some(200)));
    assert!(error.to_string().starts_with("get_hls_content: connection failed"), "{error}");
    assert!(file.next().await.is_none(), "the error is the last item");
    Ok(())
}

#[tokio::test]
async fn file_of_any_size_streams_but_collecting_has_a_limit() -> anyhow::Result<()> {
    let (emulator, _) = start().await?;
    emulator.put_resource("recordings/r/f", vec![1; 100_000]);
    let options = ConnectionOptions::new(emulator.address(), emulator.token());
    let jellyfish = JellyfishClient::builder(options).max_response_bytes(50_000).build()?;
    let error = jellyfish.get_recording_content("r", "f").await?.bytes().await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::TooLarge, Some("getRecordingContent")));
    assert!(error.to_string().contains("50000"), "{error}");
    let pieces = jellyfish.get_recording_content("r", "f").await?;
    let length = pieces.fold(0, |length, piece| async move { length + piece.map_or(0, |piece| piece.len()) }).await;
    assert_eq!(length, 100_000);
    Ok(())
}

#[tokio::test]
async fn stalled_file_times_out() -> anyhow::Result<()> {
    let (listener, url) = silent().await?;
    let clock = StoppedClock::stop();
    let began = Instant::now();
    let jellyfish = at(&url)?;
    let waiting = async {
        loop {
            let _unanswered = unanswered_request(&listener).await?;
            // A duration above the time limit of a request and of a wait.
            for _ in 0..70 {
                clock.advance(Duration::from_millis(500)).await;
            }
        }
    };
    let error = tokio::select! {
        outcome = jellyfish.get_hls_content("r", "f", HlsRequest::new()) => outcome.unwrap_err(),
        stopped = waiting => return stopped,
    };
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!((60..=90).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
    Ok(())
}

#[tokio::test]
async fn next_piece_has_the_request_timeout() -> anyhow::Result<()> {
    let (emulator, _) = start().await?;
    emulator.put_resource("recordings/r/f", vec![1; 10]);
    emulator.faults().on("getRecordingContent").always().drip(5, Duration::from_secs(3600));
    let options = ConnectionOptions::new(emulator.address(), emulator.token());
    let jellyfish = JellyfishClient::new(options)?;
    let file = within("the beginning", jellyfish.get_recording_content("r", "f")).await??;
    // The limit starts again when the first piece has arrived.
    settle().await;
    let (read, ()) = within("the end", async { tokio::join!(file.bytes(), leap(Duration::from_secs(30))) }).await?;
    let error = read.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Timeout, Some("getRecordingContent")));
    Ok(())
}

/// Starts a server that sends half of a file of four bytes, and the rest after a signal. The task ends when its client
/// disconnects.
async fn halting() -> io::Result<(String, oneshot::Sender<()>, JoinHandle<io::Result<usize>>)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let (go, gone) = oneshot::channel::<()>();
    let serving = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await?;
        let mut request = [0; 4096];
        let _ = socket.read(&mut request).await?;
        socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nab").await?;
        if gone.await.is_ok() {
            socket.write_all(b"cd").await?;
        }
        socket.read(&mut request).await
    });
    Ok((url, go, serving))
}

#[tokio::test]
async fn reading_of_a_piece_is_cancel_safe() -> anyhow::Result<()> {
    let (url, go, _serving) = halting().await?;
    let mut file = at(&url)?.get_hls_content("r", "f", HlsRequest::new()).await?;
    assert_eq!(within("the beginning", file.next()).await?.expect("a piece")?, "ab");
    for _ in 0..3 {
        assert!(or_stuck(file.next()).await.is_none(), "there is nothing yet");
    }
    assert_eq!(go.send(()), Ok(()));
    assert_eq!(within("the rest", file.bytes()).await??, "cd");
    Ok(())
}

#[tokio::test]
async fn dropped_file_closes_its_connection() -> anyhow::Result<()> {
    let (url, go, serving) = halting().await?;
    let mut file = at(&url)?.get_hls_content("r", "f", HlsRequest::new()).await?;
    assert_eq!(within("the beginning", file.next()).await?.expect("a piece")?, "ab");
    drop(file);
    drop(go);
    // The client closes the connection, and does not use it for another request.
    let closed = within("the end of the connection", serving).await??;
    assert!(matches!(closed, Ok(0) | Err(_)), "{closed:?}");
    Ok(())
}

#[tokio::test]
async fn longest_timeout_works() -> anyhow::Result<()> {
    let (emulator, _) = start().await?;
    emulator.put_resource("recordings/r/f", vec![1; 10]);
    emulator.faults().on("getRecordingContent").always().drip(5, Duration::from_millis(20));
    let options = ConnectionOptions::new(emulator.address(), emulator.token());
    let endless = JellyfishClient::builder(options).request_timeout(Duration::MAX).overall_timeout(Duration::MAX);
    let file = endless.connect_timeout(Duration::MAX).build()?.get_recording_content("r", "f").await?;
    assert_eq!(within("the file", file.bytes()).await??.len(), 10);
    Ok(())
}

#[tokio::test]
async fn persistent_stream_becomes_a_recording_with_the_rooms_id() -> anyhow::Result<()> {
    let (emulator, jellyfish) = start().await?;
    let options = RoomOptions::new().room_id("kept").video_codec(fishjam_sdk::VideoCodec::H264);
    let (room, _) = client(&emulator)?.create_room(options).await?;
    let hls = jellyfish.add_component(&room.id, Hls::new().persistent(true)).await?;
    assert!(emulator.make_playable("kept", hls.id.as_str()));
    assert!(jellyfish.get_recordings().await?.is_empty(), "not while the room lives");
    jellyfish.delete_room(&room.id).await?;
    assert_eq!(jellyfish.get_recordings().await?, [RecordingId::from("kept")]);
    Ok(())
}
