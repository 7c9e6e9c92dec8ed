//! The tested servers, and helpers for requests to them.

use fishjam_emulator::{Emulator, JellyfishEmulator};
use serde_json::Value;

use crate::{
    case::{Body, Request, Server},
    http::{self, Response},
};

/// A server without automatic media, like the observed server.
pub(crate) async fn start(server: &Server) -> JellyfishEmulator {
    let builder = Emulator::jellyfish().manual_media();
    let builder = match server {
        Server::Usual => builder,
        Server::S3 => builder.s3_environment(true),
        Server::SwitchedOff => builder.webrtc(false).sip(false).recording(false).host("media.example.test:8443"),
    };
    builder.start().await.unwrap()
}

pub(crate) async fn call(jellyfish: &JellyfishEmulator, method: &str, path: &str, body: Option<Value>) -> Response {
    let request = Request {
        method: method.to_owned(),
        path: path.to_owned(),
        body: body.map(Body::Json).unwrap_or_default(),
        ..Request::default()
    };
    http::exchange(jellyfish.address(), jellyfish.token(), &request).await
}

/// The id of a new room or component.
pub(crate) async fn create(jellyfish: &JellyfishEmulator, path: &str, body: Value) -> String {
    let response = call(jellyfish, "POST", path, Some(body)).await;
    let created = response.json();
    assert_eq!(response.status, 201, "{created}");
    let data = &created["data"];
    let ids = [&data["room"]["id"], &data["peer"]["id"], &data["id"]];
    ids.into_iter().find_map(Value::as_str).unwrap().to_owned()
}
