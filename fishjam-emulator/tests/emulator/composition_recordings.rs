//! Recordings of compositions that the emulator serves.

use std::time::Duration;

use fishjam_emulator::Emulator;
use serde_json::{Value, json};

use crate::{
    client::{Notifications, call},
    composition_client::{
        address, create_composition, create_livestream, livestream_whip, register_output, succeed, whip_output,
    },
};

const ELSEWHERE: &str = "https://whip.example.com/whip";

async fn start() -> (Emulator, String) {
    let emulator = Emulator::builder().recording_delay(Duration::from_millis(10)).start().await.unwrap();
    let composition = create_composition(&emulator).await;
    assert_eq!(register_output(&emulator, &composition, "main", whip_output(ELSEWHERE, "t")).await.0, 200);
    (emulator, composition)
}

async fn record(emulator: &Emulator, url: &str, output: &str) -> (u16, Value) {
    let source = json!({ "compositionURL": url, "outputId": output });
    call(emulator, "POST", "/recordings", Some(json!({ "source": source }))).await
}

#[tokio::test]
async fn recording_needs_a_composition_and_its_output() {
    let (emulator, composition) = start().await;
    let own = address(&emulator, &composition);
    let unknown = address(&emulator, "nothing");
    let path = format!("{}/api/compositions/{composition}", emulator.origin());
    for (url, output, text) in [
        (&unknown, "main", format!("Composition {unknown} does not exist")),
        (&path, "main", format!("Composition {path} does not exist")),
        (&own, "other", "Output other does not exist".to_owned()),
    ] {
        assert_eq!(record(&emulator, url, output).await, (400, json!({ "errors": text })));
    }
    assert_eq!(call(&emulator, "GET", "/recordings", None).await.1, json!({ "data": [] }));
    // Other servers are not checked.
    let foreign = format!("https://rtc.fishjam.io/api/composition/{composition}");
    assert_eq!(record(&emulator, &foreign, "other").await.0, 201);
    let local = own.replacen("127.0.0.1", "localhost", 1);
    for url in [&own, &local] {
        assert_eq!(record(&emulator, url, "main").await.0, 201);
    }
}

#[tokio::test]
async fn recording_ends_with_its_output() {
    for end in ["unregister", "reset", "delete", "end", "idle", "stream"] {
        let (emulator, composition) = start().await;
        let (stream, _, token) = create_livestream(&emulator).await;
        let body = whip_output(&livestream_whip(&emulator), &token);
        assert_eq!(register_output(&emulator, &composition, "live", body).await.0, 200);
        let mut notifications = Notifications::open(&emulator).await;
        let (status, recording) = record(&emulator, &address(&emulator, &composition), "live").await;
        assert_eq!((status, &recording["data"]["status"]), (201, &json!("active")));
        assert_eq!(notifications.names(1).await, ["RecordingStatusChanged"]);
        let path = format!("/{composition}");
        match end {
            "unregister" => {
                let path = format!("{path}/output/live/unregister");
                drop(succeed(&emulator, "POST", &path, Some(json!({}))).await);
            }
            "reset" => drop(succeed(&emulator, "POST", &format!("{path}/reset"), None).await),
            "delete" => drop(succeed(&emulator, "DELETE", &path, None).await),
            "end" => assert!(emulator.composition(&composition).output("live").end()),
            "idle" => emulator.advance(Duration::from_secs(301)),
            _ => drop(call(&emulator, "DELETE", &format!("/livestream/{stream}"), None).await),
        }
        let ended = if end == "stream" { 2 } else { 1 };
        assert_eq!(notifications.names(ended).await[0], "StreamerDisconnected", "{end}");
        assert_eq!(notifications.names(2).await, ["RecordingStatusChanged", "RecordingStatusChanged"], "{end}");
        let path = format!("/recordings/{}", recording["data"]["id"].as_str().unwrap());
        let (_, ended) = call(&emulator, "GET", &path, None).await;
        assert_eq!(ended["data"]["status"], "available", "{end}");
    }
}

#[tokio::test]
async fn recording_of_a_template_ends_with_its_composition() {
    for end in ["reset", "delete"] {
        let (emulator, composition) = start().await;
        let config = json!({ "source": { "compositionURL": address(&emulator, &composition) } }).to_string();
        let form = format!(
            "--edge\r\nContent-Disposition: form-data; name=\"config\"\r\nContent-Type: application/json\r\n\r\n\
             {config}\r\n--edge\r\nContent-Disposition: form-data; name=\"template\"; filename=\"t.js\"\r\n\r\nx\r\n\
             --edge--\r\n"
        );
        let request = crate::client::http().post(format!("{}/recordings", emulator.url()));
        let request =
            request.bearer_auth(emulator.token()).header("content-type", "multipart/form-data; boundary=edge");
        assert_eq!(request.body(form).send().await.unwrap().status(), 201);
        let mut notifications = Notifications::open(&emulator).await;
        // A recording with a template does not need an output.
        let path = format!("/{composition}/output/main/unregister");
        succeed(&emulator, "POST", &path, Some(json!({}))).await;
        notifications.0.expect_silence().await;
        match end {
            "reset" => drop(succeed(&emulator, "POST", &format!("/{composition}/reset"), None).await),
            _ => drop(succeed(&emulator, "DELETE", &format!("/{composition}"), None).await),
        }
        assert_eq!(notifications.names(2).await, ["RecordingStatusChanged", "RecordingStatusChanged"], "{end}");
    }
}

#[tokio::test]
async fn stopped_recording_ignores_the_end_of_its_output() {
    let emulator = Emulator::builder().manual_recordings().start().await.unwrap();
    let composition = create_composition(&emulator).await;
    assert_eq!(register_output(&emulator, &composition, "main", whip_output(ELSEWHERE, "t")).await.0, 200);
    let (_, recording) = record(&emulator, &address(&emulator, &composition), "main").await;
    let id = recording["data"]["id"].as_str().unwrap();
    assert!(emulator.fail_recording(id));
    let mut notifications = Notifications::open(&emulator).await;
    succeed(&emulator, "DELETE", &format!("/{composition}"), None).await;
    notifications.0.expect_silence().await;
    let (_, failed) = call(&emulator, "GET", &format!("/recordings/{id}"), None).await;
    assert_eq!(failed["data"]["status"], "failed");
}
