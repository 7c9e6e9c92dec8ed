//! Server SDK for Fishjam.

mod backoff;
mod client;
mod config;
mod endpoint;
mod error;
pub mod events;
mod id;
mod livestreams;
mod notifier;
mod peers;
mod rooms;
mod secret;
mod socket;
mod transport;

pub use client::{FishjamClient, FishjamClientBuilder};
pub use error::{Error, ErrorKind, Result};
#[doc(inline)]
pub use fishjam_api::fishjam::enums::{PeerStatus, PeerType, RoomType, SubscribeMode, TrackType, VideoCodec};
pub use id::{ChannelId, ComponentId, PeerId, RecordingId, RoomId, StreamId, StreamerId, TrackId, ViewerId};
pub use notifier::{EventStream, FishjamNotifier, FishjamNotifierBuilder};
pub use peers::{Peer, PeerOptions, Subscriptions, Track};
pub use rooms::{CompositionInfo, Room, RoomConfig, RoomOptions, TrackForwardingInfo};
pub use secret::{ManagementToken, PeerToken, StreamerToken, ViewerToken};
pub use transport::{Deprecation, DeprecationStatus};
