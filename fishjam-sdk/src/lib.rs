//! Server SDK for Fishjam.

mod client;
mod config;
mod endpoint;
mod error;
mod id;
mod livestreams;
mod peers;
mod rooms;
mod secret;
mod transport;

pub use client::{FishjamClient, FishjamClientBuilder};
pub use error::{Error, ErrorKind, Result};
#[doc(inline)]
pub use fishjam_api::fishjam::enums::{PeerStatus, PeerType, RoomType, SubscribeMode, TrackType, VideoCodec};
pub use id::{ChannelId, ComponentId, PeerId, RecordingId, RoomId, StreamId, StreamerId, TrackId, ViewerId};
pub use peers::{Peer, PeerOptions, Subscriptions, Track};
pub use rooms::{CompositionInfo, Room, RoomConfig, RoomOptions, TrackForwardingInfo};
pub use secret::{ManagementToken, PeerToken, StreamerToken, ViewerToken};
pub use transport::{Deprecation, DeprecationStatus};
