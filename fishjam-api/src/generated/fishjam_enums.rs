open_enum! {
    /// Whether a peer is currently connected to its room.
    PeerStatus {
        /// The peer has an open connection to the room.
        Connected = "connected",
        /// The peer has not connected yet or has lost or closed its connection.
        Disconnected = "disconnected",
    }
}
open_enum! {
    /// Type of a peer. Newer servers can have more types.
    PeerType {
        /// An end user's device that connects with a client SDK over WebRTC.
        Webrtc = "webrtc",
        /// A program of the backend that sends and receives raw media over a WebSocket.
        Agent = "agent",
        /// A call of the VAPI voice service that takes part in the room.
        Vapi = "vapi",
    }
}
open_enum! {
    /// The stage of a recording's life: first `active`, then `finished`, and in the end `available` or `failed`. Newer servers may know more stages.
    RecordingStatus {
        /// The recording is running, or was asked to stop a moment ago.
        Active = "active",
        /// The recording has ended and its files are being prepared.
        Finished = "finished",
        /// The files are ready for download.
        Available = "available",
        /// The recording could not be made or its files could not be prepared.
        Failed = "failed",
    }
}
open_enum! {
    /// Type of a room. Two values are old names of two other values. A response can contain the old names, and a request should use the new names. Newer servers can have more types.
    RoomType {
        /// The old name of `conference`.
        FullFeature = "full_feature",
        /// Audio between all peers; video is ignored.
        AudioOnly = "audio_only",
        /// The old name of `livestream`.
        Broadcaster = "broadcaster",
        /// Video and audio from one streamer to any number of viewers.
        Livestream = "livestream",
        /// Audio and video between all peers; the default.
        Conference = "conference",
        /// Audio from one streamer to any number of viewers.
        AudioOnlyLivestream = "audio_only_livestream",
    }
}
open_enum! {
    /// Whether a streamer is currently publishing.
    StreamerStatus {
        /// The streamer has an open connection to the livestream.
        Connected = "connected",
        /// The streamer has not connected yet or has lost or closed its connection.
        Disconnected = "disconnected",
    }
}
open_enum! {
    /// Whether a peer receives all tracks, or only the tracks of its subscriptions. It is set when the peer is added. The default applies to requests. Responses always contain the mode.
    SubscribeMode {
        /// The peer receives every track of every other peer; the default.
        Auto = "auto",
        /// The peer receives only what it is subscribed to by the backend.
        Manual = "manual",
    }
}
open_enum! {
    /// The kind of media in a track.
    TrackType {
        /// The track carries sound.
        Audio = "audio",
        /// The track carries pictures.
        Video = "video",
    }
}
open_enum! {
    /// The codec of all video in a room. Responses always contain a codec, because the server adds the default.
    VideoCodec {
        /// H.264, also known as AVC; the default.
        H264 = "h264",
        /// VP8.
        Vp8 = "vp8",
    }
}
