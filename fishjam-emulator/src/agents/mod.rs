//! The shared data of all agents: ignored requests, images and playout.

mod ignored;
mod images;

use std::sync::{
    Mutex,
    atomic::{AtomicBool, Ordering},
};

pub use ignored::{Ignored, IgnoredRequest};
pub use images::TrackImages;

use crate::{lock::lock, log::Log};

/// The shared data of all agents.
pub(crate) struct Agents {
    pub(crate) images: TrackImages,
    ignored: Mutex<Log<IgnoredRequest>>,
    real_time: AtomicBool,
}

impl Agents {
    pub(crate) fn new(capacity: usize, bytes: usize, real_time: bool) -> Self {
        Agents {
            images: TrackImages::default(),
            ignored: Mutex::new(Log::new(capacity, bytes)),
            real_time: AtomicBool::new(real_time),
        }
    }

    /// Records an ignored request.
    pub(crate) fn ignore(&self, request: IgnoredRequest) {
        let ids = [Some(&request.room_id), Some(&request.peer_id), request.track_id.as_ref()];
        let size = size_of::<IgnoredRequest>() + ids.into_iter().flatten().map(String::len).sum::<usize>();
        lock(&self.ignored).push(request, size);
    }

    pub(crate) fn ignored(&self) -> Vec<IgnoredRequest> {
        lock(&self.ignored).iter().cloned().collect()
    }

    /// Returns `true` if new tracks are played in real time.
    pub(crate) fn real_time(&self) -> bool {
        self.real_time.load(Ordering::Relaxed)
    }

    pub(crate) fn set_real_time(&self, real_time: bool) {
        self.real_time.store(real_time, Ordering::Relaxed);
    }
}
