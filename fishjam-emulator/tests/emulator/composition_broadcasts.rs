//! Outputs of compositions that send to livestreams of the emulator.

use std::time::Duration;

use fishjam_emulator::{
    Emulator,
    proto::fishjam::server_message::{Content, StreamerConnected, StreamerDisconnected},
};
use serde_json::json;

use crate::{
    client::{Notifications, call, http},
    composition_client::{
        Events, address, compose, create_composition, create_livestream, livestream_whip, register_output, succeed,
        whip_output,
    },
};

/// A composition with an output to a livestream.
struct Broadcast {
    emulator: Emulator,
    composition: String,
    stream: String,
    streamer: String,
    token: String,
    notifications: Notifications,
    events: Events,
}

impl Broadcast {
    async fn start() -> Self {
        let emulator = Emulator::start().await.unwrap();
        let composition = create_composition(&emulator).await;
        let (stream, streamer, token) = create_livestream(&emulator).await;
        let notifications = Notifications::open(&emulator).await;
        let events = Events::open(&emulator, &composition).await;
        let mut broadcast = Broadcast { emulator, composition, stream, streamer, token, notifications, events };
        assert_eq!(broadcast.register("live").await, 200);
        broadcast.expect_connected().await;
        broadcast
    }

    async fn register(&self, output: &str) -> u16 {
        let body = whip_output(&livestream_whip(&self.emulator), &self.token);
        register_output(&self.emulator, &self.composition, output, body).await.0
    }

    async fn expect_connected(&mut self) {
        let (stream_id, streamer_id) = (self.stream.clone(), self.streamer.clone());
        let connected = Content::StreamerConnected(StreamerConnected { stream_id, streamer_id });
        assert_eq!(self.notifications.next().await, connected);
    }

    async fn expect_disconnected(&mut self) {
        let (stream_id, streamer_id) = (self.stream.clone(), self.streamer.clone());
        let disconnected = Content::StreamerDisconnected(StreamerDisconnected { stream_id, streamer_id });
        assert_eq!(self.notifications.next().await, disconnected);
    }

    async fn command(&self, method: &str, path: &str) {
        let body = path.ends_with("unregister").then(|| json!({}));
        succeed(&self.emulator, method, &format!("/{}{path}", self.composition), body).await;
    }

    fn is_ended(&self, output: &str) -> bool {
        let state = self.emulator.composition(&self.composition).state().unwrap();
        state.outputs.iter().find(|one| one.id == output).unwrap().is_ended
    }
}

#[tokio::test]
async fn output_needs_a_streamer_token() {
    let emulator = Emulator::start().await.unwrap();
    let composition = create_composition(&emulator).await;
    let (stream, ..) = create_livestream(&emulator).await;
    let (_, viewer) = call(&emulator, "POST", &format!("/livestream/{stream}/viewer"), None).await;
    let mut notifications = Notifications::open(&emulator).await;
    let whip = livestream_whip(&emulator);
    let mut without_token = whip_output(&whip, "");
    without_token.as_object_mut().unwrap().remove("bearer_token");
    for body in [
        without_token,
        whip_output(&whip, "wrong"),
        whip_output(&whip, emulator.token()),
        whip_output(&whip, viewer["data"]["token"].as_str().unwrap()),
        whip_output(&emulator.origin().replacen("127.0.0.1", "localhost", 1), "t"),
        whip_output(&format!("{whip}/x"), "t"),
        whip_output(&address(&emulator, &composition), "t"),
    ] {
        let (status, error) = register_output(&emulator, &composition, "live", body.clone()).await;
        assert_eq!((status, &error["error_code"]), (400, &json!("WHIP_BAD_STATUS")), "{body}");
        assert!(error["message"].is_string());
    }
    assert!(emulator.composition(&composition).state().unwrap().outputs.is_empty());
    // Other servers are not contacted, and an input of a composition accepts any time.
    let input = format!("{}/whip/cam", address(&emulator, &composition));
    for (output, endpoint) in [("far", "https://whip.example.com/api/v1/live/api/whip"), ("input", &input)] {
        assert_eq!(register_output(&emulator, &composition, output, whip_output(endpoint, "t")).await.0, 200);
    }
    notifications.0.expect_silence().await;
    assert_eq!(emulator.journal().count("whip"), 0);
}

#[tokio::test]
async fn livestream_has_one_output_until_it_is_unregistered() {
    let mut broadcast = Broadcast::start().await;
    let (_, got) = call(&broadcast.emulator, "GET", &format!("/livestream/{}", broadcast.stream), None).await;
    assert_eq!(got["data"]["streamers"][0]["status"], "connected");
    assert_eq!(broadcast.register("second").await, 400);
    // A duplicate or an output with a bad scene does not connect.
    assert_eq!(broadcast.register("live").await, 409);
    let (stream, _, token) = create_livestream(&broadcast.emulator).await;
    let mut bad = whip_output(&livestream_whip(&broadcast.emulator), &token);
    bad["video"]["initial"]["root"] = json!({ "type": "image", "image_id": "none" });
    assert_eq!(register_output(&broadcast.emulator, &broadcast.composition, "bad", bad).await.0, 400);
    assert_eq!(broadcast.notifications.names(1).await, ["RoomCreated"], "{stream}");
    // A streamer that is connected in another way takes the livestream, too.
    broadcast.command("POST", "/output/live/unregister").await;
    broadcast.expect_disconnected().await;
    assert!(broadcast.emulator.connect_streamer(&broadcast.stream, &broadcast.streamer));
    broadcast.expect_connected().await;
    assert_eq!(broadcast.register("live").await, 400);
    assert!(broadcast.emulator.disconnect_streamer(&broadcast.stream, &broadcast.streamer));
    broadcast.expect_disconnected().await;
    assert_eq!(broadcast.register("live").await, 200);
    broadcast.expect_connected().await;
    broadcast.notifications.0.expect_silence().await;
    broadcast.events.0.expect_silence().await;
}

#[tokio::test]
async fn streamer_disconnects_with_its_output() {
    let mut broadcast = Broadcast::start().await;
    // The end of an output ends its session, and a livestream accepts another output.
    assert!(broadcast.emulator.composition(&broadcast.composition).output("live").end());
    assert_eq!(broadcast.events.names(1).await, ["OUTPUT_DONE live"]);
    broadcast.expect_disconnected().await;
    assert_eq!(broadcast.register("second").await, 200);
    broadcast.expect_connected().await;
    broadcast.command("POST", "/reset").await;
    broadcast.expect_disconnected().await;
    assert_eq!(broadcast.register("third").await, 200);
    broadcast.expect_connected().await;
    broadcast.command("DELETE", "").await;
    broadcast.expect_disconnected().await;
    broadcast.notifications.0.expect_silence().await;
}

#[tokio::test]
async fn template_output_connects_to_its_livestream() {
    let mut broadcast = Broadcast::start().await;
    broadcast.command("POST", "/output/live/unregister").await;
    broadcast.expect_disconnected().await;
    let config = whip_output(&livestream_whip(&broadcast.emulator), &broadcast.token).to_string();
    let form = format!(
        "--edge\r\nContent-Disposition: form-data; name=\"config\"\r\nContent-Type: application/json\r\n\r\n\
         {config}\r\n--edge\r\nContent-Disposition: form-data; name=\"template\"; filename=\"t.js\"\r\n\r\n\
         export default () => null\r\n--edge--\r\n"
    );
    let url = format!("{}/output/live/template", address(&broadcast.emulator, &broadcast.composition));
    let request = http().post(url).bearer_auth(broadcast.emulator.token());
    let request = request.header("content-type", "multipart/form-data; boundary=edge").body(form);
    assert_eq!(request.send().await.unwrap().status(), 200);
    broadcast.expect_connected().await;
}

#[tokio::test]
async fn streamer_disconnects_when_its_output_becomes_idle() {
    let mut broadcast = Broadcast::start().await;
    broadcast.emulator.advance(Duration::from_secs(301));
    broadcast.expect_disconnected().await;
    assert_eq!(compose(&broadcast.emulator, "POST", &format!("/{}/start", broadcast.composition), None).await.0, 404);
}

#[tokio::test]
async fn scheduled_end_disconnects_the_streamer() {
    let mut broadcast = Broadcast::start().await;
    let path = format!("/{}/output/live/unregister", broadcast.composition);
    succeed(&broadcast.emulator, "POST", &path, Some(json!({ "schedule_time_ms": 120_000 }))).await;
    broadcast.emulator.advance(Duration::from_secs(60));
    broadcast.notifications.0.expect_silence().await;
    broadcast.emulator.advance(Duration::from_secs(60));
    broadcast.expect_disconnected().await;
}

#[tokio::test]
async fn output_fails_with_its_livestream() {
    for end in ["livestream", "streamer", "session"] {
        let mut broadcast = Broadcast::start().await;
        let stream = format!("/livestream/{}", broadcast.stream);
        match end {
            "livestream" => call(&broadcast.emulator, "DELETE", &stream, None).await.0,
            "streamer" => {
                let path = format!("{stream}/streamer/{}", broadcast.streamer);
                call(&broadcast.emulator, "DELETE", &path, None).await.0
            }
            _ => u16::from(broadcast.emulator.disconnect_streamer(&broadcast.stream, &broadcast.streamer)),
        };
        broadcast.expect_disconnected().await;
        let event = broadcast.events.next().await;
        assert_eq!((&event["type"], &event["severity"]), (&json!("OUTPUT_ERROR"), &json!("critical")), "{end}");
        assert_eq!(event["output_id"], "live");
        assert!(broadcast.is_ended("live"));
        broadcast.events.0.expect_silence().await;
    }
}

#[tokio::test]
async fn output_that_ends_at_once_disconnects_at_once() {
    let mut broadcast = Broadcast::start().await;
    broadcast.command("POST", "/output/live/unregister").await;
    broadcast.expect_disconnected().await;
    let mut body = whip_output(&livestream_whip(&broadcast.emulator), &broadcast.token);
    for kind in ["video", "audio"] {
        body[kind]["send_eos_when"] = json!({ "all_inputs": true });
    }
    let registered = register_output(&broadcast.emulator, &broadcast.composition, "live", body).await;
    assert_eq!(registered.0, 200, "{}", registered.1);
    broadcast.expect_connected().await;
    assert_eq!(broadcast.events.names(1).await, ["OUTPUT_DONE live"]);
    broadcast.expect_disconnected().await;
}
