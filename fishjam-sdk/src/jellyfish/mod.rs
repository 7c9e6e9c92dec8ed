//! Jellyfish, the self-hosted predecessor of Fishjam, and its successor Fishjam Media Server 0.6 (feature `jellyfish`).
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> anyhow::Result<()> {
//! # let emulator = fishjam_emulator::Emulator::jellyfish().start().await?;
//! # let options = fishjam_sdk::jellyfish::ConnectionOptions::new(emulator.address(), emulator.token());
//! use fishjam_sdk::{
//!     VideoCodec,
//!     jellyfish::{Hls, JellyfishClient, RoomOptions, Rtsp, SubscribeMode, WebRtc},
//! };
//!
//! // options: ConnectionOptions::new("localhost:5002", "development")
//! let jellyfish = JellyfishClient::new(options)?;
//!
//! let (room, address) = jellyfish.create_room(RoomOptions::new().video_codec(VideoCodec::H264)).await?;
//! let jellyfish = jellyfish.update_address(address)?; // in a cluster the room may live elsewhere
//!
//! let created = jellyfish.add_peer(&room.id, WebRtc::new()).await?;
//! println!("{} connects to {} with {}", created.peer.id, created.ws_url, created.token.expose());
//!
//! let camera = jellyfish.add_component(&room.id, Rtsp::new("rtsp://camera/stream")).await?;
//! let hls = jellyfish.add_component(&room.id, Hls::new().subscribe_mode(SubscribeMode::Manual)).await?;
//! jellyfish.subscribe(&room.id, &hls.id, [camera.id]).await?;
//! # Ok(())
//! # }
//! ```
//!
//! | to | begin at |
//! |---|---|
//! | make a client | [`ConnectionOptions`], [`JellyfishClient::new`], [`JellyfishClient::from_env`] |
//! | work with rooms | [`JellyfishClient::create_room`], [`RoomOptions`], [`Room`] |
//! | stay with the server that a room lives on | [`JellyfishClient::create_room_handle`], [`RoomHandle`] |
//! | let peers in | [`JellyfishClient::add_peer`], [`WebRtc`], [`CreatedPeer`] |
//! | bring media in and take it out | [`JellyfishClient::add_component`], [`Hls`], [`Rtsp`], [`File`], [`Sip`], [`Recording`] |
//! | subscribe by hand | [`JellyfishClient::subscribe`] |
//! | make telephone calls | [`JellyfishClient::dial`], [`JellyfishClient::end_call`] |
//! | fetch streams and recordings | [`JellyfishClient::get_hls_content`], [`JellyfishClient::get_recording_content`] |
//! | see how the server is doing | [`JellyfishClient::health`] |
//! | receive notifications and metrics | [`JellyfishNotifier`], [`events`] |
//! | receive webhooks | [`webhook`] |
//!
//! Errors are the crate's own [`Error`](crate::Error), and requests are repeated by the rules of
//! [`JellyfishClientBuilder::max_attempts`]. A Jellyfish crashes over some of what it is sent, and its room with it; what
//! is known to do so is refused here as [`InvalidInput`](crate::ErrorKind::InvalidInput), before it is sent.

mod client;
mod components;
mod connection;
mod content;
pub mod events;
mod health;
mod notifier;
mod peers;
mod recordings;
mod room_handle;
mod rooms;
mod timeout;
pub mod webhook;

pub use crate::secret::{S3SecretAccessKey, ServerApiToken, SipPassword};
pub use crate::transport::Content;
pub use client::{JellyfishClient, JellyfishClientBuilder};
pub use components::{
    Component, ComponentOptions, ComponentProperties, File, FileProperties, Hls, HlsProperties, Origin, Recording,
    RecordingProperties, Rtsp, RtspProperties, S3Credentials, Sip, SipCredentials, SipProperties,
};
pub use connection::{ConnectionOptions, ServerAddress};
pub use content::HlsRequest;
#[doc(inline)]
pub use fishjam_api::jellyfish::enums::{HealthReportStatus as HealthStatus, SubscribeMode};
pub use health::{Distribution, Health};
pub use notifier::{EventStream, JellyfishNotifier, JellyfishNotifierBuilder};
pub use peers::{CreatedPeer, Peer, PeerOptions, WebRtc};
pub use room_handle::RoomHandle;
pub use rooms::{Room, RoomConfig, RoomOptions};
