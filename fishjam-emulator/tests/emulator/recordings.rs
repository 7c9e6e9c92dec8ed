//! Recordings: both sources, their status and the filters.

use std::time::Duration;

use fishjam_emulator::{
    Emulator,
    proto::fishjam::server_message::{Content, RecordingStatusChanged, recording_status_changed::Status},
};
use serde_json::{Value, json};

use crate::client::{Notifications, call, http};

const URL: &str = "https://rtc.fishjam.io/api/composition/one";

fn config(metadata: Value) -> Value {
    json!({ "source": { "compositionURL": URL, "outputId": "main" }, "metadata": metadata })
}

/// The id of a new recording.
async fn record(emulator: &Emulator, metadata: Value) -> String {
    let (status, body) = call(emulator, "POST", "/recordings", Some(config(metadata))).await;
    assert_eq!(status, 201, "{body}");
    body["data"]["id"].as_str().unwrap().to_owned()
}

async fn get(emulator: &Emulator, id: &str) -> Value {
    call(emulator, "GET", &format!("/recordings/{id}"), None).await.1["data"].clone()
}

/// A multipart body of these parts: the headers after the name, and the content.
async fn upload(emulator: &Emulator, parts: &[(&str, &str, &[u8])]) -> (u16, Value) {
    let mut body = Vec::new();
    for (name, more, content) in parts {
        let head = format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n");
        body.extend([head.as_bytes(), content, b"\r\n"].concat());
    }
    body.extend(b"--edge--\r\n");
    let request = http().post(format!("{}/recordings", emulator.url())).bearer_auth(emulator.token());
    let request = request.header("content-type", "multipart/form-data; boundary=edge").body(body);
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

async fn expect(notifications: &mut Notifications, recording: &str, status: Status, metadata: &str) {
    let (recording_id, metadata) = (recording.to_owned(), metadata.to_owned());
    let expected = RecordingStatusChanged { recording_id, status: i32::from(status), metadata };
    assert_eq!(notifications.next().await, Content::RecordingStatusChanged(expected));
}

#[tokio::test]
async fn stopped_recording_is_finished_and_then_available() {
    let emulator = Emulator::builder().recording_delay(Duration::from_millis(50)).start().await.unwrap();
    let mut notifications = Notifications::open(&emulator).await;
    let metadata = json!({ "a": { "b": 1 } });
    let (status, created) = call(&emulator, "POST", "/recordings", Some(config(metadata.clone()))).await;
    let id = created["data"]["id"].as_str().unwrap();
    let expected = json!({
        "id": id, "status": "active", "metadata": metadata, "files": [],
        "source": { "compositionURL": URL, "outputId": "main", "scaleRatio": 1 },
    });
    assert_eq!((status, &created["data"]), (201, &expected));
    let text = metadata.to_string();
    expect(&mut notifications, id, Status::Active, &text).await;

    let path = format!("/recordings/{id}");
    let refused = (409, json!({ "errors": format!("Recording {id} is active") }));
    assert_eq!(call(&emulator, "DELETE", &path, None).await, refused);
    let stopped = call(&emulator, "POST", &format!("{path}/stop"), None).await;
    assert_eq!(stopped, (200, json!({ "data": expected })));
    expect(&mut notifications, id, Status::Finished, &text).await;
    expect(&mut notifications, id, Status::Available, &text).await;
    let recording = get(&emulator, id).await;
    let url = format!("{}/recordings/files/{id}/0.mp4", emulator.origin());
    assert_eq!((&recording["status"], &recording["files"]), (&json!("available"), &json!([{ "url": url }])));
    // Stopping it once more changes nothing.
    assert_eq!(call(&emulator, "POST", &format!("{path}/stop"), None).await, (200, json!({ "data": recording })));
    for _ in 0..2 {
        assert_eq!(call(&emulator, "DELETE", &path, None).await, (204, Value::Null));
    }
    let gone = json!({ "errors": format!("Recording {id} does not exist") });
    assert_eq!(call(&emulator, "GET", &path, None).await, (404, gone.clone()));
    assert_eq!(call(&emulator, "POST", &format!("{path}/stop"), None).await, (404, gone));
    notifications.0.expect_silence().await;
}

#[tokio::test]
async fn recording_advances_manually() {
    let emulator = Emulator::builder().manual_recordings().start().await.unwrap();
    let mut notifications = Notifications::open(&emulator).await;
    let id = record(&emulator, json!(null)).await;
    expect(&mut notifications, &id, Status::Active, "null").await;
    for _ in 0..2 {
        let (status, stopped) = call(&emulator, "POST", &format!("/recordings/{id}/stop"), None).await;
        assert_eq!((status, &stopped["data"]["status"]), (200, &json!("active")));
        assert_eq!(call(&emulator, "DELETE", &format!("/recordings/{id}"), None).await.0, 409);
    }
    notifications.0.expect_silence().await;
    assert!(emulator.advance_recording(&id));
    assert_eq!(get(&emulator, &id).await["status"], "finished");
    expect(&mut notifications, &id, Status::Finished, "null").await;
    assert!(emulator.advance_recording(&id) && !emulator.advance_recording(&id) && !emulator.fail_recording(&id));
    expect(&mut notifications, &id, Status::Available, "null").await;
    assert_eq!(get(&emulator, &id).await["metadata"], json!(null));

    for steps in 0..2 {
        let id = record(&emulator, json!({})).await;
        expect(&mut notifications, &id, Status::Active, "{}").await;
        for _ in 0..steps {
            assert!(emulator.advance_recording(&id));
            notifications.next().await;
        }
        assert!(emulator.fail_recording(&id) && !emulator.fail_recording(&id) && !emulator.advance_recording(&id));
        expect(&mut notifications, &id, Status::Failed, "{}").await;
        let recording = get(&emulator, &id).await;
        assert_eq!((&recording["status"], &recording["files"]), (&json!("failed"), &json!([])));
        assert_eq!(call(&emulator, "DELETE", &format!("/recordings/{id}"), None).await.0, 204);
    }
    assert!(!emulator.fail_recording("nothing") && !emulator.advance_recording("nothing"));
}

#[tokio::test]
async fn files_are_served_whole_and_in_part() {
    let emulator = Emulator::builder().manual_recordings().start().await.unwrap();
    let id = record(&emulator, json!({})).await;
    let url = format!("{}/recordings/files/{id}/0.mp4", emulator.origin());
    let status = async |url: &str| http().get(url).send().await.unwrap().status().as_u16();
    assert_eq!(status(&url).await, 404);
    assert!(emulator.advance_recording(&id) && emulator.advance_recording(&id));

    // A request for a file has no token, and its `accept` header does not matter.
    let whole = http().get(&url).header("accept", "video/*").send().await.unwrap();
    let header = |response: &reqwest::Response, name: &str| {
        response.headers().get(name).map_or("", |value| value.to_str().unwrap()).to_owned()
    };
    assert_eq!((whole.status(), header(&whole, "content-length").as_str()), (reqwest::StatusCode::OK, "65536"));
    assert_eq!((header(&whole, "content-type"), header(&whole, "accept-ranges")), ("video/mp4".into(), "bytes".into()));
    let etag = header(&whole, "etag");
    assert!(etag.starts_with('"') && etag.ends_with('"'), "{etag}");
    let file = whole.bytes().await.unwrap();
    assert_eq!(file, http().get(&url).send().await.unwrap().bytes().await.unwrap());
    let head = http().head(&url).send().await.unwrap();
    assert_eq!((header(&head, "content-length"), header(&head, "etag")), ("65536".to_owned(), etag.clone()));

    for (range, if_range, status, content_range, body) in [
        ("bytes=60000-", &*etag, 206, "bytes 60000-65535/65536", &file[60_000..]),
        ("bytes=-1", &etag, 206, "bytes 65535-65535/65536", &file[65_535..]),
        ("bytes=60000-", "\"other\"", 200, "", &file),
        ("bytes=65536-", &etag, 416, "bytes */65536", &[]),
    ] {
        let request = http().get(&url).header("range", range).header("if-range", if_range);
        let response = request.send().await.unwrap();
        assert_eq!((response.status().as_u16(), header(&response, "content-range").as_str()), (status, content_range));
        assert_eq!(response.bytes().await.unwrap(), body, "{range}");
    }

    assert_eq!(status(&url.replace("0.mp4", "1.mp4")).await, 404);
    assert_eq!(
        status(&url.replace("/recordings", &format!("/api/v1/connect/{}/recordings", emulator.id()))).await,
        404
    );
    assert_eq!(emulator.journal().count("recording_file"), 9);
    assert_eq!(call(&emulator, "DELETE", &format!("/recordings/{id}"), None).await.0, 204);
    assert_eq!(status(&url).await, 404);
}

#[tokio::test]
async fn template_is_sent_as_a_file() {
    let emulator = Emulator::start().await.unwrap();
    let config = json!({ "source": { "compositionURL": URL }, "metadata": { "ż": "ó" } }).to_string();
    let json_type = "\r\nContent-Type: application/json";
    let file = "; filename=\"template.js\"\r\nContent-Type: text/javascript";
    let parts =
        [("config", json_type, config.as_bytes()), ("template", file, b"export default () => null\r\n".as_slice())];
    let (status, created) = upload(&emulator, &parts).await;
    assert_eq!(status, 201, "{created}");
    let expected = json!({ "compositionURL": URL, "audio": true, "resolution": { "width": 1280, "height": 720 } });
    assert_eq!((&created["data"]["source"], &created["data"]["metadata"]), (&expected, &json!({ "ż": "ó" })));
    // The journal contains the received parts.
    let arrived = emulator.journal().requests_for("create_template_recording")[0].parts().unwrap();
    assert_eq!((arrived[1].name.as_str(), arrived[1].file_name.as_deref()), ("template", Some("template.js")));
    assert_eq!(arrived[1].body, b"export default () => null\r\n");
    assert!(!format!("{arrived:?}").contains("export"));

    let composition = self::config(json!({})).to_string();
    let large = vec![b'x'; 1_048_577];
    for (parts, text) in [
        (vec![parts[0]], "Expected template to be a file"),
        (vec![parts[1]], "Invalid request body structure"),
        (vec![("config", "", config.as_bytes()), parts[1]], "Invalid request body structure"),
        (vec![("config", json_type, b"{".as_slice()), parts[1]], "Invalid request body structure"),
        (vec![parts[0], ("template", "", b"x".as_slice())], "Expected template to be a file"),
        (vec![parts[0], ("template", file, b"".as_slice())], "Invalid template"),
        (vec![parts[0], ("template", file, &large)], "Expected template to be at most 1048576 bytes"),
        (vec![("config", json_type, composition.as_bytes()), parts[1]], "A composition source needs application/json"),
    ] {
        assert_eq!(upload(&emulator, &parts).await, (400, json!({ "errors": text })));
    }
    assert_eq!(upload(&emulator, &[parts[0], ("template", file, &large[1..])]).await.0, 201);
}

#[tokio::test]
async fn invalid_recordings_are_rejected() {
    let emulator = Emulator::start().await.unwrap();
    let template = json!({ "source": { "compositionURL": URL } });
    let source = |more: Value| {
        let mut config = config(json!({}));
        config["source"].as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        config
    };
    for (body, text) in [
        (None, "Invalid request body structure"),
        (Some(json!({})), "Invalid request body structure"),
        (Some(template), "A template source needs multipart/form-data with a template"),
        (
            Some(source(json!({ "compositionURL": "https://host" }))),
            "Expected compositionURL to be valid URL, got: https://host",
        ),
        (Some(source(json!({ "scaleRatio": 0 }))), "Expected scaleRatio to be a number above 0, got: 0"),
        (
            Some(source(json!({ "outputId": "x".repeat(256) }))),
            "Expected outputId to be at most 255 characters, got: 256 characters",
        ),
        (Some(source(json!({ "audio": true }))), "Unexpected field: audio"),
        (Some(config(json!([1]))), "Expected metadata to be an object, got: [1]"),
    ] {
        assert_eq!(call(&emulator, "POST", "/recordings", body).await, (400, json!({ "errors": text })));
    }
    let statuses = "Expected status to be 'active', 'finished', 'available' or 'failed', got: gone";
    for (query, text) in [("status=gone", statuses), ("metadata=x", "Expected metadata to be an object, got: x")] {
        let refused = (400, json!({ "errors": text }));
        assert_eq!(call(&emulator, "GET", &format!("/recordings?{query}"), None).await, refused);
    }
    let (_, listed) = call(&emulator, "GET", "/recordings", None).await;
    assert_eq!(listed, json!({ "data": [] }));
}

#[tokio::test]
async fn recordings_are_filtered() {
    let emulator = Emulator::builder().manual_recordings().start().await.unwrap();
    let metadata = [
        json!({ "name": "a", "deep": { "er": "x", "other": "y" }, "n": 5, "flag": true, "nil": null }),
        json!({ "name": "b", "deep": { "er": "x" }, "n": "5", "flag": "true", "nil": "null" }),
        json!({ "żółć": "ż ó", "k[0]": { "a&b": "1=2" }, "tags": ["p", "q"], "list": [{ "a": "1", "b": "2" }] }),
        json!(null),
    ];
    let mut ids = Vec::new();
    for one in metadata {
        ids.push(record(&emulator, one).await);
    }
    emulator.advance_recording(&ids[0]);
    for (query, expected) in [
        ("", &[0, 1, 2, 3][..]),
        ("metadata[name]=a", &[0]),
        ("metadata[name]=A", &[]),
        ("metadata[deep][er]=x", &[0, 1]),
        ("metadata[deep][er]=x&metadata[deep][other]=y", &[0]),
        ("metadata[deep][er]=x&metadata[name]=b", &[1]),
        ("metadata[deep]=x", &[]),
        ("metadata%5Bdeep%5D%5Ber%5D=x", &[0, 1]),
        ("metadata[n]=5", &[1]),
        ("metadata[flag]=true", &[1]),
        ("metadata[nil]=null", &[0, 1]),
        ("metadata[none]=null", &[]),
        ("metadata[%C5%BC%C3%B3%C5%82%C4%87]=%C5%BC+%C3%B3", &[2]),
        ("metadata%5Bk%5B0%5D%5D%5Ba%26b%5D=1%3D2", &[2]),
        ("metadata[tags][]=q", &[2]),
        ("metadata[tags][]=q&metadata[tags][]=r", &[]),
        ("status=active", &[1, 2, 3]),
        ("status=finished", &[0]),
        ("status=failed", &[]),
        ("status=active&metadata[deep][er]=x", &[1]),
        ("else=1", &[0, 1, 2, 3]),
    ] {
        let (status, listed) = call(&emulator, "GET", &format!("/recordings?{query}"), None).await;
        let listed: Vec<&str> =
            listed["data"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
        let expected: Vec<&str> = expected.iter().map(|index: &usize| ids[*index].as_str()).collect();
        assert_eq!((status, listed), (200, expected), "{query}");
    }
}
