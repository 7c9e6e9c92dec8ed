//! Livestreams: who publishes and who watches.

use fishjam_proto::fishjam::server_message as wire;

use super::payload::payload;
use crate::id::{StreamId, StreamerId, ViewerId};

payload! {
    from StreamerConnected { stream_id, streamer_id };
    /// A streamer began to publish a livestream.
    pub struct StreamerConnected {
        /// The livestream.
        pub stream_id: StreamId,
        /// The streamer who came.
        pub streamer_id: StreamerId,
    }
}

payload! {
    from StreamerDisconnected { stream_id, streamer_id };
    /// A streamer stopped to publish a livestream.
    pub struct StreamerDisconnected {
        /// The livestream.
        pub stream_id: StreamId,
        /// The streamer who left.
        pub streamer_id: StreamerId,
    }
}

payload! {
    from ViewerConnected { stream_id, viewer_id };
    /// A viewer began to watch a livestream.
    pub struct ViewerConnected {
        /// The livestream.
        pub stream_id: StreamId,
        /// The viewer who came.
        pub viewer_id: ViewerId,
    }
}

payload! {
    from ViewerDisconnected { stream_id, viewer_id };
    /// A viewer stopped to watch a livestream.
    pub struct ViewerDisconnected {
        /// The livestream.
        pub stream_id: StreamId,
        /// The viewer who left.
        pub viewer_id: ViewerId,
    }
}

payload! {
    from StreamConnected { stream_id };
    /// Deprecated by the service: a livestream began to receive media. [`StreamerConnected`] took its place.
    pub struct StreamConnected {
        /// The livestream.
        pub stream_id: StreamId,
    }
}

payload! {
    from StreamDisconnected { stream_id };
    /// Deprecated by the service: a livestream receives no more media. [`StreamerDisconnected`] took its place.
    pub struct StreamDisconnected {
        /// The livestream.
        pub stream_id: StreamId,
    }
}
