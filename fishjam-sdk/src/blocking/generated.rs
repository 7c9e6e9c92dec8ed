// Written by `cargo xtask codegen` from the methods of `crate::FishjamClient`. Do not edit.

use super::FishjamClient;
use crate::{
    Agent, AgentOptions, CompositionRecordingOptions, Deprecation, Listing, MoqAccess,
    MoqAccessOptions, Peer, PeerId, PeerOptions, PeerToken, Recording, RecordingFilter,
    RecordingId, Result, Room, RoomId, RoomOptions, Stream, StreamId, StreamOptions,
    Streamer, StreamerId, StreamerToken, TemplateRecordingOptions,
    TrackForwardingOptions, TrackId, VapiAgentOptions, Viewer, ViewerId, ViewerToken,
};

impl FishjamClient {
    /// An agent that was created before, perhaps by another process: to connect it again, or to delete it.
    ///
    /// The same as [`crate::FishjamClient::agent`].
    pub fn agent(
        &self,
        room_id: impl Into<RoomId>,
        peer_id: impl Into<PeerId>,
        token: impl Into<PeerToken>,
        socket_url: Option<&str>,
    ) -> Result<Agent> {
        crate::FishjamClient::agent(&self.client, room_id, peer_id, token, socket_url)
    }

    /// Lets a new agent into a room.
    ///
    /// The waiting form of [`crate::FishjamClient::create_agent`], which says what can fail.
    pub fn create_agent(
        &self,
        room_id: impl Into<RoomId>,
        options: AgentOptions,
    ) -> Result<Agent> {
        self.wait(crate::FishjamClient::create_agent(&self.client, room_id, options))
    }

    /// Lets a call of the VAPI voice service into a room, as a peer that the service connects by itself.
    ///
    /// The waiting form of [`crate::FishjamClient::create_vapi_agent`], which says what can fail.
    pub fn create_vapi_agent(
        &self,
        room_id: impl Into<RoomId>,
        options: VapiAgentOptions,
    ) -> Result<Peer> {
        self.wait(
            crate::FishjamClient::create_vapi_agent(&self.client, room_id, options),
        )
    }

    /// Asks the service whether id and token are right.
    ///
    /// The waiting form of [`crate::FishjamClient::check_credentials`], which says what can fail.
    pub fn check_credentials(&self) -> Result<()> {
        self.wait(crate::FishjamClient::check_credentials(&self.client))
    }

    /// What the service said about the API version that this client speaks, if it said anything yet.
    ///
    /// The same as [`crate::FishjamClient::deprecation`].
    #[must_use]
    pub fn deprecation(&self) -> Option<Deprecation> {
        crate::FishjamClient::deprecation(&self.client)
    }

    /// The address that livestreams are published to over WHIP, with a streamer's token as bearer token.
    ///
    /// The same as [`crate::FishjamClient::livestream_whip_url`].
    #[must_use]
    pub fn livestream_whip_url(&self) -> String {
        crate::FishjamClient::livestream_whip_url(&self.client)
    }

    /// The address that livestreams are watched at over WHEP, with a viewer's token as bearer token.
    ///
    /// The same as [`crate::FishjamClient::livestream_whep_url`].
    #[must_use]
    pub fn livestream_whep_url(&self) -> String {
        crate::FishjamClient::livestream_whep_url(&self.client)
    }

    /// The address that a public livestream is watched at over WHEP, without a token.
    ///
    /// The same as [`crate::FishjamClient::public_livestream_whep_url`].
    pub fn public_livestream_whep_url(
        &self,
        stream_id: impl Into<StreamId>,
    ) -> Result<String> {
        crate::FishjamClient::public_livestream_whep_url(&self.client, stream_id)
    }

    /// Creates a livestream.
    ///
    /// The waiting form of [`crate::FishjamClient::create_stream`], which says what can fail.
    pub fn create_stream(&self, options: StreamOptions) -> Result<Stream> {
        self.wait(crate::FishjamClient::create_stream(&self.client, options))
    }

    /// Lists all livestreams.
    ///
    /// The waiting form of [`crate::FishjamClient::get_all_streams`], which says what can fail.
    pub fn get_all_streams(&self) -> Result<Vec<Stream>> {
        self.wait(crate::FishjamClient::get_all_streams(&self.client))
    }

    /// Like `get_all_streams`, and also returns the livestreams that the SDK could not read.
    ///
    /// The waiting form of [`crate::FishjamClient::get_all_streams_with_unreadable`], which says what can fail.
    pub fn get_all_streams_with_unreadable(&self) -> Result<Listing<Stream>> {
        self.wait(crate::FishjamClient::get_all_streams_with_unreadable(&self.client))
    }

    /// Looks a livestream up.
    ///
    /// The waiting form of [`crate::FishjamClient::get_stream`], which says what can fail.
    pub fn get_stream(&self, stream_id: impl Into<StreamId>) -> Result<Stream> {
        self.wait(crate::FishjamClient::get_stream(&self.client, stream_id))
    }

    /// Deletes a livestream; its streamers and viewers are disconnected.
    ///
    /// The waiting form of [`crate::FishjamClient::delete_stream`], which says what can fail.
    pub fn delete_stream(&self, stream_id: impl Into<StreamId>) -> Result<()> {
        self.wait(crate::FishjamClient::delete_stream(&self.client, stream_id))
    }

    /// Lets a streamer publish a livestream.
    ///
    /// The waiting form of [`crate::FishjamClient::create_streamer`], which says what can fail.
    pub fn create_streamer(&self, stream_id: impl Into<StreamId>) -> Result<Streamer> {
        self.wait(crate::FishjamClient::create_streamer(&self.client, stream_id))
    }

    /// Takes a streamer from a livestream: the streamer is disconnected and the token void.
    ///
    /// The waiting form of [`crate::FishjamClient::delete_streamer`], which says what can fail.
    pub fn delete_streamer(
        &self,
        stream_id: impl Into<StreamId>,
        streamer_id: impl Into<StreamerId>,
    ) -> Result<()> {
        self.wait(
            crate::FishjamClient::delete_streamer(&self.client, stream_id, streamer_id),
        )
    }

    /// Makes a token with which a streamer may publish a livestream room.
    ///
    /// The waiting form of [`crate::FishjamClient::create_livestream_streamer_token`], which says what can fail.
    pub fn create_livestream_streamer_token(
        &self,
        room_id: impl Into<RoomId>,
    ) -> Result<StreamerToken> {
        self.wait(
            crate::FishjamClient::create_livestream_streamer_token(&self.client, room_id),
        )
    }

    /// Lets one more viewer watch a livestream.
    ///
    /// The waiting form of [`crate::FishjamClient::create_viewer`], which says what can fail.
    pub fn create_viewer(&self, stream_id: impl Into<StreamId>) -> Result<Viewer> {
        self.wait(crate::FishjamClient::create_viewer(&self.client, stream_id))
    }

    /// Takes a viewer from a livestream: the viewer is disconnected and the token void.
    ///
    /// The waiting form of [`crate::FishjamClient::delete_viewer`], which says what can fail.
    pub fn delete_viewer(
        &self,
        stream_id: impl Into<StreamId>,
        viewer_id: impl Into<ViewerId>,
    ) -> Result<()> {
        self.wait(
            crate::FishjamClient::delete_viewer(&self.client, stream_id, viewer_id),
        )
    }

    /// Makes a token with which one viewer may watch a livestream room.
    ///
    /// The waiting form of [`crate::FishjamClient::create_livestream_viewer_token`], which says what can fail.
    pub fn create_livestream_viewer_token(
        &self,
        room_id: impl Into<RoomId>,
    ) -> Result<ViewerToken> {
        self.wait(
            crate::FishjamClient::create_livestream_viewer_token(&self.client, room_id),
        )
    }

    /// Makes an access to the Media over QUIC relay: to publish, to receive, or both.
    ///
    /// The waiting form of [`crate::FishjamClient::create_moq_access`], which says what can fail.
    pub fn create_moq_access(&self, options: MoqAccessOptions) -> Result<MoqAccess> {
        self.wait(crate::FishjamClient::create_moq_access(&self.client, options))
    }

    /// Lets a new WebRTC peer into a room and returns it with the token that its client joins with.
    ///
    /// The waiting form of [`crate::FishjamClient::create_peer`], which says what can fail.
    pub fn create_peer(
        &self,
        room_id: impl Into<RoomId>,
        options: PeerOptions,
    ) -> Result<(Peer, PeerToken)> {
        self.wait(crate::FishjamClient::create_peer(&self.client, room_id, options))
    }

    /// Removes a peer from its room and disconnects it.
    ///
    /// The waiting form of [`crate::FishjamClient::delete_peer`], which says what can fail.
    pub fn delete_peer(
        &self,
        room_id: impl Into<RoomId>,
        peer_id: impl Into<PeerId>,
    ) -> Result<()> {
        self.wait(crate::FishjamClient::delete_peer(&self.client, room_id, peer_id))
    }

    /// Makes a new token for a peer, valid for 24 hours from now.
    ///
    /// The waiting form of [`crate::FishjamClient::refresh_peer_token`], which says what can fail.
    pub fn refresh_peer_token(
        &self,
        room_id: impl Into<RoomId>,
        peer_id: impl Into<PeerId>,
    ) -> Result<PeerToken> {
        self.wait(
            crate::FishjamClient::refresh_peer_token(&self.client, room_id, peer_id),
        )
    }

    /// Starts to record an output of a composition.
    ///
    /// The waiting form of [`crate::FishjamClient::create_composition_recording`], which says what can fail.
    pub fn create_composition_recording(
        &self,
        options: CompositionRecordingOptions,
    ) -> Result<Recording> {
        self.wait(
            crate::FishjamClient::create_composition_recording(&self.client, options),
        )
    }

    /// Starts to record a composition as a template of yours draws it.
    ///
    /// The waiting form of [`crate::FishjamClient::create_template_recording`], which says what can fail.
    pub fn create_template_recording(
        &self,
        options: TemplateRecordingOptions,
    ) -> Result<Recording> {
        self.wait(crate::FishjamClient::create_template_recording(&self.client, options))
    }

    /// Lists the recordings that pass a filter; the filter that is empty lets all of them pass.
    ///
    /// The waiting form of [`crate::FishjamClient::get_all_recordings`], which says what can fail.
    pub fn get_all_recordings(&self, filter: RecordingFilter) -> Result<Vec<Recording>> {
        self.wait(crate::FishjamClient::get_all_recordings(&self.client, filter))
    }

    /// Like `get_all_recordings`, and also returns the recordings that the SDK could not read.
    ///
    /// The waiting form of [`crate::FishjamClient::get_all_recordings_with_unreadable`], which says what can fail.
    pub fn get_all_recordings_with_unreadable(
        &self,
        filter: RecordingFilter,
    ) -> Result<Listing<Recording>> {
        self.wait(
            crate::FishjamClient::get_all_recordings_with_unreadable(
                &self.client,
                filter,
            ),
        )
    }

    /// Looks a recording up.
    ///
    /// The waiting form of [`crate::FishjamClient::get_recording`], which says what can fail.
    pub fn get_recording(
        &self,
        recording_id: impl Into<RecordingId>,
    ) -> Result<Recording> {
        self.wait(crate::FishjamClient::get_recording(&self.client, recording_id))
    }

    /// Asks a recording to end.
    ///
    /// The waiting form of [`crate::FishjamClient::stop_recording`], which says what can fail.
    pub fn stop_recording(
        &self,
        recording_id: impl Into<RecordingId>,
    ) -> Result<Recording> {
        self.wait(crate::FishjamClient::stop_recording(&self.client, recording_id))
    }

    /// Deletes a recording that has ended.
    ///
    /// The waiting form of [`crate::FishjamClient::delete_recording`], which says what can fail.
    pub fn delete_recording(&self, recording_id: impl Into<RecordingId>) -> Result<()> {
        self.wait(crate::FishjamClient::delete_recording(&self.client, recording_id))
    }

    /// Creates a room.
    ///
    /// The waiting form of [`crate::FishjamClient::create_room`], which says what can fail.
    pub fn create_room(&self, options: RoomOptions) -> Result<Room> {
        self.wait(crate::FishjamClient::create_room(&self.client, options))
    }

    /// Lists all rooms, those of livestreams included.
    ///
    /// The waiting form of [`crate::FishjamClient::get_all_rooms`], which says what can fail.
    pub fn get_all_rooms(&self) -> Result<Vec<Room>> {
        self.wait(crate::FishjamClient::get_all_rooms(&self.client))
    }

    /// Like `get_all_rooms`, and also returns the rooms that the SDK could not read.
    ///
    /// The waiting form of [`crate::FishjamClient::get_all_rooms_with_unreadable`], which says what can fail.
    pub fn get_all_rooms_with_unreadable(&self) -> Result<Listing<Room>> {
        self.wait(crate::FishjamClient::get_all_rooms_with_unreadable(&self.client))
    }

    /// Looks a room up.
    ///
    /// The waiting form of [`crate::FishjamClient::get_room`], which says what can fail.
    pub fn get_room(&self, room_id: impl Into<RoomId>) -> Result<Room> {
        self.wait(crate::FishjamClient::get_room(&self.client, room_id))
    }

    /// Deletes a room; its peers are disconnected.
    ///
    /// The waiting form of [`crate::FishjamClient::delete_room`], which says what can fail.
    pub fn delete_room(&self, room_id: impl Into<RoomId>) -> Result<()> {
        self.wait(crate::FishjamClient::delete_room(&self.client, room_id))
    }

    /// Lets a peer receive all tracks of another peer in its room, those that are yet to come included.
    ///
    /// The waiting form of [`crate::FishjamClient::subscribe_peer`], which says what can fail.
    pub fn subscribe_peer(
        &self,
        room_id: impl Into<RoomId>,
        peer_id: impl Into<PeerId>,
        target_peer_id: impl Into<PeerId>,
    ) -> Result<()> {
        self.wait(
            crate::FishjamClient::subscribe_peer(
                &self.client,
                room_id,
                peer_id,
                target_peer_id,
            ),
        )
    }

    /// Lets a peer receive certain tracks of others in its room.
    ///
    /// The waiting form of [`crate::FishjamClient::subscribe_tracks`], which says what can fail.
    pub fn subscribe_tracks(
        &self,
        room_id: impl Into<RoomId>,
        peer_id: impl Into<PeerId>,
        track_ids: impl IntoIterator<Item = impl Into<TrackId>>,
    ) -> Result<()> {
        self.wait(
            crate::FishjamClient::subscribe_tracks(
                &self.client,
                room_id,
                peer_id,
                track_ids,
            ),
        )
    }

    /// Forwards every track of a room, those that are yet to come included, to a composition, named by its address or by `TrackForwardingOptions`.
    ///
    /// The waiting form of [`crate::FishjamClient::forward_room_tracks`], which says what can fail.
    pub fn forward_room_tracks(
        &self,
        room_id: impl Into<RoomId>,
        forwarding: impl Into<TrackForwardingOptions>,
    ) -> Result<()> {
        self.wait(
            crate::FishjamClient::forward_room_tracks(&self.client, room_id, forwarding),
        )
    }
}
