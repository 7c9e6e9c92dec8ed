open_enum! {
    /// Whether the server, or its part in a cluster, is running.
    HealthReportStatus {
        /// It runs.
        Up = "UP",
        /// It does not run.
        Down = "DOWN",
    }
}
open_enum! {
    /// Whether a peer is connected to its room at present.
    PeerStatus {
        /// The peer has an open connection to the room.
        Connected = "connected",
        /// The peer has not connected yet or has lost or closed its connection.
        Disconnected = "disconnected",
    }
}
open_enum! {
    /// How it is decided which tracks an HLS or recording component takes.
    SubscribeMode {
        /// The component takes every track of the room; the default.
        Auto = "auto",
        /// The component receives only the tracks to which the backend subscribes it.
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
    /// The codec of all video in a room. HLS, RTSP and recording components need `h264`.
    VideoCodec {
        /// H.264, also known as AVC.
        H264 = "h264",
        /// VP8.
        Vp8 = "vp8",
    }
}
