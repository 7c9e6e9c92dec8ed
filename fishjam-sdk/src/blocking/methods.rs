//! The methods that forward to [`crate::FishjamClient`]: one summary and one signature each.

use std::path::{Path, PathBuf};

use super::{FishjamClient, forward::forward};
use crate::{
    agent::{Agent, options::AgentOptions, vapi::VapiAgentOptions},
    error::Result,
    id::{PeerId, RecordingId, RoomId, StreamId, StreamerId, TrackId, ViewerId},
    listing::Listing,
    livestreams::{Livestream, LivestreamOptions, Streamer, Viewer},
    moq::{MoqAccess, MoqAccessOptions},
    peers::{Peer, PeerOptions},
    recordings::{CompositionRecordingOptions, Recording, RecordingFilter, TemplateRecordingOptions},
    rooms::{Room, RoomOptions},
    secret::{PeerToken, StreamerToken, ViewerToken},
    track_forwardings::TrackForwardingOptions,
    transport::Deprecation,
    waiters::WaitOptions,
};

forward! {
    FishjamClient => crate::FishjamClient;
    /// Checks the id and the management token with one request.
    async fn check_credentials() -> Result<()>;

    /// Creates a room.
    async fn create_room(options: RoomOptions) -> Result<Room>;
    /// Lists all rooms, including the rooms of livestreams.
    async fn get_all_rooms() -> Result<Vec<Room>>;
    /// Lists all rooms, and reports the rooms that the SDK could not read.
    async fn get_all_rooms_with_unreadable() -> Result<Listing<Room>>;
    /// Returns a room.
    async fn get_room(room_id: impl Into<RoomId>) -> Result<Room>;
    /// Deletes a room and disconnects its peers.
    async fn delete_room(room_id: impl Into<RoomId>) -> Result<()>;

    /// Adds a WebRTC peer to a room. Returns the peer and its token.
    async fn create_peer(room_id: impl Into<RoomId>, options: PeerOptions) -> Result<(Peer, PeerToken)>;
    /// Removes a peer from its room and disconnects it.
    async fn delete_peer(room_id: impl Into<RoomId>, peer_id: impl Into<PeerId>) -> Result<()>;
    /// Creates a new token for a peer. The token is valid for 24 hours.
    async fn refresh_peer_token(room_id: impl Into<RoomId>, peer_id: impl Into<PeerId>) -> Result<PeerToken>;

    /// Subscribes a peer to all current and future tracks of another peer in its room.
    async fn subscribe_peer(
        room_id: impl Into<RoomId>, peer_id: impl Into<PeerId>, target_peer_id: impl Into<PeerId>
    ) -> Result<()>;
    /// Subscribes a peer to individual tracks of other peers in its room.
    async fn subscribe_tracks(
        room_id: impl Into<RoomId>, peer_id: impl Into<PeerId>, track_ids: impl IntoIterator<Item = impl Into<TrackId>>
    ) -> Result<()>;

    /// Adds an agent to a room.
    async fn create_agent(room_id: impl Into<RoomId>, options: AgentOptions) -> Result<Agent>;
    /// Adds a call of the VAPI voice service to a room. Returns its peer, which Fishjam connects.
    async fn create_vapi_agent(room_id: impl Into<RoomId>, options: VapiAgentOptions) -> Result<Peer>;

    /// Creates a livestream.
    async fn create_stream(options: LivestreamOptions) -> Result<Livestream>;
    /// Lists all livestreams.
    async fn get_all_streams() -> Result<Vec<Livestream>>;
    /// Lists all livestreams, and reports the livestreams that the SDK could not read.
    async fn get_all_streams_with_unreadable() -> Result<Listing<Livestream>>;
    /// Returns a livestream.
    async fn get_stream(stream_id: impl Into<StreamId>) -> Result<Livestream>;
    /// Deletes a livestream and disconnects its streamers and viewers.
    async fn delete_stream(stream_id: impl Into<StreamId>) -> Result<()>;
    /// Creates a streamer, which can publish a livestream.
    async fn create_streamer(stream_id: impl Into<StreamId>) -> Result<Streamer>;
    /// Deletes a streamer: disconnects it and revokes its token.
    async fn delete_streamer(stream_id: impl Into<StreamId>, streamer_id: impl Into<StreamerId>) -> Result<()>;
    /// Creates a token for publishing a livestream room.
    async fn create_livestream_streamer_token(room_id: impl Into<RoomId>) -> Result<StreamerToken>;
    /// Creates a viewer, which can watch a livestream.
    async fn create_viewer(stream_id: impl Into<StreamId>) -> Result<Viewer>;
    /// Deletes a viewer: disconnects it and revokes its token.
    async fn delete_viewer(stream_id: impl Into<StreamId>, viewer_id: impl Into<ViewerId>) -> Result<()>;
    /// Creates a token with which one viewer can watch a livestream room.
    async fn create_livestream_viewer_token(room_id: impl Into<RoomId>) -> Result<ViewerToken>;

    /// Creates access to the Media over QUIC relay: for publishing, for subscribing, or for both.
    async fn create_moq_access(options: MoqAccessOptions) -> Result<MoqAccess>;
    /// Forwards all current and future tracks of a room to a composition.
    async fn forward_room_tracks(
        room_id: impl Into<RoomId>, forwarding: impl Into<TrackForwardingOptions>
    ) -> Result<()>;

    /// Starts a recording of an output of a composition.
    async fn create_composition_recording(options: CompositionRecordingOptions) -> Result<Recording>;
    /// Starts a recording of a composition, rendered with your own template.
    async fn create_template_recording(options: TemplateRecordingOptions) -> Result<Recording>;
    /// Lists the recordings that match a filter. An empty filter matches all recordings.
    async fn get_all_recordings(filter: RecordingFilter) -> Result<Vec<Recording>>;
    /// Lists the recordings that match a filter, and reports the recordings that the SDK could not read.
    async fn get_all_recordings_with_unreadable(filter: RecordingFilter) -> Result<Listing<Recording>>;
    /// Returns a recording.
    async fn get_recording(recording_id: impl Into<RecordingId>) -> Result<Recording>;
    /// Stops a recording. Does nothing if the recording has ended.
    async fn stop_recording(recording_id: impl Into<RecordingId>) -> Result<Recording>;
    /// Deletes a recording that has ended.
    async fn delete_recording(recording_id: impl Into<RecordingId>) -> Result<()>;
    /// Downloads all files of a recording, in playback order. Returns their paths.
    async fn download_recording(recording_id: impl Into<RecordingId>, path: impl AsRef<Path>) -> Result<Vec<PathBuf>>;

    /// Waits until the files of a recording are available.
    async fn wait_for_recording(
        recording_id: impl Into<RecordingId>, options: impl Into<WaitOptions>
    ) -> Result<Recording>;
    /// Waits until a peer is connected. Returns the peer.
    async fn wait_for_connected_peer(
        room_id: impl Into<RoomId>, peer_id: impl Into<PeerId>, options: impl Into<WaitOptions>
    ) -> Result<Peer>;
    /// Waits until no participant is connected to a room. Returns the room.
    async fn wait_for_empty_room(room_id: impl Into<RoomId>, options: impl Into<WaitOptions>) -> Result<Room>;
}

forward! {
    FishjamClient => crate::FishjamClient;
    /// Returns an existing agent, for example one that another process created. Connect it again, or delete it.
    fn agent(
        room_id: impl Into<RoomId>, peer_id: impl Into<PeerId>, token: impl Into<PeerToken>, socket_url: Option<&str>
    ) -> Result<Agent>;
    /// Returns the deprecation of this client's API version, if the server has announced one.
    #[must_use]
    fn deprecation() -> Option<Deprecation>;
    /// Returns the WHIP address for publishing livestreams. Send a streamer's token as the bearer token.
    #[must_use]
    fn livestream_whip_url() -> String;
    /// Returns the WHEP address for watching livestreams. Send a viewer's token as the bearer token.
    #[must_use]
    fn livestream_whep_url() -> String;
    /// Returns the WHEP address for watching a public livestream without a token.
    ///
    /// Returns an error if the id is not valid.
    fn public_livestream_whep_url(stream_id: impl Into<StreamId>) -> Result<String>;
}
