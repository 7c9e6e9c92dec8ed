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
//! let jellyfish = jellyfish.update_address(address)?; // in a cluster, the room may be on another server
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
//! | task | start at |
//! |---|---|
//! | create a client | [`ConnectionOptions`], [`JellyfishClient::new`], [`JellyfishClient::from_env`] |
//! | manage rooms | [`JellyfishClient::create_room`], [`RoomOptions`], [`Room`] |
//! | send requests to the server of a room | [`JellyfishClient::create_room_handle`], [`RoomHandle`] |
//! | add peers | [`JellyfishClient::add_peer`], [`WebRtc`], [`CreatedPeer`] |
//! | send media into a room or out of it | [`JellyfishClient::add_component`], [`Hls`], [`Rtsp`], [`File`], [`Sip`], [`Recording`] |
//! | subscribe manually | [`JellyfishClient::subscribe`] |
//! | make telephone calls | [`JellyfishClient::dial`], [`JellyfishClient::end_call`] |
//! | fetch streams and recordings | [`JellyfishClient::get_hls_content`], [`JellyfishClient::get_recording_content`] |
//! | check the health of the server | [`JellyfishClient::health`] |
//! | receive notifications and metrics | [`JellyfishNotifier`], [`events`] |
//! | receive webhooks | [`webhook`] |
//!
//! All methods return the crate's [`Error`](crate::Error). The client retries requests as
//! [`JellyfishClientBuilder::max_attempts`] documents.
//!
//! Some invalid requests crash a Jellyfish server or a room. The SDK rejects the known ones with
//! [`InvalidInput`](crate::ErrorKind::InvalidInput) and does not send them.

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

#[doc(inline)]
pub use fishjam_api::jellyfish::enums::{HealthReportStatus as HealthStatus, SubscribeMode};

pub use self::{
    client::{JellyfishClient, JellyfishClientBuilder},
    components::{
        Component, ComponentOptions, ComponentProperties, File, FileProperties, Hls, HlsProperties, Origin, Recording,
        RecordingProperties, Rtsp, RtspProperties, S3Credentials, Sip, SipCredentials, SipProperties,
    },
    connection::{ConnectionOptions, ServerAddress},
    content::HlsRequest,
    health::{Distribution, Health},
    notifier::{EventStream, JellyfishNotifier, JellyfishNotifierBuilder},
    peers::{CreatedPeer, Peer, PeerOptions, WebRtc},
    room_handle::RoomHandle,
    rooms::{Room, RoomConfig, RoomOptions},
};
pub use crate::{
    secret::{S3SecretAccessKey, ServerApiToken, SipPassword},
    transport::Content,
};
