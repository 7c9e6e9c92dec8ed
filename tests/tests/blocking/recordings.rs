//! Waits and downloads of recordings, without a runtime.

use std::{fs, io, time::Duration};

use fishjam_sdk::{CompositionRecordingOptions, ErrorKind, PeerOptions, RoomOptions, WaitOptions};
use fishjam_tests::support::respond_with;
use serde_json::json;

use crate::Server;

const LONG: Duration = Duration::from_secs(120);

#[test]
fn recording_is_awaited_and_downloaded() -> anyhow::Result<()> {
    let server = Server::start()?;
    let fishjam = server.client()?;
    let file = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 4\r\n\r\nfile";
    let url = server.runtime.block_on(respond_with(file))?;
    let options = CompositionRecordingOptions::new("https://rtc.fishjam.io/api/composition/c", "o");
    let recording = fishjam.create_composition_recording(options)?;
    server.faults().on("get_recording").always().patch_json(move |response| {
        response["data"]["files"] = json!([{ "url": url }]);
    });
    fishjam.stop_recording(&recording.id)?;
    let recording = fishjam.wait_for_recording(&recording.id, LONG)?;

    let folder = tempfile::tempdir()?;
    let paths = fishjam.download_recording(&recording.id, folder.path().join("lesson.mp4"))?;
    assert_eq!((paths.len(), fs::read(&paths[0])?), (1, b"file".to_vec()));
    let mut written = Vec::new();
    assert_eq!(fishjam.download_recording_file(&recording.id, 0, &mut written)?, 4);
    assert_eq!(written, b"file");
    let error = fishjam.download_recording_file(&recording.id, 0, Broken).unwrap_err();
    assert!(format!("{error:#}").ends_with("the writer failed: disk full"), "{error:#}");
    Ok(())
}

/// A writer that always fails.
struct Broken;

impl io::Write for Broken {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::Error::other("disk full"))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn room_and_peer_are_awaited() -> anyhow::Result<()> {
    let server = Server::start()?;
    let fishjam = server.client()?;
    let room = fishjam.create_room(RoomOptions::new())?;
    assert_eq!(fishjam.wait_for_empty_room(&room.id, LONG)?, room);
    let (peer, _) = fishjam.create_peer(&room.id, PeerOptions::new())?;
    let options = WaitOptions::new(Duration::ZERO);
    let error = fishjam.wait_for_connected_peer(&room.id, &peer.id, options).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().starts_with("wait_for_connected_peer: "), "{error}");
    let error = fishjam.wait_for_connected_peer(&room.id, "gone", LONG).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    Ok(())
}
