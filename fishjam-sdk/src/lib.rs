// README.md defines its links for readers of the repository. The first definition of a link wins, so these definitions make
// rustdoc link to the items of this version. Without them, a doctest has the file and the line of README.md.
#![cfg_attr(not(doctest), doc = include_str!("readme_links.md"))]
#![doc = include_str!("../README.md")]
// docs.rs marks the items that require a feature.
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod agent;
mod audio;
mod backoff;
#[cfg(feature = "blocking")]
pub mod blocking;
mod client;
#[cfg(feature = "composition")]
pub mod composition;
mod config;
mod connection;
mod endpoint;
mod error;
pub mod events;
mod extra;
mod id;
pub mod integrations;
#[cfg(feature = "jellyfish")]
pub mod jellyfish;
mod json_error;
mod json_text;
mod listing;
mod livestreams;
mod metadata;
mod moq;
mod notifier;
mod peers;
mod recordings;
mod room_directory;
mod rooms;
mod rooms_view;
mod secret;
mod subscriptions;
mod sync;
mod track_forwardings;
mod transport;
mod upload;
mod waiters;
pub mod webhook;

pub use agent::{
    options::{AgentOptions, AgentOutputOptions},
    vapi::VapiAgentOptions,
};
pub use client::{FishjamClient, FishjamClientBuilder};
pub use error::{Error, ErrorKind, Result};
pub use extra::Extra;
#[doc(inline)]
pub use fishjam_api::ParseEnumError;
#[doc(inline)]
pub use fishjam_api::fishjam::enums::{
    PeerStatus, PeerType, RecordingStatus, RoomType, StreamerStatus, SubscribeMode, TrackType, VideoCodec,
};
pub use id::{ChannelId, ComponentId, PeerId, RecordingId, RoomId, StreamId, StreamerId, TrackId, ViewerId};
pub use listing::{Listing, UnreadableItem};
pub use livestreams::{Livestream, LivestreamOptions, Streamer, Viewer};
pub use metadata::Metadata;
pub use moq::{MoqAccess, MoqAccessOptions};
pub use notifier::{
    ConnectionState, EventStream, FishjamNotifier, FishjamNotifierBuilder, NotificationHandler, Overflow, Snapshot,
};
pub use peers::{Peer, PeerOptions, Track};
pub use recordings::{
    CompositionRecordingOptions, CompositionSource, Recording, RecordingFile, RecordingFilter, RecordingSource,
    Template, TemplateRecordingOptions, TemplateSource, TemplateSourceResolution,
};
pub use room_directory::{RoomDirectory, RoomStore};
pub use rooms::{CompositionInfo, Room, RoomConfig, RoomOptions, TrackForwardingInfo};
pub use rooms_view::{RoomChange, RoomChanges, RoomsView};
pub use secret::{
    Exposed, ManagementToken, MoqConnectionUrl, MoqToken, PeerToken, StreamerToken, VapiApiKey, ViewerToken,
    WebhookSecret,
};
pub use subscriptions::Subscriptions;
pub use track_forwardings::TrackForwardingOptions;
pub use transport::{Deprecation, DeprecationStatus};
pub use waiters::WaitOptions;
