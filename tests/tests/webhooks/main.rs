//! Webhooks: accepted and rejected deliveries, and the time of their responses.

#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests are tests")]

mod binary;
mod conformance;
mod emulator;
mod extractor;
mod headers;
mod modes;
mod receiver;
mod route;
mod server;
mod shutdown;
mod signature;
mod target;

use fishjam_proto::fishjam::{
    ServerMessage,
    server_message::{AuthRequest, Content, NotificationBatch, PeerConnected, RoomCreated},
};
use fishjam_sdk::{
    events::Notification,
    webhook::{SIGNATURE_HEADER, sign_webhook},
};
use prost::Message as _;

const SECRET: &str = "sentinel-current";

fn created(room: &str) -> Content {
    Content::RoomCreated(RoomCreated { room_id: room.into() })
}

fn connected(room: &str, peer: impl ToString) -> Content {
    Content::PeerConnected(PeerConnected { room_id: room.into(), peer_id: peer.to_string(), ..Default::default() })
}

fn auth_request() -> Content {
    Content::AuthRequest(AuthRequest { token: "sentinel".into() })
}

fn body(content: Content) -> Vec<u8> {
    ServerMessage { content: Some(content) }.encode_to_vec()
}

fn batch(contents: impl IntoIterator<Item = Content>) -> Vec<u8> {
    let notifications = contents.into_iter().map(|content| ServerMessage { content: Some(content) }).collect();
    body(Content::NotificationBatch(NotificationBatch { notifications }))
}

/// The one header that counts, as the service sends it.
fn signed(body: &[u8]) -> [(&'static str, String); 1] {
    [(SIGNATURE_HEADER, sign_webhook(body, SECRET))]
}

fn lines<'a>(notifications: impl IntoIterator<Item = &'a Notification>) -> Vec<String> {
    notifications.into_iter().map(ToString::to_string).collect()
}
