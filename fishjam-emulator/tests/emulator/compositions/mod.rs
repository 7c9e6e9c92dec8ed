//! Compositions over HTTP: checks, contents, time, faults.

use fishjam_emulator::{CompositionSnapshot, Emulator};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::http;

mod checks;
mod inputs;
mod lifecycle;
mod outputs;
mod time;
mod uploads;

const COMPOSITION: &str = "/api/composition";

/// The client of one composition.
struct Client {
    emulator: Emulator,
    id: String,
}

impl Client {
    async fn start() -> Self {
        Client::create(Emulator::start().await.unwrap(), json!({})).await
    }

    /// Creates a composition.
    async fn create(emulator: Emulator, config: Value) -> Self {
        let (status, body) = post(&emulator, COMPOSITION, Some(config)).await;
        assert_eq!(status, 201, "{body}");
        let id = body["composition_id"].as_str().unwrap().to_owned();
        Client { emulator, id }
    }

    /// Sends a POST request below the composition.
    async fn post(&self, path: &str, body: Option<Value>) -> (u16, Value) {
        post(&self.emulator, &format!("{COMPOSITION}/{}/{path}", self.id), body).await
    }

    /// Sends a POST request that gets 200, and returns the body.
    async fn ok(&self, path: &str, body: Value) -> Value {
        let (status, response) = self.post(path, Some(body)).await;
        assert_eq!(status, 200, "{path}: {response}");
        response
    }

    /// Sends a POST request that gets an error. Returns the status and the code.
    async fn error(&self, path: &str, body: Value) -> (u16, String) {
        let (status, response) = self.post(path, Some(body)).await;
        assert!(status >= 400 && response["message"].is_string(), "{path}: {status} {response}");
        (status, response["error_code"].as_str().unwrap_or_default().to_owned())
    }

    fn state(&self) -> CompositionSnapshot {
        self.emulator.composition(&self.id).state().unwrap()
    }
}

/// Sends a POST request with the management token. Returns the status and the JSON body, or `null` without a body.
async fn post(emulator: &Emulator, path: &str, body: Option<Value>) -> (u16, Value) {
    let body = body.map(|body| ("application/json", body.to_string()));
    send(emulator, Method::POST, path, Some(emulator.token()), body).await
}

async fn send(
    emulator: &Emulator,
    method: Method,
    path: &str,
    token: Option<&str>,
    body: Option<(&str, String)>,
) -> (u16, Value) {
    let mut request = http().request(method, format!("{}{path}", emulator.origin()));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    if let Some((content_type, body)) = body {
        request = request.header("content-type", content_type).body(body);
    }
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() })
}

/// The registration of an RTMP output with this video scene and without audio.
fn video_output(root: &Value) -> Value {
    json!({
        "type": "rtmp_client", "url": "rtmp://host/app/key",
        "video": { "resolution": { "width": 640, "height": 360 }, "initial": { "root": root } },
    })
}

/// The registration of an RTMP output with audio only.
fn audio_output() -> Value {
    json!({ "type": "rtmp_client", "url": "rtmp://host/app/key", "audio": { "initial": { "inputs": [] } } })
}

fn view() -> Value {
    json!({ "type": "view" })
}

fn pair(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}
