//! Notifications about the streamers and viewers of livestreams.

use fishjam_proto::fishjam::server_message as wire;

use super::payload::payload;
use crate::id::{StreamId, StreamerId, ViewerId};

payload! {
    from StreamerConnected { stream_id, streamer_id };
    /// A streamer started publishing a livestream.
    ///
    /// The content of [`Notification::StreamerConnected`](super::Notification::StreamerConnected).
    pub struct StreamerConnected {
        /// The livestream.
        pub stream_id: StreamId,
        /// The streamer that connected.
        pub streamer_id: StreamerId,
    }
}

payload! {
    from StreamerDisconnected { stream_id, streamer_id };
    /// A streamer stopped publishing a livestream.
    ///
    /// The content of [`Notification::StreamerDisconnected`](super::Notification::StreamerDisconnected).
    pub struct StreamerDisconnected {
        /// The livestream.
        pub stream_id: StreamId,
        /// The streamer that disconnected.
        pub streamer_id: StreamerId,
    }
}

payload! {
    from ViewerConnected { stream_id, viewer_id };
    /// A viewer started watching a livestream.
    ///
    /// The content of [`Notification::ViewerConnected`](super::Notification::ViewerConnected).
    pub struct ViewerConnected {
        /// The livestream.
        pub stream_id: StreamId,
        /// The viewer that connected.
        pub viewer_id: ViewerId,
    }
}

payload! {
    from ViewerDisconnected { stream_id, viewer_id };
    /// A viewer stopped watching a livestream.
    ///
    /// The content of [`Notification::ViewerDisconnected`](super::Notification::ViewerDisconnected).
    pub struct ViewerDisconnected {
        /// The livestream.
        pub stream_id: StreamId,
        /// The viewer that disconnected.
        pub viewer_id: ViewerId,
    }
}

payload! {
    from StreamConnected { stream_id };
    /// Deprecated by Fishjam: a livestream started. Use [`StreamerConnected`].
    ///
    /// The content of [`Notification::StreamConnected`](super::Notification::StreamConnected).
    pub struct StreamConnected {
        /// The livestream.
        pub stream_id: StreamId,
    }
}

payload! {
    from StreamDisconnected { stream_id };
    /// Deprecated by Fishjam: a livestream ended. Use [`StreamerDisconnected`].
    ///
    /// The content of [`Notification::StreamDisconnected`](super::Notification::StreamDisconnected).
    pub struct StreamDisconnected {
        /// The livestream.
        pub stream_id: StreamId,
    }
}
