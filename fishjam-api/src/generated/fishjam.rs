/// Types used as operation parameters and responses.
#[allow(clippy::all)]
pub mod types {
    ///The form of the audio that the server delivers to an agent.
    #[derive(::serde::Serialize, Clone, Debug, Default)]
    #[serde(deny_unknown_fields)]
    pub struct AgentOutput {
        #[serde(
            rename = "audioFormat",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub audio_format: ::std::option::Option<AudioFormat>,
        #[serde(
            rename = "audioSampleRate",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub audio_sample_rate: ::std::option::Option<AudioSampleRate>,
    }
    ///Encoding of the audio that an agent receives.
    #[derive(::serde::Serialize, Clone, Copy, Debug)]
    pub enum AudioFormat {
        #[serde(rename = "pcm16")]
        Pcm16,
    }
    impl ::std::fmt::Display for AudioFormat {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Pcm16 => f.write_str("pcm16"),
            }
        }
    }
    impl ::std::default::Default for AudioFormat {
        fn default() -> Self {
            AudioFormat::Pcm16
        }
    }
    ///Sample rate, in hertz, of the audio that an agent receives. The default is 16000.
    #[derive(::serde::Serialize, Clone, Debug)]
    #[serde(transparent)]
    pub struct AudioSampleRate(i64);
    impl ::std::default::Default for AudioSampleRate {
        fn default() -> Self {
            AudioSampleRate(16000_i64)
        }
    }
    impl ::std::convert::TryFrom<i64> for AudioSampleRate {
        type Error = self::error::ConversionError;
        fn try_from(
            value: i64,
        ) -> ::std::result::Result<Self, self::error::ConversionError> {
            if ![16000_i64, 24000_i64].contains(&value) {
                Err("invalid value".into())
            } else {
                Ok(Self(value))
            }
        }
    }
    ///Secret with which a peer connects to its room. Opaque, and valid for 24 hours; issue a new one after that. An agent can use the same token again to reconnect. Do not log it.
    #[derive(::serde::Deserialize, Clone, Debug)]
    #[serde(transparent)]
    pub struct AuthToken(pub ::std::string::String);
    ///An output that a composition already has. Sent as `application/json`. Unknown members are refused.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(remote = "Self")]
    pub struct CompositionSource {
        ///HTTP address of the composition, 255 characters at the most. A slash after the host is mandatory.
        #[serde(rename = "compositionURL")]
        pub composition_url: ::std::string::String,
        ///ID of the output to record, as registered in the composition; 255 characters at the most.
        #[serde(rename = "outputId")]
        pub output_id: ::std::string::String,
        ///Factor by which the size of the picture is scaled for the recording. Must be greater than 0; 1 keeps the size.
        #[serde(
            rename = "scaleRatio",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub scale_ratio: ::std::option::Option<f64>,
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers,
    }
    keep_unknown_members! {
        CompositionSource : Serialize
    }
    ///Access to the Media over QUIC relay. Both members are secrets; log neither.
    #[derive(::serde::Deserialize, Clone, Debug)]
    #[serde(remote = "Self")]
    pub struct MoqAccess {
        ///Address of the relay, ready to connect to; its query member `jwt` holds the token.
        pub connection_url: ::std::string::String,
        ///The token alone, a JSON Web Token that states the allowed paths and when it expires.
        pub token: ::std::string::String,
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers,
    }
    keep_unknown_members! {
        MoqAccess
    }
    ///Permissions of a token for the Media over QUIC relay. Set at least one of the two paths, because the server rejects a request without a path. Paths are relative to the account's part of the relay and cover everything below them, so that `stream` covers `stream/camera` too.
    #[derive(::serde::Serialize, Clone, Debug, Default)]
    #[serde(deny_unknown_fields)]
    pub struct MoqAccessConfig {
        ///Path below which the holder may publish. Absent or `null` allows no publishing.
        #[serde(
            rename = "publishPath",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub publish_path: ::std::option::Option<::std::string::String>,
        ///Path below which the holder may receive. Absent or `null` allows no receiving.
        #[serde(
            rename = "subscribePath",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub subscribe_path: ::std::option::Option<::std::string::String>,
        ///How long the token is valid, in seconds from now. The server uses 3600 (one hour) if it is left out, and allows 604800 (seven days) at the most.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub ttl: ::std::option::Option<i64>,
    }
    ///A participant of a room, from the moment when it is added until it is deleted. It may connect and disconnect any number of times in between.
    #[derive(::serde::Deserialize, Clone, Debug)]
    #[serde(remote = "Self")]
    pub struct Peer {
        pub id: PeerId,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub metadata: ::std::option::Option<crate::RawJson>,
        pub status: crate::fishjam::enums::PeerStatus,
        #[serde(rename = "subscribeMode")]
        pub subscribe_mode: crate::fishjam::enums::SubscribeMode,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub subscriptions: ::std::option::Option<crate::Subscriptions>,
        ///The audio and video tracks that the peer is publishing.
        pub tracks: ::std::vec::Vec<Track>,
        #[serde(rename = "type")]
        pub type_: crate::fishjam::enums::PeerType,
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers,
    }
    keep_unknown_members! {
        Peer
    }
    ///Kind and settings of a peer to be added. The member `type` determines the variant.
    #[derive(::serde::Serialize, Clone, Debug)]
    #[serde(untagged)]
    pub enum PeerConfig {
        WebRtc(PeerConfigWebRtc),
        Agent(PeerConfigAgent),
        Vapi(PeerConfigVapi),
    }
    impl ::std::convert::From<PeerConfigWebRtc> for PeerConfig {
        fn from(value: PeerConfigWebRtc) -> Self {
            Self::WebRtc(value)
        }
    }
    impl ::std::convert::From<PeerConfigAgent> for PeerConfig {
        fn from(value: PeerConfigAgent) -> Self {
            Self::Agent(value)
        }
    }
    impl ::std::convert::From<PeerConfigVapi> for PeerConfig {
        fn from(value: PeerConfigVapi) -> Self {
            Self::Vapi(value)
        }
    }
    ///Adds an agent, which is a program of the backend. Always send `options`, even if empty, although an example of the vendor leaves it out.
    #[derive(::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    pub struct PeerConfigAgent {
        pub options: PeerOptionsAgent,
        #[serde(rename = "type")]
        pub type_: PeerConfigAgentType,
    }
    ///Marks the configuration of an agent.
    #[derive(::serde::Serialize, Clone, Copy, Debug)]
    pub enum PeerConfigAgentType {
        #[serde(rename = "agent")]
        Agent,
    }
    impl ::std::fmt::Display for PeerConfigAgentType {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Agent => f.write_str("agent"),
            }
        }
    }
    ///Adds a call of the VAPI voice service to the room.
    #[derive(::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    pub struct PeerConfigVapi {
        pub options: PeerOptionsVapi,
        #[serde(rename = "type")]
        pub type_: PeerConfigVapiType,
    }
    ///Marks the configuration of a VAPI peer.
    #[derive(::serde::Serialize, Clone, Copy, Debug)]
    pub enum PeerConfigVapiType {
        #[serde(rename = "vapi")]
        Vapi,
    }
    impl ::std::fmt::Display for PeerConfigVapiType {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Vapi => f.write_str("vapi"),
            }
        }
    }
    ///Adds an end user's device that connects over WebRTC.
    #[derive(::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    pub struct PeerConfigWebRtc {
        pub options: PeerOptionsWebRtc,
        #[serde(rename = "type")]
        pub type_: PeerConfigWebRtcType,
    }
    ///Marks the configuration of a WebRTC peer.
    #[derive(::serde::Serialize, Clone, Copy, Debug)]
    pub enum PeerConfigWebRtcType {
        #[serde(rename = "webrtc")]
        Webrtc,
    }
    impl ::std::fmt::Display for PeerConfigWebRtcType {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            match *self {
                Self::Webrtc => f.write_str("webrtc"),
            }
        }
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
    ///ID of a peer, chosen by the server. Treat it as opaque.
    #[derive(::serde::Deserialize, Clone, Debug)]
    #[serde(transparent)]
    pub struct PeerId(pub ::std::string::String);
    ///Settings of an agent. Send an empty object to keep all defaults.
    #[derive(::serde::Serialize, Clone, Debug, Default)]
    #[serde(deny_unknown_fields)]
    pub struct PeerOptionsAgent {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub output: ::std::option::Option<AgentOutput>,
        #[serde(
            rename = "subscribeMode",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub subscribe_mode: ::std::option::Option<crate::fishjam::enums::SubscribeMode>,
    }
    ///Settings of a VAPI peer: the call and its options.
    #[derive(::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    pub struct PeerOptionsVapi {
        ///The application's API key for the VAPI service. A secret; do not log it.
        #[serde(rename = "apiKey")]
        pub api_key: ::std::string::String,
        ///Whether the VAPI call ends automatically when the last other peer has left the room.
        #[serde(
            rename = "autoClose",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub auto_close: ::std::option::Option<bool>,
        ///ID of the VAPI call. Only letters, digits and dashes are accepted.
        #[serde(rename = "callId")]
        pub call_id: ::std::string::String,
        #[serde(
            rename = "subscribeMode",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub subscribe_mode: ::std::option::Option<crate::fishjam::enums::SubscribeMode>,
    }
    ///Settings of a WebRTC peer. Send an empty object to keep all defaults.
    #[derive(::serde::Serialize, Clone, Debug, Default)]
    #[serde(deny_unknown_fields)]
    pub struct PeerOptionsWebRtc {
        ///Whether the peer can send its video in several qualities. Only servers before 0.24 support it.
        #[serde(
            rename = "enableSimulcast",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub enable_simulcast: ::std::option::Option<bool>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub metadata: ::std::option::Option<WebRtcMetadata>,
        #[serde(
            rename = "subscribeMode",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub subscribe_mode: ::std::option::Option<crate::fishjam::enums::SubscribeMode>,
    }
    ///Response with a new token of a peer.
    #[derive(::serde::Deserialize, Clone, Debug)]
    pub struct PeerRefreshTokenResponse {
        pub data: PeerRefreshTokenResponseData,
    }
    ///The new token of a peer.
    #[derive(::serde::Deserialize, Clone, Debug)]
    pub struct PeerRefreshTokenResponseData {
        pub token: AuthToken,
    }
    ///A recording, from its start until it is deleted.
    #[derive(::serde::Deserialize, Clone, Debug)]
    #[serde(remote = "Self")]
    pub struct Recording {
        ///The recorded media in the order of playback; empty until the status is `available`. Servers before 0.30.0 do not send this member, although it is required: read a missing one as empty.
        #[serde(default, skip_serializing_if = "::std::vec::Vec::is_empty")]
        pub files: ::std::vec::Vec<RecordingFile>,
        ///ID of the recording, chosen by the server.
        pub id: ::std::string::String,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub metadata: ::std::option::Option<crate::RawJson>,
        pub source: RecordingSource,
        pub status: crate::fishjam::enums::RecordingStatus,
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers,
    }
    keep_unknown_members! {
        Recording
    }
    ///What to record, and data to attach to it. Unknown members are refused.
    #[derive(::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    pub struct RecordingConfig {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub metadata: ::std::option::Option<RecordingConfigMetadata>,
        pub source: RecordingSource,
    }
    ///Any JSON object to attach to the recording; recordings can be listed by it later. Use strings as values, because the filter of the list matches only strings.
    #[derive(::serde::Serialize, Clone, Debug)]
    #[serde(transparent)]
    pub struct RecordingConfigMetadata(
        pub ::std::option::Option<
            ::serde_json::Map<::std::string::String, ::serde_json::Value>,
        >,
    );
    impl ::std::convert::From<
        ::std::option::Option<
            ::serde_json::Map<::std::string::String, ::serde_json::Value>,
        >,
    > for RecordingConfigMetadata {
        fn from(
            value: ::std::option::Option<
                ::serde_json::Map<::std::string::String, ::serde_json::Value>,
            >,
        ) -> Self {
            Self(value)
        }
    }
    ///Response with one recording.
    #[derive(::serde::Deserialize, Clone, Debug)]
    pub struct RecordingDetailsResponse {
        pub data: Recording,
    }
    ///One file of a recording.
    #[derive(::serde::Deserialize, Clone, Debug)]
    #[serde(remote = "Self")]
    pub struct RecordingFile {
        ///Public address from which the file can be downloaded; no token is needed.
        pub url: ::std::string::String,
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers,
    }
    keep_unknown_members! {
        RecordingFile
    }
    ///Response with a list of recordings.
    #[derive(::serde::Deserialize, Clone, Debug)]
    pub struct RecordingListResponse {
        ///The recordings that match the filters.
        pub data: ::std::vec::Vec<Recording>,
    }
    ///Source of a recording. An object with `outputId` is a `CompositionSource`. An object without it is a `TemplateSource`. A decoder must therefore try `CompositionSource` first, and accept unknown variants in responses.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(untagged)]
    pub enum RecordingSource {
        CompositionSource(CompositionSource),
        TemplateSource(TemplateSource),
        Object(::serde_json::Map<::std::string::String, ::serde_json::Value>),
    }
    impl ::std::convert::From<CompositionSource> for RecordingSource {
        fn from(value: CompositionSource) -> Self {
            Self::CompositionSource(value)
        }
    }
    impl ::std::convert::From<TemplateSource> for RecordingSource {
        fn from(value: TemplateSource) -> Self {
            Self::TemplateSource(value)
        }
    }
    impl ::std::convert::From<
        ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    > for RecordingSource {
        fn from(
            value: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
        ) -> Self {
            Self::Object(value)
        }
    }
    ///A room, or a livestream seen as a room.
    #[derive(::serde::Deserialize, Clone, Debug)]
    #[serde(remote = "Self")]
    pub struct Room {
        #[serde(
            rename = "compositionInfo",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub composition_info: ::std::option::Option<crate::RawJson>,
        pub config: RoomConfig,
        ///ID of the room, chosen by the server. Treat it as opaque: it can be longer than a UUID. For a livestream it is the ID of the stream too.
        pub id: ::std::string::String,
        ///The peers that were added and not deleted, whether they are connected or not.
        pub peers: ::std::vec::Vec<Peer>,
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers,
    }
    keep_unknown_members! {
        Room
    }
    ///Configuration of a room. In a request, every member is optional. In a response, all members are present, because the server adds its defaults. So the returned object need not equal the one sent. The server rejects unknown members in requests. Responses have contained undocumented members before.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug, Default)]
    #[serde(remote = "Self")]
    pub struct RoomConfig {
        ///Whether several notifications may arrive in one webhook call. Voice activity is never batched. A receiver should support both forms with any value of this option.
        #[serde(
            rename = "batchWebhookNotifications",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub batch_webhook_notifications: ::std::option::Option<bool>,
        ///The most peers that the room may hold at a time, connected or not. Leave it out, or send `null`, for no limit. In responses, `0` means no limit.
        #[serde(
            rename = "maxPeers",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub max_peers: ::std::option::Option<u64>,
        ///Whether a livestream can be watched without a viewer token. It does not affect streamers and means nothing for rooms that are not livestreams.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub public: ::std::option::Option<bool>,
        #[serde(
            rename = "roomType",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub room_type: ::std::option::Option<crate::fishjam::enums::RoomType>,
        #[serde(
            rename = "videoCodec",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub video_codec: ::std::option::Option<crate::fishjam::enums::VideoCodec>,
        ///HTTP address that receives the notifications of this room in place of the address set for the account. Deprecated, but still accepted: use the setting of the account instead. A slash after the host is mandatory. In responses, it may hold the address of the account even though none was sent.
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
    ///The new room. It is one level deeper than in other responses.
    #[derive(::serde::Deserialize, Clone, Debug)]
    pub struct RoomCreateDetailsResponseData {
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
        ///All rooms of the account, livestreams included.
        pub data: ::std::vec::Vec<Room>,
    }
    ///A livestream with its streamers and viewers.
    #[derive(::serde::Deserialize, Clone, Debug)]
    #[serde(remote = "Self")]
    pub struct Stream {
        ///Whether the livestream carries audio only. Read a missing member as `false`.
        #[serde(
            rename = "audioOnly",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub audio_only: ::std::option::Option<bool>,
        ///ID of the livestream, chosen by the server. It is the ID of the underlying room too.
        pub id: ::std::string::String,
        ///Whether the livestream can be watched without a viewer token.
        pub public: bool,
        ///The registered publishers; empty at first.
        pub streamers: ::std::vec::Vec<Streamer>,
        ///The registered viewers; empty at first.
        pub viewers: ::std::vec::Vec<Viewer>,
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers,
    }
    keep_unknown_members! {
        Stream
    }
    ///Configuration of a livestream. Every member is optional, and the server rejects unknown members.
    #[derive(::serde::Serialize, Clone, Debug, Default)]
    #[serde(deny_unknown_fields)]
    pub struct StreamConfig {
        ///Whether the livestream carries audio only.
        #[serde(
            rename = "audioOnly",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub audio_only: ::std::option::Option<bool>,
        ///Whether several notifications may arrive in one webhook call. Voice activity is never batched. A receiver should support both forms with any value of this option.
        #[serde(
            rename = "batchWebhookNotifications",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub batch_webhook_notifications: ::std::option::Option<bool>,
        ///Whether the livestream can be watched without a viewer token, by its ID alone. Streamers always need a token.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub public: ::std::option::Option<bool>,
        ///HTTP address that receives the notifications of this livestream in place of the address set for the account. Deprecated, but still accepted: use the setting of the account instead. A slash after the host is mandatory.
        #[serde(
            rename = "webhookUrl",
            skip_serializing_if = "::std::option::Option::is_none"
        )]
        pub webhook_url: ::std::option::Option<::std::string::String>,
    }
    ///Response with one livestream.
    #[derive(::serde::Deserialize, Clone, Debug)]
    pub struct StreamDetailsResponse {
        pub data: Stream,
    }
    ///A publisher registered for a livestream.
    #[derive(::serde::Deserialize, Clone, Debug)]
    #[serde(remote = "Self")]
    pub struct Streamer {
        ///ID of the streamer within its livestream.
        pub id: ::std::string::String,
        pub status: crate::fishjam::enums::StreamerStatus,
        ///Secret with which the streamer publishes. It is revoked when the streamer is deleted; how long it is valid otherwise is not specified.
        pub token: ::std::string::String,
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers,
    }
    keep_unknown_members! {
        Streamer
    }
    ///Response to the creation of a streamer.
    #[derive(::serde::Deserialize, Clone, Debug)]
    pub struct StreamerDetailsResponse {
        pub data: Streamer,
    }
    ///Response with a streamer token, without the member `data`.
    #[derive(::serde::Deserialize, Clone, Debug)]
    #[serde(remote = "Self")]
    pub struct StreamerToken {
        ///Secret for publishing the livestream, sent as a bearer token over WHIP.
        pub token: ::std::string::String,
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers,
    }
    keep_unknown_members! {
        StreamerToken
    }
    ///Response with a list of livestreams.
    #[derive(::serde::Deserialize, Clone, Debug)]
    pub struct StreamsListingResponse {
        ///All livestreams of the account.
        pub data: ::std::vec::Vec<Stream>,
    }
    ///The additional tracks that a peer receives.
    #[derive(::serde::Serialize, Clone, Debug)]
    pub struct SubscribeTracksBody {
        ///IDs of tracks of other peers in the room, as found in those peers or in notifications.
        pub track_ids: ::std::vec::Vec<TrackId>,
    }
    ///A composition whose picture is drawn by an uploaded layout template. Sent as the part `config` of `multipart/form-data`, next to the template. Known to servers since 0.31.0. Unknown members are refused.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(remote = "Self")]
    pub struct TemplateSource {
        ///Whether the recording has sound.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub audio: ::std::option::Option<bool>,
        ///HTTP address of the composition. The contract states no bound here; addresses that a `CompositionSource` accepts are safe.
        #[serde(rename = "compositionURL")]
        pub composition_url: ::std::string::String,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub resolution: ::std::option::Option<TemplateSourceResolution>,
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers,
    }
    keep_unknown_members! {
        TemplateSource : Serialize
    }
    ///Size of the recorded picture. The server uses 1280 by 720 pixels if it is left out.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(remote = "Self")]
    pub struct TemplateSourceResolution {
        ///Height of the picture in pixels.
        pub height: i64,
        ///Width of the picture in pixels.
        pub width: i64,
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers,
    }
    keep_unknown_members! {
        TemplateSourceResolution : Serialize
    }
    ///One audio or video track that a peer publishes. No member is required by the contract, though the server sends all of them.
    #[derive(::serde::Deserialize, Clone, Debug, Default)]
    #[serde(remote = "Self")]
    pub struct Track {
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub id: ::std::option::Option<TrackId>,
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub metadata: ::std::option::Option<crate::RawJson>,
        #[serde(rename = "type", skip_serializing_if = "::std::option::Option::is_none")]
        pub type_: ::std::option::Option<crate::fishjam::enums::TrackType>,
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers,
    }
    keep_unknown_members! {
        Track
    }
    ///The composition to which the tracks of a room are forwarded.
    #[derive(::serde::Serialize, Clone, Debug)]
    #[serde(deny_unknown_fields)]
    pub struct TrackForwarding {
        ///HTTP address of the composition that takes the tracks. A slash after the host is mandatory.
        #[serde(rename = "compositionURL")]
        pub composition_url: ::std::string::String,
        ///Which tracks of the room are forwarded. `all` is the only choice so far.
        #[serde(skip_serializing_if = "::std::option::Option::is_none")]
        pub selector: ::std::option::Option<::std::string::String>,
    }
    ///ID of a track. Treat it as opaque and copy it exactly; its form is not specified.
    #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Debug)]
    #[serde(transparent)]
    pub struct TrackId(pub ::std::string::String);
    impl ::std::convert::From<::std::string::String> for TrackId {
        fn from(value: ::std::string::String) -> Self {
            Self(value)
        }
    }
    impl ::std::fmt::Display for TrackId {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            self.0.fmt(f)
        }
    }
    ///A viewer registered for a livestream.
    #[derive(::serde::Deserialize, Clone, Debug)]
    #[serde(remote = "Self")]
    pub struct Viewer {
        ///ID of the viewer within its livestream.
        pub id: ::std::string::String,
        ///Secret with which the viewer watches. It is revoked when the viewer is deleted; how long it is valid otherwise is not specified.
        pub token: ::std::string::String,
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers,
    }
    keep_unknown_members! {
        Viewer
    }
    ///Response to the creation of a viewer.
    #[derive(::serde::Deserialize, Clone, Debug)]
    pub struct ViewerDetailsResponse {
        pub data: Viewer,
    }
    ///Response with a viewer token, without the member `data`.
    #[derive(::serde::Deserialize, Clone, Debug)]
    #[serde(remote = "Self")]
    pub struct ViewerToken {
        ///Secret with which one can watch the livestream, sent as a bearer token over WHEP.
        pub token: ::std::string::String,
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers,
    }
    keep_unknown_members! {
        ViewerToken
    }
    ///Any JSON object that the backend wants to attach to the peer, such as a display name. It is fixed from then on, and it comes back not as it was sent but as the member `server` of the peer's metadata.
    #[derive(::serde::Serialize, Clone, Debug)]
    #[serde(transparent)]
    pub struct WebRtcMetadata(
        pub ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    );
    impl ::std::convert::From<
        ::serde_json::Map<::std::string::String, ::serde_json::Value>,
    > for WebRtcMetadata {
        fn from(
            value: ::serde_json::Map<::std::string::String, ::serde_json::Value>,
        ) -> Self {
            Self(value)
        }
    }
    ///Address of the WebSocket that the peer connects to. It may be absent; derive it from the address of the API then. It may come with or without a scheme (without one, assume TLS), with an HTTP or a WebSocket scheme, and with or without a leading path. It always ends in `/socket/peer/websocket`, for agents too: an agent must replace that ending by `/socket/agent/websocket`.
    #[derive(::serde::Deserialize, Clone, Debug)]
    #[serde(transparent)]
    pub struct WebsocketUrl(pub ::std::string::String);
    /// Error types.
    pub mod error {
        /// Error from a `TryFrom` or `FromStr` implementation.
        pub struct ConversionError(::std::borrow::Cow<'static, str>);
        impl ::std::error::Error for ConversionError {}
        impl ::std::fmt::Display for ConversionError {
            fn fmt(
                &self,
                f: &mut ::std::fmt::Formatter<'_>,
            ) -> Result<(), ::std::fmt::Error> {
                ::std::fmt::Display::fmt(&self.0, f)
            }
        }
        impl ::std::fmt::Debug for ConversionError {
            fn fmt(
                &self,
                f: &mut ::std::fmt::Formatter<'_>,
            ) -> Result<(), ::std::fmt::Error> {
                ::std::fmt::Debug::fmt(&self.0, f)
            }
        }
        impl From<&'static str> for ConversionError {
            fn from(value: &'static str) -> Self {
                Self(value.into())
            }
        }
        impl From<String> for ConversionError {
            fn from(value: String) -> Self {
                Self(value.into())
            }
        }
    }
}
#[derive(Clone, Debug)]
/**Client for Fishjam Server API

The server API of the Fishjam real-time audio and video platform. It manages rooms and their peers, livestreams with streamers and viewers, access to the Media over QUIC relay, track forwardings to compositions, and recordings of compositions.

**Authentication.** Every operation requires the management token of the account as a bearer token. The server checks the token before the request, so a malformed request with a bad token gets a 401, not a 400. Keep the management token on your server. Give only peer, streamer, viewer and relay tokens to end users.

**Identifying the client.** A caller may send the request header `x-fishjam-api-client` with its name and version joined by a slash, such as `rust-server/1.0.0`. The header is optional and does not change the response.

**Deprecation.** Any response, successful or not, may carry the header `x-fishjam-api-deprecated`. Its value is a JSON object with two strings. `status` is `deprecated` while the version still works, or `unsupported` when it is no longer maintained. `message` is an explanation for developers. A malformed header must not make a call fail.

**Envelopes.** Most successful responses wrap their content in a member `data`. The responses of the relay access and of the two room token operations have no such member. Some responses have no body. Future versions can add members to objects and values to enums, and a client should accept both in responses. Most request objects are closed: the server rejects unknown members.

**Errors.** An error usually carries an `Error` object. Two kinds of responses differ. For an unknown route or a crash, the server's framework sends the message as `detail` inside `errors`. A proxy can send an empty body or HTML with any status. Keep the status and decode the body leniently. Each operation lists the documented statuses. Any operation can also return other statuses: an unlisted 400, 404 or 503, 429, 500, and non-standard statuses of proxies. Treat every 2xx as success.

There is no pagination, and no idempotency key: repeating a creation creates a second object.

Version: 0.31.1*/
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
    /**List all livestreams

Lists every livestream of the account with its streamers and viewers, in one response without pages. The response contains their tokens, so do not log it.

Sends a `GET` request to `/livestream`

*/
    pub fn get_all_streams<'a>(
        &'a self,
    ) -> crate::RequestResult<types::StreamsListingResponse> {
        let url = format!("{}/livestream", self.baseurl,);
        Ok(crate::TypedRequest::new(self.client.get(url).build()?))
    }
    /**Create a livestream

Opens a livestream without streamers and viewers. The server chooses the ID, which also serves as the ID of a room. The body may be left out, but an object, `{}` at the least, is the safest choice.

Sends a `POST` request to `/livestream`

Arguments:
- `body`: Configuration of the livestream. Unset members use their defaults.
*/
    pub fn create_stream<'a>(
        &'a self,
        body: &'a types::StreamConfig,
    ) -> crate::RequestResult<types::StreamDetailsResponse> {
        let url = format!("{}/livestream", self.baseurl,);
        Ok(crate::TypedRequest::new(self.client.post(url).json(&body).build()?))
    }
    /**Look up a livestream

Shows one livestream with its streamers and viewers, including their tokens.

Sends a `GET` request to `/livestream/{stream_id}`

Arguments:
- `stream_id`: ID of the livestream to show.
*/
    pub fn get_stream<'a>(
        &'a self,
        stream_id: crate::PathSegment<'a>,
    ) -> crate::RequestResult<types::StreamDetailsResponse> {
        let url = format!("{}/livestream/{}", self.baseurl, stream_id,);
        Ok(crate::TypedRequest::new(self.client.get(url).build()?))
    }
    /**Delete a livestream

Deletes a livestream permanently and disconnects its streamers and viewers. The contract names no 404 for an unknown ID; be ready for 204 as well as 404.

Sends a `DELETE` request to `/livestream/{stream_id}`

Arguments:
- `stream_id`: ID of the livestream to delete.
*/
    pub fn delete_stream<'a>(
        &'a self,
        stream_id: crate::PathSegment<'a>,
    ) -> crate::RequestResult<()> {
        let url = format!("{}/livestream/{}", self.baseurl, stream_id,);
        Ok(crate::TypedRequest::new(self.client.delete(url).build()?))
    }
    /**Add a streamer to a livestream

Adds a streamer to a livestream and issues its token for publishing. A livestream plays one publisher at a time, with one video and one audio track at most. The request has no body.

Sends a `POST` request to `/livestream/{stream_id}/streamer`

Arguments:
- `stream_id`: ID of the livestream to publish into.
*/
    pub fn create_streamer<'a>(
        &'a self,
        stream_id: crate::PathSegment<'a>,
    ) -> crate::RequestResult<types::StreamerDetailsResponse> {
        let url = format!("{}/livestream/{}/streamer", self.baseurl, stream_id,);
        Ok(crate::TypedRequest::new(self.client.post(url).build()?))
    }
    /**Remove a streamer from a livestream

Removes a streamer from a livestream and revokes its token. The contract names no 404 for an unknown ID; be ready for 204 as well as 404.

Sends a `DELETE` request to `/livestream/{stream_id}/streamer/{streamer_id}`

Arguments:
- `stream_id`: ID of the livestream that the streamer belongs to.
- `streamer_id`: ID of the streamer to remove.
*/
    pub fn delete_streamer<'a>(
        &'a self,
        stream_id: crate::PathSegment<'a>,
        streamer_id: crate::PathSegment<'a>,
    ) -> crate::RequestResult<()> {
        let url = format!(
            "{}/livestream/{}/streamer/{}", self.baseurl, stream_id, streamer_id,
        );
        Ok(crate::TypedRequest::new(self.client.delete(url).build()?))
    }
    /**Add a viewer to a livestream

Adds a viewer to a livestream and issues its token for watching. The number of viewers is not limited. The request has no body.

Sends a `POST` request to `/livestream/{stream_id}/viewer`

Arguments:
- `stream_id`: ID of the livestream to watch.
*/
    pub fn create_viewer<'a>(
        &'a self,
        stream_id: crate::PathSegment<'a>,
    ) -> crate::RequestResult<types::ViewerDetailsResponse> {
        let url = format!("{}/livestream/{}/viewer", self.baseurl, stream_id,);
        Ok(crate::TypedRequest::new(self.client.post(url).build()?))
    }
    /**Remove a viewer from a livestream

Removes a viewer from a livestream and revokes its token. The contract names no 404 for an unknown ID; be ready for 204 as well as 404.

Sends a `DELETE` request to `/livestream/{stream_id}/viewer/{viewer_id}`

Arguments:
- `stream_id`: ID of the livestream that the viewer belongs to.
- `viewer_id`: ID of the viewer to remove.
*/
    pub fn delete_viewer<'a>(
        &'a self,
        stream_id: crate::PathSegment<'a>,
        viewer_id: crate::PathSegment<'a>,
    ) -> crate::RequestResult<()> {
        let url = format!(
            "{}/livestream/{}/viewer/{}", self.baseurl, stream_id, viewer_id,
        );
        Ok(crate::TypedRequest::new(self.client.delete(url).build()?))
    }
    /**Grant access to the Media over QUIC relay

Issues a token for the Media over QUIC relay that allows publishing below one path, receiving below one path, or both. The relay is separate from rooms: it has no peers and sends no notifications. The contract calls the body optional and each member too, yet a request without any path is refused with 400. The success status is 200, and the response has no member `data`.

Sends a `POST` request to `/moq/access`

Arguments:
- `body`: Permissions and validity of the token. Needed in practice, although it is marked as optional.
*/
    pub fn create_moq_access<'a>(
        &'a self,
        body: &'a types::MoqAccessConfig,
    ) -> crate::RequestResult<types::MoqAccess> {
        let url = format!("{}/moq/access", self.baseurl,);
        Ok(crate::TypedRequest::new(self.client.post(url).json(&body).build()?))
    }
    /**List recordings

Lists the recordings of the account that match all given filters, or all of them without a filter, in one response without pages. Status 503 is not part of the contract here but can occur.

Sends a `GET` request to `/recordings`

Arguments:
- `status`: Keeps the recordings with this status. Known to servers since 0.30.0.
*/
    pub fn list_recordings<'a>(
        &'a self,
        status: Option<&'a crate::fishjam::enums::RecordingStatus>,
    ) -> crate::RequestResult<types::RecordingListResponse> {
        let url = format!("{}/recordings", self.baseurl,);
        Ok(
            crate::TypedRequest::new(self.client.get(url).build()?)
                .query("status", status),
        )
    }
    /**Start a recording

Starts a recording and returns it with the status `active`. A `CompositionSource` records an existing output of a composition. Send it as `application/json`. A `TemplateSource` records a composition that an uploaded template renders. Send it as `multipart/form-data`, with the configuration in the part `config` and the template in the part `template`. The schemas do not express which source belongs to which content type.

Sends a `POST` request to `/recordings`

Arguments:
- `body`: What to record, either the configuration alone or the configuration together with a template.
*/
    pub fn create_recording<'a>(
        &'a self,
        body: &'a types::RecordingConfig,
    ) -> crate::RequestResult<types::RecordingDetailsResponse> {
        let url = format!("{}/recordings", self.baseurl,);
        Ok(crate::TypedRequest::new(self.client.post(url).json(&body).build()?))
    }
    /**Look up a recording

Shows one recording with its status and, once it is `available`, its files. After you stop a recording, poll this operation, or wait for the notification of the new status. Status 503 is not part of the contract here but can occur.

Sends a `GET` request to `/recordings/{recording_id}`

Arguments:
- `recording_id`: ID of the recording to show.
*/
    pub fn get_recording<'a>(
        &'a self,
        recording_id: crate::PathSegment<'a>,
    ) -> crate::RequestResult<types::RecordingDetailsResponse> {
        let url = format!("{}/recordings/{}", self.baseurl, recording_id,);
        Ok(crate::TypedRequest::new(self.client.get(url).build()?))
    }
    /**Delete a recording

Deletes a recording that is not running any more. It disappears from the API immediately, and its media is deleted later. The contract names no 404 for an unknown ID; be ready for 204 as well as 404.

Sends a `DELETE` request to `/recordings/{recording_id}`

Arguments:
- `recording_id`: ID of the recording to delete.
*/
    pub fn delete_recording<'a>(
        &'a self,
        recording_id: crate::PathSegment<'a>,
    ) -> crate::RequestResult<()> {
        let url = format!("{}/recordings/{}", self.baseurl, recording_id,);
        Ok(crate::TypedRequest::new(self.client.delete(url).build()?))
    }
    /**Stop a recording

Stops a running recording. Stopping takes some time, so the returned status is usually still `active`. It becomes `finished` later, then `available` or `failed`. If the recording has stopped or the composition is gone, the operation changes nothing and returns 200. The request has no body. Known to servers since 0.30.0.

Sends a `POST` request to `/recordings/{recording_id}/stop`

Arguments:
- `recording_id`: ID of the recording to stop.
*/
    pub fn stop_recording<'a>(
        &'a self,
        recording_id: crate::PathSegment<'a>,
    ) -> crate::RequestResult<types::RecordingDetailsResponse> {
        let url = format!("{}/recordings/{}/stop", self.baseurl, recording_id,);
        Ok(crate::TypedRequest::new(self.client.post(url).build()?))
    }
    /**List all rooms

Lists every room of the account with its peers, in one response without pages. Livestreams are in the list too; tell them apart by the room type in `config`. Status 503 is not part of the contract here but can occur.

Sends a `GET` request to `/room`

*/
    pub fn get_all_rooms<'a>(
        &'a self,
    ) -> crate::RequestResult<types::RoomsListingResponse> {
        let url = format!("{}/room", self.baseurl,);
        Ok(crate::TypedRequest::new(self.client.get(url).build()?))
    }
    /**Create a room

Opens a new, empty room. The server chooses the ID. The body may be left out, but an object, `{}` at the least, is the safest choice. The server adds its defaults to the returned configuration, so it can differ from the request. An unset `maxPeers` becomes `0`, which means no limit. `webhookUrl` can contain the default of the account.

Sends a `POST` request to `/room`

Arguments:
- `body`: Configuration of the room. Unset members use their defaults.
*/
    pub fn create_room<'a>(
        &'a self,
        body: &'a types::RoomConfig,
    ) -> crate::RequestResult<types::RoomCreateDetailsResponse> {
        let url = format!("{}/room", self.baseurl,);
        Ok(crate::TypedRequest::new(self.client.post(url).json(&body).build()?))
    }
    /**Look up a room

Shows one room with its configuration, its peers and their tracks, and its connection to a composition if it has one.

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

Deletes a room permanently. Its peers are disconnected and removed, and their tokens become invalid.

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
    /**Add a peer to a room

Adds a peer to a room and issues the token with which it connects. A peer is an end user's device, an agent of the backend, or a call of the VAPI voice service. The peer counts towards `maxPeers` from now on, whether it is connected or not. The contract calls the body optional, yet the call cannot succeed without one: send `type` and `options`, with `options` as an empty object if there is nothing to set.

Sends a `POST` request to `/room/{room_id}/peer`

Arguments:
- `room_id`: ID of the room that the peer joins.
- `body`: Kind and settings of the peer. Needed in practice, although it is marked as optional.
*/
    pub fn add_peer<'a>(
        &'a self,
        room_id: crate::PathSegment<'a>,
        body: &'a types::PeerConfig,
    ) -> crate::RequestResult<types::PeerDetailsResponse> {
        let url = format!("{}/room/{}/peer", self.baseurl, room_id,);
        Ok(crate::TypedRequest::new(self.client.post(url).json(&body).build()?))
    }
    /**Remove a peer from a room

Removes a peer, disconnecting it first if it is connected. Its tracks end and its place in the room is free.

Sends a `DELETE` request to `/room/{room_id}/peer/{id}`

Arguments:
- `room_id`: ID of the room that the peer belongs to.
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
    /**Issue a new token for a peer

Issues another token for an existing peer, for the case that the first one was lost or is about to expire. A peer token is good for 24 hours. Whether older tokens of the peer stay valid is not specified. The request has no body.

Sends a `POST` request to `/room/{room_id}/peer/{id}/refresh_token`

Arguments:
- `room_id`: ID of the room that the peer belongs to.
- `id`: ID of the peer that needs a new token.
*/
    pub fn refresh_token<'a>(
        &'a self,
        room_id: crate::PathSegment<'a>,
        id: crate::PathSegment<'a>,
    ) -> crate::RequestResult<types::PeerRefreshTokenResponse> {
        let url = format!(
            "{}/room/{}/peer/{}/refresh_token", self.baseurl, room_id, id,
        );
        Ok(crate::TypedRequest::new(self.client.post(url).build()?))
    }
    /**Subscribe a peer to another peer

Subscribes a peer with the subscribe mode `manual` to all current and future tracks of another peer in the room. Each request adds a subscription, and no operation removes one. The request has no body.

Sends a `POST` request to `/room/{room_id}/peer/{id}/subscribe_peer`

Arguments:
- `room_id`: ID of the room that both peers belong to.
- `id`: ID of the subscriber, which is the peer that receives tracks.
- `peer_id`: ID of the publisher, whose tracks the subscriber receives. Marked as optional, but always required.
*/
    pub fn subscribe_peer<'a>(
        &'a self,
        room_id: crate::PathSegment<'a>,
        id: crate::PathSegment<'a>,
        peer_id: Option<&'a str>,
    ) -> crate::RequestResult<()> {
        let url = format!(
            "{}/room/{}/peer/{}/subscribe_peer", self.baseurl, room_id, id,
        );
        Ok(
            crate::TypedRequest::new(self.client.post(url).build()?)
                .query("peer_id", peer_id),
        )
    }
    /**Subscribe a peer to tracks

Subscribes a peer with the subscribe mode `manual` to the listed tracks, and not to other tracks of their publishers. Each request adds subscriptions, and no operation removes one. The contract calls the body optional, yet `track_ids` is needed.

Sends a `POST` request to `/room/{room_id}/peer/{id}/subscribe_tracks`

Arguments:
- `room_id`: ID of the room that the peer belongs to.
- `id`: ID of the subscriber, which is the peer that receives tracks.
- `body`: The tracks to receive. Needed in practice, although it is marked as optional.
*/
    pub fn subscribe_tracks<'a>(
        &'a self,
        room_id: crate::PathSegment<'a>,
        id: crate::PathSegment<'a>,
        body: &'a types::SubscribeTracksBody,
    ) -> crate::RequestResult<()> {
        let url = format!(
            "{}/room/{}/peer/{}/subscribe_tracks", self.baseurl, room_id, id,
        );
        Ok(crate::TypedRequest::new(self.client.post(url).json(&body).build()?))
    }
    /**Issue a streamer token for a livestream room

Issues a token that allows publishing into a livestream, for instance over WHIP. Meant for rooms of the types `livestream` and `audio_only_livestream`; the ID of a stream is the ID of its room. How long the token stays valid is not specified. The request has no body, and the response has no member `data`.

Sends a `POST` request to `/room/{room_id}/streamer`

Arguments:
- `room_id`: ID of the livestream room, which is also the ID of its stream.
*/
    pub fn generate_streamer_token<'a>(
        &'a self,
        room_id: crate::PathSegment<'a>,
    ) -> crate::RequestResult<types::StreamerToken> {
        let url = format!("{}/room/{}/streamer", self.baseurl, room_id,);
        Ok(crate::TypedRequest::new(self.client.post(url).build()?))
    }
    /**Forward the tracks of a room into a composition

Connects a room to a composition: from now on the tracks of the room's peers appear as inputs there. The connection shows in `compositionInfo` of the room, and there is no operation to undo it. A composition takes tracks from one source only. Status 503 is not part of the contract here but can occur.

Sends a `POST` request to `/room/{room_id}/track_forwardings`

Arguments:
- `room_id`: ID of the room whose tracks are forwarded.
- `body`: The composition to forward to, and which tracks.
*/
    pub fn create_track_forwarding<'a>(
        &'a self,
        room_id: crate::PathSegment<'a>,
        body: &'a types::TrackForwarding,
    ) -> crate::RequestResult<()> {
        let url = format!("{}/room/{}/track_forwardings", self.baseurl, room_id,);
        Ok(crate::TypedRequest::new(self.client.post(url).json(&body).build()?))
    }
    /**Issue a viewer token for a livestream room

Issues a token that allows watching a livestream, for instance over WHEP. Meant for rooms of the types `livestream` and `audio_only_livestream`; the ID of a stream is the ID of its room. A public livestream can be watched without a token, but the server still issues a token for it. How long it stays valid is not specified. The request has no body, and the response has no member `data`.

Sends a `POST` request to `/room/{room_id}/viewer`

Arguments:
- `room_id`: ID of the livestream room, which is also the ID of its stream.
*/
    pub fn generate_viewer_token<'a>(
        &'a self,
        room_id: crate::PathSegment<'a>,
    ) -> crate::RequestResult<types::ViewerToken> {
        let url = format!("{}/room/{}/viewer", self.baseurl, room_id,);
        Ok(crate::TypedRequest::new(self.client.post(url).build()?))
    }
    /**Check the Fishjam ID and the management token

Checks that the management token belongs to the Fishjam ID in the address. Unlike other operations, it returns 404 for a bad or missing token. Only 200 means that the credentials are valid. Treat 401 as invalid, too. Another status, such as 503, is an outage and does not mean that the credentials are wrong.

Sends a `GET` request to `/validate`

*/
    pub fn validate_credentials<'a>(&'a self) -> crate::RequestResult<()> {
        let url = format!("{}/validate", self.baseurl,);
        Ok(crate::TypedRequest::new(self.client.get(url).build()?))
    }
}
/// Items consumers will typically use such as the Client.
pub mod prelude {
    #[allow(unused_imports)]
    pub use super::Client;
}
