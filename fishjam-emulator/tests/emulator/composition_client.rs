//! A plain client of compositions: JSON at the origin, WHIP, and the event socket.

use fishjam_emulator::Emulator;
use reqwest::Method;
use serde_json::{Value, json};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Error, client::IntoClientRequest as _, http::HeaderValue},
};

use crate::client::{Received, Socket, call, http};

/// Sends a request to the composition API. Returns the status and the JSON body, or `null` without a body.
pub(crate) async fn compose(emulator: &Emulator, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
    let url = format!("{}/api/composition{path}", emulator.origin());
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let mut request = http().request(method, url).bearer_auth(emulator.token());
    if let Some(body) = body {
        request = request.json(&body);
    }
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() })
}

/// Sends a request that must succeed.
pub(crate) async fn succeed(emulator: &Emulator, method: &str, path: &str, body: Option<Value>) -> Value {
    let (status, body) = compose(emulator, method, path, body).await;
    assert!((200..300).contains(&status), "{method} {path}: {status} {body}");
    body
}

/// Creates a composition and returns its id.
pub(crate) async fn create_composition(emulator: &Emulator) -> String {
    let created = succeed(emulator, "POST", "", Some(json!({}))).await;
    created["composition_id"].as_str().unwrap().to_owned()
}

/// The address of a composition.
pub(crate) fn address(emulator: &Emulator, composition: &str) -> String {
    format!("{}/api/composition/{composition}", emulator.origin())
}

/// Registers a WHIP input, and returns its token.
pub(crate) async fn register_whip_input(emulator: &Emulator, composition: &str, input: &str) -> String {
    let path = format!("/{composition}/input/{input}/register");
    let registered = succeed(emulator, "POST", &path, Some(json!({ "type": "whip_server" }))).await;
    registered["bearer_token"].as_str().unwrap().to_owned()
}

/// The body of a WHIP output to this endpoint, with video and audio.
pub(crate) fn whip_output(endpoint: &str, token: &str) -> Value {
    json!({
        "type": "whip_client", "endpoint_url": endpoint, "bearer_token": token,
        "video": {
            "resolution": { "width": 640, "height": 360 },
            "initial": { "root": { "type": "view" } },
        },
        "audio": { "initial": { "inputs": [] } },
    })
}

/// Registers an output, and returns the status and the body.
pub(crate) async fn register_output(emulator: &Emulator, composition: &str, output: &str, body: Value) -> (u16, Value) {
    compose(emulator, "POST", &format!("/{composition}/output/{output}/register"), Some(body)).await
}

/// Creates a livestream with a streamer, and returns the ids of both and the token of the streamer.
pub(crate) async fn create_livestream(emulator: &Emulator) -> (String, String, String) {
    let (_, stream) = call(emulator, "POST", "/livestream", Some(json!({}))).await;
    let stream = stream["data"]["id"].as_str().unwrap().to_owned();
    let (_, streamer) = call(emulator, "POST", &format!("/livestream/{stream}/streamer"), None).await;
    let text = |name: &str| streamer["data"][name].as_str().unwrap().to_owned();
    (stream, text("id"), text("token"))
}

/// The address of the emulator for WHIP to livestreams.
pub(crate) fn livestream_whip(emulator: &Emulator) -> String {
    format!("{}/api/v1/live/api/whip", emulator.origin())
}

/// Requests the upgrade of an event socket with these subprotocols. Returns the selected subprotocol, or the status of
/// the error.
pub(crate) async fn open_events(
    emulator: &Emulator,
    composition: &str,
    protocols: Option<&str>,
) -> Result<(Socket, Option<String>), u16> {
    let url = format!("{}/ws", address(emulator, composition)).replacen("http", "ws", 1);
    let mut request = url.into_client_request().unwrap();
    if let Some(protocols) = protocols {
        request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_str(protocols).unwrap());
    }
    match connect_async(request).await {
        Ok((stream, response)) => {
            let selected = response.headers().get("sec-websocket-protocol");
            Ok((Socket(stream), selected.map(|value| value.to_str().unwrap().to_owned())))
        }
        Err(Error::Http(response)) => Err(response.status().as_u16()),
        Err(other) => panic!("{other}"),
    }
}

/// The events of a composition.
pub(crate) struct Events(pub(crate) Socket);

impl Events {
    pub(crate) async fn open(emulator: &Emulator, composition: &str) -> Self {
        let protocols = format!("json.fishjam.io, bearer.auth.fishjam.io.{}", emulator.token());
        Events(open_events(emulator, composition, Some(&protocols)).await.unwrap_or_else(|status| panic!("{status}")).0)
    }

    pub(crate) async fn next(&mut self) -> Value {
        match self.0.receive().await {
            Received::Text(text) => serde_json::from_str(&text).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    /// The next events: the kind and the id of each.
    pub(crate) async fn names(&mut self, count: usize) -> Vec<String> {
        let mut names = Vec::new();
        for _ in 0..count {
            let event = self.next().await;
            let id = event.get("input_id").or_else(|| event.get("output_id")).unwrap();
            names.push(format!("{} {}", event["type"].as_str().unwrap(), id.as_str().unwrap()));
        }
        names
    }
}
