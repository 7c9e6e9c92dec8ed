//! Commands of a session's handles to its task.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::{captures::Waiter, message::IncomingTrackImage, track_state::Voice};
use crate::TrackId;

/// Something that is to be sent; the bytes are a whole message.
pub(super) enum Order {
    /// A piece of audio, unless its track is interrupted first; and who wants to know that it has left.
    Chunk { voice: Arc<Voice>, utterance: u64, message: Vec<u8>, left: Option<oneshot::Sender<()>>, cost: u32 },
    /// A new track, to be added again after an interruption.
    Add { voice: Arc<Voice>, message: Vec<u8>, cost: u32 },
    /// The end of a track.
    Remove { voice: Arc<Voice>, message: Vec<u8>, cost: u32 },
    /// What is queued for this track is not to be played. It costs nothing: one per track can wait.
    Interrupt { voice: Arc<Voice>, message: Vec<u8> },
    /// An image is wanted, by one who waits or for the stream.
    Capture { track: TrackId, waiter: Option<Waiting>, cost: u32 },
}

/// Somebody who waits for an image.
pub(super) type Waiting = oneshot::Sender<IncomingTrackImage>;

impl Waiter for Waiting {
    fn is_gone(&self) -> bool {
        self.is_closed()
    }
}
