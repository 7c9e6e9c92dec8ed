//! Downloads of recordings: complete files only, through interruptions, from hosts that receive no token.

use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    time::Duration,
};

use anyhow::Context;
use fishjam_emulator::{Authorization, Emulator};
use fishjam_sdk::{CompositionRecordingOptions, Error, ErrorKind, FishjamClient};
use fishjam_tests::{
    clock::SteppedClock,
    support::{each, until, unused_url, within},
};
use futures_util::FutureExt;

use super::file_host::{End, FileHost, Reply, recording};

const FILE: &[u8] = b"the first half, the other half";
/// A file of the same length.
const OTHER: &[u8] = b"THE FIRST HALF, THE OTHER HALF";
const CUT: usize = 15;
const A: &str = "\"a\"";
const B: &str = "\"b\"";

fn client(emulator: &Emulator) -> anyhow::Result<FishjamClient> {
    let wait = Duration::from_millis(1);
    let limit = Duration::from_secs(10);
    let builder = FishjamClient::builder(emulator.url(), emulator.token()).retry_backoff(wait, wait);
    Ok(builder.request_timeout(limit).overall_timeout(3 * limit).build()?)
}

fn names(folder: &Path) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// The results of a download to a file and to a writer.
struct Outcome {
    outcome: Result<Vec<u8>, Error>,
    requests: Vec<String>,
}

/// Downloads a recording with one file from a host with this script.
async fn to_file(replies: Vec<Reply>) -> anyhow::Result<Outcome> {
    let emulator = Emulator::start().await?;
    let (fishjam, host) = (client(&emulator)?, FileHost::start(replies).await?);
    let url = format!("{}/f.mp4?sentinel", host.url);
    let id = recording(&emulator, &fishjam, move || vec![url.clone()]).await?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("lesson.mp4");
    let downloaded = within("the download", fishjam.download_recording(&id, &path)).await?;
    let outcome = match downloaded {
        Ok(paths) => {
            assert_eq!((paths, names(folder.path())?), (vec![path.clone()], vec!["lesson.mp4".to_owned()]));
            Ok(fs::read(path)?)
        }
        Err(error) => {
            assert!(names(folder.path())?.is_empty(), "{error}");
            Err(error)
        }
    };
    Ok(Outcome { outcome, requests: host.requests() })
}

/// Downloads the file to a writer.
async fn to_writer(replies: Vec<Reply>) -> anyhow::Result<Outcome> {
    let emulator = Emulator::start().await?;
    let (fishjam, host) = (client(&emulator)?, FileHost::start(replies).await?);
    let url = format!("{}/f.mp4?sentinel", host.url);
    let id = recording(&emulator, &fishjam, move || vec![url.clone()]).await?;
    let mut written = Vec::new();
    let downloaded = within("the download", fishjam.download_recording_file(&id, 0, &mut written)).await?;
    let outcome = downloaded.map(|bytes| {
        assert_eq!(bytes, written.len() as u64);
        written
    });
    Ok(Outcome { outcome, requests: host.requests() })
}

#[tokio::test]
async fn files_are_saved_in_order_and_host_gets_no_token() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = client(&emulator)?;
    let host = FileHost::start([Reply::whole(FILE, A), Reply::chunked(OTHER, B)]).await?;
    let url = host.url.clone();
    let id = recording(&emulator, &fishjam, move || vec![format!("{url}/1?q=1"), format!("{url}/2")]).await?;
    let folder = tempfile::tempdir()?;
    let paths = fishjam.download_recording(&id, folder.path().join("lesson.mp4")).await?;
    assert_eq!(paths, ["lesson-1.mp4", "lesson-2.mp4"].map(|name| folder.path().join(name)));
    assert_eq!(names(folder.path())?, ["lesson-1.mp4", "lesson-2.mp4"]);
    assert_eq!((fs::read(&paths[0])?, fs::read(&paths[1])?), (FILE.to_vec(), OTHER.to_vec()));
    let requests = host.requests();
    assert!(requests[0].starts_with("get /1?q=1 ") && requests[1].starts_with("get /2 "), "{requests:?}");
    for request in requests {
        assert!(request.contains("accept-encoding: identity") && !request.contains("range:"), "{request}");
        assert!(!request.contains("authorization") && !request.contains(emulator.token()), "{request}");
        assert!(!request.contains("x-fishjam"), "{request}");
    }
    Ok(())
}

#[tokio::test]
async fn interrupted_download_resumes_only_the_same_file() -> anyhow::Result<()> {
    let first = || Reply::whole(FILE, A).cut(CUT);
    let error = |kind| Err(kind);
    for (name, replies, file, writer, ranges) in [
        (
            "the host sends the rest",
            (|first: Reply| vec![first, Reply::rest(FILE, CUT, A)]) as fn(Reply) -> Vec<Reply>,
            FILE,
            Ok(FILE),
            1,
        ),
        (
            "in three parts",
            |first| vec![first, Reply::range(FILE, CUT, 20, A), Reply::rest(FILE, 20, A)],
            FILE,
            Ok(FILE),
            2,
        ),
        ("the host ignores the range", |first| vec![first, Reply::whole(FILE, A)], FILE, Ok(FILE), 1),
        ("the length is missing now", |first| vec![first, Reply::chunked(FILE, A)], FILE, error(ErrorKind::Decode), 1),
        ("the file has changed", |first| vec![first, Reply::whole(OTHER, B)], OTHER, error(ErrorKind::Decode), 1),
        (
            "the file has changed, and the host ignores that",
            |first| vec![first, Reply::rest(OTHER, CUT, B), Reply::whole(OTHER, B)],
            OTHER,
            error(ErrorKind::Decode),
            1,
        ),
        (
            "the rest has another total",
            |first| vec![first, Reply::rest(&FILE[..20], CUT, A), Reply::whole(OTHER, B)],
            OTHER,
            error(ErrorKind::Decode),
            1,
        ),
    ] {
        let Outcome { outcome, requests } = to_file(replies(first())).await.context(name)?;
        assert_eq!(outcome?, file, "{name}");
        let resumed = |request: &&String| request.contains("range: bytes=") && request.contains("if-range: \"a\"");
        assert_eq!(requests.iter().filter(resumed).count(), ranges, "{name}: {requests:?}");
        assert!(requests[1].contains("range: bytes=15-"), "{name}: {requests:?}");
        let Outcome { outcome, .. } = to_writer(replies(first())).await.context(name)?;
        assert_eq!(outcome.as_deref().map_err(Error::kind), writer, "{name}");
    }
    Ok(())
}

#[tokio::test]
async fn file_without_an_etag_starts_again() -> anyhow::Result<()> {
    for etag in ["", "W/\"a\""] {
        let replies = || vec![Reply::whole(FILE, etag).cut(CUT), Reply::whole(OTHER, etag)];
        let Outcome { outcome, requests } = to_file(replies()).await?;
        assert_eq!((outcome?.as_slice(), requests.len()), (OTHER, 2));
        assert!(requests.iter().all(|request| !request.contains("range")), "{requests:?}");
        // A writer cannot start again.
        let Outcome { outcome, requests } = to_writer(replies()).await?;
        assert_eq!((outcome.unwrap_err().kind(), requests.len()), (ErrorKind::Connection, 1));
    }
    Ok(())
}

#[tokio::test]
async fn chunked_file_resumes_and_learns_its_length() -> anyhow::Result<()> {
    let cut = || Reply::chunked(FILE, A).cut(4 + CUT);
    for replies in [vec![cut(), Reply::rest(FILE, CUT, A)], vec![Reply::chunked(b"", A)]] {
        let expected = if replies.len() == 2 { FILE } else { b"" };
        let Outcome { outcome, .. } = to_file(replies).await?;
        assert_eq!(outcome?, expected);
    }
    Ok(())
}

#[tokio::test]
async fn unusable_responses_leave_no_file() -> anyhow::Result<()> {
    let mut gzip = Reply::whole(FILE, A);
    gzip.head = gzip.head.replace("etag", "content-encoding: gzip\r\netag");
    let mut endless = Reply::whole(FILE, A);
    endless.head = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".to_owned();
    let late = || Reply::rest(FILE, 1, A);
    let redirects = || (0..6).map(|_| Reply::status("302 Found", "location: /again?sentinel\r\n")).collect();
    each(
        [
            (vec![gzip], ErrorKind::Decode, 1),
            (vec![endless], ErrorKind::Decode, 1),
            (redirects(), ErrorKind::Decode, 6),
            (vec![Reply::status("302 Found", "location: ftp://host/sentinel\r\n")], ErrorKind::Decode, 1),
            (vec![late(), late(), late(), late()], ErrorKind::Connection, 4),
            // Each interruption counts, because a MiB has not arrived.
            ((0..4).map(|_| Reply::whole(FILE, A).cut(CUT)).collect(), ErrorKind::Connection, 4),
            ((0..4).map(|i| Reply::rest(FILE, 0, A).cut(i)).collect(), ErrorKind::Connection, 4),
            (
                (0..4).map(|_| Reply::status("503 Busy", "retry-after: 0\r\n")).collect(),
                ErrorKind::ServiceUnavailable,
                4,
            ),
            (vec![Reply::status("500 Oops", "")], ErrorKind::Server, 1),
            (vec![Reply::status("204 Empty", "")], ErrorKind::UnexpectedStatus, 1),
            (vec![Reply::status("416 Range", "")], ErrorKind::UnexpectedStatus, 1),
        ],
        |(replies, kind, count)| async move {
            let Outcome { outcome, requests } = to_file(replies).await?;
            let error = outcome.unwrap_err();
            assert_eq!((error.kind(), requests.len()), (kind, count), "{error:#}");
            assert!(error.to_string().starts_with("download_recording: "), "{error}");
            assert!(!format!("{error:#} {error:?}").contains("sentinel"), "{error:?}");
            Ok(())
        },
    )
    .await
}

#[tokio::test]
async fn long_file_survives_more_interruptions_than_attempts() -> anyhow::Result<()> {
    const MIB: usize = 1024 * 1024;
    let file: Vec<u8> = (0..8 * MIB).map(|i| (i / 7) as u8).collect();
    let parts = (0..8).map(|i| Reply::range(&file, i * MIB, (i + 1) * MIB, A)).collect();
    let Outcome { outcome, requests } = to_file(parts).await?;
    assert!(outcome? == file, "the parts are in order");
    assert_eq!(requests.len(), 8);
    Ok(())
}

#[tokio::test]
async fn expired_url_is_replaced_once() -> anyhow::Result<()> {
    for (status, after, kind) in [
        ("403 Forbidden", "/new", None),
        ("400 Bad Request", "/new", None),
        ("403 Forbidden", "/old", Some(ErrorKind::UnexpectedStatus)),
        ("401 Unauthorized", "/old", Some(ErrorKind::UnexpectedStatus)),
        ("404 Not Found", "/old", Some(ErrorKind::NotFound)),
    ] {
        let emulator = Emulator::start().await?;
        let fishjam = client(&emulator)?;
        let host =
            FileHost::start([Reply::whole(FILE, A).cut(CUT), Reply::status(status, ""), Reply::rest(FILE, CUT, A)])
                .await?;
        let (url, reads) = (host.url.clone(), AtomicUsize::new(0));
        let urls = move || match reads.fetch_add(1, Relaxed) {
            0 => vec![format!("{url}/old?sentinel")],
            _ => vec![format!("{url}{after}?sentinel")],
        };
        let id = recording(&emulator, &fishjam, urls).await?;
        let folder = tempfile::tempdir()?;
        let outcome = fishjam.download_recording(&id, folder.path().join("f")).await;
        assert_eq!(emulator.journal().count("get_recording"), 2);
        match (outcome, kind) {
            (Ok(paths), None) => {
                assert_eq!(fs::read(&paths[0])?, FILE);
                let requests = host.requests();
                assert!(requests[2].starts_with("get /new") && requests[2].contains("bytes=15-"), "{requests:?}");
            }
            (Err(error), Some(kind)) => {
                assert_eq!((error.kind(), host.requests().len()), (kind, 2), "{error}");
                assert!(error.to_string().contains("the host of the file") && names(folder.path())?.is_empty());
            }
            (outcome, _) => panic!("{status}: {outcome:?}"),
        }
    }
    Ok(())
}

#[tokio::test]
async fn url_that_stays_expired_is_an_error() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = client(&emulator)?;
    let host = FileHost::start((0..5).map(|_| Reply::status("403 Forbidden", ""))).await?;
    let (url, reads) = (host.url.clone(), AtomicUsize::new(0));
    // Each read returns another URL, and none of them works.
    let id = recording(&emulator, &fishjam, move || vec![format!("{url}/{}", reads.fetch_add(1, Relaxed))]).await?;
    let error = fishjam.download_recording_file(&id, 0, Vec::new()).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::UnexpectedStatus, Some(403)));
    assert!(error.to_string().starts_with("download_recording_file: "), "{error}");
    assert_eq!(host.requests().len(), 2);
    Ok(())
}

#[tokio::test]
async fn redirect_is_followed() -> anyhow::Result<()> {
    let storage = FileHost::start([Reply::whole(FILE, A)]).await?;
    let location = format!("location: {}/storage?signed\r\n", storage.url);
    let Outcome { outcome, .. } = to_file(vec![Reply::status("307 Elsewhere", &location)]).await?;
    assert_eq!(outcome?, FILE);
    assert!(storage.requests()[0].starts_with("get /storage?signed "));
    Ok(())
}

#[tokio::test]
async fn time_limit_is_for_silence_and_not_for_the_download() -> anyhow::Result<()> {
    let _clock = SteppedClock::start(Duration::from_millis(500));
    let slow = || Reply::whole(FILE, A).then(End::Trickle(Duration::from_secs(2)));
    // 30 bytes take 60 seconds. The limit of a request is 10 seconds, and that of a call is 30 seconds.
    let Outcome { outcome, requests } = to_file(vec![slow()]).await?;
    assert_eq!((outcome?.as_slice(), requests.len()), (FILE, 1));

    let stalled = |cut| Reply::whole(FILE, A).cut(cut).then(End::Stall);
    let Outcome { outcome, requests } = to_file(vec![stalled(CUT), Reply::rest(FILE, CUT, A)]).await?;
    assert_eq!((outcome?.as_slice(), requests.len()), (FILE, 2));
    let Outcome { outcome, requests } = to_file((0..4).map(|_| stalled(0)).collect()).await?;
    assert_eq!((outcome.unwrap_err().kind(), requests.len()), (ErrorKind::Timeout, 4));
    Ok(())
}

#[tokio::test]
async fn dropped_download_deletes_its_file() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = client(&emulator)?;
    let host = FileHost::start([Reply::whole(FILE, A).cut(CUT).then(End::Stall)]).await?;
    let url = host.url.clone();
    let id = recording(&emulator, &fishjam, move || vec![url.clone()]).await?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("lesson.mp4");
    // A spawned future must be `Send`.
    let download = tokio::spawn(async move { fishjam.download_recording(&id, path).await });
    until("the host gets a request", || !host.requests().is_empty()).await?;
    assert!(names(folder.path())?[0].ends_with(".part"));
    download.abort();
    assert!(download.await.unwrap_err().is_cancelled());
    assert!(names(folder.path())?.is_empty());
    Ok(())
}

#[tokio::test]
async fn impossible_downloads_are_refused() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = client(&emulator)?;
    let folder = tempfile::tempdir()?;
    let error = fishjam.download_recording("gone", folder.path()).await.unwrap_err();
    assert_eq!((error.kind(), emulator.journal().count("*")), (ErrorKind::InvalidInput, 0));
    let error = fishjam.download_recording("gone", folder.path().join("f")).await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::NotFound, Some("get_recording")));

    let options = CompositionRecordingOptions::new("https://rtc.fishjam.io/api/composition/c", "o");
    let active = fishjam.create_composition_recording(options).await?;
    let error = fishjam.download_recording(&active.id, folder.path().join("f")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(error.to_string().contains("its status is active"), "{error}");

    let url = format!("{}/f?sentinel", unused_url().await?);
    let id = recording(&emulator, &fishjam, move || vec![url.clone()]).await?;
    let error = fishjam.download_recording_file(&id, 1, Vec::new()).await.unwrap_err();
    assert_eq!(error.message(), Some("invalid index: 1; the recording has 1 files"));
    let error = fishjam.download_recording_file(&id, 0, Vec::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection);
    assert!(!format!("{error:#} {error:?}").contains("sentinel"), "{error:?}");

    for url in ["sentinel", "ftp://host/sentinel", "http://sentinel:sentinel@host/f"] {
        emulator.faults().clear();
        let id = recording(&emulator, &fishjam, move || vec![url.to_owned()]).await?;
        let error = fishjam.download_recording(&id, folder.path().join("f")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{url}");
        assert!(!format!("{error:#} {error:?}").contains("sentinel"), "{error:?}");
    }
    assert!(names(folder.path())?.is_empty());
    Ok(())
}

#[tokio::test]
async fn error_of_the_writer_is_the_source() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let (fishjam, host) = (client(&emulator)?, FileHost::start([Reply::whole(FILE, A)]).await?);
    let url = host.url.clone();
    let id = recording(&emulator, &fishjam, move || vec![url.clone()]).await?;
    let mut room = [0; CUT];
    let error = fishjam.download_recording_file(&id, 0, &mut std::io::Cursor::new(&mut room[..])).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Setup);
    assert!(format!("{error:#}").contains(": the writer failed: "), "{error:#}");
    assert!(error.to_string().starts_with("download_recording_file: "), "{error}");
    assert_eq!(room, FILE[..CUT]);
    Ok(())
}

#[test]
fn download_without_a_runtime_is_an_error() -> anyhow::Result<()> {
    let fishjam = FishjamClient::new("http://127.0.0.1:1", "token")?;
    let to_file = fishjam.download_recording("r", "f").now_or_never().expect("an error").unwrap_err();
    let to_writer = fishjam.download_recording_file("r", 0, Vec::new()).now_or_never().expect("an error").unwrap_err();
    assert_eq!((to_file.kind(), to_writer.kind()), (ErrorKind::Setup, ErrorKind::Setup));
    Ok(())
}

#[tokio::test]
async fn files_of_the_emulator_download_and_resume() -> anyhow::Result<()> {
    let emulator = Emulator::builder().manual_recordings().start().await?;
    let fishjam = client(&emulator)?;
    let options = CompositionRecordingOptions::new("https://rtc.fishjam.io/api/composition/c", "o");
    let id = fishjam.create_composition_recording(options).await?.id;
    assert!(emulator.advance_recording(&id) && emulator.advance_recording(&id));
    let folder = tempfile::tempdir()?;
    let [whole, resumed] = ["whole.mp4", "resumed.mp4"].map(|name| folder.path().join(name));
    within("the download", fishjam.download_recording(&id, &whole)).await??;
    emulator.faults().on("recording_file").disconnect_mid_body();
    within("the download", fishjam.download_recording(&id, &resumed)).await??;

    let file = fs::read(&whole)?;
    assert!(file.len() == 65_536 && file == fs::read(&resumed)?);
    let requests = emulator.journal().requests_for("recording_file");
    let ranges: Vec<_> = requests.iter().map(|request| (request.status(), request.header("range").is_some())).collect();
    assert_eq!(ranges, [(Some(200), false), (Some(200), false), (Some(206), true)]);
    assert!(requests.iter().all(|request| request.authorization() == Authorization::Missing));
    Ok(())
}
