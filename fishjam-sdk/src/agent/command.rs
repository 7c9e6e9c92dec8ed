//! Commands that a session's handles send to its task.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::{captures::ImageWaiter, message::IncomingTrackImage, paced_state::FlushNotice, track_state::TrackState};
use crate::id::TrackId;

/// A command to the session's task.
///
/// `message` is a whole encoded message. `cost` is the capacity of the outgoing queue that the command occupies.
pub(super) enum Command {
    /// Send audio, unless its utterance was interrupted meanwhile. `flushed` is called when the socket has it.
    SendChunk { track: Arc<TrackState>, utterance: u64, message: Vec<u8>, flushed: Option<FlushNotice>, cost: u32 },
    /// Add a track, and add it again after a reconnection.
    AddTrack { track: Arc<TrackState>, message: Vec<u8>, cost: u32 },
    /// End a track.
    RemoveTrack { track: Arc<TrackState>, message: Vec<u8>, cost: u32 },
    /// Discard the audio that the server has queued for a track. It costs nothing, because one per track can wait.
    InterruptTrack { track: Arc<TrackState>, message: Vec<u8> },
    /// Request an image, for a waiting caller or for the session's stream.
    CaptureImage { track_id: TrackId, sender: Option<ImageSender>, cost: u32 },
}

/// Sends an image to the caller that waits for it.
pub(super) type ImageSender = oneshot::Sender<IncomingTrackImage>;

impl ImageWaiter for ImageSender {
    fn is_gone(&self) -> bool {
        self.is_closed()
    }
}
