/// Types used as operation parameters and responses.
#[allow(clippy::all)]
pub mod types {
    ///Kind and settings of a new component.
    #[derive(::serde::Serialize, Clone, Debug)]
    pub struct AddComponentBody {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub options: ::std::option::Option<ComponentOptions>,
        #[serde(rename = "type")]
        pub type_: ComponentType,
    }
    ///Kind and settings of a new peer.
    #[derive(::serde::Serialize, Clone, Debug)]
    pub struct AddPeerBody {
        pub options: PeerOptions,
        #[serde(rename = "type")]
        pub type_: PeerType,
    }
    ///The token with which the peer connects, valid for 24 hours. A secret.
    #[derive(::serde::Deserialize, Clone, Debug)]
    #[serde(transparent)]
    pub struct AuthToken(pub ::std::string::String);
    ///Response to the creation of a component.
    #[derive(::serde::Deserialize, Clone, Debug)]
    pub struct ComponentDetailsResponse {
        pub data: crate::Component,
    }
    ///Settings of a new component. The member `type` next to it determines the variant, because an empty object matches several variants.
    #[derive(::serde::Serialize, Clone, Debug)]
    #[serde(untagged)]
    pub enum ComponentOptions {
        Hls(ComponentOptionsHls),
        Rtsp(ComponentOptionsRtsp),
        File(ComponentOptionsFile),
        Sip(ComponentOptionsSip),
        Recording(ComponentOptionsRecording),
    }
    impl ::std::convert::From<ComponentOptionsHls> for ComponentOptions {
        fn from(value: ComponentOptionsHls) -> Self {
            Self::Hls(value)
        }
    }
    impl ::std::convert::From<ComponentOptionsRtsp> for ComponentOptions {
        fn from(value: ComponentOptionsRtsp) -> Self {
            Self::Rtsp(value)
        }
    }
    impl ::std::convert::From<ComponentOptionsFile> for ComponentOptions {
        fn from(value: ComponentOptionsFile) -> Self {
            Self::File(value)
        }
    }
    impl ::std::convert::From<ComponentOptionsSip> for ComponentOptions {
        fn from(value: ComponentOptionsSip) -> Self {
            Self::Sip(value)
        }
    }
    impl ::std::convert::From<ComponentOptionsRecording> for ComponentOptions {
        fn from(value: ComponentOptionsRecording) -> Self {
            Self::Recording(value)
        }
    }
    ///Settings of a file component.
    #[derive(::serde::Serialize, Clone, Debug)]
    pub struct ComponentOptionsFile {
        ///Path of the file, below the server's directory for such files. Its name ends in `.h264` or `.ogg`.
        #[serde(rename = "filePath")]
        pub file_path: ::std::string::String,
        ///Pictures a second, of a video; 30 if it is left out or `null`. Not possible for audio.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub framerate: ::std::option::Option<i64>,
    }
    ///Settings of an HLS component.
    #[derive(::serde::Serialize, Clone, Debug, Default)]
    pub struct ComponentOptionsHls {
        ///Whether the stream has low latency.
        #[serde(
            rename = "lowLatency",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub low_latency: ::std::option::Option<bool>,
        ///Whether the server keeps the stream as a recording, which has the ID of the room.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub persistent: ::std::option::Option<bool>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub s3: ::std::option::Option<S3Credentials>,
        #[serde(
            rename = "subscribeMode",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub subscribe_mode: ::std::option::Option<
            crate::jellyfish::enums::SubscribeMode,
        >,
        ///Duration of the playlist in seconds. `null` means the whole stream.
        #[serde(
            rename = "targetWindowDuration",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub target_window_duration: ::std::option::Option<i64>,
    }
    ///Settings of a recording component.
    #[derive(::serde::Serialize, Clone, Debug, Default)]
    pub struct ComponentOptionsRecording {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub credentials: ::std::option::Option<S3Credentials>,
        ///Prefix of the names of uploaded files. `null` means the prefix from the configuration of the server, which cannot be overridden.
        #[serde(
            rename = "pathPrefix",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub path_prefix: ::std::option::Option<::std::string::String>,
        #[serde(
            rename = "subscribeMode",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub subscribe_mode: ::std::option::Option<
            crate::jellyfish::enums::SubscribeMode,
        >,
    }
    ///Settings of an RTSP component.
    #[derive(::serde::Serialize, Clone, Debug)]
    pub struct ComponentOptionsRtsp {
        ///Interval in milliseconds between keep-alive messages to the camera.
        #[serde(
            rename = "keepAliveInterval",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub keep_alive_interval: ::std::option::Option<u64>,
        ///Whether to send a datagram to the camera to open a path through NAT.
        #[serde(
            rename = "pierceNat",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub pierce_nat: ::std::option::Option<bool>,
        ///Time in milliseconds between attempts to connect to the camera.
        #[serde(
            rename = "reconnectDelay",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub reconnect_delay: ::std::option::Option<u64>,
        ///The local port that receives the stream.
        #[serde(
            rename = "rtpPort",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub rtp_port: ::std::option::Option<i64>,
        ///Address of the camera. It may hold a password.
        #[serde(rename = "sourceUri")]
        pub source_uri: ::std::string::String,
    }
    ///Settings of a SIP component.
    #[derive(::serde::Serialize, Clone, Debug)]
    pub struct ComponentOptionsSip {
        #[serde(rename = "registrarCredentials")]
        pub registrar_credentials: SipCredentials,
    }
    ///Properties of a file component.
    #[derive(::serde::Deserialize, Clone, Debug)]
    #[serde(remote = "Self")]
    pub struct ComponentPropertiesFile {
        ///Path of the file.
        #[serde(rename = "filePath")]
        pub file_path: ::std::string::String,
        ///Pictures a second; `null` for audio.
        #[serde(deserialize_with = "::std::option::Option::deserialize")]
        pub framerate: ::std::option::Option<i64>,
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers,
    }
    keep_unknown_members! {
        ComponentPropertiesFile
    }
    ///How an HLS component is set up and how it is doing. The server adds a member `s3`, which is always `null`.
    #[derive(::serde::Deserialize, Clone, Debug)]
    #[serde(remote = "Self")]
    pub struct ComponentPropertiesHls {
        ///Whether the stream has low latency.
        #[serde(rename = "lowLatency")]
        pub low_latency: bool,
        ///Whether the stream is kept as a recording.
        pub persistent: bool,
        ///Whether there is a playlist to play yet.
        pub playable: bool,
        #[serde(rename = "subscribeMode")]
        pub subscribe_mode: crate::jellyfish::enums::SubscribeMode,
        ///Duration of the playlist in seconds. `null` means the whole stream.
        #[serde(
            rename = "targetWindowDuration",
            deserialize_with = "::std::option::Option::deserialize"
        )]
        pub target_window_duration: ::std::option::Option<i64>,
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers,
    }
    keep_unknown_members! {
        ComponentPropertiesHls
    }
    ///How a recording component is set up.
    #[derive(::serde::Deserialize, Clone, Debug)]
    #[serde(remote = "Self")]
    pub struct ComponentPropertiesRecording {
        #[serde(rename = "subscribeMode")]
        pub subscribe_mode: crate::jellyfish::enums::SubscribeMode,
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers,
    }
    keep_unknown_members! {
        ComponentPropertiesRecording
    }
    ///How an RTSP component is set up.
    #[derive(::serde::Deserialize, Clone, Debug)]
    #[serde(remote = "Self")]
    pub struct ComponentPropertiesRtsp {
        ///Interval in milliseconds between keep-alive messages to the camera.
        #[serde(rename = "keepAliveInterval")]
        pub keep_alive_interval: i64,
        ///Whether a datagram is sent to the camera to open a path through NAT.
        #[serde(rename = "pierceNat")]
        pub pierce_nat: bool,
        ///Time in milliseconds between attempts to connect to the camera.
        #[serde(rename = "reconnectDelay")]
        pub reconnect_delay: i64,
        ///The local port that receives the stream.
        #[serde(rename = "rtpPort")]
        pub rtp_port: i64,
        ///Address of the camera. It may hold a password.
        #[serde(rename = "sourceUri")]
        pub source_uri: ::std::string::String,
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers,
    }
    keep_unknown_members! {
        ComponentPropertiesRtsp
    }
    ///How a SIP component is set up. The password is shown: treat the whole object as a secret.
    #[derive(::serde::Deserialize, Clone, Debug)]
    #[serde(remote = "Self")]
    pub struct ComponentPropertiesSip {
        #[serde(rename = "registrarCredentials")]
        pub registrar_credentials: SipCredentials,
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers,
    }
    keep_unknown_members! {
        ComponentPropertiesSip
    }
    ///The kind of a component: `hls`, `rtsp`, `file`, `sip` or `recording`.
    #[derive(::serde::Serialize, Clone, Debug)]
    #[serde(transparent)]
    pub struct ComponentType(pub ::std::string::String);
    impl ::std::convert::From<::std::string::String> for ComponentType {
        fn from(value: ::std::string::String) -> Self {
            Self(value)
        }
    }
    impl ::std::fmt::Display for ComponentType {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            self.0.fmt(f)
        }
    }
    ///The number to call.
    #[derive(::serde::Serialize, Clone, Debug)]
    pub struct DialConfig {
        ///The number. Refused with 400 if it is left out; whether it can be called shows only later.
        #[serde(rename = "phoneNumber")]
        pub phone_number: ::std::string::String,
    }
    ///The state of the server.
    #[derive(::serde::Deserialize, Clone, Debug)]
    #[serde(remote = "Self")]
    pub struct HealthReport {
        pub distribution: HealthReportDistribution,
        ///The source that the server was built from, or `dev`.
        #[serde(rename = "gitCommit")]
        pub git_commit: ::std::string::String,
        pub status: crate::jellyfish::enums::HealthReportStatus,
        ///How long the server has been running, in seconds.
        pub uptime: i64,
        ///The version of the server.
        pub version: ::std::string::String,
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers,
    }
    keep_unknown_members! {
        HealthReport
    }
    ///The state of the server as a member of a cluster.
    #[derive(::serde::Deserialize, Clone, Debug)]
    #[serde(remote = "Self")]
    pub struct HealthReportDistribution {
        ///Whether the server is set up to be a member of a cluster.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub enabled: ::std::option::Option<bool>,
        #[serde(rename = "nodeStatus")]
        pub node_status: crate::jellyfish::enums::HealthReportStatus,
        ///Number of servers in the cluster, including this one. 0 without a cluster.
        #[serde(rename = "nodesInCluster")]
        pub nodes_in_cluster: i64,
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers,
    }
    keep_unknown_members! {
        HealthReportDistribution
    }
    ///Response with the state of the server.
    #[derive(::serde::Deserialize, Clone, Debug)]
    pub struct HealthcheckResponse {
        pub data: HealthReport,
    }
    ///Number of a segment.
    #[derive(::serde::Serialize, Clone, Debug)]
    #[serde(transparent)]
    pub struct HlsMsn(pub u64);
    impl ::std::convert::From<u64> for HlsMsn {
        fn from(value: u64) -> Self {
            Self(value)
        }
    }
    impl ::std::fmt::Display for HlsMsn {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            self.0.fmt(f)
        }
    }
    ///Number of a part of a segment.
    #[derive(::serde::Serialize, Clone, Debug)]
    #[serde(transparent)]
    pub struct HlsPart(pub u64);
    impl ::std::convert::From<u64> for HlsPart {
        fn from(value: u64) -> Self {
            Self(value)
        }
    }
    impl ::std::fmt::Display for HlsPart {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            self.0.fmt(f)
        }
    }
    ///Asks for a shorter playlist, by being there.
    #[derive(::serde::Serialize, Clone, Debug)]
    #[serde(transparent)]
    pub struct HlsSkip(pub ::std::string::String);
    impl ::std::convert::From<::std::string::String> for HlsSkip {
        fn from(value: ::std::string::String) -> Self {
            Self(value)
        }
    }
    impl ::std::fmt::Display for HlsSkip {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            self.0.fmt(f)
        }
    }
    ///A participant of a room.
    #[derive(::serde::Deserialize, Clone, Debug)]
    #[serde(remote = "Self")]
    pub struct Peer {
        ///ID of the peer.
        pub id: ::std::string::String,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub metadata: ::std::option::Option<crate::RawJson>,
        pub status: crate::jellyfish::enums::PeerStatus,
        pub tracks: ::std::vec::Vec<Track>,
        #[serde(rename = "type")]
        pub type_: PeerType,
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers,
    }
    keep_unknown_members! {
        Peer
    }
    ///Response to the creation of a peer.
    #[derive(::serde::Deserialize, Clone, Debug)]
    pub struct PeerDetailsResponse {
        pub data: PeerDetailsResponseData,
    }
    ///The new peer, its token and the URL of its WebSocket.
    #[derive(::serde::Deserialize, Clone, Debug)]
    pub struct PeerDetailsResponseData {
        pub peer: Peer,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub peer_websocket_url: ::std::option::Option<WebsocketUrl>,
        pub token: AuthToken,
    }
    ///Settings of a new peer, by its kind.
    #[derive(::serde::Serialize, Clone, Debug)]
    #[serde(transparent)]
    pub struct PeerOptions(pub PeerOptionsWebRtc);
    impl ::std::convert::From<PeerOptions> for PeerOptionsWebRtc {
        fn from(value: PeerOptions) -> Self {
            value.0
        }
    }
    impl ::std::convert::From<PeerOptionsWebRtc> for PeerOptions {
        fn from(value: PeerOptionsWebRtc) -> Self {
            Self(value)
        }
    }
    ///Settings of a peer that connects over WebRTC.
    #[derive(::serde::Serialize, Clone, Debug, Default)]
    pub struct PeerOptionsWebRtc {
        ///Whether the peer may send a video in several qualities.
        #[serde(
            rename = "enableSimulcast",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub enable_simulcast: ::std::option::Option<bool>,
    }
    ///The kind of a peer. There is one, `webrtc`.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(transparent)]
    pub struct PeerType(pub ::std::string::String);
    impl ::std::convert::From<::std::string::String> for PeerType {
        fn from(value: ::std::string::String) -> Self {
            Self(value)
        }
    }
    impl ::std::fmt::Display for PeerType {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            self.0.fmt(f)
        }
    }
    ///Response with a list of recordings.
    #[derive(::serde::Deserialize, Clone, Debug)]
    pub struct RecordingListResponse {
        ///IDs of recordings.
        pub data: ::std::vec::Vec<::std::string::String>,
    }
    ///A room.
    #[derive(::serde::Deserialize, Clone, Debug)]
    #[serde(remote = "Self")]
    pub struct Room {
        pub components: ::std::vec::Vec<crate::Component>,
        pub config: RoomConfig,
        ///ID of the room.
        pub id: ::std::string::String,
        pub peers: ::std::vec::Vec<Peer>,
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers,
    }
    keep_unknown_members! {
        Room
    }
    ///Configuration of a room. Responses contain all members, with `null` for unset members, and always a `roomId`.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    #[serde(remote = "Self")]
    pub struct RoomConfig {
        ///Maximum number of peers in the room, connected or not. `null` means no limit. The server also accepts 0, for a room that no peer can join.
        #[serde(
            rename = "maxPeers",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub max_peers: ::std::option::Option<::serde_json::Value>,
        ///Time in seconds until a disconnected peer is removed. `null` means never.
        #[serde(
            rename = "peerDisconnectedTimeout",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub peer_disconnected_timeout: ::std::option::Option<::serde_json::Value>,
        ///Time in seconds until a room without connected peers is deleted. `null` means never.
        #[serde(
            rename = "peerlessPurgeTimeout",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub peerless_purge_timeout: ::std::option::Option<::serde_json::Value>,
        ///ID of the room. It can contain letters, digits and hyphens, and since 0.6.2 also underscores. If it is `null`, the server chooses an ID.
        #[serde(
            rename = "roomId",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub room_id: ::std::option::Option<::std::string::String>,
        #[serde(
            rename = "videoCodec",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub video_codec: ::std::option::Option<crate::jellyfish::enums::VideoCodec>,
        ///HTTP address that receives the notifications of this room. It needs a scheme, a host and at least a slash after it.
        #[serde(
            rename = "webhookUrl",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub webhook_url: ::std::option::Option<::std::string::String>,
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers,
    }
    keep_unknown_members! {
        RoomConfig : Serialize
    }
    ///Response to the creation of a room.
    #[derive(::serde::Deserialize, Clone, Debug)]
    pub struct RoomCreateDetailsResponse {
        pub data: RoomCreateDetailsResponseData,
    }
    ///The new room and where it lives.
    #[derive(::serde::Deserialize, Clone, Debug)]
    pub struct RoomCreateDetailsResponseData {
        ///Address of the room's server, since 0.6.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub fishjam_address: ::std::option::Option<::std::string::String>,
        ///Host and port, without a scheme, of the server on which the room lives; all requests about the room go there. From 0.6 this member is called `fishjam_address`.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub jellyfish_address: ::std::option::Option<::std::string::String>,
        pub room: Room,
    }
    ///Response with one room.
    #[derive(::serde::Deserialize, Clone, Debug)]
    pub struct RoomDetailsResponse {
        pub data: Room,
    }
    ///Response with a list of rooms.
    #[derive(::serde::Deserialize, Clone, Debug)]
    pub struct RoomsListingResponse {
        pub data: ::std::vec::Vec<Room>,
    }
    ///Access to a bucket of an S3 storage. All four are needed. They are never shown again.
    #[derive(::serde::Serialize, Clone, Debug)]
    pub struct S3Credentials {
        ///ID of the access key.
        #[serde(rename = "accessKeyId")]
        pub access_key_id: ::std::string::String,
        ///Name of the bucket.
        pub bucket: ::std::string::String,
        ///Region of the bucket.
        pub region: ::std::string::String,
        ///The access key itself. A secret.
        #[serde(rename = "secretAccessKey")]
        pub secret_access_key: ::std::string::String,
    }
    ///Access to a SIP registrar.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(remote = "Self")]
    pub struct SipCredentials {
        ///Address of the registrar. Never send an empty one, which ends the room.
        pub address: ::std::string::String,
        ///The password. A secret.
        pub password: ::std::string::String,
        ///The name of the user.
        pub username: ::std::string::String,
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers,
    }
    keep_unknown_members! {
        SipCredentials : Serialize
    }
    ///The peers and components whose tracks a component receives.
    #[derive(::serde::Serialize, Clone, Debug)]
    pub struct SubscriptionConfig {
        ///IDs of peers and components of the room. The server returns 400 if it is missing.
        pub origins: ::std::vec::Vec<::std::string::String>,
    }
    ///An audio or video track of a peer or a component.
    #[derive(::serde::Deserialize, Clone, Debug, Default)]
    #[serde(remote = "Self")]
    pub struct Track {
        ///ID of the track.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub id: ::std::option::Option<::std::string::String>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub metadata: ::std::option::Option<crate::RawJson>,
        #[serde(rename = "type", skip_serializing_if = "::std::option::Option::is_none")]
        pub type_: ::std::option::Option<crate::jellyfish::enums::TrackType>,
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers,
    }
    keep_unknown_members! {
        Track
    }
    ///Address of the socket that the peer connects to, without a scheme, such as `localhost:5002/socket/peer/websocket`.
    #[derive(::serde::Deserialize, Clone, Debug)]
    #[serde(transparent)]
    pub struct WebsocketUrl(pub ::std::string::String);
}
#[derive(Clone, Debug)]
/**Client for Jellyfish Media Server

The server API of a Jellyfish media server. It manages rooms, peers and components. Components add media to a room or read media from it: HLS streams, RTSP cameras, files, telephone calls and recordings.

**Address.** You run the server yourself, so the document contains no address. By default, it listens on port 5002 in development and on port 8080 in the published image. Several servers can form a cluster. Each room is on one server, and all requests about the room must go to this server. The response to the creation of a room contains its address.

**Authentication.** Every operation requires the API token of the server as a bearer token, except the two operations that return files. The server rejects an unknown route, an unacceptable `Accept` header and malformed JSON before it checks the token.

**Envelopes.** Successful responses with a JSON body wrap their content in a member `data`. Future versions can add members to objects, and a client should accept them in responses. The server ignores unknown members of a request.

**Errors.** An error usually carries an `Error` object. For some errors, the server's framework sends the message as `detail` inside `errors`. These are an unknown route (404), an unacceptable `Accept` header (406), a body that is too large (413), malformed JSON (400) and a crash (500). A crash is not documented but can end any operation. For example, `options` that are `null` crash the whole room, and so does a component of a kind that is disabled on this server. There is no 409: an existing room ID is a 400, and a full room is a 503.

There is no pagination, and no idempotency key: repeating a creation creates a second object.

Version: 0.5.0*/
pub struct Client {
    pub(crate) baseurl: String,
    pub(crate) client: crate::RequestFactory,
}
impl Client {
    /// Creates a client whose request paths have this prefix.
    pub(crate) fn new_with_client(baseurl: &str, client: crate::RequestFactory) -> Self {
        Self {
            baseurl: baseurl.to_string(),
            client,
        }
    }
}
#[allow(clippy::all)]
impl Client {
    /**Report the state of the server

Returns the status, the uptime, the version and the cluster state of the server.

Sends a `GET` request to `/health`

*/
    pub fn healthcheck<'a>(
        &'a self,
    ) -> crate::RequestResult<types::HealthcheckResponse> {
        let url = format!("{}/health", self.baseurl,);
        Ok(crate::TypedRequest::new(self.client.get(url).build()?))
    }
    /**Get a file of an HLS stream

Serves a file of the stream that the HLS component of a room makes: a playlist, a header, a segment or a part of one. No token is needed. The document calls the body JSON; it is the bytes of the file, with the content type `application/vnd.apple.mpegurl` for a playlist and with none for anything else. Requests with `_HLS_msn` and `_HLS_part` are held back until that part exists.

Sends a `GET` request to `/hls/{room_id}/{filename}`

Arguments:
- `room_id`: ID of the room whose stream it is; for a stream that is kept, also the ID of its recording.
- `filename`: Name of the file, such as `index.m3u8`.
- `hls_msn`: The number of the segment that the playlist of a low latency stream must contain. It has an effect only together with `_HLS_part`. A value that is not a number causes a 500.
- `hls_part`: The number of the part, in this segment, that the playlist of a low latency stream must contain.
- `hls_skip`: Requests a delta playlist of a low latency stream, without the content that the client already knows. The server ignores the value of the parameter.
- `range`: The requested bytes of the file. The server ignores the header and returns the whole file.
*/
    pub fn get_hls_content<'a>(
        &'a self,
        room_id: crate::PathSegment<'a>,
        filename: crate::PathSegment<'a>,
        hls_msn: Option<&'a types::HlsMsn>,
        hls_part: Option<&'a types::HlsPart>,
        hls_skip: Option<&'a types::HlsSkip>,
        range: Option<&'a str>,
    ) -> crate::RequestResult<::bytes::Bytes> {
        let url = format!("{}/hls/{}/{}", self.baseurl, room_id, filename,);
        let mut header_map = ::reqwest::header::HeaderMap::with_capacity(2usize);
        if let Some(value) = range {
            header_map.append("range", value.to_string().try_into()?);
        }
        Ok(
            crate::TypedRequest::new(self.client.get(url).headers(header_map).build()?)
                .query("_HLS_msn", hls_msn)
                .query("_HLS_part", hls_part)
                .query("_HLS_skip", hls_skip),
        )
    }
    /**List recordings

Lists the streams that were kept. A stream whose room still exists is not among them.

Sends a `GET` request to `/recording`

*/
    pub fn get_recordings<'a>(
        &'a self,
    ) -> crate::RequestResult<types::RecordingListResponse> {
        let url = format!("{}/recording", self.baseurl,);
        Ok(crate::TypedRequest::new(self.client.get(url).build()?))
    }
    /**Delete a recording

Deletes a recording with all its files.

Sends a `DELETE` request to `/recording/{recording_id}`

Arguments:
- `recording_id`: ID of the recording to delete.
*/
    pub fn delete_recording<'a>(
        &'a self,
        recording_id: crate::PathSegment<'a>,
    ) -> crate::RequestResult<()> {
        let url = format!("{}/recording/{}", self.baseurl, recording_id,);
        Ok(crate::TypedRequest::new(self.client.delete(url).build()?))
    }
    /**Get a file of a recording

Serves a file of a recording: a playlist, a header or a segment. No token is needed. The document calls the body JSON; it is the bytes of the file, with the content type `application/vnd.apple.mpegurl` for a playlist and with none for anything else.

Sends a `GET` request to `/recording/{recording_id}/{filename}`

Arguments:
- `recording_id`: ID of the recording.
- `filename`: Name of the file, such as `index.m3u8`.
*/
    pub fn get_recording_content<'a>(
        &'a self,
        recording_id: crate::PathSegment<'a>,
        filename: crate::PathSegment<'a>,
    ) -> crate::RequestResult<::bytes::Bytes> {
        let url = format!("{}/recording/{}/{}", self.baseurl, recording_id, filename,);
        Ok(crate::TypedRequest::new(self.client.get(url).build()?))
    }
    /**List all rooms

Lists every room of this server with its peers and components, in one response without pages. Rooms of other servers of a cluster are not among them.

Sends a `GET` request to `/room`

*/
    pub fn get_all_rooms<'a>(
        &'a self,
    ) -> crate::RequestResult<types::RoomsListingResponse> {
        let url = format!("{}/room", self.baseurl,);
        Ok(crate::TypedRequest::new(self.client.get(url).build()?))
    }
    /**Create a room

Opens a new, empty room. Without a `roomId` the server picks one. In a cluster, a different server can create the room. `jellyfish_address` in the response is the address of this server. All other requests about the room must go to it.

Sends a `POST` request to `/room`

Arguments:
- `body`: Configuration of the room. Unset members use their defaults. Without a body, all members are unset.
*/
    pub fn create_room<'a>(
        &'a self,
        body: &'a types::RoomConfig,
    ) -> crate::RequestResult<types::RoomCreateDetailsResponse> {
        let url = format!("{}/room", self.baseurl,);
        Ok(crate::TypedRequest::new(self.client.post(url).json(&body).build()?))
    }
    /**Show a room

Shows one room with its configuration, its peers and its components.

Sends a `GET` request to `/room/{room_id}`

Arguments:
- `room_id`: ID of the room to show.
*/
    pub fn get_room<'a>(
        &'a self,
        room_id: crate::PathSegment<'a>,
    ) -> crate::RequestResult<types::RoomDetailsResponse> {
        let url = format!("{}/room/{}", self.baseurl, room_id,);
        Ok(crate::TypedRequest::new(self.client.get(url).build()?))
    }
    /**Delete a room

Deletes a room permanently. Its peers are disconnected, and all peers and components are removed.

Sends a `DELETE` request to `/room/{room_id}`

Arguments:
- `room_id`: ID of the room to delete.
*/
    pub fn delete_room<'a>(
        &'a self,
        room_id: crate::PathSegment<'a>,
    ) -> crate::RequestResult<()> {
        let url = format!("{}/room/{}", self.baseurl, room_id,);
        Ok(crate::TypedRequest::new(self.client.delete(url).build()?))
    }
    /**Add a component to a room

Adds something that brings media into the room or takes it out. Which `options` are possible, and whether they are needed, depends on `type`: `rtsp`, `file` and `sip` cannot do without. Never send `null` in their place, which ends the room. The kinds `hls`, `rtsp` and `recording` need a room whose codec is set to `h264`, and a room can have one `hls` and one `recording`.

Sends a `POST` request to `/room/{room_id}/component`

Arguments:
- `room_id`: ID of the room that gets the component.
- `body`: Kind and settings of the component. Needed in practice, although it is marked as optional.
*/
    pub fn add_component<'a>(
        &'a self,
        room_id: crate::PathSegment<'a>,
        body: &'a types::AddComponentBody,
    ) -> crate::RequestResult<types::ComponentDetailsResponse> {
        let url = format!("{}/room/{}/component", self.baseurl, room_id,);
        Ok(crate::TypedRequest::new(self.client.post(url).json(&body).build()?))
    }
    /**Subscribe a component to tracks

Makes an HLS or recording component whose subscribe mode is `manual` take the tracks of these peers and components. An origin that does not exist is not an error, and to subscribe twice changes nothing.

Sends a `POST` request to `/room/{room_id}/component/{component_id}/subscribe`

Arguments:
- `room_id`: ID of the room.
- `component_id`: ID of the component that receives the tracks.
- `body`: The peers and components whose tracks to receive. The server requires the body, although it is marked as optional.
*/
    pub fn subscribe_to<'a>(
        &'a self,
        room_id: crate::PathSegment<'a>,
        component_id: crate::PathSegment<'a>,
        body: &'a types::SubscriptionConfig,
    ) -> crate::RequestResult<()> {
        let url = format!(
            "{}/room/{}/component/{}/subscribe", self.baseurl, room_id, component_id,
        );
        Ok(crate::TypedRequest::new(self.client.post(url).json(&body).build()?))
    }
    /**Remove a component from a room

Stops a component and takes it out of its room.

Sends a `DELETE` request to `/room/{room_id}/component/{id}`

Arguments:
- `room_id`: ID of the room.
- `id`: ID of the component to remove.
*/
    pub fn delete_component<'a>(
        &'a self,
        room_id: crate::PathSegment<'a>,
        id: crate::PathSegment<'a>,
    ) -> crate::RequestResult<()> {
        let url = format!("{}/room/{}/component/{}", self.baseurl, room_id, id,);
        Ok(crate::TypedRequest::new(self.client.delete(url).build()?))
    }
    /**Add a peer to a room

Makes a place in a room for a participant and issues the token with which that participant connects within 24 hours. The peer counts towards `maxPeers` from now on, whether it is connected or not. Send `options`, as an empty object if there is nothing to set; never `null`, which ends the room.

Sends a `POST` request to `/room/{room_id}/peer`

Arguments:
- `room_id`: ID of the room that the peer joins.
- `body`: Kind and settings of the peer. Needed in practice, although it is marked as optional.
*/
    pub fn add_peer<'a>(
        &'a self,
        room_id: crate::PathSegment<'a>,
        body: &'a types::AddPeerBody,
    ) -> crate::RequestResult<types::PeerDetailsResponse> {
        let url = format!("{}/room/{}/peer", self.baseurl, room_id,);
        Ok(crate::TypedRequest::new(self.client.post(url).json(&body).build()?))
    }
    /**Remove a peer from a room

Disconnects a peer and takes it out of its room.

Sends a `DELETE` request to `/room/{room_id}/peer/{id}`

Arguments:
- `room_id`: ID of the room.
- `id`: ID of the peer to remove.
*/
    pub fn delete_peer<'a>(
        &'a self,
        room_id: crate::PathSegment<'a>,
        id: crate::PathSegment<'a>,
    ) -> crate::RequestResult<()> {
        let url = format!("{}/room/{}/peer/{}", self.baseurl, room_id, id,);
        Ok(crate::TypedRequest::new(self.client.delete(url).build()?))
    }
    /**Call a telephone

Makes a SIP component call a number. The response arrives before the call: a number that cannot be called shows up later, as the notification that the component crashed.

Sends a `POST` request to `/sip/{room_id}/{component_id}/call`

Arguments:
- `room_id`: ID of the room.
- `component_id`: ID of the SIP component.
- `body`: The number to call. The server requires the body, although it is marked as optional.
*/
    pub fn dial<'a>(
        &'a self,
        room_id: crate::PathSegment<'a>,
        component_id: crate::PathSegment<'a>,
        body: &'a types::DialConfig,
    ) -> crate::RequestResult<()> {
        let url = format!("{}/sip/{}/{}/call", self.baseurl, room_id, component_id,);
        Ok(crate::TypedRequest::new(self.client.post(url).json(&body).build()?))
    }
    /**End a telephone call

Makes a SIP component end the call.

Sends a `DELETE` request to `/sip/{room_id}/{component_id}/call`

Arguments:
- `room_id`: ID of the room.
- `component_id`: ID of the SIP component.
*/
    pub fn end_call<'a>(
        &'a self,
        room_id: crate::PathSegment<'a>,
        component_id: crate::PathSegment<'a>,
    ) -> crate::RequestResult<()> {
        let url = format!("{}/sip/{}/{}/call", self.baseurl, room_id, component_id,);
        Ok(crate::TypedRequest::new(self.client.delete(url).build()?))
    }
}
/// Items consumers will typically use such as the Client.
pub mod prelude {
    #[allow(unused_imports)]
    pub use super::Client;
}
