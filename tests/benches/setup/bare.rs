//! A client without the SDK: reqwest with the same settings, and types with the same fields.

#![allow(dead_code, reason = "what is decoded is not looked at")]

use std::{sync::Arc, time::Duration};

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

pub(crate) const TOKEN: &str = "a-management-token";

/// Envelope of each response.
#[derive(Deserialize)]
pub(crate) struct Response<T> {
    pub(crate) data: T,
}

/// A room. `M` is the form of metadata: parsed, or text as in the SDK.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Room<M = Map<String, Value>> {
    id: String,
    config: RoomConfig,
    peers: Vec<Peer<M>>,
    composition_info: Option<CompositionInfo>,
}

/// The response to the creation of a room.
#[derive(Deserialize)]
pub(crate) struct Created {
    room: Room,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RoomConfig {
    max_peers: Option<u64>,
    room_type: RoomType,
    video_codec: VideoCodec,
    webhook_url: Option<String>,
    public: bool,
    batch_webhook_notifications: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum RoomType {
    Conference,
    AudioOnly,
    Livestream,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum VideoCodec {
    H264,
    Vp8,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Peer<M> {
    id: String,
    r#type: PeerType,
    status: PeerStatus,
    metadata: Option<M>,
    subscribe_mode: SubscribeMode,
    subscriptions: Subscriptions,
    tracks: Vec<Track<M>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum PeerType {
    Webrtc,
    Agent,
    Vapi,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum PeerStatus {
    Connected,
    Disconnected,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum SubscribeMode {
    Auto,
    Manual,
}

#[derive(Deserialize)]
struct Subscriptions {
    peers: Vec<String>,
    tracks: Vec<String>,
}

#[derive(Deserialize)]
struct Track<M> {
    id: Option<String>,
    r#type: Option<TrackType>,
    metadata: Option<M>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum TrackType {
    Audio,
    Video,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CompositionInfo {
    composition_url: String,
}

/// A client with the SDK's settings: HTTP/1.1, no redirects, the same headers and limits of time.
pub(crate) fn client() -> anyhow::Result<reqwest::Client> {
    let tls = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    let headers = HeaderMap::from_iter([
        (AUTHORIZATION, HeaderValue::try_from(format!("Bearer {TOKEN}"))?),
        (ACCEPT, HeaderValue::from_static("application/json")),
        ("x-fishjam-api-client".parse()?, HeaderValue::from_static("bare/0.1.0")),
    ]);
    Ok(reqwest::Client::builder()
        .http1_only()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(10))
        .timeout(Duration::from_secs(30))
        .pool_idle_timeout(Duration::from_secs(30))
        .user_agent("bare/0.1.0")
        .default_headers(headers)
        .tls_backend_preconfigured(tls)
        .build()?)
}

/// Sends one request and decodes its response.
pub(crate) async fn get<T: DeserializeOwned>(client: &reqwest::Client, url: &str) -> anyhow::Result<T> {
    let body = client.get(url).send().await?.error_for_status()?.bytes().await?;
    Ok(serde_json::from_slice::<Response<T>>(&body)?.data)
}

/// One request with a JSON body: its response, decoded.
pub(crate) async fn post<T: DeserializeOwned>(client: &reqwest::Client, url: &str, body: &Value) -> anyhow::Result<T> {
    let request = client.post(url).header(CONTENT_TYPE, "application/json").body(serde_json::to_vec(body)?);
    let body = request.send().await?.error_for_status()?.bytes().await?;
    Ok(serde_json::from_slice::<Response<T>>(&body)?.data)
}
